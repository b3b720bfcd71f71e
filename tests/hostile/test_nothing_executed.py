"""Programs that a repository configures: none is started, and nothing is written, whatever state it is in."""

import os
import time
from pathlib import Path

import pytest

from tests.support.canary import Canary, state
from tests.support.command import Command
from tests.support.histories import a_landed_folder
from tests.support.repositories import GitRepository, init

EVIL = {".gitattributes": "* filter=evil diff=evil merge=evil\n"}
WAYS = (
    ("verify", "--offline", "--format", "github"),
    ("verify", "--offline", "--staged", "--format", "json"),
    ("verify", "--offline", "--staged", "--if-changed"),
    ("verify", "--offline", "--revision", "HEAD"),
    ("status",),
)
NO_TARGET = {"DATABASE_URL": "postgres://app@127.0.0.1:1/app"}


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path / "programs")


def run_all(command: Command, repo: GitRepository) -> None:
    """Every way to look at a repository; none may leave anything behind in it."""
    before = state(repo.top)
    for way in WAYS:
        ran = command(*way, cwd=repo.top, env=NO_TARGET)
        assert "a fault of migcheck" not in ran.err, (way, ran.err)
    assert state(repo.top) == before


def date_ahead(*files: Path) -> None:
    """Make `files` newer than the index: then git trusts no time, and compares what they hold, through a filter."""
    for file in files:
        os.utime(file, (time.time() + 5_000,) * 2)


def test_git_itself_would_start_it(a_repo: GitRepository, canary: Canary) -> None:
    """Or else the tests below would prove nothing."""
    a_repo.commit({**EVIL, "a.sql": "select 1;"})
    canary.configure(a_repo)
    date_ahead(a_repo / "a.sql")
    a_repo.git("status")
    assert canary.started() != ""


def test_a_repository_that_configures_everything(command: Command, a_repo: GitRepository, canary: Canary) -> None:
    folder = a_landed_folder(a_repo)
    a_repo.commit({**EVIL, "drizzle.config.ts": "export default { dialect: 'postgresql' }"})
    a_repo.stage({"drizzle/0001_posts.sql": "select 'staged';"})
    (folder / "0002_tags.sql").write_text("select 'edited';\r\n")
    canary.configure(a_repo)
    run_all(command, a_repo)
    assert canary.started() == ""


def test_a_file_of_no_length_starts_no_filter(command: Command, a_repo: GitRepository, canary: Canary) -> None:
    """Whether git has it, or was only told of it, is asked of the index: to look at the files would filter them."""
    folder = a_landed_folder(a_repo)
    a_repo.commit({**EVIL, "drizzle/0003_empty.sql": ""})
    date_ahead(*folder.glob("*.sql"))
    a_repo.git("update-index", "--refresh")
    canary.configure(a_repo)
    run_all(command, a_repo)
    assert canary.started() == ""


def test_a_submodule_in_the_folder_starts_nothing_of_its_own(
    command: Command, a_repo: GitRepository, canary: Canary, tmp_path: Path
) -> None:
    inner = init(tmp_path / "inner")
    inner.commit({**EVIL, "a.sql": "select 1;"})
    a_landed_folder(a_repo)
    module = a_repo.submodule(inner, "drizzle/sub")
    a_repo.commit({"drizzle/0003_empty.sql": ""})
    module.write({"a.sql": "select 2;"})
    date_ahead(module / "a.sql")
    canary.configure(module)
    run_all(command, a_repo)
    assert canary.started() == ""


def test_a_submodule_that_holds_the_folder_starts_nothing_of_its_own(
    command: Command, a_repo: GitRepository, canary: Canary, tmp_path: Path
) -> None:
    inner = init(tmp_path / "inner")
    a_landed_folder(inner)
    inner.commit(EVIL)
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './db/drizzle' }"})
    module = a_repo.submodule(inner, "db")
    module.commit({"drizzle/0003_empty.sql": ""})
    a_repo.commit()
    module.write({"drizzle/0001_posts.sql": "select 'edited';\r\n"})
    date_ahead(*(module / "drizzle").glob("*.sql"))
    canary.configure(module)
    run_all(command, a_repo)
    assert canary.started() == ""
    assert "MC201" in command("verify", "--offline", cwd=a_repo.top).out


def test_a_signature_of_what_was_pushed_is_not_verified(
    command: Command, a_repo: GitRepository, canary: Canary, tmp_path: Path
) -> None:
    a_landed_folder(a_repo)
    clone = a_repo.clone(tmp_path / "origin.git", "--bare").clone(tmp_path / "clone")
    unsigned = clone.git("cat-file", "commit", clone.commit())
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----\n\n"
    (tmp_path / "signed").write_text(unsigned.replace("\n\n", f"\n{signature}", 1))
    clone.git("reset", "--quiet", "--hard", clone.git("hash-object", "-t", "commit", "-w", str(tmp_path / "signed")))
    clone.git("push", "--quiet")
    canary.configure(clone)
    run_all(command, clone)
    assert canary.started() == ""


@pytest.mark.parametrize("url", ["ext::sh -c evil", "ssh://example.org/x", "evil::x"])
def test_an_object_that_is_promised_is_not_fetched(
    command: Command, a_repo: GitRepository, canary: Canary, url: str
) -> None:
    a_landed_folder(a_repo)
    lost = a_repo.git("rev-parse", "HEAD:drizzle/0000_users.sql")
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    (a_repo / f".git/objects/{lost[:2]}/{lost[2:]}").unlink()
    canary.configure(a_repo)
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": url,
        "protocol.allow": "always",
    }.items():
        a_repo.git("config", key, value)
    run_all(command, a_repo)
    assert canary.started() == ""
