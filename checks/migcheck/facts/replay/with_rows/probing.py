"""Asking a SELECT that a target may be asked as well: it must do nothing but look."""

from collections.abc import Callable
from itertools import pairwise

from psycopg import DataError, Error

from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.statements import tokens

_VOLATILE = "select from pg_catalog.pg_proc where provolatile = 'v' and proname = any(%s)"
# What stands behind an operator or a cast no name tells. Of what every server has no view is said to depend.
_VIEW = "create temporary view migcheck_asks as select 1 as one from ({}) such"
_CALLED_BEHIND = """
    select p.provolatile = 'v' from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    left join pg_catalog.pg_operator o on d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
      and o.oid = d.refobjid
    join pg_catalog.pg_proc p on p.oid = o.oprcode
      or (d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = d.refobjid)
    where r.ev_class = 'pg_temp.migcheck_asks'::pg_catalog.regclass
"""
# Whose it is and who may call it changes nothing of what it does. What has a lower number came with the server.
_FUNCTIONS = """
    select p.oid::bigint,
           pg_catalog.md5((pg_catalog.to_jsonb(p) - array['proowner', 'proacl']::pg_catalog.text[])::pg_catalog.text)
    from pg_catalog.pg_proc p where p.oid >= 16384
"""


def finds(
    connection: Connection, select: str, *, failing: bool = False, redefined: Callable[[], bool] = lambda: False
) -> bool | None:
    """Whether it finds something; None where it cannot be asked, or a target would do more than look for it.

    `failing`: or whether it fails on the value of a row. `redefined`: of functions that did not come with the server,
    some are others by then: nobody sees which of them another one calls, so none is called.
    """
    called = sorted(called_in(select))
    try:
        with settled(connection):
            if connection.execute(_VOLATILE, (called,), prepare=False).fetchone() is not None:
                return None
            connection.execute(_VIEW.format(select).encode(), prepare=False)
            behind = [volatile for (volatile,) in connection.execute(_CALLED_BEHIND, prepare=False)]
            if any(behind) or (behind and redefined()):
                return None
            return connection.execute(select.encode(), prepare=False).fetchone() is not None
    except Error as error:
        if connection.broken:
            raise
        return True if failing and isinstance(error, DataError) else None


def read_functions(connection: Connection) -> dict[int, str]:
    """A word for each function that did not come with the server, another where it is defined otherwise."""
    found = connection.execute(_FUNCTIONS, prepare=False)
    return {int(str(oid)): str(word) for oid, word in found}


def called_in(select: str) -> set[str]:
    """The names in it that a parenthesis stands behind: those of functions, and of more."""
    return {one.strip('"') for one, other in pairwise(tokens(select)) if other == "("}
