"""MC110."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.names import leaves_folder, prefix_of
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC110")
def snapshot_missing(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration has its snapshot.

    ## Why it blocks
    drizzle-kit compares the schema with the last snapshot. Where a migration has none, the next `drizzle-kit generate`
    starts from an older state and repeats what the migration did.

    ## How to fix
    Commit the snapshot that drizzle-kit wrote, or make hand-written migrations with `drizzle-kit generate --custom`.

    What landed without one warns, in one finding. So does a new migration where the project writes them by hand: no
    snapshot in the folder at all, or none for the newest migration that landed.
    """
    missing = _without(facts)
    old = [tag for tag in missing if tag in facts.landed]
    if not facts.folder.snapshots and missing:
        yield _violation(facts, missing, Severity.WARNING)
        return
    if old:
        yield _violation(facts, old, Severity.WARNING)
    by_hand = facts.before is not None and bool(old) and facts.before.migrations[-1].tag == old[-1]
    for tag in missing:
        if tag not in facts.landed:
            yield _violation(facts, [tag], Severity.WARNING if by_hand else Severity.ERROR)


def _without(facts: FolderFacts) -> list[str]:
    there = {each.prefix for each in facts.folder.snapshots}
    if facts.folder.layout is Layout.FOLDERS:
        return [each.tag for each in facts.folder.migrations if each.tag not in there]
    tags = [each.tag for each in facts.entries if not leaves_folder(each.tag)]
    left_over = _left_over(facts, tags)
    return [tag for tag in tags if prefix_of(tag) not in there or tag in left_over]


def _left_over(facts: FolderFacts, tags: list[str]) -> frozenset[str]:
    """The new migrations whose snapshot's name belongs to a landed one: a merge that kept both files kept one snapshot.

    Where both have one idx as well, that is told as what it is; and with `--prefix none` no name belongs to anybody.
    """
    idx = {each.tag: each.idx for each in facts.entries}
    owners = {prefix_of(tag): tag for tag in tags if tag in facts.landed and prefix_of(tag).isdigit()}
    new = ((tag, owners.get(prefix_of(tag))) for tag in tags if tag not in facts.landed)
    return frozenset(tag for tag, owner in new if owner is not None and idx[owner] != idx[tag])


def _violation(facts: FolderFacts, tags: list[str], severity: Severity) -> Violation:
    at = facts.place_of(tags[0])
    verb = "has" if len(tags) == 1 else "have"
    return Violation(at, f"{listed(tags)} {verb} no snapshot", migration=tags[0], severity=severity)
