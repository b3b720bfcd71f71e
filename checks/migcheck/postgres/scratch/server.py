"""A running server, whatever its kind: databases made and dropped, sessions opened and cut."""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from weakref import WeakSet

import psycopg
from msgspec.structs import replace
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migcheck.errors import UndecidableError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.statements import spans
from migcheck.postgres.scratch.contract import ANOTHER, SPENT, OutOfBoundsError, ServerDescription
from migcheck.postgres.scratch.dropping import drop_database, until_left
from migcheck.postgres.scratch.extensions import absent_extension
from migcheck.postgres.scratch.login import Login
from migcheck.postgres.scratch.owner import create_owner, drop_roles, reset_owner, roles_made_by
from migcheck.postgres.scratch.tenancy import run_marked
from migcheck.postgres.scratch.watchdog import OVERFLOW
from migcheck.regex import regex

# 53 insufficient resources, 57P shut down or crashed, 58 system error (appendix A of the manual).
SERVER_FAULTS = ("53", "57P", "58")
# What a database's owner can set for every session in it must not reach the administrator's.
ADMIN_OPTIONS = (
    "-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0"
    " -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off -c role=none"
    " -c client_encoding=UTF8"
)
# What the caller's PG* variables must not decide for a server of ours.
PLAIN = {"sslmode": "disable", "gssencmode": "disable", "channel_binding": "disable"}
# Not empty, so that PGOPTIONS does not stand in for it.
OWNER_OPTIONS = " "
STRATEGY_SINCE = 15
TRANSACTION_TIMEOUT_SINCE = 17
CUT_WITHIN = 2.0
_FIX_PRELUDE = "fix the file that [scratch] prelude names; it runs as administrator in an empty database"
_MAKES_ALONE = regex(r"(?i)\bcreate\s+(?:database|tablespace)\b")
_HAS_EXTENSION = "name a server that has the extension: `image` under [scratch] in migcheck.toml, or --scratch URL"


