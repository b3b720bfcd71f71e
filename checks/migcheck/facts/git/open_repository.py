"""Finding the git repository around a folder, or saying why there is none to ask."""

import os
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from msgspec import Struct

from migcheck.errors import UndecidableError
from migcheck.facts.disk import is_directory, is_regular
from migcheck.facts.git.client import Git
from migcheck.facts.git.command import Answer, run_git
from migcheck.facts.git.repository import Repository
from migcheck.regex import regex

# git/builtin/merge.c: git asks pre-merge-commit before it writes MERGE_HEAD, and has only this to say what it merges.
_JOINED = regex(r"GITHEAD_([0-9a-f]{40}|[0-9a-f]{64})")
_DUBIOUS = regex(r"dubious ownership in repository at '(?P<top>.*)'")


class NoRepository(Struct, frozen=True):
    """There is no repository to ask, why, and what to do about it."""

    reason: str
    remedy: str


def open_repository(start: Path, environ: Mapping[str, str] = os.environ) -> Repository | NoRepository:
    """Find the repository around `start` (a folder, or where it will be).

    Of the caller's `GIT_*` only the index that a hook is given counts, and only where it is this repository's; and what
    git says there that it merges.
    """
    real = Path(os.path.realpath(start))
    place = next(each for each in (real, *real.parents) if is_directory(each))
    try:
        answer = run_git(
            place, ["rev-parse", "--path-format=absolute", "--is-shallow-repository", "--git-dir", "--show-toplevel"]
        )
    except UndecidableError as error:
        return NoRepository(error.problem, error.remedy)
    # To `splitlines` U+2028 ends a line as well, and a path may hold it.
    match answer.text.split("\n"):
        case [shallow, directory, top] if answer.status == 0:
            if not _is_around(place, Path(top), Path(directory)):
                return _elsewhere(directory, top)
            index = _index_of_hook(Path(directory), Path(top), environ.get("GIT_INDEX_FILE"))
            joined = tuple(found[1] for each in environ if (found := _JOINED.fullmatch(each)))
            return Repository(Path(top), Path(directory), shallow == "true", Git(Path(top), index), joined=joined)
        case _:
            return _refusal(place, answer)


def _is_around(place: Path, top: Path, directory: Path) -> bool:
    """Whether the work tree `top` is around `place` and names `directory` as its repository, as every clone does.

    `core.worktree` may say anything. A pull request can even bring it: as a bare repository among the folder's files,
    with a history in which all has landed.
    """
    named = top / ".git"
    return place.is_relative_to(top) and (is_regular(named) or (is_directory(named) and named.samefile(directory)))


def _elsewhere(directory: str, top: str) -> NoRepository:
    return NoRepository(
        f"the repository {directory} is not where its files are said to be ({top}), so its history proves nothing",
        "remove what was committed as a repository among other files (HEAD, config, objects, refs); in a clone of your "
        "own, `git config --unset core.worktree`",
    )


def _refusal(place: Path, answer: Answer) -> NoRepository:
    if found := _DUBIOUS.search(answer.complaint):
        return NoRepository(
            f"git refuses to read the repository at {found['top']}: it belongs to another user",
            f"`git config --global --add safe.directory {quote(found['top'])}`",
        )
    if "must be run in a work tree" in answer.complaint:
        return NoRepository(f"{place} is in a bare repository, which has no files", "run migcheck in a clone of it")
    named = next((each / ".git" for each in (place, *place.parents) if is_regular(each / ".git")), None)
    if "not a git repository: " in answer.complaint and named is not None:
        return NoRepository(
            f"{named} names a repository that is not there",
            "in a submodule: `git submodule update --init`; in a work tree that was moved: `git worktree repair`; in "
            "an image, copy that repository, too",
        )
    if "not a git repository" in answer.complaint:
        return NoRepository(
            f"{place} is in no git repository, so nothing is known of what landed",
            "run migcheck in a clone (in an image: copy .git, too), or `git init` and commit",
        )
    if answer.status == 0:
        return NoRepository("this git is older than 2.31", "install git 2.31 or newer")
    return NoRepository(
        f"git cannot read the repository at {place}: {answer.complaint.strip()}",
        "install a newer git; else see what `git status` says",
    )


def _index_of_hook(directory: Path, top: Path, given: str | None) -> Path | None:
    """The index of the commit being made: `git commit FILE` and `git commit -a` give a hook one of their own.

    Another repository's hook may have started this run: its index is none of ours.
    """
    if not given:
        return None
    index = (top / given).resolve()
    return index if index.parent == directory.resolve() and index.is_file() else None
