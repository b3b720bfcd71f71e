"""Who keeps a deploy waiting for a lock: seen from a second connection, since the first one waits."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psycopg
from psycopg.rows import class_row

from migcheck.deploy.order import Order
from migcheck.errors import MigcheckError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.connecting import connect
from migcheck.postgres.target.holders import SESSION, THE_LOCK, Holder, moment
from migcheck.postgres.target.timeouts import send, timeout
from migcheck.wording import listed

_PATIENCE_SECONDS = 1.0
# To ask takes the server's lock manager.
_SHORTEST_SECONDS = 0.1
_QUERY_SECONDS = 5.0
_END_SECONDS = 3.0
# The lock tells who waits: behind a pooler, the pid that a session was begun with need not be the server's.
_BLOCKERS = f"""
    select distinct blocker.pid, {SESSION}, coalesce(a.state, '') as state, {moment("a.xact_start")} as since
    from pg_catalog.pg_locks l
    cross join lateral unnest(pg_catalog.pg_blocking_pids(l.pid)) as blocker(pid)
    left join pg_catalog.pg_stat_activity a on a.pid = blocker.pid
    where {THE_LOCK}
    order by since nulls last, blocker.pid
"""  # noqa: S608 - a constant


def named(blockers: Sequence[Holder]) -> str:
    """The first of them, in words."""
    return listed([str(each) for each in blockers])


class Lookout:
    """Looks who blocks what was sent, where that takes longer than a second, and tells of it.

    A deploy that is short makes no second connection, and one that gets none goes on without: then nobody is named.
    """

    def __init__(self, order: Order, key: int) -> None:
        """`key` is the deploy lock's, which the session that may wait holds."""
        self._order, self._key = order, key
        timeouts = [order.settings.lock_timeout, *(each.lock_timeout for each in order.migrations)]
        self._patience = max(_SHORTEST_SECONDS, min((_PATIENCE_SECONDS, *(each / 4 for each in timeouts if each))))
        self._sent: float | None = None
        self._seen: tuple[float | None, tuple[Holder, ...]] = (None, ())
        self._over = Event()

    @property
    def blockers(self) -> tuple[Holder, ...]:
        """Who blocked what was sent last, as seen last."""
        sent, blockers = self._seen
        return blockers if sent == self._sent else ()

    def sent(self) -> None:
        """Something is sent to the server now."""
        self._sent = time.monotonic()

    def rest(self) -> None:
        """Nothing is under way."""
        self._sent = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look meanwhile."""
        thread = Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(_END_SECONDS)

    def _look(self) -> None:
        with suppress(MigcheckError, psycopg.Error):
            if not self._await_something_slow():
                return
            order = self._order
            with connect(order.address, f"{order.command}: who blocks") as connection:
                send(connection, timeout("statement_timeout", _QUERY_SECONDS))
                self._see(connection)
                while self._await_something_slow():
                    self._see(connection)

    def _await_something_slow(self) -> bool:
        """Whether there is anything to look at; not any more where the deploy is over."""
        while not self._over.wait(self._patience):
            sent = self._sent
            if sent is not None and time.monotonic() - sent >= self._patience:
                return True
        return False

    def _see(self, connection: Connection) -> None:
        sent, known = self._sent, self.blockers
        with connection.cursor(row_factory=class_row(Holder)) as cursor:
            blockers = tuple(cursor.execute(_BLOCKERS, (self._key,)))
        # What was seen of what is over by now is of no account; who let go just now may be why it was refused.
        if sent is None or sent != self._sent or not blockers:
            return
        self._seen = sent, blockers
        if {each.pid for each in blockers} != {each.pid for each in known}:
            self._order.tell(f"waiting for a lock behind {named(blockers)}")
