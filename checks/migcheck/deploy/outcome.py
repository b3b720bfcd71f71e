"""What came of a deploy."""

from msgspec import Struct

from migcheck.clearance import Step
from migcheck.postgres.failure import SqlFailure


class Applied(Struct, frozen=True):
    """Every step of the plan is committed. `ms` is the wall time.

    `read_back` is False where the server did not answer any more: then `warnings` say why.
    """

    plan: tuple[Step, ...]
    ms: int
    warnings: tuple[str, ...] = ()
    read_back: bool = True


class NothingToDo(Struct, frozen=True):
    """Nothing is pending on the target; nothing was run.

    `lacking` are the tags of what it does not have as the folder has it, and never will: skipped, or edited.
    """

    warnings: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class WouldApply(Struct, frozen=True):
    """A dry run: what `apply` would run. Nothing was touched."""

    plan: tuple[Step, ...]


class Refused(Struct, frozen=True):
    """Nothing was run, and why."""

    problem: str
    remedy: str


class Failed(Struct, frozen=True):
    """The deploy stopped and the server rolled it back. `failure` is the statement it refused, where it was one.

    `applied` are the steps that stay, with their rows: committed one by one, or by a COMMIT inside a migration. `torn`
    says that such a COMMIT made part of another last: that part stays as well, and the ledger does not have it.
    """

    problem: str
    remedy: str
    failure: SqlFailure | None = None
    applied: tuple[Step, ...] = ()
    torn: bool = False


class Interrupted(Struct, frozen=True):
    """A signal ended the deploy and the server rolled it back. `applied` stays, as in Failed."""

    applied: tuple[Step, ...] = ()
    torn: bool = False


class Unknown(Struct, frozen=True):
    """Whether the plan took effect could not be learnt. `look_at` says where a person finds out."""

    problem: str
    look_at: tuple[str, ...]


Outcome = Applied | NothingToDo | WouldApply | Refused | Failed | Interrupted | Unknown
