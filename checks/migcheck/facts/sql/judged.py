"""Gate `sql`: what new migrations do to the tables that are there, and how large those are."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.config.config import SqlConfig
from migcheck.facts.sql.alike import so_do
from migcheck.facts.sql.landed_fixes import Placed, fix_of_landed
from migcheck.facts.sql.left_behind import SettingKept, SettingLeft
from migcheck.facts.sql.locked import EVERYBODY, WEAK, Locked, above, chains
from migcheck.facts.sql.misfit import NoValue
from migcheck.facts.sql.observation import Change, Seen
from migcheck.facts.sql.opinions import NotRead, Opinion
from migcheck.facts.sql.release import UNPLACED, Broken, Harm, Running, asked_for, plain
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Answer, Answers, Found, Gone, Question, RowFault, Rows, answer_to
from migcheck.facts.sql.unparsed import Unparsed
from migcheck.facts.target.sizes import Size, Sizes, UnknownTable, Unsized, table_named
from migcheck.finding import Severity, Violation
from migcheck.wording import counted

Kind = TypeVar("Kind", bound=Change)
H = TypeVar("H", bound=Harm)

_MEBIBYTE = 1_048_576
# Bytes: the header of a row and where a page says that it is (PostgreSQL's manual, "Database Page Layout").
_LEAST_ROW = 28


class Big(Struct, frozen=True):
    """So large that to read all of it takes a while; `told` says how that is known."""

    told: str


class Small(Struct, frozen=True):
    """So small that nobody notices; `told` says how that is known."""

    told: str


class Empty(Struct, frozen=True):
    """Without a row."""


class UnknownSize(Struct, frozen=True):
    """Nobody knows, and why."""

    reason: str


HowLarge = Big | Small | Empty | UnknownSize


class Blocking(Struct, Generic[Kind], frozen=True):
    """What reads or writes all of a table that nobody else can use meanwhile: how bad that is, and `why`.

    `others` are more of the kind, of the same migration and table.
    """

    seen: Seen
    change: Kind
    severity: Severity
    why: str
    others: tuple[Seen, ...] = ()


class SqlFacts(Struct, frozen=True):
    """What the rules MC3xx judge. `sizes` is what the target has, by `schema.table`, or why that is not known.

    `landed` are the tags of what base has as it is, and the target not yet. `running` is what runs meanwhile. `rows` is
    how it went with rows, and `answers` what the target says to the SELECTs that are in there. `opinions` are those
    that the project asks for, `outside` the tags of what is new and runs in no transaction, and `unknown` the tables
    that it calls large and nobody has. `unparsed` is what was not read, where it was to be read without a server.
    `zone` is the target's TimeZone, empty where that is not known. `partitions` says which table each is of.
    `locked` is what took which lock. `variable` is where the target's URL is looked for.
    """

    seen: tuple[Seen, ...] = ()
    landed: frozenset[str] = frozenset()
    sizes: Sizes = field(default_factory=lambda: Unsized("there is no target"))
    config: SqlConfig = SqlConfig()
    running: Running | None = None
    rows: Rows | None = None
    answers: Answers = field(default_factory=dict)
    opinions: tuple[Opinion, ...] | NotRead = ()
    outside: frozenset[str] = frozenset()
    unknown: tuple[UnknownTable, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()
    zone: str = ""
    partitions: Mapping[str, str] = field(default_factory=dict)
    locked: tuple[Locked, ...] = ()
    variable: str = "DATABASE_URL"

    def of(self, kind: type[Kind]) -> Iterator[tuple[Seen, Kind]]:
        """Each change of that kind of a table that may have rows."""
        for each in self.seen:
            if isinstance(each.change, kind) and not isinstance(self.how_large(each.table), Empty):
                yield each, each.change

    def blocking(self, kind: type[Kind]) -> Iterator[Blocking[Kind]]:
        """Each change of that kind which reads or writes all of a table that others wait for.

        Of several of one migration on one table the first, which has the others. Of a small table it is nothing to
        speak of.
        """
        found: dict[tuple[str, str], list[tuple[Seen, Kind]]] = {}
        for seen, change in self.of(kind):
            if seen.lock not in WEAK:
                found.setdefault((seen.migration, seen.table), []).append((seen, change))
        for (seen, change), *more in found.values():
            others = tuple(each for each, _ in more)
            match self.how_large(seen.table):
                case Big(why):
                    yield Blocking(seen, change, Severity.ERROR, why, others)
                case UnknownSize(reason):
                    yield Blocking(seen, change, Severity.WARNING, f"its size is not known: {reason}", others)
                case _:
                    pass

    def chains(self) -> Iterator[Sequence[Locked]]:
        """For each transaction what it took that keeps others from reading or writing, in its order."""
        yield from chains(self.locked, self.partitions)

    def row_faults(self) -> Iterator[tuple[RowFault, Answer]]:
        """What failed with rows, each with what the target says of them; not of a table that has none there."""
        for fault in self.rows.all_faults if self.rows is not None else ():
            answer = answer_to(fault, self.answers)
            # A materialized view that is filled again has none yet.
            if not isinstance(self.how_large(fault.table), Empty) or (isinstance(answer, Found) and answer.rows):
                yield fault, answer

    def questions(self) -> Iterator[tuple[Question, Answer]]:
        """What no row that was made up has said, each with what the target says."""
        for each in self.rows.questions if self.rows is not None else ():
            yield each, answer_to(each, self.answers)

    def gone(self) -> Iterator[Gone]:
        """The tables that had rows, and have none behind what is new; not one that has none on the target."""
        for each in self.rows.all_gone if self.rows is not None else ():
            if not isinstance(self.how_large(each.table), Empty):
                yield each

    def without_value(self, table: str, column: str) -> tuple[RowFault | Question, Answer] | None:
        """What fails, or would, because a row of `table` has no value in `column`."""
        found: Iterator[tuple[RowFault | Question, Answer]] = chain(self.row_faults(), self.questions())
        return next((each for each in found if (each[0].table, each[0].misfit) == (table, NoValue(column))), None)

    def broken(self, *kinds: type[H]) -> Iterator[tuple[Broken, H]]:
        """What is broken in one of these ways for the running release, of a table that may have rows."""
        for each in self.running.broken if self.running is not None else ():
            if isinstance(each.harm, kinds) and not isinstance(self.how_large(each.table), Empty):
                yield each, each.harm

    def is_partitioned(self, table: str) -> bool:
        """Whether it has partitions."""
        return table in self.partitions.values()

    def violation(
        self, seen: Seen, does: str, fix: str, *, severity: Severity = Severity.ERROR, meant: bool = False
    ) -> Violation:
        """That a migration `does` what was seen. It may be `meant`: the fix of an error ends with the waiver for that.

        What has landed was somebody's to decide before: there it only warns, and says what the target will meet; where
        its rows refuse it, `refused_there` takes that back. What only made-up rows bring about warns as well.
        """
        severity = Severity.WARNING if seen.made_up else severity
        # A release knows nothing of partitions.
        asked = () if seen.of else asked_for(self.running, seen.table, seen.change)
        evidence = _evidence(seen, alone=seen.migration in self.outside)
        return self._told(seen, does, fix, severity, meant=meant).with_evidence(*evidence, *asked)

    def refuses(
        self,
        of: RowFault | Question | Locked | RowsWritten,
        does: str,
        fix: str,
        *,
        severity: Severity,
        evidence: Sequence[str] = (),
    ) -> Violation:
        """The same of what no table shows, which `evidence` tells of."""
        return self._told(of, does, fix, severity, meant=False).with_evidence(of.statement, *evidence)

    def empties(self, of: Gone, does: str, fix: str, *, evidence: Sequence[str]) -> Violation:
        """The same of what deletes each row that was tried: of such as were made up, or may be kept, it warns."""
        severity = Severity.ERROR if (of.seed or of.said) and of.keeper is None else Severity.WARNING
        return self._told(of, does, fix, severity, meant=True).with_evidence(of.statement, *evidence)

    def breaks(self, broken: Broken, does: str, fix: str, *, severity: Severity) -> Violation:
        """The same of what is `broken` for the running release."""
        called = self.running.release.called if self.running is not None else ""
        return self._told(broken, does, fix, severity, meant=True).with_evidence(broken.evidence(called))

    def _told(self, of: Placed, does: str, fix: str, severity: Severity, *, meant: bool) -> Violation:
        # A guess takes nothing of what is new out of sight.
        landed = self.landed.issuperset((of.migration, *(of.others if isinstance(of, Broken) else ())))
        return Violation(
            of.at,
            f"{of.migration} {does}",
            migration=of.migration,
            severity=severity,
            fix=fix_of_landed(of) if landed else fix,
            landed=landed,
            meant=meant and not landed,
        )

    def blocks(self, one: Blocking[Kind], does: str, fix: str, *, because: str = "") -> Violation:
        """The same of what has others wait: what they cannot do, `because` of what, and who knows sizes."""
        seen, meanwhile = one.seen, "use it" if one.seen.lock == EVERYBODY else "write to it"
        says = f"{does}, and nobody can {meanwhile} meanwhile{because and f': {because}'}; {one.why}"
        says += so_do(seen, one.others)
        if isinstance(self.sizes, Unsized) and isinstance(self.how_large(seen.table), UnknownSize):
            fix += f" How large the table is, the target (`{self.variable}`) or `big_tables` under [sql] tells."
        return self.violation(seen, says, fix, severity=one.severity, meant=True)

    def _size(self, table: str) -> Size | None:
        return None if isinstance(self.sizes, Unsized) else self.sizes.get(table)

    def held(self, table: str) -> str:
        """What the target has of the rows of `table`, as far as it tells; empty where it does not, or has none."""
        size = self._size(table)
        if size is None or size.empty:
            return ""
        return (
            f"the target has about {counted(size.rows, 'row')} of it" if size.rows else "the target has had rows of it"
        )

    def how_large(self, table: str) -> HowLarge:
        """How large `table`, called `schema.table`, is where it will be deployed."""
        size = self._size(table)
        if size is not None and size.empty:
            return Empty()
        listed = self.config.big_tables
        if self._is_listed(table):
            return Big("big_tables names it")
        if size is not None:
            return self._measured(size)
        if whole := next(filter(self._is_listed, above(table, self.partitions)), ""):
            return Big(f"big_tables names {whole}, of which it is a partition")
        if listed is not None:
            return Small("big_tables does not name it")
        return UnknownSize(self.sizes.reason if isinstance(self.sizes, Unsized) else "the target has no such table")

    def _measured(self, size: Size) -> Big | Small | UnknownSize:
        told = f"the target has {_told(size)}"
        if (size.rows or 0) >= self.config.big_rows or size.bytes >= self.config.big_size * _MEBIBYTE:
            return Big(told)
        if size.rows is None and size.bytes >= self.config.big_rows * _LEAST_ROW:
            return UnknownSize(f"{told}, whose rows were never counted (ANALYZE)")
        return Small(told)

    def _is_listed(self, table: str) -> bool:
        return plain(table) in map(table_named, self.config.big_tables or ())


def _told(size: Size) -> str:
    large = f"{size.bytes // _MEBIBYTE:,} MiB of it"
    return large if size.rows is None else f"{large}, about {size.rows:,} rows"


def in_full(seen: Seen) -> str:
    """What the table is called, and which it is a partition of where it is one."""
    return f"{seen.table}, a partition of {seen.of}" if seen.of else seen.table


def refused_there(told: Violation) -> Violation:
    """The same of what the rows of the target refuse: to deploy what has landed would only be rolled back."""
    return replace(told, landed=False)


def value_of(left: SettingKept | SettingLeft) -> str:
    """What a setting is left at, in quotes."""
    # `search_path = ''` is `""` to the server.
    return left.value if left.value.startswith('"') else f'"{left.value}"'


def _evidence(seen: Seen, *, alone: bool) -> Iterator[str]:
    """The statement, what it holds for how long, and who says so where it was not seen; `alone`, in no transaction."""
    if not seen.statement:
        yield UNPLACED
        return
    yield seen.statement
    if seen.lock:
        held = f"{seen.lock} on {seen.table}, held until {'it is done' if alone else 'the transaction ends'}"
        yield held + (f", {counted(seen.after, 'statement')} later" if seen.after else "")
    yield seen.source
