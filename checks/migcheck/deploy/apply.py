"""`apply`: a clearance and a target in, an honest outcome out."""

from functools import partial

import psycopg
from msgspec.structs import replace

from migcheck.clearance import folder_digest, plan_of
from migcheck.deploy.alone import said, seen_behind, to_the_end
from migcheck.deploy.cures import ledger_locked, look_at, repair, run_again, unseen
from migcheck.deploy.fate import Fate, Progress, learn_fate
from migcheck.deploy.order import AGAIN, Order
from migcheck.deploy.outcome import Failed, Interrupted, Outcome, Refused, Unknown, WouldApply
from migcheck.deploy.plan import Agreed, agree
from migcheck.deploy.run import deployed, run
from migcheck.errors import UndecidableError
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.target.address import refuse_pooler
from migcheck.postgres.target.holders import lock_holder, lock_key
from migcheck.postgres.target.timeouts import patience, send
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.redact import said_by
from migcheck.wording import next_apply_waits


def apply(order: Order) -> Outcome:
    """Deploy what was cleared, or say why not. Nothing else is ever run, and nothing is guessed at the end.

    Raises UndecidableError where the target cannot be reached at all, or has
    something else in the ledger's place; then nothing was run.
    """
    if folder_digest(order.folder) != order.clearance.folder:
        return Refused("the folder is not the one that was cleared", AGAIN)
    refuse_pooler(order.address, order.variable)
    if order.dry_run:
        return _dry_run(order)
    progress = Progress()
    go = partial(run, order=order, progress=progress)
    outcome = to_the_end(order, progress, go, lambda error: _end(order, progress, error))
    if isinstance(outcome, Failed | Interrupted):
        return replace(outcome, earlier=progress.earlier, invalid=progress.invalid)
    return outcome


def _dry_run(order: Order) -> Outcome:
    try:
        with connect_when_ready(order.address, order.command, order.tell) as connection:
            connection.execute("begin read only")
            # A local setting: a pooler may give the session to the application next.
            send(connection, *patience(order.settings.lock_wait, local=True))
            try:
                ledger = read_ledger(connection, order.clearance.ledger)
                holder = lock_holder(connection, lock_key(order.clearance.ledger))
            except psycopg.errors.LockNotAvailable:
                connection.execute("rollback")
                return ledger_locked(connection, order.clearance.ledger)
    except psycopg.Error as error:
        raise UndecidableError(f"{order.address.name} could not be read: {said_by(error)}", "try again") from error
    agreed = agree(order.clearance, order.folder, ledger)
    if not isinstance(agreed, Agreed):
        return agreed
    held = f"another deploy holds the lock of {ledger.name}: {holder}; {next_apply_waits(order.settings.lock_wait)}"
    warnings = (held,) if holder else ()
    return WouldApply(plan_of(agreed.due), order.clearance.outside, agreed.earlier, warnings)


def _end(order: Order, progress: Progress, error: Exception | None) -> Outcome:
    """The end of a deploy that a signal (`error` is None) or the server's silence cut off."""
    if progress.running:
        order.tell("asking the target what became of the deploy")
    fate, why = learn_fate(order.clearance.ledger, progress, order), said(error)
    if fate is Fate.UNKNOWN:
        return Unknown(f"whether the deploy took effect is not known: {why}", look_at(order, progress.plan))
    applied = progress.applied
    if applied and applied == progress.plan:
        return deployed(order, progress, seen_behind(progress, error))
    begun = progress.unended if fate is Fate.BEGUN else ""
    if error is None:
        return Interrupted(applied, fate is Fate.TORN, begun, remedy=unseen(order, fate))
    if fate is Fate.TORN:
        return Failed(why, repair(order.clearance), None, applied, torn=True)
    return Failed(why, run_again(order, fate, error), None, applied, begun=begun)
