"""Folders that Drizzle reads without complaint: nothing is found in any of them."""

import json
from pathlib import Path

import pytest

from tests.support.folders import WHEN, a_folder, a_folder_1_0, add_migration, add_snapshot, read_journal
from tests.support.judging import judged, read


def test_a_folder_as_drizzle_kit_writes_it(drizzle: Path) -> None:
    assert judged(drizzle) == []
    assert judged(drizzle, before=read(drizzle)) == []


def test_a_folder_of_drizzle_1_0(tmp_path: Path) -> None:
    folder = a_folder_1_0(
        tmp_path / "drizzle", {"20240101000000_users": "select 1;", "20240102000000_posts": "select 2;"}
    )

    assert judged(folder) == []


def test_a_new_folder_without_a_migration(tmp_path: Path) -> None:
    assert judged(a_folder(tmp_path / "drizzle", {})) == []


@pytest.mark.parametrize(("version", "dialect"), [("5", "pg"), ("6", "postgresql"), ("7", "postgresql")])
def test_every_version_that_drizzle_kit_wrote(tmp_path: Path, version: str, dialect: str) -> None:
    assert judged(a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"}, version=version, dialect=dialect)) == []


@pytest.mark.parametrize(
    "tags",
    [
        ("0000_shiny_wolverine", "0001_dark_thanos"),
        ("20231114221320_shiny_wolverine", "20231114221420_dark_thanos"),
        ("1700000000_shiny_wolverine", "1700000060_dark_thanos"),
    ],
    ids=["index", "timestamp or supabase", "unix"],
)
def test_every_prefix_that_drizzle_kit_knows(tmp_path: Path, tags: tuple[str, str]) -> None:
    assert judged(a_folder(tmp_path / "drizzle", dict.fromkeys(tags, "select 1;"))) == []


def test_no_prefix_where_every_snapshot_overwrites_the_last(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"_shiny_wolverine": "select 1;", "_dark_thanos": "select 2;"})

    assert sorted(each.name for each in (folder / "meta").iterdir()) == ["_journal.json", "_snapshot.json"]
    assert judged(folder) == []


def test_a_hand_written_journal_of_what_drizzle_reads_and_nothing_else(drizzle: Path) -> None:
    rows = [{"tag": each["tag"], "when": each["when"]} for each in read_journal(drizzle)["entries"]]
    (drizzle / "meta" / "_journal.json").write_text(json.dumps({"entries": rows}))

    assert judged(drizzle) == []


def test_what_else_a_folder_may_hold(drizzle: Path) -> None:
    (drizzle / "schema.ts").write_text("export {}")
    (drizzle / "README.md").write_text("# Migrations")
    (drizzle / "meta" / "notes.json").write_text("not even JSON")
    (drizzle / "seeds").mkdir()
    (drizzle / "seeds" / "demo.sql").write_text("insert into users values (1);")
    (drizzle / "0002_likes.down.sql").write_text("drop table likes;")

    assert judged(drizzle) == []


def test_a_tag_below_a_directory_of_the_folder(drizzle: Path) -> None:
    (drizzle / "billing").mkdir()
    add_migration(drizzle, "billing/0003_plans", "select 1;", snapshot=False)
    add_snapshot(drizzle, "0003_plans")

    assert read(drizzle).migrations[-1].path == "drizzle/billing/0003_plans.sql"
    assert judged(drizzle) == []


def test_the_baseline_that_drizzle_kit_pull_writes(tmp_path: Path) -> None:
    pulled = """-- Current sql file was generated after introspecting the database
-- If you want to run this migration please uncomment this code before executing migrations
/*
CREATE TABLE "users" ("id" integer);
*/"""

    assert judged(a_folder(tmp_path / "drizzle", {"0000_legacy": pulled}, when={"0000_legacy": WHEN})) == []
