"""Finding the migration file behind a ledger's hash, in everything git knows, and whether it may have landed."""

import os
from collections.abc import Iterator
from posixpath import basename, dirname

from msgspec import Struct, field

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.names import time_of
from migcheck.drizzle.pieces import migration_hash
from migcheck.errors import UndecidableError
from migcheck.facts.git.branches import default_branch
from migcheck.facts.git.repository import Repository
from migcheck.facts.history.history import Base

_SQL = ":(top,glob)**/*.sql"


class HashLookup(Struct):
    """Called with a hash, gives the migration that any revision has for it. History is read once, when first asked.

    The `when` of what it gives is 0 (the ledger's row has it), save in the layout of 1.0, whose names tell it.
    """

    repository: Repository
    _paths: dict[str, tuple[str, str]] | None = field(default=None)

    def __call__(self, wanted: str) -> Migration | None:
        """The migration whose file has the hash `wanted`; None where no revision in this clone has one."""
        if self._paths is None:
            self._paths = _hashed(self.repository, "--all", "--reflog")
        if wanted not in self._paths:
            return None
        path, blob = self._paths[wanted]
        if basename(path) == "migration.sql" and (when := time_of(basename(dirname(path)))) is not None:
            return Migration(basename(dirname(path)), when, path, self.repository.git.blob(blob))
        return Migration(basename(path).removesuffix(".sql"), 0, path, self.repository.git.blob(blob))


class LandedHashes(Struct):
    """Called with a hash, says whether a file that has it may have landed. History is read once, when first asked.

    What has landed is all that `base` has behind it, and what every other branch and tag has: that may have landed
    since, or elsewhere. Only of what this change alone brought, and did away with, it is known that it never has.
    """

    repository: Repository
    base: Base
    _hashes: frozenset[str] | None = field(default=None)

    def __call__(self, asked: str) -> bool:
        """Whether it may have. What cannot be seen may: a shallow clone, one that lacks objects."""
        if self.repository.shallow:
            return True
        if self._hashes is None:
            try:
                self._hashes = frozenset(_hashed(self.repository, *self._revisions()))
            except UndecidableError:
                return True
        return asked in self._hashes

    def _revisions(self) -> Iterator[str]:
        yield self.base.revision
        head = self.repository.head()
        if head is not None and not self.base.unlanded:
            yield head
        elif head is not None:
            yield from (f"--exclude={each}" for each in self._own(head))
        # What is stashed hangs on the commit that was checked out.
        yield from ("--exclude=refs/stash", "--glob=refs/*")

    def _own(self, head: str) -> Iterator[str]:
        """The branch that is checked out, and what a remote has of it, by their full names."""
        name = self.repository.git.ask("symbolic-ref", "--quiet", "HEAD").text
        if not name:
            return
        yield name
        short = name.removeprefix("refs/heads/")
        if default_branch(self.repository, "").endswith(f"/{short}"):
            return
        for each in self.repository.branches():
            # Where the two part at base, it is what this change lands on.
            remote, _, branch = each.removeprefix("refs/remotes/").partition("/")
            if remote != "refs" and branch == short and self.repository.merge_base(head, each) != self.base.revision:
                yield each


def _hashed(repository: Repository, *revisions: str) -> dict[str, tuple[str, str]]:
    """Each SQL file of all that leads to `revisions`: path and blob by hash. The newest path wins."""
    # --full-history: what only a merged branch had, and the merge left out, may have been applied all the same.
    commits = repository.git.need("rev-list", *revisions, "--full-history", "--", _SQL)
    changes = repository.git.need(
        "diff-tree", "--stdin", "--root", "-r", "-m", "-z", "--no-renames", "--no-commit-id", "--", _SQL, stdin=commits
    )
    fields = iter(changes.split(b"\0")[:-1])
    paths: dict[str, str] = {}
    for facts, path in zip(fields, fields, strict=True):
        paths.setdefault(facts.split(b" ")[3].decode(), os.fsdecode(path))
    found: dict[str, tuple[str, str]] = {}
    for blob, content in repository.git.contents(each for each in paths if each.strip("0")):
        found.setdefault(migration_hash(content), (paths[blob], blob))
    return found
