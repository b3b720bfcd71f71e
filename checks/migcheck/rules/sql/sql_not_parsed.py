"""MC331."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC331")
def sql_not_parsed(facts: SqlFacts) -> Iterator[Violation]:
    """The parser that reads new SQL before a rehearsal stops at this place.

    ## Why it matters
    Without a server, so in a hook before a commit, Squawk's parser reads what is new. What it cannot read is most often
    a slip of the pen: of the SQL of three hundred public folders, 15,000 pieces, it stops at one, which no server reads
    either. Nobody knows yet what this piece does, and no rule of the gate `sql` has judged it.

    It only warns: the parser is not the server's, which may know a form of SQL that this one does not. A rehearsal runs
    it, and says for certain (MC401).

    ## How to fix
    Correct it where it is a mistake. Where it is right, leave it: `migcheck verify`, without `--offline`, runs it.
    """
    for each in facts.unparsed:
        rest = ", and reads nothing behind it" if each.rest else ""
        yield Violation(
            each.at,
            f"{each.migration} is not read to its end: Squawk's parser stops here{rest}",
            migration=each.migration,
            evidence=each.line,
            severity=Severity.WARNING,
        )
