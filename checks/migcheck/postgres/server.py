"""A running server, whatever its kind: databases made and dropped, sessions opened and cut."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch import ServerDescription, Session

# 53 insufficient resources, 57P01-57P03 shut down or crashed, 58 system error (appendix A of the manual).
SERVER_FAULTS = ("53", "57P", "58")
STRATEGY_SINCE = 15
CUT_WITHIN = 2.0


@dataclass(slots=True)
class Login:
    """A role and its password: random, and worth nothing once the server is gone."""

    role: str
    password: str


@dataclass(slots=True)
class Server:
    """A `ScratchServer`. `where` is a conninfo of host and port.

    `fault` tells why the server failed, empty while it lives; `kill` ends it where its sessions cannot be ended one
    by one. `prefix` keeps databases of two runs apart.
    """

    description: ServerDescription
    where: str
    admin: Login
    owner: Login
    fault: Callable[[], str]
    kill: Callable[[], None]
    prefix: str = ""
    prelude: str = ""
    search_path: str = ""
    admin_database: str = "postgres"
    _cut: bool = False
    _lock: Lock = field(default_factory=Lock)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """See `ScratchServer`. The prelude runs here, as administrator, unless a template has it already."""
        new, owner = sql.Identifier(self.prefix + name), sql.Identifier(self.owner.role)
        source = sql.Identifier(self.prefix + template if template else "template0")
        strategy = sql.SQL(" STRATEGY file_copy" if self.description.major >= STRATEGY_SINCE else "")
        with self.admin_session() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}{}").format(new, owner, source, strategy))
            admin.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(new))
            if self.search_path:
                admin.execute(sql.SQL("ALTER DATABASE {} SET search_path = ").format(new) + sql.SQL(self.search_path))
        if self.prelude and template is None:
            with self.connect_admin(name) as session:
                session.execute(self.prelude.encode())

    def drop_database(self, name: str) -> None:
        """See `ScratchServer`."""
        with self.admin_session() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.prefix + name)))

    def connect(self, name: str) -> Session:
        """See `ScratchServer`."""
        return self._connect(self.owner, self.prefix + name)

    def connect_admin(self, name: str) -> Session:
        """See `ScratchServer`. pg_catalog alone is searched: what migrations made cannot stand in for it."""
        return self._connect(self.admin, self.prefix + name, options="-c search_path=pg_catalog")

    def cut(self) -> None:
        """See `ScratchServer`. A session that does not end in time takes the server with it."""
        self._cut = True
        try:
            with self._lock, self.admin_session() as admin:
                deadline = monotonic() + CUT_WITHIN
                while self._terminate(admin) and monotonic() < deadline:
                    sleep(0.01)
                if not self._terminate(admin):
                    return
        except (psycopg.Error, UndecidableError):
            pass
        self.kill()

    def check(self, error: psycopg.Error | None = None) -> None:
        """See `ScratchServer`."""
        sqlstate = (error.sqlstate or "") if error else ""
        lost = isinstance(error, psycopg.OperationalError) and not sqlstate
        if cause := self.fault():
            raise UndecidableError(f"the scratch server failed: {cause}", self._remedy()) from error
        if self._cut and (lost or sqlstate.startswith("57P")):
            raise UndecidableError("the rehearsal was cut: its time is over", self._remedy()) from error
        if lost or sqlstate.startswith(SERVER_FAULTS):
            raise UndecidableError(f"the scratch server failed: {error}", self._remedy()) from error

    def conninfo(self, login: Login, database: str) -> str:
        """Where and as whom to connect. Holds a password."""
        return make_conninfo(self.where, user=login.role, password=login.password, dbname=database, connect_timeout=10)

    def _remedy(self) -> str:
        return "raise [scratch] timeout, disk or memory in migcheck.toml, or choose another server with --scratch"

    def _terminate(self, admin: Session) -> bool:
        """Ask every session but the administrator's to end; whether one was still there."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
        return bool(admin.execute(query, (self.owner.role,)).fetchall())

    def admin_session(self) -> Session:
        """An administrator's session beside the databases of migrations."""
        return self._connect(self.admin, self.admin_database, options="-c search_path=pg_catalog")

    def _connect(self, login: Login, database: str, options: str = "") -> Session:
        try:
            return psycopg.connect(self.conninfo(login, database), options=options, autocommit=True)
        except psycopg.OperationalError as error:
            self.check(error)
            raise


def until_it_answers(server: Server, *, seconds: float) -> int:
    """Wait for the first session; the server's `server_version_num`. Raises UndecidableError where none comes."""
    deadline = monotonic() + seconds
    while True:
        try:
            with psycopg.connect(server.conninfo(server.admin, server.admin_database)) as session:
                return session.info.server_version
        except psycopg.OperationalError as error:
            last = error
        if cause := server.fault():
            raise UndecidableError(f"the scratch server did not start: {cause}")
        if monotonic() > deadline:
            raise UndecidableError(f"the scratch server did not answer within {seconds:.0f} s") from last
        sleep(0.003)
