"""Gate `replay`: what the rehearsals on scratch found."""

from dataclasses import dataclass
from enum import StrEnum

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Batching, Ledger
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.scratch import ServerDescription


class Way(StrEnum):
    """A way of replaying the folder (docs/design.md "Rehearsals")."""

    FRESH = "fresh"
    AGAIN = "again"
    UPGRADE = "upgrade"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Passed:
    """The way went through. `ms` is its wall time."""

    way: Way
    ms: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The way met a migration that the server refused."""

    way: Way
    ms: int
    failure: SqlFailure
    batching: Batching


@dataclass(frozen=True, slots=True)
class Differs:
    """Way `again` changed something, or way `same` found two databases that differ: readable lines, `-` and `+`."""

    way: Way
    ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotRun:
    """The way was not needed or could not be reached, and why."""

    way: Way
    reason: str


WayOutcome = Passed | Failed | Differs | NotRun


@dataclass(frozen=True, slots=True)
class Rerun:
    """Statement-by-statement idempotency of one new migration: whether its raw SQL can run again."""

    migration: str
    line: int | None = None
    sqlstate: str = ""
    message: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether the raw SQL ran again without an error."""
        return not self.sqlstate


@dataclass(frozen=True, slots=True)
class Request:
    """What to rehearse. `base` is None where nothing has landed; `ledger` is the target's, where there is one.

    `built` are the migrations that stand for what is applied (base's folder, or the files behind the ledger's rows),
    `new` what Drizzle would run next on that.
    """

    head: Folder
    base: Folder | None
    built: tuple[Migration, ...]
    new: tuple[Migration, ...]
    batching: Batching = Batching.ALL
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class ReplayFacts:
    """What the rules MC4xx judge. `repeatable`: the project asks that raw SQL can run twice.

    `target_major` is 0 where the target's version is not known.
    """

    rehearsal: "Rehearsal"
    repeatable: bool = False
    target_major: int = 0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All ways, each with its outcome; `catalogue_change` is what the upgrade changed, as readable lines."""

    server: ServerDescription
    request: Request
    ways: tuple[WayOutcome, ...]
    reruns: tuple[Rerun, ...] = ()
    catalogue_change: tuple[str, ...] = ()
