"""Rollbacks: the SQL beside a migration that undoes it. Drizzle has none and reads none of these files."""

from collections.abc import Iterable

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.names import file_of

BESIDE = ".down"
"""What a rollback beside its migration has behind that one's tag, in a 0.x folder."""
_APART = "down/"
BESIDE_1_0 = "down.sql"
"""Its name in the layout of 1.0, in the folder of its migration."""


class Rollback(Struct, frozen=True):
    """What undoes `migration`: `script` is the file, as Drizzle would read it if it were a migration."""

    migration: Migration
    script: Migration


class Undo(Struct, frozen=True):
    """One step back: `rollback`, and the `row` of the ledger that goes with it, by its hash and `created_at`."""

    rollback: Rollback
    row: tuple[str, int]

    @property
    def tag(self) -> str:
        """The tag of the migration that is undone."""
        return self.rollback.migration.tag


def as_recorded(rollback: Rollback) -> Undo:
    """The step where the row is as Drizzle writes it."""
    return Undo(rollback, (rollback.migration.hash, rollback.migration.when))


def rollbacks_of(folder: Folder) -> tuple[Rollback, ...]:
    """The rollbacks of `folder`, in the order of the migrations that they undo."""
    found = ((each, folder.rollbacks.get(each.tag)) for each in folder.migrations)
    return tuple(rollback_by(each, file.path, file.sql) for each, file in found if file is not None)


def rollback_by(migration: Migration, path: str, sql: bytes) -> Rollback:
    """What undoes `migration` by the `sql` at `path`."""
    return Rollback(migration, Migration(f"{migration.tag}{BESIDE}", migration.when, path, sql))


def rollback_names(tags: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Which of `names` undoes what, in a 0.x folder whose journal has `tags`: the name by the tag.

    `0007_orders.down.sql` beside `0007_orders.sql`, or `down/0007_orders.sql`; where there are both, the one beside.
    What the journal names is a migration, whatever it is called.
    """
    wanted, there = {file_of(tag) for tag in tags}, set(names)
    found = {}
    for tag in tags:
        candidates = (f"{file_of(tag).removesuffix('.sql')}{BESIDE}.sql", f"{_APART}{file_of(tag)}")
        name = next((each for each in candidates if each in there and each not in wanted), None)
        if name is not None:
            found[tag] = name
    return found


def rollback_path(layout: Layout, folder: str, tag: str) -> str:
    """Where the rollback of the migration called `tag` is written: beside it."""
    prefix = "" if folder == "." else f"{folder}/"
    if layout is Layout.FOLDERS:
        return f"{prefix}{tag}/{BESIDE_1_0}"
    return f"{prefix}{file_of(tag).removesuffix('.sql')}{BESIDE}.sql"
