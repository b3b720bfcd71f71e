"""Pieces run as drizzle-orm runs them: raw, by the simple protocol, all pending in one transaction."""

from collections.abc import Iterator

import pytest

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection, create_ledger, read_ledger
from migcheck.postgres.running.migrating import due_in, run_batches
from migcheck.postgres.running.watched import NOBODY, ConnectionLostError
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.folders import STEP, WHEN
from tests.support.rehearsals import folder_of

pytestmark = pytest.mark.server

LEDGER = LedgerName()
BREAK = "--> statement-breakpoint\n"


@pytest.fixture
def database(server: ScratchServer) -> Iterator[Connection]:
    """An owner's session in a new database."""
    server.create_database("running")
    try:
        with server.connect("running") as connection:
            yield connection
    finally:
        server.drop_database("running")


def run(database: Connection, *migrations: str | bytes, batching: Batching = Batching.ALL) -> str:
    """Run a folder of `migrations`; where it failed, and why."""
    tags = {f"{number:04d}": sql for number, sql in enumerate(migrations)}
    failure = migrate(database, LEDGER, folder_of(tags), batching)
    return told(failure) if failure else ""


def migrate(database: Connection, name: LedgerName, folder: Folder, batching: Batching) -> SqlFailure | None:
    """Run what is due of `folder`, each piece sent by itself."""
    return run_batches(database, name, due_in(database, name, folder, batching), folder.layout, NOBODY)


def told(failure: SqlFailure) -> str:
    return f"{failure.path}:{failure.line}: {failure.sqlstate} {failure.message}"


