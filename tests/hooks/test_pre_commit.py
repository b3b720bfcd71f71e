"""The hooks of the manifest under the real pre-commit, on real commits."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.support.folders import a_folder, add_migration, drop_entry
from tests.support.histories import LANDED, a_landed_folder
from tests.support.repositories import GitRepository, environment, init

pytestmark = pytest.mark.pre_commit

ROOT = Path(__file__).parents[2]
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")
MANIFEST = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
CONFIG = "export default { dialect: 'postgresql', out: './drizzle' };\n"
NEW = "create table likes (id int);"


def run(repo: GitRepository, *command: str | Path) -> tuple[int, str]:
    """Run a command at the top of `repo`; its exit code, and all that it wrote."""
    env = environment(PRE_COMMIT_HOME=str(repo.top.parent / "pre-commit"))
    done = subprocess.run(command, cwd=repo.top, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


Install = Callable[[GitRepository], None]


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory, warm: Path) -> Install:
    """The hooks as the manifest has them, save that they run this migcheck, and that a push starts no server.

    What the framework installs is the same in each repository, so it is asked once.
    """
    hooks = [
        each | {"language": "system", "entry": each["entry"].replace("migcheck verify", f"{warm} verify")}
        for each in MANIFEST.values()
    ]
    hooks[1]["args"] = ["--offline"]
    first = init(tmp_path_factory.mktemp("installed") / "repo")
    first.write({".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": hooks}]})})
    types = [f"--hook-type={each}" for each in ("pre-commit", "pre-merge-commit", "pre-push")]
    code, told = run(first, PRE_COMMIT, "install", *types)
    assert code == 0, told

    def installed(repo: GitRepository) -> None:
        shutil.copy(first / ".pre-commit-config.yaml", repo.top)
        shutil.copytree(first / ".git/hooks", repo / ".git/hooks", dirs_exist_ok=True)

    return installed


@pytest.fixture
def hooked(a_repo: GitRepository, install: Install) -> GitRepository:
    """A repository whose folder has landed on main, on a branch of its own, with the hook."""
    a_repo.write({"drizzle.config.ts": CONFIG, ".gitignore": ".pre-commit-config.yaml\n"})
    a_landed_folder(a_repo)
    install(a_repo)
    return a_repo


def committed(repo: GitRepository, *arguments: str) -> list[str]:
    """Commit with the hook; the codes of the errors that it was blocked for, none where it went through."""
    before = repo.head
    code, told = run(repo, "git", "commit", "--message", "x", *arguments)
    codes = re.findall(r"^error (MC\d+) ", told, re.MULTILINE)
    assert (code == 0) == (repo.head != before) == (not codes), told
    return codes


def test_the_manifest_is_one(a_repo: GitRepository) -> None:
    assert run(a_repo, PRE_COMMIT, "validate-manifest", ROOT / ".pre-commit-hooks.yaml") == (0, "")
    assert run(a_repo, PRE_COMMIT, "validate-config", ROOT / ".pre-commit-config.yaml") == (0, "")


def test_this_repository_uses_them_on_itself() -> None:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    used = {each["id"]: each for each in local["hooks"]}
    for name, hook in MANIFEST.items():
        entry = hook["entry"].replace("migcheck verify", ".venv/bin/migcheck verify")
        ours = hook | {"language": "system", "entry": entry}
        assert used[name] | {"description": hook["description"]} == ours


def test_a_commit_of_something_else_is_not_held_up_by_old_debt(hooked: GitRepository) -> None:
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})  # Past the hook.
    hooked.stage({"src/app.ts": "export {}"})
    code, told = run(hooked, "git", "commit", "--message", "x")
    assert code == 0, told
    assert "MC" not in told


def test_partial_staging_judges_what_is_staged(hooked: GitRepository) -> None:
    hooked.stage({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.write({"drizzle/0001_posts.sql": LANDED["0001_posts"]})
    assert committed(hooked) == ["MC201"]


def test_a_commit_of_one_file_judges_that_file(hooked: GitRepository) -> None:
    hooked.stage(
        {"drizzle/0001_posts.sql": "select 'edited';", "src/app.ts": "1", "drizzle/0002_tags.sql": "select 2;"}
    )
    assert committed(hooked, "src/app.ts") == []
    assert committed(hooked, "drizzle/0001_posts.sql") == ["MC201"]


def test_commit_all(hooked: GitRepository) -> None:
    hooked.write({"drizzle/0001_posts.sql": "select 'edited';"})
    assert committed(hooked, "--all") == ["MC201"]


def test_a_new_migration_goes_through_and_is_amended(hooked: GitRepository) -> None:
    add_migration(hooked / "drizzle", "0003_likes", NEW, snapshot=False)
    hooked.stage()
    assert committed(hooked) == []
    hooked.stage({"drizzle/0003_likes.sql": "create table likes (id bigint);"})
    assert committed(hooked, "--amend") == []
    hooked.stage({"drizzle/0001_posts.sql": "select 'edited';"})
    assert committed(hooked, "--amend") == ["MC201"]


def test_a_commit_that_only_deletes(hooked: GitRepository) -> None:
    (hooked / "drizzle/0002_tags.sql").unlink()
    drop_entry(hooked / "drizzle", "0002_tags")
    hooked.stage()
    assert committed(hooked) == ["MC202"]


def test_a_rename(hooked: GitRepository) -> None:
    hooked.git("mv", "drizzle/0002_tags.sql", "drizzle/0002_labels.sql")
    assert committed(hooked) == ["MC101", "MC102"]


def test_a_merge_commit(hooked: GitRepository) -> None:
    """Both branches made migration 3: git joins the two without a conflict."""
    add_migration(hooked / "drizzle", "0003_likes", NEW, snapshot=False)
    hooked.commit()
    hooked.switch("main")
    hooked.branch("other")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    before = hooked.head
    code, told = run(hooked, "git", "merge", "--no-ff", "--no-edit", "feature")
    assert (code, hooked.head, re.findall(r"^error (MC\d+) ", told, re.MULTILINE)) == (1, before, ["MC201"]), told


def test_a_linked_work_tree(hooked: GitRepository, tmp_path: Path) -> None:
    linked = hooked.worktree(tmp_path / "linked", "linked")
    (linked / ".pre-commit-config.yaml").write_bytes((hooked / ".pre-commit-config.yaml").read_bytes())
    linked.stage({"drizzle/0001_posts.sql": "select 'edited';"})
    assert committed(linked) == ["MC201"]


def test_a_branch_that_is_older_than_the_configuration_passes_where_it_may(hooked: GitRepository) -> None:
    (hooked / ".pre-commit-config.yaml").unlink()
    hooked.stage({"src/app.ts": "export {}"})
    code, told = run(hooked, "git", "commit", "--message", "x")
    missing = "No .pre-commit-config.yaml file was found"
    page = " ".join((ROOT / "docs/hooks.md").read_text("utf-8").split())
    assert (code, missing in told, f"`{missing}`" in page) == (1, True, True)
    assert "`pre-commit install --allow-missing-config` lets such branches pass" in page
    run(hooked, PRE_COMMIT, "install", "--allow-missing-config")
    assert committed(hooked) == []


def test_windows_line_endings_are_no_edit(hooked: GitRepository, install: Install, tmp_path: Path) -> None:
    clone = GitRepository(tmp_path / "clone")
    hooked.git("clone", "--quiet", "--config", "core.autocrlf=true", str(hooked.top), str(clone.top))
    install(clone)
    assert b"\r\n" in (clone / "drizzle.config.ts").read_bytes()
    add_migration(clone / "drizzle", "0003_likes", NEW + "\r\n", snapshot=False)
    clone.stage()
    assert committed(clone) == []


def test_a_push_is_of_a_commit_and_not_of_what_lies_about(hooked: GitRepository, tmp_path: Path) -> None:
    remote = init(tmp_path / "remote.git", "--bare")
    hooked.git("remote", "add", "origin", str(remote.top))
    hooked.git("push", "--quiet", "--no-verify", "origin", "main")
    add_migration(hooked / "drizzle", "0003_likes", NEW, snapshot=False)
    hooked.commit()
    hooked.write({"drizzle/0004_wip.sql": "create table"})
    code, told = run(hooked, "git", "push", "origin", "feature")
    assert code == 0, told
    (hooked / "drizzle/0004_wip.sql").unlink()
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.git("tag", "--annotate", "--message", "x", "v1")
    hooked.switch("main")
    for what in ("feature", "v1"):
        code, told = run(hooked, "git", "push", "origin", what)
        assert (code, "error MC201" in told) == (1, True), told


@pytest.mark.parametrize("made", [("cherry-pick", "edited"), ("revert", "landed"), ("rebase", "feature", "edited")])
def test_what_git_commits_by_itself_is_judged_at_the_push(
    hooked: GitRepository, tmp_path: Path, made: tuple[str, ...]
) -> None:
    remote = init(tmp_path / "remote.git", "--bare")
    hooked.git("remote", "add", "origin", str(remote.top))
    hooked.git("push", "--quiet", "--no-verify", "origin", "main")
    hooked.git("tag", "landed", "main")
    hooked.branch("edited")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.switch("feature")
    hooked.commit({"src/app.ts": "export {}"})
    code, told = run(hooked, "git", *made)
    assert (code, "migcheck" in told) == (0, False), told
    code, told = run(hooked, "git", "push", "origin", "HEAD")
    assert (code, "hook id: migcheck-verify" in told) == (1, True), told
    assert f"`git {made[0]}`" in (ROOT / "docs/hooks.md").read_text("utf-8")


def test_a_first_push_is_of_a_commit_as_well(hooked: GitRepository, tmp_path: Path) -> None:
    """Where all of history is new to the remote, the framework tells of the branch alone, and of no commit."""
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.git("tag", "--annotate", "--message", "x", "v1")
    hooked.switch("main")
    hooked.write({"drizzle/0002_tags.sql": "select 'not committed';"})
    for what, blocked in (("feature", True), ("v1", True), ("HEAD:main", False)):
        remote = init(tmp_path / f"{what}.git", "--bare")
        code, told = run(hooked, "git", "push", str(remote.top), what)
        assert (code != 0, "error MC201" in told) == (blocked, blocked), told


def test_a_push_that_only_deletes_and_one_of_another_branch(hooked: GitRepository, tmp_path: Path) -> None:
    remote = init(tmp_path / "remote.git", "--bare")
    hooked.git("remote", "add", "origin", str(remote.top))
    hooked.git("push", "--quiet", "--no-verify", "origin", "main")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.switch("main")
    code, told = run(hooked, "git", "push", "origin", "feature")
    assert (code, remote.git("branch", "--list", "feature"), told.count("error MC201")) == (1, "", 1), told
    landed = hooked.head
    hooked.commit({"drizzle/0001_posts.sql": None})
    code, told = run(hooked, "git", "push", "origin", "main")
    assert (code, remote.git("rev-parse", "main"), told.count("error MC101")) == (1, landed, 1), told


def test_outside_of_a_project_it_says_what_to_do(install: Install, tmp_path: Path) -> None:
    repo = init(tmp_path / "app")
    install(repo)
    a_folder(repo / "db", LANDED)
    a_folder(repo / "other", LANDED)
    repo.stage()
    code, told = run(repo, "git", "commit", "--message", "x")
    assert code == 1
    assert "no migrations folder is configured" in told
