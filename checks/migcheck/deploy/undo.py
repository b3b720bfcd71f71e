"""The undo on a target: lock, read again, the rollbacks and the rows of the ledger in one transaction, read back."""

import time
from functools import partial

import psycopg

from migcheck.clearance import records_of
from migcheck.deploy.alone import alone, said, seen_behind, to_the_end
from migcheck.deploy.blockers import Lookout
from migcheck.deploy.cures import cure_aside, ledger_locked, look_at, place, run_again, unseen
from migcheck.deploy.fate import Fate, Progress, learn_fate
from migcheck.deploy.order import AGAIN, Order
from migcheck.deploy.outcome import Failed, Interrupted, Refused, Undone, UndoOutcome, Unknown, WouldUndo
from migcheck.deploy.readback import ReadBack, ReadingBack, catalogue_of
from migcheck.deploy.retry import Retries, Stopped
from migcheck.deploy.session_settings import first_look, rebounding
from migcheck.deploy.transaction import LedgerMovedError, NotOurSessionError, begin, expect, refusal_of
from migcheck.drizzle.rollback import Undo
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.undoing import undo_batch
from migcheck.postgres.running.watched import Watch
from migcheck.postgres.target.address import refuse_pooler


def undo(order: Order, plan: tuple[Undo, ...]) -> UndoOutcome:
    """Undo the plan of the clearance by `plan`, its steps, or say why not.

    Raises as `apply` does.
    """
    refuse_pooler(order.address, order.variable)
    if order.dry_run:
        return WouldUndo(order.clearance.plan)
    progress = Progress(undoing=True)

    def go(connection: Connection) -> UndoOutcome:
        return alone(connection, order.clearance.ledger, order, partial(_undo, connection, order, progress, plan))

    return to_the_end(order, progress, go, lambda error: _end(order, progress, error))


def _undo(connection: Connection, order: Order, progress: Progress, plan: tuple[Undo, ...], key: int) -> UndoOutcome:
    clearance, start = order.clearance, time.perf_counter()
    try:
        ledger = first_look(connection, order)
    except psycopg.errors.LockNotAvailable:
        return ledger_locked(connection, clearance.ledger)
    if moved := clearance.evidence.moved(ledger):
        return Refused(f"the ledger is not the one that was rehearsed from: {moved}", AGAIN)
    progress.before = ledger.records()
    expected = progress.before - records_of(clearance.plan)
    reading_back = ReadingBack(order, expected, catalogue_of(connection, order))
    progress.reading_back = reading_back
    retries = Retries(connection, order, progress, Lookout(order, key))
    watch = Watch(
        between=partial(rebounding, order),
        begin=begin(order, plan[0].rollback.migration),
        opened=partial(expect, connection, clearance.ledger, progress, key),
        reached=partial(retries.reach, clearance.plan),
        closing=progress.close,
    )
    try:
        with retries.lookout.looking():
            stopped = retries.until_it_gets_through(partial(_attempt, retries, plan, watch))
    except (LedgerMovedError, NotOurSessionError, psycopg.errors.LockNotAvailable) as error:
        connection.execute("rollback")
        return refusal_of(connection, order, error)
    if stopped is not None:
        return _failed(retries, stopped)
    progress.settle(progress.running)
    seen = reading_back.over(connection)
    return _undone(order, seen, round((time.perf_counter() - start) * 1000))


def _undone(order: Order, seen: ReadBack, ms: int = 0) -> Undone | Unknown:
    """The end of an undo of which all is committed, and this was `seen` behind it, `ms` after it began."""
    clearance = order.clearance
    if kept := seen.keeping(clearance.plan):
        rows = f"committed, but {clearance.ledger} still has the row of {', '.join(kept)}: a trigger or a rule on it?"
        return Unknown(rows, look_at(order, clearance.plan, "gone"))
    return Undone(clearance.plan, ms, seen.warnings, seen.records is not None)


def _attempt(retries: Retries, plan: tuple[Undo, ...], watch: Watch) -> SqlFailure | None:
    order = retries.order
    retries.progress.start(order.clearance.plan)
    newest, oldest = plan[0].tag, plan[-1].tag
    order.tell(f"undoing {newest}" + (f" to {oldest}" if len(plan) > 1 else ""))
    return undo_batch(retries.connection, order.clearance.ledger, plan, watch)


def _failed(retries: Retries, stopped: Stopped) -> UndoOutcome:
    order, failure = retries.order, stopped.failure
    problem = f"{place(retries.progress, failure)}: {stopped.told}"
    if retries.fate(failure) is Fate.ROLLED_BACK:
        or_mend = "" if failure.at_commit else f", or mend {failure.path}"
        mend = f"see which rows of the target are in the way{or_mend}"
        return Failed(problem, f"{cure_aside(failure) or mend}, then {AGAIN}", failure)
    return Unknown(problem, look_at(order, order.clearance.plan, "gone"))


def _end(order: Order, progress: Progress, error: Exception | None) -> UndoOutcome:
    """The end of an undo that a signal (`error` is None) or the server's silence cut off."""
    if progress.running:
        order.tell("asking the target what became of the undo")
    fate, why = learn_fate(order.clearance.ledger, progress, order), said(error)
    if fate is Fate.COMMITTED or progress.applied == order.clearance.plan:
        return _undone(order, seen_behind(progress, error))
    if fate not in {Fate.ROLLED_BACK, Fate.UNSENT}:
        there = look_at(order, order.clearance.plan, "gone")
        return Unknown(f"whether the undo took effect is not known: {why}", there)
    if error is None:
        return Interrupted(remedy=unseen(order, fate))
    return Failed(why, run_again(order, fate, error))
