"""What came of a deploy."""

from dataclasses import dataclass

from migcheck.clearance import Step
from migcheck.postgres.failure import SqlFailure


@dataclass(frozen=True, slots=True)
class Applied:
    """Every step of the plan is committed. `ms` is the wall time.

    `read_back` is False where the server did not answer any more: then `warnings` say why.
    """

    plan: tuple[Step, ...]
    ms: int
    warnings: tuple[str, ...] = ()
    read_back: bool = True


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """The target has all of the folder; nothing was run."""

    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WouldApply:
    """A dry run: what `apply` would run. Nothing was touched."""

    plan: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was run, and why."""

    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The deploy stopped and the server rolled it back. `failure` is the statement it refused, where it was one.

    `applied` are the steps that stay, with their rows: committed one by one, or by a COMMIT inside a migration. `torn`
    says that such a COMMIT made part of another last: that part stays as well, and the ledger does not have it.
    """

    problem: str
    remedy: str
    failure: SqlFailure | None = None
    applied: tuple[Step, ...] = ()
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A signal ended the deploy and the server rolled it back. `applied` stays, as in Failed."""

    applied: tuple[Step, ...] = ()
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the plan took effect could not be learnt. `look_at` says where a person finds out."""

    problem: str
    look_at: tuple[str, ...]


Outcome = Applied | NothingToDo | WouldApply | Refused | Failed | Interrupted | Unknown
