"""What happened between two states of a folder, each fault told once.

A rename is not a deletion and an addition; a folder that was restarted is one change, not hundreds.
"""

from collections import deque
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration, greatest_when
from migcheck.drizzle.journal import BrokenJournal, Entry, Journal


class Pair(Struct, frozen=True):
    """One migration before and after."""

    before: Migration
    after: Migration


class EntryPair(Struct, frozen=True):
    """A migration and two entries: its own before and after, or that of another which landed and its own."""

    migration: Migration
    before: Entry
    after: Entry


class Restart(Struct, frozen=True):
    """The folder no longer begins with what had landed. `squash` is the one migration that stands for all of it.

    A squash has the greatest `when` of what it stands for: a database that has all of that will skip it.
    """

    first: Migration | None
    lost: tuple[Migration, ...]
    squash: Migration | None = None


class Change(Struct, frozen=True):
    """Every difference, each in one place. `moved` is the first landed migration that is out of its order.

    Of `added`, each is at most one of: `clashing` (its idx is that of a landed entry), `inserted` (before one that had
    landed), `behind` (at the end, but its `when` is not above `mark`, the greatest that had landed).
    `dropped` are entries without a file that are gone; `restored` such whose file is back.
    """

    edited: tuple[Pair, ...] = ()
    renamed: tuple[Pair, ...] = ()
    removed: tuple[Migration, ...] = ()
    dropped: tuple[Entry, ...] = ()
    restored: tuple[Migration, ...] = ()
    entries: tuple[EntryPair, ...] = ()
    moved: Migration | None = None
    added: tuple[Migration, ...] = ()
    clashing: tuple[EntryPair, ...] = ()
    inserted: tuple[Migration, ...] = ()
    behind: tuple[Migration, ...] = ()
    mark: int | None = None
    restart: Restart | None = None


def compare(before: Folder | None, after: Folder) -> Change:
    """What changed from `before` (what had landed; None: nothing) to `after`.

    A journal that cannot be read hides what changed: then nothing is told, and gate `folder` tells why.
    """
    if before is None:
        return Change(added=after.migrations)
    if isinstance(after.journal, BrokenJournal):
        return Change()
    landed, here = before.by_tag(), after.by_tag()
    unfiled, named, left_over = _unfiled(before), _entries(after), _left_over(after)
    gone = [each for tag, each in landed.items() if tag not in here and tag not in left_over]
    fresh = [each for tag, each in here.items() if tag not in landed and tag not in unfiled]
    renamed = tuple(_renames(gone, fresh))
    removed = _without(gone, [pair.before for pair in renamed])
    added = _without(fresh, [pair.after for pair in renamed])
    edited = tuple(Pair(each, here[tag]) for tag, each in landed.items() if tag in here and here[tag].sql != each.sql)
    redated = [pair.before for pair in renamed if pair.before.when != pair.after.when]
    survivors = len(landed) - len(edited) - len(removed) - len(redated)
    if removed and (restart := _restart(before, after, (*removed, *redated), added, survivors=survivors)):
        return Change(added=added, mark=greatest_when(before.migrations), restart=restart)
    return _in_order(
        before,
        after,
        Change(
            edited=edited,
            renamed=renamed,
            removed=removed,
            dropped=tuple(each for tag, each in unfiled.items() if tag not in named),
            restored=tuple(here[tag] for tag in unfiled if tag in here),
            entries=tuple(_changed_entries(before, after, {pair.before.tag for pair in edited})),
            added=added,
            mark=greatest_when(before.migrations),
        ),
    )


def _in_order(before: Folder, after: Folder, change: Change) -> Change:
    """`change` with everything that follows from positions."""
    names = {pair.before.tag: pair.after.tag for pair in change.renamed}
    landed = list(dict.fromkeys(names.get(each.tag, each.tag) for each in before.migrations))
    here: dict[str, int] = {}
    for place, each in enumerate(after.migrations):  # Of two with one tag the first, as in `_entries`.
        here.setdefault(each.tag, place)
    known = set(landed)
    moved = _first_moved([tag for tag in landed if tag in here], [tag for tag in here if tag in known])
    by_tag = after.by_tag()
    if after.layout is Layout.FOLDERS:  # Pending by name: neither idx nor order nor `when` makes Drizzle 1.0 skip one.
        return replace(change, moved=by_tag.get(moved or ""))
    clashing = tuple(_clashes(after, change.added, known))
    rest = _without(change.added, [pair.migration for pair in clashing])
    last_landed = max((place for tag, place in here.items() if tag in known), default=-1)
    inserted = tuple(each for each in rest if here[each.tag] < last_landed)
    behind = tuple(each for each in _without(rest, inserted) if change.mark is not None and each.when <= change.mark)
    return replace(change, moved=by_tag.get(moved or ""), clashing=clashing, inserted=inserted, behind=behind)


