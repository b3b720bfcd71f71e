"""Snapshots as bytes: the head is read, the rest only has to be JSON."""

import json
import time

import pytest

from migcheck.drizzle.snapshot import ROOT, BrokenSnapshot, Snapshot, parse_snapshot

PATH = "drizzle/meta/0000_snapshot.json"
SOUND = b"""{
  "id": "a",
  "prevId": "00000000-0000-0000-0000-000000000000",
  "version": "7",
  "dialect": "postgresql",
  "tables": {"public.users": {"name": "users"}}
}"""


@pytest.mark.parametrize(("version", "dialect"), [("5", "pg"), ("6", "postgresql"), ("7", "postgresql")])
def test_every_version_of_0_x(version: str, dialect: str) -> None:
    content = json.dumps({"id": "b", "prevId": "a", "version": version, "dialect": dialect, "tables": {}}).encode()

    assert parse_snapshot(PATH, "0000", content) == Snapshot(PATH, "0000", "b", ("a",), version)


def test_a_snapshot_of_1_0_follows_several() -> None:
    head = {"version": "9", "dialect": "postgres", "id": "c", "prevIds": ["a", "b"], "ddl": []}

    assert parse_snapshot(PATH, "x", json.dumps(head).encode()) == Snapshot(PATH, "x", "c", ("a", "b"), "9")


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", 1, "ends in the middle of its JSON"),
        (SOUND[:-1], 6, "ends in the middle of its JSON"),
        (SOUND.replace(b'"users"}', b'"users",}'), 6, "is not JSON (trailing comma in object)"),
        (SOUND + b"x", 7, "is not JSON (trailing characters)"),
        (SOUND.replace(b'  "version"', b"<<<<<<< HEAD\n"), 4, "holds the markers of a merge conflict"),
        (SOUND.replace(b'  "version"', b"<<<<<<<\r\n"), 4, "holds the markers of a merge conflict"),
        (b"[]", None, "is none of drizzle-kit's: expected `object`, got `array`"),
        (SOUND.replace(b'"id"', b'"di"'), None, "is none of drizzle-kit's: object missing required field `id`"),
        (SOUND.replace(b'"prevId"', b'"parent"'), None, "names no parent, neither by `prevId` nor by `prevIds`"),
        (
            SOUND.replace(b'"' + ROOT.encode() + b'"', b"null"),
            None,
            "names no parent, neither by `prevId` nor by `prevIds`",
        ),
        (b'{"x": ' + b"[" * 100_000, None, "is nested too deeply to be read"),
    ],
)
def test_what_is_no_snapshot(content: bytes, line: int | None, problem: str) -> None:
    broken = parse_snapshot(PATH, "0000", content)

    assert isinstance(broken, BrokenSnapshot)
    assert (broken.line, broken.problem) == (line, problem)


def test_the_schema_inside_is_skipped_not_built() -> None:
    columns = {f"c{n}": {"name": f"c{n}", "type": "text", "primaryKey": False, "notNull": True} for n in range(200)}
    tables = {f"public.t{n}": {"name": f"t{n}", "schema": "", "columns": columns} for n in range(250)}
    content = json.dumps({"id": "b", "prevId": ROOT, "version": "7", "tables": tables}, indent=2).encode()
    start = time.process_time()
    parse_snapshot(PATH, "0000", content)
    skipped = time.process_time() - start
    start = time.process_time()
    json.loads(content)
    built = time.process_time() - start

    assert len(content) > 5_000_000
    assert skipped < built
