"""What gate `history` says to do: its command does it, in any directory, and leaves nothing that blocks."""

import shutil
import subprocess
from pathlib import Path

import pytest

from migcheck.finding import Finding
from tests.support.drizzle import NODE
from tests.support.fixes import run_fix
from tests.support.folders import (
    WHEN,
    a_folder_1_0,
    add_entry,
    add_migration,
    add_snapshot,
    change_entry,
    drop_entry,
    read_journal,
    write_journal,
)
from tests.support.histories import LANDED, NEWEST, a_history, a_landed_folder, judged, told
from tests.support.repositories import GitRepository, environment
from tests.support.runs import offline

UNDO = " and undo what it did in a new migration.\n"


def first(repo: GitRepository, folder: str = "drizzle") -> Finding:
    return every(repo, folder)[0]


def every(repo: GitRepository, folder: str = "drizzle") -> list[Finding]:
    repo.commit()
    return list(judged(a_history(repo, folder)))


def test_a_deleted_migration_comes_back_whole(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    base = a_repo.head[:12]
    for tag in ("0001_posts", "0002_tags"):
        drop_entry(drizzle, tag)
        (drizzle / f"{tag}.sql").unlink()

    fix = first(a_repo).fix

    assert fix.startswith(f"Put back all that landed (`git checkout {base} -- :/drizzle`){UNDO}")
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []


def test_a_deleted_migration_comes_back_beside_new_ones(a_repo: GitRepository) -> None:
    """Base's whole folder would take the new entries out of the journal."""
    drizzle = a_landed_folder(a_repo)
    base = a_repo.head[:12]
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    drop_entry(drizzle, "0001_posts")
    (drizzle / "0001_posts.sql").unlink()

    assert first(a_repo).fix.startswith(
        f"Put it back (`git checkout {base} -- :/drizzle/0001_posts.sql`, its snapshot and its entry in the journal, "
        f"too){UNDO}"
    )


def test_a_deleted_migration_beside_one_that_was_renamed(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    (drizzle / "0001_posts.sql").unlink()
    change_entry(drizzle, "0002_tags", rename="0002_labels")
    (drizzle / "0002_tags.sql").rename(drizzle / "0002_labels.sql")

    assert first(a_repo).fix.startswith("Put it back (`git checkout ")


def test_a_deleted_migration_beside_an_entry_that_never_had_a_file(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    a_repo.switch("main")
    a_repo.commit({"drizzle/0002_tags.sql": None})
    a_repo.branch("later")
    for tag in ("0001_posts", "0002_tags"):
        drop_entry(drizzle, tag)
    (drizzle / "0001_posts.sql").unlink()

    assert first(a_repo).fix.startswith("Put it back (`git checkout ")


def renamed(drizzle: Path, old: str, new: str, *, when: int | None = None) -> None:
    change_entry(drizzle, old, rename=new, when=when)
    (drizzle / f"{old}.sql").rename(drizzle / f"{new}.sql")


def test_a_renamed_migration_gets_its_file_and_its_entry_back(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    base = a_repo.head[:12]
    renamed(drizzle, "0002_tags", "0002_labels", when=WHEN)

    fix = first(a_repo).fix

    assert fix.startswith(
        "Call it 0002_tags again, the file and its entry in the journal: `(cd "
        '"$(git rev-parse --show-toplevel)"/drizzle && mv 0002_labels.sql 0002_tags.sql) && '
        f"git checkout {base} -- :/drizzle/meta/_journal.json`.\nIf it was "
    )
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []
    assert a_repo.git("status", "--porcelain", "-uall") != ""
    a_repo.commit()
    assert a_repo.git("diff", "--name-only", base) == ""


def test_a_renumbered_migration_beside_a_new_one_gets_its_snapshot_back_as_well(a_repo: GitRepository) -> None:
    """Base's whole journal would take the new entry out."""
    drizzle = a_landed_folder(a_repo)
    before = read_journal(drizzle)["entries"]
    add_snapshot(drizzle, "0002_tags")
    a_repo.switch("main")
    a_repo.commit()
    a_repo.branch("renumbered")
    renamed(drizzle, "0002_tags", "0004_tags")
    (drizzle / "meta/0002_snapshot.json").rename(drizzle / "meta/0004_snapshot.json")
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)

    fix = next(each for each in every(a_repo) if each.code == "MC203").fix

    journal = '"$(git rev-parse --show-toplevel)"/drizzle/meta/_journal.json'
    assert fix.startswith(
        "Call it 0002_tags again, the file, the snapshot and its entry in the journal: `(cd "
        '"$(git rev-parse --show-toplevel)"/drizzle && mv 0004_tags.sql 0002_tags.sql && '
        "mv meta/0004_snapshot.json meta/0002_snapshot.json) && "
        f"""sed 's/"tag": *"0004_tags"/"tag": "0002_tags"/' {journal} > {journal}.new && mv {journal}.new {journal}`."""
    )
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []
    assert read_journal(drizzle)["entries"][:3] == before
    assert not (drizzle / "meta/_journal.json.new").exists()
    assert (drizzle / "meta/0002_snapshot.json").is_file()


def test_a_renamed_migration_that_no_command_of_a_shell_may_name(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    renamed(drizzle, "0002_tags", "0002_it's & more", when=NEWEST + 1)
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)

    fix = first(a_repo).fix

    assert fix.startswith("Call it 0002_tags again, the file and its entry in the journal: `(cd ")
    assert f"`, and give the entry of 0002_it's & more the `tag` 0002_tags and the `when` {NEWEST}.\n" in fix
    run_fix(a_repo, fix)
    change_entry(drizzle, "0002_it's & more", rename="0002_tags", when=NEWEST)
    assert told(a_history(a_repo)) == []


def test_a_renamed_migration_of_drizzle_1_0(a_repo: GitRepository) -> None:
    folder = a_folder_1_0(a_repo / "drizzle", {"20240101000000_users": "select 1;"})
    a_repo.commit()
    a_repo.branch("feature")
    (folder / "20240101000000_users").rename(folder / "20240101000000_people")

    fix = first(a_repo).fix

    top = '"$(git rev-parse --show-toplevel)"/drizzle'
    assert fix.startswith(
        "Call its folder 20240101000000_users again: "
        f"`mv {top}/20240101000000_people {top}/20240101000000_users`.\nIf it was "
    )
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []


def test_a_deleted_migration_of_a_folder_that_moved(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo).rename(a_repo / "migrations")
    drop_entry(a_repo / "migrations", "0001_posts")
    (a_repo / "migrations/0001_posts.sql").unlink()

    assert first(a_repo, "migrations").fix.startswith("Put it back (`git show ")


def test_a_deleted_migration_of_drizzle_1_0(a_repo: GitRepository) -> None:
    names = ("20240101000000_users", "20240102000000_posts")
    folder = a_folder_1_0(a_repo / "drizzle", dict.fromkeys(names, "select 1;"))
    base = a_repo.commit()[:12]
    a_repo.branch("feature")
    a_folder_1_0(folder, {"20240103000000_new": "select 2;"})
    shutil.rmtree(folder / names[1])

    fix = first(a_repo).fix

    assert fix.startswith(f"Put it back (`git checkout {base} -- :/drizzle/{names[1]}`){UNDO}")
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []


def test_an_entry_that_is_gone_from_beside_its_file_comes_back(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    base = a_repo.head[:12]
    drop_entry(drizzle, "0001_posts")

    fix = first(a_repo).fix

    assert fix.startswith(f"Put its entry back (`git checkout {base} -- :/drizzle/meta/_journal.json`).\nIf it was ")
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []

    drop_entry(drizzle, "0001_posts")
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    assert "/_journal.json`, then add what is new at the end).\nIf it was " in first(a_repo).fix


def test_an_entry_that_is_gone_from_beside_another_file_comes_back_with_its_own(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    (drizzle / "0001_posts.sql").write_bytes(b"select 1;")

    assert first(a_repo).fix.startswith("Put back all that landed (`git checkout ")


def test_reordered_entries_come_back_in_order(a_repo: GitRepository) -> None:
    """Where nothing is new there is nothing to add at the end."""
    drizzle = a_landed_folder(a_repo)
    journal = read_journal(drizzle)
    write_journal(drizzle, {**journal, "entries": journal["entries"][::-1]})

    fix = first(a_repo).fix

    assert fix.endswith("/meta/_journal.json`).")
    run_fix(a_repo, fix)
    assert told(a_history(a_repo)) == []


def two_branches(repo: GitRepository) -> str:
    """Two branches that both made migration 3, merged so that both are kept, as `feature`; gives main's commit."""
    drizzle = a_landed_folder(repo)
    repo.switch("main")
    add_migration(drizzle, "0003_theirs", "select 'theirs';")
    landed = repo.commit()
    repo.branch("merged")
    (drizzle / "0003_mine.sql").write_bytes(b"select 'mine';")
    add_entry(drizzle, "0003_mine", idx=3)
    add_migration(drizzle, "0004_it's more", "select 'more';")
    repo.commit()
    return landed


def test_what_two_branches_made_is_taken_out_to_be_made_anew(a_repo: GitRepository) -> None:
    base = two_branches(a_repo)[:12]

    (found,) = judged(a_history(a_repo))

    assert found.fix == (
        "Keep a copy of what you wrote by hand. Then take out what is new: "
        f'`git checkout {base} -- :/drizzle/meta && (cd "$(git rev-parse '
        "--show-toplevel)\"/drizzle && rm 0003_mine.sql '0004_it'\"'\"'s more.sql' meta/0004_snapshot.json)`, and run "
        "`drizzle-kit generate` again on top of base; what was written by hand goes into "
        "`drizzle-kit generate --custom`."
    )
    run_fix(a_repo, found.fix)
    assert told(a_history(a_repo)) == []
    assert sorted(each.name for each in (a_repo / "drizzle").rglob("*.*")) == [
        *(f"{tag}.sql" for tag in LANDED),
        "0003_snapshot.json",
        "0003_theirs.sql",
        "_journal.json",
    ]


def test_where_the_folder_moved_no_command_does_it(a_repo: GitRepository) -> None:
    two_branches(a_repo)
    (a_repo / "drizzle").rename(a_repo / "migrations")

    assert first(a_repo, "migrations").fix.startswith("Keep a copy of what you wrote by hand. Delete the new")


@pytest.mark.node
def test_the_real_drizzle_kit_makes_anew_what_two_branches_made(a_repo: GitRepository) -> None:
    (a_repo / "node_modules").symlink_to(NODE / "node_modules")
    config = 'export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };'
    a_repo.write({".gitignore": "node_modules", "drizzle.config.ts": config})
    generate(a_repo, "users")
    a_repo.commit()
    a_repo.branch("feature")
    generate(a_repo, "users", "likes")
    generate(a_repo, "users", "likes", "flags")
    mine = read_journal(a_repo / "drizzle")["entries"][1:]
    a_repo.commit()
    a_repo.switch("main")
    generate(a_repo, "users", "tags")
    a_repo.commit()
    a_repo.switch("feature")
    a_repo.merge("main", strategy="theirs")
    journal = read_journal(a_repo / "drizzle")
    write_journal(a_repo / "drizzle", {**journal, "entries": [*journal["entries"][:2], *mine]})
    found = next(each for each in judged(a_history(a_repo)) if each.code == "MC208")

    run_fix(a_repo, found.fix)
    generate(a_repo, "users", "flags", "tags", "likes")

    assert [each for each in offline(a_repo).findings if each.blocks] == []
    assert [each["tag"] for each in read_journal(a_repo / "drizzle")["entries"]] == [
        "0000_users",
        "0001_tags",
        "0002_likes",
    ]
    made = (a_repo / "drizzle/0002_likes.sql").read_text()
    assert ["likes" in made, "flags" in made, "tags" in made] == [True, True, False]


def generate(repo: GitRepository, *tables: str) -> None:
    """Let drizzle-kit write a migration, called like the last of `tables`, to a schema of all of them."""
    write_schema(repo, *tables)
    kit = [str(NODE / "node_modules/.bin/drizzle-kit"), "generate", "--name", tables[-1]]
    subprocess.run(kit, cwd=repo.top, env=environment(), capture_output=True, check=True)


def write_schema(repo: GitRepository, *tables: str) -> None:
    lines = (f'export const {each} = pgTable("{each}", {{ id: integer() }});' for each in tables)
    repo.write({"schema.ts": "\n".join(('import { integer, pgTable } from "drizzle-orm/pg-core";', *lines))})