@dataclass(slots=True)
class Server:
    """A `ScratchServer`. `where` is a conninfo of host and port.

    `fault` tells why the server failed, empty while it lives; `kill` ends it where its sessions cannot be ended one
    by one. `prefix` keeps databases of two runs apart; they are copies of `plain` where there is no prelude.
    """

    description: ServerDescription
    where: str = field(repr=False)
    admin: Login
    owner: Login
    fault: Callable[[], str]
    kill: Callable[[], None]
    prefix: str = ""
    prelude: str = ""
    search_path: str = ""
    admin_database: str = "postgres"
    plain: str = "template0"
    _prepared: str = ""
    _refused: UndecidableError | None = None
    _sessions: "WeakSet[Connection]" = field(default_factory=WeakSet)
    _idle: list[Connection] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _resetting: Lock = field(default_factory=Lock)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """See `ScratchServer`. The prelude ran, once and as administrator, in what every database is a copy of."""
        if template:
            self._create(self.prefix + name, self.prefix + template)
            return
        with self._lock:
            if self.prelude and not self._prepared:
                self._run_prelude()
        self._create(self.prefix + name, self._prepared or self.plain)

    def drop_database(self, name: str) -> None:
        """See `ScratchServer`."""
        with self.admin_session() as admin:
            drop_database(admin, self.prefix + name)

    def drop_made_roles(self) -> None:
        """See `ScratchServer`. Only an administrator may drop what a role that a migration made has made."""
        with self.admin_session() as admin:
            drop_roles(admin, roles_made_by(admin, self.owner.role))

    def connect(self, name: str) -> Connection:
        """See `ScratchServer`."""
        session = self._connect(self.owner, self.prefix + name)
        self._sessions.add(session)
        return session

    def connect_admin(self, name: str) -> Connection:
        """See `ScratchServer`. pg_catalog alone is searched: what migrations made cannot stand in for it."""
        # An older server refuses a session that names a setting it does not know.
        newer = " -c transaction_timeout=0" if self.description.major >= TRANSACTION_TIMEOUT_SINCE else ""
        return self._connect(self.admin, self.prefix + name, ADMIN_OPTIONS + newer)

    @contextmanager
    def admin_session(self) -> Iterator[Connection]:
        """An administrator's session beside the databases of migrations: one that nobody uses, else a new one.

        To begin one takes as long as to make a small database.
        """
        # Taken by popping: two threads never have the same.
        session = self._idle.pop() if self._idle else self._begin()
        try:
            yield session
        except BaseException as error:
            lost = session.broken
            session.close()
            if lost and isinstance(error, psycopg.Error):
                self.check(error)
            raise
        self._idle.append(session)

    def close(self) -> None:
        """Close the administrator's sessions. Databases, roles and the server itself stay."""
        while self._idle:
            self._idle.pop().close()

    def cut(self) -> None:
        """See `ScratchServer`. A session that does not end in time takes the server with it."""
        if not self._sessions_end():
            self.kill()
            self._hang_up()

    def check(self, error: psycopg.Error | None = None) -> None:
        """See `ScratchServer`."""
        sqlstate = (error.sqlstate or "") if error else ""
        lost = isinstance(error, psycopg.OperationalError) and not sqlstate
        if cause := self.fault():
            bounds = ["disk"] if cause.startswith(OVERFLOW) else []
            raise OutOfBoundsError(f"the scratch server failed: {cause}", *bounds) from error
        if lost or sqlstate.startswith(SERVER_FAULTS):
            cause, *bounds = SPENT.get(sqlstate, (str(error).strip(),))
            raise OutOfBoundsError(f"the scratch server failed: {cause}", *bounds) from error

    def conninfo(self, login: Login, database: str) -> str:
        """Where and as whom to connect. Holds a password."""
        told = {"user": login.role, "dbname": database, "connect_timeout": "10"}
        if login.password:
            told["password"] = login.password
        return make_conninfo(self.where, **told)

    def _create(self, database: str, template: str) -> None:
        new, owner, source = map(sql.Identifier, (database, self.owner.role, template))
        # Copying files is three times as fast as the default since 15, which writes the log.
        strategy = sql.SQL(" STRATEGY file_copy" if self.description.major >= STRATEGY_SINCE else "")
        with self.admin_session() as admin:
            # Two rehearsals make databases at once; of two ALTERs of one role one fails, "tuple concurrently updated".
            with self._resetting:
                reset_owner(admin, self.owner)
            until_left(admin, template)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}{}").format(new, owner, source, strategy))
            admin.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(new))
            if self.search_path:
                path = sql.SQL(", ").join(sql.Identifier(part.strip(' "')) for part in self.search_path.split(","))
                admin.execute(sql.SQL("ALTER DATABASE {} SET search_path = {}").format(new, path))

    def _run_prelude(self) -> None:
        """Run it in a database of its own. Raises UndecidableError where the server refuses it."""
        if self._refused:
            # Two rehearsals come here at once. Half a prelude leaves roles behind: a second try would fail for those.
            raise self._refused
        self._create(f"{self.prefix}prelude", self.plain)
        try:
            with (
                self.admin_session() as admin,
                self._connect(self.admin, f"{self.prefix}prelude") as session,
            ):
                if self.prefix:
                    run_marked(admin, session, self.prelude, self.prefix)
                else:
                    for text in _sent_apart(self.prelude):
                        session.execute(text.encode())
        except psycopg.Error as error:
            self._refused = UndecidableError(
                f"the prelude cannot be run on the scratch server: {str(error).strip()}",
                _HAS_EXTENSION if absent_extension(str(error)) else _FIX_PRELUDE,
            )
            raise self._refused from error
        self._prepared = f"{self.prefix}prelude"

    def _sessions_end(self) -> bool:
        """Ask every session of the owner to end; whether all did in time."""
        deadline = monotonic() + CUT_WITHIN
        query = "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = %s"
        with suppress(psycopg.Error, UndecidableError), self.admin_session() as admin:
            while admin.execute(query, (self.owner.role,)).fetchall():
                if monotonic() > deadline:
                    return False
                sleep(0.01)
            return True
        return False

    def _hang_up(self) -> None:
        """Close our end of every session, for those who wait for an answer: the server's end may never do so."""
        for session in list(self._sessions):
            with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(session.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    def _begin(self) -> Connection:
        session = self._connect(self.admin, self.admin_database, ADMIN_OPTIONS)
        # What is said again and again names another database each time.
        session.prepare_threshold = None
        return session

    def _connect(self, login: Login, database: str, options: str = OWNER_OPTIONS) -> Connection:
        try:
            return psycopg.connect(self.conninfo(login, database), options=options, autocommit=True)
        except psycopg.OperationalError as error:
            self.check(error)
            raise


def make_ready(server: Server, *, seconds: float) -> None:
    """Wait for a server of ours, learn its version, make its owner and keep that out of the server's own databases.

    Raises UndecidableError where it does not answer within `seconds`.
    """
    server.description = replace(server.description, version=_until_it_answers(server, seconds))
    with server.admin_session() as session:
        create_owner(session, server.owner)
        session.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")


def _until_it_answers(server: Server, seconds: float) -> int:
    """Wait for the first session; the server's `server_version_num`."""
    deadline = monotonic() + seconds
    # What the first session of a database writes down for the others is copied with it: see `held_server`.
    where, socket_file = server.conninfo(server.admin, "template1"), _socket_file(server.where)
    last: Exception | None = None
    while True:
        try:
            # A try takes the time of a server that is being made, and until its socket is there it is in vain.
            if socket_file is None or socket_file.exists():
                with psycopg.connect(where, options=ADMIN_OPTIONS) as session:
                    return session.info.server_version
        except psycopg.OperationalError as error:
            last = error
        if cause := server.fault():
            raise UndecidableError(f"the scratch server did not start: {cause}", ANOTHER)
        if monotonic() > deadline:
            why = str(last).strip() if last else "it has no socket"
            raise UndecidableError(f"the scratch server did not answer within {seconds:.0f} s: {why}", ANOTHER)
        sleep(0.02)


def _socket_file(where: str) -> Path | None:
    """The file of the Unix socket at `where`, if that is one."""
    told = conninfo_to_dict(where)
    host = str(told["host"])
    return Path(host, f".s.PGSQL.{told['port']}") if host.startswith("/") else None


def _sent_apart(prelude: str) -> Sequence[str]:
    """What is sent by itself: each statement, where one makes what the server makes in no transaction."""
    if _MAKES_ALONE.search(prelude) is None:
        return (prelude,)
    return [prelude[start:end] for start, end in spans(prelude)]
