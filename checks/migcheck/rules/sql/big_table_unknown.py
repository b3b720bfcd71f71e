"""MC328."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.target.sizes import Unsized
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC328")
def big_table_unknown(facts: SqlFacts) -> Iterator[Violation]:
    """The configuration calls a table large that nobody has.

    ## Why it matters
    `big_tables` under [sql] names the tables of which nothing may be rewritten, checked or built while others wait, and
    says of all others that they are small. So a slip of the pen there has the large one pass for a small one, and no
    finding tells of it (MC307 to MC309, MC327, MC333 to MC335).

    Looked for is the table among those that the migrations of base and the new ones make, and on the target, where
    there is one. Where git tracks the folders of several databases, it may be one of another, and is not judged; nor is
    it without a target where the first migration is all comment and stands for what nobody made. It only warns, and not
    offline.

    ## How to fix
    Write it as `schema.table`, or `table` for one of the schema public, without quotes; take it out where it is gone.
    """
    nobody = (
        "no migration makes" if isinstance(facts.sizes, Unsized) else "neither the migrations make nor the target has"
    )
    for each in facts.unknown:
        yield Violation(
            each.at,
            f"`big_tables` under [sql] names {each.name}, which {nobody}",
            fix=f"Did you mean {each.near}?" if each.near else "Take it out, or correct its name.",
            severity=Severity.WARNING,
        )
