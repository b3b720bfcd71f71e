"""Whether each new migration's raw SQL can be run twice, past the ledger: idempotency statement by statement.

One that runs outside of a transaction is to be begun anew, wherever a deploy of it was cut off.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from psycopg.rows import args_row

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.rehearsal import NotRepeatable, NotTried, Repeatable, Rerun
from migcheck.facts.replay.stage import Contents
from migcheck.postgres.running.alone import proof_lacks, statements_of
from migcheck.postgres.running.failure import Refusal, SqlFailure, failure_of
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.outside import lock_timeout, run_alone
from migcheck.postgres.running.simple_query import send_raw
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

_HOLDS = """
    select a.attrelid::bigint, a.attnum::int, pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname::text
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S') and c.oid >= 16384 and c.relpersistence <> 't'
      and a.attnum > 0 and not a.attisdropped
    order by c.relkind = 'S', 1, 2
"""

_Holds = Mapping[tuple[int, int], tuple[str, str]]


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
            found = _resumed(connection, migration, look)
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
        return _refused_again(migration, failure)
    # Nearly all cannot be run again: of those that can alone it is counted what they do, and they run once more.
    send_raw(connection, "rollback; begin")
    before = _written(connection)
    if failure := _refused(connection, migration):
        return _refused_again(migration, failure)
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
    held = _read_holds(connection)
    if failure := _refused(connection, migration):
        return _refused_again(migration, failure)
    if lost := _made_anew(held, _read_holds(connection)):
        return NotRepeatable(migration.tag, migration.path, lost)
    return Repeatable(migration.tag, migration.path)


def _resumed(connection: Connection, migration: Migration, look: Callable[[], Contents]) -> Repeatable | NotRepeatable:
    """Run `migration` as if it were cut off behind each of its statements in turn, then once more from end to end.

    That must change nothing; `look` tells what the database holds. Where it has an `sqlstate`, it did not come to its
    end.
    """
    statements = tuple(statements_of(migration))
    for count in range(1, len(statements) + 1):
        if failure := _refused_alone(connection, migration, statements[:count]):
            return _refused_again(migration, failure)
    before, held = look(), _read_holds(connection)
    if failure := _refused_alone(connection, migration, statements):
        return _refused_again(migration, failure)
    if changed := before.unlike(look()):
        return NotRepeatable(migration.tag, migration.path, f"changes again: {changed[0]}")
    if lost := _made_anew(held, _read_holds(connection)):
        return NotRepeatable(migration.tag, migration.path, lost)
    for statement in statements:
        if lack := proof_lacks(statement.text):
            return NotRepeatable(migration.tag, migration.path, lack, statement.line)
    return Repeatable(migration.tag, migration.path)


def _refused_again(migration: Migration, failure: SqlFailure) -> NotRepeatable:
    """What a refusal of the second run says."""
    return NotRepeatable(migration.tag, migration.path, failure.message, failure.at.line, failure.sqlstate)


def _first_refused(
    migration: Migration, pieces: Iterable[Piece], run: Callable[[Piece], Refusal | None]
) -> SqlFailure | None:
    """The first of `pieces` that `run` says was refused; what is behind it did not run."""
    found = ((piece, refusal) for piece in pieces if (refusal := run(piece)) is not None)
    return next((failure_of(migration, piece, refusal) for piece, refusal in found), None)


def _refused(connection: Connection, migration: Migration) -> SqlFailure | None:
    return _first_refused(migration, migration.pieces, lambda each: send_raw(connection, each.text))


def _refused_alone(connection: Connection, migration: Migration, statements: Sequence[Piece]) -> SqlFailure | None:
    usual = lock_timeout(connection)
    return _first_refused(migration, statements, lambda each: run_alone(connection, each, usual))


def _written(connection: Connection) -> _Written:
    # Unprepared: a migration may say DEALLOCATE ALL.
    with connection.cursor(row_factory=args_row(_Written)) as cursor:
        [written] = cursor.execute(_WRITTEN, prepare=False)
    return written


def _read_holds(connection: Connection) -> _Holds:
    """The columns of all tables and sequences, as (relation, column), by what is never given to another."""
    # Unprepared: a migration may say DEALLOCATE ALL.
    found = connection.execute(_HOLDS, prepare=False)
    return {(int(str(oid)), int(str(number))): (str(name), str(column)) for oid, number, name, column in found}


def _made_anew(before: _Holds, after: _Holds) -> str:
    """What a run between the two dropped, in words; empty where it kept everything."""
    kept = {oid for oid, _ in after}
    for (oid, number), (name, column) in before.items():
        if oid not in kept:
            return f"drops {name} again, with all that it holds by then"
        if (oid, number) not in after:
            return f"drops {name}.{column} again, with all that it holds by then"
    return ""
