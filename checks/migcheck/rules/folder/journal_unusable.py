"""MC100."""

from collections.abc import Iterator

from migcheck.drizzle.journal import BrokenJournal, Journal, Stale, again_on
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import from_top


@rule("MC100")
def journal_unusable(facts: FolderFacts) -> Iterator[Violation]:
    """The journal can be read.

    ## Why it matters
    Drizzle's migrator reads `meta/_journal.json` and nothing else to learn what there is to run. Where it is missing,
    not JSON, or holds the markers of a merge conflict, every deploy ends with an error before it reaches the database.

    A folder that drizzle.config names and that never was is a warning: there is nothing to run yet. Where it is to be
    deployed it is an error: an image or a checkout that lacks it would have nothing to do, and nobody would notice.

    A journal of another dialect is an error, too. Where a drizzle.config says that the folder is one of Postgres, it is
    a warning: drizzle-kit goes on in the journal that an earlier database left behind, and leaves that word as it is.

    ## How to fix
    Restore meta/_journal.json from git, or resolve what stands in it.

    Do not write a new journal by hand for a folder that was deployed: `tag` and `when` of every entry must stay what
    they were, or Drizzle runs migrations again or skips them.
    """
    match facts.folder.journal:
        case BrokenJournal(path) if facts.none_yet and facts.deploying:
            yield Violation(
                Location(path),
                f"there is nothing to deploy: {facts.folder.path}, which drizzle.config names, is not there",
                fix="Bring it to where the deploy runs (it may be ignored by git, or was not copied), or correct `out` "
                "in drizzle.config. Before the first migration, which `drizzle-kit generate` makes, there is nothing "
                "to deploy; of several folders, deploy the others by name: `migcheck apply FOLDER`.",
            )
        case BrokenJournal(path) if facts.none_yet:
            yield Violation(
                Location(path),
                f"there are no migrations yet: drizzle.config names {facts.folder.path}, which is not there",
                severity=Severity.WARNING,
                fix="`drizzle-kit generate` makes it; an application on `drizzle-kit push` needs none.",
            )
        case BrokenJournal(path, problem, _, line, lost=True) if facts.merging:
            yield Violation(Location(path, line), problem, fix=again_on(path))
        case BrokenJournal(path, problem, remedy, line):
            yield Violation(Location(path, line), problem, fix=_bring(facts, path, remedy))
        case Journal(path, _, dialect, stale=Stale(line, config)):
            yield Violation(
                Location(path, line),
                f"the journal is of dialect {dialect!r}, and {config} says postgresql: it is judged as Postgres, as "
                "Drizzle's migrator runs it",
                severity=Severity.WARNING,
                fix='Write `"dialect": "postgresql"` there: nothing of Drizzle\'s reads it, and it is no edit of a '
                "migration.",
            )
        case _:
            return


def _bring(facts: FolderFacts, path: str, remedy: str) -> str:
    """How to have a journal again: base's, where that has one and here is nothing; else as `remedy` says."""
    before, here = facts.before, facts.folder
    had = before is not None and before.path == here.path and isinstance(before.journal, Journal)
    gone = had and not here.files and not here.unreadable
    if remedy and not gone:
        return remedy
    if had:
        what = here.path if gone else path
        return (
            f"Bring it back: `git checkout HEAD -- {from_top(what)}`, or in place of HEAD the revision before it was "
            "deleted."
        )
    return "Commit the journal that drizzle-kit wrote beside the SQL."
