"""MC330."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.opinions import JSONB, NotRead
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC330")
def opinion_asked_for(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration is not in the style that the project asks for.

    ## Why it matters
    Whether an `integer` is too small, or `varchar(n)` worth its trouble, is an opinion, and drizzle-kit writes what
    the schema says. So none is told unless it is asked for: `opinions` under [sql] names rules of Squawk's, which reads
    what this change adds and nothing that has landed, and `prefer-jsonb`, which is read out of its syntax tree. It only
    warns, as it does where there is no Squawk to ask: it comes with `pip install 'drizzle-migcheck[squawk]'`. So it
    does where more than 1 MiB of SQL is new, of which Squawk is asked nothing.

    There are ten: `ban-char-field`, `identifier-too-long`, `prefer-bigint-over-int`, `prefer-bigint-over-smallint`,
    `prefer-identity`, `prefer-jsonb`, `prefer-robust-stmts`, `prefer-text-field`, `prefer-timestamp-tz`,
    `require-table-schema`.

    ## How to fix
    Change the column in `schema.ts` and generate the migration again, before it lands.
    """
    if isinstance(facts.opinions, NotRead):
        said = f"opinions are asked for and were not read: {facts.opinions.reason}"
        yield Violation(facts.opinions.at, said, severity=Severity.WARNING, fix=facts.opinions.remedy)
        return
    for each in facts.opinions:
        name = each.name if each.name == JSONB else f"Squawk's {each.name}"
        asked = f"{name}, which `opinions` under [sql] asks for"
        yield Violation(
            each.at,
            f"{each.migration}: {each.says}",
            migration=each.migration,
            severity=Severity.WARNING,
            evidence="\n".join((asked, *([each.helps] if each.helps else []))),
        )
