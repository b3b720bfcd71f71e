"""Pieces that go to the server together have the outcome of one by one: the same refusal, place and ledger."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.pieces import BREAKPOINT
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.running.failure import Refusal, SqlFailure
from migcheck.postgres.running.joining import LONGEST, SentPiece, bundles, may_join, refused_piece, text_of
from migcheck.postgres.running.ledger import create_ledger
from migcheck.postgres.running.watched import Watch, run_batch, run_together
from tests.support.deploys import NAME, ledger_rows, tables, written
from tests.support.target_server import Database, TargetServer

ROOT = Path(__file__).parents[2]
COLUMNS = "select table_schema, table_name, column_name, data_type from information_schema.columns order by 1, 2, 3"
NOW = 170_000
# What a piece may be; most go well, so that a batch comes to its later pieces.
WELL = (
    "create table {n} (id int primary key, word text);",
    "create table {n} ()",
    "create table {n} ();  -- the last line is a comment",
    "create table {n} (a text default 'it''s; ok'); insert into {n} values ('a'), (E'b\\'c;');",
    "do $$ begin perform 1; create table {n} (); end $$;",
    "create function {n}() returns int language sql as $f$ select 1; $f$;\n",
    "insert into kept values ({k}, 'first; second');",
    "insert into kept values ({k}, $$ /* no comment $$); /* a comment; */",
    "update kept set word = '-->' where id < {k};;",
    "-- nothing but a comment",
    "",
    "\n\n  ;",
    "set local work_mem = '8MB';",
    "select id, word from kept;",
    "with some as (select 1) select * from some;",
    "create function {n}() returns int begin atomic select 1; select 2; end;",
    "insert into later values ({k});",
)
ILL = (
    "insert into kept values (0, 'again');",
    "select 1 / 0;\nselect 2;",
    "select\n  1;\nselect no_such_column from kept;",
    "create table {n} (;",
    "insert into kept values ({k}, 'never closed);",
    "select (1;",
    "select 1); select 2;",
    "create rule r as on insert to kept do also (select 1",
    "select 2)",
    "/* never closed",
    "insert into later values (-1);",
    "copy kept from stdin;",
    "create index concurrently on kept (word);",
    "commit; create table {n} (); begin;",
    "savepoint one; insert into kept values (0, 'again'); ",
    "rollback;",
    "set standard_conforming_strings = off;",
    "select 'a\\';select 1/0;--';",
    "select no_such_function({k});",
)
EACH = 100
"""So many folders are made up for one database, and two thousand in all."""
START = """
    create table kept (id int primary key, word text);
    insert into kept values (0, 'there');
    create table later (id int check (id is not null));
    create function refuse() returns trigger language plpgsql as
        'begin if new.id < 0 then raise exception ''too late''; end if; return null; end';
    create constraint trigger refuse after insert on later initially deferred for each row execute function refuse();
