"""A scratch server: what every kind of disposable Postgres offers."""

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from migcheck.errors import UndecidableError

# A report shows a server and opens no connection: it need not pay for the driver.
if TYPE_CHECKING:
    from psycopg import Error

    from migcheck.postgres.running.ledger import Connection

# What SQLSTATE says is used up, and the setting that bounds it.
SPENT = {"53100": ("its disk is full", "disk"), "53200": ("its memory is used up", "memory")}

ANOTHER = "choose another server with --scratch, or name one that runs in MIGCHECK_SCRATCH_URL"
"""What to do where a server of ours does not start."""

_ENDED = (
    "run it again; where the server ends again, see who ended it: somebody, the kernel for want of memory, or a "
    "statement that crashes it"
)


class OutOfBoundsError(UndecidableError):
    """A server that ran did not get through a rehearsal; another with the same bounds would not, either."""

    def __init__(self, problem: str, *bounds: str) -> None:
        """Keep which of the settings timeout, disk and memory was too low; none where the server just ended."""
        settings = " or ".join(f"`{bound}`" for bound in bounds)
        super().__init__(
            problem,
            f"raise {settings} under [scratch] in migcheck.toml, or choose another server with --scratch"
            if bounds
            else _ENDED,
        )
        self.bounds = bounds


class NoServerError(UndecidableError):
    """No server of the kind that is asked for is at hand."""


class NoEngineError(NoServerError):
    """The image that somebody named cannot be run here."""


class ServerDescription(Struct, frozen=True):
    """For the report. `kind` is dsn, docker, embedded or local; `version` is `server_version_num` (170010).

    `confinement` says in words what holds the SQL in; `origin` which wheel, image or folder the server came from.
    `system` is the system identifier of a server that is not ours, 0 where it is ours or does not tell.
    """

    kind: str
    version: int
    origin: str
    confinement: str
    system: int = 0

    @property
    def major(self) -> int:
        """17 of 170010."""
        return self.version // 10_000


def refuse_other_major(server: ServerDescription, wanted: int) -> None:
    """Raise UndecidableError where a server whose major shows only as it runs is not of the `wanted` one (0: any)."""
    if wanted and server.major != wanted:
        raise UndecidableError(
            f"the scratch server of {server.origin} is PostgreSQL {server.major}, and `major` under [scratch] asks "
            f"for {wanted}",
            f"name one of PostgreSQL {wanted}, or change `major`",
        )


class ScratchServer(Protocol):
    """A running server with an administrator of ours and an owner role for migrations that is not a superuser."""

    @property
    def description(self) -> ServerDescription:
        """What it is."""
        ...

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make an empty database (or a copy of `template`) that the owner role owns, closed to every other role."""
        ...

    def drop_database(self, name: str) -> None:
        """Drop it, cutting whoever is connected."""
        ...

    def drop_made_roles(self) -> None:
        """Drop the roles that migrations made. The databases that know them are dropped before."""
        ...

    def connect(self, name: str) -> "Connection":
        """Connect as the owner role, autocommit, with the defaults of Drizzle's connection. The LOGIN is the owner."""
        ...

    def connect_admin(self, name: str) -> "Connection":
        """Connect as the administrator, autocommit. Never runs what a pull request wrote."""
        ...

    def cut(self) -> None:
        """End every owner session at once, from outside: the wall clock's answer to endless SQL."""
        ...

    def check(self, error: "Error | None" = None) -> None:
        """Raise OutOfBoundsError where the server itself failed: it died, or its disk, memory or time ran out.

        Call it with an error of any session before that error is taken for the migration's own fault.
        """
        ...
