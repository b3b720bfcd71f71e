"""What configures a run, by whoever means harm: told at once and by name, whatever stands in its place."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from migcheck.facts.disk import LARGEST
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.histories import a_landed_folder
from tests.support.repositories import GitRepository
from tests.support.stepping_down import as_nobody

SECRET = "s3cr3t-w0rd"
NAMES = ("migcheck.toml", "pyproject.toml", "drizzle.config.ts")
WAYS = (("verify", "--offline"), ("verify", "--offline", "--staged"), ("status",))


def drizzle(out: str) -> dict[str, str]:
    return {"drizzle.config.ts": f"export default {{ dialect: 'postgresql', out: '{out}' }}"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("to", ["/dev/zero", "secret"])
def test_a_link_that_leaves_the_repository_is_not_followed(
    command: Command, a_repo: GitRepository, name: str, to: str
) -> None:
    """It would never end, or the report would quote a file of the runner's."""
    a_landed_folder(a_repo)
    (a_repo.top.parent / "secret").write_text(f'{{ "dialect": {SECRET} }}')
    (a_repo / name).symlink_to(a_repo.top.parent / to)
    a_repo.commit()
    for way in WAYS:
        ran = command(*way, cwd=a_repo.top)
        assert SECRET not in ran.out + ran.err
        if to == "secret" or "--staged" in way:
            assert ran.code == 2
            assert f"{name} cannot be read: it is a symbolic link that leaves the repository" in ran.err


def test_a_link_within_the_repository_is_followed(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo, "packages/db/drizzle")
    a_repo.write({"packages/db/" + name: text for name, text in drizzle("packages/db/drizzle").items()})
    (a_repo / "drizzle.config.ts").symlink_to("packages/db/drizzle.config.ts")
    a_repo.commit()
    for way in WAYS[:2]:
        assert command(*way, cwd=a_repo.top).code == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_not_waited_for(command: Command, a_repo: GitRepository, name: str) -> None:
    a_landed_folder(a_repo)
    os.mkfifo(a_repo / name)
    for way in WAYS[:2]:
        assert command(*way, cwd=a_repo.top).code == 0
    ran = command("verify", "--config", name, cwd=a_repo.top)
    assert (ran.code, f"{name} cannot be read: it is not a regular file" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("to", ["/dev/zero", ""], ids=["device", "pipe"])
def test_a_journal_that_nobody_judges_is_not_waited_for(command: Command, a_repo: GitRepository, to: str) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({**drizzle("drizzle"), "other/meta/_journal.json": "{}"})
    (a_repo / "other/meta/_journal.json").unlink()
    if to:
        (a_repo / "other/meta/_journal.json").symlink_to(to)
        a_repo.stage()
    else:
        os.mkfifo(a_repo / "other/meta/_journal.json")
    for way in WAYS[:2]:
        ran = command(*way, cwd=a_repo.top)
        assert (ran.code, "other has a journal and was not judged" in ran.out) == (0, True), ran.out + ran.err


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_end_is_not_read(command: Command, a_repo: GitRepository, name: str) -> None:
    a_landed_folder(a_repo)
    with (a_repo / name).open("wb") as file:
        file.truncate(LARGEST + 1)
    ran = command("verify", "--offline", cwd=a_repo.top)
    assert (ran.code, f"{name} cannot be read: it is larger than 16 MiB" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize(
    ("out", "code", "told"),
    [
        ("../other", 2, "`out` of drizzle.config.ts lies outside"),
        ("/etc", 2, "`out` of drizzle.config.ts lies outside"),
        ("out", 2, "`out` of drizzle.config.ts (out) is a symbolic link that leaves"),
        ("round", 3, "round cannot be listed: Too many levels of symbolic links"),
        ("a" * 300, 3, "cannot be listed: File name too long"),
        ("a/" * 3000, 3, "cannot be listed: File name too long"),
    ],
    ids=["above", "absolute", "a link out", "a link in a circle", "a long name", "a long path"],
)
def test_a_folder_that_is_none_of_this_repository(
    command: Command, a_repo: GitRepository, out: str, code: int, told: str
) -> None:
    a_folder(a_repo.top.parent / "other", {"0000_a": "select 1;"})
    (a_repo / "out").symlink_to("../other")
    (a_repo / "round").symlink_to("round")
    a_repo.commit(drizzle(out))
    ran = command("verify", "--offline", cwd=a_repo.top)
    assert (ran.code, told in ran.err) == (code, True), ran.out + ran.err


@pytest.mark.parametrize("option", [[], ["--config"]])
def test_a_name_on_the_command_line_that_is_too_long(
    command: Command, a_repo: GitRepository, option: list[str]
) -> None:
    ran = command("verify", *option, "a" * 5000, cwd=a_repo.top)
    assert (ran.code, "File name too long" in ran.err) == (2, True), ran.err


@pytest.fixture
def closed(command: Command) -> Iterator[Path]:
    """A project in a directory that every user can reach, which pytest's own is not."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    a_folder(directory / "app" / "drizzle", {"0000_a": "select 1;"})
    # Everything is loaded now: later the packages may lie where nobody but root gets to.
    for folder in ("drizzle", "none"):
        command("verify", "--offline", folder, cwd=directory / "app")
    yield directory
    for each in (directory / "app", directory / "app" / "drizzle"):
        each.chmod(0o755)
    shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("shut", "start", "folder", "told"),
    [
        ("app/drizzle", "app", ["drizzle"], "drizzle cannot be listed: Permission denied"),
        ("app/drizzle", "app", ["drizzle/x"], "drizzle/x cannot be looked at: Permission denied"),
        ("app", ".", ["app/drizzle"], "app/drizzle cannot be looked at: Permission denied"),
    ],
)
def test_where_nobody_may_look(  # noqa: PLR0917 - a case is told by all of them
    command: Command, closed: Path, shut: str, start: str, folder: list[str], told: str
) -> None:
    (closed / shut).chmod(0)
    with as_nobody():
        ran = command("verify", "--offline", *folder, cwd=closed / start)
    assert (ran.code, told in ran.err) == (2, True), ran.out + ran.err


def test_where_nobody_may_list_what_is_there(command: Command, closed: Path) -> None:
    (closed / "app").chmod(0o711)
    with as_nobody():
        ran = command("verify", "--offline", cwd=closed / "app")
    assert (ran.code, "cannot be listed: Permission denied" in ran.err) == (2, True), ran.out + ran.err
