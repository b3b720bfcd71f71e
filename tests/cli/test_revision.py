"""`--revision`: a commit is judged, whatever is checked out and whatever lies about."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import add_migration, drop_entry
from tests.support.histories import LANDED, a_landed_folder
from tests.support.repositories import GitRepository, init

CONFIG = "export default { dialect: 'postgresql', out: './drizzle' };\n"
EDITED = {"drizzle/0001_posts.sql": "select 'edited';"}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """A folder that has landed on main, and a sound migration on the branch `feature`, which is checked out."""
    made = init(tmp_path / "repo")
    made.write({"drizzle.config.ts": CONFIG})
    a_landed_folder(made)
    add_migration(made / "drizzle", "0003_likes", "create table likes (id int);", snapshot=False)
    made.commit()
    return made


def found(command: Command, repo: GitRepository, revision: str, *more: str) -> tuple[int, list[str]]:
    """The exit code, and what blocks."""
    ran = command("verify", "--offline", "--format", "json", "--revision", revision, *more, cwd=repo.top)
    told = json.loads(ran.out)
    return ran.code, sorted(each["code"] for each in told["findings"] if each["severity"] == "error")


def test_what_lies_about_is_not_judged(command: Command, repo: GitRepository) -> None:
    repo.write({"drizzle/0003_wip.sql": "create table", **EDITED})
    assert found(command, repo, "HEAD") == (0, [])
    assert command("verify", "--offline", cwd=repo.top).code == 1


def test_what_is_staged_is_not_judged(command: Command, repo: GitRepository) -> None:
    repo.stage(EDITED)
    assert found(command, repo, "HEAD") == (0, [])


def test_an_edit_that_was_put_back_without_committing_is_judged(command: Command, repo: GitRepository) -> None:
    repo.commit(EDITED)
    repo.stage({"drizzle/0001_posts.sql": LANDED["0001_posts"]})
    assert command("verify", "--offline", cwd=repo.top).code == 0
    assert found(command, repo, "HEAD") == (1, ["MC201"])


def test_another_branch_than_the_one_checked_out(command: Command, repo: GitRepository) -> None:
    sound = repo.head
    repo.branch("other", "main")
    other = repo.commit(EDITED)
    repo.switch("feature")
    assert found(command, repo, other) == (1, ["MC201"])
    repo.switch("other")
    assert found(command, repo, sound) == (0, [])


def test_a_tag_that_is_an_object_is_judged_by_its_commit(command: Command, repo: GitRepository) -> None:
    repo.git("tag", "--annotate", "--message", "x", "v1")
    tag = repo.git("rev-parse", "v1")
    repo.commit(EDITED)
    assert tag != repo.git("rev-parse", "v1^{commit}")
    assert found(command, repo, tag) == (0, [])


def test_the_report_says_what_is_judged_and_against_what(command: Command, repo: GitRepository) -> None:
    commit = repo.git("rev-parse", "main")
    ran = command("verify", "--offline", "--revision", "main", cwd=repo.top)
    lines = ran.out.splitlines()
    assert f"judged is the commit {commit[:12]} (main), not what lies about" in lines, ran.out
    assert ran.code == 0
    pushed = repo.commit(message="Nothing")
    repo.switch("main")
    repo.merge("feature")
    ran = command("verify", "--offline", "--revision", pushed, cwd=repo.top)
    assert f"judged is the commit {pushed[:12]}, not what lies about" in ran.out.splitlines()
    assert f"the first parent of {pushed[:12]}, which is on main" in ran.out


def test_the_configuration_is_the_commits(command: Command, repo: GitRepository) -> None:
    repo.commit({"migcheck.toml": '[[folder]]\npath = "db"\n', "db/.keep": ""})
    for path in (repo / "drizzle").glob("*.sql"):
        (repo / "db" / path.name).write_bytes(path.read_bytes())
    repo.write({"migcheck.toml": None})
    ran = command("verify", "--offline", "--revision", "HEAD", cwd=repo.top)
    assert (ran.code, "db is no migrations folder" in ran.out) == (1, True), ran.out + ran.err


def test_a_folder_that_only_the_commit_has(command: Command, repo: GitRepository) -> None:
    """`out` leads from the directory of the configuration, or from one above it: from where there is such a folder."""
    repo.branch("moved")
    repo.git("mv", "drizzle.config.ts", "src.ts")
    (repo / "apps").mkdir()
    repo.git("mv", "src.ts", "apps/drizzle.config.ts")
    moved = repo.commit()
    repo.switch("feature")
    repo.write({"apps/drizzle/0000_stray.sql": "select 1;"})
    assert found(command, repo, moved) == (0, [])
    assert found(command, repo, moved, "drizzle") == (0, [])
    repo.branch("none", "main")
    repo.git("rm", "-r", "--quiet", "drizzle")
    repo.commit()
    assert found(command, repo, "feature", "drizzle") == (0, [])
    ran = command("verify", "--offline", "--revision", "none", "drizzle", cwd=repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "migcheck: drizzle does not exist in the revision none")


def test_a_repository_that_only_lies_about_is_not_in_the_way(command: Command, repo: GitRepository) -> None:
    init(repo / "drizzle")
    assert found(command, repo, "HEAD") == (0, [])


def test_a_migration_without_its_entry(command: Command, repo: GitRepository) -> None:
    """Forgotten in the commit, and there in the work tree."""
    journal = (repo / "drizzle/meta/_journal.json").read_text("utf-8")
    drop_entry(repo / "drizzle", "0003_likes")
    repo.commit()
    repo.write({"drizzle/meta/_journal.json": journal})
    assert found(command, repo, "HEAD")[0] == 1


def test_what_runs_the_folder_is_the_commits(command: Command, repo: GitRepository) -> None:
    """Gate `project`, too, reads the commit: `push` in a build is an error where this change brings it."""
    package = json.dumps({"scripts": {"build": "drizzle-kit push --force && next build"}})
    pushed = repo.commit({"package.json": package})
    repo.write({"package.json": "{}"})
    code, errors = found(command, repo, pushed)
    assert (code, [each for each in errors if each.startswith("MC6")]) == (1, errors)
    repo.commit()
    repo.write({"package.json": package})
    assert found(command, repo, "HEAD") == (0, [])


def test_a_revision_that_is_not_there(command: Command, repo: GitRepository, tmp_path: Path) -> None:
    ran = command("verify", "--offline", "--revision", "0" * 40, cwd=repo.top)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.splitlines()[0] == f"migcheck: the revision {'0' * 40} cannot be reached in this clone"
    outside = tmp_path / "outside"
    outside.mkdir()
    assert command("verify", "--offline", "--revision", "HEAD", cwd=outside).code == 3


def test_a_revision_and_the_index_are_two_things(command: Command, repo: GitRepository) -> None:
    ran = command("verify", "--offline", "--staged", "--revision", "HEAD", cwd=repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "migcheck: --staged and --revision ask for two different things")
