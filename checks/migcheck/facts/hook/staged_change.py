"""Whether the commit in the making touches anything that the offline verdict hangs on: asked before anything else."""

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from migcheck.errors import UndecidableError
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.tracked_text import LARGEST
from migcheck.facts.hook.staged_edit import may_say_nothing, says_nothing
from migcheck.paths import lies_below
from migcheck.scripts.file_names import (
    ACTIONS,
    AZURE_DIRECTORIES,
    GITHUBS,
    NAMES,
    PNPM_LOCK,
    TOPS,
)
from migcheck.scripts.named_scripts import may_be_given, may_be_run, may_be_script
from migcheck.typescript.beside import may_import
from migcheck.typescript.syntax import SUFFIXES

_CONFIG, _TSCONFIG = "drizzle*config*", "tsconfig*.json"
_CONFIGS = f"**/{_CONFIG}"
# Migrations and what drizzle-kit writes beside them; what says where the folder is and how it is judged; what decides
# with which line ends git takes files. What .gitignore says is of no file that is staged.
_OF_FOLDERS = (
    "*.sql",
    "_journal.json",
    "*snapshot.json",
    "migcheck.toml",
    "pyproject.toml",
    _CONFIG,
    ".gitattributes",
    ".gitmodules",
)
# What runs them, or compiles what does.
_AROUND = (_TSCONFIG, *NAMES)
_DIRECTORIES = tuple(f"{each}/" for each in (*GITHUBS, *AZURE_DIRECTORIES))
_ENDS = (".yml", ".yaml")
_CODE = tuple(f".{each}" for each in SUFFIXES)
# What is written in source code and YAML of another way into the database, and of what a drizzle.config may take in.
_SPEAKING = (*_CODE, *_ENDS)
_WORDS = ("migrat", "dialect", "drizzle-kit")
# What YAML that CI or Compose takes in has before what it runs.
_RUNS = "(^|[ {,\"'-])(run|script|before_script|after_script|command|args|entrypoint)[\"']? *:"
_OF_GIT = frozenset({".husky", ".githooks", ".lefthook"})
"""Directories of hooks: nothing else runs what is in them."""
# What git itself calls them (githooks(5)), in whatever directory they are kept.
_HOOKS = frozenset(
    {
        *("pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-commit"),
        *("pre-rebase", "post-checkout", "post-merge", "post-rewrite", "pre-push"),
    }
)
_MOST_NAMED = 500
# A link may lead to a folder, and a submodule be one, whatever it is called.
_LINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"
# What a submodule changes, `ignore` in .gitmodules or in anybody's configuration would hide.
_ALL = ("--ignore-submodules=none", "--no-renames", "-z")


def touches_migrations(repository: Repository | NoRepository) -> bool:
    """Whether what is staged differs in anything of migrations from HEAD, or from what is merged.

    Where that cannot be told (no repository, no commit yet, a broken one) it may: the gates then say so.
    """
    match repository:
        case Repository():
            try:
                changes = _changed(repository)
            except UndecidableError:
                return True
            known = any(_matters(repository, each) for each in changes) or _mention(repository, changes)
            return known or _say_what_is_run(repository, changes) or _is_taken_in(repository, changes)
        case NoRepository():
            return True


def changes_only_around(repository: Repository, folders: Collection[str]) -> bool:
    """Whether what is staged says at most what is run around `folders`: nothing of them, nor of what configures them.

    Source code that speaks of migrations may be of either: a drizzle.config takes in what lies beside it.
    """
    try:
        changes = _changed(repository)
        taken_in = _taken_in(repository)
    except UndecidableError:
        return False
    if any(each.path in taken_in or not _is_around(each, folders) for each in changes):
        return False
    return not _mention(repository, [each for each in changes if not _says_what_is_run(each.path)])


def _taken_in(repository: Repository) -> frozenset[str]:
    """What the drizzle.configs that are staged may import. Raises UndecidableError where git cannot tell."""
    staged = repository.head_text(staged=True)
    found = staged.read(staged.paths(_CONFIGS)).items()
    return frozenset(each for path, content in found for each in may_import(path, content))


def staged_paths(repository: Repository) -> frozenset[str] | None:
    """The files that the commit in the making changes, deleted ones among them; None where that cannot be told."""
    try:
        return frozenset(each.path for each in _changed(repository))
    except UndecidableError:
        return None


class _Change(NamedTuple):
    """A file that is not as HEAD has it: its modes and blobs before and after, and its path."""

    modes: frozenset[str]
    before: str
    after: str
    path: str

    @property
    def is_edit(self) -> bool:
        """Whether it was a file, and still is one."""
        return self.modes <= {"100644", "100755"}


def _changed(repository: Repository) -> tuple[_Change, ...]:
    """What the commit changes, as HEAD and what is merged see it. Raises as `_staged` does."""
    return (*_staged(repository, "HEAD"), *_left_out(repository))


def _staged(repository: Repository, revision: str) -> tuple[_Change, ...]:
    """What is not staged as `revision` has it. Raises UndecidableError where git cannot tell."""
    options = ("--cached", "--ita-invisible-in-index", *_ALL)
    return tuple(_changes(repository.git.once("diff-index", *options, revision)))


