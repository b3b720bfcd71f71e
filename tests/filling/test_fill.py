"""Rows that are made up: of every type, and such as the server takes."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from time import monotonic

import psycopg
import pytest

from migcheck.postgres.filling.fill import NO_TIME, NONE_STAYED, fill
from migcheck.postgres.filling.filled import Avoided, Filled
from migcheck.postgres.filling.shape import read_shapes
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = pytest.mark.server

NOBODY = Avoided()
ALL = 16
"""Eight rows that differ, and each of them once more."""


@pytest.fixture
def connection(server: ScratchServer) -> Iterator[Connection]:
    server.create_database("filled")
    with server.connect("filled") as connection:
        yield connection


def filled(
    connection: Connection, ddl: str, *tables: str, avoided: Avoided = NOBODY, written: str = "", seconds: float = 20
) -> Mapping[str, Filled]:
    """What is in the tables, whose names are told without their schema, after `ddl` has made them."""
    connection.execute(ddl.encode())
    shapes = read_shapes(connection, [f"public.{each}" for each in tables], [f"public.{written}"])
    found = fill(connection, shapes, avoided, monotonic() + seconds)
    return {each.table.removeprefix("public."): each for each in found}


def counts(connection: Connection, ddl: str, *tables: str, written: str = "") -> Mapping[str, int]:
    return {name: each.rows for name, each in filled(connection, ddl, *tables, written=written).items()}


def column(connection: Connection, query: str) -> list[object]:
    return [value for (value,) in connection.execute(query.encode())]


TYPES = """
    select format_type(oid, null) from pg_type where typnamespace = 'pg_catalog'::regnamespace
      and typtype in ('b', 'r', 'm') and typcategory not in ('X', 'Z', 'A')
      and typname !~ '^(_|pg_(node|mcv|dep|ndis|ddl|brin|snapshot|stat)|aclitem|gtsvector|txid_snapshot)' order by 1
