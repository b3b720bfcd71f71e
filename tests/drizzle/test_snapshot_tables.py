"""The tables of a snapshot, in every version, and of what is none."""

import json

import pytest

from migcheck.drizzle.snapshot_tables import SnapshotColumn, SnapshotTable, snapshot_tables

COLUMNS = {
    "id": {"name": "id", "type": "serial", "primaryKey": True, "notNull": False},
    "mood": {"name": "mood", "type": "mood", "typeSchema": "public", "notNull": True, "default": "'glad'"},
    "at": {"name": "at", "type": "integer", "notNull": False, "identity": {"type": "always"}, "default": None},
    "twice": {"name": "twice", "type": "integer", "notNull": False, "generated": {"as": "1", "type": "stored"}},
    "names": {"name": "names", "type": "text[]", "notNull": False, "default": 0},
}
READ = (
    SnapshotColumn("id", "serial", required=True, filled=True, generated=False),
    SnapshotColumn("mood", "public.mood", required=True, filled=True, generated=False),
    SnapshotColumn("at", "integer", required=False, filled=True, generated=False),
    SnapshotColumn("twice", "integer", required=False, filled=False, generated=True),
    SnapshotColumn("names", "text[]", required=False, filled=True, generated=False),
)


@pytest.mark.parametrize("version", ["5", "6", "7"])
def test_every_version_of_0_x(version: str) -> None:
    users = {
        "name": "users",
        "schema": "",
        "columns": COLUMNS,
        "indexes": {"by_mood": {"name": "by_mood"}},
        "checkConstraints": {"c": {"name": "c", "value": "id > 3"}},
        "isRLSEnabled": True,
    }
    items = {"name": "items", "schema": "stock", "columns": {}, "policies": {"p": {}}}
    content = {"version": version, "tables": {"public.users": users, "stock.items": items, "x": {"name": "x"}}}

    assert snapshot_tables(json.dumps(content).encode()) == (
        SnapshotTable("public", "users", READ, frozenset({"by_mood"}), ("id > 3",), guarded=True),
        SnapshotTable("stock", "items", (), frozenset(), (), guarded=True),
        SnapshotTable("public", "x", (), frozenset(), (), guarded=False),
    )


def test_the_list_of_1_0() -> None:
    of = {"schema": "public", "table": "users"}
    listed = [{**each, **of, "entityType": "columns", "dimensions": 0} for each in COLUMNS.values()]
    listed[-1] |= {"type": "text", "dimensions": 1}
    content = {
        "version": "8",
        "ddl": [
            {"entityType": "tables", "schema": "public", "name": "users", "isRlsEnabled": False},
            {"entityType": "tables", "schema": "stock", "name": "items", "isRlsEnabled": True},
            *listed,
            {"entityType": "indexes", "name": "by_mood", "columns": [{"value": "mood"}], **of},
            {"entityType": "checks", "name": "c", "value": "id > 3", **of},
            {"entityType": "policies", "name": "p", **of},
            {"entityType": "enums", "name": "mood", "schema": "public", "values": ["sad"]},
        ],
    }

    assert snapshot_tables(json.dumps(content).encode()) == (
        SnapshotTable("public", "users", READ, frozenset({"by_mood"}), ("id > 3",), guarded=True),
        SnapshotTable("stock", "items", (), frozenset(), (), guarded=True),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"tables": []}',
        b'{"tables": {"a": {"name": 3}}}',
        b'{"ddl": [{"entityType": "columns", "name": "x"}]}',
        b'{"ddl": [' + b"[" * 100_000,
        b'{"tables": {"a": {"name": "a", "indexes": {"b": ' + b"[" * 100_000,
    ],
)
def test_what_is_none_tells_nothing(content: bytes) -> None:
    assert snapshot_tables(content) is None


def test_a_snapshot_without_tables() -> None:
    assert snapshot_tables(b'{"version": "7", "dialect": "postgresql"}') == ()
