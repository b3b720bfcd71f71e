"""MC113."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.snapshot import Snapshot
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC113")
def snapshots_share_parent(facts: FolderFacts) -> Iterator[Violation]:
    """No two snapshots follow the same one.

    ## Why it matters
    Two branches generated a migration each from the same state. Each snapshot lacks what the other migration did, so
    the next `drizzle-kit generate` stops, or generates what is there already.

    ## How to fix
    Delete this branch's migration (file, snapshot, entry), put back the journal and the snapshots of the other branch,
    and run `drizzle-kit generate` again; what was written by hand goes into `drizzle-kit generate --custom`.

    Drizzle 1.0 allows it: there a snapshot can follow several.

    ## Once it has landed
    Set the `prevId` of the later snapshot to the `id` of the other, or `drizzle-kit generate` stops: no database reads
    a snapshot. The next migration it writes repeats what the later snapshot lacks: keep its snapshot, and take out of
    its SQL what the databases have.
    """
    if facts.folder.layout is Layout.FOLDERS:
        return
    first: dict[tuple[str, ...], Snapshot] = {}
    for snapshot in facts.folder.snapshots:
        if not isinstance(snapshot, Snapshot) or snapshot.prefix in facts.orphan_prefixes or not snapshot.parents:
            continue
        one = first.setdefault(snapshot.parents, snapshot)
        if one is snapshot:
            continue
        new = next((each for each in (snapshot, one) if not facts.has_landed(each)), snapshot)
        yield Violation(
            Location(new.path),
            f"the snapshots {one.prefix} and {snapshot.prefix} both follow {snapshot.parents[0]}",
            landed=facts.has_landed(new),
        )
