"""Clones that lack history: undecided with the remedy, unless they have what is needed."""

import shlex
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import WHOLE_HISTORY
from migcheck.verify import FIND_OUT_FIRST
from tests.support.folders import WHEN, a_folder, add_migration
from tests.support.histories import FOLDER, LANDED, a_history, a_landed_folder, add, base_of
from tests.support.repositories import GitRepository, init
from tests.support.runs import offline


def test_a_shallow_clone_is_undecided(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    landed = a_repo.commit()
    add(a_repo, "0003_likes")
    shallow = a_repo.clone(tmp_path / "clone", depth=1)

    with pytest.raises(UndecidableError) as error:
        a_history(shallow)

    assert "the parent of HEAD" in str(error.value)
    assert error.value.remedy == f"{WHOLE_HISTORY}; the least that is needed: `git fetch --depth=1 origin {landed}`"
    shallow.git("fetch", "--quiet", "--depth=1", "origin", landed)
    assert base_of(shallow) == (landed, "the first parent of HEAD, which is on origin/main")


def test_a_fault_that_may_be_new_is_not_advised_to_be_left(a_repo: GitRepository, tmp_path: Path) -> None:
    drizzle = a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()
    add_migration(drizzle, "0003_likes", "select 1;", when=WHEN, snapshot=False)
    a_repo.commit()
    (found,) = (each for each in offline(a_repo.clone(tmp_path / "clone", depth=1)).findings if each.code == "MC106")

    assert (found.severity, found.fix) == ("warning", FIND_OUT_FIRST)


def test_a_shallow_clone_of_a_branch_does_not_know_where_it_began(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    add(a_repo, "0003_likes")
    a_repo.switch("main")
    a_repo.commit(message="Go on")
    shallow = a_repo.clone(tmp_path / "clone", "--no-single-branch", "--branch=feature", depth=1)

    with pytest.raises(UndecidableError) as error:
        a_history(shallow)

    assert str(error.value) == "this shallow clone does not reach back to where origin/main and HEAD part"
    assert error.value.remedy == WHOLE_HISTORY


def test_a_shallow_clone_that_has_what_is_needed_is_enough(a_repo: GitRepository, tmp_path: Path) -> None:
    a_repo.commit(message="Older history")
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    first = a_repo.commit()
    add(a_repo, "0003_likes")
    shallow = a_repo.clone(tmp_path / "clone", depth=2)

    assert base_of(shallow) == (first, "the first parent of HEAD, which is on origin/main")


def test_the_one_branch_of_a_shallow_clone_is_not_where_changes_land(a_repo: GitRepository, tmp_path: Path) -> None:
    """Some build systems clone so, and take the remote away."""
    a_landed_folder(a_repo)
    for number in range(4):
        add(a_repo, f"000{3 + number}_more")
    clone = a_repo.clone(tmp_path / "clone", depth=2)
    clone.git("remote", "remove", "origin")

    with pytest.raises(UndecidableError) as error:
        a_history(clone)

    assert error.value.remedy == WHOLE_HISTORY


def test_the_way_out_of_a_clone_of_one_branch(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    a_repo.git("switch", "--quiet", "-c", "trunk", "main")
    a_repo.git("branch", "--delete", "--force", "main")
    a_repo.switch("feature")
    add(a_repo, "0003_likes")
    a_repo.switch("trunk")
    clone = init(tmp_path / "clone")
    clone.git("remote", "add", "-t", "feature", "origin", str(a_repo.top))
    clone.git("fetch", "--quiet")
    clone.git("switch", "--quiet", "feature")

    with pytest.raises(UndecidableError) as error:
        a_history(clone)
    for command in error.value.remedy.split("`")[1:6:2]:
        clone.git(*shlex.split(command)[1:])

    assert base_of(clone) == (landed, "the merge base with origin/trunk, the default branch")


@pytest.mark.parametrize("base", ["origin/main", "refs/remotes/origin/main~0"])
@pytest.mark.parametrize("depth", [1, None], ids=["shallow", "whole"])
def test_the_way_out_to_a_branch_that_a_clone_of_one_branch_does_not_fetch(
    a_repo: GitRepository, tmp_path: Path, depth: int | None, base: str
) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.git("rev-parse", "main")
    add(a_repo, "0003_likes")
    clone = a_repo.clone(tmp_path / "clone", "--single-branch", "--branch=feature", depth=depth)

    with pytest.raises(UndecidableError) as error:
        a_history(clone, base=base)
    for command in error.value.remedy.split("`")[1:6:2]:
        clone.git(*shlex.split(command)[1:])

    assert base_of(clone, base=base)[0] == landed
