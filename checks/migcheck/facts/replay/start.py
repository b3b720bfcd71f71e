"""What a rehearsal starts from: what the files build, or a copy of the target's schema."""

from msgspec import Struct
from msgspec.structs import replace

from migcheck.config import FolderConfig, ScratchConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.history.history import History
from migcheck.facts.read_copy import FILES_INSTEAD, read_copy
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.position import request_of, request_on_copy
from migcheck.facts.target.judged import PATIENCE
from migcheck.postgres.scratch.provider import provider_prelude, provider_search_path
from migcheck.postgres.target.address import Address


class Known(Struct, frozen=True):
    """What is known of the folder, whatever the rehearsal starts from. `ledger` is the target's or a given one."""

    which: FolderConfig
    history: History | None
    head: Folder
    ledger: Ledger | None


class Start(Struct, frozen=True):
    """What to rehearse, on scratch as it is set up, where an administrator runs `prelude` first."""

    request: Request
    scratch: ScratchConfig
    prelude: str


def start_from_files(known: Known, scratch: ScratchConfig, prelude: str) -> Start:
    """From what the files build. Raises UndecidableError where a row of the ledger has its file in no revision."""
    which = known.which
    name = LedgerName(which.ledger.schema, which.ledger.table)
    request = request_of(known.history, known.head, known.ledger, Batching(which.transaction), name)
    search_path = scratch.search_path or provider_search_path(which.provider)
    return Start(request, replace(scratch, search_path=search_path), provider_prelude(which.provider) + prelude)


def start_from_target(known: Known, scratch: ScratchConfig, address: Address, ledger: Ledger) -> Start:
    """From a copy of the target at `address`, which has all that a prelude stands for.

    Raises UndecidableError where it cannot be copied, or its ledger is not `ledger` any more.
    """
    copy = read_copy(address, ledger, seconds=scratch.timeout, lock_seconds=PATIENCE)
    request = request_on_copy(known.history, known.head, ledger, Batching(known.which.transaction), copy)
    return Start(request, replace(scratch, search_path=copy.search_path), copy.prelude)


def no_target(variable: str, *, given: bool, named: bool) -> UndecidableError:
    """The error that there is nothing to copy.

    A ledger was `given` in its place, or the target is `named` and cannot be read, or `variable` does not name one.
    """
    problem = "the rehearsal is to start from the target, and "
    if given:
        return UndecidableError(
            f"{problem}a --ledger file brings no schema", f"set {variable} instead, {FILES_INSTEAD}"
        )
    if named:
        return UndecidableError(f"{problem}it cannot be read", "see what the gate `target` says")
    return UndecidableError(f"{problem}{variable} is not set", f"set {variable}, {FILES_INSTEAD}")
