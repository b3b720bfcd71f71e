"""The texts of head and of base: what git tracks and a person wrote, and nothing that only looks so."""

import gc
import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.git.ahead import Ahead
from migcheck.facts.git.revision import at_revision
from migcheck.facts.git.tracked_text import LARGEST, HeadText, TrackedText
from migcheck.facts.project.read_project import foresee_project, read_project
from tests.support.histories import opened
from tests.support.repositories import GitRepository

FILES = {
    "package.json": "one",
    "a/package.json": "two",
    "a/b/package.json": "x" * (LARGEST + 1),
    "node_modules/x/package.json": "installed",
    "other.json": "other",
    'odd "\n\u00e9/package.json': "odd",
}
READ = {"package.json": b"one", "a/package.json": b"two", 'odd "\n\u00e9/package.json': b"odd"}


def revisions(repo: GitRepository, commit: str = "HEAD") -> Iterator[TrackedText]:
    """The work tree, the index and `commit`."""
    yield HeadText(opened(repo.top).git, opened(repo.top).top)
    yield HeadText(opened(repo.top).git, None)
    yield opened(repo.top).base_text(repo.git("rev-parse", commit))


def read(text: TrackedText, *patterns: str) -> dict[str, bytes]:
    return dict(text.read(text.paths(*(patterns or ("**/package.json",)))))


def test_every_revision_gives_the_files_that_a_pattern_names(a_repo: GitRepository) -> None:
    a_repo.commit(FILES)
    for each in revisions(a_repo):
        assert read(each) == READ
        assert set(each.paths("**/package.json")) == {*READ, "a/b/package.json"}
        assert each.holding(["one", "nothing"], "**/package.json", "*.json") == ("package.json",)
        assert each.holding(["nothing"], "**/package.json") == ()


def test_each_revision_holds_what_it_holds(a_repo: GitRepository) -> None:
    a_repo.commit({"a.ts": "word", "b.ts": "word", "c.ts": "none", "d.ts": "word", "e.ts": "word"})
    a_repo.stage({"b.ts": "none", "c.ts": "word"})
    a_repo.write({"b.ts": "word again", "c.ts": "nothing", "d.ts": "nothing", "e.ts": None, "f.ts": "word"})
    lying, staged, base = (each.holding(["word"], "**/*.ts") for each in revisions(a_repo))
    assert lying == ("a.ts", "b.ts")
    assert staged == ("a.ts", "c.ts", "d.ts", "e.ts")
    assert base == ("a.ts", "b.ts", "d.ts", "e.ts")


