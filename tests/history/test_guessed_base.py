"""A base that nothing said: where it makes something block, the report names the way out, once."""

from pathlib import Path

from migcheck.report.json import render_json
from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.verdict import Verdict
from tests.support.histories import FOLDER, a_landed_folder, add
from tests.support.repositories import GitRepository
from tests.support.runs import offline

GUESSED = "the first parent of HEAD, which is on origin/feature"


def beside_base(verdict: Verdict) -> str:
    """What the report says of base, without the revision."""
    said = render_text(Run([verdict])).partition("\nbase  ")[2].partition("\n\n")[0]
    return " ".join(said.split()).partition(", ")[2]


def of_two_commits(repo: GitRepository) -> str:
    """Commit a migration and another text of it; give the first commit's id."""
    first = add(repo, "0003_likes")
    repo.commit({f"{FOLDER}/0003_likes.sql": "select 'mended';"})
    return first


def test_what_blocks_on_a_guess_names_the_way_out(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    first = of_two_commits(a_repo)
    clone = a_repo.clone(tmp_path / "clone")
    verdict = offline(clone)

    told = f"{GUESSED} If origin/feature was not there before this change, name what it was before: `--base REV`."
    assert beside_base(verdict) == told
    assert f'"revision": "{first}",\n        "why": "{told.replace(" If", ". If")}"' in render_json(Run([verdict]), 1)


def test_what_this_clone_saw_is_named(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    clone = a_repo.clone(tmp_path / "clone")
    of_two_commits(a_repo)
    clone.git("pull", "--quiet")

    assert beside_base(offline(clone)).endswith(f" before: `--base REV`. This clone last saw it at {landed[:12]}.")


def test_where_nothing_blocks_it_is_only_said_what_is_judged_as_new(a_repo: GitRepository, tmp_path: Path) -> None:
    """On the default branch nothing is new to its people: they have to be told that the last commit counts as it."""
    a_landed_folder(a_repo)
    add(a_repo, "0003_likes")
    assert beside_base(offline(a_repo.clone(tmp_path / "clone"))) == f"{GUESSED}: what HEAD brought is judged as new"

    a_repo.commit({"README.md": "nothing new"})
    assert beside_base(offline(a_repo.clone(tmp_path / "another"))) == GUESSED


def test_nothing_is_said_where_only_another_gate_blocks(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({f"{FOLDER}/0003_stray.sql": "select 1;"})

    assert beside_base(offline(a_repo.clone(tmp_path / "clone"))) == GUESSED


def test_nothing_is_said_where_this_clone_saw_main_at_the_parent(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    clone = a_repo.clone(tmp_path / "clone")
    a_repo.commit({f"{FOLDER}/0002_tags.sql": "select 'edited';"})
    clone.git("pull", "--quiet")

    assert beside_base(offline(clone)) == GUESSED
