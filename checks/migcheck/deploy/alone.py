"""What all that write to a target do around it: hold its lock, and have an honest end where they are cut off."""

from collections.abc import Callable
from typing import TypeVar

import psycopg

from migcheck.deploy.fate import Progress
from migcheck.deploy.lock import LockHeldError, deploy_lock
from migcheck.deploy.order import Errand
from migcheck.deploy.outcome import Refused
from migcheck.deploy.pooler import is_handed_on, pooled
from migcheck.deploy.readback import ReadBack
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import as_told
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.watched import ConnectionLostError
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.redact import said_by
from migcheck.report.emit import say_trace
from migcheck.signals import interruptible

End = TypeVar("End")


def alone(connection: Connection, name: LedgerName, errand: Errand, go: Callable[[int], End]) -> End | Refused:
    """What `go` makes of it with the key of the lock of ledger `name`, held; Refused where it cannot be held.

    Raises what `go` does.
    """
    try:
        with deploy_lock(connection, name, wait=errand.settings.lock_wait, tell=errand.tell) as lock:
            handed_on = is_handed_on(connection, errand.address, lock, errand.command)
            return pooled(errand.variable) if handed_on else go(lock.key)
    except LockHeldError as held:
        who = f": {held.holder}" if held.holder else ""
        return Refused(f"another deploy holds the lock of {name}{who}", "wait for it to end, or raise lock_wait")


def to_the_end(
    errand: Errand,
    progress: Progress,
    go: Callable[[Connection], End],
    cut_off: Callable[[Exception | None], End],
) -> End:
    """What `go` makes of a connection to the target; where a signal (None) or an error ended it, what `cut_off` says.

    Raises what nobody answered for as it comes, where nothing had begun.
    """
    with interruptible():
        try:
            with connect_when_ready(errand.address, errand.command, errand.tell) as connection:
                return go(connection)
        except KeyboardInterrupt:
            return cut_off(None)
        except (ConnectionLostError, psycopg.Error) as error:
            return cut_off(error)
        except Exception as error:
            if not progress.applied and not progress.begun:
                raise
            # The ledger became none meanwhile, or what nobody foresaw: what is committed must still be told.
            say_trace(error)
            return cut_off(as_told(error))


def said(error: Exception | None) -> str:
    """What ended it: an error, or a signal (None)."""
    return said_by(error) if error else "interrupted"


def seen_behind(progress: Progress, error: Exception | None) -> ReadBack:
    """What is there behind a COMMIT whose connection is gone; where a signal (`error` is None) came, nobody looks."""
    why = said(error)
    try:
        if error and progress.reading_back:
            return progress.reading_back.over_another(error)
    except KeyboardInterrupt:
        why = "interrupted"
    return ReadBack((f"committed, but not read back: {why}",))
