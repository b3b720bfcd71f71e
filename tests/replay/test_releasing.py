"""What the running release asks and is refused behind new migrations, on a real server."""

from collections.abc import Sequence

import pytest
from msgspec.structs import asdict, replace

from migcheck.drizzle.ledger import Batching
from migcheck.drizzle.queries import Kind
from migcheck.drizzle.schema import Column, Relation, UniqueKey
from migcheck.facts.replay.copied import rehearse_copy
from migcheck.facts.replay.position import request_on_copy
from migcheck.facts.replay.ways import Run
from migcheck.facts.sql.release import (
    ColumnsGone,
    Demanded,
    Gone,
    Harm,
    KeyGone,
    LeftOutRefused,
    NotComparable,
    NotWritable,
    QueryRefused,
    Release,
    Unplannable,
    ValuesRefused,
)
from migcheck.finding import Location
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.apart import apart
from tests.support.copies import NAME, copy_of, record
from tests.support.rehearsals import folder_of, short
from tests.support.releases import ADULTS, BASE, CALLED, POSTS, SHOP, USERS, own_query, upgraded_while
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"


def harms(found: Run) -> list[tuple[str, Harm]]:
    assert short(found.outcome) == "passed", short(found.outcome)
    assert found.running is not None
    return [(each.table.removeprefix("public."), each.harm) for each in found.running.broken]


def harms_apart(server: ScratchServer, cases: Sequence[str], base: str = BASE) -> dict[str, list[tuple[str, Harm]]]:
    """The harms of each of `cases`, each a piece of one migration that is done to a shop of its own."""
    both = [apart(number, base, new) for number, new in enumerate(cases)]
    shops = [_renamed(relation, f"c{number}_") for number, _ in enumerate(cases) for relation in SHOP]
    built, new = (BREAKPOINT.join(texts) for texts in zip(*both, strict=True))
    told: dict[str, list[tuple[str, Harm]]] = {each: [] for each in cases}
    assert len(told) == len(cases), "a case is there twice"
    for table, harm in harms(upgraded_while(server, new, *shops, base=built)):
        prefix = table[: table.index("_") + 1]
        plain = {name: value.removeprefix(prefix) for name, value in asdict(harm).items() if isinstance(value, str)}
        told[cases[int(prefix[1:-1])]].append((table.removeprefix(prefix), replace(harm, **plain)))
    return told


def _renamed(relation: Relation, prefix: str) -> Relation:
    """It with a prefix wherever it has one in the database: a type is called as its column."""
    return replace(
        relation,
        name=prefix + relation.name,
        columns=tuple(
            replace(each, name=prefix + each.name, type=prefix + each.type) if each.labels else each
            for each in relation.columns
        ),
        keys=tuple(replace(each, name=prefix + each.name) for each in relation.keys),
        references=tuple(replace(each, table=prefix + each.table) for each in relation.references),
    )


