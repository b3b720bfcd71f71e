"""What the rules of gate `history` judge, by base and head, by ledgers, and by what a rehearsal proved."""

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import join, normpath, relpath

from msgspec import Struct

from migcheck.drizzle.change import Change, compare
from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.journal import Journal
from migcheck.drizzle.ledger import Batching, Ledger
from migcheck.drizzle.standing import Standings, State
from migcheck.facts.history.history import Base, History, Proof
from migcheck.finding import Location, Severity
from migcheck.regex import regex
from migcheck.wording import bring_back, from_top, held_nowhere, waiver_table


class HistoryFacts(Struct, frozen=True, dict=True):
    """What the rules MC2xx judge. `ledgers` are the known ones (none: git stands in). `proof` is None offline.

    `given` are those of `ledgers` that came from a file: gate `target` tells of each what is not told here. `variable`
    is where a target's URL is looked for.
    """

    history: History
    ledgers: tuple[Ledger, ...] = ()
    proof: Proof | None = None
    given: tuple[Ledger, ...] = ()
    variable: str = "DATABASE_URL"

    @cached_property
    def change(self) -> Change:
        """What happened between base and head."""
        return compare(self.history.before, self.history.after)

    def weight(self, *migrations: Migration, repairs: bool = False) -> Severity:
        """How much it weighs that landed `migrations` are no more what they were.

        An error where no ledger is known; with ledgers, where one of them holds one of the migrations as it landed:
        what was never applied and then deployed as head has it must not block the next deploy. `repairs`: it may be
        the fixing of what base's own rehearsal could not run, which was applied nowhere and warns.
        """
        if any(self._held(each) for each in migrations):
            return Severity.ERROR
        if self.ledgers or (repairs and all(self.never_ran(each) for each in migrations)):
            return Severity.WARNING
        return Severity.ERROR

    def is_applied(self, migration: Migration) -> bool:
        """Whether ledgers are known and each has `migration`, one of head's, as it stands here."""
        return bool(self.ledgers) and all(migration.tag in ran for ran in self._ran)

    def of_new(self, migration: Migration, fix: str) -> tuple[Severity, str]:
        """How much it weighs where new `migration` stands, and what to do: nothing if it is applied so, else `fix`."""
        if self.is_applied(migration):
            return Severity.WARNING, "Nothing, if the ledgers that were read are all: each has it as it is here."
        return Severity.ERROR, fix

    @property
    def ran_in_order(self) -> bool:
        """Whether ledgers are known and each ran what it has of head in head's order."""
        return bool(self.ledgers) and all(list(ran.values()) == sorted(ran.values()) for ran in self._ran)

    def in_grace(self, tag: str) -> bool:
        """Whether an edit of `tag` only warns for having landed lately. Where ledgers are known, they say it better."""
        return not self.ledgers and self.history.grace.covers(tag)

    def never_ran(self, migration: Migration) -> str:
        """What to do about base's own file that no deploy applied; empty where one may have.

        It was tried and refused, or never landed without one that was: a transaction takes back all of it.
        """
        if self.proof is None or self.history.before is None:
            return ""
        if migration.tag in self.proof.stuck:
            return "Nothing, if no database ran it by hand: the file in base cannot run."
        stuck = self._stuck_with(migration, self.proof, self.history.before)
        if not stuck:
            return ""
        return f"Nothing, if no database ran it by itself: it landed together with {stuck}, which cannot run."

    def _stuck_with(self, migration: Migration, proof: Proof, before: Folder) -> str:
        """The tag of what no database can run and each deploy of `migration` ran with it; empty where there is none."""
        later = before.migrations[before.migrations.index(migration) :]
        if proof.batching is not Batching.ALL or any(_ENDS.search(each.sql) for each in later):
            return ""
        stuck = (each for each in before.migrations if each.tag in proof.stuck and each.when >= migration.when)
        return next((each.tag for each in stuck if self.history.never_without(migration, each)), "")

    def entry_at(self, tag: str) -> Location:
        """Where the journal names `tag`; the journal itself, or in the layout of 1.0 the folder, where it does not."""
        after = self.history.after
        if not isinstance(after.journal, Journal):
            return Location(after.path)
        return Location(after.journal.path, self._lines.get(tag))

    def restore(self, path: str) -> str:
        """The command that puts `path` of base back, from whatever directory; where the folder was moved, to there."""
        base, before = self.history.base, self.history.before
        there = path if before is None else normpath(join(self.history.after.path, relpath(path, before.path)))
        if isinstance(base, Base) and base.submodule is not None:
            return f"`{base.submodule.bring_back(path, there)}`"
        revision = base.revision[:12] if isinstance(base, Base) else "BASE"
        if isinstance(base, Base) and base.apart and path == there:
            # `git checkout` would stage it in place of the submodule.
            return f"`git restore --source={revision} --worktree -- {from_top(path)}`"
        return f"`{bring_back(revision, path, there)}`"

    def restore_journal(self, path: str) -> str:
        """How to have base's entries in the journal, which base has at `path`."""
        return self.restore(path) + (", then add what is new at the end" if self.change.added else "")

    def fix(self, put_back: str, code: str, tag: str, severity: Severity) -> str:
        """What to do about a landed migration that is no more what it was; `put_back` is a sentence.

        Where ledgers are known, they said already whether it was applied.
        """
        if not self.ledgers:
            return put_back + never_applied(code, tag, self.variable)
        if severity is Severity.WARNING:
            return held_nowhere(put_back)
        return f"{put_back} A ledger that was read holds it as it landed."

    @cached_property
    def _ran(self) -> tuple[dict[str, int], ...]:
        """For each known ledger the `id` of its row, by tag, of what it has as it stands in head, in head's order."""
        return tuple(dict(_as_it_stands(self.history.after, ledger)) for ledger in self.ledgers)

    def _held(self, migration: Migration) -> bool:
        """Whether a known ledger has a row of `migration`: its own, or one that shares its hash, name or `when`.

        A row that is what head makes of it is not the migration as it landed.
        """
        rows = self._rows
        own = {(migration.hash, migration.when, name) for name in (None, migration.tag)}
        return not (
            own.isdisjoint(rows.all)
            and migration.hash not in rows.hashes
            and migration.when not in rows.times
            and migration.tag not in rows.names
        )

    @cached_property
    def _rows(self) -> "_Rows":
        head = {(each.hash, each.when, name) for each in self.history.after.migrations for name in (None, each.tag)}
        rows = frozenset((row.hash, row.created_at, row.name) for ledger in self.ledgers for row in ledger.rows)
        others = rows - head
        return _Rows(
            rows,
            frozenset(hash_ for hash_, _, _ in others),
            frozenset(when for _, when, _ in others),
            frozenset(name for _, _, name in others),
        )

    @cached_property
    def _lines(self) -> dict[str, int]:
        """The line of each tag's first entry."""
        journal = self.history.after.journal
        entries = journal.entries if isinstance(journal, Journal) else ()
        return {entry.tag: entry.line for entry in reversed(entries)}


