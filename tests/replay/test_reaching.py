"""How far a write reaches, by what follows from it and by the text of code."""

from collections.abc import Callable

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.facts.replay.watching.looking import Look, Sent
from migcheck.facts.replay.watching.writing import ALL, EVENTS, Code, Write, Writing, is_quiet
from migcheck.facts.replay.with_rows.reaching import Reach
from migcheck.finding import Location
from migcheck.postgres.filling.following import Following, Routine
from migcheck.postgres.running.joining import SentPiece
from tests.support.growth import LINEAR, growth
from tests.support.rehearsals import folder_of

NAMES = {1: "public.users", 2: "public.orgs", 3: 'public."Notes"', 4: "public.people", 5: 'public."v1.Tags"'}
NOTHING = Following(frozenset(), frozenset(), {}, frozenset())
FIRST = Location("drizzle/0001_b.sql", 1)


def reach(was: Following = NOTHING, now: Following = NOTHING, new: str = "select 1") -> Reach:
    return Reach(NAMES, {1, 2, 3, 5}, was, now, folder_of({"0001_b": new}).migrations)


def written(text: str, there: Reach | None = None) -> set[str]:
    return {each.table for each in (there or reach()).writes((), [Code(text, FIRST)])}


NONE = set[str]()
CODE = [
    ("select 1 from users for update", NONE),
    (
        "do $$ begin alter table users add foreign key (a) references o on delete cascade on update cascade; end $$",
        NONE,
    ),
    ("do $$ begin create trigger t after insert on users execute function f(); end $$", NONE),
    ("do $$ begin update only users u set a = 1; end $$", {"public.users"}),
    ('do $$ begin DELETE  FROM public."Notes"; insert into orgs select 1; end $$', {'public."Notes"', "public.orgs"}),
    ('do $$ begin delete from public."v1.Tags"; delete from "USERS"; end $$', {'public."v1.Tags"'}),
    ("do $$ begin truncate table orgs; end $$", {"public.orgs"}),
    ('do $$ begin truncate only orgs *, public."Notes"; select from users; end $$', {"public.orgs", 'public."Notes"'}),
    ('do $$ begin update users * as "U" set a = 1; end $$', {"public.users"}),
    ("do $$ begin update/* all */users -- of them\n set a = 1; end $$", {"public.users"}),
    ("do $$ begin perform '--'; delete from users; perform '/*'; end $$", {"public.users"}),
    ("do $$ begin update people set a = 1; end $$", {ALL}),
    ("do $$ begin execute format('update %I', x); end $$", {ALL}),
    ("do $$ begin GRANT EXECUTE ON FUNCTION f(int) to app; revoke all on users from app; end $$", NONE),
    ("do $$ begin grant execute on all functions in schema public to app; execute on_all; end $$", {ALL}),
    ("do $$ begin insert into nobody_knows select 1; end $$", NONE),
]


@pytest.mark.parametrize(("text", "tables"), CODE)
def test_what_code_writes_by_its_text(text: str, tables: set[str]) -> None:
    assert written(text) == tables


def test_what_a_function_writes_that_is_called() -> None:
    routines = {
        7: Routine("one", "begin perform two(); end"),
        8: Routine("two", "delete from orgs"),
        9: Routine("c", ""),
    }
    there = Following(frozenset(), frozenset(), routines, frozenset())
    assert written("select one(1)", reach(was=there)) == {"public.orgs"}
    assert written("call public.two ()", reach(now=there)) == {"public.orgs"}
    assert written("select c()", reach(now=there)) == {ALL}
    assert written("do $$ begin grant execute on function c() to app; end $$", reach(was=there)) == set()
    assert written("do $$ begin grant execute on function c() to app; perform two(); end $$", reach(was=there)) == {
        "public.orgs"
    }
    several = "grant execute on function one(int, numeric(4, 2)), public.two, c() to app"
    revoked = several.replace("grant", "revoke").replace(" to ", " from ")
    assert written(f"do $$ begin {several}; {revoked}; end $$", reach(was=there)) == set()
    assert written(f"do $$ begin {several}; perform two(); end $$", reach(was=there)) == {"public.orgs"}
    assert written("select nothing(two)", reach(now=there)) == set()
    dropped = "create function gone() returns int language sql as 'delete from users returning 1'; select gone()"
    assert written("select gone()", reach(new=dropped)) == {"public.users"}


