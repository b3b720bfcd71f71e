"""MC113."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.snapshot import Snapshot
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule


@rule("MC113")
def snapshots_share_parent(facts: FolderFacts) -> Iterator[Violation]:
    """No two snapshots follow the same one.

    ## Why it blocks
    Two branches generated a migration each from the same state. Each snapshot lacks what the other migration did, so
    the next `drizzle-kit generate` stops, or generates what is there already.

    ## How to fix
    Take the migration of this branch out (`drizzle-kit drop`), merge the other branch, and generate it again.

    Drizzle 1.0 allows it: there a snapshot can follow several.
    """
    if facts.folder.layout is Layout.FOLDERS:
        return
    first: dict[tuple[str, ...], Snapshot] = {}
    for snapshot in facts.folder.snapshots:
        if not isinstance(snapshot, Snapshot) or snapshot.prefix in facts.orphan_prefixes:
            continue
        one = first.setdefault(snapshot.parents, snapshot)
        if one is snapshot:
            continue
        new = next((each for each in (snapshot, one) if facts.of_snapshot(each) is Severity.ERROR), snapshot)
        yield Violation(
            Location(new.path),
            f"the snapshots {one.prefix} and {snapshot.prefix} both follow {snapshot.parents[0]}",
            severity=facts.of_snapshot(new),
        )
