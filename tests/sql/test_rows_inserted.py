"""Rows that a migration inserts, and that the target may have already."""

import pytest

from migcheck.facts.sql.misfit import Taken
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import with_rows as tried
from tests.support.asked import Case, Together, row_errors, with_rows
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BASE = """
    create type kind as enum ('a', 'b');
    create table plans (
        id integer primary key, code text not null, "the name" varchar(20), kind kind, at date
    );
    create unique index by_code on plans (code);
    create unique index by_kind on plans (kind, "the name");
    create unique index by_size on plans (at) where at < '1990-01-01';
    create table heard (id integer primary key);
    create table orgs (id integer primary key);
    create table attributes (id integer primary key);
    create function other() returns trigger language plpgsql as $$
    begin if new.id = 1 then new.id = 99; end if; return new; end $$;
    create trigger other before insert on heard for each row execute function other();
"""
ROWS = (
    "insert into plans values (1, 'free', 'Free', 'a', '2000-01-01'), (2, 'it''s', 'It', 'b', null)",
    "alter table heard disable trigger other",
    "insert into heard values (1)",
    "insert into attributes values (1)",
)

REFUSED = [
    ("insert into plans (id, code) values (90, 'pro'), (91, 'free')",),
    ("insert into public.plans values\n (90, 'it''s');",),
    ('INSERT INTO "plans" ("id", "code", "the name", "kind") VALUES(90, \'new\', \'Free\', \'a\')',),
    ("insert into plans (code, id, at) values ('new', 1, now())",),
    # Rows that came with the migration take none away.
    ("insert into orgs values (1)", "insert into plans (id, code) values (90, 'free')"),
]
PASSES = [
    ("insert into plans (id, code, at) values (90, 'new', '2000-01-01')",),
    ("insert into plans (id, code) values (90, 'pro'), (91, 'FREE')",),
    ("insert into plans values (90, 'new', 'Free', 'b')",),
    # It knows of such rows.
    ("insert into plans (id, code) values (90, 'free') on conflict do nothing",),
    ("insert into plans (id, code) select 90, 'free' where not exists (select from plans where code = 'free')",),
    ("do $$ begin insert into plans (id, code) values (90, 'free'); exception when unique_violation then end $$",),
    # They are others by then.
    ("delete from plans where code = 'free'", "insert into plans (id, code) values (90, 'free')"),
    ("update plans set code = 'old' where code = 'free'", "insert into plans (id, code) values (90, 'free')"),
    ("drop index by_code", "insert into plans (id, code) values (90, 'free')"),
    ("update plans set id = 0", "insert into plans (id, code) values (1, 'new')"),
    (
        "insert into orgs values (1)",
        "insert into plans (id, code) values ((select 1 + 8 * count(*) from public.orgs), 'new')",
    ),
    # By a default, or by what nobody reads.
    ("alter table plans alter code set default 'free'", "insert into plans values (90, default)"),
    ("insert into plans (id, code) values (90, $$free$$)",),
    # It is another row that comes in.
    ("insert into heard (id) values (1)",),
]


GROUPS = 3


@pytest.mark.parametrize("group", range(GROUPS))
def test_it_is_an_error_where_the_target_has_such_a_row_and_nothing_is_told_of_what_goes_through(
    group: int, like_target: ScratchServer, app: Database
) -> None:
    refused, passes = REFUSED[group::GROUPS], PASSES[group::GROUPS]
    together = Together.of([Case(BASE, new, ROWS) for new in (*passes, *refused)])
    together.fill(app)
    told = together.row_errors(together.rehearse(like_target), app)
    expected = [*([] for _ in passes), *([("MC312", 2 * len(new) - 1)] for new in refused)]
    assert dict(zip((*passes, *refused), told, strict=True)) == dict(zip((*passes, *refused), expected, strict=True))


