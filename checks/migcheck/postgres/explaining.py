"""Whether a server takes statements: planned, and never run, many of them in one round trip.

PREPARE alone is not enough: which index ON CONFLICT means is looked up by the planner (`infer_arbiter_indexes`).
Source of the codes: PostgreSQL's manual, "PostgreSQL Error Codes".
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import psycopg
from msgspec import Struct
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Wait

from migcheck.postgres.running.simple_query import flush

_AT_ONCE = 200
_SETTINGS = "set statement_timeout = '30s'; set lock_timeout = '5s'"
# A function of the schema's own runs while it is planned, where it says that it is immutable. What it sets is taken
# back with the transaction, and by no setting may a read-only one write.
_BEGIN, _END = b"begin read only", b"rollback"
# It may not do that here; a deadlock, a limit, a lock, a cancel, a fault of the server's own.
_OF_THE_MOMENT = ("25", "40", "54", "55P03", "57014", "58", "XX")
# A rule of a domain's, which a NULL may break that stands for a value.
_OF_NULL = "23"
# Of memory, disk or sessions: no statement is at fault.
_SPENT = "53"


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


class Unknown(Struct, frozen=True):
    """The server did not come to say whether it takes it, by this code: another time, or elsewhere, it may."""

    sqlstate: str
    message: str


Answer = Refused | Unknown | None
"""None where it was taken."""


def explain_all(connection: psycopg.Connection[tuple[object, ...]], asked: Iterable[Asked]) -> Iterator[Answer]:
    """For each of `asked` whether the server takes it.

    Each is planned in a transaction of its own, which may write nothing and of which nothing stays. Raises
    psycopg.OperationalError where the connection is lost, or the server has no more memory or disk.
    """
    connection.execute(_SETTINGS)
    left = iter(asked)
    while chunk := list(islice(left, _AT_ONCE)):
        for each, answer in zip(chunk, connection.wait(_together(connection.pgconn, chunk)), strict=True):
            if isinstance(answer, Unknown) and answer.sqlstate.startswith(_SPENT):
                raise psycopg.errors.lookup(answer.sqlstate)(answer.message)
            of_null = isinstance(answer, Refused) and each.parameters and answer.sqlstate.startswith(_OF_NULL)
            yield Unknown(answer.sqlstate, answer.message) if answer and of_null else answer


def _together(pgconn: PGconn, chunk: Sequence[Asked]) -> PQGen[list[Answer]]:
    pgconn.enter_pipeline_mode()
    try:
        for each in chunk:
            # The server ends a text at its first NUL, and says so of no other.
            text = f"explain (costs off) {each.text}".replace("\0", "\N{REPLACEMENT CHARACTER}")
            pgconn.send_query_params(_BEGIN, None)
            pgconn.send_query_params(text.encode("utf-8", "replace"), [None] * each.parameters)
            pgconn.pipeline_sync()
            # Behind an error the server passes over everything until there.
            pgconn.send_query_params(_END, None)
            pgconn.pipeline_sync()
        yield from flush(pgconn)
        found: list[Answer] = []
        for _ in chunk:
            answer = yield from _answer(pgconn)
            found.append(answer)
            yield from _answer(pgconn)
    finally:
        if pgconn.status == ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    return found


def _answer(pgconn: PGconn) -> PQGen[Answer]:
    """What the server said up to the next Sync."""
    answer: Answer = None
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
            return answer
        if result.status == ExecStatus.FATAL_ERROR and answer is None:
            answer = _not_taken(result)


def _not_taken(result: PGresult) -> Refused | Unknown:
    sqlstate = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")
    message = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message).decode("utf-8", "replace")
    kind = Unknown if sqlstate.startswith((*_OF_THE_MOMENT, _SPENT)) else Refused
    return kind(sqlstate, message.strip())
