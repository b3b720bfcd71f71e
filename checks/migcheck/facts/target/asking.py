"""Asking a target what keeps a deploy or a rollback from what it does there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from migcheck.drizzle.folder import Migration
from migcheck.errors import UndecidableError
from migcheck.facts.target.dropped_roles import DroppedRole
from migcheck.postgres.running.invalid import Index, left_invalid
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.role_needs import needs_of
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.redact import said_by

Tell = Callable[[str], None]
"""Hears of a database that is waited for."""


def read_invalid(address: Address, migrations: Sequence[Migration], tell: Tell) -> tuple[Index, ...]:
    """The indexes of `migrations` that an earlier run left invalid, of those that run outside of a transaction.

    Raises UndecidableError where the database cannot be reached or read.
    """
    with _asked(address, tell) as connection:
        return tuple(dict.fromkeys(index for each in migrations for index in left_invalid(connection, each)))


def read_kept(address: Address, roles: Iterable[DroppedRole], tell: Tell) -> list[tuple[DroppedRole, tuple[str, ...]]]:
    """Each of `roles` with what keeps the server from dropping it on the target at `address`.

    Raises UndecidableError where the database cannot be reached or read.
    """
    with _asked(address, tell) as connection:
        return [(each, each.kept_by(needs_of(connection, each.name))) for each in roles]


@contextmanager
def _asked(address: Address, tell: Tell) -> Iterator[Connection]:
    try:
        with connect_when_ready(address, "migcheck", tell) as connection:
            yield connection
    except psycopg.Error as error:
        raise UndecidableError(f"{address.name} did not say: {said_by(error)}", "try again") from error
