"""MC102."""

from collections.abc import Iterator

from migcheck.drizzle.folder import SqlFile
from migcheck.drizzle.journal import Journal
from migcheck.drizzle.names import prefix_of
from migcheck.drizzle.rollback import BESIDE
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed

# Where git sees no change of the journal, no entry was left behind.
_MAKE_ONE = (
    "Move the file out of the folder first, for `drizzle-kit generate --custom` overwrites one of its name without "
    "asking; run that, and put the SQL into the file that it makes. Or delete the file."
)
_OF_NOTHING = "It is a rollback, and its migration is not in the folder: delete the file, or put the migration back."


@rule("MC102")
def file_without_entry(facts: FolderFacts) -> Iterator[Violation]:
    """Every SQL file of the folder has its entry in the journal.

    ## Why it matters
    Drizzle never lists the directory. A file that no entry names is never run, on any database, and nothing says so.
    It is what a merge leaves behind when one side's entry was lost.

    ## How to fix
    Put its entry back where it was only left behind (`git add` or `git checkout` meta/_journal.json). Else move the
    file out of the folder first, for `drizzle-kit generate --custom` overwrites one of its name without asking; run
    that, and put the SQL into the file that it makes. Or delete the file.

    One that is not named like a migration (`seed.sql`) warns. The rollback of a migration (`0007_orders.down.sql`
    beside `0007_orders.sql`) needs no entry.

    ## Once it has landed
    Leave it or delete it: Drizzle never ran it, and never will. If what it does is still wanted, move it out of the
    folder, run `drizzle-kit generate --custom`, and put the SQL into the file that it makes.

    All files that were there before this change are one finding, and it warns.
    """
    if not isinstance(facts.folder.journal, Journal):
        return
    lost = [each for each in facts.folder.files if _is_lost(facts, each)]
    old = [each for each in lost if each.tag in facts.old_names]
    if old:
        names = listed([each.tag for each in old])
        yield Violation(Location(old[0].path), _message(names), migration=old[0].tag, landed=True)
    for file in lost:
        if file.tag not in facts.old_names:
            severity = Severity.ERROR if prefix_of(file.tag).isdigit() else Severity.WARNING
            fix = _OF_NOTHING if file.tag.endswith(BESIDE) else "" if facts.journal_may_differ else _MAKE_ONE
            yield Violation(Location(file.path), _message(file.tag), migration=file.tag, severity=severity, fix=fix)


def _is_lost(facts: FolderFacts, file: SqlFile) -> bool:
    # Whoever removed a landed entry is told so by the history, and an ignored file never lands.
    if facts.reads(file.tag) or file.tag in facts.landed or file.path in facts.ignored:
        return False
    # Its migration is told, where that has no entry either.
    undoes = file.tag.removesuffix(BESIDE)
    if undoes != file.tag and any(each.tag == undoes for each in facts.folder.files):
        return False
    return not any(file.path == each.path for each in facts.folder.rollbacks.values())


def _message(names: str) -> str:
    return f"no entry of the journal names {names}: Drizzle will never run it"
