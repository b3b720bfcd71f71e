"""What a migrations folder is, whatever it was read from: a work tree, an index or a revision."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct, field

from migcheck.drizzle.journal import BrokenJournal, Journal, NoJournal
from migcheck.drizzle.pieces import Piece, migration_hash, split_pieces
from migcheck.drizzle.snapshot import BrokenSnapshot, Snapshot

CONFLICT = "in conflict: the index holds more than one version of it"
"""The `problem` of a file whose merge was not settled."""


class Layout(StrEnum):
    """How the folder is laid out."""

    JOURNAL = "0.x"
    FOLDERS = "1.0"


class Migration(Struct, frozen=True, dict=True):
    """One migration as Drizzle would run it. `when` is ms since 1970; `path` is relative to the repository."""

    tag: str
    when: int
    path: str
    sql: bytes

    @cached_property
    def hash(self) -> str:
        """What Drizzle writes to the ledger for this file."""
        return migration_hash(self.sql)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """What is sent to the server, in order."""
        return split_pieces(self.sql)


class SqlFile(Struct, frozen=True):
    """A file of the folder that holds SQL. `tag` is its name without the suffix (0.x) or its folder's name (1.0)."""

    tag: str
    path: str
    sql: bytes


class UnreadableFile(Struct, frozen=True):
    """Something named like a migration that cannot be read, and why: a directory, a pipe, no permission."""

    tag: str
    path: str
    problem: str


class LinkOut(Struct, frozen=True):
    """Something named like a migration that is a symbolic link to outside the folder. It was not followed."""

    tag: str
    path: str


class Folder(Struct, frozen=True):
    """A migrations folder. `path` is relative to the repository, with forward slashes.

    `migrations` is what Drizzle would read, in its order: entries whose file is there. `files` and `unreadable` are
    everything named like a migration, whether an entry names it or not. `mixed`: it holds both layouts. `rollbacks` are
    the files that undo a migration, by its tag.
    """

    path: str
    layout: Layout
    journal: Journal | BrokenJournal | NoJournal
    migrations: tuple[Migration, ...]
    files: tuple[SqlFile, ...]
    unreadable: tuple[UnreadableFile | LinkOut, ...]
    snapshots: tuple[Snapshot | BrokenSnapshot, ...]
    mixed: bool = False
    rollbacks: Mapping[str, SqlFile] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many migrations there are meant to be: the rows of the journal, also those that Drizzle cannot read."""
        if isinstance(self.journal, Journal):
            return len(self.journal.entries) + len(self.journal.malformed)
        return len(self.migrations)

    def by_tag(self) -> dict[str, Migration]:
        """The migrations by tag; of two with one tag, the last."""
        return {each.tag: each for each in self.migrations}


def greatest_when(migrations: Iterable[Migration]) -> int | None:
    """The greatest `when`, which is all Drizzle compares with; None where there is no migration."""
    return max((each.when for each in migrations), default=None)


def attributes_line(folder: str, *, landed_with_cr: bool) -> str:
    """What .gitattributes has to say of the SQL of `folder`, a path from the root: every machine hashes the same bytes.

    Where files of it have landed with CR, their bytes stay as they are: to turn them into LF now would be an edit.
    """
    pattern = "*.sql" if folder == "." else f"{folder}/**/*.sql"
    shown = f'"{pattern}"' if " " in pattern else pattern
    return f"{shown} {'-text' if landed_with_cr else 'text eol=lf'}"
