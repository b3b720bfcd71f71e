"""What of a target keeps the server from dropping a role."""

from collections.abc import Callable, Iterable

import psycopg

from migcheck.errors import UndecidableError
from migcheck.facts.dropped_roles import DroppedRole
from migcheck.postgres.address import Address
from migcheck.postgres.role_needs import needs_of
from migcheck.postgres.waiting import connect_when_ready
from migcheck.redact import said_by


def read_kept(
    address: Address, roles: Iterable[DroppedRole], tell: Callable[[str], None]
) -> list[tuple[DroppedRole, tuple[str, ...]]]:
    """Each of `roles` with what keeps it on the target at `address`. `tell` hears of a database that is waited for.

    Raises UndecidableError where the database cannot be reached or read.
    """
    try:
        with connect_when_ready(address, "migcheck", tell) as connection:
            return [(each, each.kept_by(needs_of(connection, each.name))) for each in roles]
    except psycopg.Error as error:
        raise UndecidableError(f"{address.name} did not say: {said_by(error)}", "try again") from error
