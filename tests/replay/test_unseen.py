"""What is asked of rows by what is no table's own: domains, exclusion, partitions, materialized views."""

import pytest

from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql.misfit import Excluded, NoValue, Orphaned, RepeatedInView, Unheld, Unplaced
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import BREAKPOINT, with_rows
from tests.support.rehearsals import folder_of, history_of, rows_alone
from tests.support.servers import Servers, Which, left_clean

pytestmark = pytest.mark.server


def told(server: ScratchServer, base: str, *new: str) -> list[tuple[str, object, str]]:
    rows = with_rows(server, *new, base={"0000_base": base})
    assert rows.ended == "", rows
    return [(each.table, each.misfit, each.select) for each in rows.faults]


def asked(server: ScratchServer, base: str, *new: str) -> list[tuple[str, int | None, str, object, str]]:
    """The questions for a target that stands at `base`, of which no row that was made up says anything."""
    head = folder_of({"0000_base": base, **{f"{number:04}_new": text for number, text in enumerate(new, 1)}})
    first = head.migrations[0]
    ledger = Ledger(LedgerName(), (LedgerRow(1, first.hash, first.when),))
    history = history_of(head, folder_of({"0000_base": base}))
    rows = rows_alone(server, request_of(history, head, ledger, Batching.ALL, LedgerName()))
    assert (rows.faults, rows.ended) == ((), "")
    return [(each.migration, each.at.line, each.table, each.misfit, each.select) for each in rows.questions]


DOMAIN = """
    create domain short as text;
    create domain shorter as short;
    create table notes (id serial primary key, value text, "the title" short, sub shorter);
"""
TITLE = 'select * from public.notes where not (select (length(VALUE) < 3) from (select "{}"::{} as value) as given)'


def test_a_domain_that_asks_for_more(server: ScratchServer) -> None:
    new = ("alter domain short add constraint few check (length(value) < 3)", "alter domain short set not null")
    titled = TITLE.format("the title", "text")
    found = told(server, DOMAIN, *new)
    assert found == [
        ("public.notes", Unheld("few"), found[0][2]),
        ("public.notes", Unheld("few"), found[1][2]),
        ("public.notes", NoValue("the title"), 'select * from public.notes where "the title" is null'),
        ("public.notes", NoValue("sub"), 'select * from public.notes where "sub" is null'),
    ]
    assert {found[0][2], found[1][2]} == {titled, TITLE.format("sub", "text")}


def test_a_domain_whose_columns_are_written_or_other_by_then_has_no_select(server: ScratchServer) -> None:
    base, few = DOMAIN.replace(", sub shorter", ""), "alter domain short add constraint few check (length(value) < 3)"
    for new in (
        "update notes set \"the title\" = '' where id % 2 = 0",
        'alter table notes rename "the title" to title',
    ):
        assert told(server, base, f"{new}; {few}") == [("public.notes", Unheld("few"), "")]


def test_a_check_of_a_domain_that_is_validated_is_asked(server: ScratchServer) -> None:
    base = DOMAIN.replace("value text, ", "a text check (a = md5(a) and a is not null), ").replace(", sub shorter", "")
    base += "alter domain short add constraint few check (length(value) < 3) not valid;"
    titled = TITLE.format("the title", "text")
    assert asked(server, base, "alter domain short validate constraint few") == [
        ("0001_new", 1, "public.notes", Unheld("few"), titled)
    ]
    assert asked(server, base, "alter domain short drop constraint few; alter domain short drop not null") == []


ANEW = [
    # At what adds it, and not at what took another away.
    ("alter domain short drop constraint few", "alter domain short add constraint few check (length(value) < 3)", 3),
    ("comment on domain short is 'a few'", "alter domain short add check (length(value) < 3)", 3),
    # What comes behind it came too late.
    ("alter domain short add constraint less check (length(value) < 3)", "update notes set value = '', title = ''", 1),
]


@pytest.mark.parametrize(("first", "then", "line"), ANEW)
def test_a_check_of_a_domain_is_asked_where_it_is_added(
    server: ScratchServer, first: str, then: str, line: int
) -> None:
    base = """
        create domain short as text constraint few check (length(value) < 9);
        create table notes (value text check (value = md5(value) and value is not null), title short);
    """
    found = asked(server, base, f"{first};\n{BREAKPOINT.strip()}\n{then}")
    assert [(at, table, select) for _, at, table, _, select in found] == [
        (line, "public.notes", TITLE.format("title", "text"))
    ]


def test_what_is_mended_before_a_domain_asks_for_it_is_not_asked(server: ScratchServer) -> None:
    base = "create domain short as text; create table notes (a text check (a = md5(a) and a is not null), title short);"
    new = ("update notes set title = left(title, 2)", "alter domain short add constraint few check (length(value) < 3)")
    assert asked(server, base, BREAKPOINT.join(new)) == []


