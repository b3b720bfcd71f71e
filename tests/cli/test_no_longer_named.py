"""Folders that base's configuration names and this one does not: what landed in them is judged all the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init

A, B = "create table a (id integer);", "create table b (id integer);"


def config(out: str) -> str:
    return f"export default {{ dialect: 'postgresql', out: '{out}' }}"


CONFIGS = {"drizzle.config.ts": config("./drizzle"), "drizzle.b.config.ts": config("./b")}
WORKFLOW = "on: push\njobs:\n  ci:\n    runs-on: x\n    steps:\n      - run: {}\n"
PACKAGE = json.dumps({"scripts": {"generate:b": "drizzle-kit generate --config drizzle.b.config.ts"}})


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """Two folders of one repository, each with a configuration, and both have landed."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_a": A})
    a_folder(tmp_path / "b", {"0000_b": B})
    repository.commit({**CONFIGS, "package.json": PACKAGE})
    return repository


def codes(ran: Ran) -> list[tuple[str, str]]:
    """Each finding that blocks: its code, and the folder that it is of."""
    return [(each["code"], each["folder"]) for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]


def elsewhere(top: Path) -> None:
    shutil.rmtree(top / "drizzle")
    (top / "drizzle.config.ts").write_text(config("./nope"))


def begun_anew(top: Path) -> None:
    elsewhere(top)
    a_folder(top / "nope", {"0000_z": "create table z (id integer);"})


def with_its_configuration(top: Path) -> None:
    shutil.rmtree(top / "b")
    (top / "drizzle.b.config.ts").unlink()


def of_another_database(top: Path) -> None:
    (top / "drizzle.b.config.ts").write_text("export default { dialect: 'mysql', out: './b' }")
    (top / "b/0000_b.sql").write_text("create table b (id bigint);")


def unreadable(top: Path) -> None:
    (top / "drizzle.b.config.ts").write_text("export default { dialect: 'postgresql', out: process.env.OUT }")
    (top / "b/0000_b.sql").write_text("create table b (id bigint);")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (elsewhere, ("MC100", "drizzle")),
        (begun_anew, ("MC100", "drizzle")),
        (with_its_configuration, ("MC100", "b")),
        (of_another_database, ("MC201", "b")),
        (unreadable, ("MC201", "b")),
    ],
)
@pytest.mark.parametrize("how", ["lying", "staged", "committed"])
def test_what_landed_is_judged_whatever_is_named_now(
    command: Command, repo: GitRepository, change: Callable[[Path], None], told: tuple[str, str], how: str
) -> None:
    change(repo.top)
    if how != "lying":
        repo.git("add", "--all")
    if how == "committed":
        repo.commit()
    ran = command("verify", "--offline", "--format", "json", *(["--staged"] if how == "staged" else []), cwd=repo.top)
    assert (ran.code, told in codes(ran)) == (1, True)


def test_what_only_moved_and_what_nobody_touched_is_judged_once(command: Command, repo: GitRepository) -> None:
    repo.git("mv", "drizzle", "db")
    repo.commit({"drizzle.config.ts": config("./db")})
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert (ran.code, [each["path"] for each in json.loads(ran.out)["folders"]]) == (0, ["db", "b"])


def test_a_folder_that_is_only_not_named_any_more_is_told_and_passes(command: Command, repo: GitRepository) -> None:
    (repo.top / "drizzle.b.config.ts").unlink()
    ran = command("verify", "--offline", cwd=repo.top)
    assert ran.code == 0
    assert "b is judged as well: base's configuration names it\n" in ran.out
    repo.commit()
    repo.commit({"more": ""})
    assert "judged as well" not in command("verify", "--offline", cwd=repo.top).out


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_one_that_is_meant_to_go_is_waived_by_its_journal(command: Command, repo: GitRepository) -> None:
    with_its_configuration(repo.top)
    waiver = 'code = "MC100"\nmigration = "b/meta/_journal.json"\nreason = "b is gone"\nuntil = 2999-01-01\n'
    (repo.top / "migcheck.toml").write_text(f"[[waiver]]\n{waiver}")
    ran = command("verify", cwd=repo.top)
    assert ran.code == 0
    assert ran.out.count("skipped: nothing names it any more") == 2


def test_of_a_folder_that_is_named_nothing_else_is_judged(command: Command, repo: GitRepository) -> None:
    with_its_configuration(repo.top)
    ran = command("verify", "drizzle", "--offline", "--format", "json", cwd=repo.top)
    assert (ran.code, [each["path"] for each in json.loads(ran.out)["folders"]]) == (0, ["drizzle"])


def test_a_commit_of_what_is_around_them_is_not_told_what_an_earlier_one_took_away(
    command: Command, repo: GitRepository
) -> None:
    repo.commit({".github/workflows/ci.yml": WORKFLOW.format("npm test")})
    repo.branch("feature")
    with_its_configuration(repo.top)
    repo.commit()
    repo.stage({".github/workflows/ci.yml": WORKFLOW.format("npm run generate:b")})
    asked = ("verify", "--offline", "--staged", "--base", "main", "--format", "json")
    assert codes(command(*asked, cwd=repo.top)) == [("MC100", "b")]
    assert codes(command(*asked, "--if-changed", cwd=repo.top)) == []
