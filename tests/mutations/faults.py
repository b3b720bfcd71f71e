"""Each fault that a folder can bring of itself, with its history and on any server, as a change to a healthy folder.

The healthy folder has four landed migrations and two new ones (see `healthy`). Each fault breaks it in one place.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.folders import (
    STEP,
    WHEN,
    a_folder,
    add_entry,
    add_migration,
    add_snapshot,
    change_entry,
    drop_entry,
    move_entry,
    read_journal,
    snapshot_id,
    write_journal,
)
from tests.support.repositories import GitRepository

LANDED = {
    "0000_users": "CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL);",
    "0001_posts": "CREATE TABLE posts (id serial PRIMARY KEY, author integer REFERENCES users (id));",
    "0002_mood": "CREATE TYPE mood AS ENUM ('calm');--> statement-breakpoint\nALTER TABLE users ADD COLUMN mood mood;",
    "0003_index": "CREATE INDEX posts_author ON posts (author);",
}
NEW = {
    "0004_tags": "CREATE TABLE tags (name text PRIMARY KEY);--> statement-breakpoint\nINSERT INTO tags VALUES ('a');",
    "0005_bio": "ALTER TABLE users ADD COLUMN bio text;",
}
LAST_WHEN = WHEN + 5 * STEP


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, what breaks the folder that way, and all that may be said of it, as `code severity migration`."""

    name: str
    inject: Callable[[Path], None]
    expected: tuple[str, ...]
    committed: bool = True


def healthy(repository: GitRepository) -> Path:
    """A folder with landed migrations in a commit, and new ones that are not committed yet."""
    drizzle = a_folder(repository / "drizzle", LANDED)
    repository.commit(message="Landed")
    for tag, sql in NEW.items():
        add_migration(drizzle, tag, sql)
    return drizzle


def _sql(tag: str, content: str | bytes) -> Callable[[Path], None]:
    def write(drizzle: Path) -> None:
        (drizzle / f"{tag}.sql").write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def _remove(name: str) -> Callable[[Path], None]:
    return lambda drizzle: (drizzle / name).unlink()


def _entry(tag: str, *, when: int) -> Callable[[Path], None]:
    return lambda drizzle: change_entry(drizzle, tag, when=when)


def _raw_entry(tag: str, key: str, value: object) -> Callable[[Path], None]:
    """Set a key of an entry to anything; None removes it."""

    def change(drizzle: Path) -> None:
        journal = json.loads((drizzle / "meta" / "_journal.json").read_bytes())
        row = next(each for each in journal["entries"] if each["tag"] == tag)
        row.pop(key) if value is None else row.update({key: value})
        write_journal(drizzle, journal)

    return change


