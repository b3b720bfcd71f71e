"""Who calls a function of another file, or loads a file that does its work when it is loaded."""

from collections.abc import Iterator
from posixpath import basename, dirname, splitext

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.later import FILE, LATER, Holder, alike, are_variables
from migcheck.sources.module import Module
from migcheck.sources.places import leads_to
from migcheck.typescript.syntax import HANDED_ON

_MAIN_ALONE = regex(rb"require\.main|import\.meta\.main|process\.argv\[1\]|pathToFileURL")
"""What tells a file that does its work only where it is the one that is run."""
# Each quote may be the one that a string begins with: in a comment one can stand alone.
_STRING = regex(rb"[\"'](?=([^\"'\n]{1,400})[\"'])")
_ESCAPE = regex(rb"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[0-7]{1,3}|.)")
# Files that a framework loads when the app starts, each with the functions in them that it calls.
_HOOKS = (
    (regex(r"(?:.*/)?instrumentation(?:[.-]node)?\.[jt]s"), frozenset({"", "register"})),
    (regex(r"(?:.*/)?hooks\.server\.[jt]s"), frozenset({"", "init"})),
    (regex(r"(?:.*/)?server/plugins/[^/]+\.[jt]s"), frozenset({"", HANDED_ON})),
    (regex(r"(?:.*/)?app/(?:.*/)?(?:page|layout|route)\.[jt]sx?"), frozenset({""})),
    (regex(r"(?:.*/)?pages/.*\.[jt]sx?"), frozenset({""})),
)

RUN = frozenset({"", HANDED_ON})
"""Whose calls are made when their file is run."""
# What Nest calls of any class that it is given (docs.nestjs.com "Lifecycle events").
_LIFECYCLE = frozenset({"onModuleInit", "onApplicationBootstrap"})


class Work(Struct, frozen=True):
    """What migrates: functions of the file at `path`.

    FILE is among them where the file does it when it is run, HANDED_ON where it hands on a function that does;
    `loading` says that loading it is enough.
    """

    path: str
    names: frozenset[Holder]
    loading: bool = False

    @property
    def words(self) -> frozenset[str]:
        """What a file holds that may call it or load it."""
        named = frozenset(each.name for each in self.names) - {*RUN, LATER.name}
        return named | ({f"/{stem_of(self.path)}"} if self.loading else frozenset())

    def begun_for(self) -> Iterator[frozenset[str]]:
        """The words of which the file is to be given one to do it when it is run; none where it does it unasked."""
        found = {each.words for each in self.names if each.name in RUN}
        yield from [frozenset[str]()] if frozenset() in found else sorted(found, key=sorted)

    def called(self, name: str) -> Holder | None:
        """Of `names` the one that is called by `name`, the one first that does it unasked; None where none is."""
        named = (each for each in self.names if each.name == name)
        return min(named, key=lambda each: sorted(each.words), default=None)


class Use(Struct, frozen=True):
    """A line of a file at which it calls what migrates, or loads it; and what migrates `then` in that file.

    `goes_on` is why that file goes on where what it calls fails; empty where that is not sure.
    """

    path: str
    line: int
    then: Work
    goes_on: str = ""


def work_at(module: Module, holder: Holder, content: bytes) -> Work:
    """What migrates in `module` where a call that does so stands in its function `holder`."""
    names = module.named_in_full(frozenset({holder, *(module.runs(holder) if holder.name else ())}))
    return Work(module.path, names, any(not each.name for each in names) and not _MAIN_ALONE.search(content))


def uses(module: Module, content: bytes, work: Work, package: str) -> Iterator[Use]:
    """Where `module` calls `work` or loads it. `package` is the name of the package that `work` is in."""
    if module.path == work.path:
        return
    for call in (*module.calls, *module.named):
        to = call.imported
        called = None if to is None else work.called(to.name)
        if to is not None and called is not None and leads_to(to.source, module.path, work.path, package):
            then = work_at(module, alike(called, call.holder), content)
            yield Use(module.path, call.line, then, module.fate(call))
    loaded = (each for each in module.loads if work.loading and _leads_right_to(each, module.path, work.path))
    if next(loaded, None) is not None:
        yield Use(module.path, 1, work_at(module, work.called("") or FILE, content))


def may_use(content: bytes, work: Work) -> bool:
    """Whether a file may call `work` or load it: quick, and never wrong where the answer is no."""
    return any(word.encode() in content for word in work.words)


def may_lead(content: bytes, importer: str, work: Work, package: str) -> bool:
    """Whether the file `importer` may name a module that leads to `work`: as `may_use`, where that says yes."""
    named = {_ESCAPE.sub(b"", each) for each in _STRING.findall(content)}
    return any(leads_to(each.decode("utf-8", "replace"), importer, work.path, package) for each in named)


def hook_in(path: str, names: frozenset[Holder]) -> bool:
    """Whether a framework calls one of the functions `names` of the file at `path` when the app starts."""
    unasked = {each.name for each in names if are_variables(each.words)}
    return bool(unasked & _LIFECYCLE) or any(pattern.fullmatch(path) and unasked & called for pattern, called in _HOOKS)


def stem_of(path: str) -> str:
    """The last word that an import of the file at `path` ends with."""
    stem = splitext(basename(path))[0]
    return basename(dirname(path)) if stem == "index" else stem


def _leads_right_to(source: str, importer: str, target: str) -> bool:
    """As `leads_to`, not to the index of what `target` is in: that need not load it."""
    return splitext(basename(source))[0] == stem_of(target) and leads_to(source, importer, target, "")
