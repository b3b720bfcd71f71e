"""A required column of a table that has a row on the target: it fails there, whenever it was decided on (MC305)."""

import pytest

from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.misfit import NoValue
from migcheck.facts.sql.observation import RequiredColumnAdded, Seen
from migcheck.facts.sql.rows import Answer, Answers, Found, Question, Rows, Unasked
from migcheck.facts.target.sizes import Size, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.gather.target import Told, sql_facts
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from migcheck.rules.sql.column_made_required import column_made_required
from migcheck.rules.sql.required_column_added import required_column_added
from migcheck.rules.sql.rows_refused import rows_refused
from tests.support.asked import row_errors, with_rows
from tests.support.target_server import TargetServer

AT, TABLE, SELECT = Location("drizzle/0001_new.sql", 3), "public.users", "select * from public.users"
LANDED = (
    "It has landed, and the target has not run it yet: it fails while the table has a row. Where no database has run "
    "it, give the column a default in its file. Else take the rows out before the deploy, and put them back "
    "behind it with a value for nick."
)
ADDED = Seen("0001_new", AT, "alter table …", TABLE, RequiredColumnAdded("nick", "text"))


def judged(answer: Answer | None, *, landed: bool = True) -> Finding:
    rows = Rows(1, questions=(Question("0001_new", AT, "alter table …", TABLE, NoValue("nick"), SELECT),))
    answers: Answers = {} if answer is None else {SELECT: answer}
    tags, sizes = frozenset({"0001_new"} if landed else ()), {TABLE: Size(None, 8192)}
    (found,) = judge((required_column_added,), SqlFacts((ADDED,), tags, sizes, rows=rows, answers=answers))
    return found


def test_what_has_landed_is_an_error_where_the_target_has_a_row() -> None:
    assert judged(Found(3)) == Finding(
        code="MC305",
        rule="required-column-added",
        severity=Severity.ERROR,
        at=AT,
        message="0001_new adds the column nick text to public.users, NOT NULL without a default: it fails where there "
        "is a row, and the target has 3 rows",
        migration="0001_new",
        evidence="alter table …\nthe target has had rows of it",
        fix=LANDED,
    )


@pytest.mark.parametrize("answer", [None, Found(0), Unasked(""), Unasked("it takes longer than 10 s")])
def test_and_else_it_warns(answer: Answer | None) -> None:
    found = judged(answer)
    assert (found.severity, found.fix) == (Severity.WARNING, LANDED)
    assert found.message.endswith("it fails where there is a row")
    told = ["the target did not say whether it has such rows: it takes longer than 10 s"]
    assert found.evidence.splitlines()[2:] == (told if isinstance(answer, Unasked) and answer.reason else [])


def test_what_is_new_blocks_whatever_the_target_says() -> None:
    for answer in (None, Found(0), Found(3)):
        assert judged(answer, landed=False).severity is Severity.ERROR


# No row that is made up holds that check.
SEALED = "create table {} (id int primary key, seal text not null check (seal = md5('x' || length(seal))))"
NEW = (
    "alter table plain add column nick text not null",
    "do $$ begin alter table caught add column nick text not null; exception when others then end $$",
    "alter table taken_back add column nick text not null default 'a'; alter table taken_back alter nick drop default",
    "alter table computed add column nick text generated always as (seal) stored not null",
    "delete from emptied;\nalter table emptied add column nick text not null",
)


@pytest.mark.server
def test_whether_there_is_a_row_is_asked_where_any_is_refused(server: ScratchServer) -> None:
    base = ";".join(map(SEALED.format, ("plain", "caught", "taken_back", "computed", "emptied")))
    rows = with_rows(server, base, NEW).rows
    assert rows is not None
    assert [each.rows for each in rows.filled] == [0] * 5
    assert rows.selects == ("select * from public.plain",)


@pytest.mark.server
def test_a_target_that_is_behind_is_asked(like_target: ScratchServer, target_server: TargetServer) -> None:
    base, rules = "create table users (id integer)", (required_column_added, rows_refused)
    late = with_rows(like_target, base, ["alter table users add column nick text not null"], late=True)
    with target_server.lent() as app:
        app.run(base, "insert into users values (1)")
        assert row_errors(late, app, rules) == [("MC305", 1)]
        # It has a page still, and no row.
        app.run("delete from users")
        assert row_errors(late, app, rules) == []


@pytest.mark.parametrize(("filled", "codes"), [("name is null", []), ("name is null and id < 5", ["MC306"])])
def test_what_a_loop_fills_is_seen_with_rows_alone(server: ScratchServer, filled: str, codes: list[str]) -> None:
    """Without any, a loop writes nothing."""
    loop = f"for r in select id from users where {filled} loop update users set name = '' where id = r.id; end loop;"
    new = (f"do $$ declare r record; begin {loop} end $$;", "alter table users alter name set not null;")
    rehearsal = with_rows(server, "create table users (id int primary key, name text);", new)
    facts = sql_facts(rehearsal, Told(Unsized("there is no target")), SqlConfig())
    assert [each.code for each in judge((column_made_required,), facts)] == codes
