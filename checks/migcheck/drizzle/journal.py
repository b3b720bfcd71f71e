"""The journal `meta/_journal.json`: parsed once, at the edge, and kept whole where a row is malformed.

Source: drizzle-orm 0.45 migrator.js `readMigrationFiles`; drizzle-kit 0.19 to 0.31 `dryJournal` and `writeResult`.
"""

import codecs
import json
from collections.abc import Callable
from posixpath import dirname

from msgspec import Struct

from migcheck.drizzle.placed_json import BadJsonError, Placed, PlacedList, read_object
from migcheck.drizzle.text import conflict_markers, line_at
from migcheck.regex import regex
from migcheck.wording import from_top

JOURNAL = "meta/_journal.json"
VERSIONS = ("5", "6", "7")
DIALECTS = ("pg", "postgresql")
_OTHER_DIALECTS = frozenset({"mysql", "sqlite", "turso", "singlestore", "gel"})

# Two migrations of one number have one snapshot between them, so keeping the entries of both sides leads nowhere.
GENERATE_AGAIN = (
    "Take the journal and the snapshots of the branch that lands first (`git checkout BRANCH -- META`), delete what is "
    "left of your own new migrations (file, snapshot, entry), and run `drizzle-kit generate` again; what was written "
    "by hand goes into `drizzle-kit generate --custom`."
)
"""The way out of a merge in which both sides made a migration."""
_CONTROL = regex(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LARGEST = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""
NO_IDX = "it has no idx"
"""The `idx_problem` of an entry that lacks the key."""


def is_journal(path: str) -> bool:
    """Whether the file at `path` is a journal, by its name."""
    return f"/{path}".endswith(f"/{JOURNAL}")


def folder_around(journal: str) -> str:
    """The folder of the journal at that path."""
    return journal.removesuffix(JOURNAL).rstrip("/") or "."


def dialect_in(content: bytes) -> str:
    """The dialect that a journal names; empty where it names none, or cannot be read."""
    try:
        told: object = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    dialect = told.get("dialect") if isinstance(told, dict) else None
    return dialect if isinstance(dialect, str) else ""


class Entry(Struct, frozen=True):
    """One row of the journal. `position` counts from 0; `when` is ms since 1970; `line` is 1-based in the journal.

    Drizzle's migrator reads `tag` and `when` alone, in array order; `idx` serves drizzle-kit, and is None where a
    hand-written row has none that can be used: `idx_problem` says why.
    """

    position: int
    idx: int | None
    tag: str
    when: int
    line: int
    idx_problem: str = ""


class MalformedEntry(Struct, frozen=True):
    """A row that cannot be read as an entry, and why. `tag` is None where it has none that can be a file's name."""

    position: int
    problem: str
    line: int
    tag: str | None = None


class Stale(Struct, frozen=True):
    """A `dialect`, at the 1-based `line`, that is another than the drizzle.config at `config` says of the folder."""

    line: int | None
    config: str


class Journal(Struct, frozen=True):
    """A journal of version 5, 6 or 7 of a Postgres folder. `stale`: its dialect says otherwise."""

    path: str
    version: str
    dialect: str
    entries: tuple[Entry, ...]
    malformed: tuple[MalformedEntry, ...] = ()
    stale: Stale | None = None


class BrokenJournal(Struct, frozen=True):
    """A journal that cannot be used at all: absent, no JSON, no object, no list of entries, another dialect.

    `runs`: Drizzle's migrator may run it on Postgres all the same, for it reads neither version nor dialect.
    `lost`: it tells nothing of its rows, and only git can. `others` are the folders below, where there is nothing else.
    `dialect` is the other one, where that is what is wrong.
    """

    path: str
    problem: str
    remedy: str
    line: int | None = None
    runs: bool = False
    lost: bool = False
    others: tuple[str, ...] = ()
    dialect: str = ""


class NoJournal(Struct, frozen=True):
    """A folder of Drizzle 1.0, which keeps none. `timeless` are its migrations' folders whose name has no time."""

    timeless: tuple[str, ...] = ()


def parse_journal(path: str, content: bytes, postgres: Callable[[], str] = str) -> Journal | BrokenJournal:
    """Read the journal at `path`. What is wrong with a single row is kept beside the rows that are right.

    `postgres` is asked where the dialect is another: it names the drizzle.config by which the folder is of Postgres.
    """
    if content.startswith(codecs.BOM_UTF8):
        return BrokenJournal(path, "the journal begins with a byte order mark", "Save it as UTF-8 without one.", 1)
    text = content.decode("utf-8", "replace")
    try:
        members = read_object(text)
    except BadJsonError as error:
        if markers := conflict_markers(content):
            line = line_at(content, markers[0].at)
            return BrokenJournal(path, "the journal holds the markers of a merge conflict", again_on(path), line)
        return _lost(path, f"the journal {error.problem}", error.line)
    if members is None:
        return _lost(path, "the journal is not a JSON object", 1)
    return _journal(path, members, postgres)


def again_on(journal: str) -> str:
    """How to make one's own migrations anew on top of another branch's; `journal` is the path of the journal."""
    return GENERATE_AGAIN.replace("META", from_top(dirname(journal)))


def _lost(path: str, problem: str, line: int | None) -> BrokenJournal:
    # drizzle-kit writes no journal anew: it dies of one that is broken or missing, and a new one would not be the old.
    command = f"git checkout HEAD -- {from_top(path)}"
    remedy = f"Restore it from git: `{command}`, or in place of HEAD the revision before it broke."
    return BrokenJournal(path, problem, remedy, line, lost=True)


def _journal(
    path: str, members: dict[str, Placed | PlacedList], postgres: Callable[[], str]
) -> Journal | BrokenJournal:
    version, version_line = _word(members, "version")
    dialect, dialect_line = _word(members, "dialect")
    other = bool(dialect) and dialect not in DIALECTS
    # drizzle-kit goes on in the journal of an earlier database, and leaves its dialect as it is.
    config = postgres() if other else ""
    if other and not config:
        problem = f"the journal is of dialect {dialect!r}, and migcheck judges Postgres alone"
        remedy = (
            "Take this folder out of the command or of migcheck.toml, and name the one of a Postgres database. Where "
            'this is one, let a drizzle.config that names it say so in plain text: `dialect: "postgresql"`.'
        )
        runs = dialect not in _OTHER_DIALECTS
        return BrokenJournal(path, problem, remedy, dialect_line, runs=runs, dialect=dialect)
    if version and version not in VERSIONS:
        problem = f"the journal is of version {version!r}; migcheck knows {', '.join(VERSIONS)}"
        return BrokenJournal(path, problem, "Upgrade migcheck, or run `drizzle-kit up`.", version_line, runs=True)
    entries = members.get("entries")
    if entries is None:
        return _lost(path, "the journal has no list of entries", 1)
    if isinstance(entries, Placed):
        return _lost(path, "the journal's entries are not a list", entries.line)
    rows = [_row(position, each) for position, each in enumerate(entries.items)]
    return Journal(
        path,
        version,
        dialect,
        tuple(row for row in rows if isinstance(row, Entry)),
        tuple(row for row in rows if isinstance(row, MalformedEntry)),
        Stale(dialect_line, config) if config else None,
    )


def _word(members: dict[str, Placed | PlacedList], name: str) -> tuple[str, int | None]:
    """A member that Drizzle's migrator never reads, so that a hand-written journal may lack it: then it is empty."""
    match members.get(name):
        case Placed(str() | int() as value, line):
            return str(value), line
        case Placed(None, line) | PlacedList(_, line):
            return "", line
        case Placed(value, line):
            return str(value), line
        case None:
            return "", None


def _row(position: int, row: Placed) -> Entry | MalformedEntry:
    if not isinstance(row.value, dict):
        return MalformedEntry(position, "the entry is not an object", row.line)
    keys: dict[str, object] = row.value
    tag, when, idx = keys.get("tag"), _number(keys.get("when")), _number(keys.get("idx"))
    if (problem := _tag_problem(keys)) or not isinstance(tag, str):
        return MalformedEntry(position, problem, row.line)
    if when is None:
        return MalformedEntry(position, _number_problem(keys, "when"), row.line, tag)
    return Entry(position, idx, tag, when, row.line, "" if idx is not None else _number_problem(keys, "idx"))


def _tag_problem(row: dict[str, object]) -> str:
    match row.get("tag"):
        case str() as tag if not tag:
            return "its tag is empty"
        case str() as tag if _CONTROL.search(tag):
            return f"its tag {tag!r} holds a character that no file name has"
        case str():
            return ""
        case None:
            return "it has no tag" if "tag" not in row else "its tag is null"
        case other:
            return f"its tag is {_shown(other)}, not a string"


def _number_problem(row: dict[str, object], key: str) -> str:
    if key not in row:
        return f"it has no {key}"
    return f"its {key} is {_shown(row[key])}, not a whole number from 0 to 2^53 - 1"


def _number(value: object) -> int | None:
    """`value` as JavaScript's whole number; None where it is none. To Python a boolean is an int; not to Drizzle."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _LARGEST and value == int(value) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."  # noqa: PLR2004 a width for people
