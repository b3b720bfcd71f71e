"""A repository of a hundred thousand files, none of which is on disk: git is asked for what concerns the folder."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.growth import LINEAR, TIMES, growth
from tests.support.histories import FOLDER, a_landed_folder
from tests.support.judging import judged
from tests.support.repositories import GitRepository, environment

MANY = 100_000
WAYS = ((), ("--staged",), ("--staged", "--if-changed"), ("--revision", "HEAD"))


def track(repo: GitRepository, paths: Iterable[str]) -> None:
    """Put a file at each of `paths` into the index and into a commit; what is in the work tree stays as it is."""
    blob = repo.git("rev-parse", f"HEAD:{FOLDER}/0000_users.sql")
    listed = "".join(f"100644 {blob}\t{path}\n" for path in paths)
    subprocess.run(
        ["git", "update-index", "--add", "--index-info"],
        input=listed.encode(),
        cwd=repo.top,
        env=environment(),
        check=True,
    )
    repo.git("commit", "--quiet", "--message", "many")


def test_files_of_others(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    track(a_repo, (f"src/{number % 100}/{number}.sql" for number in range(MANY)))
    for way in WAYS:
        ran = command("verify", "--offline", *way, cwd=a_repo.top)
        assert (ran.code, ran.err) == (0, ""), (way, ran.out)


def test_configurations_that_are_staged(command: Command, a_repo: GitRepository, calls: Path) -> None:
    """Read one by one, each would start git twice."""
    a_landed_folder(a_repo)
    config = "export default { dialect: 'postgresql' }"
    a_repo.commit({f"app{number}/drizzle.config.ts": config for number in range(100)})
    for way in (("--staged",), ("--revision", "HEAD")):
        calls.write_text("")
        ran = command("verify", "--offline", *way, cwd=a_repo.top)
        assert (ran.code, "drizzle is configured by app0/drizzle.config.ts" in ran.out) == (0, True), ran.out + ran.err
        assert len(calls.read_text().splitlines()) < 50, way


@pytest.mark.parametrize("ledger", ["", "[folder.ledger]\ntable = 'app_migrations'\n"])
def test_a_hook_has_all_files_searched_once(command: Command, a_repo: GitRepository, calls: Path, ledger: str) -> None:
    """It begins before it is known which ledger the folder has: to search is what takes git longest."""
    a_landed_folder(a_repo)
    a_repo.commit({"migcheck.toml": f"[[folder]]\npath = '{FOLDER}'\n{ledger}", "package.json": "{}"})
    a_repo.stage({"package.json": '{"scripts": {"release": "npm run build && npm run push"}}'})
    calls.write_text("")
    ran = command("verify", "--offline", "--staged", "--if-changed", cwd=a_repo.top)
    assert (ran.code, ran.err) == (0, ""), ran.out
    # What says whether a drizzle.config may import what changes is a look at those files alone.
    assert calls.read_text().splitlines().count("grep") == 1


def test_directories_in_the_folder(tmp_path: Path) -> None:
    for size in (50, TIMES * 50):
        a_folder(tmp_path / str(size), {"0000_a": "select 1;"})
        for number in range(size):
            (tmp_path / str(size) / f"{number}.sql").mkdir()
    assert growth(lambda size: judged(tmp_path / str(size)), 50, least=50) < LINEAR
