"""The new migrations on tables with rows: what is refused then, and the SELECT that finds those rows."""

from collections.abc import Collection, Mapping

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql.misfit import NoValue, Orphaned, Repeated, Unexplained, Unfit, Unheld
from migcheck.facts.sql.rows import Own, RowFault, Rows, Seed, Unsown
from migcheck.finding import Location
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, history_of, outcomes, rehearsed, rows_alone
from tests.support.servers import Servers, Which, left_clean

pytestmark = pytest.mark.server

BASE = {
    "0000_base": """
        create type mood as enum ('sad', 'ok', 'happy');
        create table orgs (id serial primary key, name text not null);
        create table users (
            id uuid primary key default gen_random_uuid(), org integer references orgs, email varchar(255), name text,
            age integer, mood mood not null default 'ok', visits bigint, share numeric(10, 4), unique (org, email)
        );
        create table posts (
            id integer generated always as identity primary key, author uuid not null references users,
            slug text not null unique check (slug ~ '^[a-z0-9-]+$'), body text
        );
    """
}
BREAKPOINT = "\n--> statement-breakpoint\n"


def with_rows(
    server: ScratchServer,
    *new: str,
    base: Mapping[str, str] = BASE,
    seed: str | None = None,
    outside: Collection[str] = (),
) -> Rows:
    """How `new` go, each a migration behind `base`, where without rows all goes through; `outside` of a transaction."""
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    request = request_of(history_of(head, folder_of(base)), head, None, Batching.ALL, LedgerName())
    given = None if seed is None else Seed("seed.sql", seed)
    return rows_alone(server, replace(request, seed=given, outside=frozenset(outside)))


def faults(server: ScratchServer, *new: str) -> list[RowFault]:
    rows = with_rows(server, *new)
    assert rows.ended == ""
    return list(rows.faults)


def only(server: ScratchServer, *new: str) -> tuple[object, str]:
    """The misfit and the SELECT of the one fault, which is of `users`."""
    (fault,) = faults(server, *new)
    assert fault.table == "public.users"
    return fault.misfit, fault.select


# In an order in which each of them still has rows.
PASS = [
    "alter table users add column title text",
    "alter table users add column nick text not null default ''",
    f"update users set name = '' where name is null{BREAKPOINT}alter table users alter column name set not null",
    "create index by_age on users (age)",
    "alter table users add constraint grown check (age > 17) not valid",
    "create unique index by_id on users (id, name)",
    "alter table posts add column editor uuid references users",
    "alter table users alter column age type bigint",
    "alter table users alter column mood type text",
    "insert into orgs (id, name) values (1, 'first'); insert into orgs (id, name) values (2, 'second')",
    "alter table users drop column name",
    "create table teams (id serial primary key, org integer not null references orgs)",
]
EMPTIED = BREAKPOINT.join(
    ("delete from posts", "delete from users where age is null", "alter table users alter column age set not null")
)


def test_what_takes_every_row_passes(server: ScratchServer) -> None:
    assert faults(server, *PASS) == []
    assert faults(server, EMPTIED) == []


FAIL: list[tuple[str, object, str]] = [
    ("alter column name set not null", NoValue("name"), '"name" is null'),
    ("add constraint grown check (age > 17)", Unheld("grown"), "not (age > 17)"),
    ("alter column email type varchar(20)", Unfit("email"), 'char_length(rtrim("email"::text)) > 20'),
    (
        "alter column visits type integer",
        Unfit("visits"),
        'round("visits"::numeric) not between -2147483648 and 2147483647',
    ),
    (
        "alter column share type numeric(5, 2)",
        Unfit("share"),
        "abs(round(nullif(\"share\"::numeric, 'NaN'), 2)) >= 1e3",
    ),
    (
        "alter column name type integer using name::integer",
        Unfit("name"),
        "not pg_input_is_valid(\"name\"::text, 'integer')",
    ),
    (
        "alter column name type numeric(8, 2) using name::numeric(8, 2)",
        Unfit("name"),
        "not pg_input_is_valid(\"name\"::text, 'numeric(8,2)')",
    ),
    (
        'alter column "name" set data type jsonb using "name"::jsonb',
        Unfit("name"),
        "not pg_input_is_valid(\"name\"::text, 'jsonb')",
    ),
]


@pytest.mark.parametrize(("new", "misfit", "condition"), FAIL)
def test_a_select_finds_what_is_refused(server: ScratchServer, new: str, misfit: object, condition: str) -> None:
    assert only(server, f"alter table users {new}") == (misfit, f"select * from public.users where {condition}")


