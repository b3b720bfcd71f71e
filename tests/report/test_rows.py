"""How the new migrations went on tables with rows, as people read it."""

from msgspec.structs import replace
from tests.support.verdicts import clear

from migcheck.facts.rows import Found, Question, Rows, Unasked, Unheld
from migcheck.finding import Location
from migcheck.postgres.filling.filled import Filled
from migcheck.report.page import Page
from migcheck.report.rows import write_rows


def test_what_a_target_could_not_be_asked_or_did_not_say_is_told() -> None:
    questions = tuple(
        Question("0001_b", Location("drizzle/0001_b.sql", line), "alter table …", "t", Unheld("c"), f"select {line}")
        for line in (1, 3, 5, 7)
    )
    rows = Rows(5, (Filled("t", 16),), questions=questions, unasked="it took longer than 30 s")
    answers = {"select 1": Found(0), "select 3": Unasked("it takes longer than 10 s"), "select 5": Unasked("")}
    page = Page(200)
    write_rows(page, rows, replace(clear(), answers={**answers, "select 7": answers["select 3"]}), verbose=False)
    assert page.render(colour=False).splitlines()[2:] == [
        "            not all that the target could be asked: it took longer than 30 s",
        "            the target did not say whether rows refuse drizzle/0001_b.sql:3, drizzle/0001_b.sql:7: it",
        "              takes longer than 10 s",
    ]
