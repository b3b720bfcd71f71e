"""MC100."""

from collections.abc import Iterator

from migcheck.drizzle.journal import BrokenJournal, Journal, Stale, again_on
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule
from migcheck.wording import bring_back, from_top, listed


@rule("MC100", Trait.UNREADABLE)
def journal_unusable(facts: FolderFacts) -> Iterator[Violation]:
    """The journal can be read.

    ## Why it matters
    Drizzle's migrator reads `meta/_journal.json` and nothing else to learn what there is to run. Where it is missing,
    not JSON, or holds the markers of a merge conflict, every deploy ends with an error before it reaches the database.

    A folder that drizzle.config names and that never was, or holds the folders of other configurations alone, is a
    warning: there is nothing to run yet. So is one in whose place another that nothing names may be meant, where base
    has all of that as it is. Where it is to be deployed it is an error: an image or a checkout that lacks it would have
    nothing to do, and nobody would notice.

    A journal of another dialect is an error, too. Where a drizzle.config says that the folder is one of Postgres, and
    none of another dialect names it as well, it is a warning: drizzle-kit goes on in the journal that an earlier
    database left behind, and leaves that word as it is.

    ## How to fix
    Restore meta/_journal.json from git, or resolve what stands in it.

    Do not write a new journal by hand for a folder that was deployed: `tag` and `when` of every entry must stay what
    they were, or Drizzle runs migrations again or skips them.
    """
    match facts.folder.journal:
        case BrokenJournal() as journal if facts.none_yet or facts.meant:
            yield _unmade(facts, journal)
        case BrokenJournal(path, problem, _, line, lost=True) if facts.merging:
            yield Violation(Location(path, line), problem, fix=again_on(path))
        case BrokenJournal(path, problem, _, line, dialect=str(dialect)) if dialect and (said := _said(facts)):
            yield Violation(Location(path, line), problem, fix=_say_again(facts, said))
        case BrokenJournal(path, problem, remedy, line):
            yield Violation(Location(path, line), problem, fix=_bring(facts, path, remedy))
        case Journal(stale=Stale() as stale) as journal:
            yield _stale(journal, stale)
        case _:
            return


def _unmade(facts: FolderFacts, journal: BrokenJournal) -> Violation:
    """What is said of a folder that drizzle.config names and that is not there, or not yet."""
    at, path, meant = Location(journal.path), facts.folder.path, facts.meant
    lacks = "holds none of its own" if journal.others else "is not there"
    if facts.none_yet and facts.deploying:
        return Violation(
            at,
            f"there is nothing to deploy: {path}, which drizzle.config names, {lacks}",
            fix="Bring it to where the deploy runs (it may be ignored by git, or was not copied), or correct `out` "
            "in drizzle.config. Before the first migration, which `drizzle-kit generate` makes, there is nothing "
            "to deploy; of several folders, deploy the others by name: `migcheck apply FOLDER`.",
        )
    if meant:
        are, were = ("is", "was") if len(meant) == 1 else ("are", "were")
        return Violation(
            at,
            f"drizzle.config names {path}, which {lacks}; {listed(meant)} {are}, and {were} not judged",
            severity=Severity.WARNING if facts.none_yet else Severity.ERROR,
            fix="Correct `out` in drizzle.config, or name the folder that is meant: "
            f'`migcheck verify {meant[0]}`, or in migcheck.toml `[[folder]]` with `path = "{meant[0]}"`.',
        )
    return Violation(
        at,
        f"there are no migrations yet: drizzle.config names {path}, which {lacks}",
        severity=Severity.WARNING,
        fix="`drizzle-kit generate` makes it; an application on `drizzle-kit push` needs none.",
    )


def _stale(journal: Journal, stale: Stale) -> Violation:
    return Violation(
        Location(journal.path, stale.line),
        f"the journal is of dialect {journal.dialect!r}, and {stale.config} says postgresql: it is judged as "
        "Postgres, as Drizzle's migrator runs it",
        severity=Severity.WARNING,
        fix='Write `"dialect": "postgresql"` there: nothing of Drizzle\'s reads it, and it is no edit of a migration.',
    )


def _said(facts: FolderFacts) -> str:
    """The drizzle.config by which the folder is of Postgres in base, whatever its journal says; empty for none."""
    before = facts.before
    if before is None or before.path != facts.folder.path or not isinstance(before.journal, Journal):
        return ""
    return before.journal.stale.config if before.journal.stale else ""


def _say_again(facts: FolderFacts, config: str) -> str:
    return (
        f"Bring back what says that the folder is one of Postgres: `{bring_back(facts.landed_at, config, config)}`; or "
        "let a drizzle.config say so in plain text again, and none of another dialect name the folder as well."
    )


def _bring(facts: FolderFacts, path: str, remedy: str) -> str:
    """How to have a journal again: base's, where that has one and here is nothing; else as `remedy` says."""
    before, here = facts.before, facts.folder
    had = before is not None and before.path == here.path and isinstance(before.journal, Journal)
    gone = had and not here.files and not here.unreadable
    if remedy and not gone:
        return remedy
    if gone and facts.submodule:
        place = from_top(facts.submodule)
        return (
            f"Bring the submodule back that held it: `git checkout {facts.landed_at} -- :/.gitmodules {place} && "
            f"git submodule update --init {place}`."
        )
    if had:
        what = here.path if gone else path
        return (
            f"Bring it back: `git checkout HEAD -- {from_top(what)}`, or in place of HEAD the revision before it was "
            "deleted."
        )
    return "Commit the journal that drizzle-kit wrote beside the SQL."
