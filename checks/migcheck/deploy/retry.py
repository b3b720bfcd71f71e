"""Beginning a transaction anew that met another's lock: within a budget, with pauses that let the others through."""

import random
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
from msgspec import Struct

from migcheck.clearance import Step
from migcheck.deploy.blockers import Lookout, named
from migcheck.deploy.fate import Fate, Progress, fate_of
from migcheck.deploy.order import Order
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.holders import Holder
from migcheck.postgres.target.timeouts import patience, send

LOCK_TIMEOUT = "55P03"
# And deadlock, serialization failure: what another session did, and need not do again.
_OF_OTHERS = frozenset({LOCK_TIMEOUT, "40P01", "40001"})
_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 15.0


class Stopped(Struct, frozen=True):
    """What ended a transaction in the end, in which attempt, and who held the lock that it did not get."""

    failure: SqlFailure
    attempts: int = 1
    blockers: tuple[Holder, ...] = ()

    @property
    def told(self) -> str:
        """What the server said, how often, and because of whom."""
        often = f" in each of {self.attempts} attempts" if self.attempts > 1 else ""
        whose = f", behind {named(self.blockers)}" if self.blockers else ""
        return f"{self.failure.message}{often}{whose}"


class Retries(Struct, frozen=True):
    """What it takes to begin anew on `connection`, where the server says that nothing is left of an attempt."""

    connection: Connection
    order: Order
    progress: Progress
    lookout: Lookout

    def until_it_gets_through(self, attempt: Callable[[], SqlFailure | None]) -> Stopped | None:
        """Attempt a transaction until another's lock does not end it, or its time is over. None: it ended well.

        Raises what the attempt raises, psycopg.Error where the server does not answer, KeyboardInterrupt as it comes.
        """
        waits, attempts = pauses(self.order.settings.retry_for), 0
        while True:
            self.lookout.sent()
            attempts += 1
            failure = attempt()
            if failure is None:
                return None
            stopped = Stopped(failure, attempts, self.lookout.blockers if failure.sqlstate == LOCK_TIMEOUT else ())
            self.lookout.rest()
            pause = next(waits, None) if self._leaves_nothing(failure) else None
            if pause is None:
                return stopped
            self._wait(stopped, pause)

    def reach(self, steps: Sequence[Step], pieces: Sequence[SentPiece]) -> None:
        """`pieces`, those of `steps` or their rows, are about to be sent together."""
        self.progress.reach(self.connection, steps, pieces)
        self.lookout.sent()

    def fate(self, failure: SqlFailure) -> Fate:
        """How the attempt has ended that `failure` did; UNKNOWN where another session keeps the ledger locked.

        Raises psycopg.Error where the server does not answer.
        """
        # Another migrator may have taken the ledger at once, and the deploy's own `lock_timeout` be none.
        send(self.connection, *patience(self.order.settings.lock_wait))
        try:
            return fate_of(self.connection, self.order.clearance.ledger, self.progress, failure)
        except psycopg.errors.LockNotAvailable:
            return Fate.UNKNOWN

    def _leaves_nothing(self, failure: SqlFailure) -> bool:
        """Whether another attempt would be what this one was: what was rehearsed is the transaction as a whole.

        Of a migration outside of any, nothing has run where the first statement was refused.
        """
        if failure.sqlstate not in _OF_OTHERS:
            return False
        kept, fate = self.progress.applied, self.fate(failure)
        undone = fate is Fate.ROLLED_BACK or (fate is Fate.BEGUN and failure.first)
        return undone and self.progress.applied == kept

    def _wait(self, stopped: Stopped, pause: float) -> None:
        # Nothing is under way: whoever interrupts the pause need not ask the server what became of it.
        self.progress.start(())
        failure = stopped.failure
        self.order.tell(f"{failure.migration}: {stopped.told}; rolled back, and again in {pause:.1f} s")
        time.sleep(pause)
        # What PREPARE made outlives its transaction.
        self.connection.execute("deallocate all")


def pauses(seconds: float) -> Iterator[float]:
    """How long to wait before each new attempt, more and more; the last begins `seconds` after the first was asked for.

    Each is a part of its length by chance, so that two that met do not meet again.
    """
    end, longest = time.monotonic() + seconds, _FIRST_SECONDS
    while (left := end - time.monotonic()) > 0:
        yield min(left, longest * random.uniform(0.5, 1))  # noqa: S311 - no secret
        longest = min(2 * longest, _LONGEST_SECONDS)
