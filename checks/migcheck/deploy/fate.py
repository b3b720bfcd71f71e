"""What became of a transaction whose end nobody saw: asked of the server and of the ledger, never guessed."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto

import psycopg
from msgspec import Struct, field
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, scalar_row

from migcheck.clearance import Step, records_of
from migcheck.deploy.lock import OWN_LOCK
from migcheck.deploy.order import Errand
from migcheck.deploy.readback import ReadingBack, Records
from migcheck.deploy.reconnecting import learn
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.invalid import Index, left_invalid
from migcheck.postgres.running.joining import SentPiece, keeps_open
from migcheck.postgres.running.ledger import Connection, read_ledger
from migcheck.postgres.running.watched import reads_as_written
from migcheck.regex import regex

_OUTSIDE = "in no transaction"
# In seconds, to the last: the driver reads no moment that a role has written otherwise than in ISO.
_SINCE = "extract(epoch from backend_start)::text"

# Statements that leave something behind outside of a transaction even where they fail.
_LEAVES = regex(r"\bconcurrently\b|^\s*(?:call|do|vacuum|reindex|cluster)\b", re.IGNORECASE)


class Backend(Struct, frozen=True):
    """The server's process that a deploy runs in. `since` tells it from a later one with the same pid."""

    pid: int
    since: str


class Progress(Struct):
    """How far a deploy has come: `applied` is what is there with its rows, `batch` what was begun last.

    `before` is what the ledger held when nothing had run: two steps may have rows that are alike.

    `plan` is all that is to run, and `earlier` what an earlier run of what was cleared had left in front of it.

    `outside` is the migration that this is where it runs outside of a transaction; `invalid` are the indexes that it
    left invalid where it did not end.

    `begun` has each step of the batch that was reached, with the id of the transaction that it began in; None where it
    ran outside of any, after a COMMIT or ROLLBACK inside a piece. `transaction` is the id of the one that is open, as
    long as nothing has run in it. `undoing`: a step is done once its row is gone, not once it is there.

    `uncommitted`: nothing that might commit any of the batch was ever sent, so that none of it can stay.

    `reading_back` is how to see that all of it is as it was rehearsed; None before it is known what was there before.
    """

    applied: tuple[Step, ...] = ()
    batch: tuple[Step, ...] = ()
    begun: dict[Step, int | None] = field(default_factory=dict)
    backend: Backend | None = None
    outside: Migration | None = None
    invalid: tuple[Index, ...] = ()
    transaction: int | None = None
    undoing: bool = False
    uncommitted: bool = False
    before: Records = field(default_factory=Counter)
    plan: tuple[Step, ...] = ()
    earlier: tuple[Step, ...] = ()
    reading_back: ReadingBack | None = None

    @property
    def running(self) -> tuple[Step, ...]:
        """What of the batch has not ended, as far as anybody knows."""
        applied = set(self.applied)
        return tuple(step for step in self.batch if step not in applied)

    @property
    def expected(self) -> Records:
        """What the ledger holds where nobody else wrote to it, as far as anybody knows."""
        done = records_of(self.applied)
        return self.before - done if self.undoing else self.before + done

    @property
    def unended(self) -> str:
        """The tag of a migration outside of a transaction that was begun; empty where there is none."""
        return self.outside.tag if self.outside and self.begun else ""

    def start(self, batch: Sequence[Step], outside: Migration | None = None) -> None:
        """A batch is about to begin; nothing of it has run."""
        self.batch, self.begun, self.outside, self.transaction = tuple(batch), {}, outside, None
        self.invalid, self.uncommitted = (), outside is None

    def reach(self, connection: Connection, steps: Sequence[Step], pieces: Sequence[SentPiece] = ()) -> None:
        """`pieces`, those of `steps` or their rows, are about to be sent together."""
        if self.uncommitted:
            self.uncommitted = reads_as_written(connection) and keeps_open(pieces)
        if connection.info.transaction_status == TransactionStatus.IDLE:
            self.begun.update(dict.fromkeys(steps))
        elif not self.begun.keys() >= set(steps):
            transaction, self.transaction = self.transaction, None
            if transaction is None:
                transaction = ask_transaction(connection).fetchone()
            self.begun.update({step: transaction for step in steps if step not in self.begun})

    def close(self) -> None:
        """COMMIT is about to be sent."""
        self.uncommitted = False

    def settle(self, recorded: Sequence[Step]) -> None:
        """The batch has ended, and the rows of `recorded` are there."""
        # One assignment: a signal between two would have a step applied and running at once, and so told twice.
        self.applied = (*self.applied, *recorded)


class Fate(Enum):
    """COMMITTED: all rows are there. TORN: part of a migration was committed, and its row is not there.

    BEGUN: so it is of one that runs outside of a transaction, and can be begun anew. UNSENT: nothing of the batch can
    stay, as no COMMIT was sent, but the server was not seen to have ended it.
    """

    COMMITTED = auto()
    ROLLED_BACK = auto()
    TORN = auto()
    BEGUN = auto()
    UNSENT = auto()
    UNKNOWN = auto()


