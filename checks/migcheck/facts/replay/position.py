"""Where a database stands before a deploy, and what Drizzle would run next on it."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow, pending
from migcheck.drizzle.standing import Standings, State, Stray
from migcheck.errors import UndecidableError
from migcheck.facts.copy import Copy
from migcheck.facts.history.history import History
from migcheck.facts.rehearsal import Request


def request_of(
    history: History | None, head: Folder, ledger: Ledger | None, batching: Batching, name: LedgerName
) -> Request:
    """What to rehearse for `head`: from the ledger's position where one is known, else from base, else from nothing.

    Raises UndecidableError where a row of the ledger has its file in no revision.
    """
    before = history.before if history is not None else None
    if ledger is None:
        built = before.migrations if before is not None else ()
    else:
        built = _applied(ledger, head, _Files(head, before, history))
    return Request(head, before, built, pending(head, _as_ledger(built, name)), batching, ledger, name)


def request_on_copy(history: History | None, head: Folder, ledger: Ledger, batching: Batching, copy: Copy) -> Request:
    """What to rehearse for `head` on a `copy` of the target: nothing is built, so no file behind a row is needed."""
    before = history.before if history is not None else None
    files = _Files(head, before, history)
    behind = [(row, found) for row in ledger.rows if (found := files.behind(row.hash)) is not None]
    # Two racing deploys leave two rows of one migration.
    built = tuple(dict.fromkeys(_as_recorded(row, found) for row, found in behind))
    return Request(head, before, built, pending(head, ledger), batching, ledger, ledger.name, copy)


class _Files(Struct, frozen=True):
    """The files that revisions have, by hash."""

    head: Folder
    before: Folder | None
    history: History | None

    def behind(self, digest: str) -> Migration | None:
        for folder in (self.head, self.before):
            for migration in folder.migrations if folder is not None else ():
                if migration.hash == digest:
                    return migration
        return self.history.lookup(digest) if self.history is not None else None


def _applied(ledger: Ledger, head: Folder, files: _Files) -> tuple[Migration, ...]:
    """What the ledger says has run, in the order of its rows, each migration once and as its row dates it.

    A row that was written again by hand has a greater id than those behind it, and its migration ran in its place. What
    stands before the first row ran before all, save what the folder has after that row's file: a baseline may be the
    first file with the time of that day.
    """
    behind = {row.hash: found for row in ledger.rows if (found := files.behind(row.hash))}
    standings = Standings(head, ledger, {digest: found.tag for digest, found in behind.items()})
    stand_ins = {each.row.id: each.migration for each in standings.of(State.APPLIED) if each.row is not None}
    own = {
        each.row.id: each.migration
        for each in standings.migrations
        if each.row and each.row.hash == each.migration.hash
    }
    by_hand = {stray.row.id for stray in standings.strays if stray.kind is Stray.BASELINE}
    # Where nothing is due, nobody needs to build what the database is ahead by: the application was rolled back. But
    # what Drizzle skips because of it must not look as if it were due.
    idle = not pending(head, ledger) and not standings.of(State.SKIPPED)
    ahead = {stray.row.id for stray in standings.strays if stray.kind is Stray.AHEAD and idle}
    # Two racing deploys leave two rows of one migration. What it did, it did before: build it once. But one text in two
    # migrations (a column added, dropped and added again) is two.
    twice = {stray.row.id for stray in standings.strays if stray.kind is Stray.TWICE}
    ran: list[tuple[LedgerRow, Migration]] = []
    for row in ledger.rows:
        if row.id in twice:
            continue
        found = own.get(row.id) or behind.get(row.hash) or stand_ins.get(row.id)
        if found is not None:
            ran.append((row, found))
        elif row.id not in by_hand and row.id not in ahead:
            raise _no_file(ledger, row)
    place = {(each.tag, each.hash): number for number, each in enumerate(head.migrations)}
    first = next((place.get((found.tag, found.hash), len(place)) for _, found in ran), len(place))
    later = tuple(each for each in standings.before_the_ledger if place[each.tag, each.hash] > first)
    earlier = tuple(each for each in standings.before_the_ledger if each not in later)
    told = [_as_recorded(row, found) for row, found in _in_place(ran, head)]
    return (*earlier, *told[:1], *later, *told[1:])


def _in_place(ran: Sequence[tuple[LedgerRow, Migration]], head: Folder) -> Sequence[tuple[LedgerRow, Migration]]:
    """`ran` with each that was written again where the folder has it: it stands behind one later there and by its row.

    By its row alone says nothing: Drizzle runs one batch in the order of the folder, whatever the times in it. That of
    1.0 does run a late one behind what is later.
    """
    if head.layout is Layout.FOLDERS:
        return ran
    place = {each.tag: number for number, each in enumerate(head.migrations)}
    known = [(place.get(found.tag, -1), row.created_at or 0) for row, found in ran]
    ordered: list[int] = []
    last = -1
    for number, (position, time) in enumerate(known):
        later = [at for at, other in enumerate(ordered) if known[other][0] > position] if 0 <= position < last else []
        again = any(known[ordered[at]][1] > time for at in later)
        ordered.insert(later[0] if again else len(ordered), number)
        last = max(last, position)
    return [ran[each] for each in ordered]


def _as_recorded(row: LedgerRow, found: Migration) -> Migration:
    # NULL counts as 0 in Drizzle's comparison.
    return replace(found, when=row.created_at or 0, tag=row.name or found.tag)


def _no_file(ledger: Ledger, row: LedgerRow) -> UndecidableError:
    return UndecidableError(
        f"row {row.id} of {ledger.name} (hash {row.hash[:12]}…, created_at {row.created_at}) has its file in no "
        "revision that git knows, so the database it stands for cannot be built",
        remedy="fetch the branch that made this row (of a shallow clone the whole history: `fetch-depth: 0` in CI); "
        "where it was deployed without a commit, commit that file as it was",
    )


def _as_ledger(built: tuple[Migration, ...], name: LedgerName) -> Ledger:
    rows = (LedgerRow(number, each.hash, each.when, each.tag) for number, each in enumerate(built, 1))
    return Ledger(name, tuple(rows))
