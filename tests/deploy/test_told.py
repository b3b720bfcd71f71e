"""What a target tells of tables and of rows: on one connection, and each with its own reason where it does not."""

import pytest

from migcheck.facts.sql.rows import Answers, Found, Unasked
from migcheck.facts.target.read_told import read_told
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.postgres.target.address import parse_address
from tests.support.target_server import Database

pytestmark = pytest.mark.server

ALL = "select * from public.users"
GONE = "select * from public.gone"
TABLES = ("public.users",)


def told(app: Database, *selects: str) -> tuple[Sizes, Answers]:
    sizes, answers, _ = read_told(parse_address(app.url), TABLES, selects, lambda _line: None)
    return sizes, answers


@pytest.fixture
def users(app: Database) -> Database:
    app.run("create table users (id int)", "insert into users values (1), (2)")
    return app


def test_what_is_asked_for_is_told_apart(users: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, answers = told(users, ALL, GONE, ALL)
    assert (sizes, answers[ALL]) == ({"public.users": Size(None, 8192)}, Found(2))
    assert str(answers[GONE]).startswith("""Unasked(reason='relation "public.gone" does not exist""")
    monkeypatch.setattr("migcheck.facts.target.read_sizes.PATIENCE", 0.01)
    with users.connect() as other, other.transaction():
        other.execute("lock table users in access exclusive mode")
        monkeypatch.setattr("migcheck.facts.target.read_answers.PATIENCE", 0.01)
        sizes, answers = told(users, "select 1", ALL)
    locked = "canceling statement due to lock timeout"
    assert (sizes, answers["select 1"]) == (Unsized(locked), Found(1))
    assert str(answers[ALL]).startswith(f"Unasked(reason='{locked}; LINE 1")


def test_one_connection_is_made_for_both(users: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = "select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
    assert told(users, mine) == ({"public.users": Size(None, 8192)}, {mine: Found(0)})
    locks = (
        "select '' as name, 0 as rows, 0 as bytes, pg_advisory_lock(1) is null as empty where %s::text[] is not null"
    )
    monkeypatch.setattr("migcheck.facts.target.read_sizes._SIZES", locks)
    assert told(users, mine)[1] == {mine: Found(1)}


def test_a_connection_that_sizes_lose_is_made_anew_for_the_answers(
    users: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = "select pg_terminate_backend(pg_backend_pid()) where %s::text[] is not null"
    monkeypatch.setattr("migcheck.facts.target.read_sizes._SIZES", ends)
    sizes, answers = told(users, ALL)
    assert isinstance(sizes, Unsized)
    assert "terminating connection due to administrator command" in sizes.reason
    assert answers == {ALL: Found(2)}


def test_what_was_said_before_a_connection_is_lost_was_said(users: Database) -> None:
    ends = "select pg_terminate_backend(pg_backend_pid())"
    sizes, answers = told(users, ALL, ends, GONE)
    assert sizes == {"public.users": Size(None, 8192)}
    why = "terminating connection due to administrator command"
    assert answers == {ALL: Found(2), ends: Unasked(why), GONE: Unasked(why)}


def test_where_nobody_answers_both_say_so(app: Database) -> None:
    nobody = parse_address(app.url.replace(app.password, "wrong"))
    sizes, answers, _ = read_told(nobody, TABLES, (ALL,), lambda _line: None)
    assert isinstance(sizes, Unsized)
    assert sizes.reason
    assert answers == {ALL: Unasked(sizes.reason)}


def test_the_time_zone_of_who_deploys_is_told(users: Database) -> None:
    users.run("""do $$ begin
        execute format('alter role %I in database %I set timezone to %L', user, current_database(), 'Asia/Tokyo');
    end $$""")
    *_, zone = read_told(parse_address(users.url), TABLES, (), lambda _line: None)
    assert zone == "Asia/Tokyo"
