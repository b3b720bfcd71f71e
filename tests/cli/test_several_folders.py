"""Several folders in one repository: all are judged, each is named, the worst one decides."""

import json
from pathlib import Path

from tests.support.command import Command
from tests.support.folders import a_folder, drop_entry
from tests.support.repositories import GitRepository, init

SQL = "create table users (id integer);"
CONFIG = "export default { dialect: 'postgresql' }"


def a_monorepo(path: Path) -> GitRepository:
    """Two applications on Postgres, one on MySQL; the second one's folder has a file without its entry."""
    repository = init(path)
    a_folder(path / "apps/api/drizzle", {"0000_a": SQL})
    folder = a_folder(path / "apps/web/drizzle", {"0000_a": SQL, "0001_b": SQL})
    drop_entry(folder, "0001_b")
    repository.commit(
        {
            "apps/api/drizzle.config.ts": CONFIG,
            "apps/web/drizzle.config.ts": CONFIG,
            "apps/old/drizzle.config.ts": "export default { dialect: 'mysql' }",
        }
    )
    return repository


def test_every_folder_of_a_monorepo_is_judged_from_its_top(command: Command, tmp_path: Path) -> None:
    a_monorepo(tmp_path)
    ran = command("verify", "--offline", "--format", "json")
    told = json.loads(ran.out)
    assert (ran.code, told["verdict"]) == (1, "blocked")
    assert [(each["path"], each["verdict"]) for each in told["folders"]] == [
        ("apps/api/drizzle", "clear"),
        ("apps/web/drizzle", "blocked"),
    ]
    assert {each["folder"] for each in told["findings"]} == {"apps/web/drizzle"}
    assert told["notes"] == [
        "apps/api/drizzle is configured by apps/api/drizzle.config.ts, which was read and not run",
        "apps/old/drizzle.config.ts is passed over: its dialect is mysql, migcheck is for postgresql",
        "apps/web/drizzle is configured by apps/web/drizzle.config.ts, which was read and not run",
    ]


def test_the_last_line_names_the_folder_that_blocks(command: Command, tmp_path: Path) -> None:
    a_monorepo(tmp_path)
    last = command("verify", "--offline").out.splitlines()[-1]
    assert last.startswith("blocked: 1 error")
    assert " in apps/web/drizzle. Next: fix apps/web/drizzle/" in last


def test_inside_one_application_only_that_one_is_judged(command: Command, tmp_path: Path) -> None:
    a_monorepo(tmp_path)
    ran = command("verify", "--offline", cwd=tmp_path / "apps" / "api")
    assert ran.code == 0, ran.out + ran.err
    assert "apps/web" not in ran.out


def test_two_folders_on_one_ledger_of_one_target_are_refused(command: Command, tmp_path: Path) -> None:
    a_monorepo(tmp_path)
    ran = command("status", env={"DATABASE_URL": "postgres://app:s3cr3t@h/d"})
    assert ran.code == 2
    assert "apps/api/drizzle and apps/web/drizzle would share the ledger drizzle.__drizzle_migrations" in ran.err
    assert "give each its own `database_url`" in ran.err
