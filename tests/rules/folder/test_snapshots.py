"""MC110 to MC114: the snapshots and the chain they make."""

import json
from pathlib import Path

from tests.support.folders import (
    a_folder,
    a_folder_1_0,
    add_entry,
    add_migration,
    add_snapshot,
    drop_entry,
    snapshot_id,
)
from tests.support.judging import findings, judged, read, told

JOURNAL = "drizzle/meta/_journal.json"
POSTS = "drizzle/meta/0001_snapshot.json"
LIKES = "drizzle/meta/0002_snapshot.json"
NOWHERE = "11111111-1111-1111-1111-111111111111"


def test_a_new_migration_without_a_snapshot(drizzle: Path) -> None:
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", snapshot=False)

    (found,) = findings(drizzle, before=landed)
    assert told(found) == f"MC110 error {JOURNAL}:26 0003_tags has no snapshot"
    assert "`drizzle-kit generate --custom --name <name>`, which writes the entry and the snapshot" in found.fix


def test_what_has_no_file_wants_no_snapshot(drizzle: Path) -> None:
    add_entry(drizzle, "0003_gone")
    assert [each.split()[0] for each in judged(drizzle)] == ["MC101"]


def test_a_merge_that_kept_two_files_of_one_prefix_kept_one_snapshot(drizzle: Path) -> None:
    landed = read(drizzle)
    add_migration(drizzle, "0002_tags", "select 1;", snapshot=False)

    (found,) = findings(drizzle, before=landed)
    assert told(found) == (
        f"MC110 error {JOURNAL}:26 0002_tags has no snapshot of its own: 0002_likes has the same number, and the two"
        " have one 0002_snapshot.json between them"
    )
    assert found.fix.startswith("Take the journal and the snapshots of the branch that lands first")
    assert "run `drizzle-kit generate` again" in found.fix


def test_a_snapshot_that_is_gone_is_one_finding_the_gap_it_leaves_is_no_second(drizzle: Path) -> None:
    (drizzle / "meta" / "0001_snapshot.json").unlink()

    assert judged(drizzle) == [f"MC110 error {JOURNAL}:12 0001_posts has no snapshot"]


def test_what_landed_without_snapshots_warns_once(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {f"{number:04}_m": "select 1;" for number in range(9)}, snapshots=False)
    add_migration(folder, "0009_tags", "select 1;")

    assert judged(folder, before=read(folder)) == [
        f"MC110 warning {JOURNAL}:5 0000_m, 0001_m, 0002_m, 0003_m, 0004_m and 4 more have no snapshot"
    ]


def test_a_project_that_writes_its_migrations_by_hand_goes_on_doing_so(drizzle: Path) -> None:
    add_migration(drizzle, "0003_by_hand", "select 1;", snapshot=False)
    landed = read(drizzle)
    add_migration(drizzle, "0004_by_hand_too", "select 1;", snapshot=False)

    assert judged(drizzle, before=landed) == [
        f"MC110 warning {JOURNAL}:26 0003_by_hand has no snapshot",
        f"MC110 warning {JOURNAL}:33 0004_by_hand_too has no snapshot",
    ]


