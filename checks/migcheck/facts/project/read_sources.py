"""Reading what source code says about migrating, out of the tracked files of one revision."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from posixpath import dirname, join, normpath
from typing import TypeVar

from msgspec import Struct, field

from migcheck.drizzle.journal import DIALECTS, dialect_in, folder_around
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.git.tracked_text import HeadText, TrackedText
from migcheck.paths import lies_below, upwards
from migcheck.scripts.jsonc import json_object
from migcheck.sources.addresses import CONFIGURATIONS, imported_by, names_another_kind, variables_in
from migcheck.sources.callers import Use, Work, may_lead, may_use, uses, work_at
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_code, writes_of_script
from migcheck.sources.migrators import WORD, MigrateCall, migrate_calls
from migcheck.sources.module import Module
from migcheck.sources.parsed import Parsed
from migcheck.sources.places import is_of_tests
from migcheck.sources.pushes import TOOL, PushCall, may_push, push_calls
from migcheck.sources.sources import Pusher, Runner, Sources
from migcheck.sources.tsconfig import Compilation, read_tsconfig
from migcheck.typescript.syntax import LARGEST, SUFFIXES

_SQL = ".sql"
_FILES = (*(f"**/*.{suffix}" for suffix in SUFFIXES), f"**/*{_SQL}")
_PACKAGES, _TSCONFIGS = "**/package.json", "**/tsconfig*.json"
# What no project comes near but one made to hurt: files that speak of migrating, and calls and writes in them.
_MOST_HOLDING = 1_000
_MOST = 50
# How many steps from a call to what runs it, each of which asks git once; for what words, and how many files are read.
_FARTHEST = 4
_FARTHEST_IMPORTED = 3
_MOST_WORDS = 1_000
_LONGEST_WORD = 100
_MOST_FILES = 400
_ABOUT = ("migrat", "Migrat")
"""What mostly stands in the name of a file that migrates, and of its functions: what loads it is looked for next."""
Called = TypeVar("Called", MigrateCall, PushCall)


def read_sources(
    text: TrackedText, folder: str, ledger: LedgerName, journals: Iterable[str] = (), *, configured: bool = False
) -> Sources:
    """What the code of one revision says of migrating `folder`. `journals` are those of all folders that `text` listed.

    `configured`: something names another tool that is told its database by a configuration.
    Raises UndecidableError where git cannot give it.
    """
    code = _Code(text, Parsed(text.modules))
    found = text.holding((WORD, ledger.table, TOOL), *_FILES, about=_ABOUT)
    scripts = [each for each in found if each.endswith(_SQL)]
    code.load(_code(found)[:_MOST_HOLDING])
    modules = [code.module(path) for path, content in code.contents.items() if _may_migrate(content, ledger)]
    pushing = [code.module(path) for path, content in code.contents.items() if may_push(content)]
    calls = list(islice(((module, call) for module in modules for call in migrate_calls(module)), _MOST))
    pushes = list(islice(((module, call) for module in pushing for call in push_calls(module)), _MOST))
    callers = _Callers(code)
    configurations = _configurations(code) if configured else []
    in_code = (write for module in modules for write in writes_of_code(module, ledger))
    return Sources(
        runners=tuple(Runner(*each) for each in callers.followed(calls)),
        writes=tuple(islice(chain(in_code, _writes_of_scripts(text, scripts, folder, ledger)), _MOST)),
        folders=tuple(_folders(text, journals)),
        builds=tuple(_builds(text, [call.path for _, call in calls])),
        pushers=tuple(Pusher(*each) for each in callers.followed(pushes)),
        variables=dict(_variables(code, configurations, [call.path for _, call in calls])) if configured else {},
        other_kinds=dict(_other_kinds(code, configurations)),
        unread=tuple(f"{path} (larger than {LARGEST // 1024} KiB)" for path in sorted(_too_large(code, ledger))),
    )


def foresee_sources(text: HeadText, ledger: LedgerName) -> None:
    """Have git search for what `read_sources` asks first. Raises UndecidableError where there is no git."""
    text.foresee((WORD, ledger.table, TOOL), *_FILES, about=_ABOUT)


class _Code(Struct):
    """The source files of one revision."""

    text: TrackedText
    parsed: Parsed
    contents: dict[str, bytes] = field(default_factory=dict)

    def load(self, paths: Iterable[str]) -> None:
        """Read files, those that were read before left out."""
        self.contents.update(self.text.read([each for each in paths if each not in self.contents]))

    def module(self, path: str) -> Module:
        """A file that was loaded."""
        return self.parsed.module(path, self.contents[path])

    def package(self, path: str) -> str:
        """The name of the package that the file at `path` is in; empty where none has one."""
        there = frozenset(self.text.paths(_PACKAGES))
        places = [each for at in upwards(dirname(path)) if (each := normpath(join(at, "package.json"))) in there]
        found = self.text.read(places)
        return next((name for each in places if each in found and (name := _name_in(found[each]))), "")


class _Trail(Struct):
    """What leads to a call, as far as it was followed: `left` are those whose callers are to be found."""

    work: Work
    left: list[Work]
    found: list[Use] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class _Callers(Struct):
    """What leads to calls, from file to file."""

    code: _Code
    _searched: set[str] = field(default_factory=set)
    _found: dict[str, None] = field(default_factory=dict)

    def followed(self, calls: Sequence[tuple[Module, Called]]) -> Iterator[tuple[Called, Work, tuple[Use, ...]]]:
        """The calls, each with what leads to it. All are followed together, so that git is asked once a step."""
        works = [work_at(module, call.holder, self.code.contents[module.path]) for module, call in calls]
        trails = [_Trail(work, [work], seen={work.path}) for work in works]
        for _ in range(_FARTHEST):
            self._search({word for trail in trails for work in trail.left for word in work.words})
            for trail in trails:
                self._follow(trail)
        return ((call, each.work, tuple(each.found)) for (_, call), each in zip(calls, trails, strict=True))

    def _follow(self, trail: _Trail) -> None:
        """Go one step back from all that is left."""
        new = [use for work in trail.left for use in self._uses(work)]
        trail.found += new
        trail.left = [each.then for each in new if each.then.path not in trail.seen]
        trail.seen.update(each.path for each in trail.left)

    def _uses(self, work: Work) -> Iterator[Use]:
        """What calls or loads `work`, of the files that were found."""
        paths = [each for each in self._found if may_use(self.code.contents[each], work)]
        package = self.code.package(work.path) if paths else ""
        for path in paths:
            content = self.code.contents[path]
            if may_lead(content, path, work, package):
                yield from uses(self.code.module(path), content, work, package)

    def _search(self, words: AbstractSet[str]) -> None:
        """Load the files that hold one of `words`; those that are one too many are left out."""
        new = sorted(each for each in words - self._searched if len(each) <= _LONGEST_WORD)[:_MOST_WORDS]
        if new:
            self._searched.update(new)
            found = [each for each in _code(self.code.text.holding(new, *_FILES)) if each not in self._found]
            found = found[: _MOST_FILES - len(self._found)]
            self.code.load(found)
            self._found.update((each, None) for each in found if each in self.code.contents)


def _configurations(code: _Code) -> Sequence[str]:
    """The configurations of other tools, loaded."""
    found = code.text.paths(*CONFIGURATIONS)[:_MOST]
    code.load(found)
    return found


def _variables(
    code: _Code, configurations: Iterable[str], paths: Iterable[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """The variables that hold an address, of programs at `paths` and of the configurations of other tools."""
    for path in dict.fromkeys((*configurations, *paths)):
        yield path, _read_by(code, path)


def _other_kinds(code: _Code, configurations: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for path in configurations:
        said = names_another_kind(code.contents[path]) if path in code.contents else None
        if said is not None:
            yield path, said


def _read_by(code: _Code, path: str) -> frozenset[str]:
    """The variables that a file reads, or where it reads none what it imports does."""
    left = [path]
    for _ in range(_FARTHEST_IMPORTED):
        there = [each for each in dict.fromkeys(left) if each in code.contents][:_MOST]
        found = frozenset(name for each in there for name in variables_in(code.contents[each]))
        if found:
            return found
        left = [one for each in there for one in imported_by(each, code.contents[each])]
        code.load(left)
    return frozenset()


def _too_large(code: _Code, ledger: LedgerName) -> Iterator[str]:
    """The files that speak of migrating and are not parsed."""
    for path, content in code.contents.items():
        if len(content) > LARGEST and (_may_migrate(content, ledger) or may_push(content)):
            yield path


def _may_migrate(content: bytes, ledger: LedgerName) -> bool:
    return WORD.encode() in content or ledger.table.encode() in content


def _code(paths: Iterable[str]) -> list[str]:
    """Those that are source code, and not of tests."""
    return [each for each in paths if not each.endswith(_SQL) and not is_of_tests(each)]


def _writes_of_scripts(
    text: TrackedText, paths: Iterable[str], folder: str, ledger: LedgerName
) -> Iterator[LedgerWrite]:
    """What SQL scripts write; the folder's own files are looked at whatever the folder is called."""
    found = [each for each in paths if lies_below(each, folder) or not is_of_tests(each)][:_MOST_HOLDING]
    for path, content in text.read(found).items():
        yield from writes_of_script(path, content, ledger)


def _folders(text: TrackedText, journals: Iterable[str]) -> Iterator[str]:
    paths = [each for each in journals if not is_of_tests(each)]
    for path, content in text.read(paths).items():
        if dialect_in(content) in ("", *DIALECTS):
            yield folder_around(path)


def _name_in(content: bytes) -> str:
    """The name in a package.json; empty where there is none."""
    name = (json_object(content) or {}).get("name")
    return name if isinstance(name, str) else ""


def _builds(text: TrackedText, paths: Iterable[str]) -> Iterator[Compilation]:
    """The tsconfigs in the directories around `paths`."""
    around = {each for path in paths for each in upwards(dirname(path))}
    for path in text.paths(_TSCONFIGS) if around else ():
        found = read_tsconfig(path, lambda one: _content(text, one)) if (dirname(path) or ".") in around else None
        if found is not None:
            yield found


def _content(text: TrackedText, path: str) -> bytes | None:
    return text.read([path]).get(path)
