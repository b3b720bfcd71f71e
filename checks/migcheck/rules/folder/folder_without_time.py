"""MC142."""

from collections.abc import Iterator

from migcheck.drizzle.journal import NoJournal
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC142", Trait.MEETS_A_DEPLOY)
def folder_without_time(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration's folder of Drizzle 1.0 begins with its time, 14 digits.

    ## Why it matters
    Drizzle 1.0 takes the time from the name. Without one it sends `NaN` to the ledger, and the whole deploy fails
    with `22P02 invalid input syntax for type bigint`.

    ## How to fix
    Name the folder `<YYYYMMDDHHMMSS>_<name>`, as drizzle-kit does.
    """
    timeless = frozenset(facts.folder.journal.timeless if isinstance(facts.folder.journal, NoJournal) else ())
    for file in facts.folder.files:
        if file.tag in timeless:
            yield Violation(Location(file.path), f"{file.tag} does not begin with a time", migration=file.tag)
