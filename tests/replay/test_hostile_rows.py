"""Rows that do harm once they are there: whatever becomes of them, what decides has been said by then."""

from collections.abc import Mapping

import pytest

from migcheck.facts.sql.misfit import NoValue
from migcheck.facts.sql.rows import Rows
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, outcomes, rehearsed

pytestmark = pytest.mark.server

TABLE = "create table t (id serial primary key, a text, b integer);"
NEW = "alter table t alter column a set not null"


def with_rows(server: ScratchServer, base: str, *new: str, seconds: float = 30) -> Rows:
    """How `new` go behind `base`, where without rows all goes through."""
    landed: Mapping[str, str] = {"0000_base": base}
    head = folder_of({**landed, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    rehearsal = rehearsed(server, head, folder_of(landed), seconds=seconds)
    assert outcomes(rehearsal) == ("passed",) * 4
    assert rehearsal.rows is not None
    return rehearsal.rows


def a_trigger(does: str) -> str:
    return f"""{TABLE}
        create function f() returns trigger language plpgsql as $$ begin {does} return new; end $$;
        create trigger f before insert on t for each row execute function f();
    """


def test_a_row_that_ends_its_own_session_is_told(server: ScratchServer) -> None:
    rows = with_rows(server, a_trigger("perform pg_terminate_backend(pg_backend_pid());"), NEW)
    assert (rows.filled, rows.faults) == ((), ())
    assert rows.ended == (
        "the session ended while rows were made up: terminating connection due to administrator command"
    )


def test_a_row_that_takes_for_ever_takes_its_part_of_the_time(server: ScratchServer) -> None:
    endless = "loop begin perform pg_sleep(1); exception when query_canceled then null; end; end loop;"
    rows = with_rows(server, a_trigger(endless), NEW, seconds=12)
    assert (rows.filled, rows.faults, rows.ended) == ((), (), "it took longer than 2 s")


def test_rows_that_are_slow_are_fewer(server: ScratchServer) -> None:
    rows = with_rows(server, a_trigger("perform pg_sleep(0.4);"), "alter table t add column c text", seconds=12)
    ((table,), ended) = rows.filled, rows.ended
    assert (0 < table.rows < 5, table.lacks, ended) == (True, "", "")


@pytest.mark.parametrize("sqlstate", ["53100", "58030"])
def test_a_server_that_runs_out_of_something_by_rows_is_told(server: ScratchServer, sqlstate: str) -> None:
    spent = f"do $$ begin if exists (select from t) then raise exception 'full' using errcode = '{sqlstate}'; "
    rows = with_rows(server, TABLE, f"{spent} end if; end $$; {NEW}")
    assert (len(rows.filled), rows.faults) == (1, ())
    assert rows.ended.startswith("drizzle/0001_new.sql:1: the scratch server ")


def test_a_migration_that_says_that_something_runs_is_told(server: ScratchServer) -> None:
    says = "raise exception 'still running: 2 jobs, end them first';"
    rows = with_rows(server, TABLE, f"do $$ begin if exists (select from t) then {says} end if; end $$;")
    assert ([each.failure.sqlstate for each in rows.faults], rows.ended) == (["P0001"], "")


def test_what_was_found_before_that_is_kept(server: ScratchServer) -> None:
    ends = "do $$ begin while exists (select from t) loop perform 1; end loop; end $$"
    rows = with_rows(server, TABLE, NEW, ends, seconds=12)
    assert [each.misfit for each in rows.faults] == [NoValue("a")]
    assert rows.ended == "drizzle/0002_new.sql:1 was still running after 2 s"


def test_rows_that_a_trigger_writes_all_the_same_keep_their_select(server: ScratchServer) -> None:
    base = a_trigger("insert into log (what) values (new.a);") + "create table log (id serial primary key, what text);"
    rows = with_rows(server, base, "alter table log alter column what set not null; alter table t add column c text")
    assert [each.select for each in rows.faults] == ['select * from public.log where "what" is null']
    assert rows.ended == "what comes behind drizzle/0001_new.sql:1 was not tried"
