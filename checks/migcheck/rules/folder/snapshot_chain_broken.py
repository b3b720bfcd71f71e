"""MC114."""

from collections.abc import Iterable, Iterator

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.names import prefix_of
from migcheck.drizzle.snapshot import ROOT, Snapshot
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule

_OF_THE_LAST = (
    "Read what the next `drizzle-kit generate` writes before you commit it: it compares with this snapshot, which may "
    "know of other things than the folder builds."
)


@rule("MC114", asks_nothing=True)
def snapshot_chain_broken(facts: FolderFacts) -> Iterator[Violation]:
    """Every snapshot follows one that is there.

    ## Why it matters
    A snapshot whose parent is gone was generated from a state that this folder does not have. What its migration
    assumes and what the folder builds can differ, and drizzle-kit says everything is fine.

    ## How to fix
    Restore the snapshot it follows; or take this migration out (file, snapshot, entry) and generate it again.

    ## Once it has landed
    Leave it: drizzle-kit compares with the last snapshot alone. Where it is the last one, read what the next
    `drizzle-kit generate` writes before you commit it.
    """
    snapshots = {each.prefix: each for each in facts.folder.snapshots}
    ids = {each.id for each in snapshots.values() if isinstance(each, Snapshot)} | {ROOT, ""}
    whole = True
    for prefix in _order(facts):
        snapshot = snapshots.get(prefix)
        if not isinstance(snapshot, Snapshot):
            whole = False
            continue
        # A parent that is missing or malformed has its own finding, and the gap it leaves is not a second fault.
        for parent in snapshot.parents if whole else ():
            if parent not in ids or parent == snapshot.id:
                landed = facts.has_landed(snapshot)
                yield Violation(
                    Location(snapshot.path),
                    f"the snapshot {prefix} follows {parent or 'an empty id'}, and no snapshot has this id",
                    landed=landed,
                    fix=_OF_THE_LAST if landed and prefix == max(snapshots) else "",
                )
        whole = True


def _order(facts: FolderFacts) -> Iterable[str]:
    """The prefixes of the migrations, in their order, each once."""
    if facts.folder.layout is Layout.FOLDERS:
        return [each.tag for each in facts.folder.migrations]
    return dict.fromkeys(prefix_of(each.tag) for each in facts.entries)
