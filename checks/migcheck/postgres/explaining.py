"""Whether a server takes statements: planned, and never run, many of them in one round trip.

PREPARE alone is not enough: which index ON CONFLICT means is looked up by the planner (`infer_arbiter_indexes`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import psycopg
from msgspec import Struct
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

_AT_ONCE = 200
# A function of the schema's own runs while it is planned, where it says that it is immutable.
_SETTINGS = "set default_transaction_read_only = on; set statement_timeout = '30s'; set lock_timeout = '5s'"


class Asked(Struct, frozen=True):
    """A statement, and how many parameters it has; each stands for NULL."""

    text: str
    parameters: int = 0


class Refused(Struct, frozen=True):
    """What the server said."""

    sqlstate: str
    message: str

    @property
    def told(self) -> str:
        """The same in one line, for people."""
        return f"{self.message} ({self.sqlstate})"


def explain_all(connection: psycopg.Connection[tuple[object, ...]], asked: Iterable[Asked]) -> Iterator[Refused | None]:
    """For each of `asked` why the server does not take it, or None where it does.

    Each is planned in a transaction of its own, which may write nothing. Raises psycopg.OperationalError where the
    connection is lost.
    """
    connection.execute(_SETTINGS)
    left = iter(asked)
    while chunk := list(islice(left, _AT_ONCE)):
        yield from connection.wait(_together(connection.pgconn, chunk))


def _together(pgconn: PGconn, chunk: Sequence[Asked]) -> PQGen[list[Refused | None]]:
    pgconn.enter_pipeline_mode()
    try:
        for each in chunk:
            # The server ends a text at its first NUL, and says so of no other.
            text = f"explain (costs off) {each.text}".replace("\0", "\N{REPLACEMENT CHARACTER}")
            pgconn.send_query_params(text.encode("utf-8", "replace"), [None] * each.parameters)
            pgconn.pipeline_sync()
        yield from _flush(pgconn)
        found: list[Refused | None] = []
        for _ in chunk:
            answer = yield from _answer(pgconn)
            found.append(answer)
    finally:
        if pgconn.status == ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    return found


def _answer(pgconn: PGconn) -> PQGen[Refused | None]:
    refused: Refused | None = None
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None and pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError("the connection was lost")
        if result is None:
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return refused
        if result.status == ExecStatus.FATAL_ERROR and refused is None:
            refused = _refused(result)


def _flush(pgconn: PGconn) -> PQGen[None]:
    while pgconn.flush():
        # The server may answer before it has read all: reading as well keeps both from waiting for each other.
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()


def _refused(result: PGresult) -> Refused:
    sqlstate = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")
    message = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message).decode("utf-8", "replace")
    return Refused(sqlstate, message.strip())
