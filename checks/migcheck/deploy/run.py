"""The deploy on one connection: lock, read again, plan, run in Drizzle's own transaction, read back."""

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import psycopg
from psycopg import sql

from migcheck.clearance import Clearance, plan_of
from migcheck.deploy.fate import Fate, Progress, backend_of, fate_of
from migcheck.deploy.lock import LockHeldError, deploy_lock, relation_holder
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Applied, Failed, Outcome, Refused, Unknown
from migcheck.deploy.plan import agree
from migcheck.deploy.readback import catalogue_of, read_back
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.ledger import Connection, create_missing, locking, read_ledger, read_ledger_again
from migcheck.postgres.running import Watch, run_together
from migcheck.postgres.timeouts import patience, send, timeout

# The last is of PostgreSQL 14 and above.
_SETTINGS = ("lock_timeout", "statement_timeout", "client_connection_check_interval")
_CHECK_SECONDS = 5.0
_AGAIN = "run the whole of it again"
_ROWS = (
    "see which rows of the target are in the way and repair them, or change {migration} if no ledger has it "
    "(migcheck explain rollback failed)"
)
_THERE = (
    "see what of {migration} the target has already, and undo it, or finish it by hand and write its row "
    "(migcheck explain rollback schema-without-row)"
)
_GONE = (
    "find out why the target lacks what the migrations before {migration} made, and put it back "
    "(migcheck explain rollback row-without-schema)"
)
_CURES = {
    "55P03": "wait for what holds the lock to end, or raise lock_timeout",
    "57014": "raise statement_timeout or choose an hour when it is quicker; where somebody cancelled it, find out why",
    "40P01": "wait for what it met to end",
    "40001": "wait for what it met to end",
    "42501": "deploy as a role that owns what the migration changes",
    "25006": "point the URL at a database that takes writes",
    # What the rehearsal had no rows for: not null, foreign key, unique, check, exclusion.
    "23502": _ROWS,
    "23503": _ROWS,
    "23505": _ROWS,
    "23514": _ROWS,
    "23P01": _ROWS,
    # What the rehearsal made from the ledger's rows alone: a column, relation, schema, object, function that is there.
    "42701": _THERE,
    "42P07": _THERE,
    "42P06": _THERE,
    "42710": _THERE,
    "42723": _THERE,
    # And a column, a relation that is not.
    "42703": _GONE,
    "42P01": _GONE,
}


class _LedgerMovedError(Exception):
    """Somebody who takes no lock of ours wrote to the ledger; `ledger` is what it holds now."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger


class _NotOurSessionError(Exception):
    """The session that answers does not hold our lock."""


def run(connection: Connection, order: Order, progress: Progress) -> Outcome:
    """Deploy on `connection`, noting in `progress` how far it came.

    Raises ConnectionLostError or psycopg.Error where the server stops answering, KeyboardInterrupt as it comes.
    """
    name = order.clearance.ledger
    try:
        with deploy_lock(connection, name, wait=order.settings.lock_wait, tell=order.tell) as key:
            try:
                return _deploy(connection, order, progress, key)
            finally:
                _forget_settings(connection)
    except LockHeldError as held:
        who = f": {held.holder}" if held.holder else ""
        return Refused(f"another deploy holds the lock of {name}{who}", "wait for it to end, or raise lock_wait")


def _deploy(connection: Connection, order: Order, progress: Progress, key: int) -> Outcome:
    clearance, start = order.clearance, time.perf_counter()
    # Nobody may wait for our lock while we wait for ever.
    send(connection, patience(order.settings.lock_wait))
    try:
        ledger = read_ledger(connection, clearance.ledger)
    except psycopg.errors.LockNotAvailable:
        return ledger_locked(connection, clearance.ledger)
    agreed = agree(clearance, order.folder, ledger)
    if not isinstance(agreed, tuple):
        return agreed
    if not ledger.exists:
        create_missing(connection, clearance.ledger, order.folder.layout)
    order.tell("reading what the target has")
    before = catalogue_of(connection, order)
    _set_timeouts(connection, order)
    watch = Watch(
        begin=_begin(order),
        opened=partial(_expect, connection, ledger, progress, key),
        reached=lambda migrations: progress.reach(connection, plan_of(dict.fromkeys(migrations))),
        again=lambda: progress.start(progress.batch),
    )
    try:
        failure = _run_batches(connection, order, agreed, progress, watch)
    except (_LedgerMovedError, _NotOurSessionError, psycopg.errors.LockNotAvailable) as stopped:
        connection.execute("rollback")
        return _not_begun(connection, order, progress, stopped)
    if failure is not None:
        return _failed(connection, order, progress, failure)
    seen = read_back(connection, order, ledger, progress.applied, before)
    if seen.lacking:
        tags = ", ".join(step.tag for step in seen.lacking)
        problem = f"committed, but {clearance.ledger} did not keep the row of {tags}: a trigger or a rule on it?"
        return Unknown(problem, look_at(clearance))
    return Applied(progress.applied, round((time.perf_counter() - start) * 1000), seen.warnings)


def _run_batches(
    connection: Connection, order: Order, due: Sequence[Migration], progress: Progress, watch: Watch
) -> SqlFailure | None:
    each_alone = order.clearance.batching is Batching.EACH
    for batch in [[each] for each in due] if each_alone else [due]:
        progress.start(plan_of(batch))
        order.tell(f"running {batch[0].tag}" + (f" to {batch[-1].tag}" if len(batch) > 1 else ""))
        failure = run_together(connection, order.clearance.ledger, batch, order.folder.layout, watch)
        if failure is not None:
            return failure
        progress.settle(progress.running)
    return None


def _begin(order: Order) -> sql.Composed:
    """The start of the transaction, which keeps Drizzle's migrator out. None of it is a query to the server."""
    return sql.SQL("; ").join(
        (
            sql.SQL("begin"),
            # Another migrator may hold the ledger for as long as another deploy of ours would hold the lock.
            patience(order.settings.lock_wait, local=True),
            locking(order.clearance.ledger),
            timeout("lock_timeout", order.settings.lock_timeout, local=True),
        )
    )


