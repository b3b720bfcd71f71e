"""The hooks for those without pre-commit: git's own, husky's and lefthook's, on real commits and pushes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.folders import add_migration
from tests.support.histories import a_landed_folder
from tests.support.repositories import GitRepository, environment, init

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / "hooks"
MODULES = ROOT / "tests" / "node" / "node_modules"


def run(repo: GitRepository, *command: str | Path) -> tuple[int, str]:
    """Run a command at the top of `repo`, with `migcheck` on PATH; its exit code, and all that it wrote."""
    programs = repo.top.parent / "bin"
    path = f"{programs}:{MODULES / '.bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        # lefthook 1 runs its hooks on a terminal of its own.
        command,
        cwd=repo.top,
        env=environment(PATH=path, NO_COLOR="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def by_git(repo: GitRepository) -> None:
    repo.git("config", "core.hooksPath", str(HOOKS))


def by_husky(repo: GitRepository) -> None:
    code, told = run(repo, "husky")
    assert code == 0, told
    for hook in (HOOKS / "husky").iterdir():
        shutil.copy(hook, repo / ".husky")


def by_lefthook(repo: GitRepository) -> None:
    # The program itself: npm's `lefthook` is a script for Node that does nothing but start it.
    (program,) = MODULES.glob("lefthook-*/bin/lefthook")
    (repo.top.parent / "bin" / "lefthook").symlink_to(program)
    script = repo / ".lefthook/pre-push/migcheck"
    script.parent.mkdir(parents=True)
    shutil.copy(HOOKS / "pre-push", script)
    shutil.copy(HOOKS / "lefthook.yml", repo.top)
    code, told = run(repo, "lefthook", "install")
    assert code == 0, told


@pytest.fixture(
    params=[
        pytest.param(by_git, id="git"),
        pytest.param(by_husky, id="husky", marks=pytest.mark.node),
        pytest.param(by_lefthook, id="lefthook", marks=pytest.mark.node),
    ]
)
def hooked(request: pytest.FixtureRequest, a_repo: GitRepository, warm: Path) -> GitRepository:
    """A repository whose folder has landed on main, on a branch of its own, with hooks."""
    programs = a_repo.top.parent / "bin"
    programs.mkdir()
    shutil.copy(warm, programs)
    a_repo.write({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' };\n"})
    a_landed_folder(a_repo)
    request.param(a_repo)
    return a_repo


def test_a_commit(hooked: GitRepository) -> None:
    before = hooked.head
    hooked.stage({"drizzle/0001_posts.sql": "select 'edited';"})
    code, told = run(hooked, "git", "commit", "--message", "x")
    assert (code, hooked.head) == (1, before), told
    assert "error MC201 landed-migration-edited" in told

    hooked.git("checkout", "HEAD", "--", "drizzle")
    (hooked / "src.ts").touch()
    hooked.stage()
    code, told = run(hooked, "git", "commit", "--message", "x")
    assert (code, hooked.head != before) == (0, True), told
    assert "MC" not in told


def test_a_merge(hooked: GitRepository) -> None:
    add_migration(hooked / "drizzle", "0003_likes", "create table likes (id int);", snapshot=False)
    hooked.commit()
    hooked.switch("main")
    hooked.branch("other")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    before = hooked.head
    code, told = run(hooked, "git", "merge", "--no-ff", "--no-edit", "feature")
    assert (code != 0, hooked.head) == (True, before), told
    assert "error MC201 landed-migration-edited" in told


def test_a_merge_of_what_has_landed(hooked: GitRepository, tmp_path: Path) -> None:
    """It is judged by what main is now: what landed there is no edit of this branch, and may not be left out."""
    remote = a_remote(hooked, tmp_path / "remote.git")
    hooked.commit({"src.ts": ""})
    hooked.switch("main")
    add_migration(hooked / "drizzle", "0003_likes", "create table likes (id int);", snapshot=False)
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited, and nobody minds';"})
    hooked.git("push", "--quiet", "--no-verify", "origin", "main")
    hooked.switch("feature")
    before = hooked.head

    code, told = run(hooked, "git", "merge", "--no-ff", "--no-edit", "--strategy", "ours", "origin/main")
    assert (code != 0, hooked.head, "error MC201" in told, "error MC202" in told) == (True, before, True, True), told
    hooked.git("merge", "--abort")
    code, told = run(hooked, "git", "merge", "--no-ff", "--no-edit", "origin/main")
    assert (code, hooked.head != before) == (0, True), told
    assert "error" not in told
    assert remote.git("rev-parse", "main") == hooked.git("rev-parse", "origin/main")


def a_remote(hooked: GitRepository, path: Path) -> GitRepository:
    """The remote `origin`, which has main."""
    remote = init(path, "--bare")
    hooked.git("remote", "add", "origin", str(remote.top))
    hooked.git("push", "--quiet", "--no-verify", "origin", "main")
    return remote


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_a_push_is_of_commits_and_not_of_what_lies_about(hooked: GitRepository, tmp_path: Path) -> None:
    """Of another branch than the one checked out, of a tag that is an object, of two names of one commit."""
    remote = a_remote(hooked, tmp_path / "remote.git")
    hooked.commit()  # What husky and lefthook need is in the work tree.
    hooked.git("branch", "sound")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.git("tag", "--annotate", "--message", "x", "v1")
    hooked.switch("sound")
    code, told = run(hooked, "git", "push", "origin", "feature", "v1")
    assert (code, remote.git("branch", "--list", "feature"), told.count("error MC201")) == (1, "", 1), told
    code, told = run(hooked, "git", "push", "origin", "v1")
    assert (code, told.count("error MC201")) == (1, 1), told


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_a_push_of_what_lefthook_sees_no_files_in(hooked: GitRepository, tmp_path: Path) -> None:
    """Of a branch that is not checked out, and of a commit that only deletes."""
    hooked.commit()  # What husky and lefthook need is in the work tree.
    hooked.switch("main")
    hooked.git("merge", "--quiet", "--ff-only", "feature")
    remote = a_remote(hooked, tmp_path / "remote.git")
    hooked.git("branch", "--quiet", "--set-upstream-to=origin/main")
    landed = hooked.head
    hooked.branch("edited")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.switch("main")
    code, told = run(hooked, "git", "push", "origin", "edited")
    assert (code, remote.git("branch", "--list", "edited"), told.count("error MC201")) == (1, "", 1), told
    hooked.commit({"drizzle/0001_posts.sql": None})
    code, told = run(hooked, "git", "push", "origin", "main")
    assert (code, remote.git("rev-parse", "main"), told.count("error MC101")) == (1, landed, 1), told


def test_a_commit_that_only_deletes(hooked: GitRepository) -> None:
    hooked.commit()
    before = hooked.head
    hooked.git("rm", "--quiet", "drizzle/0001_posts.sql")
    code, told = run(hooked, "git", "commit", "--message", "x")
    assert (code, hooked.head, told.count("error MC101")) == (1, before, 1), told


def test_a_push_that_brings_no_commit(hooked: GitRepository, tmp_path: Path) -> None:
    a_remote(hooked, tmp_path / "remote.git")
    hooked.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    hooked.git("push", "--quiet", "--no-verify", "origin", "feature")
    for what in ("feature:other", ":feature"):
        code, told = run(hooked, "git", "push", "origin", what)
        assert (code, "MC201" in told) == (0, False), told


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_a_push(hooked: GitRepository, tmp_path: Path) -> None:
    remote = a_remote(hooked, tmp_path / "remote.git")
    add_migration(hooked / "drizzle", "0003_likes", "alter table nobody add x int;", snapshot=False)
    hooked.commit()
    code, told = run(hooked, "git", "push", "origin", "feature")
    assert (code, remote.git("branch", "--list", "feature")) == (1, ""), told
    assert "error MC401 migration-fails" in told

    hooked.commit({"drizzle/0003_likes.sql": "create table likes (id int);"})
    hooked.write({"drizzle/0004_wip.sql": "create table", "drizzle/0001_posts.sql": "select 'not committed';"})
    code, told = run(hooked, "git", "push", "origin", "feature")
    assert (code, remote.git("branch", "--list", "feature").strip()) == (0, "feature"), told


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
@pytest.mark.parametrize("hook", ["pre-push", "husky/pre-push"])
def test_a_push_of_which_another_hook_has_read_the_lines(a_repo: GitRepository, warm: Path, hook: str) -> None:
    programs = a_repo.top.parent / "bin"
    programs.mkdir()
    shutil.copy(warm, programs)
    a_repo.write({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' };\n"})
    a_landed_folder(a_repo)
    script = f"cat >/dev/null\n{(HOOKS / hook).read_text()}"

    assert run(a_repo, "sh", "-c", script, "pre-push", "origin", "url")[0] == 0
    a_repo.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    code, told = run(a_repo, "sh", "-c", script, "pre-push", "origin", "url")
    assert (code, told.count("error MC201")) == (1, 1), told


def test_a_push_of_what_git_does_not_know_is_stopped(hooked: GitRepository) -> None:
    lines = f"refs/heads/x {'1' * 40} refs/heads/x {'0' * 40}"
    for hook in ("pre-push", "husky/pre-push"):
        code, told = run(hooked, "sh", "-c", f"echo {lines} | sh {HOOKS / hook} origin url")
        assert (code, f"bad object {'1' * 40}" in told) == (128, True), told


def test_without_migcheck_it_says_what_to_install_and_how_to_go_on(
    hooked: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [each for each in os.environ["PATH"].split(":") if not (Path(each) / "migcheck").exists()]
    monkeypatch.setenv("PATH", ":".join(places))
    (hooked.top.parent / "bin" / "migcheck").unlink()
    hooked.write({"x": ""})
    hooked.git("add", "x")
    origin = hooked.clone(hooked.top.parent / "origin.git", "--bare")
    for command in (("commit", "-m", "x"), ("push", str(origin.top), "HEAD:main")):
        code, told = run(hooked, "git", *command)
        assert code == 1, told
        for each in ("migcheck is not on PATH", "`pipx install drizzle-migcheck`", "Once without it: --no-verify"):
            assert each in told
    assert run(hooked, "git", "commit", "--no-verify", "-m", "x")[0] == 0
