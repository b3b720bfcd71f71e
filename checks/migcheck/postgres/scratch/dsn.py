"""Kind `dsn`: a server that the user names, by an administrator's URL. It is left as it was found."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from msgspec import Struct
from psycopg.conninfo import make_conninfo

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError, UsageError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer, ServerDescription, refuse_other_major
from migcheck.postgres.scratch.login import Login, new_login
from migcheck.postgres.scratch.owner import create_owner, is_superuser
from migcheck.postgres.scratch.server import ADMIN_OPTIONS, Server
from migcheck.postgres.scratch.tenancy import application_of, drop_run, prefix_of, sweep
from migcheck.postgres.target.address import Address, parse_address
from migcheck.postgres.target.connecting import conninfo_of
from migcheck.postgres.target.identity import system_identifier

CONFINED = "an owner without superuser rights; the server itself is not confined"

DISPOSABLE = "name a server whose role may create databases and roles, or choose another with --scratch"
REACHABLE = "check its URL and that it takes connections from here, or choose another with --scratch"

# What making a database and its owner takes.
_RIGHTS = """
SELECT rolsuper OR rolcreatedb, rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user
"""


class DsnCandidate(Struct, frozen=True):
    """A server that runs already. `url` is an administrator's and never shown; `source` says where it came from."""

    url: str
    source: str
    config: ScratchConfig
    prelude: str = ""
    kind: str = "dsn"
    major: int = 0
    present: bool = True
    bare: bool = False

    @property
    def describe(self) -> str:
        """For the report."""
        return f"dsn ({self.source})"

    @contextmanager
    def start(self) -> Iterator[ScratchServer]:
        """Make an owner there, and drop it with its databases at the end. What killed runs left is swept first."""
        token = secrets.token_hex(6)
        with self._admin(application_of(token)) as admin:
            self._refuse_without_rights(admin)
            with self._driver_errors_explained():
                server = self._server(admin, token)
            refuse_other_major(server.description, self.config.major)
            try:
                with self._driver_errors_explained():
                    sweep(admin)
                    create_owner(admin, server.owner, shared=True)
                yield server
            finally:
                server.close()
                self._clean(admin, token)

    @contextmanager
    def _admin(self, application: str) -> Iterator[Connection]:
        where = conninfo_of(self._address(), application)
        with self._driver_errors_explained():
            session = psycopg.connect(where, autocommit=True, options=ADMIN_OPTIONS)
        with session:
            yield session

    def _address(self) -> Address:
        """Where the server is, read as a target's URL is. Raises UndecidableError where the URL is none."""
        try:
            return parse_address(self.url, self.source)
        except UsageError as error:
            raise UndecidableError(error.problem, error.remedy) from None

    def _refuse_without_rights(self, admin: Connection) -> None:
        """Look before anything is made: whoever may make no role may drop none, and would be told of that alone."""
        with self._driver_errors_explained():
            [(createdb, createrole)] = admin.execute(_RIGHTS).fetchall()
        lacking = [word for word, held in (("CREATEDB", createdb), ("CREATEROLE", createrole)) if not held]
        if lacking:
            raise UndecidableError(
                f"the role {admin.info.user} of {self.source} may not be used for scratch: it lacks "
                f"{' and '.join(lacking)}",
                "name a role that has CREATEDB and CREATEROLE or is a superuser, or choose another server with "
                "--scratch",
            )

    @contextmanager
    def _driver_errors_explained(self) -> Iterator[None]:
        """Say whose fault it is. The driver's message names host and user."""
        try:
            yield
        except psycopg.ProgrammingError as error:
            raise UndecidableError(f"the scratch server of {self.source} refused: {error}", DISPOSABLE) from error
        except psycopg.Error as error:
            raise UndecidableError(
                f"the scratch server of {self.source} cannot be used: {str(error).strip()}", REACHABLE
            ) from error

    def _server(self, admin: Connection, token: str) -> Server:
        address = self._address()

        def fault() -> str:
            return "its administrator's session ended" if admin.broken else ""

        return Server(
            description=ServerDescription(
                "dsn", admin.info.server_version, self.source, CONFINED, system_identifier(admin)
            ),
            where=make_conninfo("", **address.parameters),
            admin=Login(admin.info.user, address.parameters.get("password", "")),
            # Where nobody gives out a superuser (Neon), nobody takes a verifier either: passwords have to be plain.
            owner=new_login(f"{prefix_of(token)}owner", plain=not is_superuser(admin)),
            fault=fault,
            kill=lambda: None,
            prefix=prefix_of(token),
            prelude=self.prelude,
            search_path=self.config.search_path or "",
            admin_database=admin.info.dbname,
        )

    def _clean(self, admin: Connection, token: str) -> None:
        if not admin.broken:
            with self._driver_errors_explained():
                drop_run(admin, token)
            return
        # Our session ended, the server perhaps did not; where it did, the next run sweeps.
        with suppress(psycopg.Error, UndecidableError), self._admin("migcheck sweep") as again:
            drop_run(again, token)
