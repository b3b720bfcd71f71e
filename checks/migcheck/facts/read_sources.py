"""Reading what source code says about migrating, out of the tracked files of one revision."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import join

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
# How many steps from a call to what runs it, and how many files are looked at on the way.
_FARTHEST = 4
_MOST_FILES = 400


def read_sources(text: TrackedText, folder: str, ledger: LedgerName) -> Sources:
    """What the code of one revision says of migrating `folder`. Raises UndecidableError where git cannot give it."""
    code = _Code(text)
    found = text.holding((WORD, ledger.table), *_FILES)
    scripts = [each for each in found if each.endswith(_SQL)]
    code.load(_code(found))
    modules = [code.module(each) for each in code.contents]
    calls = [(module, call) for module in modules for call in migrate_calls(module)]
    return Sources(
        runners=tuple(_Callers(code).runner(module, call) for module, call in calls),
        writes=(
            *(write for module in modules for write in writes_of_code(module, ledger)),
            *_writes_of_scripts(text, scripts, folder, ledger),
        ),
        folders=tuple(_folders(text)),
        builds=tuple(_builds(text, [call.path for _, call in calls])),
    )


@dataclass(slots=True)
class _Code:
    """The source files of one revision, each parsed once."""

    text: TrackedText
    contents: dict[str, bytes] = field(default_factory=dict)
    _modules: dict[str, Module] = field(default_factory=dict)

    def load(self, paths: Iterable[str]) -> None:
        self.contents.update(self.text.read([each for each in paths if each not in self.contents]))

    def module(self, path: str) -> Module:
        """A file that was loaded."""
        if path not in self._modules:
            self._modules[path] = read_module(path, self.contents[path])
        return self._modules[path]

    def package(self, path: str) -> str:
        """The name of the package that the file at `path` is in; empty where none has one."""
        places = [join(each, "package.json") for each in above(path)]
        found = self.text.read(self.text.paths(*places))
        return next((name for each in places if each in found and (name := _name_in(found[each]))), "")


@dataclass(slots=True)
class _Callers:
    """What leads to a call, from file to file."""

    code: _Code
    looked_at: int = 0

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
        holding = self.code.text.holding(sorted(work.words), *_FILES) if work.words else ()
        paths = _code(holding)[: max(0, _MOST_FILES - self.looked_at)]
        self.looked_at += len(paths)
        self.code.load(paths)
        package = self.code.package(work.path) if paths else ""
        for path in paths:
            content = self.code.contents.get(path, b"")
            for use in uses(self.code.module(path), content, work, package) if may_use(content, work) else ():
                found.append(use)
                yield use.then


def _code(paths: Iterable[str]) -> list[str]:
    """Those that are source code, and not of tests."""
    return [each for each in paths if not each.endswith(_SQL) and not is_of_tests(each)]


def _writes_of_scripts(
    text: TrackedText, paths: Iterable[str], folder: str, ledger: LedgerName
) -> Iterator[LedgerWrite]:
    """What SQL scripts write; the folder's own files are looked at whatever the folder is called."""
    found = [each for each in paths if is_in(each, folder) or not is_of_tests(each)]
    for path, content in text.read(found).items():
        yield from writes_of_script(path, content, ledger)


def _folders(text: TrackedText) -> Iterator[str]:
    paths = [each for each in text.paths(f"**/{JOURNAL}") if not is_of_tests(each)]
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
    found = text.paths(*(join(each, "tsconfig*.json") for each in sorted(around))) if around else ()
    for path in found:
        compilation = read_tsconfig(path, lambda one: text.read(text.paths(one)).get(one))
        if compilation is not None:
            yield compilation
