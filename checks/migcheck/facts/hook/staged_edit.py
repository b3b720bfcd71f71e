"""Whether the edit of a file that says what is run, in the commit in the making, says anything of migrations."""

import posixpath
from fnmatch import fnmatchcase

from migcheck.facts.git.repository import Repository
from migcheck.facts.git.tracked_text import LARGEST
from migcheck.scripts.file_names import ACTIONS, DOCKERFILES, NAMES, PACKAGE, SHELL_ENDS, is_of_github
from migcheck.typescript.syntax import SUFFIXES

_TSCONFIG = "tsconfig*.json"
_SOURCES = tuple(f"**/*.{each}" for each in SUFFIXES)
_RUNS = (*DOCKERFILES, *ACTIONS)
_SHELLS = tuple(f"*{each}" for each in SHELL_ENDS)


def may_say_nothing(path: str) -> bool:
    """Whether it is a kind of file, by its name, of which it can be told sooner than by judging all there is."""
    name = posixpath.basename(path)
    return name == PACKAGE or fnmatchcase(name, _TSCONFIG) or _is_shell(name) or _may_be_run_update(path)


def says_nothing(repository: Repository, path: str, before: bytes, after: bytes) -> bool:
    """Whether such an edit says nothing of them. Raises UndecidableError where git cannot tell."""
    name = posixpath.basename(path)
    if name == PACKAGE:
        return _is_update(before, after)
    if max(len(before), len(after)) > LARGEST:
        return False
    if fnmatchcase(name, _TSCONFIG):
        return _compiles_the_same(repository, path, before, after)
    is_update = _is_shell_update if _is_shell(name) else _is_run_update
    return is_update(repository, path, before, after)


def _is_only(name: str, kinds: tuple[str, ...]) -> bool:
    """Whether it is of `kinds`, by its name, and of nothing else that says what is run."""
    return {each for each in NAMES if fnmatchcase(name, each)} <= set(kinds)


def _is_shell(name: str) -> bool:
    return name.endswith(SHELL_ENDS) and _is_only(name, _SHELLS)


def _may_be_run_update(path: str) -> bool:
    """Whether it is a workflow, an action or a Dockerfile, and by its name of nothing else that says what is run."""
    name = posixpath.basename(path)
    if not _is_only(name, _RUNS):
        return False
    return is_of_github(path) or any(fnmatchcase(name, each) for each in DOCKERFILES)


# Few commits touch one of these, and each brings parsers with it.
def _is_update(before: bytes, after: bytes) -> bool:
    from migcheck.facts.hook.package_update import is_update  # noqa: PLC0415

    return is_update(before, after)


def _compiles_the_same(repository: Repository, path: str, before: bytes, after: bytes) -> bool:
    from migcheck.sources.migrators import WORD  # noqa: PLC0415
    from migcheck.sources.tsconfig import says_the_same  # noqa: PLC0415

    def migrating() -> tuple[str, ...]:
        return repository.head_text(staged=True).holding((WORD,), *_SOURCES)

    return says_the_same(path, before, after, migrating)


def _is_run_update(repository: Repository, path: str, before: bytes, after: bytes) -> bool:
    from migcheck.facts.hook.run_update import is_run_update, names_that_changed  # noqa: PLC0415

    if not is_run_update(path, before, after):
        return False
    # What is named may be a script without an ending: then it is one of the staged files.
    names = names_that_changed(before, after)
    return not (names and repository.tracked(*names))


def _is_shell_update(repository: Repository, path: str, before: bytes, after: bytes) -> bool:
    from migcheck.facts.hook.run_update import names_that_changed  # noqa: PLC0415
    from migcheck.facts.hook.shell_update import is_shell_update  # noqa: PLC0415

    text = repository.head_text(staged=True)
    if not is_shell_update(path, before, after, lambda name: text.read(repository.tracked(name))):
        return False
    names = names_that_changed(before, after)
    return not (names and repository.tracked(*names))
