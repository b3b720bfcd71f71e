"""How the new migrations went on tables with rows, as people read it."""

import json
from dataclasses import replace as replace_failure
from pathlib import Path

from jsonschema import Draft202012Validator
from msgspec.structs import replace
from tests.support.verdicts import clear

from migcheck.facts.sql.misfit import Unheld
from migcheck.facts.sql.row_counts import Counts, RowsWritten
from migcheck.facts.sql.rows import Answers, Found, Own, Question, RowFault, Rows, Unasked
from migcheck.finding import Location
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.running.failure import COMMIT, SqlFailure
from migcheck.report.json import render_json
from migcheck.report.json_rows import rows_report
from migcheck.report.page import Look, Page
from migcheck.report.rows import write_rows
from migcheck.report.run import Run

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"


QUESTIONS = tuple(
    Question("0001_b", Location("drizzle/0001_b.sql", line), "alter table …", "t", Unheld("c"), f"select {line}")
    for line in (1, 3, 5, 7)
)
ROWS = Rows(5, (Filled("t", 16),), questions=QUESTIONS, unasked="it took longer than 30 s")
SLOW = Unasked("it takes longer than 10 s")
ANSWERS: Answers = {"select 1": Found(0), "select 3": SLOW, "select 5": Unasked(""), "select 7": SLOW}


def test_what_a_target_could_not_be_asked_or_did_not_say_is_told() -> None:
    page = Page(Look(200))
    write_rows(page, ROWS, replace(clear(), answers=ANSWERS), verbose=False)
    assert page.render().splitlines()[2:] == [
        "            not all that the target could be asked: it took longer than 30 s",
        "            the target did not say whether rows refuse drizzle/0001_b.sql:3, drizzle/0001_b.sql:7: it",
        "              takes longer than 10 s",
    ]


def test_machines_are_told_the_same() -> None:
    told = rows_report(ROWS, ANSWERS)
    assert told.unasked == "it took longer than 30 s"
    assert [each.model_dump() for each in told.unanswered] == [
        {
            "migration": "0001_b",
            "file": "drizzle/0001_b.sql",
            "line": line,
            "table": "t",
            "select": f"select {line}",
            "reason": "it takes longer than 10 s",
        }
        for line in (3, 7)
    ]


def test_machines_are_told_how_many_rows_were_written() -> None:
    wrote = RowsWritten("0001_b", Location("drizzle/0001_b.sql", 3), "update …", "public.t", Counts(1, 16), 16)
    told = rows_report(replace(ROWS, written=(wrote,), own=Own("seed.sql", written=(wrote,))), ANSWERS)
    assert told.own is not None
    assert told.written == told.own.written
    assert [each.model_dump() for each in told.written] == [
        {
            "migration": "0001_b",
            "file": "drizzle/0001_b.sql",
            "line": 3,
            "statement": "update …",
            "table": "public.t",
            "inserted": 1,
            "updated": 16,
            "deleted": 0,
            "had": 16,
        }
    ]


def test_what_a_commit_refuses_is_on_no_line() -> None:
    late = SqlFailure("0001_b", "drizzle/0001_b.sql", 1, COMMIT, "23503", "key")
    faults = tuple(RowFault(each) for each in (late, replace_failure(late, statement="update …")))
    assert [each.line for each in rows_report(replace(ROWS, faults=faults), ANSWERS).faults] == [None, 1]


def test_what_the_report_has_of_them_fits_the_schema_and_holds_no_password() -> None:
    lost = Unasked("could not reach postgres://app:s3cr3t@h/d")
    rehearsal = clear().rehearsal
    assert rehearsal is not None
    verdict = replace(clear(), rehearsal=replace(rehearsal, rows=ROWS), answers={"select 1": lost})
    document = json.loads(render_json(Run([verdict]), 0))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    (told,) = document["folders"][0]["rows"]["unanswered"]
    assert told["reason"] == "could not reach postgres://app:***@h/d"
