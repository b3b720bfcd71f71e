"""A checkout with CRLF is what landed; a CR that was committed is an edit."""

from pathlib import Path

import pytest

from tests.support.folders import a_folder, add_migration
from tests.support.histories import FOLDER, LANDED, a_history, a_landed_folder, judged, told
from tests.support.repositories import GitRepository


def test_a_checkout_with_crlf_reads_as_what_landed(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / FOLDER, {"0000_users": "create table users (\n  id int\n);\n"}, snapshots=False)
    a_repo.commit({"prelude.sql": "select 1;\n"})
    clone = a_repo.clone(tmp_path / "clone", "--config", "core.autocrlf=true")
    assert b"\r\n" in (clone / "drizzle/0000_users.sql").read_bytes()

    history = a_history(clone, base="HEAD", judge_paths=("prelude.sql",))

    assert (told(history), history.judge_changes) == ([], ())
    assert history.after.migrations == history.before.migrations if history.before else False


@pytest.mark.parametrize("told", ["core.autocrlf=true", "*.sql text", "*.sql eol=lf", "* text=auto"])
def test_an_editor_that_writes_crlf_changes_nothing_that_git_would_store(a_repo: GitRepository, told: str) -> None:
    a_landed_folder(a_repo)
    if told.startswith("core."):
        a_repo.git("config", *told.split("="))
    else:
        a_repo.commit({".gitattributes": told})
    base = a_repo.head
    add_migration(a_repo / FOLDER, "0003_likes", "select 1;\r\nselect 2;\r\n", snapshot=False)
    (a_repo / "drizzle/0001_posts.sql").write_bytes(LANDED["0001_posts"].encode() + b"\r\nselect 3;\r\n")

    history = a_history(a_repo, base=base)
    (found,) = judged(history)

    assert history.new()[0].sql == b"select 1;\nselect 2;\n"
    assert (found.code, str(found.at)) == ("MC201", "drizzle/0001_posts.sql:2")


def test_an_editor_that_writes_crlf_where_git_stores_what_it_gets(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({".gitattributes": "*.sql -text"})
    add_migration(a_repo / FOLDER, "0003_likes", "select 1;\r\n", snapshot=False)

    assert a_history(a_repo).new()[0].sql == b"select 1;\r\n"


def test_a_file_whose_cr_was_committed_is_an_edit(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 1;\n"})
    base = a_repo.head
    a_repo.commit({"drizzle/0000_users.sql": "select 1;\r\n"})

    (found,) = judged(a_history(a_repo, base=base))

    assert (found.code, found.migration) == ("MC201", "0000_users")
    assert found.evidence.endswith(" here: only the line ends differ")
