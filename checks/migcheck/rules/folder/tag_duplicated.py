"""MC104."""

from collections import Counter
from collections.abc import Iterator

from migcheck.drizzle.journal import Entry
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import Trait, rule


@rule("MC104", Trait.NEVER_RUNS)
def tag_duplicated(facts: FolderFacts) -> Iterator[Violation]:
    """No two entries of the journal have the same tag.

    ## Why it matters
    Drizzle runs the file once for each entry. The second time it creates what is there already, and the deploy fails;
    or, worse, it succeeds and the data is changed twice.

    ## How to fix
    Remove the second entry.

    ## Once it has landed
    Leave both: to take one away now would change what landed. A database that has the first runs the second, too, if
    its `when` is greater; where that fails, gate `replay` says what to do.
    """
    first: dict[str, Entry] = {}
    met: Counter[tuple[str, int]] = Counter()
    for entry in facts.entries:
        key = (entry.tag, entry.when)
        met[key] += 1
        one = first.setdefault(entry.tag, entry)
        if one is entry:
            continue
        yield Violation(
            facts.at(entry),
            f"the journal names {entry.tag} twice: Drizzle runs its file twice",
            migration=entry.tag,
            evidence=f"first on line {one.line}",
            landed=met[key] <= facts.landed_entries[key],
        )