BOOKINGS = "create table bookings (id serial, room inet, during int4range not null, lost boolean default false)"
EXCLUDED = [
    (
        "exclude using gist (room inet_ops with &&)",
        (
            "select one.* from public.bookings one, lateral (select room) mine(key1) where exists (select from "
            "public.bookings other, lateral (select room) its(key1) where (other.tableoid, other.ctid) <> "
            "(one.tableoid, one.ctid) and mine.key1 && its.key1)"
        ),
    ),
    (
        "exclude using gist (room inet_ops with &&, int4range(lower(during), null) with &&) where (not lost)",
        (
            "select one.* from public.bookings one, lateral (select room, int4range(lower(during), NULL::integer)) "
            "mine(key1, key2) where (NOT lost) and exists (select from public.bookings other, lateral (select room, "
            "int4range(lower(during), NULL::integer)) its(key1, key2) where (NOT lost) and (other.tableoid, "
            "other.ctid) <> (one.tableoid, one.ctid) and mine.key1 && its.key1 and mine.key2 && its.key2)"
        ),
    ),
]


@pytest.mark.parametrize(("says", "select"), EXCLUDED)
def test_rows_that_exclude_one_another(server: ScratchServer, says: str, select: str) -> None:
    new = f"alter table bookings add constraint apart {says}"
    assert told(server, BOOKINGS, new) == [("public.bookings", Excluded("apart"), select)]


def test_rows_that_are_written_before_they_exclude_one_another_are_not_looked_for(server: ScratchServer) -> None:
    new = "update bookings set room = '10.0.0.0/8'; alter table bookings add constraint apart exclude using gist "
    assert told(server, BOOKINGS, new + "(room inet_ops with &&)") == [("public.bookings", Excluded("apart"), "")]


PARTED = """
    create table logs (id serial, day date, text text) partition by range (day);
    create table logs_rest partition of logs default;
    create table logs_old (id integer not null, day date, text text);
"""
NEW_PART = "create table logs_1 partition of logs for values from ('2024-01-01') to ('2024-03-01')"
IN_REST = (
    "select * from public.logs_rest where not ((NOT ((day IS NOT NULL) AND ((day >= '2024-01-01'::date) "
    "AND (day < '2024-03-01'::date)))))"
)
IN_OLD = (
    "select * from public.logs_old where not (((day IS NOT NULL) AND (day >= '2024-01-01'::date) "
    "AND (day < '2024-03-01'::date)))"
)


def test_rows_of_the_default_partition_that_a_new_one_would_take(server: ScratchServer) -> None:
    assert told(server, PARTED, NEW_PART) == [("public.logs", Unplaced("public.logs_rest"), IN_REST)]
    filled = "insert into logs (day) values ('2024-02-02'); "
    assert told(server, PARTED, filled.replace("2024", "2023") + NEW_PART) == [
        ("public.logs", Unplaced("public.logs_rest"), "")
    ]


def test_what_a_new_partition_would_take_is_made_up(server: ScratchServer) -> None:
    base = (
        "create table logs (kind text not null) partition by list (kind); create table rest partition of logs default"
    )
    new = "create table logs_1 partition of logs for values in ('rarely seen')"
    select = "select * from public.rest where not ((NOT ((kind IS NOT NULL) AND (kind = 'rarely seen'::text))))"
    assert told(server, base, new) == [("public.logs", Unplaced("public.rest"), select)]


def test_rows_of_what_becomes_a_partition(server: ScratchServer) -> None:
    new = "alter table logs attach partition logs_old for values from ('2024-01-01') to ('2024-03-01')"
    found = told(server, PARTED, new)
    assert sorted(found) == [
        ("public.logs", Unplaced("public.logs_rest"), IN_REST),
        ("public.logs_old", Unplaced("public.logs_old"), IN_OLD),
    ]
    other = "alter table logs attach partition logs_old default"
    base = PARTED.replace("default", "for values from ('2024-01-01') to ('2024-03-01')")
    select = IN_REST.replace("logs_rest", "logs_old")
    assert told(server, base, other) == [("public.logs_old", Unplaced("public.logs_old"), select)]


def test_which_rows_a_partition_by_hash_takes_another_server_does_not_know(server: ScratchServer) -> None:
    base = "create table p (id integer) partition by hash (id); create table q (id integer);"
    new = "alter table p attach partition q for values with (modulus 5, remainder 3)"
    assert told(server, base, new) == [("public.q", Unplaced("public.q"), "")]


