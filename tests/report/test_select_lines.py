"""A SELECT in a report for people: whole, so that it can be copied, and apart where a line is too short."""

import pytest
from msgspec.structs import replace
from tests.support import verdicts
from tests.support.golden import Golden

from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.report.page import Look, Page
from migcheck.report.run import Run
from migcheck.report.select_lines import in_one_line
from migcheck.report.text import render_text
from migcheck.verdict import GateResult, Judged

EXCLUDED = (
    "select one.* from public.bookings one, lateral (select room, tstzrange(began, ended)) mine(key1, key2) "
    "where exists (select from public.bookings other, lateral (select room, tstzrange(began, ended)) its(key1, key2) "
    "where (other.tableoid, other.ctid) <> (one.tableoid, one.ctid) and mine.key1 = its.key1 and mine.key2 && its.key2 "
    "and other.note <> 'from  where')"
)


def test_a_long_select_stands_in_a_line_of_its_own_and_can_be_copied(golden: Golden) -> None:
    fix = f"Ask the target: `{EXCLUDED}`. Mend such rows first, by a statement before this one."
    found = (replace(verdicts.finding(), code="MC312", rule="rows-refused", evidence="", fix=fix),)
    short = replace(
        found[0], fix="`select * from public.users where email is null` finds them.", at=Location("a.sql", 3)
    )
    told = replace(verdicts.clear(), gates=(GateResult("sql", Judged((*found, short)), 1),))
    page = render_text(Run([told]), Look(60))
    golden("long-select.txt", page)
    assert f"           {EXCLUDED};\n" in page


def test_a_query_of_a_view_keeps_its_lines_together() -> None:
    query = "select b, count(*) from ( SELECT b,\n    'one\n  two' AS a\n   FROM t) m where b is not null group by b"
    page = Page(Look(60))
    page.text(f"`{query}` finds them.\nAnd more.", lead="fix: ")
    assert page.render() == (
        "fix:\n"
        "       select b, count(*) from ( SELECT b, E'one\\n  two' AS a FROM t) m where b is not null group by b;\n"
        "     finds them.\n"
        "     And more.\n"
    )


QUOTED = {
    "'a\n\nclear: b'": r"E'a\n\nclear: b'",
    "'a''b\nc'": r"E'a''b\nc'",
    "E'a\\\\b\nc'": r"E'a\\b\nc'",
    '"a\n""b"': r'U&"a\000a""b"',
    "'a\\b'": r"'a\b'",
}


@pytest.mark.parametrize("quoted", QUOTED)
def test_nothing_quoted_makes_a_line_of_its_own(quoted: str) -> None:
    page = Page(Look(60))
    page.text(f"`select a, {quoted} from public.a_table_with_a_long_name where age > 12345`", indent=4)
    assert page.render() == (
        f"      select a, {QUOTED[quoted]} from public.a_table_with_a_long_name where age > 12345;\n"
    )


@pytest.mark.server
@pytest.mark.parametrize("quoted", QUOTED)
def test_what_is_quoted_on_one_line_is_the_same_to_the_server(server: ScratchServer, quoted: str) -> None:
    select = f"select 1 as {quoted}" if quoted.startswith('"') else f"select {quoted} as a"
    server.create_database("quoted")
    with server.connect("quoted") as session:
        was, now = session.execute(select), session.execute(in_one_line(select))
        told = [([each.name for each in one.description or ()], one.fetchall()) for one in (was, now)]
    assert told[0] == told[1]


def test_a_backtick_in_a_name_does_not_end_it() -> None:
    page = Page(Look(60))
    page.text('Ask: `select "a`b" from public.a_table_with_a_long_name where "a`b" > 12345`.')
    page.text('Or `select "a`b  c" from t` there, which is one that fits.')
    assert page.render().splitlines() == [
        "Ask:",
        '  select "a`b" from public.a_table_with_a_long_name where "a`b" > 12345;',
        'Or `select "a`b  c" from t` there, which is one that fits.',
    ]