class _Rows(Struct, frozen=True):
    """The rows of all known ledgers as hash, time and name; and those three of the rows that are none of head's."""

    all: frozenset[tuple[str, int | None, str | None]]
    hashes: frozenset[str]
    times: frozenset[int | None]
    names: frozenset[str | None]


def _as_it_stands(folder: Folder, ledger: Ledger) -> Iterator[tuple[str, int]]:
    for each in Standings(folder, ledger, {}).of(State.APPLIED):
        # Without a row it is only older than the ledger: so is what was inserted there and never ran.
        if each.row is not None:
            yield each.migration.tag, each.row.id


_ENDS = regex(rb"\b(?:commit|rollback|abort)\b|(?:\A|statement-breakpoint)\s*end\b", re.IGNORECASE)
"""What may end the transaction that a deploy runs in. More is found than does."""


def ledgers_say_so(variable: str) -> str:
    """How ledgers come to be known to a run; `variable` is where it looks for a target's URL."""
    return (
        f"let the ledgers say so to `migcheck verify` ({variable}, or `--ledger FILE` written by `migcheck status "
        "--format json --output FILE`)"
    )


def never_applied(code: str, tag: str, variable: str) -> str:
    """The way out for what no database has: ledgers that say so, or a waiver. It begins a line of its own."""
    return (
        f"\nIf it was applied nowhere, or rolled back everywhere, {ledgers_say_so(variable)}. Or waive it in "
        f"migcheck.toml:\n{waiver_table(code, tag, 'never applied: ...')}"
    )
