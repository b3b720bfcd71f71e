"""Reading what the release that is running asks of its database: base's newest snapshot, and the project's queries."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice, takewhile
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath, relpath

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.read_schema import parse_schema
from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodules import tree_at
from migcheck.facts.git.trees import GitTree
from migcheck.facts.history.history import Base, History
from migcheck.facts.layouts import snapshot_of
from migcheck.facts.rehearsal import Request
from migcheck.facts.sql.release import OwnQuery, Release
from migcheck.finding import Location
from migcheck.postgres.running.statements import spans, tokens

QUERIES = "queries/*.sql"
"""Where a project's own queries are, unless it says otherwise."""
_MOST = 1000
_LARGEST = 1024 * 1024
_MOST_TEXT = 4 * _LARGEST
# What stands for other characters in a part of a pattern (Python's manual, fnmatch).
_WILD = frozenset("*?[")
# A server takes no more.
_MOST_PARAMETERS = 65_535


def read_release(
    repository: Repository, history: History, request: Request, queries: str | None, beside: str
) -> Release | None:
    """The release that runs while what is new of `request` is deployed; None where nothing of it is known.

    `queries` is the pattern of the files with the project's own, from the directory of the file `beside`.
    """
    if not (request.new and request.built and history.before) or not isinstance(history.base, Base):
        return None
    try:
        tree = tree_at(repository, history.base.revision, history.base.submodule)
        prefix, path, content = _snapshot(tree, history.before.path, request.built) or ("", "", None)
        pattern = normpath(join(dirname(beside), queries or QUERIES))
        paths = _paths(tree, pattern)
        own = _queries(tree, paths)
        # What this change brings is of no release yet.
        is_there = queries is None or bool(paths or _paths(repository.index(), pattern))
        read = () if content is None else parse_schema(content)
        relations = read or ()
    except UndecidableError:
        # It only adds to what is found; what clones lack, other gates say.
        return None
    if read == () and not own and is_there:
        return None
    return Release(
        f"base's snapshot {prefix}",
        relations,
        own,
        named=queries is not None,
        behind=bool(request.landed_late()),
        unmatched=None if is_there else (queries or "", Location(beside)),
        unread=Location(path) if read is None else None,
    )


def _snapshot(tree: GitTree, folder: str, built: Sequence[Migration]) -> tuple[str, str, bytes] | None:
    """The newest snapshot of what the database has run: its prefix, its path and what it holds."""
    found = {prefix: each.path for each in tree.files(folder) if (prefix := snapshot_of(relpath(each.path, folder)))}
    tags = [each.tag for each in built]
    ran = [each for each in found if any(tag == each or tag.startswith(f"{each}_") for tag in tags)]
    # drizzle-kit takes the last by name as well.
    newest = max(ran, default=None)
    content = None if newest is None else tree.find(found[newest])
    return None if newest is None or content is None else (newest, found[newest], content)


def _paths(tree: GitTree, pattern: str) -> list[str]:
    """The files that are as `pattern` says, by name."""
    parts = PurePosixPath(pattern).parts
    plain = list(takewhile(_WILD.isdisjoint, parts[:-1]))
    paths = [] if ".." in parts else [each.path for each in tree.files("/".join(plain) or ".")]
    return [each for each in paths if _matches(each, parts)]


def _queries(tree: GitTree, paths: Iterable[str]) -> tuple[OwnQuery, ...]:
    found = (each for path, text in _texts(tree, paths) for each in _of_file(path, text))
    return tuple(islice(found, _MOST))


def _texts(tree: GitTree, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The files that are not too long, until all of them together are."""
    left = _MOST_TEXT
    for path in paths:
        text = tree.find(path)
        if text and len(text) <= _LARGEST:
            left -= len(text)
            if left < 0:
                return
            yield path, text


def _matches(path: str, parts: Sequence[str]) -> bool:
    """Whether each part of `path` is as the pattern has it: what stands for a name stands for no directory."""
    names = path.split("/")
    return len(names) == len(parts) and all(map(fnmatchcase, names, parts))


def _of_file(path: str, content: bytes) -> Iterator[OwnQuery]:
    text = content.decode("utf-8", "replace")
    for start, end in spans(text):
        statement = text[start:end].strip()
        yield OwnQuery(Location(path, 1 + text.count("\n", 0, start)), statement, _parameters(statement))


def _parameters(statement: str) -> int:
    """How many parameters it has: the greatest number behind a dollar sign."""
    before, most = "", 0
    for token in tokens(statement):
        if before == "$" and token.isdecimal():
            most = max(most, int(token[:6]))
        before = token
    return min(most, _MOST_PARAMETERS)
