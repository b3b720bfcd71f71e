"""`--env-file` with a file that does not name the target: told, with what was looked for, and never passed over."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import init

SQL = "create table users (id integer);"
SECRET = "s3cr3t-w0rd"
URL = f"postgres://app:{SECRET}@127.0.0.1:1/d"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    init(tmp_path).commit()
    return tmp_path


def target_of(command: Command, *options: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what the gate `target` says."""
    ran = command("verify", "x", "--format", "json", *options)
    assert SECRET not in ran.out + ran.err
    (told,) = [each for each in json.loads(ran.out)["gates"] if each["name"] == "target"]
    return ran.code, {key: told[key] for key in ("outcome", "reason", "remedy")}


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("PORT=3000\n", ""),
        (f"DATABSE_URL={URL}\n", ", which has DATABSE_URL"),
        (f"DIRECT_DATABASE_URL={URL}\n", ", which has DIRECT_DATABASE_URL"),
        (f"A=b\nPOSTGRES_URL={URL}\n", ", which has POSTGRES_URL"),
        ("DATABASE_URL=\n", ""),
        ("", ""),
    ],
)
@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_a_file_that_names_no_target_is_undecided(command: Command, folder: Path, text: str, near: str) -> None:
    (folder / "prod.env").write_text(text)
    assert target_of(command, "--env-file", "prod.env") == (
        3,
        {
            "outcome": "undecided",
            "reason": "DATABASE_URL is not set, neither in the environment nor in prod.env, where --env-file looks "
            "for it",
            "remedy": f"set DATABASE_URL in prod.env{near}; where yours has another name, say so in migcheck.toml: "
            '[[folder]] with `path = "x"` and `database_url = "NAME"`; or leave out --env-file, to verify without a '
            "target",
        },
    )


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_a_file_that_is_there_for_scratch_only_says_so(command: Command, folder: Path) -> None:
    (folder / "migcheck.toml").write_text('[[folder]]\npath = "x"\n\n[scratch]\ndsn = "SCRATCH_URL"\n')
    (folder / ".env").write_text("SCRATCH_URL=postgres://nobody@127.0.0.1:1/d\n")
    code, told = target_of(command, "--env-file", ".env", "--scratch", "auto")
    assert told == {"outcome": "skipped", "reason": "DATABASE_URL is not set, nor in .env", "remedy": ""}
    assert code in {0, 3}


def test_offline_nobody_looks_for_a_target(command: Command, folder: Path) -> None:
    (folder / ".env").write_text("PORT=3000\n")
    code, told = target_of(command, "--env-file", ".env", "--offline")
    assert (code, told["outcome"], told["reason"]) == (0, "skipped", "--offline")


def test_a_ledger_stands_for_the_target(command: Command, folder: Path) -> None:
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
    (folder / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    (folder / ".env").write_text("PORT=3000\n")
    _, told = target_of(command, "--env-file", ".env", "--ledger", "ledger.json")
    assert (told["outcome"], told["reason"]) == ("judged", "")


@pytest.mark.parametrize("name", ["apply", "status", "baseline"])
def test_what_needs_a_target_says_where_it_looked(command: Command, folder: Path, name: str) -> None:
    (folder / ".env").write_text(f"DATABSE_URL={URL}\n")
    ran = command(name, "x", "--env-file", ".env")
    assert ran.code == 2
    assert SECRET not in ran.err
    assert ran.err == (
        "migcheck: DATABASE_URL is not set, neither in the environment nor in .env, where --env-file looks for it: "
        "there is no target\n"
        "  remedy: set DATABASE_URL in .env, which has DATABSE_URL; where yours has another name, say so in "
        'migcheck.toml: [[folder]] with `path = "x"` and `database_url = "NAME"`\n'
    )


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_the_usual_variable_is_told_where_the_configuration_names_another(command: Command, folder: Path) -> None:
    """A job that hands its secret on by the usual name judges no target: it must not look as though none was given."""
    (folder / "migcheck.toml").write_text('[[folder]]\npath = "x"\ndatabase_url = "POSTGRES_URL"\n')
    said = "POSTGRES_URL is not set, but DATABASE_URL is, which no folder names"
    ran = command("verify", "x", "--clearance", "c.json", env={"DATABASE_URL": URL})
    assert (ran.code, f"  target    skipped: {said}" in ran.out.splitlines()) == (0, True), ran
    assert f"c.json is of no target ({said}): it takes what base has for applied" in " ".join(ran.out.split())
    deploys = "`migcheck apply x --clearance c.json` deploys to a database without a migration, with POSTGRES_URL set"
    assert ran.out.splitlines()[-1].endswith(deploys)
    ran = command("status", "x", env={"DATABASE_URL": URL})
    job = "remedy: set POSTGRES_URL (in a job with `env`: the action's `database-url` sets DATABASE_URL), or give "
    assert (ran.code, ran.err.splitlines()[0], job in ran.err) == (2, f"migcheck: {said}, so there is no target", True)
