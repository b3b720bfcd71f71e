"""Whether a server takes a statement: it is planned, in a round trip with many, and never run."""

from collections.abc import Iterator

import psycopg
import pytest

from migcheck.postgres.explaining import Asked, Refused, Unknown, explain_all
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = pytest.mark.server

TABLES = """
create table t (id int generated always as identity primary key, a text unique, b text not null, c int);
create materialized view m as select 1 as x with no data;
create function writes() returns int volatile language plpgsql as $$ begin delete from t; return 1; end $$;
create function writes_too() returns int immutable language plpgsql as $$ begin return writes(); end $$;
"""


@pytest.fixture
def connection(server: ScratchServer) -> Iterator[Connection]:
    server.drop_database("explaining")
    server.create_database("explaining")
    with server.connect("explaining") as session:
        session.execute(TABLES)
        yield session


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("select 1", 0),
        ("select x from m", 0),
        ("insert into t (a, b) values ($1, $2)", 2),
        ("insert into t (b) values (default) on conflict (a) do update set a = $1", 1),
        ("update t set a = $1 where id = $2", 2),
        ("delete from t;", 0),
        ("select id from t where a = $1 for update", 1),
        ("with gone as (delete from t returning id) select * from gone limit $1", 1),
    ],
)
def test_what_a_server_takes(connection: Connection, text: str, parameters: int) -> None:
    connection.execute("insert into t (b) values ('kept')")
    assert list(explain_all(connection, [Asked(text, parameters)])) == [None]
    assert connection.execute("select b from t").fetchall() == [("kept",)]


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ("select nothing from t", "42703"),
        ("select * from nowhere", "42P01"),
        ("insert into t (id) values (3)", "428C9"),
        ("insert into t (b) values (default) on conflict (b) do nothing", "42P10"),
        ("insert into t (c) values ('1'), ('x')", "22P02"),
        ("select 1; drop table t", "42601"),
        ("commit", "42601"),
        ("analyze) select 1", "42601"),
        ("select \0", "42703"),
    ],
)
def test_what_it_refuses(connection: Connection, text: str, sqlstate: str) -> None:
    asked = [Asked("select 1"), Asked(text), Asked("select 2")]
    before, refused, after = explain_all(connection, asked)
    assert (before, after) == (None, None)
    assert isinstance(refused, Refused)
    assert (refused.sqlstate, refused.told) == (sqlstate, f"{refused.message} ({sqlstate})")
    assert connection.execute("select count(*) from t").fetchone() == (0,)


FOLDED = "create function {} returns int immutable language plpgsql as $$ begin {}; return 1; end $$"


@pytest.mark.parametrize(
    ("does", "sqlstate"),
    [
        ("return writes()", "25006"),
        ("raise sqlstate '40001'", "40001"),
        ("return folded()", "54001"),
        ("raise sqlstate '55P03'", "55P03"),
        ("raise query_canceled", "57014"),
        ("raise sqlstate '58P01'", "58P01"),
        ("raise internal_error", "XX000"),
    ],
)
def test_what_it_does_not_come_to_say(connection: Connection, does: str, sqlstate: str) -> None:
    connection.execute(FOLDED.format("folded()", does))
    asked = [Asked("select 1"), Asked("select folded()"), Asked("select 2")]
    before, unknown, after = explain_all(connection, asked)
    assert (before, after) == (None, None)
    assert isinstance(unknown, Unknown)
    assert unknown.sqlstate == sqlstate
    assert connection.execute("select count(*) from t").fetchone() == (0,)


def test_what_a_function_raises_while_it_is_planned_is_a_refusal(connection: Connection) -> None:
    connection.execute(FOLDED.format("folded()", "raise 'no'"))
    assert list(explain_all(connection, [Asked("select folded()")])) == [Refused("P0001", "no")]


def test_a_null_that_stands_for_a_value_breaks_no_rule(connection: Connection) -> None:
    connection.execute("create domain given as text not null; create table d (g given)")
    connection.execute(FOLDED.format("folded()", "raise check_violation"))
    asked = [Asked("insert into d values ($1)", 1), Asked("select folded()")]
    found = [(type(each), each and each.sqlstate) for each in explain_all(connection, asked)]
    assert found == [(Unknown, "23502"), (Refused, "23514")]


def test_a_server_that_has_no_more_is_told(connection: Connection) -> None:
    connection.execute(FOLDED.format("folded()", "raise disk_full"))
    with pytest.raises(psycopg.errors.DiskFull):
        list(explain_all(connection, [Asked("select 1"), Asked("select folded()")]))


def test_no_setting_lets_the_next_one_write(connection: Connection) -> None:
    """What a function sets for its session is taken back with each."""
    off = "perform set_config('default_transaction_read_only', 'off', false), set_config('search_path', 'x', false)"
    connection.execute(FOLDED.format("sets()", off))
    connection.execute(FOLDED.format("opens()", "perform set_config('transaction_read_only', 'off', true)"))
    asked = ["select sets()", "select writes_too()", "select 1 from t", "select opens()"]
    found = list(explain_all(connection, map(Asked, asked)))
    assert [each and each.sqlstate for each in found] == [None, "25006", None, "25001"]
    assert connection.execute("select count(*), current_setting('search_path') from t").fetchone() == (
        0,
        '"$user", public',
    )


def test_what_is_no_text_is_sent_as_one(connection: Connection) -> None:
    assert list(explain_all(connection, [Asked("select '\ud800'")])) == [None]


def test_more_than_go_at_once_keep_their_order(connection: Connection) -> None:
    asked = [Asked(f"select {'1' if number % 3 else 'x'} as n{number}") for number in range(700)]
    found = [each is None for each in explain_all(connection, asked)]
    assert found == [bool(number % 3) for number in range(700)]
    assert list(explain_all(connection, [])) == []


def test_a_connection_that_is_lost_is_told(connection: Connection) -> None:
    ends = "create function ends() returns bool immutable language sql as $$ select {} $$"
    connection.execute(ends.format("pg_terminate_backend(pg_backend_pid())"))
    with pytest.raises(psycopg.OperationalError):
        list(explain_all(connection, [Asked("select 1"), Asked("select ends()"), Asked("select 2")]))