BREAKING: list[tuple[str, list[tuple[str, Harm]]]] = [
    ("drop view adults;", [("adults", Gone())]),
    ("alter view adults rename to grown;", [("adults", Gone())]),
    ("create schema x; alter view adults set schema x;", [("adults", Gone())]),
    ("do $$ begin execute 'drop view ' || 'adults'; end $$;", [("adults", Gone())]),
    (
        "drop view adults; create view adults as select id from users;",
        [("adults", ColumnsGone(("name",)))],
    ),
    ("drop table posts;", [("posts", Gone())]),
    ("alter table users rename to people;", [("users", Gone())]),
    ("alter table users rename column name to title;", [("users", ColumnsGone(("name",)))]),
    (
        "alter table users drop column name cascade, drop column age cascade;",
        [("adults", Gone()), ("users", ColumnsGone(("name", "age")))],
    ),
    ("alter table users drop constraint users_email;", [("users", KeyGone(("email",)))]),
    (
        # Behind a column that is gone there may be more.
        "alter table users drop column age cascade; alter table users drop constraint users_email;",
        [("adults", Gone()), ("users", ColumnsGone(("age",))), ("users", KeyGone(("email",)))],
    ),
    (
        "alter table posts drop constraint of_author; alter table posts alter author type text;",
        [("posts", NotComparable(("author",), "users"))],
    ),
    (
        "alter table users alter id drop default, alter id add generated always as identity;",
        [("users", NotWritable("id", sure=False))],
    ),
    (
        (
            "alter table users drop column email; "
            "alter table users add email text generated always as (name || '@') stored unique;"
        ),
        [("users", NotWritable("email", sure=True))],
    ),
    ("alter table users add x text not null;", [("users", Demanded("x", known=False))]),
    (
        (
            f"alter table users add x text;{BREAKPOINT}update users set x = '';{BREAKPOINT}"
            "alter table users alter x set not null;"
        ),
        [("users", Demanded("x", known=False))],
    ),
    (
        "create domain named as text not null; alter table users add x named;",
        [("users", Demanded("x", known=False))],
    ),
    ("alter table users alter name set not null;", [("users", Demanded("name", known=True))]),
    ("alter table users alter id drop default;", [("users", Demanded("id", known=True, counted=True))]),
    (
        "alter type kind rename value 'a' to 'c';",
        [("users", ValuesRefused("kind", "kind", ("a",), sure=True))],
    ),
    (
        "alter table users alter kind type int using 1;",
        [("users", ValuesRefused("kind", "kind", ("a", "b"), sure=True))],
    ),
    (
        "alter table users alter email type uuid using gen_random_uuid();",
        [("users", ValuesRefused("email", "text", ("x",), sure=False))],
    ),
    (
        "alter table posts drop constraint of_author; alter table posts alter author type uuid using null;",
        [
            ("posts", ValuesRefused("author", "integer", ("1",), sure=True)),
            ("posts", NotComparable(("author",), "users")),
        ],
    ),
    (
        "alter table users add x text; alter table users add constraint named check (x is not null) not valid;",
        [("users", LeftOutRefused("named", ("x",), known=False))],
    ),
    (
        "alter table users add x text default 'new', add y int, add constraint sound check (x <> 'new' and y is null);",
        [("users", LeftOutRefused("sound", ("x", "y"), known=False))],
    ),
    (
        (
            f"alter table users add x text not null default '';{BREAKPOINT}update users set x = id::text;{BREAKPOINT}"
            "create unique index by_x on users (x);"
        ),
        [("users", LeftOutRefused("by_x", ("x",), known=False, unique=True))],
    ),
    (
        "alter table users alter name set default 'none', add constraint said check (name in ('a', 'b'));",
        [("users", LeftOutRefused("said", ("name",), known=True))],
    ),
    (
        "drop table posts; create view posts as select 1 as id, 2 as author union select 3, 4;",
        [("posts", Unplannable(Kind.INSERT))],
    ),
]


def test_what_the_release_is_refused(server: ScratchServer) -> None:
    assert harms_apart(server, [new for new, _ in BREAKING]) == dict(BREAKING)


HARMLESS = [
    "create table more (id int);",
    "create index by_name on users (name);",
    "drop index by_age;",
    "alter table users add x text;",
    "alter table users add x text not null default '';",
    "alter table posts alter id type bigint;",
    "create domain named as text not null default ''; alter table users add x named;",
    "alter table users alter kind type text;",
    "alter type kind add value 'c';",
    "alter table users alter email drop not null, alter email set default '';",
    "alter table users rename to people; create view users as select * from people;",
    "create unique index other on users (email); alter table users drop constraint users_email;",
    "drop view adults; create view adults as select name, id, age from users;",
    "alter table users alter id drop default, alter id add generated by default as identity;",
    # Whoever inserts a row gives it already.
    "alter table users alter email drop not null; alter table users alter email set not null;",
    "insert into users (email) values ('x');",
    "comment on table users is 'x';",
    # What the release gives, or may give, only its code knows.
    "alter table users add constraint said check (name is not null and email <> '');",
    "alter table users add constraint grown check (age > 17), add constraint said check (num_nonnulls(name, age) = 1);",
    "create unique index by_name on users (name);",
    "alter table users add x text default 'a', add y text, add constraint said check (x = 'a' and y <> 'b');",
    "alter table users add x text, add y uuid not null default gen_random_uuid(), add constraint both unique (x, y);",
    "alter table users add x int generated always as (age + 1) stored, add constraint known check (x is not null);",
    "alter table users add x text default '', add constraint either check (x <> '' or email <> '');",
    "alter table users add x int generated by default as identity, add constraint known check (x is not null);",
    # What refused it before does so by another name, or of a column with one.
    "alter table posts rename constraint noted to said;",
    "alter table posts drop constraint noted, add constraint said check (note is not null);",
    "alter table posts rename note to remark;",
]
LIMITED = f"{BASE} alter table posts add note text, add constraint noted check (note is not null);"


def test_what_the_release_goes_on_with(server: ScratchServer) -> None:
    assert harms_apart(server, HARMLESS, LIMITED) == {new: [] for new in HARMLESS}


