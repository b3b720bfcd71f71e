"""MC202."""

from collections.abc import Iterator
from posixpath import dirname

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.journal import Journal
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC202")
def landed_migration_deleted(facts: HistoryFacts) -> Iterator[Violation]:
    """A migration that has landed stays in the folder.

    ## Why it matters
    Databases that ran it keep what it built and its row in the ledger; new databases never get it. The next
    `drizzle-kit generate` may write the same change once more.

    ## How to fix
    Put the migration back (file, snapshot and journal entry), and undo what it did in a new migration. If no database
    ever ran it, waive this finding in migcheck.toml with the reason "never applied: ...".

    Where its file is still there, put back its entry alone.

    Where a ledger is known (DATABASE_URL, `--ledger`), what none holds as it landed only warns.

    Removing what base's own rehearsal cannot run is a warning, and so is what never landed without it: Drizzle runs
    both in one transaction. So is removing an entry that never had a file: Drizzle could not get past it.
    """
    change = facts.change
    files = {each.tag: each.sql for each in facts.history.after.files}
    for each in change.removed:
        severity = facts.weight(each, repairs=True)
        never_ran = facts.never_ran(each) if severity is Severity.WARNING else ""
        what = "its entry is gone from the journal" if each.tag in files else "is gone from the folder"
        yield Violation(
            facts.entry_at(each.tag),
            f"{each.tag} has landed, and {what}",
            migration=each.tag,
            severity=severity,
            fix=never_ran
            or facts.fix(_put_back(facts, each, kept=files.get(each.tag) == each.sql), "MC202", each.tag, severity),
        )
    if change.dropped:
        names = listed([entry.tag for entry in change.dropped])
        one = len(change.dropped) == 1
        yield Violation(
            facts.entry_at(change.dropped[0].tag),
            f"{names} {'is' if one else 'are'} gone from the journal, and had no file in base: nothing could run "
            f"{'it' if one else 'them'}",
            migration=change.dropped[0].tag,
            severity=Severity.WARNING,
            fix="Nothing, if no database ran it before its file was lost; else bring file and entry back.",
        )


def _put_back(facts: HistoryFacts, migration: Migration, *, kept: bool) -> str:
    """How to have `migration` again; `kept`: its file is still there, so that all it did is."""
    before, after, change = facts.history.before, facts.history.after, facts.change
    undo = "and undo what it did in a new migration."
    if kept and before is not None and isinstance(before.journal, Journal):
        return f"Put its entry back ({facts.restore_journal(before.journal.path)})."
    moved = before is None or before.path != after.path
    if after.layout is Layout.FOLDERS and not moved:
        return f"Put it back ({facts.restore(dirname(migration.path))}) {undo}"
    # With base's journal, what is new would be out of it, and so would a new name.
    if not (moved or change.added or change.renamed or change.dropped):
        return f"Put back all that landed ({facts.restore(after.path)}) {undo}"
    return f"Put it back ({facts.restore(migration.path)}, its snapshot and its entry in the journal, too) {undo}"
