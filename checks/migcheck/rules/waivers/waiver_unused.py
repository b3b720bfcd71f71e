"""MC001."""

from collections.abc import Iterator
from json import dumps

from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.waiver import WaiverFacts


@rule("MC001")
def waiver_unused(facts: WaiverFacts) -> Iterator[Violation]:
    """Every waiver accepts a finding that exists.

    ## Why it matters
    A waiver that nobody needs would silently accept the next fault of that kind. It only warns. One by a tag that
    several folders have accepts nothing until it says `folder`: meant for one, it would accept the fault of another.
    `undo` and `baseline` do not judge what is applied, and call none of that unused.

    ## How to fix
    Remove the waiver from the configuration, once its migration has landed. Until then a target may have nothing to
    accept (no row in what is dropped), where a run without it has.
    """
    for index, waiver in enumerate(facts.waivers):
        expired = waiver.until < facts.today
        judged = waiver.code in facts.judged_codes and waiver.migration not in facts.unasked
        if index in facts.used or expired or not judged or facts.is_elsewhere(waiver):
            continue
        folders = facts.unclear.get(index, ())
        told = f"the waiver of {waiver.code} for {waiver.migration}"
        yield Violation(
            facts.at(index),
            f"{told} waives nothing: {' and '.join(folders)} have it" if folders else f"{told} matches no finding",
            migration=waiver.migration,
            severity=Severity.WARNING,
            fix=f"Add the line of the folder that is meant: {' or '.join(map(_line, folders))}." if folders else "",
        )


def _line(folder: str) -> str:
    return f"`folder = {dumps(folder, ensure_ascii=False)}`"