"""


def test_every_type_has_values_and_arrays_of_them(connection: Connection) -> None:
    lacking = []
    for name in column(connection, TYPES):
        ddl = f"drop table if exists t; create table t (one {name} not null, many {name}[] not null)"
        found = filled(connection, ddl, "t")["t"]
        lacking += [(name, found)] if found.rows < ALL / 2 else []
    assert lacking == []


def test_where_null_may_be_it_is_and_values_repeat(connection: Connection) -> None:
    assert counts(connection, "create table t (a text, b int, c bool not null, d timestamptz)", "t") == {"t": ALL}
    (told,) = connection.execute("""
        select count(*) filter (where a is null) > 0, count(*) filter (where b is null) > 0,
               count(*) filter (where d is null) > 0, count(distinct a) < count(a), count(distinct b) < count(b),
               count(distinct c) = 2, max(length(a)) = 1000, max(b) = 2147483647, min(b) < 0
        from t
    """)
    assert all(told), told


def test_one_row_is_null_wherever_it_may_be(connection: Connection) -> None:
    ddl = """
        create table o (id int primary key);
        create table t (id serial, a text, b int unique, c date, d numeric, e uuid, f text, o int references o,
                        g int not null)
    """
    assert counts(connection, ddl, "t") == {"o": ALL, "t": ALL}
    assert column(connection, "select count(*) from t where num_nonnulls(a, b, c, d, e, f, o) = 0") == [1]


def test_values_of_two_columns_come_together_in_every_way(connection: Connection) -> None:
    ddl = "create table t (a bool not null, b bool not null, c text, d bool not null, e bool not null, f bool not null)"
    assert counts(connection, ddl, "t") == {"t": ALL}
    told = {pair: column(connection, f"select distinct ({pair})::text from t") for pair in ("a, b", "b, d", "a, e")}
    assert {pair: len(found) for pair, found in told.items()} == dict.fromkeys(told, 4)


def test_of_unique_texts_two_differ_in_their_case_alone(connection: Connection) -> None:
    """A unique index on lower(email) is refused where there are such."""
    ddl = "create table t (a text unique not null, b text unique, c varchar(9) not null unique, d text unique, e int)"
    assert counts(connection, ddl, "t") == {"t": ALL}
    lower = [
        column(connection, f"select count(distinct {each}) > count(distinct lower({each})) from t") for each in "abcd"
    ]
    assert lower == [[True]] * 4


def test_no_two_of_many_flags_are_in_step(connection: Connection) -> None:
    """Of some names the same order is drawn."""
    names = "abcdefghijklmnop"
    counts(connection, f"create table t ({', '.join(f'{each} bool not null' for each in names)})", "t")
    pairs = [f"{one}, {other}" for one, other in combinations(names, 2)]
    ways = {pair: len(column(connection, f"select distinct ({pair})::text from t")) for pair in pairs}
    assert {pair: number for pair, number in ways.items() if number < 4} == {}


def test_of_a_key_of_several_columns_each_repeats_alone(connection: Connection) -> None:
    counts(connection, "create table t (a text not null, b text not null, unique (a, b))", "t")
    (told,) = connection.execute("select count(distinct a) < count(*), count(distinct b) < count(*) from t")
    assert told == (True, True)


def test_each_label_of_an_enum_comes_up(connection: Connection) -> None:
    labels = [f"l{number}" for number in range(20)]
    ddl = f"create type l as enum ({', '.join(map(repr, labels))}); create table t (a l not null, b l, c l)"
    counts(connection, ddl, "t")
    for each in "abc":
        assert column(connection, f"select distinct {each}::text from t where {each} is not null order by 1") == sorted(
            labels
        )
    assert column(connection, "select count(*) > 1 from t where b is null") == [True]


def test_what_has_a_default_is_given_other_values_too(connection: Connection) -> None:
    ddl = """
        create type state as enum ('draft', 'live', 'gone', 'old');
        create table t (a state not null default 'draft', b bool not null default true,
                        c varchar(50) not null default 'none', d numeric(6, 2) not null default 0);
    """
    assert counts(connection, ddl, "t") == {"t": ALL}
    told = "select count(distinct a), count(distinct b), max(length(c)), max(d)::text, sum((c = 'none')::int) from t"
    assert connection.execute(told.encode()).fetchone() == (4, 2, 50, "9999.99", 1)


def test_numbers_that_a_sequence_gives_stay_free(connection: Connection) -> None:
    ddl = "create table t (id serial primary key, a text); create table u (id int generated always as identity unique)"
    assert counts(connection, ddl, "t", "u") == {"t": ALL, "u": ALL}
    assert column(connection, "insert into t (a) values ('') returning id") == [1]
    assert min(map(int, map(str, column(connection, "select id from u")))) > 1000


def test_foreign_keys_have_their_parents_and_those_theirs(connection: Connection) -> None:
    ddl = """
        create table orgs (id uuid primary key);
        create table teams (org uuid references orgs, name text, primary key (org, name));
        create table users (id int primary key, org uuid not null references orgs, team text, boss int references users,
                            foreign key (org, team) references teams);
        create table others (id int primary key);
    """
    assert counts(connection, ddl, "users") == {"orgs": ALL, "teams": ALL, "users": ALL}
    assert column(connection, "select count(*) > 0 from users where team is not null and boss is not null") == [True]


def test_what_is_there_to_be_pointed_to_points_only_where_it_has_to(connection: Connection) -> None:
    ddl = """
        create table asked (id int primary key);
        create table must (id int primary key);
        create table may (id int primary key);
        create table range (id int primary key);
        create table own (id int primary key);
        create domain given as int not null;
        create table mays (id int primary key, may int references may);
        create table parents (id int primary key, must int not null references must, may int references may,
                              asked int references asked check (asked is not null));
        create table parts (id int, range int references range, primary key (id, range)) partition by list (range);
        create table part partition of parts default;
        create table domains (id int primary key, own given references own);
        create table t (id int primary key, parent int not null references parents, own int not null references domains,
                        part int, range int, foreign key (part, range) references parts, mays int references mays);
    """
    reached = ("must", "asked", "range", "own", "mays", "parents", "parts", "domains", "t")
    assert counts(connection, ddl, "t") == dict.fromkeys(reached, ALL)
    assert column(connection, "select count(*) from parents where may is not null") == [0]


def test_a_long_chain_of_keys_that_may_be_null_is_not_followed(connection: Connection) -> None:
    ddl = "create table t0 (id int primary key);" + "".join(
        f"create table t{n} (id int primary key, up int references t{n - 1});" for n in range(1, 9)
    )
    assert counts(connection, ddl, "t8") == {"t7": ALL, "t8": ALL}


def test_what_points_to_a_table_whose_rows_are_written_is_filled_as_well(connection: Connection) -> None:
    ddl = "create table a (id int primary key); create table b (a int not null references a); create table c (id int)"
    assert counts(connection, ddl, "a") == {"a": ALL}
    assert counts(connection, f"drop table a, b, c cascade; {ddl}", "a", written="a") == {"a": ALL, "b": ALL}


def test_a_circle_is_filled_where_one_side_may_be_null(connection: Connection) -> None:
    ddl = """
        create table teams (id int primary key, lead int);
        create table users (id int primary key, team int not null references teams);
        alter table teams add foreign key (lead) references users;
    """
    assert counts(connection, ddl, "users") == {"teams": ALL, "users": ALL}
    assert column(connection, "select count(lead) from teams") == [8]
    never = Avoided(never={"public.teams": ("select * from teams where lead is not null",)})
    assert filled(connection, f"drop table teams, users cascade; {ddl}", "users", avoided=never)["teams"].rows == ALL
    assert column(connection, "select count(lead) from teams") == [0]


def test_a_circle_of_which_no_row_can_be_written_is_told(connection: Connection) -> None:
    ddl = """
        create table teams (id int primary key, lead text not null);
        create table users (id int, code text generated always as (id::text) stored unique,
                            team int not null references teams);
        alter table teams add foreign key (lead) references users (code);
    """
    why = 'insert or update on table "{}" violates foreign key constraint "{}_fkey"'
    assert filled(connection, ddl, "users") == {
        "teams": Filled("public.teams", 0, why.format("teams", "teams_lead")),
        "users": Filled("public.users", 0, why.format("users", "users_team")),
    }


def test_a_row_that_a_trigger_takes_away_is_pointed_to_by_none(connection: Connection) -> None:
    ddl = """
        create function no() returns trigger language plpgsql as $$ begin return null; end $$;
        create table a (id int primary key); create table b (a int references a);
        create trigger no before insert on a for each row execute function no();
    """
    assert filled(connection, ddl, "a", "b") == {
        "a": Filled("public.a", 0, NONE_STAYED),
        "b": Filled("public.b", ALL),
    }


TEAMS = """
    create table orgs (id int primary key);
    create table teams (id int generated always as identity primary key, org int not null references orgs,
                        lead uuid not null, name text not null check (name like '%-%'));
    create table users (id uuid primary key default gen_random_uuid(), team int not null references teams {0});
    alter table teams add foreign key (lead) references users {1};
