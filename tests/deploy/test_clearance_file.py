"""A clearance travels in a file from where git and scratch are to where the target is."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.clearance import Clearance, clear
from migcheck.deploy.clearance_file import ClearanceFile, read_clearances, write_clearances
from migcheck.errors import UndecidableError, UsageError
from tests.support import verdicts
from tests.support.command import Command, Ran
from tests.support.deploys import cleared, tables
from tests.support.folders import STEP, WHEN, a_folder, add_migration
from tests.support.ledgers import a_ledger, a_pure_folder, a_target, rows_of
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

AT = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)
ANY = """ "at": "2026-11-20T09:12:00Z", "commit": "", "version": "1" """


def written(file: Path, *clearances: Clearance) -> None:
    write_clearances(file, clearances, at=AT, commit="4f2a")


def test_a_clearance_survives_its_file(tmp_path: Path) -> None:
    clearance = cleared(a_pure_folder({"0000_a": 100}), change=("+ table public.users",))
    given = clear(replace(verdicts.clear(), target=a_target(a_ledger(rows_of(verdicts.folder(), 2)))))
    assert isinstance(given, Clearance)
    written(tmp_path / "c.json", clearance, given)
    assert read_clearances(tmp_path / "c.json") == ClearanceFile(at=AT, commit="4f2a", clearances=(clearance, given))
    assert json.loads((tmp_path / "c.json").read_text())["at"] == "2026-11-20T09:12:00Z"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "Input data was truncated"),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "Object missing required field `migcheck_clearance`"),
        ('{"migcheck_clearance": "2"}', r"Expected `int`, got `str` - at `\$\.migcheck_clearance`"),
        ('{"migcheck_clearance": 2}', "Object missing required field `at`"),
        (f'{{"migcheck_clearance": 2, {ANY}}}', "Object missing required field `clearances`"),
        (f'{{"migcheck_clearance": 2, {ANY}, "clearances": [], "more": 1}}', "Object contains unknown field `more`"),
        (f'{{"migcheck_clearance": 2, {ANY}, "clearances": 1}}', r"Expected `array`, got `int` - at `\$\.clearances`"),
        (
            '{"migcheck_clearance": 2, "at": "2026-11-20T09:12:00"}',
            "Invalid RFC3339 encoded datetime|Expected `datetime`",
        ),
        ('{"migcheck_clearance": 2, "at": 1}', r"Expected `datetime`, got `int` - at `\$\.at`"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        ('{"migcheck_clearance": ' + "[" * 100_000, "Expected `int`, got `array`"),
        ('{"more": ' + "[" * 100_000, "it is nested too deeply|Input data was truncated"),
        ("\xff", "Input data was truncated|JSON is malformed"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=rf"c\.json is not a clearance: {problem}") as caught:
        read_clearances(file)
    assert caught.value.remedy == "write it with `migcheck verify --clearance`"


@pytest.mark.parametrize(
    "within", ["", ".plan[0]", ".ledger", ".evidence", ".evidence.gates[0]", ".evidence.scratch", ".evidence.history"]
)
def test_what_nobody_knows_is_refused_at_every_depth(tmp_path: Path, within: str) -> None:
    """It may be what a newer migcheck holds against a deploy."""
    file = tmp_path / "c.json"
    given = clear(verdicts.clear())
    assert isinstance(given, Clearance)
    written(file, given)
    content = json.loads(file.read_text())
    first = content["clearances"][0]
    evidence = first["evidence"]
    {
        "": first,
        ".plan[0]": first["plan"][0],
        ".ledger": first["ledger"],
        ".evidence": evidence,
        ".evidence.gates[0]": evidence["gates"][0],
        ".evidence.scratch": evidence["scratch"],
        ".evidence.history": evidence["history"],
    }[within]["more"] = 1
    file.write_text(json.dumps(content))
    with pytest.raises(UsageError) as caught:
        read_clearances(file)
    assert f"Object contains unknown field `more` - at `$.clearances[0]{within}`" in caught.value.problem


def test_one_of_another_format_names_the_migcheck_that_wrote_it(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text(f'{{"migcheck_clearance": 3, {ANY}}}')
    with pytest.raises(UsageError, match=r"of migcheck 1 \(format 3, and this one, 0\.1\.0, takes 2\)$"):
        read_clearances(file)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_clearances(tmp_path / "absent.json")
    with pytest.raises(UndecidableError, match="cannot be written: No such file"):
        written(tmp_path / "absent" / "c.json")


@pytest.mark.parametrize(("cleared_as", "configured"), [((), ("0000_a",)), (("0000_a",), ())])
def test_what_was_cleared_for_other_transactions_is_refused(
    command: Command, tmp_path: Path, cleared_as: tuple[str, ...], configured: tuple[str, ...]
) -> None:
    a_folder(tmp_path / "drizzle", {"0000_a": "vacuum;"})
    given = replace(cleared(a_pure_folder({"0000_a": 100})), outside=cleared_as)
    written(tmp_path / "c.json", given)
    tables = "".join(f'[[migration]]\ntag = "{tag}"\ntransaction = "none"\n' for tag in configured)
    (tmp_path / "migcheck.toml").write_text(tables)
    ran = command("apply", "drizzle", "--clearance", "c.json", env={"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d"})
    was, now = ("outside of", "in") if cleared_as else ("in", "outside of")
    assert ran.code == 2
    assert f"0000_a was cleared to run {was} a transaction, and is configured to run {now} one" in ran.err


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
class TestWithoutGit:
    @pytest.fixture(autouse=True)
    def _typed(self, command: Command) -> None:
        self.command = command

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
        ran = self.command(
            "verify", "drizzle", "--clearance", str(file), *options, cwd=repo.top, env={"DATABASE_URL": app.url}
        )
        assert ran.code == 0, ran
        if "nothing is pending" not in ran.out:
            assert ran.out.splitlines()[-1].endswith(f"Next: migcheck apply drizzle --clearance {file}")
        shutil.copytree(repo / "drizzle", away / "drizzle")
        return away

    def apply(self, away: Path, app: Database, *options: str) -> Ran:
        given = ("apply", "drizzle", "--clearance", "clearance.json", *options)
        ran: Ran = self.command(*given, cwd=away, env={"DATABASE_URL": app.url})
        return ran

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
        assert self.command("apply", "drizzle", cwd=a_repo.top, env={"DATABASE_URL": app.url}).code == 0
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
        assert "does not have" not in ran.out

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


def test_a_run_that_clears_nothing_leaves_no_older_clearance(
    a_repo: GitRepository, tmp_path: Path, command: Command
) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    file = tmp_path / "clearance.json"
    file.write_text("of another run")
    assert command("verify", "drizzle", "--offline", "--clearance", str(file), cwd=a_repo.top).code == 3
    assert not file.exists()


def test_a_clearance_that_cannot_be_written_is_refused_at_once(
    a_repo: GitRepository, tmp_path: Path, command: Command
) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    ran = command("verify", "drizzle", "--clearance", str(tmp_path / "absent" / "c.json"), cwd=a_repo.top)
    assert (ran.code, ran.out) == (2, "")
    assert "--clearance" in ran.err


def test_a_verdict_without_a_rehearsal_writes_none(a_repo: GitRepository, tmp_path: Path, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    file = tmp_path / "clearance.json"
    ran = command("verify", "drizzle", "--offline", "--clearance", str(file), "--format", "json", cwd=a_repo.top)
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"], report["exit_code"]) == (3, "clear", 3)
    assert "no clearance was written: nothing was judged at the gate replay" in ran.err
    assert "without --offline" in ran.err
    assert not file.exists()


def test_a_run_that_may_judge_nothing_gives_no_clearance(
    a_repo: GitRepository, tmp_path: Path, command: Command
) -> None:
    """Where nothing of migrations is staged it would leave with 0, and an older run's clearance in its place."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    options = ("--offline", "--staged", "--if-changed", "--clearance", str(tmp_path / "clearance.json"))
    ran = command("verify", "drizzle", *options, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        "migcheck: --if-changed may judge nothing, which gives no --clearance",
    )
