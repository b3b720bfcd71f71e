"""A folder that was restarted: each way out that MC209 prints leads out, of an old commit as well."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.deploys import deploy_at
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_17")]

OLD = {"0000_users": "create table users (id integer);", "0001_posts": "create table posts (id integer);"}
NEW = {"0000_anew": "create table users (id integer, name text);"}
WHEN = {"0000_anew": 1_700_000_900_000}


@pytest.fixture
def restarted(tmp_path: Path) -> GitRepository:
    """A folder was restarted in the commit before the newest of main; that commit is checked out."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", OLD)
    repository.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})
    repository.git("rm", "-rq", "drizzle")
    a_folder(tmp_path / "drizzle", NEW, when=WHEN)
    repository.commit()
    repository.commit({"README.md": "newer"})
    repository.git("checkout", "-q", "main~1")
    return repository


def found(command: Command, *options: str, **env: str) -> tuple[int, list[tuple[str, str]], str]:
    """The exit code, severity and code of each finding, and what to do about MC209."""
    ran = command("verify", "--format", "json", *options, env=env)
    told = json.loads(ran.out)["findings"]
    fixes = [each["fix"] for each in told if each["code"] == "MC209"]
    return ran.code, [(each["severity"], each["code"]) for each in told], "".join(fixes[:1])


def test_all_that_is_printed_of_an_old_commit(command: Command, restarted: GitRepository) -> None:
    first = restarted.git("rev-parse", "main~2").strip()[:12]
    code, findings, fix = found(command)
    assert (code, findings) == (1, [("error", "MC209"), ("error", "MC401")])
    assert fix == (
        f"Put the landed migrations back (`git checkout {first} -- :/drizzle`) and make the change in a new migration. "
        "To squash them, make one migration that builds the same schema, give its entry the greatest `when` that had "
        "landed, and let it be the only one of its change: databases that have base skip it.\n"
        "If the restart has landed itself, as in an old commit, name the commit that it came with: `--base HEAD`, and "
        f"what is put back is a restart of that, unless it is judged with `--base {first}`.\n"
        "If they were applied nowhere, or rolled back everywhere, let the ledgers say so to `migcheck verify` "
        "(DATABASE_URL, or `--ledger FILE` written by `migcheck status --format json --output FILE`)."
    )


def test_the_commit_that_it_came_with_is_base(command: Command, restarted: GitRepository, app: Database) -> None:
    assert restarted.top.is_dir()
    assert found(command, "--base", "HEAD") == (0, [], "")
    target = {"DATABASE_URL": app.url}
    assert command("apply", "--base", "HEAD", env=target).code == 0
    assert app.ask("select count(*) from drizzle.__drizzle_migrations") == [(1,)]


def test_a_database_that_has_the_old_ones_is_still_refused(
    command: Command, restarted: GitRepository, app: Database
) -> None:
    target = {"DATABASE_URL": app.url}
    restarted.git("checkout", "-q", "main~2")
    deploy_at(app, restarted.top)
    restarted.git("checkout", "-q", "main~1")
    ran = command("apply", "--base", "HEAD", env=target)
    assert ran.code == 1, ran.out
    assert app.ask("select count(*) from drizzle.__drizzle_migrations") == [(2,)]
    code, findings, fix = found(command, **target)
    assert (code, findings[0]) == (1, ("error", "MC209"))
    assert fix.endswith("\nA ledger that was read holds them as they landed.")


def test_what_is_put_back_is_judged_by_what_was_before(command: Command, restarted: GitRepository) -> None:
    put_back, _, _, before, *_ = re.findall("`(.*?)`", found(command)[2])
    assert (put_back.startswith("git checkout"), before[:7]) == (True, "--base ")
    subprocess.run(["sh", "-c", put_back], cwd=restarted.top, check=True)
    assert ("error", "MC209") in found(command)[1]
    assert found(command, *before.split())[1] == [("error", "MC102")]
    (restarted / "drizzle" / "0000_anew.sql").unlink()
    assert found(command, *before.split()) == (0, [], "")


def test_a_ledger_says_that_they_were_applied_nowhere(command: Command, restarted: GitRepository) -> None:
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "exists": False, "rows": []}
    (restarted / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    code, findings, fix = found(command, "--ledger", "ledger.json")
    assert (code, findings) == (0, [("warning", "MC209")])
    assert fix.startswith(
        "Nothing, where no other database has them: no ledger that was read holds them as they landed."
    )


def test_a_branch_that_did_not_land_is_not_told_to_be_its_own_base(command: Command, restarted: GitRepository) -> None:
    restarted.git("checkout", "-q", "-b", "feature", "main~2")
    restarted.git("rm", "-rq", "drizzle")
    a_folder(restarted / "drizzle", NEW, when=WHEN)
    restarted.commit()
    code, findings, fix = found(command)
    assert (code, findings[0]) == (1, ("error", "MC209"))
    assert "--base" not in fix
    assert "--ledger FILE" in fix