def recorded(database: Connection) -> list[int]:
    """Which migrations the ledger has, by number."""
    return [((row.created_at or 0) - WHEN) // STEP for row in read_ledger(database, LEDGER).rows]


def one(database: Connection, query: bytes) -> object:
    row = database.execute(query).fetchone()
    return row and row[0]


def test_each_migration_is_recorded_with_its_hash_and_when(database: Connection) -> None:
    head = folder_of({"0000_a": "create table a ();", "0001_b": "create table b ();"})
    assert migrate(database, LEDGER, head, Batching.ALL) is None
    rows = read_ledger(database, LEDGER).rows
    assert [(row.id, row.hash, row.created_at, row.name) for row in rows] == [
        (number, each.hash, each.when, None) for number, each in enumerate(head.migrations, 1)
    ]


def test_the_ledger_has_the_columns_of_drizzle_and_no_other(database: Connection) -> None:
    create_ledger(database, LEDGER, folder_of({}).layout)
    query = b"select string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull, ', ' order by attnum) from "
    query += b"pg_attribute where attrelid = 'drizzle.__drizzle_migrations'::regclass and attnum > 0"
    assert one(database, query) == "id integer true, hash text true, created_at bigint false"
    query = b"select string_agg(relname || ' ' || relkind::text, ', ' order by relname) from pg_class "
    query += b"where relnamespace = 'drizzle'::regnamespace"
    assert one(database, query) == (
        "__drizzle_migrations r, __drizzle_migrations_id_seq S, __drizzle_migrations_pkey i"
    )


@pytest.mark.parametrize(
    "piece",
    [
        "",
        "\n\n",
        "-- a comment",
        "/* a /* nested */ comment */",
        ";",
        ";;",
        "-- Custom SQL migration file --\n" + BREAK,
    ],
    ids=repr,
)
def test_pieces_without_a_statement_run(database: Connection, piece: str) -> None:
    assert run(database, piece) == ""
    assert recorded(database) == [0]


def test_a_piece_of_several_statements_runs_however_often_it_comes(database: Connection) -> None:
    assert run(database, "create table n (i int);", *["insert into n values (1); insert into n values (2);"] * 12) == ""
    assert one(database, b"select count(*) from n") == 24


def test_a_piece_is_sent_as_it_is(database: Connection) -> None:
    sql = (
        "create table texts (t text default '%s %(name)s %% $1 \\n :x');" + BREAK + "insert into texts default values;"
    )
    assert run(database, sql) == ""
    assert one(database, b"select t from texts") == "%s %(name)s %% $1 \\n :x"


def test_what_select_and_copy_give_back_is_dropped(database: Connection) -> None:
    sql = "create table n as select generate_series(1, 100000) i; select * from n; copy n to stdout; select 1;"
    assert run(database, sql) == ""
    assert recorded(database) == [0]


def test_copy_from_stdin_is_refused_as_node_postgres_refuses_it(database: Connection) -> None:
    assert run(database, "create table n (i int);" + BREAK + "copy n from stdin;") == (
        "drizzle/0000.sql:2: 57014 COPY from stdin failed: No source stream defined"
    )
    assert one(database, b"select 1") == 1


def test_a_nul_byte_is_refused_and_not_cut(database: Connection) -> None:
    assert run(database, b"select 1;\n select '\0'; drop table nobody;") == (
        "drizzle/0000.sql:2: 08P01 invalid message format"
    )


def test_a_byte_order_mark_is_a_syntax_error(database: Connection) -> None:
    assert run(database, b"\xef\xbb\xbfselect 1") == 'drizzle/0000.sql:1: 42601 syntax error at or near "\ufeffselect"'


def test_the_encoding_that_a_migration_sets_changes_nothing_for_the_next(database: Connection) -> None:
    assert run(database, "set client_encoding = 'latin1';", "create table t as select 'é' as t;") == ""
    database.execute(b"reset client_encoding")
    assert one(database, b"select octet_length(t) from t") == 4


def test_60_mib_in_one_piece(database: Connection) -> None:
    assert run(database, "create table t (t text);" + BREAK + f"insert into t values ('{'x' * 60 * 2**20}');") == ""
    assert one(database, b"select length(t) from t") == 60 * 2**20


def test_the_line_is_that_of_the_error_also_behind_wide_characters(database: Connection) -> None:
    sql = "create table a (i int);\n" + BREAK + "\n-- größe 😀\nselect '😀';\n\n  selec 1;\n"
    assert run(database, sql) == 'drizzle/0000.sql:7: 42601 syntax error at or near "selec"'


def test_without_a_position_the_line_is_that_of_the_refused_statement(database: Connection) -> None:
    sql = "create table a (i int);\n" + BREAK + "\n-- first\n/* and\nsecond */\n\ninsert into a values (1 / 0);"
    assert run(database, sql) == "drizzle/0000.sql:8: 22012 division by zero"
    second = sql.replace("insert", "insert into a values (1);\n\ninsert")
    assert run(database, second) == "drizzle/0000.sql:10: 22012 division by zero"


def test_a_failure_keeps_statement_detail_and_hint(database: Connection) -> None:
    head = folder_of(
        {"0000_a": "create table a (i int primary key);\n\ninsert into a values (1);\ninsert into a values (1);"}
    )
    assert migrate(database, LEDGER, head, Batching.ALL) == SqlFailure(
        migration="0000_a",
        path="drizzle/0000_a.sql",
        line=4,
        statement="insert into a values (1);",
        sqlstate="23505",
        message='duplicate key value violates unique constraint "a_pkey"',
        detail="Key (i)=(1) already exists.",
    )


def test_a_failure_rolls_back_everything_pending_and_keeps_the_ledger(database: Connection) -> None:
    assert run(database, "create table a ();", "create table b ();", "select 1 / 0;") == (
        "drizzle/0002.sql:1: 22012 division by zero"
    )
    assert recorded(database) == []
    assert one(database, b"select to_regclass('a')") is None
    assert run(database, "create table a ();", "create table b ();", "select 1 / 1;") == ""
    assert [row.id for row in read_ledger(database, LEDGER).rows] == [3, 4, 5]


def test_with_one_transaction_each_what_ran_before_a_failure_stays(database: Connection) -> None:
    told = run(database, "create table a ();", "create table b ();", "select 1 / 0;", batching=Batching.EACH)
    assert told == "drizzle/0002.sql:1: 22012 division by zero"
    assert recorded(database) == [0, 1]


def test_concurrently_is_refused_in_the_one_transaction(database: Connection) -> None:
    assert run(database, "create table a (i int);", "create index concurrently i on a (i);") == (
        "drizzle/0001.sql:1: 25001 CREATE INDEX CONCURRENTLY cannot run inside a transaction block"
    )
    assert recorded(database) == []


def test_a_piece_that_commits_and_one_that_begins_let_concurrently_run(database: Connection) -> None:
    pieces = ["COMMIT;", "create index concurrently i on a (i);", "BEGIN;"]
    assert run(database, "create table a (i int);", BREAK.join(pieces)) == ""
    assert recorded(database) == [0, 1]
    assert one(database, b"select to_regclass('i')::text") == "i"


def test_what_fails_after_a_piece_that_commits_leaves_its_migration_half_done(database: Connection) -> None:
    told = run(database, "create table a (i int);", "create table b ();" + BREAK + "COMMIT;" + BREAK + "select 1 / 0;")
    assert told == "drizzle/0001.sql:3: 22012 division by zero"
    assert recorded(database) == [0]
    assert one(database, b"select to_regclass('b')::text") == "b"


def test_a_piece_that_rolls_back_undoes_what_came_before_and_is_recorded(database: Connection) -> None:
    assert run(database, "create table a ();", "ROLLBACK;") == ""
    assert recorded(database) == [1]
    assert one(database, b"select to_regclass('a')") is None


def test_a_constraint_that_is_refused_at_commit_is_told_of_the_last_migration(database: Connection) -> None:
    tables = "create table a (i int primary key); create table b (i int references a deferrable initially deferred);"
    assert run(database, tables, "insert into b values (1);") == (
        'drizzle/0001.sql:1: 23503 insert or update on table "b" violates foreign key constraint "b_i_fkey"'
    )
    assert recorded(database) == []


def test_a_migration_that_ends_its_own_session_is_named(database: Connection) -> None:
    with pytest.raises(ConnectionLostError) as lost:
        run(database, "select 1;", "\nselect pg_terminate_backend(pg_backend_pid());")
    assert (lost.value.failure.path, lost.value.failure.line) == ("drizzle/0001.sql", 2)


def test_the_ledger_may_be_elsewhere_under_any_name(database: Connection) -> None:
    name = LedgerName('odd "schema"', "Größe; drop table x")
    head = folder_of({"0000_a": "create table a ();"})
    assert migrate(database, name, head, Batching.ALL) is None
    assert migrate(database, name, head, Batching.ALL) is None
    assert len(read_ledger(database, name).rows) == 1
    assert one(database, b"select to_regnamespace('drizzle')") is None


def test_an_absent_ledger_has_no_rows(database: Connection) -> None:
    assert read_ledger(database, LEDGER).rows == ()