def test_a_table_may_have_another_name_by_then() -> None:
    there = Reach(NAMES, {1, 2, 3}, NOTHING, NOTHING, (), {1: "public.members", 9: "public.users"})
    assert written("delete from members", there) == written("delete from users", there) == {"public.users"}
    quoted = Reach(NAMES, {1, 2, 3}, NOTHING, NOTHING, (), {1: 'public."mem""bers"'})
    assert written('delete from "mem""bers"', quoted) == {"public.users"}


def test_what_follows_from_a_write_and_where_it_begins() -> None:
    links = frozenset({(2, "delete", 1)})
    fires = frozenset({(1, "update", 7)})
    there = reach(was=Following(links, frozenset(), {7: Routine("note", 'insert into "Notes" values (1)')}, fires))
    later = Location(FIRST.path, 9)
    deleted = there.writes([Write("public.orgs", later, frozenset({"delete"}))], ())
    assert {(each.table, each.at) for each in deleted} == {(name, later) for name in list(NAMES.values())[:3]}
    inserted = there.writes([Write("public.orgs", FIRST, frozenset({"insert"}))], ())
    assert {each.table for each in inserted} == {"public.orgs"}
    both = there.writes([Write("public.users", later), Write("public.users", FIRST)], ())
    assert {each.at for each in both if each.table == "public.users"} == {FIRST}


def test_a_part_is_as_the_whole_and_one_that_is_gone_has_taken_rows() -> None:
    heirs = Following(frozenset(), frozenset({(1, 2)}), {}, frozenset())
    found = reach(was=heirs, now=heirs).writes([Write("public.users", FIRST, frozenset())], ())
    assert {each.table for each in found} == {"public.users", "public.orgs"}
    assert [each.table for each in reach(was=heirs).writes((), ())] == ["public.orgs", "public.users"]


def part(text: str) -> SentPiece:
    (only,) = folder_of({"0001_b": text}).migrations
    return SentPiece(only, Piece(text, 1))


QUIET = [
    "create unique index concurrently once on users using btree (email)",
    "commit; begin",
    "alter table users alter column age type bigint",
    "alter table users add constraint once unique using index once",
    # What each says is of that statement alone.
    "alter table users alter column age type bigint; create index by_age on users using btree (age)",
    'create index on "type" using gin (name)',
]
LOUD = [
    "update users set email = ''",
    "truncate users",
    "alter table users alter column email type text using lower(email)",
    "alter table users alter column low set expression as (lower(email))",
    "create index on users (email); delete from users",
    "create index on users using btree (age); alter table users alter age type int using -age",
    "do $$ begin end $$",
    "select 1",
    "copy users from stdin",
]


@pytest.mark.parametrize("text", [*QUIET, *LOUD])
def test_where_nobody_can_look_what_does_more_than_define_may_have_written_all(text: str) -> None:
    writing = Writing({}, LedgerName())
    writing.unseen(part(text))
    assert is_quiet(part(text)) is (text in QUIET)
    assert writing.found == ([] if text in QUIET else [Write(ALL, FIRST, EVENTS)])


def test_the_row_of_a_migration_is_none_of_it() -> None:
    writing = Writing({}, LedgerName())
    writing.unseen(part('insert into "drizzle"."__drizzle_migrations" ("hash") values (\'a\')'))
    assert writing.found == []


@pytest.mark.parametrize(
    "text",
    [
        "update ",
        "update a ",
        "a",
        '"',
        '"a',
        "f (",
        " ",
        "'",
        "insert into ",
        "type ",
        "truncate a, ",
        "/*",
        "--",
        "on function a ",
        "on function a(",
        "on function a(b(), ",
        "on function a, ",
    ],
)
@pytest.mark.parametrize("work", [written, lambda text: is_quiet(part(f"alter {text}"))])
def test_code_costs_by_its_length(work: Callable[[str], object], text: str) -> None:
    assert growth(lambda size: work(text * size), 3000) < LINEAR


@pytest.mark.parametrize(
    "text", ["create trigger ", "create trigger a execute ", "create or replace ", "drop table a "]
)
def test_triggers_cost_by_the_length(text: str) -> None:
    def work(size: int) -> None:
        Writing({}, LedgerName()).look(Look(Sent(part(text * size), 0, 0, within=True), {}, {}, {}, (), {}))

    assert growth(work, 500) < LINEAR


def test_a_view_that_goes_makes_an_update_of_some_columns_one_of_any_and_no_new_type() -> None:
    """What instead of an update is done, a rule or a trigger says: of a type neither hears."""
    there = reach(new="drop view people")
    for events, columns in ((frozenset({"update"}), frozenset[int]()), (frozenset[str](), frozenset({3}))):
        write = Write("public.users", FIRST, events, columns=frozenset({3}))
        assert {each.columns for each in there.writes([write], ())} == {columns}
