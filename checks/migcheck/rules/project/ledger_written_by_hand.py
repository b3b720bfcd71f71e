"""MC607."""

from collections.abc import Hashable, Iterator
from functools import partial
from posixpath import basename

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.ledger_commands import ledger_commands
from migcheck.finding import Location, Severity, Violation
from migcheck.paths import lies_below
from migcheck.rule import rule
from migcheck.scripts.reach import lasting
from migcheck.scripts.runs import Run
from migcheck.sources.ledger_sql import LedgerWrite


@rule("MC607")
def ledger_written_by_hand(facts: ProjectFacts) -> Iterator[Violation]:
    r"""SQL of the project writes rows to the ledger, or drops it.

    ## Why it matters

    A row says that a migration ran, and Drizzle believes it. A row too many hides migrations for good, one with a wrong
    `created_at` hides all that are older, one with NULL runs everything again; and a hash that no file has is what
    nobody can tell from an edited migration. Without the ledger everything runs again, on what is there already.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person, as a deploy does to a migration; else a warning. What a command hands to psql counts as well, unless an
    address in that command is one of this machine; of it, a file among it, `DROP SCHEMA` and `DROP TABLE` count too,
    where the script drops nothing else.

    A file of SQL with a space in its name, and what psql takes in by `\i`, are not looked at for a drop. Of more
    than 200 files that a command may mean by the names it says, the report names one as not read.

    ## How to fix

    Leave the ledger to the one program that runs the migrations, and remove the statement; where it is of that program,
    waive it. `migcheck status` shows what the ledger holds, and what of it does not fit the folder.

    Where a program of the project's own stands in for Drizzle's migrator, it has to write the hash and the `when` of
    each file it ran, in the same transaction; accept it with a waiver that says so.

    ## Once it has landed

    Leave the migration: to change it now would be an edit. Look with `migcheck status` at what it did to the ledger.
    """
    yield from _in_files(facts)
    yield from _in_commands(facts)


def _in_files(facts: ProjectFacts) -> Iterator[Violation]:
    for write in facts.head.sources.writes:
        migration = lies_below(write.path, facts.folder)
        brought = facts.brought(_meant(facts.head, write), _all_meant)
        automatic = lasting(facts.head.scripts.reached(write.path))
        yield Violation(
            at=Location(write.path, write.line),
            message=f"{write.verb} changes the ledger {facts.ledger} by hand",
            evidence=write.sql,
            severity=Severity.ERROR if migration else facts.weight(automatic, brought=brought),
            landed=migration and not brought,
        )


def _in_commands(facts: ProjectFacts) -> Iterator[Violation]:
    landed = partial(_commanded, ledger=facts.ledger)
    for run, write in ledger_commands(facts.head, facts.ledger):
        automatic = lasting(facts.head.scripts.reach(run))
        yield Violation(
            at=_place(run, write),
            message=f"{write.verb} changes the ledger {facts.ledger} by hand",
            evidence=write.sql,
            severity=facts.weight(automatic, brought=facts.brought(write.sql, landed)),
        )


def _place(run: Run, write: LedgerWrite) -> Location:
    """Where the statement stands in a file or in a here-document; else where its command does."""
    if write.path != run.script.path:
        return Location(write.path, write.line)
    first = run.command.stdin_line
    last = max(run.script.lines, default=first + write.line)
    return Location(run.script.path, min(first + write.line - 1, last)) if first else run.script.at(run.command)


def _commanded(state: ProjectState, ledger: LedgerName) -> Iterator[Hashable]:
    return (write.sql for _, write in ledger_commands(state, ledger))


def _all_meant(state: ProjectState) -> Iterator[Hashable]:
    return (_meant(state, each) for each in state.sources.writes)


def _meant(state: ProjectState, write: LedgerWrite) -> Hashable:
    """The statement, whatever file it stands in; of a migration, which is run once for its name, that as well."""
    return write.sql, basename(write.path) if lies_below(write.path, state.scripts.folder) else ""
