"""A change that removes the submodule which held the folder: what landed in it is judged all the same."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, environment, init

SQL = "create table users (id integer);"
PLACE = "packages/db"
CONFIG = f"export default {{ dialect: 'postgresql', out: './{PLACE}/drizzle' }}"


@pytest.fixture
def outer(tmp_path: Path) -> GitRepository:
    """A repository whose folder is in a submodule, and has landed so."""
    inner = init(tmp_path / "inner")
    a_folder(inner / "drizzle", {"0000_users": SQL})
    inner.commit()
    outer = init(tmp_path / "outer")
    outer.commit({"drizzle.config.ts": CONFIG})
    outer.submodule(inner, PLACE)
    return outer


def judged(command: Command, where: GitRepository, base: str = "HEAD~1", *options: str) -> Ran:
    return command("verify", "--offline", "--base", base, "--format", "json", *options, cwd=where.top)


def errors(ran: Ran) -> list[tuple[str, str, str]]:
    found = [each for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]
    return [(each["code"], each["message"], each["fix"]) for each in found]


def run(text: str, cwd: Path) -> None:
    allowed = environment(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="protocol.file.allow", GIT_CONFIG_VALUE_0="always")
    subprocess.run(["sh", "-ec", text], cwd=cwd, env=allowed, check=True, capture_output=True)


def taken_away(outer: GitRepository) -> str:
    """Remove the submodule; the revision that has it."""
    outer.git("rm", "-q", PLACE)
    outer.commit()
    return outer.git("rev-parse", "HEAD~1").strip()[:12]


@pytest.mark.parametrize("way", [(), ("--staged",), ("--revision", "HEAD")])
def test_it_is_an_error_as_of_a_folder_that_is_taken_away(
    command: Command, outer: GitRepository, way: tuple[str, ...]
) -> None:
    had = taken_away(outer)
    ran = judged(command, outer, "HEAD~1", *way)
    back = f"`git checkout {had} -- :/.gitmodules :/{PLACE} && git submodule update --init :/{PLACE}`"
    fix = f"Bring the submodule back that held it: {back}."
    assert (ran.code, errors(ran)) == (1, [("MC100", f"{PLACE}/drizzle is not there or holds nothing", fix)])
    run(back.strip("`"), outer.top)
    assert (judged(command, outer, "HEAD~1").code, errors(judged(command, outer))) == (0, [])


def test_one_that_only_moved_was_not_taken_away(command: Command, outer: GitRepository) -> None:
    outer.git("mv", PLACE, "packages/store")
    outer.stage({"drizzle.config.ts": CONFIG.replace(PLACE, "packages/store")})
    ran = judged(command, outer, "HEAD")
    assert (ran.code, errors(ran)) == (0, [])
    assert [each["path"] for each in json.loads(ran.out)["folders"]] == ["packages/store/drizzle"]
    assert json.loads(ran.out)["base"]["why"].startswith(f"HEAD (--base); there {PLACE} is a submodule, of commit ")


def test_what_this_clone_has_not_is_undecided_and_told_how_to_get(
    command: Command, outer: GitRepository, tmp_path: Path
) -> None:
    had = taken_away(outer)
    commit = outer.git("rev-parse", f"HEAD~1:{PLACE}").strip()[:12]
    clone = outer.clone(tmp_path / "clone")
    ran = judged(command, clone)
    (undecided,) = [each for each in json.loads(ran.out)["gates"] if each["remedy"]]
    assert (ran.code, undecided["name"]) == (3, "history")
    assert undecided["reason"] == (
        f"{PLACE} was a submodule in base and is one no more, and its commit {commit} is not in this clone, so nothing "
        "is known of what landed in it"
    )
    assert undecided["remedy"] == (
        f"`git checkout {had} && git submodule update --init :/{PLACE} && git submodule deinit --force :/{PLACE} && "
        "git checkout -`, then verify again"
    )
    run(undecided["remedy"].split("`")[1], clone.top)
    assert [code for code, _, _ in errors(judged(command, clone))] == ["MC100"]


def test_files_in_its_place_are_compared_with_what_landed(command: Command, outer: GitRepository) -> None:
    taken_away(outer)
    folder = a_folder(outer / PLACE / "drizzle", {"0000_users": SQL})
    outer.commit()
    ran = judged(command, outer, "HEAD~2")
    assert (ran.code, errors(ran)) == (0, [])
    (folder / "0000_users.sql").write_text("create table users (id bigint);")
    ran = judged(command, outer, "HEAD~2")
    ((code, message, fix),) = errors(ran)
    assert (ran.code, code, message) == (1, "MC201", "0000_users has landed, and its SQL is not what landed")
    run(fix.partition("`")[2].partition("`")[0], outer.top)
    assert (folder / "0000_users.sql").read_text() == SQL


def test_naming_another_folder_takes_nothing_away(command: Command, outer: GitRepository) -> None:
    taken_away(outer)
    a_folder(outer / "other", {"0000_z": "create table z (id integer);"})
    outer.commit({"drizzle.config.ts": CONFIG.replace(f"{PLACE}/drizzle", "other")})
    ran = judged(command, outer, "HEAD~2")
    assert (ran.code, [code for code, _, _ in errors(ran)]) == (1, ["MC100"])
    shutil.rmtree(outer / ".git/modules")
    ran = judged(command, outer, "HEAD~2")
    remedies = [each["remedy"] for each in json.loads(ran.out)["gates"] if each["name"] == "history" and each["remedy"]]
    assert (ran.code, len(remedies), f"git submodule update --init :/{PLACE}" in remedies[0]) == (1, 1, True)


def test_a_submodule_that_moved_is_not_taken_away(command: Command, outer: GitRepository) -> None:
    outer.git("mv", PLACE, "db")
    outer.commit({"drizzle.config.ts": CONFIG.replace(PLACE, "db")})
    ran = judged(command, outer)
    told = json.loads(ran.out)
    assert (ran.code, [each["path"] for each in told["folders"]], told["findings"]) == (0, ["db/drizzle"], [])


@pytest.mark.parametrize("name", ["../objects-of-another", "/etc", ""])
def test_a_name_that_leads_elsewhere_is_not_followed(command: Command, outer: GitRepository, name: str) -> None:
    modules = (outer / ".gitmodules").read_text()
    outer.commit({".gitmodules": modules.replace(f'"{PLACE}"', f'"{name}"')})
    (outer / ".git/modules" / PLACE).rename(outer / ".git/objects-of-another")
    outer.git("update-index", "--force-remove", PLACE)
    shutil.rmtree(outer / PLACE)
    outer.commit()
    ran = judged(command, outer)
    assert (ran.code, [each["name"] for each in json.loads(ran.out)["gates"] if each["remedy"]]) == (3, ["history"])