def test_a_project_that_keeps_no_snapshots(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;", "0001_posts": "select 1;"}, snapshots=False)

    (found,) = findings(folder)
    assert told(found) == f"MC110 warning {JOURNAL}:5 0000_users, 0001_posts have no snapshot"
    assert found.fix.startswith("Nothing, where every migration is written by hand.")


def test_a_migration_of_1_0_without_its_snapshot(tmp_path: Path) -> None:
    folder = a_folder_1_0(
        tmp_path / "drizzle", {"20240101000000_users": "select 1;", "20240102000000_posts": "select 1;"}
    )
    (folder / "20240102000000_posts" / "snapshot.json").unlink()

    assert judged(folder) == [
        "MC110 error drizzle/20240102000000_posts/migration.sql 20240102000000_posts has no snapshot"
    ]


def test_a_snapshot_of_no_migration(drizzle: Path) -> None:
    landed = read(drizzle)
    add_snapshot(drizzle, "0003_gone")
    told = "drizzle/meta/0003_snapshot.json no migration begins with 0003_, so this snapshot belongs to none"

    assert judged(drizzle, before=landed) == [f"MC111 error {told}"]
    assert judged(drizzle, before=read(drizzle)) == [f"MC111 warning {told}"]


def test_a_snapshot_whose_entry_got_lost_is_told_by_its_file(drizzle: Path) -> None:
    drop_entry(drizzle, "0002_likes")

    assert [each.split()[0] for each in judged(drizzle)] == ["MC102"]


def test_a_snapshot_whose_migration_landed_and_is_gone_is_told_by_the_history(drizzle: Path) -> None:
    landed = read(drizzle)
    drop_entry(drizzle, "0002_likes")
    (drizzle / "0002_likes.sql").unlink()

    assert judged(drizzle, before=landed) == []


def test_a_truncated_snapshot(drizzle: Path) -> None:
    path = drizzle / "meta" / "0001_snapshot.json"
    path.write_bytes(path.read_bytes()[:200])

    assert judged(drizzle) == [f"MC112 error {POSTS}:9 the snapshot ends in the middle of its JSON"]


def test_a_merge_that_left_its_markers_in_a_snapshot(drizzle: Path) -> None:
    path = drizzle / "meta" / "0001_snapshot.json"
    path.write_text(path.read_text().replace('  "prevId"', '<<<<<<< HEAD\n  "prevId"'))

    assert judged(drizzle) == [f"MC112 error {POSTS}:3 the snapshot holds the markers of a merge conflict"]


def test_a_snapshot_without_an_id(drizzle: Path) -> None:
    _change(drizzle, "0001", id=None)

    assert judged(drizzle) == [
        f"MC112 error {POSTS} the snapshot is none of drizzle-kit's: expected `str`, got `null` - at `$.id`"
    ]


def test_a_malformed_snapshot_that_landed_warns_until_it_is_malformed_in_another_way(drizzle: Path) -> None:
    _change(drizzle, "0001", id=None)
    landed = read(drizzle)

    assert [each[:13] for each in judged(drizzle, before=landed)] == ["MC112 warning"]

    (drizzle / "meta" / "0001_snapshot.json").write_text("{")

    assert [each[:11] for each in judged(drizzle, before=landed)] == ["MC112 error"]


def test_two_branches_that_generated_from_one_state(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;", "0001_posts": "select 1;"})
    landed = read(folder)
    (folder / "0002_likes.sql").write_text("select 1;")
    add_entry(folder, "0002_likes")
    add_snapshot(folder, "0002_likes", parent=snapshot_id("0000_users"))
    told = f"{LIKES} the snapshots 0001 and 0002 both follow {snapshot_id('0000_users')}"

    assert judged(folder, before=landed) == [f"MC113 error {told}"]
    assert judged(folder, before=read(folder)) == [f"MC113 warning {told}"]


def test_two_that_follow_none_share_none(drizzle: Path) -> None:
    for prefix in ("0001", "0002"):
        _change(drizzle, prefix, prevIds=[])

    assert judged(drizzle) == []


def test_the_new_one_of_two_with_one_parent_is_named_wherever_it_sorts(drizzle: Path) -> None:
    (drizzle / "meta" / "0001_snapshot.json").unlink()
    add_snapshot(drizzle, "0002_likes", parent=snapshot_id("0000_users"))
    landed = read(drizzle)
    add_snapshot(drizzle, "0001_posts", parent=snapshot_id("0000_users"))

    assert judged(drizzle, before=landed) == [
        f"MC113 error {POSTS} the snapshots 0001 and 0002 both follow {snapshot_id('0000_users')}"
    ]


def test_drizzle_1_0_lets_two_snapshots_follow_one(tmp_path: Path) -> None:
    names = {
        "20240101000000_users": "select 1;",
        "20240102000000_posts": "select 1;",
        "20240103000000_likes": "select 1;",
    }
    folder = a_folder_1_0(tmp_path / "drizzle", names)
    path = folder / "20240103000000_likes" / "snapshot.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "prevIds": [snapshot_id("20240101000000_users")]}))

    assert judged(folder) == []


def test_a_snapshot_that_follows_one_that_is_not_there(drizzle: Path) -> None:
    landed = read(drizzle)
    _change(drizzle, "0002", prevId=NOWHERE)
    told = f"{LIKES} the snapshot 0002 follows {NOWHERE}, and no snapshot has this id"

    assert judged(drizzle, before=landed) == [f"MC114 error {told}"]
    assert judged(drizzle, before=read(drizzle)) == [f"MC114 warning {told}"]


def test_a_snapshot_that_follows_itself(drizzle: Path) -> None:
    _change(drizzle, "0002", prevId=snapshot_id("0002_likes"))

    assert [each.split()[0] for each in judged(drizzle)] == ["MC114"]


def test_two_migrations_of_one_second_overwrote_their_snapshot(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"20231114221320_users": "select 1;", "20231114221420_posts": "select 1;"})
    first = snapshot_id("20231114221420_posts")
    add_migration(folder, "20231114221420_likes", "select 1;", snapshot=False)
    add_snapshot(folder, "20231114221420_likes", parent=first)

    assert judged(folder) == [
        (
            "MC114 error drizzle/meta/20231114221420_snapshot.json the snapshot 20231114221420 follows "
            f"{first}, and no snapshot has this id"
        )
    ]


def test_a_broken_chain_of_1_0(tmp_path: Path) -> None:
    folder = a_folder_1_0(tmp_path / "drizzle", {"20240101000000_users": "select 1;"})
    path = folder / "20240101000000_users" / "snapshot.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "prevIds": [NOWHERE]}))

    assert [each.split()[0] for each in judged(folder)] == ["MC114"]


def _change(folder: Path, prefix: str, **keys: str | list[str] | None) -> None:
    path = folder / "meta" / f"{prefix}_snapshot.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **keys}, indent=2))
