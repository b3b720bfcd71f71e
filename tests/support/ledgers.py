"""Folders and ledgers without disk or server, for what is pure.

folder = a_pure_folder({"0000_users": 100, "0001_posts": 200})
ledger = a_ledger(applied(folder, 1))                       # the first migration's row
facts = on_target(folder, ledger)
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.journal import Entry, Journal
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.facts.target.judged import Target, TargetFacts

COLUMNS = {"id": "integer", "hash": "text", "created_at": "bigint"}
COLUMNS_1_0 = {**COLUMNS, "name": "text", "applied_at": "timestamp with time zone"}


def a_pure_folder(whens: Mapping[str, int], layout: Layout = Layout.JOURNAL, sql: str = "select '{}';") -> Folder:
    """A folder whose migrations have these tags and times; each file is `sql` with the tag filled in."""
    migrations = tuple(
        Migration(tag, when, f"drizzle/{tag}.sql", sql.format(tag).encode()) for tag, when in whens.items()
    )
    entries = tuple(Entry(at, at, tag, when, 4 + 7 * at) for at, (tag, when) in enumerate(whens.items()))
    journal = Journal("drizzle/meta/_journal.json", "7", "postgresql", entries)
    return Folder("drizzle", layout, journal, migrations, (), (), ())


def rows_of(folder: Folder, count: int | None = None) -> list[LedgerRow]:
    """The rows that Drizzle leaves for the first `count` migrations of `folder`."""
    return [
        LedgerRow(number, each.hash, each.when, each.tag if folder.layout is Layout.FOLDERS else None)
        for number, each in enumerate(folder.migrations[:count], 1)
    ]


def a_ledger(rows: Iterable[LedgerRow] = ()) -> Ledger:
    return Ledger(LedgerName(), tuple(rows))


def a_target(ledger: Ledger, columns: Mapping[str, str] = COLUMNS) -> Target:
    """A target in order that has `ledger`."""
    return Target(
        name="db.example.com/app",
        version=170_010,
        ledger=ledger,
        ledger_kind="r",
        read_only=False,
        may_create=True,
        extensions=("plpgsql",),
        ledger_columns=columns,
        role="app",
    )


def on_target(folder: Folder, rows: Iterable[LedgerRow] = (), known: Mapping[str, str] | None = None) -> TargetFacts:
    columns = COLUMNS_1_0 if folder.layout is Layout.FOLDERS else COLUMNS
    return TargetFacts(a_target(a_ledger(rows), columns), folder, known or {})


def with_sql(folder: Folder, tag: str, sql: bytes) -> Folder:
    """`folder` with another text in one file."""
    changed = (replace(each, sql=sql) if each.tag == tag else each for each in folder.migrations)
    return replace(folder, migrations=tuple(changed))
