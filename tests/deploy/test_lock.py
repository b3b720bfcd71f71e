"""One deploy at a time on one ledger of one database, by whatever name a client knows the database."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from migcheck.deploy.fate import ask_backend
from migcheck.deploy.lock import Lock, LockHeldError, deploy_lock
from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.running.ledger import Connection
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

NAME = LedgerName()


@contextmanager
def alias(app: Database) -> Iterator[Database]:
    """`app` behind a session pooler that has a name of its own for the database: as long as the real one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        name = app.name.upper()
        threading.Thread(target=_pool, args=(listener, app, name), daemon=True).start()
        yield replace(app, port=listener.getsockname()[1], name=name)


def _pool(listener: socket.socket, app: Database, name: str) -> None:
    theirs, ours = f"database\0{name}\0".encode(), f"database\0{app.name}\0".encode()
    client, _ = listener.accept()
    with client, socket.create_connection(("127.0.0.1", app.port)) as server:
        threading.Thread(target=_answer, args=(server, client), daemon=True).start()
        while data := client.recv(65_536):
            server.sendall(data.replace(theirs, ours))


def _answer(server: socket.socket, client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := server.recv(65_536):
            client.sendall(data)


def held(connection: Connection, name: LedgerName = NAME) -> AbstractContextManager[Lock]:
    return deploy_lock(connection, name, wait=0, tell=lambda _line: None)


def locks(connection: Connection, name: LedgerName = NAME) -> bool:
    """Whether the lock is free for this session."""
    try:
        with held(connection, name) as lock:
            return ask_backend(connection, lock.key).fetchone() is not None
    except LockHeldError:
        return False


def test_a_database_has_one_lock_for_a_ledger_by_whatever_name_it_is_reached(app: Database) -> None:
    with alias(app) as pooled, pooled.connect() as through, app.connect() as direct:
        assert through.info.dbname == app.name.upper()
        assert locks(through)
        with held(direct):
            assert not locks(through)
            assert locks(through, LedgerName("other"))
        assert locks(through)


def test_another_database_has_a_lock_of_its_own(target_server: TargetServer, app: Database) -> None:
    with app.connect() as here, target_server.database().connect() as there, held(here):
        assert locks(there)
