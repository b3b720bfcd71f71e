"""A clearance travels in a file from where git and scratch are to where the target is."""

import json
import shutil
from pathlib import Path

import pytest

from migcheck.clearance import clear
from migcheck.deploy.clearance_file import read_clearances, write_clearances
from migcheck.errors import UndecidableError, UsageError
from tests.support import verdicts
from tests.support.command import Ran, migcheck
from tests.support.deploys import cleared, tables
from tests.support.folders import STEP, WHEN, a_folder, add_migration
from tests.support.ledgers import a_pure_folder
from tests.support.repositories import GitRepository
from tests.support.target_server import Database


def test_a_clearance_survives_its_file(tmp_path: Path) -> None:
    clearance = cleared(a_pure_folder({"0000_a": 100}), change=("+ table public.users",))
    given = clear(verdicts.clear())
    assert not hasattr(given, "reason")
    write_clearances(tmp_path / "c.json", [clearance])
    assert read_clearances(tmp_path / "c.json") == (clearance,)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "Input data was truncated"),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "Object missing required field `clearances`"),
        ('{"migcheck_clearance": 2, "clearances": []}', r"Invalid enum value 2 - at `\$\.migcheck_clearance`"),
        ('{"clearances": [], "more": 1}', "Object contains unknown field `more`"),
        ('{"clearances": 1}', r"Expected `array`, got `int` - at `\$\.clearances`"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=rf"c\.json is not a clearance: {problem}") as caught:
        read_clearances(file)
    assert caught.value.remedy == "write it with `migcheck verify --clearance`"


@pytest.mark.parametrize("within", ["", ".plan[0]", ".ledger"])
def test_what_nobody_knows_is_refused_at_every_depth(tmp_path: Path, within: str) -> None:
    """It may be what a newer migcheck holds against a deploy."""
    file = tmp_path / "c.json"
    write_clearances(file, [cleared(a_pure_folder({"0000_a": 100}))])
    content = json.loads(file.read_text())
    first = content["clearances"][0]
    {"": first, ".plan[0]": first["plan"][0], ".ledger": first["ledger"]}[within]["more"] = 1
    file.write_text(json.dumps(content))
    with pytest.raises(UsageError) as caught:
        read_clearances(file)
    assert f"Object contains unknown field `more` - at `$.clearances[0]{within}`" in caught.value.problem


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_clearances(tmp_path / "absent.json")
    with pytest.raises(UndecidableError, match="cannot be written: No such file"):
        write_clearances(tmp_path / "absent" / "c.json", [])