def _expect(connection: Connection, ledger: Ledger, progress: Progress, key: int) -> None:
    """Before the transaction's first query: see that nothing has moved, and remember who answers."""
    progress.backend = backend_of(connection, key)
    if progress.backend is None:
        raise _NotOurSessionError
    now = read_ledger_again(connection, ledger.name)
    expected = ledger.records()
    expected.update((step.hash, step.when) for step in progress.applied)
    if now.records() != expected:
        raise _LedgerMovedError(now)


def _not_begun(connection: Connection, order: Order, progress: Progress, stopped: Exception) -> Outcome:
    name = order.clearance.ledger
    match stopped:
        case _LedgerMovedError(ledger=ledger) if not progress.applied:
            agreed = agree(order.clearance, order.folder, ledger)
            if not isinstance(agreed, tuple):
                return agreed
            problem, remedy = f"{name} changed while it was read", "see what else writes to it"
        case _LedgerMovedError():
            problem, remedy = f"{name} changed while it was read", "see what else writes to it"
        case _NotOurSessionError():
            problem = "the connection changes its session between two statements: there is a pooler on the way"
            remedy = f"give {order.variable} the direct host"
        case _:
            locked = ledger_locked(connection, name)
            problem, remedy = locked.problem, locked.remedy
    if progress.applied:
        return Failed(problem, remedy, applied=progress.applied)
    return Refused(problem, remedy)


def ledger_locked(connection: Connection, name: LedgerName) -> Refused:
    """What to say where another session kept the ledger from being read or locked in time."""
    who = f" by {holder}" if (holder := relation_holder(connection, name)) else ""
    return Refused(f"{name} is locked{who}", "wait for it to end, or raise lock_wait")


def _failed(connection: Connection, order: Order, progress: Progress, failure: SqlFailure) -> Outcome:
    """The server refused a statement; whether all of it is undone is asked, since a piece may COMMIT by itself."""
    fate = fate_of(connection, order.clearance.ledger, progress, failure)
    problem = f"{_place(progress, failure)}: {failure.message}"
    match fate:
        case Fate.ROLLED_BACK | Fate.TORN:
            torn = fate is Fate.TORN
            remedy = repair(order.clearance) if torn else f"{_cure(failure)}, then {_AGAIN}"
            return Failed(problem, remedy, failure, progress.applied, torn)
        case Fate.COMMITTED | Fate.UNKNOWN:
            return Unknown(problem, look_at(order.clearance))


def _place(progress: Progress, failure: SqlFailure) -> str:
    """Where it failed. What COMMIT refuses (a deferred constraint) may be of any migration of the batch."""
    if not failure.at_commit:
        return f"{failure.path}:{failure.line}"
    tags = [step.tag for step in progress.begun]
    return "COMMIT of " + " to ".join(dict.fromkeys((tags[0], tags[-1])))


def _cure(failure: SqlFailure) -> str:
    return _CURES.get(failure.sqlstate, "fix {migration}").format(migration=failure.migration)


def repair(clearance: Clearance) -> str:
    """What to do where a COMMIT inside a migration made part of the plan last."""
    return (
        "see what the statements before the COMMIT made, undo it or finish it by hand, and bring "
        f"{clearance.ledger} to what is there (migcheck explain rollback torn)"
    )


def look_at(clearance: Clearance) -> tuple[str, ...]:
    """Where a person finds out whether the plan took effect."""
    whens = ", ".join(str(step.when) for step in clearance.plan)
    return (
        f"the rows of {clearance.ledger} with created_at {whens}: they are there if it took effect",
        "the sessions of pg_stat_activity with application_name 'migcheck apply': one that is there is still running",
    )


def _set_timeouts(connection: Connection, order: Order) -> None:
    settings = [(name, getattr(order.settings, name)) for name in ("lock_timeout", "statement_timeout")]
    timeouts = [timeout(name, seconds) for name, seconds in settings]
    try:
        # Where the server can (14 and above, most platforms), a statement whose client is gone ends within seconds.
        send(connection, *timeouts, timeout("client_connection_check_interval", _CHECK_SECONDS))
    except psycopg.errors.Error:
        if connection.closed:
            raise
        send(connection, *timeouts)


def _forget_settings(connection: Connection) -> None:
    """A pooler may give the session to the application next. Where the connection is gone, so are they."""
    resets = [sql.SQL("reset {}").format(sql.Identifier(setting)) for setting in _SETTINGS]
    try:
        send(connection, *resets)
    except psycopg.Error:
        # Each alone: in one message, a setting that an old server does not know takes the others back with it.
        for each in resets:
            with suppress(psycopg.Error):
                send(connection, each)
