"""Asking a target, on one connection, for all that it can tell of the tables that new migrations touch."""

from collections.abc import Callable, Collection

import psycopg

from migcheck.errors import UndecidableError
from migcheck.facts.sql.rows import Answers, Unasked
from migcheck.facts.target.read_answers import read_answers
from migcheck.facts.target.read_sizes import read_sizes
from migcheck.facts.target.sizes import Sizes, Unsized
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.redact import said_by


def read_told(
    address: Address, tables: Collection[str], selects: Collection[str], tell: Callable[[str], None]
) -> tuple[Sizes, Answers, str]:
    """The sizes of `tables` on the target at `address`, what it says to `selects`, and a session's TimeZone there.

    Each has its own reason where it is not known: a connection that is lost with the one is made anew for the other.
    """
    if not tables and not selects:
        return {}, {}, ""
    sizes: Sizes | None = None
    answers: Answers | None = None
    why = zone = ""
    try:
        with connect_when_ready(address, "migcheck", tell) as connection:
            zone = connection.info.parameter_status("TimeZone") or ""
            sizes = read_sizes(connection, tables)
            if not connection.broken:
                answers = read_answers(connection, selects)
    except UndecidableError as error:
        why = error.problem
    except psycopg.Error as error:
        why = said_by(error)
    if sizes is None:
        return Unsized(why), {each: Unasked(why) for each in selects}, zone
    return sizes, read_told(address, (), selects, tell)[1] if answers is None else answers, zone
