"""What became of a transaction whose end nobody saw: asked of the server and of the ledger, never guessed."""

import time
from dataclasses import dataclass, field
from enum import Enum, auto

import psycopg

from migcheck.clearance import Step
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import MigcheckError
from migcheck.postgres.address import Address
from migcheck.postgres.connecting import connect
from migcheck.postgres.ledger import Connection, read_ledger

_POLL_SECONDS = 0.5


@dataclass(slots=True)
class Progress:
    """How far a deploy has come. `transaction` is the running one's id, None before it has one."""

    applied: list[Step] = field(default_factory=list)
    running: tuple[Step, ...] = ()
    transaction: int | None = None


class Fate(Enum):
    """COMMITTED: the rows are there. TORN: part of it was committed, and the rows are not there."""

    COMMITTED = auto()
    ROLLED_BACK = auto()
    TORN = auto()
    UNKNOWN = auto()


def learn_fate(address: Address, name: LedgerName, progress: Progress, patience: float) -> Fate:
    """Connect again, for up to `patience` seconds, until the server says how the running transaction ended."""
    if progress.transaction is None:
        return Fate.ROLLED_BACK
    end = time.monotonic() + patience
    while True:
        try:
            with connect(address, "migcheck apply: reading back") as connection:
                fate = fate_of(connection, name, progress)
        except (MigcheckError, psycopg.Error):
            fate = Fate.UNKNOWN
        if fate is not Fate.UNKNOWN or time.monotonic() >= end:
            return fate
        time.sleep(_POLL_SECONDS)


def fate_of(connection: Connection, name: LedgerName, progress: Progress) -> Fate:
    """How the running transaction ended, seen from another moment; UNKNOWN while it is in progress.

    Raises psycopg.Error where the server does not answer.
    """
    status = _status(connection, progress.transaction)
    if status == "in progress":
        return Fate.UNKNOWN
    rows = {(row.hash, row.created_at) for row in read_ledger(connection, name).rows}
    if all((step.hash, step.when) in rows for step in progress.running):
        return Fate.COMMITTED
    return {"aborted": Fate.ROLLED_BACK, "committed": Fate.TORN}.get(status, Fate.UNKNOWN)


def _status(connection: Connection, transaction: int | None) -> str:
    row = connection.execute("select pg_catalog.txid_status(%s)", (transaction,)).fetchone()
    return str(row[0]) if row else ""
