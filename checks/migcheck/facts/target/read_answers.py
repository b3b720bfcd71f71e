"""Asking a target whether it has rows that a new migration fails with: it counts some, and nothing else leaves it."""

from collections.abc import Collection
from time import monotonic

import psycopg

from migcheck.facts.sql.rows import Answer, Answers, Found, Unasked
from migcheck.facts.target.judged import PATIENCE
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.timeouts import patience, send, timeout
from migcheck.redact import said_by

MOST = 1000
"""From how many rows on they are not counted further."""
SECONDS = 10.0
"""How long the target may look for an answer: it has others to serve."""
_ALL_SECONDS = 30.0


def read_answers(connection: Connection, selects: Collection[str]) -> Answers:
    """What the target says to each of `selects`. What it does not say is told, and no more."""
    answers: dict[str, Answer] = {}
    end = monotonic() + _ALL_SECONDS
    try:
        for each in selects:
            answers[each] = _answer(connection, each, min(SECONDS, end - monotonic()))
    except psycopg.Error as error:
        # What it had said before it was lost, it said.
        return {each: answers.get(each, Unasked(said_by(error))) for each in selects}
    return answers


def _answer(connection: Connection, select: str, seconds: float) -> Answer:
    if seconds <= 0:
        return Unasked("the answers before it took all of the time")
    # Rows that are hidden from the role would be none: with this the server refuses to leave any out.
    # And names mean what they meant where the SELECT was tried.
    settings = b"begin read only; set local row_security = off; set local search_path = pg_catalog, pg_temp"
    count = f"select count(*) from ({select} limit {MOST + 1}) as such".encode()  # noqa: S608 - made of the catalogue
    try:
        connection.execute(settings)
        send(connection, *patience(PATIENCE, local=True), timeout("statement_timeout", seconds, local=True))
        (count_of,) = connection.execute(count, prepare=False).fetchone() or (0,)
    except psycopg.errors.QueryCanceled:
        return Unasked(f"it takes longer than {seconds:.3g} s")
    except psycopg.Error as error:
        if connection.broken:
            raise
        return Unasked(said_by(error), by_value=isinstance(error, psycopg.DataError))
    else:
        rows = int(str(count_of))
        return Found(min(rows, MOST), more=rows > MOST)
    finally:
        if not connection.broken:
            connection.execute("rollback")
