"""MC003."""

from collections.abc import Iterator

from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.waiver import WaiverFacts
from migcheck.wording import near_code


@rule("MC003")
def waiver_of_unknown_code(facts: WaiverFacts) -> Iterator[Violation]:
    """Every waiver names the code of a rule.

    ## Why it matters
    Whoever wrote it believes that something is accepted which is not.

    ## How to fix
    Write the code that the finding shows; `migcheck rules` lists them all.
    """
    for index, waiver in enumerate(facts.waivers):
        if waiver.code in facts.known_codes:
            continue
        near = near_code(waiver.code, facts.known_codes)
        hint = f"; did you mean {near}?" if near else ""
        yield Violation(facts.at(index), f"no rule has the code {waiver.code}{hint}", migration=waiver.migration)