def test_a_view_of_information_schema_that_is_called_so_as_well_is_another(
    like_target: ScratchServer, app: Database
) -> None:
    app.run(BASE, *ROWS)
    assert row_errors(with_rows(like_target, BASE, ("insert into attributes values (1)",)), app) == [("MC312", 1)]


def test_what_meets_a_row_that_was_made_up_has_a_select(server: ScratchServer) -> None:
    base = "create table flags (id serial primary key, enabled boolean not null unique)"
    (found,) = tried(server, "insert into flags (enabled) values (true)", base={"0000_base": base}).faults
    assert (found.misfit, found.select) == (
        Taken("flags_enabled_key"),
        'select had.* from public.flags had, (values (true)) given where had."enabled" = given.column1::boolean',
    )


TABLES = (
    *("moved", "archived", "app.kinds", "hidden", "shown", "swapped"),
    *("cut", "again", "ruled", "ruled_now", "kept", "more"),
)
COLUMNS = "(id integer primary key, old text, code text, label text, unique (code))"
THERE = ";".join(
    [
        "create schema app",
        "create schema old",
        *(f"create table {each} {COLUMNS}" for each in (*TABLES, "app.archived", "other")),
        "create table late (id integer primary key, code text unique deferrable initially deferred)",
        "create rule nothing as on insert to ruled do instead nothing",
    ]
)
ONE = (
    "alter table ruled disable rule nothing",
    *(f"insert into {each} values (1, 'old', 'x')" for each in TABLES),
    "insert into swapped values (2)",
    "insert into late values (1, 'x')",
    "alter table ruled enable rule nothing",
)
# `other` is a table that has none.
ELSEWHERE = (
    (
        "alter table moved rename to moved_old",
        "create table moved (id integer primary key)",
        "insert into moved values (1)",
    ),
    (
        "alter table archived set schema old",
        "alter table app.archived set schema public",
        "insert into archived (id) values (1)",
    ),
    (
        "create table kinds (id integer primary key)",
        "alter table app.kinds add more text",
        "insert into kinds values (1)",
    ),
    # A name that something else had for a while is in nobody's catalogue.
    ("create temporary table hidden (id integer primary key)", "insert into hidden values (1)", "drop table hidden"),
    (
        "alter table shown set schema old",
        "create view shown as select id from other",
        "insert into shown values (1)",
        "drop view shown",
        "alter table old.shown set schema public",
    ),
    (
        "alter table swapped rename to swapped_old",
        "alter table other rename to swapped",
        "insert into swapped (id) values (2)",
        "alter table swapped rename to other",
        "alter table swapped_old rename to swapped",
    ),
    ("alter table cut drop old", "insert into cut values (90, 'new', 'x')"),
    (
        "alter table again drop constraint again_code_key",
        "insert into again values (90, 'old', 'x')",
        "delete from again where id = 1",
        "alter table again add constraint again_code_key unique (code)",
    ),
    ("insert into late values (90, 'x')", "delete from late where id = 1"),
    ("insert into ruled values (1)",),
    ("create rule nothing as on insert to ruled_now do instead nothing", "insert into ruled_now values (1)"),
)
REALLY = (
    ("alter table more add last text", "insert into more values (90, 'new', 'x')"),
    ("create table pointing (id integer references kept)", "insert into kept values (1)"),
)


def told(like_target: ScratchServer, app: Database, cases: tuple[tuple[str, ...], ...]) -> list[tuple[str, int | None]]:
    app.run(THERE, *ONE)
    return row_errors(with_rows(like_target, THERE, [each for case in cases for each in case]), app)


def test_a_row_that_meets_none_by_then_is_not_asked_about(like_target: ScratchServer, app: Database) -> None:
    assert told(like_target, app, ELSEWHERE) == []
    app.run(";".join(each for case in ELSEWHERE for each in case))


def test_it_is_asked_about_where_the_table_keeps_its_name_and_its_columns(
    like_target: ScratchServer, app: Database
) -> None:
    assert told(like_target, app, REALLY) == [("MC312", 3), ("MC312", 7)]
