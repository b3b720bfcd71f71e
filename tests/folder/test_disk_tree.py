"""A folder on disk, as whoever runs migcheck finds it: links, pipes, permissions, sizes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from migcheck.drizzle.folder import Layout, UnreadableFile
from migcheck.drizzle.journal import BrokenJournal
from migcheck.errors import UndecidableError
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import LINK_OUT, DiskTree, TreeFile
from tests.support.folders import a_folder, a_folder_1_0
from tests.support.growth import LINEAR, TIMES, growth
from tests.support.judging import judged, read
from tests.support.stepping_down import as_nobody


def test_everything_below_by_path(tmp_path: Path) -> None:
    for name in ("b/2.sql", "b/a/1.sql", "a.sql", "node_modules/x/1.sql", ".git/1.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert list(DiskTree(tmp_path).files(".")) == [TreeFile("a.sql"), TreeFile("b/2.sql"), TreeFile("b/a/1.sql")]
    assert list(DiskTree(tmp_path).files("b")) == [TreeFile("b/2.sql"), TreeFile("b/a/1.sql")]
    assert list(DiskTree(tmp_path).files("c")) == []
    assert list(DiskTree(tmp_path).files("a.sql")) == []


def test_directories_deeper_than_python_likes_to_recurse(tmp_path: Path) -> None:
    depths = [f"{tmp_path}{'/d' * depth}" for depth in range(1, 1_201)]
    for each in depths:
        os.mkdir(each)  # noqa: PTH102 pathlib takes its time with long paths
    (Path(depths[-1]) / "1.sql").touch()
    found = list(DiskTree(tmp_path).files("."))
    (Path(depths[-1]) / "1.sql").unlink()
    for each in reversed(depths):
        os.rmdir(each)  # noqa: PTH106 and pytest's own clean-up recurses

    assert found == [TreeFile("d/" * 1_200 + "1.sql")]


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.sql").touch()
    (tmp_path / "d" / "in.sql").symlink_to("1.sql")
    (tmp_path / "d" / "out.sql").symlink_to("../d2.sql")
    (tmp_path / "d" / "round").symlink_to("../d")
    (tmp_path / "d" / "itself.sql").symlink_to("itself.sql")

    assert list(DiskTree(tmp_path).files("d")) == [
        TreeFile("d/1.sql"),
        TreeFile("d/in.sql"),
        TreeFile("d/itself.sql", "a symbolic link to nothing (Too many levels of symbolic links)"),
        TreeFile("d/out.sql", LINK_OUT),
        TreeFile("d/round", "a directory"),
    ]


def test_a_folder_that_is_a_link_is_followed(tmp_path: Path) -> None:
    a_folder(tmp_path / "packages" / "drizzle", {"0000_users": "select 1;"})
    (tmp_path / "drizzle").symlink_to("packages/drizzle")

    assert [each.path for each in read(tmp_path / "drizzle").migrations] == ["drizzle/0000_users.sql"]
    assert judged(tmp_path / "drizzle") == []


def test_the_same_folder_from_its_parent_and_from_within(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"})

    assert [each.path for each in read_folder(DiskTree(tmp_path), "./drizzle/").migrations] == [
        "drizzle/0000_users.sql"
    ]
    assert [each.path for each in read_folder(DiskTree(folder), ".").migrations] == ["0000_users.sql"]


def test_a_file_without_permission(for_nobody: Path) -> None:
    folder = a_folder(for_nobody / "drizzle", {"0000_users": "select 1;"})
    (folder / "0000_users.sql").chmod(0)
    with as_nobody():
        found = read(folder)

    assert found.unreadable == (UnreadableFile("0000_users", "drizzle/0000_users.sql", "no permission to read it"),)


def test_a_journal_without_permission(for_nobody: Path) -> None:
    folder = a_folder(for_nobody / "drizzle", {"0000_users": "select 1;"})
    (folder / "meta" / "_journal.json").chmod(0)
    with as_nobody():
        found = read(folder)

    assert isinstance(found.journal, BrokenJournal)
    assert found.journal.problem == "the journal cannot be read: no permission to read it"


def test_a_folder_without_permission_is_undecided(for_nobody: Path) -> None:
    folder = a_folder(for_nobody / "drizzle", {"0000_users": "select 1;"})
    folder.chmod(0)
    with as_nobody(), pytest.raises(UndecidableError, match="drizzle cannot be listed: no permission to read it"):
        read(folder)


def test_a_file_that_goes_away_between_listing_and_reading(tmp_path: Path) -> None:
    with pytest.raises(UndecidableError, match=r"gone\.sql cannot be read: No such file or directory"):
        DiskTree(tmp_path).read("gone.sql")


def test_migrations_of_1_0_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["20240101000000_b", "20240101000000_B", "20240101000000_a", "20230101000000_z"]
    found = read(a_folder_1_0(tmp_path / "drizzle", dict.fromkeys(names, "select 1;")))

    assert found.layout is Layout.FOLDERS
    assert [(each.tag, each.when) for each in found.migrations] == [
        ("20230101000000_z", 1_672_531_200_000),
        ("20240101000000_a", 1_704_067_200_000),
        ("20240101000000_b", 1_704_067_200_000),
        ("20240101000000_B", 1_704_067_200_000),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"INSERT INTO t VALUES (1, 'it''s', E'\\n', $$a$$, 2.5); -- x\n",
        b"'",
        b"$a",
        b"-- ",
        b"- -",
        b"/*",
        b"\xff\x00",
        b"statement-breakpoint ",
    ],
)
def test_a_large_file_of_anything_takes_linear_time(tmp_path: Path, line: bytes) -> None:
    marked = line + b"--> statement-breakpoint\n"
    for size in (50_000, TIMES * 50_000):
        a_folder(tmp_path / str(size), {"0000_data": marked + line * (size // len(line)) + marked})

    assert growth(lambda size: judged(tmp_path / str(size)), 50_000, least=50_000) < LINEAR


@pytest.fixture
def for_nobody() -> Iterator[Path]:
    """A directory that a user without rights can reach, which pytest's own is not."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    yield directory
    # An ordinary user cannot remove what lies in a directory that she has closed.
    (directory / "drizzle").chmod(0o755)
    shutil.rmtree(directory)
