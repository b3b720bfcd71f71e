"""MC108, MC109, MC140 to MC142: where files are, and whether they can be read."""

import os
from pathlib import Path

import pytest

from tests.support.folders import a_folder_1_0, add_entry, change_entry, write_journal
from tests.support.judging import judged

JOURNAL = "drizzle/meta/_journal.json"
AT = "drizzle/0002_likes.sql"


@pytest.mark.parametrize("tag", ["../0002_likes", "/etc/passwd", "..\\0002_likes", "a/../../0002_likes"])
def test_a_tag_that_leaves_the_folder(drizzle: Path, tag: str) -> None:
    (drizzle.parent / "0002_likes.sql").write_text("select 1;")
    (drizzle / "0002_likes.sql").unlink()
    (drizzle / "meta" / "0002_snapshot.json").unlink()
    change_entry(drizzle, "0002_likes", rename=tag)

    assert judged(drizzle) == [f"MC108 error {JOURNAL}:19 the tag {tag} leaves the folder"]


def test_a_link_that_leaves_the_folder(drizzle: Path) -> None:
    (drizzle / "0002_likes.sql").rename(drizzle.parent / "likes.sql")
    (drizzle / "0002_likes.sql").symlink_to("../likes.sql")

    assert judged(drizzle) == [f"MC108 error {AT} 0002_likes is a symbolic link that leaves the folder"]


def test_a_link_inside_the_folder(drizzle: Path) -> None:
    (drizzle / "sql").mkdir()
    (drizzle / "0002_likes.sql").rename(drizzle / "sql" / "likes.sql")
    (drizzle / "0002_likes.sql").symlink_to("sql/likes.sql")

    assert judged(drizzle) == []


def test_a_link_that_leaves_the_folder_and_is_no_migration_warns(drizzle: Path) -> None:
    (drizzle / "dump.sql").symlink_to("/etc/passwd")

    assert judged(drizzle) == ["MC108 warning drizzle/dump.sql dump is a symbolic link that leaves the folder"]


def test_a_directory_named_like_a_migration(drizzle: Path) -> None:
    (drizzle / "0002_likes.sql").unlink()
    (drizzle / "0002_likes.sql").mkdir()

    assert judged(drizzle) == [f"MC109 error {AT} 0002_likes cannot be read: a directory"]


def test_a_directory_that_no_entry_names_warns(drizzle: Path) -> None:
    (drizzle / "old.sql").mkdir()
    (drizzle / "old.sql" / "0000_users.sql").write_text("select 1;")

    assert judged(drizzle) == ["MC109 warning drizzle/old.sql old cannot be read: a directory"]


def test_a_link_to_nothing(drizzle: Path) -> None:
    (drizzle / "0002_likes.sql").unlink()
    (drizzle / "0002_likes.sql").symlink_to("gone.sql")

    assert judged(drizzle) == [
        f"MC109 error {AT} 0002_likes cannot be read: a symbolic link to nothing (No such file or directory)"
    ]


def test_a_pipe_is_never_opened(drizzle: Path) -> None:
    (drizzle / "0002_likes.sql").unlink()
    os.mkfifo(drizzle / "0002_likes.sql")

    assert judged(drizzle) == [f"MC109 error {AT} 0002_likes cannot be read: neither a file nor a directory"]


def test_a_journal_that_is_a_directory(drizzle: Path) -> None:
    (drizzle / "meta" / "_journal.json").unlink()
    (drizzle / "meta" / "_journal.json").mkdir()

    assert judged(drizzle) == [f"MC100 error {JOURNAL} the journal cannot be read: a directory"]


def test_a_migration_that_git_ignores(drizzle: Path) -> None:
    assert judged(drizzle, ignored=["drizzle/0002_likes.sql"]) == [f"MC140 error {AT} git ignores 0002_likes"]


def test_the_empty_journal_that_an_old_drizzle_kit_check_leaves_in_a_folder_of_1_0(tmp_path: Path) -> None:
    folder = a_folder_1_0(tmp_path / "drizzle", {"20240101000000_users": "select 1;"})
    write_journal(folder, {"version": "7", "dialect": "postgresql", "entries": []})

    assert judged(folder) == [
        (
            "MC141 error drizzle the folder holds both a journal (Drizzle 0.x) and folders with a migration.sql"
            " (Drizzle 1.0)"
        )
    ]


def test_a_folder_without_a_time_beside_a_journal_is_no_migration_of_1_0(drizzle: Path) -> None:
    (drizzle / "archive").mkdir()
    (drizzle / "archive" / "migration.sql").write_text("select 1;")
    assert judged(drizzle) == []


def test_a_folder_of_1_0_without_its_time(tmp_path: Path) -> None:
    folder = a_folder_1_0(tmp_path / "drizzle", {"20240101000000_users": "select 1;"})
    (folder / "posts").mkdir()
    (folder / "posts" / "migration.sql").write_text("select 1;")

    assert judged(folder) == ["MC142 error drizzle/posts/migration.sql posts does not begin with a time"]


def test_an_entry_of_a_file_below_a_directory(drizzle: Path) -> None:
    (drizzle / "sql").mkdir()
    (drizzle / "sql" / "tags.sql").write_text("select 1;")
    add_entry(drizzle, "sql/tags")

    assert [each.split()[0] for each in judged(drizzle)] == ["MC110"]
