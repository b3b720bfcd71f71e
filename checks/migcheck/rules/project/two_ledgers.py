"""MC606."""

from collections.abc import Hashable, Iterator

from msgspec import Struct

from migcheck.drizzle.config_file import DrizzleConfig
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project import ProjectFacts, ProjectState
from migcheck.facts.runners import folder_of, ways
from migcheck.finding import Location, Violation
from migcheck.rule import rule
from migcheck.scripts.reach import Reached


class _Named(Struct, frozen=True):
    at: Location
    who: str
    ledger: LedgerName
    reached: Reached | None = None

    @property
    def meaning(self) -> tuple[object, ...]:
        return (self.who, self.ledger, None if self.reached is None else self.reached.entry)


@rule("MC606")
def two_ledgers(facts: ProjectFacts) -> Iterator[Violation]:
    """One folder is recorded in two ledgers.

    ## Why it matters

    Whoever looks into the one ledger does not see what the other recorded, and runs every migration again: that fails
    on tables that are there, or inserts the same rows twice. `migrations` of drizzle.config is read by drizzle-kit
    alone; `migrate()` in code has to be told the same, as `migrationsTable` and `migrationsSchema`.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person; else a warning.

    ## How to fix

    Name the ledger that production has, and no other: in `migrations` of drizzle.config, in each call of `migrate()`,
    and in migcheck.toml where that names one. `migcheck status` shows what a ledger holds.
    """
    for named in (each for each in _named(facts.head) if each.ledger != facts.ledger):
        yield Violation(
            at=named.at,
            message=f"{named.who} records in {named.ledger}, and the folder's ledger is {facts.ledger}",
            evidence="" if named.reached is None else named.reached.told,
            severity=facts.weight(named.reached, brought=facts.brought(named.meaning, _meant)),
        )


def _meant(state: ProjectState) -> Iterator[Hashable]:
    return (each.meaning for each in _named(state))


def _named(state: ProjectState) -> Iterator[_Named]:
    """Whoever names a ledger for the folder; nobody where what drizzle-kit is told is not plain to see."""
    ours = state.scripts.folder
    configs = [
        (path, said)
        for path, said in state.scripts.configs.read.items()
        if isinstance(said, DrizzleConfig) and isinstance(said.out, str) and folder_of(state, path, said.out) == ours
    ]
    if any(not isinstance(said.ledger, LedgerName) for _, said in configs):
        return
    for path, said in configs:
        if isinstance(said.ledger, LedgerName):
            yield _Named(Location(path), "drizzle-kit", said.ledger)
    for way in ways(state):
        if way.folder == ours and way.ledger is not None:
            yield _Named(way.at, "migrate()", way.ledger, way.reached)