UNIQUE = {
    "(email)": "select email, count(*) from public.users where email is not null group by email",
    "(name, age)": (
        "select name, age, count(*) from public.users where name is not null and age is not null group by name, age"
    ),
    "(lower(name)) where age is not null": (
        "select lower(name), count(*) from public.users "
        "where (age IS NOT NULL) and lower(name) is not null group by lower(name)"
    ),
    "(age) nulls not distinct": "select age, count(*) from public.users group by age",
}


def test_a_select_finds_what_repeats(server: ScratchServer) -> None:
    new = [f"create unique index once_{number} on users {index}" for number, index in enumerate(UNIQUE)]
    found = [(each.failure.migration, each.table, each.misfit, each.select) for each in faults(server, *new)]
    assert sorted(found, key=str) == [
        (f"{number + 1:04}_new", "public.users", Repeated(f"once_{number}"), f"{select} having count(*) > 1")
        for number, select in enumerate(UNIQUE.values())
    ]


def test_a_select_finds_what_has_no_parent(server: ScratchServer) -> None:
    found = only(server, "alter table users add constraint owner foreign key (age) references orgs")
    assert found == (
        Orphaned("owner"),
        (
            'select * from public.users child where child."age" is not null '
            'and not exists (select from public.orgs parent where parent."id" = child."age")'
        ),
    )


def test_a_label_that_an_enum_no_longer_has_as_drizzle_kit_takes_it_away(server: ScratchServer) -> None:
    new = BREAKPOINT.join(
        (
            'ALTER TABLE "users" ALTER COLUMN "mood" SET DATA TYPE text;',
            'ALTER TABLE "users" ALTER COLUMN "mood" SET DEFAULT \'happy\'::text;',
            'DROP TYPE "public"."mood";',
            "CREATE TYPE \"public\".\"mood\" AS ENUM('sad', 'happy');",
            'ALTER TABLE "users" ALTER COLUMN "mood" SET DEFAULT \'happy\'::"public"."mood";',
            'ALTER TABLE "users" ALTER COLUMN "mood" SET DATA TYPE "public"."mood" USING "mood"::"public"."mood";',
        )
    )
    condition = "\"mood\"::text <> all (array['sad', 'happy'])"
    assert only(server, new) == (Unfit("mood"), f"select * from public.users where {condition}")


UNKNOWN = [
    # What is written before is not what is there.
    ("update users set age = 3 where age > 900; alter table users add constraint x check (age < 90)", Unheld("x")),
    ("update users set name = '' where org is null; alter table users alter column name set not null", NoValue("name")),
    # The expression may take what the type does not.
    ("alter table users alter column name type integer using nullif(name, '')::integer", Unfit("name")),
    ("alter table users add column nick text; update users set nick = name; create unique index n on users (nick)",
     Repeated("n")),
    ("update users set age = name::integer", Unexplained()),
    ("create table m (org integer not null); insert into m select org from users", Unexplained()),
    ("do $$ begin if exists (select from users) then raise exception 'not empty'; end if; end $$", Unexplained()),
]  # fmt: skip


@pytest.mark.parametrize(("new", "misfit"), UNKNOWN)
def test_there_is_no_select_where_none_would_be_true(server: ScratchServer, new: str, misfit: object) -> None:
    assert only(server, new) == (misfit, "")


def test_a_select_has_the_names_of_before(server: ScratchServer) -> None:
    new = "alter table users rename to people; alter table people rename column name to nick;"
    found = only(server, new, "alter table people alter column nick set not null")
    assert found == (NoValue("name"), 'select * from public.users where "name" is null')


def test_an_expression_whose_names_are_others_now_is_asked_by_the_old_ones(server: ScratchServer) -> None:
    new = "alter table users rename column age to years; alter table users add constraint grown check (years > 17);"
    asked = 'select * from public.users where not (select (years > 17) from (select "age" as "years") as given)'
    assert only(server, new) == (Unheld("grown"), asked)


def test_a_condition_whose_names_are_others_now_has_no_select(server: ScratchServer) -> None:
    new = "alter table users rename column age to years; create unique index once on users (email) where years is null;"
    assert only(server, new) == (Repeated("once"), "")


def test_what_would_do_something_on_a_target_is_no_select(server: ScratchServer) -> None:
    volatile = "alter table users add constraint odd check (age > 17 or pg_advisory_lock_shared(1) is null)"
    assert only(server, volatile) == (Unheld("odd"), "")


def test_rows_that_others_point_to_cannot_be_deleted(server: ScratchServer) -> None:
    (fault,) = faults(server, "delete from users")
    assert (fault.table, fault.misfit, fault.select) == ("public.posts", Orphaned("posts_author_fkey"), "")
    assert fault.failure.sqlstate == "23503"