class Searching(HeadText):
    """The work tree, and how often git searched it."""

    searches: int = 0

    def _search(self, words: Sequence[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
        self.searches += 1
        return HeadText._search(self, words, patterns)


def test_what_is_about_the_same_takes_no_second_search(a_repo: GitRepository) -> None:
    a_repo.commit({"a.ts": "migrator", "b.ts": "migrate", "c.ts": "none", "d.sql": "migrate", "e.ts": "push"})
    text = Searching(opened(a_repo.top).git, a_repo.top)
    assert text.holding(["migrator", "push"], "**/*.ts", about=["migrat"]) == ("a.ts", "e.ts")
    assert text.holding(["migrate", "migrates"], "**/*.ts") == ("b.ts",)
    assert text.searches == 1
    assert text.holding(["migrate", "none"], "**/*.ts") == ("b.ts", "c.ts")
    assert text.holding(["migrate"], "**/*.sql") == ("d.sql",)
    assert text.searches == 3


@pytest.mark.parametrize("staged", [False, True])
def test_a_search_that_was_foreseen_is_not_begun_again(
    a_repo: GitRepository, monkeypatch: pytest.MonkeyPatch, *, staged: bool
) -> None:
    a_repo.commit({"a.ts": "migrator", "b.ts": "migrate", "c.ts": "none"})
    text = HeadText(opened(a_repo.top).git, None if staged else a_repo.top)
    list(text.read(text.paths("**/*.ts")))
    text.foresee(["migrator"], "**/*.ts", about=["migrat"])
    monkeypatch.setenv("PATH", "")
    assert text.holding(["migrator"], "**/*.ts", about=["migrat"]) == ("a.ts",)
    with pytest.raises(UndecidableError):
        text.holding(["none"], "**/*.ts")


def test_what_is_foreseen_of_a_project_is_what_is_asked(a_repo: GitRepository) -> None:
    a_repo.commit({"package.json": '{"dependencies": {"prisma": "6"}}', "a.ts": "migrator"})
    repository = opened(a_repo.top)
    foresee_project(repository, LedgerName())
    assert repository.git._ahead._started
    read_project(repository, "drizzle", LedgerName(), None)
    assert not repository.git._ahead._started


@pytest.mark.parametrize(("script", "read"), [("drizzle-kit push", True), ("drizzle-kit migrate", False)])
def test_scripts_that_a_rule_asks_for_are_read_while_git_searches(
    a_repo: GitRepository, script: str, *, read: bool
) -> None:
    a_repo.commit({"package.json": json.dumps({"scripts": {"release": script}})})
    repository = opened(a_repo.top)
    assert "runs" not in vars(read_project(repository, "drizzle", LedgerName(), None).head.scripts)
    # It waits for names for ever.
    repository.git.foresee("cat-file", "--batch")
    assert ("runs" in vars(read_project(repository, "drizzle", LedgerName(), None).head.scripts)) is read


def test_what_was_begun_and_nobody_asked_for_is_ended(a_repo: GitRepository) -> None:
    ahead = Ahead(a_repo.top)
    # Left alone it would wait for names for ever.
    ahead.start(["cat-file", "--batch"])
    (process,) = ahead._started.values()
    assert process.poll() is None
    del ahead
    gc.collect()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("name", ["color.ui", "color.grep"])
def test_names_are_without_colour_whatever_is_configured(a_repo: GitRepository, name: str) -> None:
    a_repo.git("config", name, "always")
    a_repo.commit({"a.ts": "word", "b.ts": "none"})
    assert [each.holding(["word"], "**/*.ts") for each in revisions(a_repo)] == [("a.ts",)] * 3


def test_each_revision_has_what_it_has(a_repo: GitRepository) -> None:
    a_repo.commit({**FILES, "gone/package.json": "gone"})
    a_repo.stage({"package.json": "staged", "gone/package.json": None, "new/package.json": "new"})
    a_repo.write({"package.json": "lying", "a/package.json": None, "untracked/package.json": "untracked"})
    lying, staged, base = (read(each) for each in revisions(a_repo))
    odd = {path: content for path, content in READ.items() if path.startswith("odd")}
    assert lying == {**odd, "package.json": b"lying", "new/package.json": b"new"}
    assert staged == {**READ, "package.json": b"staged", "new/package.json": b"new"}
    assert base == {**READ, "gone/package.json": b"gone"}


def test_each_revision_lists_what_a_pattern_names_once(a_repo: GitRepository) -> None:
    a_repo.commit(FILES)
    for each in revisions(a_repo):
        before = each.paths("**/package.json")
        a_repo.stage({f"{id(each)}/package.json": "new"})
        assert each.paths("**/package.json") is before


def test_links_are_not_followed(a_repo: GitRepository, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "package.json").write_text("secret")
    a_repo.write({"real/package.json": "real", "there/package.json": "there", "pipe/package.json": "pipe"})
    (a_repo / "package.json").symlink_to(secret / "package.json")
    a_repo.commit()
    (a_repo / "there" / "package.json").unlink()
    (a_repo / "there").rmdir()
    (a_repo / "there").symlink_to(secret)
    (a_repo / "pipe" / "package.json").unlink()
    os.mkfifo(a_repo / "pipe" / "package.json")
    lying, staged, base = (read(each) for each in revisions(a_repo))
    assert lying == {"real/package.json": b"real"}
    assert (
        staged == base == {"real/package.json": b"real", "there/package.json": b"there", "pipe/package.json": b"pipe"}
    )


def test_what_lies_about_as_it_landed_is_read_once(a_repo: GitRepository) -> None:
    a_repo.commit({"package.json": "landed", "a/package.json": "landed as well"})
    a_repo.write({"package.json": "edited"})
    repository = opened(a_repo.top)
    read(HeadText(repository.git, repository.top))
    blobs = [a_repo.git("rev-parse", f"HEAD:{path}") for path in ("package.json", "a/package.json")]
    assert [repository.git.holds(each) for each in blobs] == [False, True]


def test_what_a_clone_lacks_is_told(a_repo: GitRepository) -> None:
    commit = a_repo.commit({"package.json": "landed"})
    blob = a_repo.git("rev-parse", "HEAD:package.json")
    a_repo.commit({"package.json": "now"})
    (a_repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    text = opened(a_repo.top).base_text(commit)
    with pytest.raises(UndecidableError, match="lacks objects"):
        read(text)


def test_what_is_kept_for_all_folders_of_a_run_is_kept_apart(a_repo: GitRepository) -> None:
    landed = a_repo.commit({"a.sh": "committed"})
    a_repo.stage({"a.sh": "staged"})
    (a_repo / "a.sh").write_text("lying")
    repository = opened(a_repo.top)
    texts = (repository.head_text(staged=False), repository.head_text(staged=True), repository.base_text(landed))
    assert [each.paths("*.sh") and each.read(["a.sh"])["a.sh"] for each in texts] == [b"lying", b"staged", b"committed"]
    again = (repository.head_text(staged=False), repository.head_text(staged=True), repository.base_text(landed))
    assert all(one is other for one, other in zip(texts, again, strict=True))
    with at_revision(repository, landed) as pinned:
        assert (text := pinned.head_text(staged=True)).paths("*.sh") == ("a.sh",)
        assert text.read(["a.sh"]) == {"a.sh": b"committed"}
