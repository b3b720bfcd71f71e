"""One raw text over the simple query protocol, as node-postgres sends a query without parameters.

`Connection.execute` will not do: it prepares a text it has met five times (several statements cannot be prepared),
refuses COPY, keeps every row of a SELECT, and libpq cuts a text at its first NUL without a word.
"""

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from migcheck.postgres.running.failure import Named, Refusal

# What node-postgres answers to COPY FROM STDIN, there being no stream.
_NO_STREAM = b"No source stream defined"


class SessionLostError(psycopg.OperationalError):
    """The connection ended while a text ran.

    `done` is how many of its statements had gone through: all of them where the server `told` that it ends the session,
    else those whose answers had come.
    """

    def __init__(self, message: str, done: int, *, told: bool) -> None:
        """Keep what libpq said."""
        super().__init__(message)
        self.done = done
        self.told = told


def send_raw(connection: psycopg.Connection[tuple[object, ...]], text: str) -> Refusal | None:
    """Send `text` as it is and drop whatever rows come back; the server's first refusal, or None.

    Raises SessionLostError where the connection is lost on the way.
    """
    if "\0" in text:
        # The server's own words for a message with a NUL inside, in Drizzle's runs.
        return Refusal("08P01", "invalid message format", hint="the text has a NUL byte", position=text.index("\0") + 1)
    return connection.wait(_converse(connection.pgconn, text.encode()))


def _converse(pgconn: PGconn, query: bytes) -> PQGen[Refusal | None]:
    refusal: Refusal | None = None
    done = 0
    try:
        pgconn.send_query(query)
        pgconn.set_single_row_mode()
        yield from flush(pgconn)
        while result := (yield from next_result(pgconn)):
            if result.status == ExecStatus.FATAL_ERROR and refusal is None:
                refusal = _refusal(result, done)
            elif result.status in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
                done += 1
    except psycopg.OperationalError as lost:
        raise SessionLostError(str(lost).strip(), done, told=refusal is not None) from lost
    return refusal


def next_result(pgconn: PGconn) -> PQGen[PGresult | None]:
    """The next result of what was sent, None behind the last. Raises psycopg.OperationalError where none will come."""
    while True:
        yield from _arrival(pgconn)
        result = pgconn.get_result()
        if result is not None and result.status == ExecStatus.COPY_IN:
            pgconn.put_copy_end(_NO_STREAM)
            yield from flush(pgconn)
        elif result is not None and result.status == ExecStatus.COPY_OUT:
            yield from _drain(pgconn)
        else:
            return result


def flush(pgconn: PGconn) -> PQGen[None]:
    """Send what is still to be sent."""
    while pgconn.flush():
        # The server may answer before it has read all: reading as well keeps both from waiting for each other.
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()


def _arrival(pgconn: PGconn) -> PQGen[None]:
    while pgconn.is_busy():
        yield Wait.R
        pgconn.consume_input()
    while pgconn.notifies():
        pass


def _drain(pgconn: PGconn) -> PQGen[None]:
    while True:
        size, _ = pgconn.get_copy_data(1)
        if size < 0:
            return
        if size == 0:
            yield Wait.R
            pgconn.consume_input()


def _refusal(result: PGresult, done: int) -> Refusal:
    def field(which: DiagnosticField) -> str:
        return (result.error_field(which) or b"").decode("utf-8", "replace")

    position = field(DiagnosticField.STATEMENT_POSITION)
    return Refusal(
        sqlstate=field(DiagnosticField.SQLSTATE),
        message=field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message.decode("utf-8", "replace").strip(),
        detail=field(DiagnosticField.MESSAGE_DETAIL),
        hint=field(DiagnosticField.MESSAGE_HINT),
        position=int(position) if position else None,
        done=done,
        named=Named(
            schema=field(DiagnosticField.SCHEMA_NAME),
            table=field(DiagnosticField.TABLE_NAME),
            column=field(DiagnosticField.COLUMN_NAME),
            constraint=field(DiagnosticField.CONSTRAINT_NAME),
        ),
    )
