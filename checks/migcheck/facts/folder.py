"""Gate `folder`: what its rules are given. `read_folder` reads it."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Layout, SqlFile, greatest_when
from migcheck.drizzle.journal import Entry, Journal
from migcheck.drizzle.names import file_of, prefix_of
from migcheck.drizzle.snapshot import BrokenSnapshot, Snapshot
from migcheck.drizzle.text import not_utf8_at
from migcheck.finding import Location


class FolderFacts(Struct, frozen=True, dict=True):
    """What the rules MC1xx judge. `before` is base's folder; None where there is no repository or nothing has landed.

    `base_unknown`: a repository cannot say what landed, and `before` is the folder itself, for everything may have.

    `now` is ms since 1970. `ignored` are paths of SQL files that git ignores, whether there is one or an entry only
    names it. `old_snapshot` reads base's snapshot of the same name, where `before` was read without them: only a
    faulty snapshot asks. `landed_at` is the revision of `before`; empty where that is not known. `none_yet`: a
    drizzle.config names the folder, and it is neither here nor in base; `meant` are those that may be meant in its
    place, and where there are any, base had all of it so. `merging`: a merge is under way. `differs` says
    whether a file is not the same in the work tree, the index and HEAD; None where there is no repository to ask.
    `stored_snapshots` has for each snapshot of base and of HEAD, by its prefix, the command that brings it back; only a
    missing one asks. `deploying`: it is to be deployed. `submodule` is where the one was that held it in base;
    empty where none did.
    """

    folder: Folder
    now: int
    before: Folder | None = None
    ignored: frozenset[str] = frozenset()
    old_snapshot: Callable[[Snapshot | BrokenSnapshot], Snapshot | BrokenSnapshot | None] | None = None
    landed_at: str = ""
    none_yet: bool = False
    merging: bool = False
    differs: Callable[[str], bool] | None = None
    stored_snapshots: Callable[[], Mapping[str, str]] = dict
    deploying: bool = False
    meant: tuple[str, ...] = ()
    submodule: str = ""
    base_unknown: bool = False

    @cached_property
    def deleted_snapshots(self) -> Mapping[str, str]:
        """The prefixes of the snapshots that are gone, though base or HEAD has them; each with what brings it back."""
        there = {each.prefix for each in self.folder.snapshots}
        return {prefix: command for prefix, command in self.stored_snapshots().items() if prefix not in there}

    @cached_property
    def landed(self) -> frozenset[str]:
        """The tags of base."""
        return frozenset(() if self.before is None else (each.tag for each in self.before.migrations))

    @cached_property
    def landed_entries(self) -> Counter[tuple[str, int]]:
        """The tag and `when` of every entry of base's journal, and how many have these."""
        journal = None if self.before is None else self.before.journal
        entries = journal.entries if isinstance(journal, Journal) else ()
        return Counter((each.tag, each.when) for each in entries)

    @cached_property
    def landed_mark(self) -> int | None:
        """Base's greatest `when` in ms."""
        return greatest_when(() if self.before is None else self.before.migrations)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The journal's entries; none where there is no journal to read."""
        return self.folder.journal.entries if isinstance(self.folder.journal, Journal) else ()

    @cached_property
    def journal_may_differ(self) -> bool:
        """Whether the journal has a change that is in no commit, for all that anybody knows."""
        journal = self.folder.journal
        return self.differs is None or not isinstance(journal, Journal) or self.differs(journal.path)

    @cached_property
    def old_names(self) -> frozenset[str]:
        """The tags of all that is named like a migration in base, whether an entry names it or not."""
        return frozenset(
            () if self.before is None else (each.tag for each in (*self.before.files, *self.before.unreadable))
        )

    def reads(self, tag: str) -> bool:
        """Whether Drizzle reads the file called `tag`."""
        return self.folder.layout is Layout.FOLDERS or f"{tag}.sql" in self._named

    @cached_property
    def _named(self) -> frozenset[str]:
        journal = self.folder.journal
        malformed = [each.tag for each in journal.malformed] if isinstance(journal, Journal) else []
        tags = [*(each.tag for each in self.entries), *malformed]
        return frozenset(file_of(tag) for tag in tags if tag is not None)

    @cached_property
    def texts(self) -> tuple[SqlFile, ...]:
        """The files that Drizzle reads, each once, as far as they are UTF-8: nothing else can be judged as text."""
        return tuple(each for each in self.read_files if not_utf8_at(each.sql) is None)

    @cached_property
    def read_files(self) -> tuple[SqlFile, ...]:
        """The files that Drizzle reads, each once."""
        return tuple(each for each in self.folder.files if self.reads(each.tag))

    @cached_property
    def orphan_prefixes(self) -> frozenset[str]:
        """The prefixes of the orphans."""
        return frozenset(each.prefix for each in self.orphans)

    @cached_property
    def orphans(self) -> tuple[Snapshot | BrokenSnapshot, ...]:
        """The snapshots that belong to no migration: no entry, no file and nothing that landed begins with theirs.

        Empty where the journal is not whole: whose they are cannot be told.
        """
        journal = self.folder.journal
        if not isinstance(journal, Journal) or journal.malformed:
            return ()
        tags = [*(each.tag for each in self.entries), *(each.tag for each in self.folder.files), *self.landed]
        prefixes = {prefix_of(tag) for tag in tags}
        return tuple(each for each in self.folder.snapshots if each.prefix not in prefixes)

    def at(self, entry: Entry) -> Location:
        """Where the journal has `entry`."""
        path = self.folder.journal.path if isinstance(self.folder.journal, Journal) else self.folder.path
        return Location(path, entry.line)

    def place_of(self, tag: str) -> Location:
        """Where the journal first has `tag`; in the layout of 1.0, its file."""
        return self._places[tag]

    @cached_property
    def _places(self) -> dict[str, Location]:
        files = {each.tag: Location(each.path) for each in self.folder.migrations}
        return files | {entry.tag: self.at(entry) for entry in reversed(self.entries)}

    def has_landed(self, it: SqlFile | Snapshot | BrokenSnapshot) -> bool:
        """Whether a fault of `it` is an old one: base has the file to the byte, or the snapshot in the same words."""
        if isinstance(it, SqlFile):
            return (self._key(it), it.sql) in self._old_files
        return self._as_it_was(it) == it

    @cached_property
    def _old_files(self) -> frozenset[tuple[str, bytes]]:
        return frozenset(() if self.before is None else ((self._key(each), each.sql) for each in self.before.files))

    def _as_it_was(self, snapshot: Snapshot | BrokenSnapshot) -> Snapshot | BrokenSnapshot | None:
        if self.old_snapshot is not None:
            return self.old_snapshot(snapshot)
        if self.before is None:
            return None
        return next((each for each in self.before.snapshots if each.prefix == snapshot.prefix), None)

    def _key(self, file: SqlFile) -> str:
        """The tag, save where `drizzle-kit up` gave every migration a new one."""
        moved = self.before is not None and self.before.layout is not self.folder.layout
        return "" if moved else file.tag
