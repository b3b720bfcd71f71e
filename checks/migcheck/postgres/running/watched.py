"""Running migrations exactly as Drizzle does: its statements, its transactions, its mistakes.

Source: drizzle-orm 0.45 pg-core/dialect.js `migrate` under node-postgres.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from msgspec import Struct
from psycopg import sql

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.errors import MigcheckError
from migcheck.postgres.running.failure import COMMIT, Refusal, SqlFailure, failure_of
from migcheck.postgres.running.joining import (
    Bundle,
    Row,
    SentPiece,
    bundles,
    keeps_open,
    may_join,
    piece_behind,
    refused_piece,
    text_of,
)
from migcheck.postgres.running.ledger import Connection, insert_row
from migcheck.postgres.running.opening import split_opening
from migcheck.postgres.running.simple_query import SessionLostError, send_raw
from migcheck.postgres.running.statements import statement_starts


class ConnectionLostError(MigcheckError):
    """The connection ended while `failure.migration` ran: whether it took effect is not known."""

    def __init__(self, failure: SqlFailure) -> None:
        """Keep where it may have been, told as a failure without an SQLSTATE."""
        super().__init__(
            f"{failure.place}: the connection was lost while this ran: {failure.message}",
            remedy="see the server's log for why it ended the session",
        )
        self.failure = failure


class _Refused(Exception):  # noqa: N818 - no error of ours: it carries a failure out of an open transaction
    def __init__(self, failure: SqlFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class _UnplacedError(Exception):
    """What was refused of a bundle cannot be told from the refusal."""


class Watch(Struct, frozen=True):
    """Who looks on while a batch runs.

    `begin` begins the transaction, and may hold no query: the migration may have to say something first. `between` is
    what is sent between two migrations, if anything. `opened` is called when the first has said what it has to,
    `reached` with the pieces that are sent next, `closing` before the COMMIT is sent and `closed` behind it, and
    `again` where nothing is left of what was sent and the batch begins anew. `tell` hears of what was not asked for in
    words.
    """

    begin: sql.SQL | sql.Composed = sql.SQL("begin")
    between: Callable[[Migration, Migration], str] = lambda _one, _next: ""
    opened: Callable[[], None] = lambda: None
    reached: Callable[[Sequence[SentPiece]], None] = lambda _pieces: None
    closing: Callable[[], None] = lambda: None
    closed: Callable[[], None] = lambda: None
    again: Callable[[], None] = lambda: None
    tell: Callable[[str], None] = lambda _line: None


NOBODY = Watch()


def run_batch(
    connection: Connection,
    name: LedgerName,
    batch: Sequence[Migration],
    layout: Layout,
    watch: Watch = NOBODY,
) -> SqlFailure | None:
    """Run and record `batch` in one transaction, piece by piece as Drizzle does; its first refusal, or None.

    Where `watch` raises, the transaction is the caller's to end.
    """
    opening, pieces = _pieces(connection, name, batch, layout, watch)
    return run_pieces(connection, batch, opening, [(each,) for each in pieces], watch)


def run_together(
    connection: Connection, name: LedgerName, batch: Sequence[Migration], layout: Layout, watch: Watch
) -> SqlFailure | None:
    """The same with the same outcome, and few round trips: small pieces go to the server together."""
    opening, pieces = _pieces(connection, name, batch, layout, watch)
    if not reads_as_written(connection) or not may_join([*opening, *pieces], connection.info.server_version):
        return run_pieces(connection, batch, opening, [(each,) for each in pieces], watch)
    try:
        return run_pieces(connection, batch, opening, list(bundles(pieces)), watch)
    except _UnplacedError:
        _control(connection, "rollback", batch)
        watch.again()
        return run_pieces(connection, batch, opening, [(each,) for each in pieces], watch)


def reads_as_written(connection: Connection) -> bool:
    """Whether the server reads quotes as the standard has them, and so as our own reading does."""
    return connection.info.parameter_status("standard_conforming_strings") == "on"


def record(
    connection: Connection, name: LedgerName, migration: Migration, layout: Layout, watch: Watch = NOBODY
) -> SqlFailure | None:
    """Write the row of a `migration` that has run, in a transaction of its own; the refusal, or None."""
    row = Row(migration, Piece(insert_row(name, layout, migration).as_string(connection), 1))
    return run_pieces(connection, [migration], [], [(row,)], watch)


def _pieces(
    connection: Connection, name: LedgerName, batch: Sequence[Migration], layout: Layout, watch: Watch
) -> tuple[list[SentPiece], list[SentPiece]]:
    """What sets up the transaction, and all that follows it: the pieces of each migration and its row."""
    opening, first = split_opening(batch[0].pieces if batch else ())
    pieces = []
    for number, migration in enumerate(batch):
        if number and (between := watch.between(batch[number - 1], migration)):
            pieces.append(SentPiece(migration, Piece(between, 1)))
        pieces += [SentPiece(migration, piece) for piece in (migration.pieces if number else first)]
        pieces.append(Row(migration, Piece(insert_row(name, layout, migration).as_string(connection), 1)))
    return [SentPiece(batch[0], piece) for piece in opening], pieces


def run_pieces(
    connection: Connection,
    batch: Sequence[Migration],
    opening: Sequence[SentPiece],
    sendings: Sequence[Bundle],
    watch: Watch,
) -> SqlFailure | None:
    """Send `opening`, then `sendings`, all in one transaction of `batch`; its first refusal, or None.

    Where `watch` raises, the transaction is the caller's to end.
    """
    connection.execute(watch.begin)
    try:
        for part in opening:
            _send(connection, (part,))
        watch.opened()
        for bundle in sendings:
            watch.reached(bundle)
            _send(connection, bundle)
        watch.closing()
        _control(connection, COMMIT, batch)
        watch.closed()
    except _Refused as refused:
        # In autocommit, after a COMMIT inside a piece, this is a warning of the server's, as under Drizzle.
        _control(connection, "rollback", batch)
        return refused.failure
    return None


def _control(connection: Connection, command: str, batch: Sequence[Migration]) -> None:
    # What commit refuses (a deferred constraint) belongs to no statement: the last migration stands for the batch.
    if batch:
        _send(connection, (SentPiece(batch[-1], Piece(command, 1)),))
    else:
        connection.execute(command)


def _goes_as_one(connection: Connection, sent: SentPiece) -> bool:
    """Whether it is the first of its migration, and what of it had gone through is undone with what was refused.

    So it is in no transaction as well: the server makes one of what it is sent at once (manual,
    "Multiple Statements in a Simple Query").
    """
    return sent.piece == sent.migration.pieces[0] and reads_as_written(connection) and keeps_open([sent])


def _is_one(bundle: Bundle) -> bool:
    """Whether it is one statement, and no more."""
    return len(bundle) == 1 and not list(islice(statement_starts(bundle[0].piece.text), 1, 2))


def _send(connection: Connection, bundle: Bundle) -> None:
    try:
        refusal = send_raw(connection, text_of(bundle))
    except SessionLostError as lost:
        raise _lost(bundle, lost) from lost
    if refusal is not None:
        found = refused_piece(bundle, refusal)
        if found is None:
            raise _UnplacedError
        failure = failure_of(found[0].migration, found[0].piece, found[1])
        raise _Refused(replace(failure, first=failure.first or _goes_as_one(connection, found[0])))


def _lost(bundle: Bundle, lost: SessionLostError) -> ConnectionLostError:
    """What is told of a session that ended while `bundle` ran."""
    number, done = piece_behind(bundle, lost.done) or (0, 0)
    part = bundle[number]
    failure = failure_of(part.migration, part.piece, Refusal("", str(lost), done=done))
    if not lost.told and not _is_one(bundle):
        # Answers that had not come may be of statements that were over.
        failure = replace(failure, statement="", until=bundle[-1].migration.path)
    return ConnectionLostError(failure)
