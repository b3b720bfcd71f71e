"""The indexes of a target that an earlier run left invalid, of what runs there next."""

from collections.abc import Callable, Sequence

import psycopg

from migcheck.drizzle.folder import Migration
from migcheck.errors import UndecidableError
from migcheck.postgres.address import Address
from migcheck.postgres.invalid import Index, left_invalid
from migcheck.postgres.waiting import connect_when_ready
from migcheck.redact import said_by


def read_invalid(address: Address, migrations: Sequence[Migration], tell: Callable[[str], None]) -> tuple[Index, ...]:
    """Those that `migrations` make, which run outside of a transaction. `tell` hears of a database that is waited for.

    Raises UndecidableError where the database cannot be reached or read.
    """
    try:
        with connect_when_ready(address, "migcheck", tell) as connection:
            return tuple(dict.fromkeys(index for each in migrations for index in left_invalid(connection, each)))
    except psycopg.Error as error:
        raise UndecidableError(f"{address.name} did not say: {said_by(error)}", "try again") from error
