"""MC104."""

from collections.abc import Iterator

from migcheck.drizzle.journal import Entry
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC104")
def tag_duplicated(facts: FolderFacts) -> Iterator[Violation]:
    """No two entries of the journal have the same tag.

    ## Why it matters
    Drizzle runs the file once for each entry. The second time it creates what is there already, and the deploy fails;
    or, worse, it succeeds and the data is changed twice.

    ## How to fix
    Remove the second entry.

    ## Once it has landed
    Leave both: every database has passed them, and to take one away now would change what landed.
    """
    first: dict[str, Entry] = {}
    for entry in facts.entries:
        one = first.setdefault(entry.tag, entry)
        if one is entry:
            continue
        yield Violation(
            facts.at(entry),
            f"the journal names {entry.tag} twice: Drizzle runs its file twice",
            migration=entry.tag,
            evidence=f"first on line {one.line}",
            landed=(entry.tag, entry.when) in facts.landed_entries,
        )
