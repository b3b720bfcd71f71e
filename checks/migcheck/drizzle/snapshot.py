"""Snapshots: what drizzle-kit remembers of the schema after each migration.

Source: drizzle-kit 0.31 `validateWithReport` and its schemas of versions 5 to 7; 1.0.0-rc.5 for `prevIds`.
"""

import msgspec
from msgspec import Struct

from migcheck.drizzle.text import conflict_markers, line_at
from migcheck.regex import regex

ROOT = "00000000-0000-0000-0000-000000000000"


class Snapshot(Struct, frozen=True):
    """The head of a snapshot file: its place in the chain. `parents` has one id in 0.x, any number in 1.0."""

    path: str
    prefix: str
    id: str
    parents: tuple[str, ...]
    version: str


class BrokenSnapshot(Struct, frozen=True):
    """A snapshot file that cannot be read as one, and why: a clause whose subject is the snapshot."""

    path: str
    prefix: str
    problem: str
    line: int | None = None


class _Head(msgspec.Struct):
    """The keys that are kept. msgspec checks the syntax of all others and builds none of them."""

    id: str
    version: str
    prevId: str | None = None  # noqa: N815 the name in the file
    prevIds: tuple[str, ...] | None = None  # noqa: N815 the name in the file


_DECODER = msgspec.json.Decoder(_Head)
_MALFORMED = regex(r"JSON is malformed: (?P<problem>.*) \(byte (?P<byte>\d+)\)")
"""What msgspec says of any text that is not JSON, save one that ends too early."""


def parse_snapshot(path: str, prefix: str, content: bytes) -> Snapshot | BrokenSnapshot:
    """Read the snapshot at `path`, which belongs to the migrations whose tag begins with `prefix`."""
    try:
        head = _DECODER.decode(content)
    except msgspec.ValidationError as error:
        return BrokenSnapshot(path, prefix, f"is none of drizzle-kit's: {_lower(error)}")
    except msgspec.DecodeError as error:
        return _no_json(path, prefix, content, error)
    except RecursionError:
        return BrokenSnapshot(path, prefix, "is nested too deeply to be read")
    if head.prevIds is not None:
        return Snapshot(path, prefix, head.id, head.prevIds, head.version)
    if head.prevId is not None:
        return Snapshot(path, prefix, head.id, (head.prevId,), head.version)
    return BrokenSnapshot(path, prefix, "names no parent, neither by `prevId` nor by `prevIds`")


def _no_json(path: str, prefix: str, content: bytes, error: msgspec.DecodeError) -> BrokenSnapshot:
    if markers := conflict_markers(content):
        return BrokenSnapshot(path, prefix, "holds the markers of a merge conflict", line_at(content, markers[0].at))
    found = _MALFORMED.fullmatch(str(error))
    if found is None:
        return BrokenSnapshot(path, prefix, "ends in the middle of its JSON", content.rstrip().count(b"\n") + 1)
    line = content.count(b"\n", 0, int(found["byte"])) + 1
    return BrokenSnapshot(path, prefix, f"is not JSON ({found['problem']})", line)


def _lower(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
