"""The deploy on one connection: lock, read again, plan, run in Drizzle's own transaction, read back."""

import time
from collections.abc import Sequence
from functools import partial

import psycopg
from msgspec import structs

from migcheck.clearance import plan_of, records_of
from migcheck.deploy.alone import alone
from migcheck.deploy.blockers import Lookout
from migcheck.deploy.cures import (
    cure,
    ledger_locked,
    look_at,
    look_at_both,
    not_kept,
    place,
    ran_twice,
    repair,
)
from migcheck.deploy.fate import Fate, Progress
from migcheck.deploy.order import AGAIN, Order
from migcheck.deploy.outcome import Applied, Failed, Outcome, Unknown
from migcheck.deploy.plan import Agreed, agree
from migcheck.deploy.readback import ReadBack, ReadingBack, catalogue_of
from migcheck.deploy.retry import Retries, Stopped
from migcheck.deploy.session_settings import bounding, first_look, rebounding
from migcheck.deploy.transaction import LedgerMovedError, NotOurSessionError, begin, expect, refusal_of
from migcheck.drizzle.batches import Batch, Outside, Together, batches
from migcheck.drizzle.folder import Migration
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection, create_missing
from migcheck.postgres.running.outside import run_outside
from migcheck.postgres.running.watched import Watch, run_together
from migcheck.postgres.target.timeouts import patience, send
from migcheck.wording import counted


def run(connection: Connection, order: Order, progress: Progress) -> Outcome:
    """Deploy on `connection`, noting in `progress` how far it came.

    Raises ConnectionLostError or psycopg.Error where the server stops answering, KeyboardInterrupt as it comes.
    """
    return alone(connection, order.clearance.ledger, order, partial(_deploy, connection, order, progress))


def _deploy(connection: Connection, order: Order, progress: Progress, key: int) -> Outcome:
    clearance, start = order.clearance, time.perf_counter()
    try:
        ledger = first_look(connection, order)
        agreed = agree(clearance, order.folder, ledger)
        if not isinstance(agreed, Agreed):
            return agreed
        progress.before, progress.plan, progress.earlier = ledger.records(), plan_of(agreed.due), agreed.earlier
        if agreed.earlier:
            many = f"{len(agreed.earlier)} of {counted(len(clearance.plan), 'migration')}"
            order.tell(f"going on with what an earlier run left: {many} were applied")
        order.tell("reading what the target has")
        expected = progress.before + records_of(progress.plan)
        earlier = tuple(each for each in order.folder.migrations if each.tag in {step.tag for step in agreed.earlier})
        reading_back = ReadingBack(order, expected, catalogue_of(connection, order), earlier)
        progress.reading_back = reading_back
        if not ledger.exists:
            create_missing(connection, clearance.ledger, order.folder.layout)
    except psycopg.errors.LockNotAvailable:
        return ledger_locked(connection, clearance.ledger)
    retries = Retries(connection, order, progress, Lookout(order, key))
    watch = Watch(
        between=partial(rebounding, order),
        opened=partial(expect, connection, clearance.ledger, progress, key),
        reached=lambda pieces: retries.reach(plan_of(dict.fromkeys(part.migration for part in pieces)), pieces),
        closing=progress.close,
        again=lambda: progress.start(progress.batch),
        tell=order.tell,
    )
    try:
        with retries.lookout.looking():
            stopped = _run_batches(retries, agreed.due, watch)
    except (LedgerMovedError, NotOurSessionError, psycopg.errors.LockNotAvailable) as error:
        connection.execute("rollback")
        return _not_begun(connection, order, progress, error)
    if stopped is not None:
        return _failed(retries, stopped)
    seen = reading_back.over(connection)
    return deployed(order, progress, seen, round((time.perf_counter() - start) * 1000))


def deployed(order: Order, progress: Progress, seen: ReadBack, ms: int = 0) -> Applied | Unknown:
    """The end of a deploy of which all is committed, and this was `seen` behind it, `ms` after it began."""
    name = order.clearance.ledger
    if lacking := seen.lacking(progress.applied):
        return Unknown(not_kept(name, lacking), look_at(order, progress.plan))
    if repeated := seen.repeating(progress.applied):
        return Unknown(ran_twice(name, repeated), look_at_both(name, progress.plan, repeated))
    return Applied(progress.applied, ms, seen.warnings, seen.records is not None, progress.earlier, seen.notes)


def _run_batches(retries: Retries, due: Sequence[Migration], watch: Watch) -> Stopped | None:
    clearance = retries.order.clearance
    for batch in batches(due, clearance.batching, clearance.outside):
        stopped = retries.until_it_gets_through(partial(_attempt, retries, batch, watch))
        if stopped is not None:
            return stopped
        retries.progress.settle(retries.progress.running)
    return None


def _attempt(retries: Retries, batch: Batch, watch: Watch) -> SqlFailure | None:
    connection, order, progress = retries.connection, retries.order, retries.progress
    name, layout = order.clearance.ledger, order.folder.layout
    watch = structs.replace(watch, begin=begin(order, batch.migrations[0]))
    match batch:
        case Together(migrations):
            progress.start(plan_of(migrations))
            order.tell(f"running {migrations[0].tag}" + (f" to {migrations[-1].tag}" if len(migrations) > 1 else ""))
            return run_together(connection, name, migrations, layout, watch)
        case Outside(migration):
            progress.start(plan_of([migration]), migration)
            order.tell(f"running {migration.tag} outside of a transaction")
            # The last look waits for the ledger as a transaction's does, and not as the migration waits for its locks.
            send(connection, *patience(order.settings.lock_wait))
            watch.opened()
            send(connection, bounding(order, migration))
            return run_outside(connection, name, migration, layout, watch)


def _not_begun(connection: Connection, order: Order, progress: Progress, stopped: Exception) -> Outcome:
    refused, begun = refusal_of(connection, order, stopped), progress.unended
    if progress.applied or begun:
        return Failed(refused.problem, refused.remedy, applied=progress.applied, begun=begun)
    if isinstance(stopped, LedgerMovedError):
        agreed = agree(order.clearance, order.folder, stopped.ledger)
        return refused if isinstance(agreed, Agreed) else agreed
    return refused


def _failed(retries: Retries, stopped: Stopped) -> Outcome:
    """The server refused a statement; whether all of it is undone is asked, since a piece may COMMIT by itself."""
    order, progress, failure = retries.order, retries.progress, stopped.failure
    fate = retries.fate(failure)
    problem = f"{place(progress, failure)}: {stopped.told}"
    match fate:
        case Fate.TORN:
            return Failed(problem, repair(order.clearance), failure, progress.applied, torn=True)
        case Fate.ROLLED_BACK | Fate.BEGUN:
            begun = progress.unended if fate is Fate.BEGUN else ""
            remedy = f"{cure(failure, order.clearance.ledger)}, then {AGAIN}"
            return Failed(problem, remedy, failure, progress.applied, begun=begun)
        case Fate.COMMITTED | Fate.UNSENT | Fate.UNKNOWN:
            return Unknown(problem, look_at(order, progress.plan))