"""


def batch_of(choice: random.Random, where: Path) -> tuple[Migration, ...]:
    """A few migrations of a few pieces, in which now and then one is ill."""
    numbers = iter(range(1, 1_000))

    def piece() -> str:
        number = next(numbers)
        text = choice.choice(ILL if choice.random() < 0.06 else WELL)
        return text.replace("{n}", f"t{number}").replace("{k}", str(number))

    files = {
        f"{at:04}_m": BREAKPOINT.join(piece() for _ in range(choice.randint(1, 5)))
        for at in range(choice.randint(1, 6))
    }
    return written(where, files).migrations


def outcome(app: Database, batch: Sequence[Migration], *, together: bool) -> tuple[SqlFailure | None, object]:
    """What came of a run on a database that is as new."""
    app.run("drop schema if exists drizzle cascade; drop schema public cascade; create schema public", START)
    with app.session() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
        run = run_together if together else run_batch
        failure = run(connection, NAME, batch, Layout.JOURNAL, Watch())
        connection.execute("discard all")
    rows = [row[1:] for row in ledger_rows(app)]
    return failure, (rows, tables(app), app.ask("select * from kept order by id"), app.ask("select * from later"))


@pytest.mark.server
@pytest.mark.parametrize("chunk", range(20))
def test_the_outcome_is_that_of_one_by_one(target_server: TargetServer, tmp_path: Path, chunk: int) -> None:
    with target_server.database().held() as app:
        for seed in range(EACH * chunk, EACH * (chunk + 1)):
            batch = batch_of(random.Random(seed), tmp_path / str(seed))
            apart = outcome(app, batch, together=False)
            assert outcome(app, batch, together=True) == apart, seed


@pytest.mark.server
def test_so_is_that_of_the_sample_folder(target_server: TargetServer) -> None:
    folder = read_folder(DiskTree(ROOT), "migrations")
    found = []
    for run in (run_batch, run_together):
        app = target_server.database()
        with app.connect() as connection:
            create_ledger(connection, NAME, folder.layout)
            failure = run(connection, NAME, folder.migrations, folder.layout, Watch())
        found.append((failure, ledger_rows(app), app.ask(COLUMNS)))
    assert found[0] == found[1]
    assert (found[0][0], len(found[0][1])) == (None, len(folder.migrations))


def parts(tmp_path: Path, *texts: str) -> list[SentPiece]:
    """The pieces of one migration, of these texts."""
    (migration,) = written(tmp_path, {"0000_m": BREAKPOINT.join(texts)}).migrations
    return [SentPiece(migration, piece) for piece in migration.pieces]


def test_what_goes_together(tmp_path: Path) -> None:
    found = parts(tmp_path, "create table a ();", "select 1", "set work_mem = '1MB';", "drop table a;", "-- end")
    sent = list(bundles(found))
    assert [text_of(each) for each in sent] == [
        "create table a ();\n;\nselect 1",
        "set work_mem = '1MB';",
        "drop table a;\n;\n-- end",
    ]


def test_no_more_goes_together_than_64_kib(tmp_path: Path) -> None:
    insert = f"insert into t values ('{'x' * (LONGEST // 3)}');"
    large = f"insert into t values ('{'x' * LONGEST}');"
    sent = list(bundles(parts(tmp_path, insert, insert, insert, large, insert)))
    assert [len(each) for each in sent] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "commit;",
        "select 1; ROLLBACK;",
        "-- so\nsavepoint a;",
        "end;",
        "set standard_conforming_strings = off",
        "SET STANDARD_CONFORMING_STRINGS = off",
        "begin atomic",
    ],
)
def test_a_batch_that_leaves_its_transaction_goes_one_by_one(tmp_path: Path, text: str) -> None:
    assert not may_join(parts(tmp_path, "select 1;", text), NOW)
    assert may_join(parts(tmp_path / "other", "select 1;", "select 'commit'"), NOW)


def test_where_a_timeout_is_one_for_all_that_goes_together_all_goes_one_by_one(tmp_path: Path) -> None:
    found = parts(tmp_path, "select 1;", "select 2;")
    assert (may_join(found, 129_999), may_join(found, 130_000)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "select 'a",
        'select "a',
        "select $a$ $b$",
        "select (1",
        "select 1)",
        "select 1) (",
        "select 1 /* a",
        "copy a from stdin",
    ],
)
def test_what_the_next_piece_could_end_goes_alone(tmp_path: Path, text: str) -> None:
    assert [len(each) for each in bundles(parts(tmp_path, "select 1;", text, "select 2;"))] == [1, 1, 1]


def test_a_refusal_is_told_of_its_own_piece(tmp_path: Path) -> None:
    bundle = tuple(parts(tmp_path, "select 1; select 2;", "-- nothing", "select 3;\nselect a"))
    at = text_of(bundle).index("select a") + len("select ")
    found = refused_piece(bundle, Refusal("42703", "no a", position=at + 1, done=3))
    assert found == (bundle[2], Refusal("42703", "no a", position=len("select 3;\nselect a"), done=1))


@pytest.mark.parametrize(("code", "told"), [("42601", False), ("22021", False), ("23505", True), ("55P03", True)])
def test_what_is_said_before_anything_ran_may_be_of_later_syntax(tmp_path: Path, code: str, told: bool) -> None:  # noqa: FBT001 - a case
    bundle = tuple(parts(tmp_path, "select 1;", "select 2;"))
    assert (refused_piece(bundle, Refusal(code, "no")) is not None) == told
    assert refused_piece(bundle[:1], Refusal(code, "no")) == (bundle[0], Refusal(code, "no"))
