"""Gate `replay`: what the rehearsals on scratch found."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from migcheck.drizzle.change import compare
from migcheck.drizzle.folder import Folder, Migration, SqlFile
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName
from migcheck.drizzle.rollback import Rollback, rollbacks_of
from migcheck.facts.copy import Copy, LeftOut
from migcheck.facts.history.history import History, Proof
from migcheck.facts.rollback import RollbackProof
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.release import Release, Running
from migcheck.facts.sql.rows import Rows, Seed
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.wording import first_of

_SHOWN = 20


class Way(StrEnum):
    """A way of replaying the folder (docs/design.md "Rehearsals")."""

    FRESH = "fresh"
    AGAIN = "again"
    UPGRADE = "upgrade"
    SAME = "same"

    @property
    def on(self) -> str:
        """What a migration meets in it, for a sentence of people who do not know the ways by name."""
        return "on top of what is there" if self is Way.UPGRADE else "on an empty database"


class Apart(StrEnum):
    """What each migration has to have of its own, where the folder goes through only then."""

    TRANSACTION = "transaction"
    SESSION = "session"


class Passed(Struct, frozen=True):
    """The way went through. `ms` is its wall time."""

    way: Way
    ms: int


class Failed(Struct, frozen=True):
    """The way met a migration that the server refused.

    `unless_apart`: what the same folder goes through with (way `fresh` alone tries); None where it does not.
    """

    way: Way
    ms: int
    failure: SqlFailure
    batching: Batching
    unless_apart: Apart | None = None


class Differs(Struct, frozen=True):
    """Way `again` changed something, or way `same` found two databases that differ: readable lines, `-` and `+`."""

    way: Way
    ms: int
    lines: tuple[str, ...]

    @property
    def evidence(self) -> str:
        """The first lines, and how many more there are."""
        return "\n".join(first_of(self.lines, _SHOWN))


class NotRun(Struct, frozen=True):
    """The way was not needed or could not be reached, and why."""

    way: Way
    reason: str


WayOutcome = Passed | Failed | Differs | NotRun


class Touched(Struct, frozen=True):
    """A table that was there before, as `schema.table`, with the strongest lock that a new migration takes on it."""

    migration: str
    table: str
    lock: str


class Repeatable(Struct, frozen=True):
    """The raw SQL of a new migration, in the file at `path`, ran again and added and removed nothing."""

    migration: str
    path: str


class NotRepeatable(Struct, frozen=True):
    """It cannot run again: what the server refused (`sqlstate`, `line`), or rows inserted or deleted once more.

    Of such rows there is neither a `line` nor a `sqlstate`.
    """

    migration: str
    path: str
    message: str
    line: int | None = None
    sqlstate: str = ""


class NotTried(Struct, frozen=True):
    """Whether it can run again was not learnt: the second run was not reached or not done, and why."""

    migration: str
    path: str
    reason: str


Rerun = Repeatable | NotRepeatable | NotTried
"""Statement-by-statement idempotency of one new migration, past the ledger."""


class Request(Struct, frozen=True):
    """What to rehearse. `base` is None where nothing has landed; `ledger` is the target's, where there is one.

    `built` are the migrations that stand for what is applied (base's folder, or the files behind the ledger's rows),
    `new` what Drizzle would run next on that. `name` is where the ledger is. `copy` is what the upgrade starts from
    where that is not what the files build. `outside` are the tags of what runs outside of a transaction. `release` is
    what still runs while that is deployed, as far as it is known, and `seed` the project's own rows. `target_version`
    is the `server_version_num` of the target, 0 where that is not known, and `superuser`: its role is known to be one.
    """

    head: Folder
    base: Folder | None
    built: tuple[Migration, ...]
    new: tuple[Migration, ...]
    batching: Batching = Batching.ALL
    ledger: Ledger | None = None
    name: LedgerName = field(default_factory=LedgerName)
    copy: Copy | None = None
    outside: frozenset[str] = frozenset()
    release: Release | None = None
    seed: Seed | None = None
    target_version: int = 0
    superuser: bool = False

    def runs_outside(self) -> tuple[str, ...]:
        """The tags of `new` that run outside of a transaction."""
        return tuple(each.tag for each in self.new if each.tag in self.outside)

    def rollbacks(self) -> tuple[Rollback, ...]:
        """Those to prove: of what is new, and of what has landed those that this change brings or edits.

        Of what a copy of the target holds already nothing can be proven: it is not known what was there before.
        """
        landed = {} if self.base is None else self.base.rollbacks
        new = {each.tag for each in self.new}
        found = rollbacks_of(self.head)
        return tuple(
            each
            for each in found
            if each.migration.tag in new or (self.copy is None and _is_edited(each, landed.get(each.migration.tag)))
        )

    def changed(self) -> frozenset[str]:
        """The tags of head that this change adds or edits: no landed file stands for them by its hash."""
        landed = self.base.migrations if self.base else ()
        new, added = (_beyond(self.head.migrations, each) for each in (self.built, landed))
        return frozenset(each.tag for each in new) & frozenset(each.tag for each in added)

    def landed_late(self) -> frozenset[str]:
        """The tags of `new` that have landed: the target is behind base."""
        return frozenset(each.tag for each in self.new) - self.changed()

    def is_empty(self) -> bool:
        """Whether there is nothing to replay: no migration in head, in base, or behind a row of the ledger."""
        landed = self.base.migrations if self.base else ()
        return not (self.head.migrations or landed or self.built)

    def restarts(self) -> bool:
        """Whether this change begins the folder anew: gate `history` says whether it builds what had landed."""
        return self.base is not None and compare(self.base, self.head).restart is not None

    def gone(self) -> tuple[Migration, ...]:
        """What was built and head no longer has as it was: edited, deleted, or ahead of the folder."""
        return _beyond(self.built, self.head.migrations)

    def skipped(self) -> tuple[Migration, ...]:
        """What head has and the upgrade runs in no way: Drizzle passes over it in silence."""
        tags = {each.tag for each in self.built}
        beyond = _beyond(self.head.migrations, (*self.built, *self.new))
        return tuple(each for each in beyond if each.tag not in tags)


def _beyond(migrations: Sequence[Migration], others: Sequence[Migration]) -> tuple[Migration, ...]:
    """Those of `migrations` for which none of `others` is left, of which each stands for one: one text may be two."""
    left = Counter(each.hash for each in others)
    own = {(each.tag, each.hash) for each in others}
    beyond = set()
    for each in sorted(migrations, key=lambda each: (each.tag, each.hash) not in own):
        if left[each.hash]:
            left[each.hash] -= 1
        else:
            beyond.add(id(each))
    return tuple(each for each in migrations if id(each) in beyond)


def _is_edited(rollback: Rollback, landed: SqlFile | None) -> bool:
    return landed is None or landed.sql != rollback.script.sql


class ReplayFacts(Struct, frozen=True):
    """What the rules MC4xx judge. `repeatable`: the project asks that raw SQL can run twice.

    `target_major` and `target_system`, its server's identifier, are 0 where they are not known. `history` is None where
    git does not say what has landed.
    """

    rehearsal: "Rehearsal"
    repeatable: bool = False
    target_major: int = 0
    target_system: int = 0
    history: History | None = None


class Rehearsal(Struct, frozen=True):
    """All ways, each with its outcome; `catalogue_change` is what the upgrade changed, as readable lines.

    `ledger_change` is what it did to the ledger besides recording what it ran, likewise.

    `server` is None, and no way was gone, where there is nothing to replay. `reruns` has an outcome for each new
    migration. `touched` is what the new ones locked in the upgrade, as far as it came, `locked` what took each lock,
    and `seen` what they did to what was there before, where it went through; then `running` is what that did to the
    release which still runs.
    `rollbacks` has what came of each rollback that was to be proven, and `rows` how the new ones went where there are
    rows; None where that was not tried, nothing having gone through without.
    `tables` are those that there were before the new ones and are behind them, as `schema.table`, and `partitions` says
    of each partition which it is of.
    `proof` is what the rules of gate `history` need of it. `passed_over` are the servers that were tried before, each
    with why it gave way, and `left_out` is what a copy of the target has not.
    """

    server: ServerDescription | None
    request: Request
    ways: tuple[WayOutcome, ...]
    reruns: tuple[Rerun, ...] = ()
    catalogue_change: tuple[str, ...] = ()
    ledger_change: tuple[str, ...] = ()
    proof: Proof = field(default_factory=lambda: Proof(base_runs=True))
    passed_over: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    touched: tuple[Touched, ...] = ()
    locked: tuple[Locked, ...] = ()
    seen: tuple[Seen, ...] = ()
    running: Running | None = None
    rollbacks: tuple[RollbackProof, ...] = ()
    rows: Rows | None = None
    tables: frozenset[str] = frozenset()
    partitions: Mapping[str, str] = field(default_factory=dict)

    def went_through(self, way: Way) -> bool:
        """Whether that way was gone to its end."""
        return any(isinstance(each, Passed) and each.way is way for each in self.ways)


def made_for_the_ledger(failure: SqlFailure, schema: str) -> str:
    """What to do where a migration makes the `schema` of the ledger; empty where it fails for something else."""
    if failure.sqlstate != "42P06" or f'"{schema}"' not in failure.message:
        return ""
    who = f"Drizzle makes the schema {schema} itself, before any migration, for its ledger"
    return f"{who}. Write `CREATE SCHEMA IF NOT EXISTS`"
