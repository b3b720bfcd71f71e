"""MC501."""

from collections.abc import Iterator

from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC501")
def target_is_read_only(facts: TargetFacts) -> Iterator[Violation]:
    """The target takes writes.

    ## Why it matters
    A standby, or a database whose `default_transaction_read_only` is on (some providers switch it on when the disk is
    full), refuses every migration. `verify` only warns: looking at a standby is not a fault.

    ## How to fix
    Point the URL at the primary. Where this is the primary, find out why it was made read only before switching that
    off: `show default_transaction_read_only`.
    """
    if facts.target.read_only and facts.writes:
        yield Violation(Location(facts.folder.path), f"{facts.target.name} is read only", severity=facts.writes)