"""


@pytest.mark.parametrize(("one", "other"), [("deferrable", "deferrable initially deferred"), ("", "")])
def test_a_circle_of_which_none_can_be_the_first_is_filled(connection: Connection, one: str, other: str) -> None:
    found = counts(connection, TEAMS.format(one, other), "users")
    assert list(found) == ["orgs", "teams", "users"]
    assert min(found.values()) >= ALL
    assert column(connection, "select count(distinct team) > 2 from users") == [True]
    # What can wait until the end does, and is refused there.
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute("insert into users (team) values (-1)")


def test_a_circle_whose_keys_are_one_and_the_same(connection: Connection) -> None:
    ddl = """
        create table heads (id int primary key);
        create table tails (id int primary key references heads deferrable);
        alter table heads add foreign key (id) references tails deferrable initially deferred;
    """
    assert counts(connection, ddl, "heads") == {"heads": 3, "tails": 3}


@pytest.mark.parametrize("how", ["", "deferrable initially deferred"])
def test_a_table_that_has_to_point_to_itself(connection: Connection, how: str) -> None:
    ddl = f"create table nodes (id bigserial primary key, up bigint not null references nodes {how}, name text)"
    assert counts(connection, ddl, "nodes")["nodes"] >= ALL
    assert column(connection, "select count(*) > 0 from nodes where up <> id") == [True]


def test_a_circle_has_none_of_what_is_avoided(connection: Connection) -> None:
    ddl = TEAMS.format("deferrable", "deferrable")
    never = Avoided(never={"public.users": ("select * from public.users",)})
    assert filled(connection, ddl, "users", avoided=never)["teams"].rows == 0
    none = Avoided(empty={"public.teams"})
    again = f"drop table users, teams, orgs cascade; {ddl}"
    assert [each.rows for each in filled(connection, again, "users", avoided=none).values()] == [ALL, 0, 0]


CHECKED = [
    "a int not null check (a between 17 and 99)",
    "a text not null check (a in ('draft', 'it''s sent'))",
    "a text not null check (char_length(a) = 42)",
    "a text not null unique check (a ~ '^[a-z0-9-]+$')",
    "a text not null check (a like '%@%')",
    "a text unique not null check (a like '%@%.%')",
    "a date not null, b date not null, check (a < b)",
    "a text, b text, check ((a is null) <> (b is null))",
    "a numeric(4, 2) not null check (a > 0)",
    "a varchar(3) primary key",
    "a char(2) not null unique",
    "a int[] not null check (cardinality(a) > 0)",
    "a int generated always as (1 + 2) stored, b text default 'x' not null",
]


@pytest.mark.parametrize("columns", CHECKED)
def test_what_a_check_demands_is_found_out(connection: Connection, columns: str) -> None:
    assert counts(connection, f"create table t ({columns})", "t")["t"] >= ALL / 2


def test_domains_composite_types_and_ranges_over_both(connection: Connection) -> None:
    ddl = """
        create domain short as varchar(5) check (value <> '');
        create domain shorter as short not null check (length(value) < 4);
        create type pair as (a int, b text);
        create table t (a shorter, b pair not null, c short[] not null, d numrange not null, e bit(3) not null)
    """
    assert counts(connection, ddl, "t") == {"t": ALL}


def test_a_table_in_partitions_is_filled_where_they_are(connection: Connection) -> None:
    ddl = """
        create table t (at date not null, kind text not null) partition by range (at);
        create table t_25 partition of t for values from ('2025-01-01') to ('2026-01-01');
        create table l (kind text not null) partition by list (kind);
        create table l_a partition of l for values in ('alpha', 'beta')
    """
    assert {name: count >= ALL / 2 for name, count in counts(connection, ddl, "t", "l").items()} == dict.fromkeys(
        ("t", "l"), True
    )


def test_a_table_that_takes_nothing_is_told_with_the_reason(connection: Connection) -> None:
    ddl = """
        create function no() returns trigger language plpgsql as $$ begin raise exception 'never by hand'; end $$;
        create table t (a int); create trigger no before insert on t for each row execute function no();
        create table u (a text not null check (a = md5(a)))
    """
    assert filled(connection, ddl, "t", "u") == {
        "t": Filled("public.t", 0, "never by hand"),
        "u": Filled("public.u", 0, 'new row for relation "u" violates check constraint "u_a_check"'),
    }


def test_rows_that_migrations_have_put_there_count_and_are_pointed_to(connection: Connection) -> None:
    ddl = """
        create table plans (id text primary key check (id in ('free', 'pro')));
        insert into plans values ('free'), ('pro');
        create table users (plan text not null references plans)
    """
    assert counts(connection, ddl, "users") == {"plans": 2, "users": ALL}


def test_no_row_is_like_what_is_to_be_avoided(connection: Connection) -> None:
    avoided = Avoided(empty=["public.u"], never={"public.t": ["select * from t where a is null"]})
    ddl = "create table t (a text); create table u (a text)"
    found = filled(connection, ddl, "t", "u", avoided=avoided)
    assert found["u"] == Filled("public.u", 0, "it fails with any")
    assert found["t"].rows == ALL
    assert column(connection, "select count(*) from t where a is null") == [0]
    each = Avoided(never={"public.t": ["select * from t"]})
    found = filled(connection, "drop table t; create table t (a text)", "t", avoided=each)
    assert found == {"t": Filled("public.t", 0, "each that was tried is one of those")}


def test_it_ends_when_the_time_is_over(connection: Connection) -> None:
    assert filled(connection, "create table t (a text)", "t", seconds=-1) == {"t": Filled("public.t", 0, NO_TIME)}


def test_a_statement_that_does_not_end_is_ended(connection: Connection) -> None:
    ddl = "create table t (a text check (pg_sleep(100) is not null))"
    found = filled(connection, ddl, "t", seconds=3)["t"]
    assert (found.rows, found.lacks) == (0, NO_TIME)


def test_the_same_rows_are_made_each_time(connection: Connection) -> None:
    ddl = "drop table if exists t; create table t (id serial primary key, a text, b int, c uuid not null unique)"
    told = "select string_agg(t::text, ' ' order by id) from t"
    counts(connection, ddl, "t")
    first = column(connection, told)
    counts(connection, ddl, "t")
    assert column(connection, told) == first


def test_names_that_need_quotes(connection: Connection) -> None:
    ddl = """
        create table "Odd ""Table" ("per%cent" text, "Key" int primary key);
        create table "b" ("K" int references "Odd ""Table")
    """
    connection.execute(ddl.encode())
    shapes = read_shapes(connection, ["public.b"], [])
    found = fill(connection, shapes, NOBODY, monotonic() + 20)
    assert found == (Filled('public."Odd ""Table"', ALL), Filled("public.b", ALL))


OWNED = """
    create table users (id uuid primary key default gen_random_uuid());
    create table orgs (id uuid primary key default gen_random_uuid());
    create table t (
        id serial primary key, by_user uuid references users, by_org uuid references orgs,
        kind text not null check (kind in ('build', 'serve')), step text not null check (step in ('one', 'two')),
        state text check (state in ('open', 'done')), month date not null check (extract(day from month) = 1),
        check ((by_user is not null and by_org is null) or (by_user is null and by_org is not null)),
        unique (by_user, month)
    )