def _restart(
    before: Folder, after: Folder, lost: Sequence[Migration], added: Sequence[Migration], *, survivors: int
) -> Restart | None:
    """A restart: nothing of what had landed is as it was, or something new stands where the first one stood."""
    first = after.migrations[0] if after.migrations else None
    gone = {each.tag for each in lost}
    replaced = first in added[:1] and before.migrations[0].tag in gone
    if survivors and not replaced:
        return None
    squashes = after.layout is Layout.JOURNAL and len(after.migrations) == 1 and first is not None
    squash = first if squashes and first and first.when == greatest_when(before.migrations) else None
    return Restart(first, tuple(each for each in before.migrations if each.tag in gone), squash)


def _renames(gone: Sequence[Migration], fresh: Sequence[Migration]) -> Iterator[Pair]:
    """Pair what is gone with what has the same hash under a new tag, best with the same `when`."""
    left: dict[str, dict[int, deque[Migration]]] = {}
    for each in fresh:
        left.setdefault(each.hash, {}).setdefault(each.when, deque()).append(each)
    for each in gone:
        if same := left.get(each.hash):
            when = each.when if each.when in same else next(iter(same))
            yield Pair(each, same[when].popleft())
            if not same[when]:
                del same[when]


def _changed_entries(before: Folder, after: Folder, edited: set[str]) -> Iterator[EntryPair]:
    """Entries whose idx or `when` changed, save where the file changed, too: that is told already."""
    then, now, here = _entries(before), _entries(after), after.by_tag()
    for tag, entry in then.items():
        found = now.get(tag)
        if found and tag in here and tag not in edited and (found.idx, found.when) != (entry.idx, entry.when):
            yield EntryPair(here[tag], entry, found)


def _clashes(after: Folder, added: Sequence[Migration], landed: set[str]) -> Iterator[EntryPair]:
    """Added migrations that count themselves as one that had landed does: two branches made both."""
    entries = _entries(after)
    taken = {entry.idx: entry for tag, entry in entries.items() if tag in landed}
    for each in added:
        entry = entries[each.tag]
        if entry.idx is not None and entry.idx in taken:
            yield EntryPair(each, taken[entry.idx], entry)


def _first_moved(landed: Sequence[str], here: Sequence[str]) -> str | None:
    return next((now for then, now in zip(landed, here, strict=False) if then != now), None)


def _left_over(after: Folder) -> frozenset[str]:
    """The tags whose entry is still there: gate `folder` tells that its file is not, or what is malformed."""
    malformed = isinstance(after.journal, Journal) and after.journal.malformed
    files = (*after.files, *after.unreadable) if malformed else ()
    return frozenset((*_entries(after), *(each.tag for each in files)))


def _unfiled(folder: Folder) -> dict[str, Entry]:
    """The entries without a file, by tag."""
    there = folder.by_tag()
    return {tag: entry for tag, entry in _entries(folder).items() if tag not in there}


def _entries(folder: Folder) -> dict[str, Entry]:
    """The journal's entries by tag; none in the layout of 1.0."""
    if folder.layout is Layout.FOLDERS or not isinstance(folder.journal, Journal):
        return {}
    found: dict[str, Entry] = {}
    for entry in folder.journal.entries:  # Of two with one tag the first: gate `folder` tells of the other.
        found.setdefault(entry.tag, entry)
    return found


def _without(migrations: Sequence[Migration], others: Sequence[Migration]) -> tuple[Migration, ...]:
    tags = {each.tag for each in others}
    return tuple(each for each in migrations if each.tag not in tags)
