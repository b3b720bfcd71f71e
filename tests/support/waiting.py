"""Waiting for what can be seen, never for a time that a slow machine may need longer than."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psycopg

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.server import Server

PATIENCE = 60.0
"""Seconds after which what was waited for is taken for something that never comes."""
_POLL_SECONDS = 0.02


def eventually(holds: Callable[[], object], stop: Event | None = None) -> bool:
    """Ask until it holds; whether it did before patience, or what `stop` stands for, was over."""
    stop, end = stop or Event(), time.monotonic() + PATIENCE
    while not holds():
        if stop.wait(_POLL_SECONDS) or time.monotonic() > end:
            return False
    return True


@contextmanager
def once(holds: Callable[[], object], act: Callable[[], object]) -> Iterator[None]:
    """Meanwhile, `act` as soon as it holds. Where it never does, act all the same, so that nothing hangs, and fail."""
    over, seen = Event(), list[bool]()

    def watch() -> None:
        seen.append(eventually(holds, over))
        if not over.is_set():
            act()

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert seen == [True], "what this waited for was never seen"


def running(server: ScratchServer, statement: str) -> int:
    """How many of the owner's sessions run a text now that holds `statement`, or wait for what is called so (PgSleep).

    None where the server does not answer.
    """
    assert isinstance(server, Server)
    query = """
        select from pg_stat_activity
        where usename = %(owner)s and state = 'active' and (position(%(what)s in query) > 0 or wait_event = %(what)s)
    """
    with suppress(psycopg.Error, UndecidableError), server.admin_session() as admin:
        return len(admin.execute(query, {"owner": server.owner.role, "what": statement}).fetchall())
    return 0


def titles_below(pid: int) -> list[str]:
    """The command lines of all that `pid` started, and of what that started. Postgres tells there what it does."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    found, below = list[str](), {pid}
    while below := {child for child, parent in parents.items() if parent in below}:
        found += [_title(child) for child in below]
    return found


def _parent(stat: Path) -> int:
    with suppress(OSError):
        return int(stat.read_text().rpartition(")")[2].split()[1])
    return 0


def _title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