def test_behind_one_fault_the_next_is_found(server: ScratchServer) -> None:
    new = (
        "alter table users alter column name set not null",
        "alter table users alter column age set not null; create unique index by_email on users (email);",
        "update posts set body = body::integer::text",
        "alter table posts alter column body set not null",
    )
    told = [(each.failure.migration, each.failure.line, each.misfit) for each in faults(server, *new)]
    assert told == [
        ("0001_new", 1, NoValue("name")),
        ("0002_new", 1, NoValue("age")),
        ("0002_new", 1, Repeated("by_email")),
        ("0003_new", 1, Unexplained()),
    ]


def test_what_fails_again_without_such_rows_is_told_once_and_without_the_select(server: ScratchServer) -> None:
    # It fails with NULL, as its SELECT finds, and with every other row.
    sly = "do $$ begin if exists (select from users) then alter table users alter column name set not null; "
    sly += "raise not_null_violation using schema = 'public', table = 'users', column = 'name'; end if; end $$"
    rows = with_rows(server, sly)
    assert [(each.misfit, each.select) for each in rows.faults] == [(NoValue("name"), "")]


def test_where_no_table_can_be_left_empty_it_ends_there(server: ScratchServer) -> None:
    hidden = (
        "create function f() returns void language plpgsql as $$ begin update users set age = name::integer; end $$"
    )
    base = {**BASE, "0000_f": hidden}
    rows = with_rows(server, "select f()", "alter table posts alter column body set not null", base=base)
    assert [each.misfit for each in rows.faults] == [Unexplained()]
    assert rows.ended == "what comes behind drizzle/0001_new.sql:1 was not tried"


def test_only_what_something_new_takes_hold_of_has_rows(server: ScratchServer) -> None:
    assert with_rows(server, "create table other (id int)") == Rows(0)
    rows = with_rows(server, "alter table orgs add column x text")
    assert rows.filled == (Filled("public.orgs", 16),)
    rows = with_rows(server, "alter table posts add column x text")
    assert [each.table for each in rows.filled] == ["public.users", "public.posts"]


def test_a_table_that_cannot_be_filled_is_told(server: ScratchServer) -> None:
    base = {"0000_base": "create table t (a text check (a = md5(a)) not null);"}
    rows = with_rows(server, "alter table t alter column a type varchar(3)", base=base)
    assert rows.filled == (Filled("public.t", 0, 'new row for relation "t" violates check constraint "t_a_check"'),)
    assert rows.faults == ()


def owned(server: ScratchServer, *new: str, seed: str) -> Own:
    own = with_rows(server, *new, seed=seed).own
    assert own is not None
    assert own.path == "seed.sql"
    return own


def test_the_projects_own_rows_are_tried_before_those_that_are_made_up(server: ScratchServer) -> None:
    new = "alter table users alter column name set not null"
    named = "insert into orgs (name) values ('one'); insert into users (name, org) values ('ann', 1);"
    own = owned(server, new, seed=named)
    assert (own.faults, own.unsown, own.ended) == ((), None, "")
    assert own.filled == (Filled("public.orgs", 1), Filled("public.users", 1))
    rows = with_rows(server, new, seed=f"{named} insert into users (org) values (1)")
    assert rows.own is not None
    ((fault,), filled) = rows.own.faults, rows.own.filled
    assert (fault.failure.sqlstate, fault.failure.line, fault.table, fault.seed) == (
        "23502",
        1,
        "public.users",
        "seed.sql",
    )
    assert filled == (Filled("public.orgs", 1), Filled("public.users", 2))
    assert rows.filled == (Filled("public.orgs", 16), Filled("public.users", 16))
    assert rows.all_faults == (fault,)


def test_a_seed_that_is_refused_is_told_with_its_line(server: ScratchServer) -> None:
    own = owned(server, "alter table users add x int", seed="select 1;\n\ninsert into nobody values (1)")
    told = '42P01 relation "nobody" does not exist'
    assert own == Own("seed.sql", unsown=Unsown(Location("seed.sql", 3), told))


def test_a_seed_without_rows_for_a_table_is_told(server: ScratchServer) -> None:
    own = owned(server, "alter table orgs alter column name type varchar(3)", seed="select 1")
    assert own.filled == (Filled("public.orgs", 0, "seed.sql has none"),)


def test_nothing_is_tried_where_nothing_has_landed_or_the_upgrade_fails(server: ScratchServer) -> None:
    assert rehearsed(server, folder_of(BASE)).rows is None
    broken = rehearsed(server, folder_of({**BASE, "0001_new": "alter table users drop column nobody"}), folder_of(BASE))
    assert broken.rows is None
    assert rehearsed(server, folder_of(BASE), folder_of(BASE)).rows is None


