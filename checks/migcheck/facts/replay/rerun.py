"""Whether each new migration's raw SQL can be run twice: idempotency statement by statement, past the ledger."""

from collections.abc import Callable, Collection, Iterator, Sequence

from psycopg.rows import scalar_row

from migcheck.drizzle.folder import Migration
from migcheck.facts.rehearsal import NotRepeatable, NotTried, Repeatable, Rerun
from migcheck.facts.replay.anew import made_anew, read_holds
from migcheck.facts.replay.resume import refused_again, resumed
from migcheck.facts.replay.stage import Contents
from migcheck.postgres.failure import Refusal, SqlFailure, failure_of
from migcheck.postgres.ledger import Connection
from migcheck.postgres.simple_query import send_raw
from migcheck.wording import counted

# Of the open transaction, and of earlier ones that the server was not told of yet: hence the flush before.
# Updates are left out: setting what is set already changes nothing.
# Not from the view pg_stat_xact_user_tables: its joins take as long as the migration itself.
_ROWS = """
    select coalesce(sum(i + d), 0)::bigint
    from pg_catalog.pg_class, pg_catalog.pg_stat_get_xact_tuples_inserted(oid) i,
        pg_catalog.pg_stat_get_xact_tuples_deleted(oid) d
    where relkind = 'r' and oid >= 16384
"""
_FLUSH = "select pg_catalog.pg_stat_force_next_flush()"
_FLUSH_SINCE = 150_000


def reruns(
    connection: Connection, migrations: Sequence[Migration], outside: Collection[str], look: Callable[[], Contents]
) -> Iterator[Rerun]:
    """Run each migration, commit, and run it again in transactions that are rolled back.

    Those whose tags are `outside` run in none, begun anew behind each statement; `look` tells what is there then.

    Tries none from the first one on that fails the first time: what it cannot do once says nothing of twice.
    Raises psycopg.OperationalError where the connection is lost.
    """
    counts = connection.info.server_version >= _FLUSH_SINCE
    send_raw(connection, "begin")
    for number, migration in enumerate(migrations):
        if migration.tag in outside:
            send_raw(connection, "commit")
            found = resumed(connection, migration, look)
            yield found
            if isinstance(found, NotRepeatable) and found.sqlstate:
                yield from not_tried(migrations[number + 1 :], f"{migration.tag} did not come to its end")
                return
            send_raw(connection, "begin")
            continue
        if refusal := _refused(connection, migration) or send_raw(connection, "commit; begin"):
            yield from not_tried(migrations[number:], _failed_before(migration, refusal))
            return
        yield _again(connection, migration, counts=counts)
        send_raw(connection, "rollback; begin")


def not_tried(migrations: Sequence[Migration], reason: str) -> Iterator[NotTried]:
    """The outcome of each of `migrations` where none could be run a second time, for one `reason`."""
    return (NotTried(each.tag, each.path, reason) for each in migrations)


def _failed_before(migration: Migration, refusal: SqlFailure | Refusal) -> str:
    return f"{migration.tag} already failed when it ran the first time: {refusal.sqlstate} {refusal.message}"


def _again(connection: Connection, migration: Migration, *, counts: bool) -> Rerun:
    if failure := _refused(connection, migration):
        return refused_again(migration, failure)
    # What it loses is looked for in a run of its own: a flush after each of a thousand migrations, nearly all of which
    # cannot be run again, took as long as a quarter of them.
    _from_here(connection, counts=counts)
    held = read_holds(connection)
    if failure := _refused(connection, migration):
        return refused_again(migration, failure)
    if counts and (rows := _rows(connection)):
        return NotRepeatable(migration.tag, migration.path, f"inserts or deletes again ({counted(rows, 'row')})")
    if lost := made_anew(held, read_holds(connection)):
        return NotRepeatable(migration.tag, migration.path, lost)
    return Repeatable(migration.tag, migration.path)


def _from_here(connection: Connection, *, counts: bool) -> None:
    """Begin the transaction anew, nothing counted. The server flushes only while it waits outside a transaction."""
    send_raw(connection, f"rollback; {_FLUSH}" if counts else "rollback")
    send_raw(connection, "begin")


def _refused(connection: Connection, migration: Migration) -> SqlFailure | None:
    for piece in migration.pieces:
        if refusal := send_raw(connection, piece.text):
            return failure_of(migration, piece, refusal)
    return None


def _rows(connection: Connection) -> int:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_ROWS, prepare=False).fetchone() or 0)
