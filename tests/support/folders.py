"""Builders of Drizzle folders, on disk, as drizzle-kit writes them.

    drizzle = a_folder(tmp_path / "drizzle", {"0000_users": "create table users (id int);"})
    add_migration(drizzle, "0001_posts", "create table posts (id int);")      # as `drizzle-kit generate` adds one
    change_entry(drizzle, "0001_posts", when=WHEN)                             # any key of its journal entry
    drop_entry(drizzle, "0001_posts")                                          # the entry alone: file and snapshot stay

Every builder is deterministic: the same calls give the same bytes. `when` starts at WHEN and grows by STEP.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from migcheck.drizzle.snapshot import ROOT

WHEN = 1_700_000_000_000
"""The `when` of a folder's first migration: 2023-11-14T22:13:20Z, in ms."""
STEP = 60_000
"""What each next migration's `when` is greater by: a minute, in ms."""


class Row(TypedDict):
    """An entry of the journal, as drizzle-kit writes it."""

    idx: int
    version: str
    when: int
    tag: str
    breakpoints: bool


class JournalFile(TypedDict):
    """The journal, as drizzle-kit writes it."""

    version: str
    dialect: str
    entries: list[Row]


def a_folder(
    root: Path,
    migrations: Mapping[str, str | bytes],
    *,
    version: str = "7",
    dialect: str = "postgresql",
    when: Mapping[str, int] | None = None,
    snapshots: bool = True,
) -> Path:
    """Write a 0.x folder at `root` (made where it is missing) with `migrations` by tag, in order; give `root`.

    `when` overrides the time of single tags. Without `snapshots` there is a journal and SQL alone.
    """
    journal: JournalFile = {"version": version, "dialect": dialect, "entries": []}
    (root / "meta").mkdir(parents=True, exist_ok=True)
    parent = ROOT
    for tag, sql in migrations.items():
        (root / f"{tag}.sql").write_bytes(_encoded(sql))
        journal["entries"].append(_row(journal, tag, when=(when or {}).get(tag)))
        written = _write_snapshot(root, journal, tag, parent) if snapshots else ROOT
        # drizzle-kit never looks at files whose name begins with an underscore, as those of prefix `none` do.
        parent = ROOT if tag.startswith("_") else written
    write_journal(root, journal)
    return root


def add_migration(
    folder: Path, tag: str, sql: str | bytes, *, when: int | None = None, snapshot: bool = True, entry: bool = True
) -> None:
    """Add one migration at the end: file, journal entry, and a snapshot that follows the folder's last one."""
    (folder / f"{tag}.sql").write_bytes(_encoded(sql))
    if snapshot:
        add_snapshot(folder, tag)
    if entry:
        add_entry(folder, tag, when=when)


def add_entry(folder: Path, tag: str, *, when: int | None = None, idx: int | None = None) -> None:
    """Append an entry to the journal: the next idx, and the last entry's `when` plus STEP."""
    journal = read_journal(folder)
    journal["entries"].append(_row(journal, tag, when=when, idx=idx))
    write_journal(folder, journal)


def add_snapshot(folder: Path, tag: str, *, parent: str | None = None) -> str:
    """Write the snapshot of `tag`; give its id. `parent` is an id, and by default that of the last file by name."""
    if parent is None:
        own = _snapshot_path(folder, tag)
        before = sorted(each for each in own.parent.glob("[!_]*_snapshot.json") if each != own)
        parent = json.loads(before[-1].read_bytes())["id"] if before else ROOT
    return _write_snapshot(folder, read_journal(folder), tag, parent)


def snapshot_id(tag: str) -> str:
    """The id that `add_snapshot` gives the snapshot of `tag`."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, tag))


def change_entry(
    folder: Path, tag: str, *, when: int | None = None, idx: int | None = None, rename: str | None = None
) -> None:
    """Change the journal entry of `tag`: its `when`, its `idx`, its tag. No file is touched."""

    def change(row: Row) -> Row:
        if row["tag"] != tag:
            return row
        return {
            **row,
            "when": row["when"] if when is None else when,
            "idx": row["idx"] if idx is None else idx,
            "tag": rename or tag,
        }

    _rewrite(folder, lambda rows: [change(row) for row in rows])


def drop_entry(folder: Path, tag: str) -> None:
    """Remove the journal entry of `tag`. Its file and its snapshot stay."""
    _rewrite(folder, lambda rows: [row for row in rows if row["tag"] != tag])


def move_entry(folder: Path, tag: str, position: int) -> None:
    """Move the journal entry of `tag` to `position`, counted from 0; every `when` and `idx` stays with its tag."""

    def moved(rows: list[Row]) -> list[Row]:
        one = next(row for row in rows if row["tag"] == tag)
        rest = [row for row in rows if row is not one]
        return [*rest[:position], one, *rest[position:]]

    _rewrite(folder, moved)


def read_journal(folder: Path) -> JournalFile:
    """The journal as it is on disk."""
    journal: JournalFile = json.loads((folder / "meta" / "_journal.json").read_bytes())
    return journal


def write_journal(folder: Path, journal: JournalFile) -> None:
    """Write the journal as drizzle-kit does: two spaces, no newline at the end."""
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    (folder / "meta" / "_journal.json").write_text(json.dumps(journal, indent=2), encoding="utf-8")


def a_folder_1_0(root: Path, migrations: Mapping[str, str | bytes], *, snapshots: bool = True) -> Path:
    """Write a folder of Drizzle 1.0 at `root`: `<14 digits>_<name>/migration.sql` for each of `migrations`, by name."""
    root.mkdir(parents=True, exist_ok=True)
    parents: Iterable[str] = [ROOT]
    for name, sql in migrations.items():
        (root / name).mkdir()
        (root / name / "migration.sql").write_bytes(_encoded(sql))
        if snapshots:
            content = {"version": "9", "dialect": "postgres", "id": snapshot_id(name), "prevIds": list(parents)}
            text = json.dumps(content | {"ddl": [], "renames": []}, indent=2)
            (root / name / "snapshot.json").write_text(text, encoding="utf-8")
            parents = [snapshot_id(name)]
    return root


_EMPTY_SCHEMA: dict[str, object] = {
    "tables": {},
    "enums": {},
    "schemas": {},
    "sequences": {},
    "roles": {},
    "policies": {},
    "views": {},
    "_meta": {"columns": {}, "schemas": {}, "tables": {}},
}


def _row(journal: JournalFile, tag: str, *, when: int | None = None, idx: int | None = None) -> Row:
    last = journal["entries"][-1] if journal["entries"] else None
    return {
        "idx": idx if idx is not None else (last["idx"] + 1 if last else 0),
        "version": journal["version"],
        "when": when if when is not None else (last["when"] + STEP if last else WHEN),
        "tag": tag,
        "breakpoints": True,
    }


def _snapshot_path(folder: Path, tag: str) -> Path:
    return folder / "meta" / f"{tag.partition('_')[0]}_snapshot.json"


def _write_snapshot(folder: Path, journal: JournalFile, tag: str, parent: str) -> str:
    identity = snapshot_id(tag)
    content = {"id": identity, "prevId": parent, "version": journal["version"], "dialect": journal["dialect"]}
    text = json.dumps(content | _EMPTY_SCHEMA, indent=2)
    _snapshot_path(folder, tag).write_text(text, encoding="utf-8")
    return identity


def _rewrite(folder: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    journal = read_journal(folder)
    write_journal(folder, {**journal, "entries": change(journal["entries"])})


def _encoded(sql: str | bytes) -> bytes:
    return sql if isinstance(sql, bytes) else sql.encode()
