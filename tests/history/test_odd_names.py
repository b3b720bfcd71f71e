"""Names that hold what Python takes for the end of a line, and git does not."""

from pathlib import Path

import pytest

from migcheck.facts.git.branches import default_branch
from tests.support.histories import a_landed_folder, base_of, opened
from tests.support.repositories import init

# U+2028, U+0085, form feed: of the last, a reference may hold none.
SEPARATORS = ["\u2028", "\x85"]


@pytest.mark.parametrize("separator", [*SEPARATORS, "\f"])
def test_the_path_of_a_repository(tmp_path: Path, separator: str) -> None:
    made = init(tmp_path / f"my{separator}project")
    made.commit()
    found = opened(made.top)
    assert (found.top, found.directory, found.head()) == (made.top, made / ".git", made.head)


@pytest.mark.parametrize("separator", SEPARATORS)
def test_branches_and_remotes(tmp_path: Path, separator: str) -> None:
    origin = init(tmp_path / "origin")
    a_landed_folder(origin)
    trunk = f"tr{separator}unk"
    origin.git("branch", "--move", "main", trunk)
    origin.switch(trunk)
    landed = origin.head
    clone = origin.clone(tmp_path / "clone", "--origin", f"up{separator}stream")
    clone.branch("mine")
    clone.commit()
    assert default_branch(opened(clone.top), "") == f"refs/remotes/up{separator}stream/{trunk}"
    assert base_of(clone)[0] == landed


@pytest.mark.parametrize("separator", [*SEPARATORS, "\f"])
def test_an_author_forges_no_parent(tmp_path: Path, separator: str) -> None:
    made = init(tmp_path / "project")
    first = made.commit()
    made.git("commit", "--quiet", "--allow-empty", "--message=x", f"--author=Eve{separator}parent {'0' * 40} <e@x>")
    assert opened(made.top).parents(made.head) == (first,)
