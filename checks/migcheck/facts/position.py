"""Where a database stands before a deploy, and what Drizzle would run next on it."""

from collections.abc import Iterator
from dataclasses import replace

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow, pending
from migcheck.errors import UndecidableError
from migcheck.facts.history import History
from migcheck.facts.rehearsal import Request


def request_of(
    history: History | None, head: Folder, ledger: Ledger | None, batching: Batching, name: LedgerName
) -> Request:
    """What to rehearse for `head`: from the ledger's position where one is known, else from base, else from nothing.

    Raises UndecidableError where a row of the ledger has a file in no revision.
    """
    before = None if history is None else history.before
    built = _from_base(before) if ledger is None else tuple(_from_ledger(ledger, head, history))
    if head.layout is Layout.FOLDERS:
        built = _renamed(built, head)
    stand_in = ledger if ledger is not None and head.layout is Layout.JOURNAL else _as_ledger(built, name)
    return Request(head, before, built, pending(head, stand_in), batching, ledger, name)


def _from_base(before: Folder | None) -> tuple[Migration, ...]:
    return () if before is None else before.migrations


def _from_ledger(ledger: Ledger, head: Folder, history: History | None) -> Iterator[Migration]:
    seen = set()
    for row in ledger.rows:
        # Two racing deploys leave two rows of one migration. What it did, it did before: build it once.
        if row.hash not in seen:
            seen.add(row.hash)
            # NULL counts as 0 in Drizzle's comparison.
            yield replace(_file_behind(row, ledger, head, history), when=row.created_at or 0)


def _file_behind(row: LedgerRow, ledger: Ledger, head: Folder, history: History | None) -> Migration:
    before = history.before if history is not None else None
    for folder in (head, before):
        for migration in folder.migrations if folder else ():
            if migration.hash == row.hash:
                return migration
    found = history.lookup(row.hash) if history is not None else None
    if found is None:
        raise UndecidableError(
            f"row {row.id} of {ledger.name} (hash {row.hash[:12]}…, created_at {row.created_at}) has its file in no "
            "revision that git knows, so the database it stands for cannot be built",
            remedy="fetch the whole history (`git fetch --unshallow`, in CI `fetch-depth: 0`) with the branch that "
            "made this row",
        )
    return found


def _renamed(built: tuple[Migration, ...], head: Folder) -> tuple[Migration, ...]:
    """What was built, by the names of head: `drizzle-kit up` gives a file that stays as it is another name."""
    names = {each.hash: each.tag for each in head.migrations}
    return tuple(replace(each, tag=names.get(each.hash, each.tag)) for each in built)


def _as_ledger(built: tuple[Migration, ...], name: LedgerName) -> Ledger:
    rows = (LedgerRow(number, each.hash, each.when, each.tag) for number, each in enumerate(built, 1))
    return Ledger(name, tuple(rows))
