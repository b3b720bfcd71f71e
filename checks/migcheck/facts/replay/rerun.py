"""Whether each new migration's raw SQL can be run twice: idempotency statement by statement, past the ledger."""

from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct
from psycopg.rows import args_row

from migcheck.drizzle.folder import Migration
from migcheck.facts.rehearsal import NotRepeatable, NotTried, Repeatable, Rerun
from migcheck.facts.replay.anew import made_anew, read_holds
from migcheck.facts.replay.resume import first_refused, refused_again, resumed
from migcheck.facts.replay.stage import Contents
from migcheck.postgres.failure import Refusal, SqlFailure
from migcheck.postgres.ledger import Connection
from migcheck.postgres.simple_query import send_raw
from migcheck.wording import counted

# What has not been reported, and what has: a migration may end its transaction, and the server reports behind that.
# Below 15 its collector tells of it up to half a second late: rows that such a one wrote may be missed there.
# Updates of rows are left out: setting what is set already changes nothing.
# Not from the view pg_stat_xact_user_tables: its joins take as long as the migration itself.
_WRITTEN = """
    select extract(epoch from pg_catalog.now())::text,
        coalesce(sum(inserted + deleted) filter (where oid >= 16384), 0)::bigint,
        coalesce(sum(updated + deleted) filter (where oid < 16384), 0)::bigint
    from (
        select oid,
            pg_catalog.pg_stat_get_xact_tuples_inserted(oid) + pg_catalog.pg_stat_get_tuples_inserted(oid) as inserted,
            pg_catalog.pg_stat_get_xact_tuples_updated(oid) + pg_catalog.pg_stat_get_tuples_updated(oid) as updated,
            pg_catalog.pg_stat_get_xact_tuples_deleted(oid) + pg_catalog.pg_stat_get_tuples_deleted(oid) as deleted
        from pg_catalog.pg_class
        where relkind = 'r' and (oid >= 16384 or oid in (1249, 1259)) -- pg_attribute and pg_class
    ) written
"""


class _Written(Struct, frozen=True):
    """What a session has written: rows of tables inserted and deleted, and how often a table or column was changed.

    `begun` is when its transaction began, in seconds: what ran in an earlier one the server counts late.
    """

    begun: str
    rows: int
    catalogue: int


def reruns(
    connection: Connection, migrations: Sequence[Migration], outside: Collection[str], look: Callable[[], Contents]
) -> Iterator[Rerun]:
    """Run each migration, commit, and run it again in transactions that are rolled back.

    Those whose tags are `outside` run in none, begun anew behind each statement; `look` tells what is there then.

    Tries none from the first one on that fails the first time: what it cannot do once says nothing of twice.
    Raises psycopg.OperationalError where the connection is lost.
    """
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
        yield _again(connection, migration)
        send_raw(connection, "rollback; begin")


def not_tried(migrations: Sequence[Migration], reason: str) -> Iterator[NotTried]:
    """The outcome of each of `migrations` where none could be run a second time, for one `reason`."""
    return (NotTried(each.tag, each.path, reason) for each in migrations)


def _failed_before(migration: Migration, refusal: SqlFailure | Refusal) -> str:
    return f"{migration.tag} already failed when it ran the first time: {refusal.sqlstate} {refusal.message}"


def _again(connection: Connection, migration: Migration) -> Rerun:
    if failure := _refused(connection, migration):
        return refused_again(migration, failure)
    # Nearly all cannot be run again: of those that can alone it is counted what they do, and they run once more.
    send_raw(connection, "rollback; begin")
    before = _written(connection)
    if failure := _refused(connection, migration):
        return refused_again(migration, failure)
    after = _written(connection)
    if (more := after.rows - before.rows) > 0:
        return NotRepeatable(migration.tag, migration.path, f"inserts or deletes again ({counted(more, 'row')})")
    # To read all columns of a large schema takes longer than the migration: only where one may have been dropped.
    if (after.begun, after.catalogue) == (before.begun, before.catalogue):
        return Repeatable(migration.tag, migration.path)
    return _kept(connection, migration)


def _kept(connection: Connection, migration: Migration) -> Rerun:
    """Whether what `migration` changes of tables that are there is still there behind it."""
    send_raw(connection, "rollback; begin")
    held = read_holds(connection)
    if failure := _refused(connection, migration):
        return refused_again(migration, failure)
    if lost := made_anew(held, read_holds(connection)):
        return NotRepeatable(migration.tag, migration.path, lost)
    return Repeatable(migration.tag, migration.path)


def _refused(connection: Connection, migration: Migration) -> SqlFailure | None:
    return first_refused(migration, migration.pieces, lambda each: send_raw(connection, each.text))


def _written(connection: Connection) -> _Written:
    # Unprepared: a migration may say DEALLOCATE ALL.
    with connection.cursor(row_factory=args_row(_Written)) as cursor:
        [written] = cursor.execute(_WRITTEN, prepare=False)
    return written
