"""Reading a database's catalogue: which families of things it has, then all of these in one statement."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import psycopg
from psycopg import sql
from psycopg.rows import args_row, scalar_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue.session import execute_settled
from migcheck.postgres.catalogue.thing import Catalogue, Row
from migcheck.postgres.running.ledger import Connection


def read_catalogue(
    connection: Connection, *, leave_out: LedgerName | None, owner: str | None = None, lock_timeout: float = 0
) -> Catalogue:
    """Everything a migration can make in the connected database, save the ledger `leave_out` and its empty schema.

    The role named `owner` (None: who is connected) reads as `$owner`, so that databases of different owners can be
    compared. Safe for an administrator on a database that hostile SQL built: catalogues are read, nothing of a user is
    run. Works inside an open transaction and sees its changes. Members of extensions are left out, and roles: they
    belong to the server. Two statements read it: of what another session makes in between, part may be told.

    `lock_timeout` is seconds, 0 for none. Raises psycopg.errors.LockNotAvailable where a table is locked for longer,
    psycopg.errors.QueryCanceled after 120 s, psycopg.Error where the server does not answer.
    """
    return _read(connection, _query(_present(connection), leave_out, owner), lock_timeout=lock_timeout)


def catalogue_reader(
    connection: Connection, *, leave_out: LedgerName | None, owner: str | None = None
) -> Callable[[], Catalogue]:
    """What reads as `read_catalogue` does each time that it is called, in a session that nobody else says anything in.

    Each statement is kept there: to read and plan it takes as long as to run it.
    """
    kept: dict[tuple[str, ...], sql.Identifier] = {}

    def read() -> Catalogue:
        families = _present(connection)
        if families not in kept:
            name = sql.Identifier(f"migcheck_catalogue_{len(kept)}")
            with psycopg.ClientCursor(connection) as cursor:
                execute_settled(cursor, sql.SQL("prepare {} as ").format(name) + _query(families, leave_out, owner))
            kept[families] = name
        return _read(connection, sql.SQL("execute {}").format(kept[families]))

    return read


def _present(connection: Connection) -> tuple[str, ...]:
    with psycopg.ClientCursor(connection, row_factory=scalar_row) as cursor:
        execute_settled(cursor, sql.SQL(_text("present.sql")))
        return tuple(cursor.fetchall())


def _query(families: Sequence[str], leave_out: LedgerName | None, owner: str | None) -> sql.Composed:
    schema, table = (None, None) if leave_out is None else (leave_out.schema, leave_out.table)
    covered = sql.SQL(_text("covered.sql")).format(schema=schema, table=table, owner=owner)
    return covered + sql.SQL("\nunion all\n".join(_text(f"queries/{family}.sql") for family in families))


def _read(connection: Connection, query: sql.Composed, *, lock_timeout: float = 0) -> Catalogue:
    # By the simple protocol: for a statement with parameters the server keeps copies that take a tenth of its time.
    with psycopg.ClientCursor(connection, row_factory=args_row(Row)) as cursor:
        execute_settled(cursor, query, lock_timeout=lock_timeout)
        return Catalogue.of(cursor.fetchall())


@cache
def _text(path: str) -> str:
    return files(__package__).joinpath(path).read_text(encoding="utf-8")