def test_a_folder_that_makes_roles_is_tried_too(server: ScratchServer) -> None:
    base = {**BASE, "0000_role": "create role rows_reader; grant select on users to rows_reader;"}
    new = (
        "create role rows_writer; grant insert on users to rows_writer;",
        "alter table users alter name set not null",
    )
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    rows = rehearsed(server, head, folder_of(base)).rows
    assert rows is not None
    select = 'select * from public.users where "name" is null'
    assert [(each.table, each.misfit, each.select) for each in rows.faults] == [
        ("public.users", NoValue("name"), select),
    ]
    assert rows.ended == ""


@pytest.mark.parametrize("batching", [Batching.EACH, Batching.ALL])
def test_one_transaction_for_each_or_none_at_all(server: ScratchServer, batching: Batching) -> None:
    new = {"0001_new": "alter table users add x int", "0002_new": "create unique index concurrently e on users (email)"}
    head, base = folder_of({**BASE, **new}), folder_of(BASE)
    rows = rehearsed(server, head, base, batching=batching, outside={"0002_new"}).rows
    assert rows is not None
    (fault,) = rows.faults
    assert (fault.misfit, fault.failure.migration) == (Repeated("e"), "0002_new")
    assert fault.select.startswith("select email, count(*) from public.users")


def test_what_does_not_end_where_there_are_rows_takes_no_time_from_the_rest(server: ScratchServer) -> None:
    new = "do $$ begin while exists (select from users) loop perform pg_sleep(0.1); end loop; end $$"
    head = folder_of({**BASE, "0001_new": new})
    rehearsal = rehearsed(server, head, folder_of(BASE), seconds=30)
    assert outcomes(rehearsal) == ("passed",) * 4
    assert rehearsal.rows is not None
    assert rehearsal.rows.ended == "drizzle/0001_new.sql:1 was still running after 5 s"


@pytest.mark.parametrize("which", [("embedded", 18), ("embedded", 16), ("local", 15)], ids=str)
def test_it_is_the_same_on_other_majors(servers: Servers, which: Which) -> None:
    new = (
        "alter table users alter column name set not null",
        "create unique index by_email on users (email)",
        "alter table users add constraint grown check (age > 17)",
        "alter table users add constraint owner foreign key (age) references orgs",
        "alter table posts alter column body type integer using body::integer",
    )
    with left_clean(servers.of(*which)) as server:
        found = faults(server, *new)
    assert [each.misfit for each in found] == [
        NoValue("name"),
        Repeated("by_email"),
        Unheld("grown"),
        Orphaned("owner"),
        Unfit("body"),
    ]
    # `pg_input_is_valid` is there since 16, and before it a pattern says the same.
    assert [bool(each.select) for each in found] == [True] * 5
    assert ("pg_input_is_valid" in found[-1].select) is (which[1] > 15)


def test_behind_the_greatest_number_there_is_what_else_rows_fail_with_is_met(server: ScratchServer) -> None:
    orgs = "create table orgs (id int primary key);"
    base = {"0000_base": orgs + "create table people (org int references orgs, age int);"}
    rows = with_rows(server, "update people set org = age + 100000;", base=base)
    assert [(each.failure.sqlstate, each.misfit) for each in rows.faults] == [
        ("22003", Unexplained()),
        ("23503", Orphaned("people_org_fkey")),
    ]


def test_nobody_has_a_time_that_is_made_of_the_greatest_number_there_is(server: ScratchServer) -> None:
    base = {"0000_base": "create table people (org int, born date, seen bigint);"}
    dates = "update people set born = date '2000-01-01' - make_interval(years => org)"
    times = "alter table people alter seen type timestamptz using to_timestamp(seen)"
    rows = with_rows(server, dates, times, "alter table people add check (org > 0)", base=base)
    assert [(each.failure.sqlstate, each.misfit) for each in rows.faults] == [
        ("22008", Unexplained()),
        ("23514", Unheld("people_org_check")),
    ]


def test_what_a_further_round_fails_with_is_added_to_what_had_gone_through(server: ScratchServer) -> None:
    """The trigger writes to a table that has no rows before it is seen to."""
    base = """
        create table users (id int primary key, name text);
        create table audit (note text);
        create function note() returns trigger language plpgsql as $$
        begin
            if exists (select from audit where note is null) then raise 'odd'; end if;
            insert into audit values ('n');
            return new;
        end $$;
        create trigger noted before update on users for each row execute function note();
    """
    rows = with_rows(server, "select 1;" + BREAKPOINT + "update users set name = ''", base={"0000_base": base})
    assert ([each.failure.message for each in rows.faults], rows.ended) == (["odd"], "")
    assert [(each.table, each.told.split()[:2]) for each in rows.written] == [
        ("public.users", ["updates", "16"]),
        ("public.audit", ["inserts", "16"]),
    ]
