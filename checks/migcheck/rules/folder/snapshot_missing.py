"""MC110."""

from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.journal import Journal, again_on
from migcheck.drizzle.names import prefix_of
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed

_NO_SNAPSHOTS = "Nothing, where every migration is written by hand. Else commit the snapshots that drizzle-kit wrote."

_OF_THE_NEWEST = (
    "Read what the next `drizzle-kit generate` writes before you commit it: it compares with the last snapshot that is "
    "there, and may repeat what is done already."
)


@rule("MC110", asks_nothing=True)
def snapshot_missing(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration has its snapshot.

    ## Why it matters
    drizzle-kit compares the schema with the last snapshot. Where a migration has none, the next `drizzle-kit generate`
    starts from an older state and repeats what the migration did.

    ## How to fix
    Commit the snapshot that drizzle-kit wrote. If the migration was written by hand, move its file out of the folder
    and delete its entry; of what is behind it, delete file, snapshot and entry. Then run `drizzle-kit generate
    --custom --name <name>`, which writes the entry and the snapshot, put the SQL into the file that it makes, and run
    `drizzle-kit generate` for the rest.

    In that order no number is left out: drizzle-kit goes on from the last entry that is there. `--custom` overwrites a
    file of the same name without asking.

    `--custom` copies the last snapshot: a change of the schema goes into the schema's TypeScript, and a plain
    `drizzle-kit generate` writes it.

    Where two migrations share a number, a merge kept both and the snapshot of one: delete your own and generate it
    again on top of the other. A new migration warns where the project writes them by hand: no snapshot in the folder at
    all, or none for the newest migration that landed.

    ## Once it has landed
    Leave it: nothing breaks by it, for drizzle-kit compares with the last snapshot alone. Where it is the newest
    migration that has none, read what the next `drizzle-kit generate` writes before you commit it: it may repeat what
    is done already.

    All that landed without a snapshot is one finding. What base or HEAD has is another: put it back.
    """
    without = _without(facts)
    deleted = [tag for tag in without if _prefix(facts, tag) in facts.deleted_snapshots] if without else []
    yield from _deleted(facts, deleted)
    missing = [tag for tag in without if tag not in deleted]
    old = [tag for tag in missing if tag in facts.landed]
    if not facts.folder.snapshots and missing and not deleted:
        yield replace(_violation(facts, missing), severity=Severity.WARNING, fix=_NO_SNAPSHOTS)
        return
    if old:
        newest = facts.folder.migrations[-1].tag == old[-1] if facts.folder.migrations else False
        yield replace(_violation(facts, old), landed=True, fix=_OF_THE_NEWEST if newest else "")
    by_hand = facts.before is not None and bool(old) and facts.before.migrations[-1].tag == old[-1]
    numbered = _numbered(facts)
    for tag in missing:
        if tag not in facts.landed:
            found = _of_new(facts, tag, [each for each in numbered[prefix_of(tag)] if each != tag])
            yield replace(found, severity=Severity.WARNING if by_hand else Severity.ERROR)


def _prefix(facts: FolderFacts, tag: str) -> str:
    return tag if facts.folder.layout is Layout.FOLDERS else prefix_of(tag)


def _deleted(facts: FolderFacts, tags: list[str]) -> Iterator[Violation]:
    """What landed in one finding, and each of the others, which HEAD has, in one of its own."""
    landed = [tag for tag in tags if tag in facts.landed]
    for group in ([landed] if landed else []) + [[tag] for tag in tags if tag not in facts.landed]:
        found, others = _violation(facts, group), ", and so the others" if len(group) > 1 else ""
        yield replace(
            found,
            message=f"{found.message} any more",
            landed=group is landed,
            fix=f"Put it back as it was: `{facts.deleted_snapshots[_prefix(facts, group[0])]}`{others}.",
        )


def _without(facts: FolderFacts) -> list[str]:
    there = {each.prefix for each in facts.folder.snapshots}
    tags = [each.tag for each in facts.folder.migrations]
    if facts.folder.layout is Layout.FOLDERS:
        return [tag for tag in tags if tag not in there]
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


def _numbered(facts: FolderFacts) -> dict[str, list[str]]:
    """The tags of all entries by the number that they begin with."""
    numbered: dict[str, list[str]] = defaultdict(list)
    for entry in facts.entries:
        if prefix_of(entry.tag).isdigit():
            numbered[prefix_of(entry.tag)].append(entry.tag)
    return numbered


def _of_new(facts: FolderFacts, tag: str, others: list[str]) -> Violation:
    found, journal = _violation(facts, [tag]), facts.folder.journal
    if not others or not isinstance(journal, Journal):
        return found
    why = f"{others[0]} has the same number, and the two have one {prefix_of(tag)}_snapshot.json between them"
    return replace(found, message=f"{tag} has no snapshot of its own: {why}", fix=again_on(journal.path))


def _violation(facts: FolderFacts, tags: list[str]) -> Violation:
    verb = "has" if len(tags) == 1 else "have"
    return Violation(facts.place_of(tags[0]), f"{listed(tags)} {verb} no snapshot", migration=tags[0])
