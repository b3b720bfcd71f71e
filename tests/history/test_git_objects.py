"""One git process answers for all objects of a run."""

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.git.objects import Objects, Stored
from tests.support.repositories import GitRepository


def test_an_object_is_found_by_whatever_names_it(a_repo: GitRepository) -> None:
    commit = a_repo.commit({"a file.sql": "select 1;\n"})
    blob = a_repo.git("rev-parse", "HEAD:a file.sql")
    objects = Objects(a_repo.top)

    found = objects.find("main^{commit}")

    assert found is not None
    assert (found.identity, found.kind) == (commit, "commit")
    assert objects.find("HEAD:a file.sql") == Stored(blob, "blob", b"select 1;\n")


@pytest.mark.parametrize("name", ["", "nowhere", "no where", "no where 12", "0" * 40, "HEAD^7", "HEAD\nHEAD", "HEAD\0"])
def test_what_names_nothing_is_none_and_leaves_the_next_answer_whole(a_repo: GitRepository, name: str) -> None:
    commit = a_repo.commit({"a.sql": "select 1;\n"})
    objects = Objects(a_repo.top)

    assert objects.find(name) is None
    found = objects.find("HEAD")

    assert found is not None
    assert found.identity == commit


def test_many_blobs_come_in_the_order_they_were_asked_for(a_repo: GitRepository) -> None:
    contents = {f"{n:04}.sql": f"select {n};\n" + "-- long\n" * n for n in range(1200)}
    a_repo.commit(contents)
    listed = a_repo.git("ls-tree", "--format=%(objectname)", "HEAD").split("\n")

    read = list(Objects(a_repo.top).blobs(listed))

    assert read == [(blob, content.encode()) for blob, content in zip(listed, contents.values(), strict=True)]


@pytest.mark.parametrize("what", ["0" * 40, "HEAD"])
def test_what_is_no_blob_is_lacking(a_repo: GitRepository, what: str) -> None:
    a_repo.commit({"a.sql": "select 1;\n"})

    with pytest.raises(UndecidableError) as error:
        list(Objects(a_repo.top).blobs([what]))

    assert str(error.value).startswith(f"this clone of the repository lacks objects ({what})")


def test_a_git_that_ended_is_started_again(a_repo: GitRepository) -> None:
    commit = a_repo.commit({"a.sql": "select 1;\n"})
    objects = Objects(a_repo.top)
    objects.find("HEAD")
    assert objects._process is not None
    objects._process.kill()
    objects._process.wait()

    with pytest.raises(UndecidableError, match="git ended"):
        objects.find("HEAD")
    found = objects.find("HEAD")

    assert found is not None
    assert found.identity == commit