def ask_transaction(connection: Connection) -> psycopg.Cursor[int]:
    """Ask for the id of the transaction that is open."""
    return connection.cursor(row_factory=scalar_row).execute("select pg_catalog.txid_current()")


def ask_backend(connection: Connection, key: int) -> psycopg.Cursor[Backend]:
    """Ask for the process that answers, where it holds the lock of `key`: behind a pooler it need not."""
    query = f"""
        select pid, {_SINCE} as since from pg_catalog.pg_stat_activity
        where pid = pg_catalog.pg_backend_pid() and {OWN_LOCK}
    """  # noqa: S608 - a constant
    return connection.cursor(row_factory=class_row(Backend)).execute(query, (key,))


def learn_fate(name: LedgerName, progress: Progress, errand: Errand) -> Fate:
    """Connect again, for up to `lock_wait` (at least 15 s) or a signal, until the server says how the batch ended."""

    def ask(connection: Connection) -> Fate | None:
        fate = fate_of(connection, name, progress)
        return None if fate is Fate.UNKNOWN else fate

    try:
        if not progress.begun:
            return Fate.ROLLED_BACK
        fate = learn(errand, ask) if progress.running else Fate.COMMITTED
    except KeyboardInterrupt:
        fate = None
    return fate or (Fate.UNSENT if progress.uncommitted else Fate.UNKNOWN)


def fate_of(connection: Connection, name: LedgerName, progress: Progress, refused: SqlFailure | None = None) -> Fate:
    """How the running batch ended, seen from another moment; steps whose rows are there move to `progress.applied`.

    UNKNOWN while its transaction is in progress, or while its backend lives on another connection than this one: that
    may still commit what it began later. `refused` is the statement that ended the batch, where the server refused one.

    Raises psycopg.Error where the server does not answer.
    """
    if refused and progress.uncommitted:
        # The server has answered our ROLLBACK. Another may have taken the ledger since.
        return Fate.ROLLED_BACK
    # In this order: whatever a backend that is gone committed is in the ledger that is read after.
    alive = _is_alive(connection, progress.backend)
    ends = {step: _status(connection, transaction) for step, transaction in progress.begun.items()}
    if "in progress" in ends.values():
        return Fate.UNKNOWN
    recorded = list(_recorded(progress, read_ledger(connection, name).records()))
    if alive and len(recorded) < len(progress.running):
        return Fate.UNKNOWN
    progress.settle(recorded)
    if not progress.running:
        return Fate.COMMITTED
    if progress.outside and progress.begun:
        # Only to be told: the end is known also where the server does not say, of a schema that the role may not use.
        with suppress(psycopg.Error):
            progress.invalid = left_invalid(connection, progress.outside)
        return Fate.BEGUN
    return _without_a_row({step: ends[step] for step in progress.running if step in ends}, refused)


def _recorded(progress: Progress, found: Records) -> Iterator[Step]:
    """What of the running batch the ledger, which holds `found`, says is done."""
    moved = progress.expected - found if progress.undoing else found - progress.expected
    for step in progress.running:
        if moved[step.hash, step.when]:
            moved[step.hash, step.when] -= 1
            yield step


def _without_a_row(ends: Mapping[Step, str], refused: SqlFailure | None) -> Fate:
    left = {end for step, end in ends.items() if not _undone(step, end, refused)}
    if left & {"committed", _OUTSIDE}:
        return Fate.TORN
    return Fate.UNKNOWN if left else Fate.ROLLED_BACK


def _undone(step: Step, end: str, refused: SqlFailure | None) -> bool:
    """Whether nothing is left of a step that has no row."""
    if end != _OUTSIDE or refused is None:
        return end == "aborted"
    return refused.first and refused.migration == step.tag and not _LEAVES.search(refused.statement)


def _is_alive(connection: Connection, backend: Backend | None) -> bool:
    if backend is None:
        return False
    # When another role's session began is hidden from a role that may not see it.
    query = f"""
        select from pg_catalog.pg_stat_activity
        where pid = %s and pid <> pg_catalog.pg_backend_pid() and coalesce({_SINCE} = %s, true)
    """
    return connection.execute(query.encode(), (backend.pid, backend.since)).fetchone() is not None


def _status(connection: Connection, transaction: int | None) -> str:
    """`in progress`, `committed`, `aborted`, empty where the server has forgotten it."""
    if transaction is None:
        return _OUTSIDE
    try:
        row = connection.execute("select pg_catalog.txid_status(%s)", (transaction,)).fetchone()
    except psycopg.errors.InvalidParameterValue:
        # "is in the future": the server ended before it had written anything of it down, and would give it out again.
        return "aborted"
    return str(row[0] or "") if row else ""