"""


def test_what_the_checks_of_single_columns_take_is_drawn_and_of_two_owners_one(connection: Connection) -> None:
    assert counts(connection, OWNED, "t")["t"] >= ALL / 2
    told = "select count(by_user) > 0, count(by_org) > 0, count(distinct kind), count(distinct step) from t"
    assert connection.execute(told.encode()).fetchone() == (True, True, 2, 2)


RANGED = """
    create table t (
        name text not null, past text default '1_month' not null, future text default '2_years' not null,
        own_past text default '1_month' not null, own_future text default '2_years' not null,
        begins timestamptz, ends timestamptz, told timestamptz,
        check (past in ('1_week', '1_month', '2_years') and future in ('1_week', '1_month', '2_years')),
        check (own_past in ('1_week', '1_month', '2_years') and own_future in ('1_week', '1_month', '2_years')
               and (num_nulls(begins, ends, told) = 3 or (num_nulls(begins, ends, told) = 0 and begins < ends)))
    )
"""


def test_of_a_check_over_many_columns_the_defaults_hold_it(connection: Connection) -> None:
    assert counts(connection, RANGED, "t")["t"] >= ALL / 2


def test_what_has_to_be_unique_is_null_where_it_may_be(connection: Connection) -> None:
    counts(connection, "create table t (a int unique, b text unique, c uuid, d text, unique (c, d))", "t")
    told = [f"select count(*) > count({each}) from t" for each in "abcd"]
    assert [column(connection, each) for each in told] == [[True]] * 4


def test_json_is_of_the_kind_that_it_is_by_default(connection: Connection) -> None:
    counts(
        connection, """create table t (a jsonb default '[]', b json not null default '{"x": 1}'::json, c jsonb)""", "t"
    )
    told = "select array_agg(distinct jsonb_typeof({}::jsonb)) from t where {} is not null"
    kinds = [column(connection, told.format(each, each)) for each in "abc"]
    assert kinds[:2] == [[["array"]], [["object"]]]
    assert len(kinds[2][0]) > 1 if isinstance(kinds[2][0], list) else False


def test_the_last_of_many_labels_comes_up(connection: Connection) -> None:
    labels = ", ".join(f"'l{number}'" for number in range(120))
    counts(connection, f"create type l as enum ({labels}); create table t (a l not null)", "t")
    assert column(connection, "select count(distinct a) from t") == [120]


def test_a_partition_is_filled_as_part_of_the_whole(connection: Connection) -> None:
    ddl = """
        create table t (at date not null, kind text) partition by range (at);
        create table t_25 partition of t for values from ('2025-01-01') to ('2026-01-01') partition by list (kind);
        create table t_25_a partition of t_25 for values in ('a', null)
    """
    found = counts(connection, ddl, "t_25_a")
    assert (list(found), found["t"] > 0) == (["t"], True)


def test_a_table_that_keeps_nothing_is_told(connection: Connection) -> None:
    ddl = "create table t (a text); create rule r as on insert to t do instead nothing"
    assert filled(connection, ddl, "t") == {"t": Filled("public.t", 0, NONE_STAYED)}