@pytest.mark.server
class TestWithoutGit:
    def cleared_in(self, repo: GitRepository, app: Database) -> Path:
        """A folder that landed, cleared for the target."""
        a_folder(repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
        repo.commit(message="Add migrations")
        return self.away(repo, app)

    def away(self, repo: GitRepository, app: Database, *options: str) -> Path:
        """Verify against the target; give a directory with the folder and the clearance alone."""
        away = repo.top.parent / "away"
        away.mkdir()
        file = away / "clearance.json"
        command = ("verify", "drizzle", "--clearance", str(file), *options)
        ran = migcheck(*command, cwd=repo.top, env={"DATABASE_URL": app.url})
        assert ran.code == 0, ran
        if "nothing is pending" not in ran.out:
            assert ran.out.splitlines()[-1].endswith(f"Next: migcheck apply drizzle --clearance {file}")
        shutil.copytree(repo / "drizzle", away / "drizzle")
        return away

    def apply(self, away: Path, app: Database, *options: str) -> Ran:
        command = ("apply", "drizzle", "--clearance", "clearance.json", *options)
        return migcheck(*command, cwd=away, env={"DATABASE_URL": app.url})

    def test_what_was_cleared_is_deployed_once(self, a_repo: GitRepository, app: Database) -> None:
        away = self.cleared_in(a_repo, app)
        looked = self.apply(away, app, "--dry-run")
        assert (looked.code, looked.out.splitlines()[-1].partition(". ")[2]) == (
            0,
            "Next: migcheck apply drizzle --clearance clearance.json",
        )
        ran = self.apply(away, app)
        assert ran.code == 0, ran
        assert "applied: 1 migration to" in ran.out
        assert "judged when the clearance was given" in ran.out
        assert tables(app) == ["users"]
        again = self.apply(away, app)
        assert (again.code, "nothing to do" in again.out) == (0, True)

    def test_a_squash_is_known_where_there_is_no_git(self, a_repo: GitRepository, app: Database) -> None:
        both = {"0000_users": "create table users (id int);", "0001_posts": "create table posts (id int);"}
        place = a_folder(a_repo / "drizzle", both, snapshots=False)
        a_repo.commit(message="Add migrations")
        assert migcheck("apply", "drizzle", cwd=a_repo.top, env={"DATABASE_URL": app.url}).code == 0
        a_repo.branch("squash")
        for file in place.glob("*.sql"):
            file.unlink()
        a_folder(place, {"0000_all": "\n".join(both.values())}, when={"0000_all": WHEN + STEP}, snapshots=False)
        a_repo.commit(message="Squash")
        away = self.away(a_repo, app, "--base", "main")
        ran = self.apply(away, app)
        assert ran.code == 0, ran
        assert "MC506" not in ran.out
        assert "nothing to do" in ran.out

    def test_what_was_cleared_for_another_ledger_is_not_deployed(self, a_repo: GitRepository, app: Database) -> None:
        away = self.cleared_in(a_repo, app)
        assert self.apply(away, app).code == 0
        app.run("alter schema drizzle rename to moved")
        moved = '[[folder]]\npath = "drizzle"\nledger = { schema = "moved" }\ntransaction = "each"\n'
        (away / "migcheck.toml").write_text(moved)
        ran = self.apply(away, app)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(
            "migcheck: drizzle was cleared for the ledger drizzle.__drizzle_migrations and transaction = all, and is "
            "configured for moved.__drizzle_migrations and each"
        )

    def test_tables_that_are_there_are_met_before_the_deploy(self, a_repo: GitRepository, app: Database) -> None:
        away = self.cleared_in(a_repo, app)
        app.run("create table public.users (id int)")
        ran = self.apply(away, app)
        assert ran.code == 1, ran
        assert "error MC513 pending-table-exists" in ran.out
        assert app.ask("select 1 from pg_namespace where nspname = 'drizzle'") == []

    def test_what_was_not_cleared_is_not_deployed(self, a_repo: GitRepository, app: Database) -> None:
        away = self.cleared_in(a_repo, app)
        add_migration(away / "drizzle", "0001_evil", "drop schema public cascade;", snapshot=False)
        ran = self.apply(away, app)
        assert ran.code == 1, ran
        assert "the folder is not the one that was cleared" in ran.out
        assert tables(app) == []


def test_a_run_that_clears_nothing_leaves_no_older_clearance(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    file = tmp_path / "clearance.json"
    file.write_text("of another run")
    assert migcheck("verify", "drizzle", "--offline", "--clearance", str(file), cwd=a_repo.top).code == 3
    assert not file.exists()


def test_a_clearance_that_cannot_be_written_is_refused_at_once(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    ran = migcheck("verify", "drizzle", "--clearance", str(tmp_path / "absent" / "c.json"), cwd=a_repo.top)
    assert (ran.code, ran.out) == (2, "")
    assert "--clearance" in ran.err


def test_a_verdict_without_a_rehearsal_writes_none(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    file = tmp_path / "clearance.json"
    ran = migcheck("verify", "drizzle", "--offline", "--clearance", str(file), "--format", "json", cwd=a_repo.top)
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"], report["exit_code"]) == (3, "clear", 3)
    assert "no clearance was written: nothing was judged at the gate replay" in ran.err
    assert "without --offline" in ran.err
    assert not file.exists()


def test_a_run_that_may_judge_nothing_gives_no_clearance(a_repo: GitRepository, tmp_path: Path) -> None:
    """Where nothing of migrations is staged it would leave with 0, and an older run's clearance in its place."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    options = ("--offline", "--staged", "--if-changed", "--clearance", str(tmp_path / "clearance.json"))
    ran = migcheck("verify", "drizzle", *options, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        "migcheck: --if-changed may judge nothing, which gives no --clearance",
    )
