"""What landed cannot be built: each way out that is named there leads out."""

import json
import shutil
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_17")]

BROKEN = {
    "0000_users": "create table users (id integer primary key, name text);",
    "0001_index": "create index concurrently users_name on users (name);",
    "0002_tags": "creat table tags (id integer primary key);",
    "0003_posts": "create table posts (tag integer references tags);",
}
MENDED = {
    "0001_index": "create index users_name on users (name);",
    "0002_tags": BROKEN["0002_tags"].replace("t t", "te t"),
}


@pytest.fixture
def project(tmp_path: Path) -> GitRepository:
    """A branch of a repository in which two landed migrations cannot run."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", BROKEN)
    repository.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})
    repository.branch("feature")
    return repository


def verified(command: Command, code: int) -> tuple[list[tuple[str, str, str]], str]:
    """Severity, code and migration of every finding, and the remedy of gate `replay`."""
    ran = command("verify", "--base", "main", "--format", "json")
    assert ran.code == code, ran.out + ran.err
    told = json.loads(ran.out)
    (replay,) = [gate for gate in told["gates"] if gate["name"] == "replay"]
    return [(each["severity"], each["code"], each["migration"]) for each in told["findings"]], replay["remedy"]


def test_mending_all_that_cannot_run_only_warns(command: Command, project: GitRepository) -> None:
    assert "drop the word CONCURRENTLY" in verified(command, 3)[1]
    project.commit({"drizzle/0001_index.sql": MENDED["0001_index"]})
    assert "fix 0002_tags and, in the same change, whatever then fails" in verified(command, 1)[1]
    project.commit({"drizzle/0002_tags.sql": MENDED["0002_tags"]})
    warnings = [("warning", "MC201", "0001_index"), ("warning", "MC201", "0002_tags")]
    assert verified(command, 0)[0] == warnings
    project.commit({"drizzle/0000_users.sql": BROKEN["0000_users"].replace("text", "varchar")})
    assert ("error", "MC201", "0000_users") in verified(command, 1)[0]


def test_the_schema_of_the_ledger_is_made_before_any_migration(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_auth": 'CREATE SCHEMA "auth";'})
    config = "export default { dialect: 'postgresql', out: './drizzle', migrations: { schema: 'auth' } }"
    repository.commit({"drizzle.config.ts": config})
    repository.branch("feature")
    assert verified(command, 3)[1] == (
        "Drizzle makes the schema auth itself, before any migration, for its ledger. Write `CREATE SCHEMA IF NOT "
        "EXISTS`: an edit of a landed file that cannot run only warns, once the whole folder runs"
    )
    repository.commit({"drizzle/0000_auth.sql": 'CREATE SCHEMA IF NOT EXISTS "auth";'})
    assert verified(command, 0)[0] == [("warning", "MC201", "0000_auth")]


def test_a_restart_only_warns(command: Command, project: GitRepository) -> None:
    journal = json.loads((project / "drizzle/meta/_journal.json").read_text("utf-8"))
    newest = max(each["when"] for each in journal["entries"])
    shutil.rmtree(project / "drizzle")
    a_folder(project / "drizzle", {"0000_all": BROKEN["0000_users"]}, when={"0000_all": newest})
    project.commit()
    assert verified(command, 0)[0] == [("warning", "MC209", "0000_all")]
