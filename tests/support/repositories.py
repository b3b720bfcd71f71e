"""Builder of real git repositories, away from the user's git configuration.

    a_repo.commit({"drizzle/0000_users.sql": "create table users (id int);"})   # -> the commit's id
    a_folder(a_repo / "drizzle", {...}); a_repo.commit()                        # whatever lies in the work tree
    a_repo.branch("feature"); a_repo.switch("main"); a_repo.merge("feature")
    clone = a_repo.clone(tmp_path / "clone", depth=1)

Every commit is dated a minute after the one before it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

FIRST_COMMIT = 1_700_000_000
"""The date of a builder's first commit, in seconds since 1970."""

_INIT = ("--quiet", "--initial-branch=main")
_clock = count(FIRST_COMMIT, 60)


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A repository with a work tree at `top`, and git on it."""

    top: Path

    def __truediv__(self, path: str) -> Path:
        """A path below the top."""
        return self.top / path

    def git(self, *arguments: str, **variables: str) -> str:
        """Run git at the top, with `variables` in its environment; give what it printed, without the last newline."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.top, env=environment(**variables), capture_output=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout.decode().removesuffix("\n")

    @property
    def head(self) -> str:
        """The id of HEAD."""
        # Every commit asks, and most often the answer lies open: a process takes as long as the commit itself.
        kept = self.top / ".git"
        named = (kept / "HEAD").read_text("utf-8").strip() if kept.is_dir() else ""
        branch = kept / named.removeprefix("ref: ")
        return branch.read_text("utf-8").strip() if named and branch.is_file() else self.git("rev-parse", "HEAD")

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write `files` by path below the top; None removes one. Nothing is staged."""
        for path, content in files.items():
            file = self.top / path
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def stage(self, files: Mapping[str, str | bytes | None] | None = None) -> None:
        """Write `files`, then stage everything that lies in the work tree."""
        self.write(files or {})
        self.git("add", "--all")

    def commit(self, files: Mapping[str, str | bytes | None] | None = None, message: str = "Change") -> str:
        """Write and stage as `stage` does, commit (also where nothing changed) and give the commit's id."""
        self.stage(files)
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", message, **_dates())
        return self.head

    def branch(self, name: str, at: str = "HEAD") -> None:
        """Make a branch at a revision and switch to it."""
        heads = self.top / ".git" / "refs" / "heads"
        if at != "HEAD" or not heads.is_dir():
            self.git("switch", "--quiet", "--create", name, at)
            return
        # Two lines in two files, where the work tree stays as it is: nearly every test has a branch; git takes 3 ms.
        branch = heads / name
        assert not branch.exists(), f"there is a branch {name}"
        branch.parent.mkdir(parents=True, exist_ok=True)
        branch.write_text(f"{self.head}\n", "utf-8")
        (self.top / ".git" / "HEAD").write_text(f"ref: refs/heads/{name}\n", "utf-8")

    def switch(self, name: str) -> None:
        """Switch to a branch."""
        self.git("switch", "--quiet", name)

    def merge(self, name: str, *, strategy: str = "ours") -> str:
        """Merge a branch with a merge commit, each conflict settled as `strategy` says; give the commit's id."""
        self.git("merge", "--quiet", "--no-ff", "--no-edit", "-X", strategy, name, **_dates())
        return self.head

    def revert(self, revision: str) -> str:
        """Revert a commit (of a merge: back to its first parent); give the new commit's id."""
        mainline = ["--mainline", "1"] if self.git("rev-list", "--parents", "-1", revision).count(" ") > 1 else []
        self.git("revert", "--no-edit", *mainline, revision, **_dates())
        return self.head

    def clone(self, path: Path, *options: str, depth: int | None = None) -> "GitRepository":
        """Clone into `path`; with `depth`, a shallow clone of the branch at hand."""
        limits = [] if depth is None else [f"--depth={depth}"]
        self.git("clone", "--quiet", *limits, *options, self.top.as_uri(), str(path))
        return GitRepository(path)

    def worktree(self, path: Path, branch: str) -> "GitRepository":
        """Add a linked work tree on a new branch."""
        self.git("worktree", "add", "--quiet", "-b", branch, str(path))
        return GitRepository(path)

    def submodule(self, other: "GitRepository", path: str) -> "GitRepository":
        """Add `other` as a submodule at `path` and commit that; give the repository inside."""
        self.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.top.as_uri(), path)
        self.commit(message="Add a submodule")
        return GitRepository(self.top / path)


def init(path: Path, *options: str) -> GitRepository:
    """Make an empty repository at `path` on branch main."""
    path.mkdir(parents=True, exist_ok=True)
    repository = GitRepository(path)
    if options:
        repository.git("init", *_INIT, *options)
    else:
        shutil.copytree(Path(_made().name, ".git"), path / ".git")
    return repository


@cache
def _made() -> TemporaryDirectory[str]:
    """What git makes of an empty directory: thousands of tests begin with it, and git takes ten times as long again."""
    made = TemporaryDirectory()
    GitRepository(Path(made.name)).git("init", *_INIT)
    return made


def environment(**variables: str) -> dict[str, str]:
    """The environment for git in tests: nobody's configuration, one author, no upkeep, `variables` on top."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    isolated = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    lean = {
        "GIT_TEMPLATE_DIR": "",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "maintenance.auto",
        "GIT_CONFIG_VALUE_0": "false",
    }
    names = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
    mails = {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    return kept | isolated | lean | names | mails | variables


@pytest.fixture
def a_repo(tmp_path: Path) -> GitRepository:
    """An empty repository on branch main, with no remote."""
    return init(tmp_path / "repo")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that names what git is asked, a line for each process."""
    found = tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(f'#!/bin/sh\necho "$1" >> {found}\nexec {shutil.which("git")} "$@"\n')
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return found


def _dates() -> dict[str, str]:
    date = f"{next(_clock)} +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
