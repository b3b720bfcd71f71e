"""Kinds `embedded` and `local`: a server started from binaries on this machine, never by a wheel's own functions."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg.conninfo import make_conninfo

from migcheck.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.confinement import Confinement, User, confine
from migcheck.postgres.installation import Installation
from migcheck.postgres.owner import create_owner
from migcheck.postgres.scratch import ScratchServer, ServerDescription
from migcheck.postgres.server import Login, Server, until_it_answers
from migcheck.postgres.supervisor import Supervised, supervised

SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=20",
    "max_prepared_transactions=0",
    # With the default of 64 two replays of 1,000 migrations, each in one transaction, ran out of shared memory.
    "max_locks_per_transaction=2048",
    # Segments in /dev/shm would stay behind after SIGKILL.
    "dynamic_shared_memory_type=mmap",
    "jit=off",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
    "unix_socket_permissions=0700",
)
BEGIN = '"$1" -D data -U "$3" --pwfile=password -A scram-sha-256 --no-sync -E UTF8 --locale="$4" >&2 || exit; shift 4'
ADMIN = "migcheck_admin"


@dataclass(frozen=True, slots=True)
class BinaryCandidate:
    """A server that could be started from an installation."""

    installation: Installation
    config: ScratchConfig
    prelude: str = ""

    @property
    def kind(self) -> str:
        """Embedded or local."""
        return self.installation.kind

    @property
    def major(self) -> int:
        """The major it would have."""
        return self.installation.major

    @property
    def describe(self) -> str:
        """For the report."""
        return f"{self.kind} PostgreSQL {self.major} ({self.installation.origin})"

    @contextmanager
    def start(self) -> Iterator[ScratchServer]:
        """Make a data directory of our own, start on a Unix socket in it, and remove all of it at the end."""
        user = server_user()
        directory = run_directory(self.config.disk)
        admin, owner = (Login(f"migcheck_{what}", secrets.token_hex(16)) for what in ("admin", "owner"))
        (directory / "password").write_text(admin.password)
        if user:
            for path in (directory, directory / "password"):
                os.chown(path, user.uid, user.gid)
        confinement = confine(user, self.installation.needs, directory)
        command = [*confinement.prefix, *server_command(self.installation)]
        with supervised(command, directory, signal=confinement.stop, memory=self.config.memory) as held:
            server = self._server(held, confinement, admin, owner)
            version = until_it_answers(server, seconds=30)
            server.description = replace(server.description, version=version)
            (directory / "password").unlink(missing_ok=True)
            with server.admin_session() as session:
                create_owner(session, owner.role, owner.password, server.description.major)
                session.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
            yield server

    def _server(self, held: Supervised, confinement: Confinement, admin: Login, owner: Login) -> Server:
        def fault() -> str:
            return (held.log or "its process ended") if held.ended else ""

        return Server(
            description=ServerDescription(self.kind, self.major * 10_000, self.installation.origin, confinement.words),
            where=make_conninfo(host=str(held.directory), port=5432),
            admin=admin,
            owner=owner,
            fault=fault,
            kill=held.end,
            prelude=self.prelude,
            search_path=self.config.search_path or "",
        )


def server_command(installation: Installation) -> list[str]:
    """`initdb` and then the server, in one confined shell."""
    script = f'umask 077; initdb=$1; {BEGIN}; exec "$@"'
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    server = [str(installation.tool("postgres")), "-D", "data", "-k", "..", *settings]
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    return ["sh", "-c", script, "sh", str(installation.tool("initdb")), "", ADMIN, locale, *server]


def run_directory(disk: int) -> Path:
    """A private directory in memory where there is room for `disk` MiB, else in the temporary directory."""
    if os.name == "nt":
        raise UndecidableError("a server of binaries needs Unix sockets", "use --scratch docker or a scratch DSN")
    memory = Path("/dev/shm")  # noqa: S108 - a private directory is made below it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > disk * 2**20
    return Path(tempfile.mkdtemp(prefix="migcheck-", dir=memory if roomy else None))


def server_user() -> User | None:
    """Whom to run as: PostgreSQL refuses root, so root becomes `postgres` or `nobody`; others stay who they are."""
    if os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - Unix only

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise UndecidableError("running as root, and there is no user `nobody` to run the server as")
