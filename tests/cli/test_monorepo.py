"""A monorepo whose packages are configured each for itself, judged from above: as from within, one by one."""

from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.monorepo import CREATED, EDITED, A, B, judged, notes, told, two_packages, waiver
from tests.support.repositories import GitRepository


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_packages(tmp_path, A, B)


@pytest.mark.parametrize("place", [A, "packages/a"])
def test_the_configuration_of_one_package_holds_for_its_folder_alone(
    repo: GitRepository, command: Command, place: str
) -> None:
    repo.write({f"{place}/migcheck.toml": waiver()})
    ran = judged(repo, command)
    assert told(ran) == {A: [], B: ["MC201"]}
    assert f"{place}/migcheck.toml configures {A}" in notes(ran)
    assert told(judged(repo, command, A)) == {A: []}
    assert told(judged(repo, command, B)) == {B: ["MC201"]}
    assert told(judged(repo, command, at="packages")) == {A: [], B: ["MC201"]}


def test_each_package_has_its_own(repo: GitRepository, command: Command) -> None:
    table = waiver().replace("[[waiver]]", "[[tool.migcheck.waiver]]")
    repo.write({"packages/a/migcheck.toml": waiver(), "packages/b/pyproject.toml": table})
    assert told(judged(repo, command)) == {A: [], B: []}
    assert "MC001" not in judged(repo, command).out
    repo.write({"packages/b/pyproject.toml": "[project]\nname = 'b'\n"})
    assert told(judged(repo, command)) == {A: [], B: ["MC201"]}
    repo.write({"packages/b/pyproject.toml": "[tool.migcheck]\nrepeatabel = true\n"})
    ran = judged(repo, command)
    assert (ran.code, "packages/b/pyproject.toml:2: unknown key `repeatabel`" in ran.err) == (2, True), ran.err


def test_a_folder_that_only_its_own_file_names_is_judged(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/a/drizzle.config.ts": None, "packages/a/migcheck.toml": '[[folder]]\npath = "drizzle"\n'})
    assert told(judged(repo, command)) == {A: ["MC201"], B: ["MC201"]}


def test_the_only_package_there_is(repo: GitRepository, command: Command) -> None:
    repo.git("rm", "-rqf", "packages/b")
    repo.commit({f"{A}/0000_users.sql": CREATED})
    repo.write({f"{A}/0000_users.sql": EDITED, "packages/a/migcheck.toml": waiver()})
    assert told(judged(repo, command)) == {A: []}
    assert "packages/a/migcheck.toml: new in this change" in judged(repo, command).out
    # One configuration is one for every command.
    ran = command("status", cwd=repo.top)
    assert (ran.code, "DATABASE_URL is not set" in ran.err) == (2, True), ran.err


def test_other_commands_go_by_one_configuration(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/a/migcheck.toml": waiver()})
    repo.git("add", "--all")
    for name, *arguments in (("apply",), ("status",), ("guide",), ("rollback", "0")):
        ran = command(name, *arguments, cwd=repo.top)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "migcheck: packages/a/migcheck.toml configures migcheck for some of the folders here, and "
            f"{name} goes by one configuration\n  remedy: name a FOLDER, or a file by --config\n"
        )


def test_one_at_the_top_is_the_one_and_the_nearer_is_told_of(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": "", "packages/a/migcheck.toml": waiver()})
    ran = judged(repo, command)
    assert told(ran) == {A: ["MC201"], B: ["MC201"]}
    file = "packages/a/migcheck.toml"
    unread = f"{file} was not read, which lies above {A}: `migcheck verify --config {file}` reads it"
    assert unread in notes(ran)
    assert unread in notes(judged(repo, command, A))
    assert "was not read" not in notes(judged(repo, command, "--config", "migcheck.toml"))
    assert "was not read" not in notes(judged(repo, command, at="packages/a"))
    assert told(judged(repo, command, "--config", "packages/a/migcheck.toml"))[A] == []


@pytest.mark.parametrize(
    "file", ["ci/migcheck.toml", "node_modules/x/migcheck.toml", "packages/lib/pyproject.toml", "docs/migcheck.toml"]
)
def test_a_file_that_names_no_folder_and_lies_above_none_changes_nothing(
    repo: GitRepository, command: Command, file: str
) -> None:
    before = judged(repo, command)
    named = "[[folder]]\npath = '../packages/a/drizzle'\n[tool.migcheck]\n"
    repo.write({file: named if "lib" in file or "node_modules" in file else waiver()})
    ran = judged(repo, command)
    assert (told(ran), notes(ran)) == (told(before), notes(before))


@pytest.mark.parametrize("text", ["[project]\nname = 'migcheck'\n", "[tool.migcheck-other]\n", "[tool]\n"])
def test_a_pyproject_of_something_else_is_none_of_ours(repo: GitRepository, command: Command, text: str) -> None:
    before = judged(repo, command)
    repo.write({"packages/a/pyproject.toml": text})
    ran = judged(repo, command)
    assert (told(ran), notes(ran)) == (told(before), notes(before))


def test_what_a_package_leaves_open_is_an_error_as_it_is_there(repo: GitRepository, command: Command) -> None:
    a_folder(repo / "packages/a/more", {"0000_z": "create table z (id integer);"})
    repo.write({"packages/a/drizzle.config.ts": None, "packages/a/migcheck.toml": ""})
    ran = judged(repo, command)
    assert ran.code == 2
    assert f"there are 2 here: migcheck verify FOLDER, of {A}, packages/a/more" in ran.err
    ran = judged(repo, command, at="packages")
    assert "there are 2 here: migcheck verify FOLDER, of a/drizzle, a/more" in ran.err


def test_a_folder_that_nothing_names_is_left_out_as_before(repo: GitRepository, command: Command) -> None:
    a_folder(repo / "fixtures/drizzle", {"0000_z": "create table z (id integer);"})
    repo.write({"packages/a/migcheck.toml": waiver()})
    ran = judged(repo, command)
    assert told(ran) == {A: [], B: ["MC201"]}
    assert "fixtures/drizzle has a journal and was not judged" in notes(ran)
    repo.write({"packages/b/drizzle.config.ts": None})
    ran = judged(repo, command)
    assert "fixtures/drizzle" in notes(ran)


def test_a_folder_that_a_package_names_no_more_is_judged_by_its_configuration(
    repo: GitRepository, command: Command
) -> None:
    repo.write({f"{each}/0000_users.sql": CREATED for each in (A, B)})
    repo.commit({"packages/a/migcheck.toml": '[[folder]]\npath = "drizzle"\n'})
    repo.git("rm", "-rqf", A, "packages/a/drizzle.config.ts")
    a_folder(repo / "packages/a/other", {"0000_z": "create table z (id integer);"})
    gone = waiver("MC100").replace('"0000_users"', f'"{A}/meta/_journal.json"')
    for text, codes in (("", ["MC100"]), (gone, [])):
        repo.write({"packages/a/migcheck.toml": f'[[folder]]\npath = "other"\n{text}'})
        assert told(judged(repo, command)) == {"packages/a/other": [], B: [], A: codes}
