"""Reading a database's catalogue in one statement."""

from functools import cache
from importlib.resources import files

import psycopg
from psycopg.rows import args_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue.session import settled_at_once
from migcheck.postgres.catalogue.thing import Catalogue, Row
from migcheck.postgres.scratch import Session


def read_catalogue(
    connection: Session, *, leave_out: LedgerName | None, owner: str | None = None, lock_timeout: float = 0
) -> Catalogue:
    """Everything a migration can make in the connected database, save the ledger `leave_out` and its empty schema.

    The role named `owner` (None: who is connected) reads as `$owner`, so that databases of different owners can be
    compared. Safe for an administrator on a database that hostile SQL built: catalogues are read, nothing of a user is
    run. Works inside an open transaction and sees its changes. Members of extensions are left out, and roles: they
    belong to the server.

    `lock_timeout` is seconds, 0 for none. Raises psycopg.errors.LockNotAvailable where a table is locked for longer,
    psycopg.errors.QueryCanceled after 120 s, psycopg.Error where the server does not answer.
    """
    name = (None, None) if leave_out is None else (leave_out.schema, leave_out.table)
    with settled_at_once(connection, lock_timeout=lock_timeout):
        cursor = psycopg.RawCursor(connection, row_factory=args_row(Row))
        cursor.execute(_statement(), (*name, owner))
    return Catalogue.of(cursor.fetchall())


@cache
def _statement() -> str:
    queries = sorted(
        (file for file in files(__package__).joinpath("queries").iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    covered, *families = (file.read_text(encoding="utf-8") for file in queries)
    return covered + "\nunion all\n".join(families)
