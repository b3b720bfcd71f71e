"""MC001."""

from collections.abc import Iterator

from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.waiver import WaiverFacts


@rule("MC001")
def waiver_unused(facts: WaiverFacts) -> Iterator[Violation]:
    """Every waiver accepts a finding that exists.

    ## Why it matters
    A waiver that nobody needs would silently accept the next fault of that kind. It only warns.

    ## How to fix
    Remove the waiver from the configuration.
    """
    for index, waiver in enumerate(facts.waivers):
        expired = waiver.until < facts.today
        if index in facts.used or expired or waiver.code not in facts.judged_codes:
            continue
        yield Violation(
            Location(facts.path),
            f"the waiver of {waiver.code} for {waiver.migration} matches no finding",
            migration=waiver.migration,
            severity=Severity.WARNING,
        )
