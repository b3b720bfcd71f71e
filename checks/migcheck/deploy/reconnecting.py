"""Asking a target over another connection, where the one of the deploy was lost."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from migcheck.deploy.order import Errand
from migcheck.errors import MigcheckError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.connecting import connect
from migcheck.postgres.target.timeouts import patience, send
from migcheck.redact import said_by
from migcheck.report.emit import say_trace

_POLL_SECONDS = 0.5
_LEAST_SECONDS = 15.0
_TELL_SECONDS = 10.0
Learnt = TypeVar("Learnt")


def learn(errand: Errand, ask: Callable[[Connection], Learnt | None]) -> Learnt | None:
    """What `ask` learns over a new connection; None where it learns nothing for `lock_wait` (at least 15 seconds).

    It learns nothing either where it falls over what nobody foresaw. Who waits is told at once, and then every ten
    seconds, why it has not learnt it yet.
    """
    seconds = max(_LEAST_SECONDS, errand.settings.lock_wait)
    end, left_when_told = time.monotonic() + seconds, math.inf
    while True:
        why = "the target has not ended yet what it began"
        try:
            with connect(errand.address, f"{errand.command}: reading back") as connection:
                send(connection, *patience(seconds))
                learnt = ask(connection)
                if learnt is not None:
                    return learnt
        except (MigcheckError, psycopg.Error) as error:
            why = said_by(error)
        except Exception as error:  # noqa: BLE001 - a fault here would hide what is committed, and would come again
            say_trace(error)
            return None
        left = end - time.monotonic()
        if left <= 0:
            return None
        if left_when_told - left >= _TELL_SECONDS:
            left_when_told = left
            errand.tell(f"asking again for up to {left:.0f} s (Ctrl-C ends that): {why}")
        time.sleep(_POLL_SECONDS)