def test_a_trigger_may_fill_what_is_demanded(server: ScratchServer) -> None:
    fills = "create function fills() returns trigger language plpgsql as $$ begin new.x := ''; return new; end $$;"
    column = "alter table users add x text not null check (x is not null);"
    for when, broken in [
        ("before insert on users for each row", []),
        ("before update on users for each row", [("users", Demanded("x", known=False))]),
        ("after insert on users for each row", [("users", Demanded("x", known=False))]),
        ("before insert on users for each statement", [("users", Demanded("x", known=False))]),
    ]:
        trigger = f"create trigger fills {when} execute function fills();"
        assert harms(upgraded_while(server, fills + column + trigger, *SHOP)) == broken
    off = "alter table users disable trigger fills;"
    trigger = "create trigger fills before insert on users for each row execute function fills();"
    assert harms(upgraded_while(server, fills + column + trigger + off, *SHOP)) == [
        ("users", Demanded("x", known=False))
    ]
    # Taken away, it demands what it filled.
    base = BASE + fills + column + trigger
    assert harms(upgraded_while(server, "drop trigger fills on users;", *SHOP, base=base)) == [
        ("users", Demanded("x", known=False))
    ]


@pytest.mark.parametrize(
    ("does", "fills"),
    [
        ("new.x := '';", True),
        ('new . "x"=lower(new.name);', True),
        ('new = jsonb_populate_record(new, \'{"x": ""}\');', True),
        ("select '' into strict new.x;", True),
        ("declare n int; begin select 1, '' into n, new.x; end;", True),
        ("declare other users%rowtype; begin other := new; other.x := ''; return other; end;", True),
        ("call given(new.x);", True),
        ("return new #= '';", True),
        ("NEW.X := '';", True),
        ("select '', 1 into new.x, new.age;", True),
        # It fills another.
        ("new.age := 0;", False),
        ("if new.x is null then new.age := 0; end if;", False),
        ("select 1, new.x into new.age, new.name;", False),
        ("new.\"X\" := '';", False),
        # Guards, which let a row pass as it is or not at all.
        ("if new.x is not null and 'no' = new.x then raise exception 'no'; end if;", False),
        ("if new.age < 0 then return null; end if;", False),
        ("declare n int; begin select 1 into n from users where id = new.age; perform 1 / n; end;", False),
    ],
)
def test_a_trigger_that_gives_a_row_nothing_fills_nothing(server: ScratchServer, *, does: str, fills: bool) -> None:
    """What is written in another language may do anything."""
    given = (
        "create procedure given(inout x text) language plpgsql as $$ begin x := ''; end $$;"
        "create function with_x(u users, x text) returns users language plpgsql as $$ begin u.x := x; return u; end $$;"
        "create operator #= (leftarg = users, rightarg = text, function = with_x);"
    )
    body = f"as $f$ begin {does} return new; end $f$"
    trigger = "create trigger t before insert on users for each row execute function f();"
    made = f"{given} create function f() returns trigger language plpgsql {body}; {trigger}"
    column = 'alter table users add x text not null check (x is not null), add "X" text;'
    broken = [] if fills else [("users", Demanded("x", known=False))]
    assert harms(upgraded_while(server, made + column, *SHOP)) == broken


def test_a_trigger_may_fill_a_column_of_any_name(server: ScratchServer) -> None:
    fills = """new.größe := ''; new.a$b = ''; select '', '' into new."my size", new.länge;"""
    body = f"as $f$ begin {fills} return new; end $f$"
    trigger = "create trigger t before insert on users for each row execute function f();"
    made = f"create function f() returns trigger language plpgsql {body}; {trigger}"
    columns = ("größe", "a$b", '"my size"', "länge")
    added = ", ".join(f"add {each} text not null" for each in columns)
    assert harms(upgraded_while(server, f"{made} alter table users {added};", *SHOP)) == []


def test_a_check_of_what_no_trigger_fills_refuses_what_is_left_out(server: ScratchServer) -> None:
    body = "as $f$ begin new.age := 0; return new; end $f$"
    trigger = "create trigger t before insert on users for each row execute function f();"
    made = f"create function f() returns trigger language plpgsql {body}; {trigger}"
    checks = "alter table users add x text, add check (x is not null), add constraint sound check (age + x::int > 0);"
    found = harms(upgraded_while(server, made + checks, *SHOP))
    assert found == [("users", LeftOutRefused("users_x_check", ("x",), known=False))]


