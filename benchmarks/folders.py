"""Synthetic folders of a believable size: what drizzle-kit would have written after years of work on one schema.

`with_snapshots` writes the whole schema after every migration, as drizzle-kit does, so that a folder of 300 migrations
carries about 90 MB of JSON. `without_snapshots` writes the SQL alone, for runs where only the server counts.
"""

import json
import uuid
from pathlib import Path

WHEN = 1_600_000_000_000
ROOT = "00000000-0000-0000-0000-000000000000"
JSON = dict[str, object]


def without_snapshots(folder: Path, migrations: int) -> None:
    """`migrations` files that make tables, add columns, indexes, keys and rows; one to three pieces each."""
    for number in range(migrations):
        _write(folder, number, _sql(number))
    _journal(folder, migrations)


def with_snapshots(folder: Path, migrations: int, megabytes: int) -> None:
    """The same files, each with a snapshot; the tables grow so that all snapshots together have `megabytes` of 10^6."""
    without_snapshots(folder, migrations)
    # A table is written as often as there are snapshots after it: half of them, on the average.
    columns = max(1, round(megabytes * 1e6 / (migrations * migrations / 2) / _COLUMN_BYTES))
    tables: dict[str, JSON] = {}
    parent = ROOT
    for number in range(migrations):
        tables[f"public.table_{number:04d}"] = _table(number, columns)
        identity = str(uuid.UUID(int=number + 1))
        (folder / "meta" / f"{number:04d}_snapshot.json").write_text(
            json.dumps(_snapshot(identity, parent, tables), indent=2), "utf-8"
        )
        parent = identity


_BREAKPOINT = "--> statement-breakpoint\n"
_PIECES = (
    """CREATE TABLE "%own" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	"name" text NOT NULL,
	"email" varchar(320),
	"parent_id" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "%own_name_idx" ON "%own" USING btree ("name");--> statement-breakpoint
ALTER TABLE "%own" ADD CONSTRAINT "%own_parent_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."%parent"("id");""",
    """ALTER TABLE "%own" ADD COLUMN "amount" numeric(12, 2) DEFAULT '0' NOT NULL;--> statement-breakpoint
ALTER TABLE "%own" ADD CONSTRAINT "%own_amount_check" CHECK ("%own"."amount" >= 0);""",
    """INSERT INTO "%own" ("name", "email") VALUES ('first', 'first@example.com'), ('second', NULL);""",
    """ALTER TABLE "%own" ALTER COLUMN "name" SET DEFAULT '';--> statement-breakpoint
CREATE UNIQUE INDEX "%own_email_idx" ON "%own" USING btree (lower("email"));""",
)
# What one column takes in a snapshot, indented as drizzle-kit indents it.
_COLUMN_BYTES = 170


def _sql(number: int) -> str:
    """Four migrations a table; each table but the first refers to the one before."""
    own, parent = (f"table_{each - each % 4:04d}" for each in (number, number - 4))
    piece = _PIECES[number % 4] if number else _PIECES[0].rpartition(_BREAKPOINT)[0]
    return piece.replace("%own", own).replace("%parent", parent)


def _write(folder: Path, number: int, sql: str) -> None:
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    (folder / f"{_tag(number)}.sql").write_text(sql, "utf-8")


def _journal(folder: Path, migrations: int) -> None:
    entries = [
        {"idx": number, "version": "7", "when": WHEN + number * 60_000, "tag": _tag(number), "breakpoints": True}
        for number in range(migrations)
    ]
    journal = {"version": "7", "dialect": "postgresql", "entries": entries}
    (folder / "meta" / "_journal.json").write_text(json.dumps(journal, indent=2), "utf-8")


def _tag(number: int) -> str:
    return f"{number:04d}_step"


def _table(number: int, columns: int) -> JSON:
    name = f"table_{number:04d}"
    return {
        "name": name,
        "schema": "",
        "columns": {f"column_{each:03d}": _column(each) for each in range(columns)},
        "indexes": {},
        "foreignKeys": {},
        "compositePrimaryKeys": {},
        "uniqueConstraints": {},
        "policies": {},
        "checkConstraints": {},
        "isRLSEnabled": False,
    }


def _column(number: int) -> JSON:
    return {"name": f"column_{number:03d}", "type": "text", "primaryKey": False, "notNull": False}


def _snapshot(identity: str, parent: str, tables: dict[str, JSON]) -> JSON:
    return {
        "id": identity,
        "prevId": parent,
        "version": "7",
        "dialect": "postgresql",
        "tables": tables,
        "enums": {},
        "schemas": {},
        "sequences": {},
        "roles": {},
        "policies": {},
        "views": {},
        "_meta": {"columns": {}, "schemas": {}, "tables": {}},
    }