def _journal(content: bytes) -> Callable[[Path], None]:
    return lambda drizzle: _write(drizzle / "meta" / "_journal.json", content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _escape(drizzle: Path) -> None:
    _write(drizzle.parent / "elsewhere" / "0006_out.sql", b"SELECT 1;")
    add_entry(drizzle, "../elsewhere/0006_out")


def _link_out(drizzle: Path) -> None:
    _write(drizzle.parent / "elsewhere" / "secret.sql", b"SELECT 1;")
    (drizzle / "0005_bio.sql").unlink()
    (drizzle / "0005_bio.sql").symlink_to("../elsewhere/secret.sql")


def _snapshot(drizzle: Path, tag: str, parent: str) -> None:
    add_snapshot(drizzle, tag, parent=parent)


def _ignored(drizzle: Path) -> None:
    _write(drizzle.parent / ".gitignore", b"0006*")
    add_migration(drizzle, "0006_ignored", "CREATE TABLE ignored (id integer);")


def _twins(drizzle: Path) -> None:
    """Two branches, each with a migration of idx 5: both files, both entries, and the one snapshot that is left."""
    add_migration(drizzle, "0005_twin", "CREATE TABLE twin (id integer);", snapshot=False)
    change_entry(drizzle, "0005_twin", idx=5)


def _directory(drizzle: Path) -> None:
    (drizzle / "0005_bio.sql").unlink()
    (drizzle / "0005_bio.sql").mkdir()


def _merged_twin(drizzle: Path) -> None:
    """One branch made migration 4 and landed; the other made its own, and was merged with both kept."""
    add_migration(drizzle, "0004_twin", "CREATE TABLE twin (id integer);", snapshot=False)
    change_entry(drizzle, "0004_twin", idx=3)


def _restart(drizzle: Path) -> None:
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_anew": "CREATE TABLE anew (id integer);"}, when={"0000_anew": LAST_WHEN})


def _both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def inject(drizzle: Path) -> None:
        for change in changes:
            change(drizzle)

    return inject


def _rename(drizzle: Path) -> None:
    (drizzle / "0001_posts.sql").rename(drizzle / "0001_articles.sql")
    change_entry(drizzle, "0001_posts", rename="0001_articles")


def _insert(drizzle: Path) -> None:
    add_migration(drizzle, "0006_early", "CREATE TABLE early (id integer);")
    move_entry(drizzle, "0006_early", 1)


def _delete_landed(drizzle: Path) -> None:
    """Entry, file and snapshot, as `drizzle-kit drop` does."""
    (drizzle / "0003_index.sql").unlink()
    (drizzle / "meta" / "0003_snapshot.json").unlink()
    drop_entry(drizzle, "0003_index")
    add_snapshot(drizzle, "0004_tags", parent=snapshot_id("0002_mood"))


def _swap_times(drizzle: Path) -> None:
    journal = read_journal(drizzle)
    journal["entries"][4]["when"], journal["entries"][5]["when"] = LAST_WHEN, LAST_WHEN - STEP
    write_journal(drizzle, journal)


FOLDER = (
    Fault("no journal", _remove("meta/_journal.json"), ("MC100 error -",)),
    Fault("journal is a list", _journal(b"[]"), ("MC100 error -",)),
    Fault("journal is truncated", _journal(b'{"version": "7", "entries": ['), ("MC100 error -",)),
    Fault(
        "journal of another dialect", _journal(b'{"version":"7","dialect":"mysql","entries":[]}'), ("MC100 error -",)
    ),
    Fault("entry without file", _remove("0005_bio.sql"), ("MC101 error 0005_bio",)),
    Fault("file without entry", _sql("0006_lost", "SELECT 1;"), ("MC102 error 0006_lost",)),
    Fault("entry without when", _raw_entry("0005_bio", "when", None), ("MC103 error 0005_bio",)),
    Fault("when is a string", _raw_entry("0005_bio", "when", "soon"), ("MC103 error 0005_bio",)),
    Fault("duplicate tag", lambda drizzle: add_entry(drizzle, "0005_bio", idx=6), ("MC104 error 0005_bio",)),
    Fault("duplicate landed tag", lambda drizzle: add_entry(drizzle, "0001_posts", idx=6), ("MC104 error 0001_posts",)),
    Fault("duplicate idx", _twins, ("MC105 error 0005_twin",)),
    Fault("when goes back", _swap_times, ("MC106 error 0005_bio",)),
    Fault("when is equal", _entry("0005_bio", when=LAST_WHEN - STEP), ("MC106 error 0005_bio",)),
    Fault("when in the future", _entry("0005_bio", when=4_000_000_000_000), ("MC107 error 0005_bio",)),
    Fault("tag leaves the folder", _escape, ("MC108 error ../elsewhere/0006_out",)),
    Fault("link leaves the folder", _link_out, ("MC108 error 0005_bio",)),
    Fault("directory named like a migration", _directory, ("MC109 error 0005_bio",)),
    Fault("snapshot missing", _remove("meta/0005_snapshot.json"), ("MC110 error 0005_bio",)),
    Fault(
        "snapshot orphaned",
        lambda drizzle: _write(
            drizzle / "meta" / "0009_snapshot.json",
            (drizzle / "meta" / "0005_snapshot.json").read_bytes().replace(snapshot_id("0005_bio").encode(), b"9" * 8),
        ),
        ("MC111 error -",),
    ),
    Fault(
        "snapshot malformed",
        lambda drizzle: _write(drizzle / "meta" / "0005_snapshot.json", b"{"),
        ("MC112 error -",),
    ),
    Fault(
        "two snapshots with one parent",
        lambda drizzle: _snapshot(drizzle, "0005_bio", snapshot_id("0003_index")),
        ("MC113 error -",),
    ),
    Fault(
        "snapshot chain broken",
        lambda drizzle: _snapshot(drizzle, "0005_bio", snapshot_id("nowhere")),
        ("MC114 error -",),
    ),
    Fault("SQL ignored by git", _ignored, ("MC140 error 0006_ignored",), committed=False),
    Fault(
        "layouts mixed",
        lambda drizzle: _write(drizzle / "20260101000000_new" / "migration.sql", b"SELECT 1;"),
        ("MC141 error -",),
    ),
    Fault("byte order mark", _sql("0005_bio", b"\xef\xbb\xbf" + NEW["0005_bio"].encode()), ("MC120 error 0005_bio",)),
    Fault("invalid UTF-8", _sql("0005_bio", b"-- caf\xe9\n" + NEW["0005_bio"].encode()), ("MC121 error 0005_bio",)),
    Fault("NUL byte", _sql("0005_bio", b"\x00" + NEW["0005_bio"].encode()), ("MC122 error 0005_bio",)),
    Fault("CR", _sql("0005_bio", NEW["0005_bio"] + "\r\n"), ("MC123 error 0005_bio",)),
    Fault(
        "conflict markers",
        _sql("0005_bio", f"<<<<<<< HEAD\n{NEW['0005_bio']}\n=======\n>>>>>>> theirs\n"),
        ("MC124 error 0005_bio",),
    ),
    Fault("nothing but comments", _sql("0005_bio", "-- nothing\n"), ("MC125 error 0005_bio",)),
    Fault(
        "SQL on the line of a comment",
        _sql("0005_bio", f"-- Custom SQL migration file, put your code below! --{NEW['0005_bio']}"),
        ("MC126 error 0005_bio",),
    ),
    Fault("a command of psql", _sql("0005_bio", f"\\set a 1\n{NEW['0005_bio']}"), ("MC127 error 0005_bio",)),
    Fault(
        "text after a marker",
        _sql("0004_tags", NEW["0004_tags"].replace("breakpoint\n", "breakpoint ")),
        ("MC132 warning 0004_tags",),
    ),
    Fault(
        "near miss of a marker",
        _sql("0004_tags", NEW["0004_tags"].replace("--> statement", "-->statement")),
        ("MC130 warning 0004_tags",),
    ),
    Fault(
        "marker in a string",
        _sql("0004_tags", NEW["0004_tags"].replace("'a'", "'--> statement-breakpoint'")),
        ("MC131 error 0004_tags",),
    ),
    Fault(
        "marker in a dollar quote",
        _sql("0004_tags", "DO $$ BEGIN\n--> statement-breakpoint\nEND $$;"),
        ("MC131 error 0004_tags",),
    ),
)
"""Gate `folder`."""

HISTORY = (
    Fault("landed migration edited", _sql("0001_posts", LANDED["0001_posts"] + " "), ("MC201 error 0001_posts",)),
    Fault("landed migration deleted", _delete_landed, ("MC202 error 0003_index",)),
    Fault("landed migration renamed", _rename, ("MC203 error 0001_articles",)),
    Fault("landed entry changed", _entry("0003_index", when=WHEN + 3 * STEP - 1), ("MC204 error 0003_index",)),
    Fault(
        "landed entries reordered", lambda drizzle: move_entry(drizzle, "0003_index", 2), ("MC205 error 0003_index",)
    ),
    Fault("inserted before landed ones", _insert, ("MC206 error 0006_early",)),
    Fault("two branches merged with one idx", _merged_twin, ("MC208 error 0004_twin",)),
    Fault("folder restarted", _restart, ("MC209 error 0000_anew",)),
    Fault("when is not after base's", _entry("0005_bio", when=WHEN + 2 * STEP), ("MC207 error 0005_bio",)),
)
"""Gate `history`."""

REPLAY = (
    Fault("a statement fails", _sql("0005_bio", "ALTER TABLE nobody ADD COLUMN bio text;"), ("MC401 error 0005_bio",)),
    Fault(
        "a new enum value is used by the next migration",
        _both(
            _sql("0004_tags", "ALTER TYPE mood ADD VALUE 'wild';"),
            _sql("0005_bio", "UPDATE users SET mood = 'wild';"),
        ),
        ("MC401 error 0005_bio",),
    ),
    Fault(
        "a migration writes what no two runs share",
        _sql("0005_bio", "DO $$ BEGIN EXECUTE 'CREATE TABLE t' || substr(md5(random()::text), 1, 8) || ' ()'; END $$;"),
        ("MC404 error -",),
    ),
    Fault(
        "a migration writes to the ledger",
        _sql(
            "0005_bio",
            "DO $$ BEGIN EXECUTE format('INSERT INTO drizzle.%I (hash, created_at) VALUES (%L, 9999999999999)', "
            "'__drizzle_migrations', 'x'); END $$;",
        ),
        ("MC408 error -",),
    ),
)
"""Gate `replay`."""
