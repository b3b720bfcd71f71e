"""What came of a deploy, an undo or a baseline."""

from msgspec import Struct

from migcheck.clearance import Step
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.invalid import Index
from migcheck.postgres.scratch.contract import ServerDescription


class Applied(Struct, frozen=True):
    """Every step of the plan is committed. `ms` is the wall time.

    `read_back` is False where the server did not answer any more: then `warnings` say why. `earlier` are the steps in
    front of the plan that an earlier run of what was cleared had left. `notes` ask for nothing.
    """

    plan: tuple[Step, ...]
    ms: int
    warnings: tuple[str, ...] = ()
    read_back: bool = True
    earlier: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


class NothingToDo(Struct, frozen=True):
    """Nothing is pending on the target; nothing was run.

    `lacking` are the tags of what it does not have as the folder has it, and never will: skipped, or edited.
    """

    warnings: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class WouldApply(Struct, frozen=True):
    """A dry run: what `apply` would run, and which tags of it outside of a transaction. Nothing was touched.

    `earlier` is as in Applied. `warnings` are of what is in its way.
    """

    plan: tuple[Step, ...]
    outside: tuple[str, ...] = ()
    earlier: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()


class Refused(Struct, frozen=True):
    """Nothing was run, and why."""

    problem: str
    remedy: str


class Failed(Struct, frozen=True):
    """The deploy stopped; what was not committed was rolled back. `failure` is what the server refused, where it did.

    `applied` are the steps that stay, with their rows: committed one by one, or by a COMMIT inside a migration. `torn`
    says that such a COMMIT made part of another last: that part stays as well, and the ledger does not have it.
    `begun` is the tag of a migration outside of a transaction that did not end: what ran of it stays, and the next
    deploy begins it anew. `earlier` are the steps in front of the plan that an earlier run had left: they stay too.
    `invalid` are the indexes that `begun` left invalid: no query uses them until then.
    """

    problem: str
    remedy: str
    failure: SqlFailure | None = None
    applied: tuple[Step, ...] = ()
    torn: bool = False
    begun: str = ""
    earlier: tuple[Step, ...] = ()
    invalid: tuple[Index, ...] = ()


class Interrupted(Struct, frozen=True):
    """A signal ended the deploy and the server rolled it back. All else is as in Failed.

    `remedy` is empty where the server was seen to have ended it: else its session may still hold locks.
    """

    applied: tuple[Step, ...] = ()
    torn: bool = False
    begun: str = ""
    earlier: tuple[Step, ...] = ()
    invalid: tuple[Index, ...] = ()
    remedy: str = ""


class Unknown(Struct, frozen=True):
    """Whether the plan took effect could not be learnt. `look_at` says where a person finds out."""

    problem: str
    look_at: tuple[str, ...]


Outcome = Applied | NothingToDo | WouldApply | Refused | Failed | Interrupted | Unknown


class Undone(Struct, frozen=True):
    """The migrations of `plan`, newest first, are undone, and their rows are gone. `ms` is the wall time.

    `read_back` is False where the server did not answer any more: then `warnings` say why.
    """

    plan: tuple[Step, ...]
    ms: int
    warnings: tuple[str, ...] = ()
    read_back: bool = True


class WouldUndo(Struct, frozen=True):
    """A dry run of an undo: what it would undo, newest first. Nothing was touched."""

    plan: tuple[Step, ...]


UndoOutcome = Undone | WouldUndo | NothingToDo | Refused | Failed | Interrupted | Unknown


class Recorded(Struct, frozen=True):
    """A baseline: the rows of `plan` are in the ledger, and nothing was run. `ms` is the wall time of that alone.

    `server` built what the target was compared with. `read_back` is False where the target did not answer any more:
    then `warnings` say why.
    """

    plan: tuple[Step, ...]
    server: ServerDescription
    ms: int = 0
    warnings: tuple[str, ...] = ()
    read_back: bool = True


class WouldRecord(Struct, frozen=True):
    """A dry run of a baseline: the rows that it would write. Nothing was touched."""

    plan: tuple[Step, ...]
    server: ServerDescription
    warnings: tuple[str, ...] = ()


class Different(Struct, frozen=True):
    """The target is not what the migrations up to the chosen one build, so nothing was written.

    `lines` are the differences: `-` is what the target lacks, `+` what it has more, `~` what it has otherwise. `equals`
    are the tags of those after which it would be equal, and `but_for_rows` of those after which its tables would be,
    and rows are missing that migrations insert; `as_recorded`: it is what its ledger says, and nothing more. `proposed`
    are statements that nobody has tried, each of which would make it as the migrations do in one of `lines`.
    """

    lines: tuple[str, ...]
    server: ServerDescription
    equals: tuple[str, ...] = ()
    but_for_rows: tuple[str, ...] = ()
    as_recorded: bool = False
    warnings: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


BaselineOutcome = Recorded | WouldRecord | Different | NothingToDo | Refused | Interrupted | Unknown
