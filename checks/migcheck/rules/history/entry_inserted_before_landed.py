"""MC206."""

from collections.abc import Iterator

from migcheck.drizzle.names import moment
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC206")
def entry_inserted_before_landed(facts: HistoryFacts) -> Iterator[Violation]:
    """A new migration stands after everything that has landed.

    ## Why it matters
    New databases would run it before migrations that databases with base have run already: two histories of one
    schema. And where its `when` fits its place, Drizzle skips it in silence on every database that has base.

    ## How to fix
    Move its entry to the end of the journal and raise its `when` above all others, or delete it (file, snapshot,
    entry) and run `drizzle-kit generate` again; what was written by hand goes into `drizzle-kit generate --custom`.

    Where every known ledger (DATABASE_URL, `--ledger`) has it as it is, it only warns.
    """
    change = facts.change
    for each in change.inserted:
        severity, fix = facts.of_new(
            each,
            f"Move its entry to the end of the journal with a `when` above {change.mark}, or delete it "
            "(file, snapshot, entry) and run `drizzle-kit generate` again; what was written by hand goes into "
            "`drizzle-kit generate --custom`.",
        )
        skipped = severity is Severity.ERROR and change.mark is not None and each.when <= change.mark
        yield Violation(
            facts.entry_at(each.tag),
            f"{each.tag} is new, and stands before migrations that have landed",
            migration=each.tag,
            evidence=f"`when` is {moment(each.when)}: Drizzle will skip it in silence on every database that has base"
            if skipped
            else "",
            severity=severity,
            fix=fix,
        )
