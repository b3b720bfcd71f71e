"""What the reports say of each rollback that was to be proven."""

import json

import pytest
from msgspec.structs import replace
from tests.support import verdicts

from migcheck.facts.rollback import (
    AgainOtherwise,
    LeftOtherwise,
    NotAgain,
    NotReached,
    Proven,
    Refused,
    RollbackProof,
)
from migcheck.postgres.running.failure import SqlFailure
from migcheck.report.json import render_json
from migcheck.report.page import Look
from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.verdict import Verdict

TAG, PATH = "0002_step", "migrations/0002_step.down.sql"
FAILURE = SqlFailure(TAG, PATH, 3, "drop table a", "42P01", 'table "a" does not exist')


def told(proof: RollbackProof) -> Verdict:
    """A clear verdict, with what came of one rollback."""
    clear = verdicts.clear()
    assert clear.rehearsal is not None
    return replace(clear, rehearsal=replace(clear.rehearsal, rollbacks=(proof,)))


@pytest.mark.parametrize(
    ("proof", "line"),
    [
        (Proven(TAG, PATH), "proven"),
        (
            Proven(TAG, PATH, ("table a", "column b.c"), ("the rows of d",)),
            "proven; it loses table a, column b.c; it brings back the rows of d without what was there",
        ),
        (Proven(TAG, PATH, needs=("no NULL in d.e",)), "proven; it needs no NULL in d.e"),
        (
            Proven(TAG, PATH, untouched=("a", "b")),
            "proven; it leaves alone the rows that 0002_step wrote in a, b",
        ),
        (Proven(TAG, PATH, writes=("a",)), "proven; it writes or deletes rows of a"),
        (NotReached(TAG, PATH, "0001_step fails"), "not proven"),
        (Refused(TAG, PATH, FAILURE), "not proven"),
    ],
)
def test_a_row_for_people(proof: RollbackProof, line: str) -> None:
    page = render_text(Run([told(proof)]), Look(80))
    assert f"rollback of 0002_step: {line}\n" in " ".join(page.split()).replace(" clear: ", "\nclear: ")


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (
            Proven(TAG, PATH, ("table a",), ("the rows of d",), ("no NULL in d.e",), ("h",), ("f",), ("~ order g",)),
            {
                "outcome": "proven",
                "loses": ["table a"],
                "lacks": ["the rows of d"],
                "needs": ["no NULL in d.e"],
                "writes": ["h"],
                "untouched": ["f"],
                "differences": ["~ order g"],
            },
        ),
        (Refused(TAG, PATH, FAILURE), {"line": 3, "message": 'it fails: 42P01 table "a" does not exist'}),
        (
            NotAgain(TAG, PATH, FAILURE),
            {"message": 'the migration cannot run again: 42P01 table "a" does not exist'},
        ),
        (
            LeftOtherwise(TAG, PATH, ("+ table public.a",)),
            {"message": "it leaves something else behind", "differences": ["+ table public.a"]},
        ),
        (
            AgainOtherwise(TAG, PATH, ("- table public.a",)),
            {"message": "the migration does not build the same again", "differences": ["- table public.a"]},
        ),
        (NotReached(TAG, PATH, "0001_step fails"), {"message": "0001_step fails"}),
    ],
)
def test_an_object_for_machines(proof: RollbackProof, said: dict[str, object]) -> None:
    report = json.loads(render_json(Run([told(proof)]), 0))
    nothing: dict[str, object] = {"outcome": "not proven", "line": None, "message": "", "differences": []}
    nothing |= {"loses": [], "lacks": [], "needs": [], "writes": [], "untouched": []}
    (found,) = report["folders"][0]["rollbacks"]
    assert found == {**nothing, "migration": TAG, "file": PATH, **said}
