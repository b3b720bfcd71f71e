"""The ledger: what a database says has been applied, and what Drizzle would run next on it.

Source: drizzle-orm 0.45 pg-core/dialect.js `migrate`, 1.0.0-rc.5 migrator.utils.js `getMigrationsToRun`.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Layout, Migration


class Batching(StrEnum):
    """All pending migrations in one transaction, as Drizzle does, or one transaction for each migration."""

    ALL = "all"
    EACH = "each"


class LedgerName(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the ledger is: `migrations.schema` and `migrations.table` of drizzle.config."""

    schema: str = "drizzle"
    table: str = "__drizzle_migrations"

    def __str__(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.table}"


class LedgerRow(Struct, frozen=True):
    """One row. `created_at` is the journal's `when` in ms, not a time of application. `name` exists in 1.0 only.

    `id` is a number below 0 of its own where the row has none.
    """

    id: int
    hash: str
    created_at: int | None
    name: str | None = None

    def __str__(self) -> str:
        """`row 3: hash 9f86…, created_at 1700000000000`, with the whole hash."""
        return f"row {self.id}: hash {self.hash}, created_at {'NULL' if self.created_at is None else self.created_at}"


class Ledger(Struct, frozen=True):
    """All rows of a ledger, by `id`; `rows` is empty where the table is not there (`exists`) or holds nothing."""

    name: LedgerName
    rows: tuple[LedgerRow, ...] = ()
    exists: bool = True

    def records(self) -> Counter[tuple[str, int | None]]:
        """How often each `(hash, created_at)` is recorded. Rows written by hand may have any `id`, so not in order."""
        return Counter((row.hash, row.created_at) for row in self.rows)

    @property
    def mark(self) -> int | None:
        """The `created_at` Drizzle compares with: NULL sorts first and counts as 0; None where there is no row."""
        if any(row.created_at is None for row in self.rows):
            return 0
        return max((row.created_at for row in self.rows if row.created_at is not None), default=None)


def pending(folder: Folder, ledger: Ledger) -> tuple[Migration, ...]:
    """What Drizzle would run next, in the folder's order.

    0.x: every migration whose `when` is strictly above the mark. 1.0: every migration whose name no row has.
    """
    if folder.layout is Layout.FOLDERS:
        names = {row.name for row in ledger.rows}
        return tuple(each for each in folder.migrations if each.tag not in names)
    return above(folder.migrations, ledger.mark)


def above(migrations: Sequence[Migration], mark: int | None) -> tuple[Migration, ...]:
    """The migrations that Drizzle 0.x runs on a ledger whose mark is `mark`."""
    return tuple(each for each in migrations if mark is None or mark < each.when)
