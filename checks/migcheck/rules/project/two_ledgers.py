"""MC606."""

from collections.abc import Hashable, Iterator

from msgspec import Struct

from migcheck.drizzle.config_file import DrizzleConfig
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.runners import Way, applying, reached_by_config, ways
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.scripts.reach import Reached, told_of


class _Named(Struct, frozen=True):
    """Whoever names a ledger. `way` is the call in code; None for a drizzle.config, which is at `at`."""

    at: Location
    ledger: LedgerName
    way: Way | None = None

    @property
    def who(self) -> str:
        """For a sentence."""
        return "migrate()" if self.way else "drizzle-kit"

    def reached(self, state: ProjectState) -> Reached | None:
        """How it comes to be used without a person; None where a person has to use it."""
        return self.way.reached if self.way else reached_by_config(state).get(self.at.path)

    def meaning(self, state: ProjectState) -> tuple[object, ...]:
        """Who records where, and who begins; whatever the files are called."""
        reached = self.reached(state)
        return (self.who, self.ledger, None if reached is None else reached.started_by)


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

    To move a ledger, let its rows come along: rename its table, or move it to the new schema, on each database before
    this is deployed, and accept the finding with a waiver that says so.
    """
    yield from _others(facts)
    yield from _moved(facts)


def _others(facts: ProjectFacts) -> Iterator[Violation]:
    for named in (each for each in _named(facts.head) if each.ledger != facts.ledger):
        reached = named.reached(facts.head)
        yield Violation(
            at=named.at,
            message=f"{named.who} records in {named.ledger}, and the folder's ledger is {facts.ledger}",
            evidence=told_of(reached),
            severity=facts.weight(reached, brought=reached is not None and _is_brought(facts, named)),
        )


def _is_brought(facts: ProjectFacts, named: _Named) -> bool:
    """Whether it is new that `named` records elsewhere: it is itself, or drizzle.config named the same in base."""
    if facts.brought(named.meaning(facts.head), _meant):
        return True
    configured = {each.ledger for each in _configured(facts.head) or ()}
    return bool(configured) and named.ledger not in configured and _recorded_before(facts) == named.ledger


def _moved(facts: ProjectFacts) -> Iterator[Violation]:
    """The ledger that drizzle.config names, where base has migrations of the folder and records them in another.

    Drizzle's own is where nothing has to be named: to look for that in base would cost every project what few need.
    """
    if facts.ledger == LedgerName():
        return
    for named in (each for each in _configured(facts.head) or () if each.ledger == facts.ledger):
        reached = named.reached(facts.head) or _applied(facts.head)
        before = None if reached is None else _recorded_before(facts)
        if reached is not None and before not in (None, named.ledger):
            yield Violation(
                at=named.at,
                message=f"drizzle-kit records in {named.ledger} from now on, and what landed is in {before}",
                evidence=reached.told,
                severity=Severity.ERROR,
            )


def _recorded_before(facts: ProjectFacts) -> LedgerName | None:
    """The ledger that base's configurations agree on; None where it has no migrations, or where they do not."""
    base = facts.landed()
    if base is None or base.scripts.folder not in base.scripts.folders:
        return None
    ledgers = {each.ledger for each in _configured(base) or ()}
    return ledgers.pop() if len(ledgers) == 1 else None


def _applied(state: ProjectState) -> Reached | None:
    """How `migcheck apply`, which takes its ledger from the configuration, comes to be run without a person."""
    gate = applying(state)
    return None if gate is None else gate.reached


def _meant(state: ProjectState) -> Iterator[Hashable]:
    return (each.meaning(state) for each in _named(state))


def _named(state: ProjectState) -> Iterator[_Named]:
    """Whoever names a ledger for the folder; nobody where what drizzle-kit is told is not plain to see."""
    configured = _configured(state)
    if configured is None:
        return
    yield from configured
    for way in ways(state):
        if way.folder == state.scripts.folder and way.ledger is not None:
            yield _Named(way.at, way.ledger, way)


def _configured(state: ProjectState) -> list[_Named] | None:
    """The drizzle.configs of the folder; None where the ledger of one is not plain to see."""
    found: list[_Named] = []
    configs = state.scripts.configs
    for path in (path for path, folder in configs.named.items() if folder == state.scripts.folder):
        match configs.read[path]:
            case DrizzleConfig(ledger=LedgerName() as ledger):
                found.append(_Named(Location(path), ledger))
            case _:
                return None
    return found
