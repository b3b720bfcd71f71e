"""Several folders in one repository: all are judged, each is named, the worst one decides."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, drop_entry
from tests.support.repositories import GitRepository, init

from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree

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


def test_a_waiver_that_one_folder_needs_is_not_called_unused_at_another(command: Command, tmp_path: Path) -> None:
    repository = a_monorepo(tmp_path)
    waiver = '[[waiver]]\ncode = "MC102"\nmigration = "{}"\nreason = "never to run"\nuntil = 2099-01-01\n'
    repository.commit({"migcheck.toml": waiver.format("0001_b") + waiver.format("0002_c")})
    told = json.loads(command("verify", "--offline", "--format", "json").out)
    unused = [(each["folder"], each["message"]) for each in told["findings"] if each["code"] == "MC001"]
    message = "the waiver of MC102 for 0002_c matches no finding"
    assert (told["verdict"], unused) == ("clear", [("apps/api/drizzle", message), ("apps/web/drizzle", message)])


def test_two_folders_on_one_ledger_of_one_target_are_refused(command: Command, tmp_path: Path) -> None:
    a_monorepo(tmp_path)
    ran = command("status", env={"DATABASE_URL": "postgres://app:s3cr3t@h/d"})
    assert ran.code == 2
    assert "apps/api/drizzle and apps/web/drizzle would share the ledger drizzle.__drizzle_migrations" in ran.err
    assert "give each its own `database_url`" in ran.err


def test_a_ledger_that_nobody_could_read_is_never_looked_up(command: Command, tmp_path: Path) -> None:
    """The default one of another project in the same database would be judged, and mended by hand."""
    repository = init(tmp_path)
    a_folder(tmp_path / "db/drizzle", {"0000_a": SQL})
    config = "export default {\ndialect: 'postgresql',\nmigrations: { table: process.env.LEDGER } }"
    repository.commit({"db/drizzle.config.ts": config})
    why = "db/drizzle.config.ts:3: `migrations.table` cannot be read without running the file: process.env.LEDGER"
    target = {"DATABASE_URL": "postgres://app:s3cr3t@h/d"}
    for arguments in (("verify", "db/drizzle"), ("verify",), ("status", "db/drizzle"), ("apply", "db/drizzle")):
        ran = command(*arguments, env=target)
        assert (ran.code, ran.out) == (2, "")
        assert f"{why}; so the ledger of db/drizzle in its database is not known" in ran.err
        assert "say it in migcheck.toml" in ran.err
    assert command("verify", "--offline").code == 0
    offline = command("verify", "db/drizzle", "--offline", "--format", "json", env=target)
    assert offline.code == 0, offline.out + offline.err
    assert json.loads(offline.out)["notes"][1] == f"{why}; the default ledger drizzle.__drizzle_migrations is assumed"

    repository.commit({"migcheck.toml": '[[folder]]\npath = "db/drizzle"\nledger = { table = "t" }'})
    known = command("verify", "db/drizzle", "--offline", "--format", "json", env=target)
    assert (known.code, json.loads(known.out)["notes"]) == (0, [])


def test_a_ledger_file_does_not_stand_for_one_that_nobody_could_read(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_a": SQL})
    repository.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', migrations: { table: T } }"})
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
    (tmp_path / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    ran = command("verify", "--offline", "--ledger", "ledger.json")
    assert (ran.code, ran.out) == (2, "")
    assert "so the ledger of drizzle in its database is not known" in ran.err


def test_a_ledger_file_gives_each_folder_its_own(command: Command, tmp_path: Path) -> None:
    """Both ledgers are called as Drizzle calls every one."""
    repository = init(tmp_path)
    status = []
    for name, sql in {"a": SQL, "b": "create table posts (id integer);"}.items():
        folder = read_folder(DiskTree(a_folder(tmp_path / name / "drizzle", {f"0000_{name}": sql}).parent), "drizzle")
        [applied] = folder.migrations
        rows = [{"id": 1, "hash": applied.hash, "created_at": applied.when}]
        ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": rows}
        status.append({"path": f"{name}/drizzle", "ledger": ledger})
    configuration = "".join(f'[[folder]]\npath = "{name}/drizzle"\ndatabase_url = "{name}_URL"\n' for name in "ab")
    repository.commit({"migcheck.toml": configuration, "ledger.json": json.dumps({"folders": status})})
    ran = command("verify", "--offline", "--ledger", "ledger.json", "--format", "json")
    assert (ran.code, json.loads(ran.out)["findings"]) == (0, []), ran.out + ran.err
    # A file of a checkout where they were called otherwise has no other hint than the ledger's name.
    repository.commit({"ledger.json": json.dumps({"folders": [{**status[0], "path": "old"}]})})
    told = json.loads(command("verify", "a/drizzle", "--offline", "--ledger", "ledger.json", "--format", "json").out)
    assert [each["outcome"] for each in told["gates"] if each["name"] == "target"] == ["judged"]
    # That of another folder of the project is none, where all are judged or one alone.
    a_folder(tmp_path / "c" / "drizzle", {"0000_c": SQL})
    configuration += '[[folder]]\npath = "c/drizzle"\ndatabase_url = "c_URL"\n'
    repository.commit({"migcheck.toml": configuration, "ledger.json": json.dumps({"folders": status})})
    for named in ((), ("c/drizzle",)):
        ran = command("verify", *named, "--offline", "--ledger", "ledger.json")
        assert (ran.code, ran.out) == (2, ""), ran.out
        assert "no --ledger file holds drizzle.__drizzle_migrations, the ledger of c/drizzle" in ran.err


def test_a_folder_that_no_configuration_names_is_told_at_the_top(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_a": SQL})
    a_folder(tmp_path / "packages/db/drizzle-admin", {"0000_a": SQL})
    repository.commit({"drizzle.config.ts": CONFIG})
    ran = command("verify", "--offline")
    assert ran.code == 0, ran.out + ran.err
    assert "packages/db/drizzle-admin has a journal and was not judged" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("postgresql://app:pw@db/two", "postgres://app:pw@db/two"),
        ("postgresql://app:pw@db/two", "postgresql://app:pw@db:5432/two?sslmode=prefer"),
        ("postgresql://app:pw@db/two", "postgresql://owner:other@DB/two"),
        ("postgresql://app:pw@db/two", "host=db dbname=two user=app"),
        ("postgresql://app:pw@ep-a-1.eu.aws.neon.tech/two", "postgresql://app:pw@ep-a-1-pooler.eu.aws.neon.tech./two"),
    ],
)
def test_one_database_is_one_however_its_url_is_written(command: Command, tmp_path: Path, one: str, other: str) -> None:
    repository = init(tmp_path)
    for name in ("api", "web"):
        a_folder(tmp_path / name, {"0000_a": SQL})
    folders = "".join(f'[[folder]]\npath = "{name}"\ndatabase_url = "{name.upper()}_URL"\n' for name in ("api", "web"))
    repository.commit({"migcheck.toml": folders})
    ran = command("verify", env={"API_URL": one, "WEB_URL": other})
    assert ran.code == 2
    assert (
        "api and web would share the ledger drizzle.__drizzle_migrations of one target (API_URL and WEB_URL)" in ran.err
    )


def test_a_configuration_beside_migcheck_toml_is_read_as_without_it(command: Command, tmp_path: Path) -> None:
    """Every question about the tracked files gets the same answer, whoever asks first."""
    repository = init(tmp_path)
    for name in ("apps/c/migs", "apps/d/migs", "left/out"):
        a_folder(tmp_path / name, {"0000_a": SQL})
    config = "export default { dialect: 'postgresql', out: '../../c/migs', migrations: { table: 'ours', schema: 's' } }"
    repository.commit({"apps/config/db/drizzle.config.ts": config})
    named = "apps/c/migs is configured by apps/config/db/drizzle.config.ts, which was read and not run"
    left_out = "left/out has a journal and was not judged: no configuration that was read names it"
    for folders in ((), ("apps/d/migs",), ("apps/d/migs", "apps/c/migs")):
        own = "".join(f'[[folder]]\npath = "{each}"\n' for each in folders)
        repository.commit({"migcheck.toml": own})
        told = json.loads(command("verify", "apps/c/migs", "--offline", "--format", "json").out)
        assert told["notes"] == [named], folders
        (tmp_path / "none.json").write_text(json.dumps({"folders": []}))
        refused = command("verify", "apps/c/migs", "--offline", "--ledger", "none.json")
        assert (refused.code, refused.out) == (2, "")
        assert "no --ledger file holds s.ours, the ledger of apps/c/migs" in refused.err
    told = json.loads(command("verify", "--offline", "--format", "json").out)
    assert told["notes"] == [named, left_out]
