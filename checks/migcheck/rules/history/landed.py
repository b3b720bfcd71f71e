"""What the rules of this gate share: how much a fault of something landed weighs, and the ways out."""

from datetime import UTC, datetime

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.journal import Entry, Journal
from migcheck.facts.history import Base, HistoryFacts, Proof
from migcheck.finding import Location, Severity

_DIGITS = 12
_LATEST = datetime.max.replace(tzinfo=UTC).timestamp() * 1000


def weight(facts: HistoryFacts, *migrations: Migration, repairs: bool = False) -> Severity:
    """How much it weighs that landed `migrations` are no more what they were.

    An error where no ledger is known; with ledgers, where one of them holds one of the migrations. `repairs`: it may
    be the mending of what base's own rehearsal could not run, which was applied nowhere and warns.
    """
    if any(held(facts, each) for each in migrations):
        return Severity.ERROR
    if facts.ledgers or (repairs and all(_could_not_run(facts, each) for each in migrations)):
        return Severity.WARNING
    return Severity.ERROR


def held(facts: HistoryFacts, migration: Migration) -> bool:
    """Whether a known ledger has a row of `migration`: its hash, its name, or its `when`."""
    return any(
        row.hash == migration.hash or row.created_at == migration.when or row.name == migration.tag
        for ledger in facts.ledgers
        for row in ledger.rows
    )


def entry_at(folder: Folder, tag: str) -> Location:
    """Where the journal names `tag`; the journal itself, or in the layout of 1.0 the folder, where it does not."""
    if not isinstance(folder.journal, Journal):
        return Location(folder.path)
    lines = (entry.line for entry in folder.journal.entries if entry.tag == tag)
    return Location(folder.journal.path, next(lines, None))


def entry_of(folder: Folder, tag: str) -> Entry | None:
    """The journal's entry of `tag`; None in the layout of 1.0."""
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    return next((entry for entry in entries if entry.tag == tag), None)


def moment(when: int) -> str:
    """`when` as it stands in the journal, and as a time for people."""
    if when > _LATEST:
        return str(when)
    return f"{when} ({datetime.fromtimestamp(when // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC)"


def restore(facts: HistoryFacts, path: str) -> str:
    """The command that puts `path` back as base has it."""
    base = facts.history.base
    revision = base.revision[:_DIGITS] if isinstance(base, Base) else "BASE"
    return f"`git checkout {revision} -- {path}`"


def never_applied(code: str, tag: str) -> str:
    """The way out for what no database has: ledgers that say so, or a waiver."""
    return (
        "If it was applied nowhere, or rolled back everywhere, let the ledgers say so (DATABASE_URL, or `--ledger FILE`"
        f' written by `migcheck status`) or waive it in migcheck.toml: code = "{code}", migration = "{tag}",'
        ' reason = "never applied: ...".'
    )


def _could_not_run(facts: HistoryFacts, migration: Migration) -> bool:
    """Whether base's rehearsal stopped at `migration`, or before it; where it stopped may be unknown."""
    match facts.proof, facts.history.before:
        case Proof(base_runs=False, stuck=stuck), Folder() as before:
            tags = [each.tag for each in before.migrations]
            return stuck not in tags or migration.tag in tags[tags.index(stuck) :]
        case _:
            return False
