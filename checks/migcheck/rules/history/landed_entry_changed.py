"""MC204."""

from collections.abc import Iterator

from msgspec.structs import replace

from migcheck.drizzle.change import EntryPair
from migcheck.drizzle.names import moment
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC204")
def landed_entry_changed(facts: HistoryFacts) -> Iterator[Violation]:
    """The journal entry of a migration that has landed keeps its `when` and its `idx`.

    ## Why it matters
    The `when` is all that Drizzle compares with a database: raised above the newest row of a ledger it makes Drizzle
    run the migration again, lowered it makes new databases and old ones disagree about what is newest. A new `idx`
    alone warns: Drizzle's migrator never reads it, only drizzle-kit counts on from the last one.

    ## How to fix
    Put the entry back as base has it. If no database ever ran the migration, waive this finding in migcheck.toml, with
    the reason "never applied: ...".

    A ledger can say that in your place: name one by DATABASE_URL or `--ledger`. What none of them holds as it landed
    only warns.
    """
    change = facts.change
    for pair in change.entries:
        tag = pair.migration.tag
        told = Violation(
            facts.entry_at(tag),
            f"{tag} has landed, and its journal entry is not what landed: {' and '.join(_differences(pair))}",
            migration=tag,
            severity=Severity.WARNING,
            fix="Leave it, if this puts the numbers in order. If not, put the entry back as base has it.",
        )
        if pair.before.when != pair.after.when:
            severity = facts.weight(replace(pair.migration, when=pair.before.when))
            again = change.mark is not None and pair.after.when > max(change.mark, pair.before.when)
            told = replace(
                told,
                evidence="Drizzle would run it again on every database that has base" if again else "",
                severity=severity,
                fix=facts.fix("Put the entry back as base has it.", "MC204", tag, severity),
            )
        yield told


def _differences(pair: EntryPair) -> Iterator[str]:
    if pair.before.when != pair.after.when:
        yield f"`when` was {moment(pair.before.when)} and is {moment(pair.after.when)}"
    if pair.before.idx != pair.after.idx:
        yield f"`idx` was {pair.before.idx} and is {pair.after.idx}"