LIES = [
    (replace(USERS, columns=(*USERS.columns, Column("nick", "text"))), "alter table users drop column age cascade;"),
    (replace(USERS, name="people"), "alter table users rename to persons;"),
    (replace(USERS, schema="app"), "alter table users rename to persons;"),
    (replace(USERS, keys=(UniqueKey("k", ("age",)),)), "alter table users add x text;"),
    (
        replace(USERS, columns=(*USERS.columns[:3], Column("kind", "kind", ("a", "nothing")), USERS.columns[4])),
        "alter type kind rename value 'a' to 'c';",
    ),
]


@pytest.mark.parametrize(("relation", "new"), LIES)
def test_what_was_refused_before_is_not_told(server: ScratchServer, relation: Relation, new: str) -> None:
    assert harms(upgraded_while(server, new, relation)) == []


def test_what_was_demanded_before_is_not_told(server: ScratchServer) -> None:
    base = BASE + "alter table users add x text not null, add z text check (z is not null);"
    assert harms(upgraded_while(server, "alter table users add y text;", *SHOP, base=base)) == []


def test_a_default_that_goes_with_its_sequence_is_demanded_though_nothing_names_the_table(
    server: ScratchServer,
) -> None:
    found = upgraded_while(server, "drop sequence users_id_seq cascade;", *SHOP)
    assert harms(found) == [("users", Demanded("id", known=True, counted=True))]


def test_an_array_is_given_values_that_have_elements(server: ScratchServer) -> None:
    base = "create table t (tags text[], sizes int[], names text[]);"
    relation = Relation("", "t", (Column("tags", "text[]"), Column("sizes", "integer[]"), Column("names", "text[]")))
    new = (
        "alter table t alter tags type jsonb using to_jsonb(tags), alter sizes type bigint[], "
        "alter names type int[] using null;"
    )
    assert harms(upgraded_while(server, new, relation, base=base)) == [
        ("t", ValuesRefused("tags", "text[]", ('{"x"}',), sure=False)),
        ("t", ValuesRefused("names", "text[]", ('{"x"}',), sure=False)),
    ]


def test_a_type_of_the_projects_own_is_what_it_speaks_of(server: ScratchServer) -> None:
    base = "create domain named as text; create table t (id int, x named);"
    relation = Relation("", "t", (Column("id", "integer"), Column("x", "named")))
    found = upgraded_while(server, "alter domain named set not null;", relation, base=base)
    assert harms(found) == [("t", Demanded("x", known=True))]


def test_who_made_it_so_is_told_with_the_statement(server: ScratchServer) -> None:
    new = f"create table more (id int);{BREAKPOINT}-- out\ndrop view adults;"
    found = upgraded_while(server, new, *SHOP)
    assert found.running is not None
    (broken,) = found.running.broken
    assert (broken.migration, broken.at, broken.made_by, broken.statement, broken.said) == (
        "0001_new",
        Location("drizzle/0001_new.sql", 4),
        "drop view adults;",
        'select "id", "name" from "adults"',
        "",
    )


def test_what_no_statement_speaks_of_is_of_the_last_migration(server: ScratchServer) -> None:
    drops = "do $$ begin execute 'drop view ' || 'adu' || 'lts'; end $$;"
    found = upgraded_while(server, f"select 1;\n{drops}", *SHOP)
    assert found.running is not None
    (broken,) = found.running.broken
    assert (broken.migration, broken.at, broken.made_by) == ("0001_new", Location("drizzle/0001_new.sql"), "")
    # Of one statement alone, that has done it.
    found = upgraded_while(server, f"-- out\n{drops}", *SHOP)
    assert found.running is not None
    (broken,) = found.running.broken
    assert (broken.migration, broken.at, broken.made_by) == ("0001_new", Location("drizzle/0001_new.sql", 2), drops)


def test_queries_of_the_projects_own(server: ScratchServer) -> None:
    asks = own_query("select name from users where id = $1;", 1)
    other, wrong = own_query("select email from users"), own_query("select nothing from nowhere")
    new = "alter table users rename column name to title;"
    found = upgraded_while(server, new, queries=(asks, other, wrong))
    assert harms(found) == [("", QueryRefused(asks.at))]
    assert found.running is not None
    (broken,) = found.running.broken
    assert (broken.at.line, broken.made_by, broken.said) == (1, new, 'column "name" does not exist (42703)')
    assert found.running.untaken == ()
    assert harms(upgraded_while(server, "create table more (id int);", queries=(asks, other, wrong))) == []


def test_queries_that_were_named_are_told_where_they_were_refused_before(server: ScratchServer) -> None:
    wrong = own_query("select nothing from nowhere")
    found = upgraded_while(server, "create table more (id int);", queries=(wrong,), named=True)
    assert found.running is not None
    assert found.running.untaken == ((wrong, 'relation "nowhere" does not exist (42P01)'),)


