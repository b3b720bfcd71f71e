"""Snapshots: what drizzle-kit remembers of the schema after each migration.

Source: drizzle-kit 0.31 `validateWithReport` and its schemas of versions 5 to 7; 1.0.0-rc.5 for `prevIds`.
"""

from dataclasses import dataclass

import msgspec

ROOT = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The head of a snapshot file: its place in the chain. `parents` has one id in 0.x, any number in 1.0."""

    path: str
    prefix: str
    id: str
    parents: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class BrokenSnapshot:
    """A snapshot file that cannot be read as one, and why."""

    path: str
    prefix: str
    problem: str


class _Head(msgspec.Struct):
    """The keys that are kept. msgspec checks the syntax of all others and builds none of them."""

    id: str
    version: str
    prevId: str | None = None  # noqa: N815 the name in the file
    prevIds: tuple[str, ...] | None = None  # noqa: N815 the name in the file


_DECODER = msgspec.json.Decoder(_Head)


def parse_snapshot(path: str, prefix: str, content: bytes) -> Snapshot | BrokenSnapshot:
    """Read the snapshot at `path`, which belongs to the migrations whose tag begins with `prefix`."""
    try:
        head = _DECODER.decode(content)
    except msgspec.MsgspecError as error:
        return BrokenSnapshot(path, prefix, _told(content, str(error)))
    except RecursionError:
        return BrokenSnapshot(path, prefix, "is nested too deeply to be read")
    if head.prevIds is not None:
        return Snapshot(path, prefix, head.id, head.prevIds, head.version)
    if head.prevId is not None:
        return Snapshot(path, prefix, head.id, (head.prevId,), head.version)
    return BrokenSnapshot(path, prefix, "names no parent: it has neither `prevId` nor `prevIds`")


def _told(content: bytes, error: str) -> str:
    if content.lstrip().startswith(b"<<<<<<<") or b"\n<<<<<<< " in content:
        return "holds the markers of a merge conflict"
    return f"cannot be read: {error[:1].lower()}{error[1:]}"
