"""Several `--ledger` files for one folder: each database stands elsewhere, and yes is said for all of them or not."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import init

from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree

CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"
USERS = "create table users (id integer primary key);"


def a_ledger_file(path: Path, *rows: dict[str, object]) -> str:
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": rows}
    path.write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    return path.name


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """The ledgers of a new database, of one that has it all, and of one with a row of nobody's."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": USERS})
    repository.commit({"drizzle.config.ts": CONFIG})
    repository.branch("feature")
    add_migration(tmp_path / "drizzle", "0001_name", "alter table users add column name text;")
    repository.commit()
    rows: list[dict[str, object]] = [
        {"id": number, "hash": each.hash, "created_at": each.when}
        for number, each in enumerate(read_folder(DiskTree(tmp_path), "drizzle").migrations, 1)
    ]
    return {
        "new": a_ledger_file(tmp_path / "new.json"),
        "same": a_ledger_file(tmp_path / "same.json"),
        "whole": a_ledger_file(tmp_path / "whole.json", *rows),
        "foreign": a_ledger_file(tmp_path / "foreign.json", {"id": 1, "hash": "0" * 64, "created_at": 1}),
    }


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
@pytest.mark.parametrize("order", [("new", "foreign"), ("foreign", "new")])
def test_a_rehearsal_begins_from_each_ledger(command: Command, files: dict[str, str], order: tuple[str, str]) -> None:
    given = [word for name in order for word in ("--ledger", files[name])]
    ran = command("verify", "--format", "json", *given)
    assert ran.code == 1, ran.out + ran.err
    report = json.loads(ran.out)
    told = [(each["ledger_file"], each["verdict"]) for each in report["folders"]]
    assert told == [(files[name], {"new": "clear", "foreign": "blocked"}[name]) for name in order]
    assert [(each["ledger_file"], each["code"]) for each in report["findings"]] == [(files["foreign"], "MC506")]
    undecided = [(each["ledger_file"], each["name"]) for each in report["gates"] if each["outcome"] == "undecided"]
    assert undecided == [(files["foreign"], "replay")]
    passed = {each["ledger_file"] for each in report["rehearsals"] if each["outcome"] == "passed"}
    assert passed == {files["new"]}


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_the_report_names_the_ledger_it_began_from(command: Command, files: dict[str, str]) -> None:
    ran = command("verify", *("--ledger", files["new"], "--ledger", files["whole"]))
    assert ran.code == 0, ran.out + ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("ledger")] == [
        "ledger  new.json, which stands for the target",
        "ledger  whole.json, which stands for the target",
    ]


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_the_last_line_names_the_ledger_that_is_in_the_way(command: Command, files: dict[str, str]) -> None:
    ran = command("verify", *("--ledger", files["new"], "--ledger", files["foreign"]))
    assert ran.out.splitlines()[-1] == (
        "blocked: 1 error in drizzle on foreign.json. Next: see MC506 above (migcheck explain MC506)"
    )


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_the_last_line_names_the_ledger_that_nobody_can_build(
    command: Command, files: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "migcheck.toml").write_text(
        '[[waiver]]\ncode = "MC506"\nmigration = "drizzle"\nreason = "another branch"\nuntil = 2099-01-01\n'
    )
    ran = command("verify", *("--ledger", files["new"], "--ledger", files["foreign"]))
    assert ran.out.splitlines()[-1] == (
        "undecided: replay in drizzle on foreign.json. Next: fetch the branch that made this row (of a shallow clone "
        "the whole history: `fetch-depth: 0` in CI); where it was deployed without a commit, commit that file as it was"
    )


def test_one_standing_is_looked_at_once(command: Command, files: dict[str, str]) -> None:
    ran = command("status", "--ledger", files["new"], "--ledger", files["same"])
    assert [line for line in ran.out.splitlines() if line.startswith("migcheck")] == [
        "migcheck 0.1.0  drizzle  on new.json"
    ]


@pytest.mark.parametrize("order", [("whole", "foreign"), ("foreign", "whole")])
def test_status_shows_every_ledger(command: Command, files: dict[str, str], order: tuple[str, str]) -> None:
    ran = command("status", "--ledger", files[order[0]], "--ledger", files[order[1]])
    assert ran.code == 1
    assert [line for line in ran.out.splitlines() if line.startswith("migcheck")] == [
        f"migcheck 0.1.0  drizzle  on {files[name]}" for name in order
    ]


def test_without_a_server_each_ledger_is_judged(command: Command, files: dict[str, str]) -> None:
    ran = command("verify", "--offline", "--format", "json", "--ledger", files["new"], "--ledger", files["foreign"])
    report = json.loads(ran.out)
    assert (ran.code, [each["ledger_file"] for each in report["folders"]]) == (1, ["new.json", "foreign.json"])
    assert [(each["ledger_file"], each["code"]) for each in report["findings"]] == [("foreign.json", "MC506")]


def test_a_clearance_is_for_one_ledger(command: Command, files: dict[str, str]) -> None:
    given = ("--ledger", files["new"], "--ledger", files["whole"])
    ran = command("verify", "--clearance", "cleared.json", *given)
    assert (ran.code, ran.out) == (2, "")
    assert "drizzle has several ledgers (new.json, whole.json), and a clearance is for one" in " ".join(ran.err.split())