TOO_LATE = "immutable language plpgsql as $$ begin raise query_canceled; end $$;"


def test_what_a_server_does_not_come_to_say_is_told_of_nobody(server: ScratchServer) -> None:
    asks = own_query("select age_of()")
    base = BASE + f"create function age_of() returns int {TOO_LATE}"
    found = upgraded_while(server, "create table more (id int);", base=base, queries=(asks,), named=True)
    assert found.running is not None
    assert found.running.untaken == ()
    base = BASE + "create function age_of() returns int immutable language sql as 'select 1';"
    base += "create view ages as select age_of() as age;"
    ages = Relation("", "ages", (Column("age", "integer"),), is_view=True)
    new = f"create or replace function age_of() returns int {TOO_LATE} comment on view ages is 'x';"
    assert harms(upgraded_while(server, new, ages, base=base, queries=(asks,), named=True)) == []
    refuses = new.replace("query_canceled", "'no'")
    assert harms(upgraded_while(server, refuses, ages, base=base, queries=(asks,), named=True)) == [
        ("ages", Unplannable(Kind.SELECT)),
        ("", QueryRefused(asks.at)),
    ]


def test_outside_of_a_transaction_it_is_the_same(server: ScratchServer) -> None:
    found = upgraded_while(server, "drop view if exists adults;", *SHOP, outside={"0001_new"})
    assert harms(found) == [("adults", Gone())]


def test_a_table_is_found_where_the_search_path_leads(server: ScratchServer) -> None:
    base = "create schema app; create table app.users (id int, name text);" + BASE
    relation = Relation("app", "users", (Column("id", "integer"), Column("name", "text")))
    found = upgraded_while(server, "alter table app.users drop column name;", relation, ADULTS, base=base)
    assert harms(found) == [("app.users", ColumnsGone(("name",)))]
    assert found.running is not None
    assert found.running.tables == {"app.users": relation, "public.adults": ADULTS}


def test_where_nothing_that_it_asks_for_was_changed_it_is_not_asked_again(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("migcheck.facts.replay.release.releasing.look_behind", never)
    for new in ("create table more (id int);", "alter table posts add x text;", "create index i on users (name);"):
        found = upgraded_while(server, new, ADULTS, USERS)
        assert short(found.outcome) == "passed"
        assert found.running is not None
        assert (found.running.broken, set(found.running.tables)) == ((), {"public.adults", "public.users"})
    with pytest.raises(AssertionError):
        upgraded_while(server, "alter table posts add x text;", POSTS)


def test_statements_without_end_are_not_all_sent(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migcheck.facts.replay.release.releasing._MOST_TEXT", 40)
    assert harms(upgraded_while(server, "drop view adults; drop table posts;", *SHOP)) == [("adults", Gone())]


def test_what_no_word_speaks_of_is_told_where_it_is_gone(server: ScratchServer) -> None:
    helper = "create function helps() returns void language plpgsql as $$ begin execute $x$ {} $x$; end $$;"
    gone = BASE + helper.format("drop view adults; alter table posts drop column author")
    assert harms(upgraded_while(server, "select helps();", *SHOP, base=gone)) == [
        ("adults", Gone()),
        ("posts", ColumnsGone(("author",))),
    ]
    # So is what is demanded now and was not. Of more than that nobody knows whether it was taken before.
    key = BASE + helper.format("alter table users drop constraint users_email, alter name set not null")
    assert harms(upgraded_while(server, "select helps();", *SHOP, base=key)) == [
        ("users", Demanded("name", known=True))
    ]


def test_what_is_put_together_may_be_of_any_table(server: ScratchServer) -> None:
    new = "do $$ begin execute 'alter table us' || 'ers drop constraint us' || 'ers_email'; end $$;"
    assert harms(upgraded_while(server, new, *SHOP)) == [("users", KeyGone(("email",)))]


def test_on_a_copy_of_the_target_it_is_asked_as_well(server: ScratchServer, app: Database) -> None:
    app.run(BASE)
    record(app, {"0000_base": BASE})
    head = folder_of({"0000_base": BASE, "0001_new": "drop view adults;"})
    copy = copy_of(app)
    with app.connect() as connection:
        request = request_on_copy(None, head, read_ledger(connection, NAME), Batching.ALL, copy)
    found = rehearse_copy(server, replace(request, release=Release(CALLED, SHOP)), copy, seconds=60)
    assert found.running is not None
    assert [each.harm for each in found.running.broken] == [Gone()]
