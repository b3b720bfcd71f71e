"""MC323."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.release import ValuesRefused
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC323")
def running_release_value_refused(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration makes a column refuse a value that the release which is still running gives it.

    ## Why it matters
    A label of an enum was renamed or is gone, or a column has another type. The code of before writes the old label,
    or a value as the old type has it, and the server refuses the row (22P02): while the deploy goes on, and where it
    is rolled back.

    The server was asked on scratch, right before the new migrations and behind them, with each label that base's
    newest snapshot has, and for another type with a value such as many types take. Where it refuses that, it is an
    error. Of text it warns: whether the release gives only text that the new type takes (a UUID, a label), nobody but
    its code knows. A type that takes what the old one took, such as `bigint` for `integer`, or `boolean` for an
    `integer` of 0 and 1, is no finding, nor is a value too large for a narrower type, or a table without a row on the
    target.

    ## How to fix
    A label: add the new one (`ALTER TYPE … ADD VALUE`, which drizzle-kit writes for a label that is added to
    `pgEnum`) and deploy a release that writes it; leave the old one in place.

    A type: add a column of the new type beside the old one, write both, copy, read the new one, and drop the old one
    in a later deploy.
    """
    for broken, harm in facts.broken(ValuesRefused):
        given = f"{harm.type}, such as {listed([repr(value) for value in harm.values])}"
        gives = "gives" if harm.sure else "may give"
        yield facts.breaks(
            broken,
            f"makes {harm.column} of {broken.table} refuse what the running release {gives} it: {given}",
            "Add the new label, or the new column, beside the old one, move the code over, and leave the old one "
            "to a later deploy.",
            severity=Severity.ERROR if harm.sure else Severity.WARNING,
        )
