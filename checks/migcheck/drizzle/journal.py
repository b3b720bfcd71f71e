"""The journal `meta/_journal.json`: parsed once, at the edge, and kept whole where a row is malformed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal. `position` counts from 0; `when` is ms since 1970; `line` is 1-based in the journal.

    Drizzle's migrator reads `tag` and `when` alone, in array order; `idx` serves drizzle-kit.
    """

    position: int
    idx: int
    tag: str
    when: int
    line: int


@dataclass(frozen=True, slots=True)
class MalformedEntry:
    """A row that cannot be read as an entry, and why."""

    position: int
    problem: str
    line: int


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal of version 5, 6 or 7 of a Postgres folder."""

    path: str
    version: str
    dialect: str
    entries: tuple[Entry, ...]
    malformed: tuple[MalformedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenJournal:
    """A journal that cannot be used at all: absent, no JSON, no object, no list of entries, another dialect."""

    path: str
    problem: str
    remedy: str
    line: int | None = None
