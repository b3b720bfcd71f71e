"""Asking a server whether it knows the syntax of something, without running any of it."""

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import DiagnosticField

if TYPE_CHECKING:
    from migcheck.postgres.ledger import Connection

_SYNTAX_ERROR = b"42601"


def refused_syntax_at(connection: "Connection", text: str) -> int | None:
    """The character, from 1, at which the server's parser stops in `text`; None where it reads all of it.

    Nothing runs: it is prepared only, and in a transaction that failed already. The server parses first, then refuses
    several statements (a syntax error without a position), then anything in such a transaction (source: postgres.c
    `exec_parse_message`).
    """
    connection.execute("begin")
    with suppress(psycopg.DataError):
        connection.execute("select 1 / 0")
    refused = connection.pgconn.prepare(b"", text.encode())
    position = refused.error_field(DiagnosticField.STATEMENT_POSITION)
    connection.execute("rollback")
    return int(position) if position and refused.error_field(DiagnosticField.SQLSTATE) == _SYNTAX_ERROR else None
