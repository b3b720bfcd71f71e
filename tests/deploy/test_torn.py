"""Migrations that COMMIT by themselves and then fail: what stays is told, and what has its row is no ruin."""

from pathlib import Path

import pytest

from migcheck.deploy.outcome import Failed
from tests.support.deploys import deploy, ledger_rows, tables, written
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"


def test_a_piece_that_commits_and_one_that_fails_leave_a_torn_migration(app: Database, tmp_path: Path) -> None:
    sql = "create table users (id int);\n--> statement-breakpoint\nCOMMIT;\n--> statement-breakpoint\nselect 1/0;"
    outcome = deploy(app, written(tmp_path, {"0000_users": sql}))
    assert isinstance(outcome, Failed)
    assert outcome.torn
    assert outcome.remedy.endswith("to what is there (migcheck explain rollback torn)")
    assert tables(app) == ["users"]
    assert ledger_rows(app) == []


def test_what_a_commit_inside_made_last_with_its_row_is_applied_and_not_torn(app: Database, tmp_path: Path) -> None:
    landed = {"0000_bad": "create table bad (x int);"}
    deploy(app, written(tmp_path / "landed", landed))
    app.run("insert into bad values (-1)")
    later = {
        "0001_a": "create table a (id int);",
        "0002_s": f"create table s (id int);{BREAK}COMMIT;",
        "0003_z": "alter table bad add constraint positive check (x > 0);",
    }
    outcome = deploy(app, written(tmp_path / "later", {**landed, **later}))
    assert isinstance(outcome, Failed)
    assert [step.tag for step in outcome.applied] == ["0001_a", "0002_s"]
    assert not outcome.torn
    assert outcome.remedy == (
        "see which rows of the target are in the way and repair them, or change 0003_z if no ledger has it "
        "(migcheck explain rollback failed), then run the whole of it again"
    )
    assert tables(app) == ["a", "bad", "s"]
    assert len(ledger_rows(app)) == 3


def test_what_one_piece_did_before_it_was_refused_goes_with_it(app: Database, tmp_path: Path) -> None:
    """Behind a COMMIT there is no transaction but the one that the server makes for all that it is sent at once."""
    fails = "select 1; create table b (id int); select 1/0;"
    outcome = deploy(app, written(tmp_path, {"0000_a": "create table a (); COMMIT;", "0001_b": fails}))
    assert isinstance(outcome, Failed)
    assert ([step.tag for step in outcome.applied], outcome.torn) == (["0000_a"], False)
    assert (tables(app), len(ledger_rows(app))) == (["a"], 1)


@pytest.mark.parametrize(
    ("second", "third", "applied"),
    [
        pytest.param(["COMMIT;"], ["create table t ();", "select 1/0;"], 2, id="in no transaction"),
        pytest.param(["COMMIT;"], ["create unique index concurrently i on bad (x);"], 2, id="an invalid index"),
        pytest.param(["COMMIT;", "BEGIN;"], ["create table t ();", "COMMIT;", "select 1/0;"], 2, id="two commits"),
        pytest.param(["COMMIT;", "BEGIN;"], ["select 1/0;"], 1, id="a row that was rolled back"),
        pytest.param(["ROLLBACK;", "create table t ();", "select 1/0;"], ["select 1;"], 0, id="a rollback"),
    ],
)
def test_what_stays_without_its_row_is_torn(
    app: Database, tmp_path: Path, second: list[str], third: list[str], applied: int
) -> None:
    app.run("create table bad (x int)", "insert into bad values (1), (1)")
    folder = {"0000_a": "create table a ();", "0001_b": BREAK.join(second), "0002_c": BREAK.join(third)}
    outcome = deploy(app, written(tmp_path, folder))
    assert isinstance(outcome, Failed)
    assert (len(outcome.applied), outcome.torn) == (applied, True)
