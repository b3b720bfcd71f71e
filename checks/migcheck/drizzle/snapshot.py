"""Snapshots: what drizzle-kit remembers of the schema after each migration."""

from dataclasses import dataclass

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
