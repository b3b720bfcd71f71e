"""How long ago an edited migration landed, and how long an edit of one that landed lately only warns."""

import time
from collections.abc import Iterator
from posixpath import basename, dirname

from migcheck.config.config import seconds_of
from migcheck.drizzle.change import Pair, compare
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.trees import files_listed
from migcheck.facts.history.history import NO_GRACE, Base, Grace, History
from migcheck.facts.history.trusted import config_in

_MOST_MOVES = 20


def read_grace(repository: Repository, history: History, path: str, wanted: str) -> Grace:
    """The grace for what `history` saw edited: that of the configuration at `path` in base, or `wanted`, if shorter.

    A change under review cannot give itself more time than base does. Of a submodule it is not
    known when what it holds came here.
    """
    if not seconds_of(wanted) or not isinstance(history.base, Base) or history.base.submodule:
        return NO_GRACE
    edited = compare(history.before, history.after).edited
    if not edited:
        return NO_GRACE
    revision = history.base.revision
    landed = config_in(repository.revision(revision), path).history.grace
    said = min(landed, wanted, key=seconds_of)
    if not seconds_of(said):
        return NO_GRACE
    return Grace(said, seconds_of(said), dict(_ages(repository, revision, edited)))


def _ages(repository: Repository, revision: str, edited: tuple[Pair, ...]) -> Iterator[tuple[str, int]]:
    now = int(time.time())
    for pair in edited:
        landed = _landed_at(repository, revision, pair.before.path)
        # Of a commit from the future nobody knows when it was made.
        if landed is not None and landed <= now:
            yield pair.after.tag, now - landed


def _landed_at(repository: Repository, revision: str, path: str) -> int | None:
    """When the file at `path` first came to the line of first parents that ends at `revision`, in seconds since 1970.

    The first time counts, whatever was edited since: an edit gives no time for the next one. A file that was moved, to
    the byte, came when it came to its old place. None where this clone does not reach back so far.
    """
    for _ in range(_MOST_MOVES):
        found = repository.git.need(
            "rev-list", "--first-parent", "--timestamp", revision, "--", f":(top,literal){path}"
        ).split()
        if not found:
            return None
        landed, commit = int(found[-2]), found[-1].decode()
        parents = repository.parents(commit)
        if not parents:
            return landed
        if repository.resolve(parents[0]) is None:
            return None
        older = _moved_from(repository, commit, parents[0], path)
        if older is None:
            return landed
        revision, path = parents[0], older
    return None


def _moved_from(repository: Repository, commit: str, parent: str, path: str) -> str | None:
    """Where `parent` has the file that `commit` has at `path`, under the same name; None where it has none."""
    blob = files_listed(repository.git, commit, path)[path].blob
    found = files_listed(repository.git, parent, ".")
    return next((each for each, file in found.items() if file.blob == blob and _name(each) == _name(path)), None)


def _name(path: str) -> str:
    """What a migration's file is called; in the layout of 1.0, its folder."""
    name = basename(path)
    return name if name != "migration.sql" else basename(dirname(path))
