"""A SELECT that is shown finds the rows that are refused, all of them and no other: without those all goes through."""

from collections.abc import Sequence

import psycopg
import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import with_rows

pytestmark = pytest.mark.server

BREAKPOINT = ";\n--> statement-breakpoint\n"
NUMBERS = "create table t (id integer not null, a integer, b text);"
ROWS = "insert into t values (1, null, null), (2, 2, 'b'), (3, 3, 'ccc'), (4, 3, 'ccc'), (5, 100, '')"
DOMAIN = "create domain d as text; create table t (id integer not null, a integer, b d);"
CASES: list[tuple[str, str, str, Sequence[object]]] = [
    (
        NUMBERS,
        ROWS,
        "create table p (id integer primary key); alter table t add constraint f foreign key (a) references p",
        [2, 3, 4, 5],
    ),
    (
        NUMBERS,
        ROWS,
        (
            "create table p (id integer, of integer, primary key (id, of)); alter table t add column of integer "
            "not null default 1, add constraint f foreign key (a, of) references p"
        ),
        [2, 3, 4, 5],
    ),
    (
        DOMAIN,
        ROWS,
        "alter domain d add constraint c check (length(value) between 1 and 2)",
        [3, 4, 5],
    ),
    (DOMAIN, ROWS, "alter domain d set not null", [1]),
    (
        NUMBERS,
        ROWS,
        "alter table t add constraint e exclude using gist (int8range(a, a, '[]') with &&) where (a > 0)",
        [3, 4],
    ),
    (
        NUMBERS,
        ROWS,
        "alter table t add constraint e exclude using hash ((a % 9) with =) where (id > 3)",
        [],
    ),
    (
        f"{NUMBERS[:-1]} partition by range (a); create table r partition of t default;",
        ROWS,
        "create table n partition of t for values from (3) to (5)",
        [3, 4],
    ),
    (
        f"{NUMBERS} create table w (id integer not null, a integer, b text) partition by list (a);",
        ROWS,
        "alter table w attach partition t for values in (3, null)",
        [2, 5],
    ),
    (
        (
            f"{NUMBERS} create table w (id integer not null, a integer, b text) partition by list (a);"
            "create table o partition of w for values in (2);"
        ),
        ROWS,
        "alter table w attach partition t default",
        [2],
    ),
    (
        f"{NUMBERS} create table p (a integer, b text, primary key (a, b)); insert into p values (2, 'b');",
        ROWS,
        "alter table t add constraint f foreign key (a, b) references p match full",
        [3, 4, 5],
    ),
    (
        f"{NUMBERS} create table p (a integer, b text, primary key (a, b)); insert into p values (2, 'b');",
        "insert into t values (1, null, null), (2, 2, 'b'), (3, 2, null), (4, null, 'b')",
        "alter table t add constraint f foreign key (a, b) references p match full",
        [3, 4],
    ),
    (
        NUMBERS,
        ROWS,
        (
            "create table p (a integer, b text, primary key (a, b)); "
            "alter table t add constraint f foreign key (a, b) references p match full"
        ),
        [2, 3, 4, 5],
    ),
    (
        f"{NUMBERS} create domain short as text check (length(value) between 1 and 2);",
        ROWS,
        "alter table t alter column b type short",
        [3, 4, 5],
    ),
    (
        f"{NUMBERS} create domain few as integer constraint c check (value < 5);",
        ROWS,
        "alter table t alter column a type few using a::few",
        [5],
    ),
    (
        NUMBERS,
        ROWS,
        (
            "alter table t alter column a type bigint, alter b type varchar using b::varchar, "
            "add constraint c check (a < 5 and length(b) < 3)"
        ),
        [3, 4, 5],
    ),
    (
        NUMBERS,
        ROWS,
        "alter table t rename column a to c; alter table t add constraint k check (c < 5 and length(b) < 3)",
        [3, 4, 5],
    ),
    (NUMBERS, ROWS, "alter table t add column c text not null", [1, 2, 3, 4, 5]),
    (
        NUMBERS,
        ROWS,
        BREAKPOINT.join(("alter table t add column c text", "alter table t alter column c set not null")),
        [1, 2, 3, 4, 5],
    ),
    (
        "create type kind as enum ('b', 'ccc', '', 'x'); create table t (id int not null, a int, \"my b\" kind);",
        ROWS,
        BREAKPOINT.join(
            (
                'alter table t alter column "my b" type text',
                "drop type kind; create type kind as enum ('b', 'x', '')",
                'alter table t alter column "my b" type kind using "my b"::kind',
            )
        ),
        [3, 4],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("base", "rows", "new", "found"), CASES, ids=[each[2] for each in CASES])
def test_it_finds_those_and_no_other(
    server: ScratchServer, base: str, rows: str, new: str, found: Sequence[object]
) -> None:
    (fault,) = with_rows(server, new, base={"0000_base": base}).faults
    assert fault.select
    server.create_database("target")
    with server.connect("target") as target:
        target.execute(f"{base} {rows}".encode())
        named = [each.name for each in target.execute(fault.select.encode()).description or ()]
        told = [row[named.index("id")] for row in target.execute(fault.select.encode())]
        assert sorted(map(str, told)) == [str(each) for each in found]
        if found:
            with pytest.raises(psycopg.Error) as refused, target.transaction():
                target.execute(new.encode())
            assert refused.value.sqlstate == fault.failure.sqlstate
        target.execute("delete from t where id = any(%s)", (list(found),))
        target.execute(new.encode())


VIEW = "create table t (id integer not null, a integer, b text); create materialized view m as select b, a from t;"
UNIQUE = "create unique index once on m (b)"


ANEW = f"drop materialized view m; create materialized view m as select b from t; {UNIQUE}"


@pytest.mark.parametrize("new", [UNIQUE, ANEW])
def test_it_finds_what_repeats_in_a_view(server: ScratchServer, new: str) -> None:
    (fault,) = with_rows(server, new, base={"0000_base": VIEW}).faults
    server.create_database("target")
    with server.connect("target") as target:
        target.execute(f"{VIEW} {ROWS}; refresh materialized view m".encode())
        assert target.execute(fault.select.encode()).fetchall() == [("ccc", 2)]
        with pytest.raises(psycopg.errors.UniqueViolation), target.transaction():
            target.execute(new.encode())
        target.execute("delete from t where id = 4; refresh materialized view m")
        assert target.execute(fault.select.encode()).fetchall() == []
        target.execute(new.encode())
