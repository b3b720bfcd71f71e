"""Reading what source code says about migrating, out of the tracked files of one revision."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from posixpath import dirname, join

from migcheck.drizzle.journal import DIALECTS
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.tracked_folders import JOURNAL
from migcheck.facts.tracked_text import TrackedText
from migcheck.sources.callers import Use, Work, may_use, uses, work_at
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_code, writes_of_script
from migcheck.sources.migrators import WORD, MigrateCall, migrate_calls
from migcheck.sources.module import Module, read_module
from migcheck.sources.places import above, is_in, is_of_tests
from migcheck.sources.sources import Runner, Sources
from migcheck.sources.syntax import SUFFIXES
from migcheck.sources.tsconfig import Compilation, read_tsconfig

_SQL = ".sql"
_FILES = (*(f"**/*.{suffix}" for suffix in SUFFIXES), f"**/*{_SQL}")
_PACKAGES, _TSCONFIGS = "**/package.json", "**/tsconfig*.json"
# What no project comes near but one made to hurt: files that speak of migrating, and calls and writes in them.
_MOST_HOLDING = 1_000
_MOST = 50
# How many steps from a call to what runs it; on all ways together, how often git is asked and how many files are read.
_FARTHEST = 4
_MOST_SEARCHES = 40
_MOST_FILES = 400


def read_sources(text: TrackedText, folder: str, ledger: LedgerName, journals: Iterable[str] = ()) -> Sources:
    """What the code of one revision says of migrating `folder`. `journals` are those of all folders that `text` listed.

    Raises UndecidableError where git cannot give it.
    """
    code = _Code(text)
    found = text.holding((WORD, ledger.table), *_FILES)
    scripts = [each for each in found if each.endswith(_SQL)]
    code.load(_code(found)[:_MOST_HOLDING])
    modules = [code.module(each) for each in code.contents]
    calls = list(islice(((module, call) for module in modules for call in migrate_calls(module)), _MOST))
    callers = _Callers(code)
    in_code = (write for module in modules for write in writes_of_code(module, ledger))
    return Sources(
        runners=tuple(callers.runner(module, call) for module, call in calls),
        writes=tuple(islice(chain(in_code, _writes_of_scripts(text, scripts, folder, ledger)), _MOST)),
        folders=tuple(_folders(text, journals)),
        builds=tuple(_builds(text, [call.path for _, call in calls])),
    )


@dataclass(slots=True)
class _Code:
    """The source files of one revision, each parsed once."""

    text: TrackedText
    contents: dict[str, bytes] = field(default_factory=dict)
    _modules: dict[str, Module] = field(default_factory=dict)

    def load(self, paths: Iterable[str]) -> None:
        """Read files, those that were read before left out."""
        self.contents.update(self.text.read([each for each in paths if each not in self.contents]))

    def module(self, path: str) -> Module:
        """A file that was loaded."""
        if path not in self._modules:
            self._modules[path] = read_module(path, self.contents[path])
        return self._modules[path]

    def package(self, path: str) -> str:
        """The name of the package that the file at `path` is in; empty where none has one."""
        there = frozenset(self.text.paths(_PACKAGES))
        places = [each for around in above(path) if (each := join(around, "package.json")) in there]
        found = self.text.read(places)
        return next((name for each in places if each in found and (name := _name_in(found[each]))), "")


@dataclass(slots=True)
class _Callers:
    """What leads to a call, from file to file."""

    code: _Code
    _searched: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)
    _looked_at: set[str] = field(default_factory=set)

    def runner(self, module: Module, call: MigrateCall) -> Runner:
        """The call with what leads to it."""
        work = work_at(module, call.holder, self.code.contents[module.path])
        found: list[Use] = []
        seen, left = {work.path}, [work]
        for _ in range(_FARTHEST):
            left = [each for one in left for each in self._further(one, found) if each.path not in seen]
            seen.update(each.path for each in left)
        return Runner(call, work, tuple(found))

    def _further(self, work: Work, found: list[Use]) -> Iterator[Work]:
        """What calls or loads `work`, added to `found`; and what does so at its turn."""
        paths = self._holding(work.words)
        package = self.code.package(work.path) if paths else ""
        for path in paths:
            content = self.code.contents[path]
            for use in uses(self.code.module(path), content, work, package) if may_use(content, work) else ():
                found.append(use)
                yield use.then

    def _holding(self, words: frozenset[str]) -> tuple[str, ...]:
        """The files that hold one of `words`, loaded; those that are one too many are left out."""
        if words and words not in self._searched and len(self._searched) < _MOST_SEARCHES:
            found = _code(self.code.text.holding(sorted(words), *_FILES))
            new = [each for each in found if each not in self._looked_at]
            self._looked_at.update(new[: _MOST_FILES - len(self._looked_at)])
            self._searched[words] = tuple(each for each in found if each in self._looked_at)
            self.code.load(self._searched[words])
        return tuple(each for each in self._searched.get(words, ()) if each in self.code.contents)


def _code(paths: Iterable[str]) -> list[str]:
    """Those that are source code, and not of tests."""
    return [each for each in paths if not each.endswith(_SQL) and not is_of_tests(each)]


def _writes_of_scripts(
    text: TrackedText, paths: Iterable[str], folder: str, ledger: LedgerName
) -> Iterator[LedgerWrite]:
    """What SQL scripts write; the folder's own files are looked at whatever the folder is called."""
    found = [each for each in paths if is_in(each, folder) or not is_of_tests(each)][:_MOST_HOLDING]
    for path, content in text.read(found).items():
        yield from writes_of_script(path, content, ledger)


def _folders(text: TrackedText, journals: Iterable[str]) -> Iterator[str]:
    paths = [each for each in journals if not is_of_tests(each)]
    for path, content in text.read(paths).items():
        if _dialect(content) in ("", *DIALECTS):
            yield path.removesuffix(JOURNAL).rstrip("/") or "."


def _dialect(content: bytes) -> str:
    return _member(content, "dialect")


def _name_in(content: bytes) -> str:
    return _member(content, "name")


def _member(content: bytes, name: str) -> str:
    """A text in an object of JSON; empty where there is none."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, str) else ""


def _builds(text: TrackedText, paths: Iterable[str]) -> Iterator[Compilation]:
    """The tsconfigs in the directories around `paths`."""
    around = {each for path in paths for each in above(path)}
    for path in text.paths(_TSCONFIGS) if around else ():
        found = read_tsconfig(path, lambda one: _content(text, one)) if dirname(path) in around else None
        if found is not None:
            yield found


def _content(text: TrackedText, path: str) -> bytes | None:
    return text.read(text.paths(f":(top,literal){path}")).get(path)