VIEW = "create table users (id serial primary key, name text, age integer);"
BY_NAME = "create materialized view names as select name, age from users where name <> ''"
UNIQUE = "create unique index once on names (name)"
BY_QUERY = "(SELECT name, age FROM public.users WHERE (name <> ''::text)) names"


def twice(rows: str) -> str:
    return f"select name, count(*) from {rows} where name is not null group by name having count(*) > 1"


def plain(found: list[tuple[str, object, str]]) -> list[tuple[str, object, str]]:
    """Without what depends on the major: how a query is set."""
    return [(table, misfit, " ".join(select.replace("users.", "").split())) for table, misfit, select in found]


@pytest.mark.parametrize(
    ("base", "new", "rows", "name"),
    [
        (VIEW + BY_NAME, UNIQUE, "public.names", "names"),
        (VIEW, f"{BY_NAME}; {UNIQUE}", BY_QUERY, '"all.Names"'),
        (VIEW + BY_NAME, f"refresh materialized view names; {UNIQUE}", BY_QUERY, "names"),
    ],
)
def test_a_materialized_view_that_repeats(server: ScratchServer, base: str, new: str, rows: str, name: str) -> None:
    next_one = "alter table users alter name set not null"
    new, rows = (each.replace("names", name) for each in (new, rows))
    found = plain(told(server, base, new, next_one))
    assert found == plain(
        [
            (f"public.{name}", RepeatedInView("once"), twice(rows)),
            ("public.users", NoValue("name"), 'select * from public.users where "name" is null'),
        ]
    )


def test_a_materialized_view_of_what_is_written_or_reads_another_view_has_no_select(server: ScratchServer) -> None:
    written = f"update users set age = age where age > 3; {BY_NAME}; {UNIQUE}"
    between = f"create view others as select * from users; {BY_NAME.replace('from users', 'from others')}; {UNIQUE}"
    for new in (written, between):
        rows = with_rows(server, new, base={"0000_base": VIEW})
        assert [(each.table, each.misfit, each.select) for each in rows.faults] == [
            ("public.names", RepeatedInView("once"), "")
        ]
        assert rows.ended == "what comes behind drizzle/0001_new.sql:1 was not tried"


def test_a_materialized_view_that_is_unique_by_its_query_is_nothing(server: ScratchServer) -> None:
    assert told(server, VIEW + BY_NAME.replace("select name, age", "select distinct name"), UNIQUE) == []


def test_the_target_is_asked_all_of_it(server: ScratchServer) -> None:
    none = "create table empty (a text check (a = md5(a) and a is not null), day date);"
    domain = none + "create domain short as text; alter table empty add b short;"
    found = asked(server, domain, "select 1;\nalter domain short add constraint few check (value <> 'x')")
    assert found == [
        (
            "0001_new",
            2,
            "public.empty",
            Unheld("few"),
            (
                "select * from public.empty where not (select (VALUE <> 'x'::text) "
                'from (select "b"::text as value) as given)'
            ),
        )
    ]
    parted = (
        none + "create table logs (a text check (a = md5(a) and a is not null), day date) partition by range (day);"
    )
    parted += "; create table rest partition of logs default;"
    found = asked(server, parted, f"\n{NEW_PART}")
    assert [each[:4] for each in found] == [("0001_new", 2, "public.logs", Unplaced("public.rest"))]
    view = none + "create materialized view v as select * from empty;"
    assert asked(server, view, "create unique index once on v (a)") == [
        (
            "0001_new",
            1,
            "public.v",
            RepeatedInView("once"),
            "select a, count(*) from public.v where a is not null group by a having count(*) > 1",
        )
    ]
    exclude = "alter table empty add constraint apart exclude using gist (daterange(day, null) with &&)"
    assert [each[:4] for each in asked(server, none, exclude)] == [("0001_new", 1, "public.empty", Excluded("apart"))]


@pytest.mark.parametrize("which", [("embedded", 18), ("embedded", 16), ("local", 15)], ids=str)
def test_it_is_so_on_other_majors(servers: Servers, which: Which) -> None:
    base = f"{PARTED} {VIEW} {BY_NAME}; create domain short as text; alter table users add code short, add room inet;"
    new = (
        NEW_PART,
        UNIQUE,
        "alter domain short add constraint few check (length(value) < 3)",
        "alter table users add constraint apart exclude using gist (room inet_ops with &&)",
        "create table teams (age integer primary key); alter table users add foreign key (age) references teams",
    )
    with left_clean(servers.of(*which)) as server:
        found = told(server, base, *new)
    assert [(each[1], each[2] != "") for each in found] == [
        (Unplaced("public.logs_rest"), True),
        (RepeatedInView("once"), True),
        (Unheld("few"), True),
        (Excluded("apart"), True),
        (Orphaned("users_age_fkey"), True),
    ]