def _left_out(repository: Repository) -> Iterator[_Change]:
    """What the other side of a merge changed, and the merge does not take over as it is.

    As HEAD sees it, a merge changes nothing of what its own side alone was kept of. Raises as `_staged` does.
    """
    for merged in repository.merging():
        since = repository.git.need("merge-base", "HEAD", merged).decode().strip()
        output = repository.git.need("diff-tree", "-r", *_ALL, since, merged)
        theirs = {each.path for each in _changes(output)}
        yield from (each for each in _staged(repository, merged) if each.path in theirs)


def _changes(output: bytes) -> Iterator[_Change]:
    """What `git diff-index -z` or `git diff-tree -z` gave (git-diff-index(1) "Raw output format")."""
    fields = iter(output.split(b"\0")[:-1])
    for facts, path in zip(fields, fields, strict=True):
        one, other, before, after, _ = facts.decode().removeprefix(":").split(" ")
        yield _Change(frozenset({one, other}), before, after, os.fsdecode(path))


def _is_taken_in(repository: Repository, changes: Iterable[_Change]) -> bool:
    """Whether a drizzle.config may import what changes; most import nothing of the project's, which git says sooner."""
    code = {each.path for each in changes if each.path.endswith((*_CODE, ".json"))}
    imports = ("-E", "(from|require\\() *[\"'][.]", "--", f":(top,glob){_CONFIGS}")
    if not code or not repository.git.may_hold(*imports):
        return False
    try:
        return not code.isdisjoint(_taken_in(repository))
    except UndecidableError:
        return True


def _matters(repository: Repository, change: _Change) -> bool:
    if not change.modes.isdisjoint({_LINK, _SUBMODULE}):
        return True
    if not _is_named(change.path):
        return _may_be_script(change.path) and _is_run(repository, change)
    return not (change.is_edit and _is_of_no_account(repository, change))


def _may_be_script(path: str) -> bool:
    name = posixpath.basename(path)
    # Without an ending it may be a shell script, unless it is called as what people are to read: LICENSE.
    is_hook = name in _HOOKS or not _OF_GIT.isdisjoint(path.split("/")[:-1])
    return may_be_script(path) and not name.isupper() and not is_hook


def _is_run(repository: Repository, change: _Change) -> bool:
    """Whether it was, or is, what a shell would run, or runs something where it is given to one (`sh bin/release`)."""
    executable = _EXECUTABLE in change.modes
    try:
        contents = [repository.git.blob(each) for each in (change.before, change.after) if each.strip("0")]
    except UndecidableError:
        return True
    if any(may_be_run(each, executable=executable) for each in contents):
        return True
    return any(may_be_given(each) and _runs_something(each) for each in contents)


def _is_of_no_account(repository: Repository, change: _Change) -> bool:
    """Whether the edit of a file that may say how migrations are run says nothing of it."""
    if not may_say_nothing(change.path) or _is_of_folders(change.path):
        return False
    try:
        before, after = repository.git.blob(change.before), repository.git.blob(change.after)
        return says_nothing(repository, change.path, before, after)
    except UndecidableError:
        return False


def _runs_something(content: bytes) -> bool:
    # Few commits touch one, and it brings a parser with it.
    from migcheck.facts.hook.package_update import text_runs_nothing  # noqa: PLC0415

    return len(content) <= LARGEST and not text_runs_nothing(content.decode("utf-8", "replace"))


def _mention(repository: Repository, changes: Iterable[_Change]) -> bool:
    """Whether source code that changes speaks of what the verdict may hang on: one look for all of it."""
    code = [each.path for each in changes if each.path.endswith(_SPEAKING) and not each.path.endswith(PNPM_LOCK)]
    if len(code) > _MOST_NAMED:
        return True
    where = [f":(top,literal){each}" for each in code]
    wanted = [part for word in _WORDS for part in ("-e", word)]
    return bool(code) and repository.git.may_hold("-i", "-F", *wanted, "--", *where)


def _say_what_is_run(repository: Repository, changes: Iterable[_Change]) -> bool:
    """Whether YAML that changes, and may be taken in by what is named, says what is run. Workflows take in none."""
    yaml = [each.path for each in changes if _may_be_taken_in(each.path)]
    where = [f":(top,literal){each}" for each in yaml]
    return bool(where) and repository.git.may_hold("-E", _RUNS, "--", *where)


def _may_be_taken_in(path: str) -> bool:
    is_known = path.startswith(tuple(f"{each}/workflows/" for each in GITHUBS)) or posixpath.basename(path) in (
        *ACTIONS,
        PNPM_LOCK,
    )
    return path.endswith(_ENDS) and not is_known


def _is_around(change: _Change, folders: Collection[str]) -> bool:
    """Whether `change` is of nothing that `folders` are, or are configured by."""
    inside = any(lies_below(change.path, each) for each in folders)
    return change.modes.isdisjoint({_LINK, _SUBMODULE}) and not inside and not _is_of_folders(change.path)


def _is_named(path: str) -> bool:
    return _is_of_folders(path) or _says_what_is_run(path)


def _is_of_folders(path: str) -> bool:
    return any(fnmatchcase(posixpath.basename(path), each) for each in _OF_FOLDERS)


def _says_what_is_run(path: str) -> bool:
    name = posixpath.basename(path)
    # What CI files take in may be called anything, and mostly lies in a directory of that kind.
    taken_in = (path.startswith(".") and "/" in path) or path.startswith(_DIRECTORIES)
    named = path in TOPS or (taken_in and path.endswith(_ENDS))
    return named or any(fnmatchcase(name, each) for each in _AROUND)
