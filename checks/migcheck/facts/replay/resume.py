"""Whether a migration that runs outside of a transaction can be begun anew, wherever a deploy of it was cut off."""

from collections.abc import Callable, Iterable, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.rehearsal import NotRepeatable, Repeatable
from migcheck.facts.replay.anew import made_anew, read_holds
from migcheck.facts.replay.stage import Contents
from migcheck.postgres.alone import proof_lacks, statements_of
from migcheck.postgres.failure import Refusal, SqlFailure, failure_of
from migcheck.postgres.ledger import Connection
from migcheck.postgres.outside import lock_timeout, run_alone


def resumed(connection: Connection, migration: Migration, look: Callable[[], Contents]) -> Repeatable | NotRepeatable:
    """Run `migration` as if it were cut off behind each of its statements in turn, then once more from end to end.

    That must change nothing; `look` tells what the database holds. Where it has an `sqlstate`, it did not come to its
    end.
    """
    statements = tuple(statements_of(migration))
    for count in range(1, len(statements) + 1):
        if failure := _refused(connection, migration, statements[:count]):
            return refused_again(migration, failure)
    before, held = look(), read_holds(connection)
    if failure := _refused(connection, migration, statements):
        return refused_again(migration, failure)
    if changed := before.unlike(look()):
        return NotRepeatable(migration.tag, migration.path, f"changes again: {changed[0]}")
    if lost := made_anew(held, read_holds(connection)):
        return NotRepeatable(migration.tag, migration.path, lost)
    for statement in statements:
        if lack := proof_lacks(statement.text):
            return NotRepeatable(migration.tag, migration.path, lack, statement.line)
    return Repeatable(migration.tag, migration.path)


def refused_again(migration: Migration, failure: SqlFailure) -> NotRepeatable:
    """What a refusal of the second run says."""
    return NotRepeatable(migration.tag, migration.path, failure.message, failure.at.line, failure.sqlstate)


def first_refused(
    migration: Migration, pieces: Iterable[Piece], run: Callable[[Piece], Refusal | None]
) -> SqlFailure | None:
    """The first of `pieces` that `run` says was refused; what is behind it did not run."""
    found = ((piece, refusal) for piece in pieces if (refusal := run(piece)) is not None)
    return next((failure_of(migration, piece, refusal) for piece, refusal in found), None)


def _refused(connection: Connection, migration: Migration, statements: Sequence[Piece]) -> SqlFailure | None:
    usual = lock_timeout(connection)
    return first_refused(migration, statements, lambda each: run_alone(connection, each, usual))
