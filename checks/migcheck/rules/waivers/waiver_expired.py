"""MC002."""

from collections.abc import Iterator

from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.waiver import WaiverFacts


@rule("MC002")
def waiver_expired(facts: WaiverFacts) -> Iterator[Violation]:
    """No waiver has expired.

    ## Why it matters
    The waiver itself only warns; the finding it used to accept counts again.

    ## How to fix
    Fix what was waived, or give the waiver a new `until` with a reason that still holds.
    """
    for index, waiver in enumerate(facts.waivers):
        if waiver.until < facts.today:
            yield Violation(
                facts.at(index),
                f"the waiver of {waiver.code} for {waiver.migration} ended on {waiver.until}",
                migration=waiver.migration,
                severity=Severity.WARNING,
            )
