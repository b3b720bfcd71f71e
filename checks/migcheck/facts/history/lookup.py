"""Finding the migration file behind a ledger's hash, in everything git knows."""

import os
from posixpath import basename, dirname

from msgspec import Struct, field

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.names import time_of
from migcheck.drizzle.pieces import migration_hash
from migcheck.facts.git.repository import Repository

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
            self._paths = _hashed(self.repository)
        if wanted not in self._paths:
            return None
        path, blob = self._paths[wanted]
        if basename(path) == "migration.sql" and (when := time_of(basename(dirname(path)))) is not None:
            return Migration(basename(dirname(path)), when, path, self.repository.git.blob(blob))
        return Migration(basename(path).removesuffix(".sql"), 0, path, self.repository.git.blob(blob))


def _hashed(repository: Repository) -> dict[str, tuple[str, str]]:
    """Each SQL file of all revisions: path and blob by hash. The newest path wins."""
    # --full-history: what only a merged branch had, and the merge left out, may have been applied all the same.
    commits = repository.git.need("rev-list", "--all", "--reflog", "--full-history", "--", _SQL)
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
