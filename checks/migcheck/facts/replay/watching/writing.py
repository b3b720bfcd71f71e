"""Which rows new migrations may have changed while they ran, and from where on: seen by locks and files, else read."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from msgspec import Struct, field

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.replay.watching.casting import retyped_in, without_casts
from migcheck.facts.replay.watching.locks import WRITES
from migcheck.facts.replay.watching.looking import Look
from migcheck.facts.replay.watching.narrowing import Narrow, narrow
from migcheck.facts.replay.watching.placing import speaks_of
from migcheck.finding import Location
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.joining import CONTROL, SentPiece
from migcheck.postgres.running.statements import DEFINES, spans, statement_starts
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import NAME, bare

ALL = ""
"""Stands for every table."""
# What defines, and changes no row that is there, but for what `_rewrites` tells.
_DEFINES = CONTROL | DEFINES
# What may change rows without a lock on their table as long as there is none: by code that it runs.
_RUNS = frozenset({"do", "insert", "call", "select", "with", "update", "delete", "merge", "execute", "explain"})
# So may `create table ... as` and a materialized view; the body of a function is not run.
_FILLS = regex(r"(?i)\bcreate\s+(?:\w+\s+){0,3}(?:table|view)\b")
_DEFAULT = regex(r"(?i)\bdefault\b")
_EXPRESSION = regex(r"(?i)\bset\s+expression\b")
_TYPE, _USING = regex(r"(?i)\btype\b"), regex(r"(?i)\busing\b")
_ALTERS = regex(r"(?i)alter\b")
_TRUNCATE = regex(r"(?i)\btruncate\b")
CALLED = regex(r'(?<![\w$"])(?:"[^"]+"|[\w$]+)\s*\(')
"""A name that a parenthesis stands behind: that of a function, or of more."""
_MAKES = r"\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\s"
_TRIGGER = regex(
    rf"(?i){_MAKES}(?:(?!{_MAKES})[^;])*?\bexecute\s+(?:function|procedure)\s+"
    rf"(?P<calls>(?:{NAME}\s*\.\s*)?{NAME})"
    rf"|\bdrop\s+(?:trigger|function|routine|table)\s+(?:if\s+exists\s+)?(?:{NAME}\s*\.\s*)?(?P<gone>{NAME})"
)
_CONFLICT = regex(r"(?i)\bon\s+conflict\b")
_OF_THE_LEDGER = 500
ANY = frozenset[int]()
"""Stands for every column."""
EVENTS = frozenset({"insert", "update", "delete"})
"""What foreign keys and triggers tell apart."""


class Write(Struct, frozen=True):
    """Rows of `table`, called so before what is new, may be others from `at` on; of ALL where nobody knows of which.

    `events` are what may have been done to them, of EVENTS; none where no trigger and no foreign key hears of it.
    `alone` is the statement that did it, shortened, where the piece has no other. `columns` are the numbers of those
    that alone may have other values; none where any may, or rows came or went.
    """

    table: str
    at: Location
    events: frozenset[str] = EVENTS
    alone: str = ""
    columns: frozenset[int] = ANY


class Code(Struct, frozen=True):
    """What a new migration runs at `at` that may write rows: only its text says of which."""

    text: str
    at: Location


class Written(Struct, frozen=True):
    """Where rows of each table were seen to be written first, and what else may write some."""

    found: tuple[Write, ...] = ()
    code: tuple[Code, ...] = ()


class Writing(Struct):
    """What was seen to write rows. `names` has those of tables by oid; the ledger called `ledger` is none of them."""

    names: Mapping[int, str]
    ledger: LedgerName
    found: list[Write] = field(default_factory=list)
    code: list[Code] = field(default_factory=list)
    _known: set[tuple[str, frozenset[str], frozenset[int]]] = field(default_factory=set)
    _kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    _columns: set[str] = field(default_factory=set)
    _triggers: list[tuple[frozenset[str], Code]] = field(default_factory=list)

    @property
    def written(self) -> "Written":
        """All of it."""
        return Written(tuple(self.found), tuple(self.code))

    def look(self, look: Look) -> None:
        """What it shows of rows. Where there was no transaction, nothing is to be seen any more."""
        part, before = look.sent.part, look.before
        if not look.sent.within:
            self.unseen(part)
            return
        locked = [oid for oid, modes in look.held.items() if WRITES in modes]
        anew = [oid for oid, each in look.now.items() if oid in before and before[oid].files != each.files]
        # Locks pile up: whether this wrote what was written before, nobody sees. What only defines does not.
        quiet = is_quiet(part)
        sure = quiet and not _calls(part)
        told = {table for table, _, columns in self._known if sure or not columns}
        written = [oid for oid in locked if self.names.get(oid) not in told]
        if quiet:
            self._add(part, written, EVENTS)
            if _TYPE.search(part.piece.text):
                for oid, number in self._back(before, look.now):
                    self._add(part, [oid], frozenset(), _with_generated(before[oid], {number}))
        elif (only := narrow(part)) is not None and (
            columns := _columns_of(only, before, anew if "alter" in part.words else locked)
        ):
            # Its indexes are locked as well.
            mine = {self.names.get(oid) for oid in columns}
            self._add(part, (oid for oid in written if self.names.get(oid) not in mine), EVENTS)
            for oid, numbers in columns.items():
                self._add(part, [oid], EVENTS.intersection(part.words), numbers)
        else:
            self._add(part, locked, events_of(part))
            self._add(part, anew, frozenset())
        self._note(part)

    def _note(self, part: SentPiece) -> None:
        """What code it runs."""
        text = part.piece.text
        fills = "create" in part.words and _FILLS.search(text)
        if part.words & _RUNS or fills or (part.words == {"alter"} and _rewrites(text)):
            # Which tables a plain statement writes, its locks say: not what it calls for each row.
            seen = part.words <= _DEFINES | EVENTS
            self.code.append(Code((" ".join(CALLED.findall(text)) if seen else text) or " ", begin(part)))
        self._note_triggers(part)

    def _note_triggers(self, part: SentPiece) -> None:
        """What triggers call that are made and are gone again: behind all of it no catalogue has them."""
        for found in _TRIGGER.finditer(part.piece.text):
            if found["calls"]:
                # The name is one of them, and so is that of its table.
                names = frozenset(bare(each) for each in re.findall(NAME, found[0]))
                self._triggers.append((names, Code(f"{found['calls']}()", begin(part))))
            else:
                self.code += [code for names, code in self._triggers if bare(found["gone"]) in names]

    def unseen(self, part: SentPiece) -> None:
        """The same of a piece that nobody could look at: what may write rows may have written any."""
        quiet = is_quiet(part) and not self._is_again(part)
        if (ALL, EVENTS, ANY) not in self._known and not quiet and not self._is_row(part):
            self._known.add((ALL, EVENTS, ANY))
            self.found.append(Write(ALL, begin(part)))

    def _add(self, part: SentPiece, oids: Iterable[int], events: frozenset[str], columns: frozenset[int] = ANY) -> None:
        for of in sorted({self.names[oid] for oid in oids if oid in self.names}):
            if (of, events, columns) not in self._known:
                self._known.add((of, events, columns))
                self.found.append(Write(of, begin(part), events, _alone(part), columns))

    def _back(self, before: Mapping[int, Table], now: Mapping[int, Table]) -> Iterator[tuple[int, int]]:
        """The columns, by table, that have the type again which they once had: another may have cut their values."""
        for oid, number, was, then in _retyped(before, now):
            if self._kinds.setdefault((oid, number), was) == then:
                yield oid, number

    def _is_again(self, part: SentPiece) -> bool:
        """Whether a column gets a type once more: which tables it is of, nobody sees."""
        columns = {each.column for each in retyped_in(part.piece.text) if not each.to_text}
        again = columns & self._columns
        self._columns |= columns
        return bool(again)

    def _is_row(self, part: SentPiece) -> bool:
        return part.words == {"insert"} and speaks_of(part.piece.text[:_OF_THE_LEDGER], self.ledger.table)


def _retyped(before: Mapping[int, Table], now: Mapping[int, Table]) -> Iterator[tuple[int, int, str, str]]:
    """The table and number of each column whose type is another, and what it was and is."""
    for oid, table in now.items():
        columns = before[oid].columns if oid in before else {}
        for number, column in table.columns.items():
            if number in columns and columns[number].kind != column.kind:
                yield oid, number, columns[number].kind, column.kind


def _columns_of(only: Narrow, before: Mapping[int, Table], hit: Collection[int]) -> Mapping[int, frozenset[int]]:
    """The numbers of the columns that it may change, by table; none where one of those is not known by its name.

    `hit` are the tables that were locked or rewritten: what is below the one that is named is rewritten with it.
    """
    meant = [oid for oid, each in before.items() if only.is_of(each.name)]
    if len(meant) != 1 or meant[0] not in hit:
        return {}
    found = dict[int, frozenset[int]]()
    for oid in meant if only.alone else hit:
        if oid not in before:
            return {}
        numbers = {number for number, each in before[oid].columns.items() if each.name in only.columns}
        if len(numbers) < len(only.columns):
            return {}
        found[oid] = _with_generated(before[oid], numbers)
    return found


def _with_generated(table: Table, numbers: Collection[int]) -> frozenset[int]:
    """These columns, and those whose values follow from others."""
    return frozenset({*numbers, *(number for number, each in table.columns.items() if each.generated)})


def is_quiet(part: SentPiece) -> bool:
    """Whether it leaves the rows that are there as they are, by the words that it begins with."""
    return part.words <= _DEFINES and not _rewrites(part.piece.text)


def defines(part: SentPiece) -> bool:
    """Whether it has nothing to do with rows, by the words that it begins with: it makes no table of some."""
    return part.words <= _DEFINES and not _FILLS.search(part.piece.text)


def _calls(part: SentPiece) -> bool:
    """Whether it may run a function for each row that there is."""
    found = _DEFAULT.search(part.piece.text)
    return found is not None and CALLED.search(part.piece.text, found.end()) is not None


def events_of(part: SentPiece) -> frozenset[str]:
    """What it may do to rows of a table that it is seen to write, by the words that it begins with."""
    words = part.words - _DEFINES
    if words == {"insert"} and _CONFLICT.search(part.piece.text):
        return EVENTS - {"delete"}
    return frozenset(words) if words in ({"insert"}, {"update"}, {"delete"}) else EVENTS


def _rewrites(text: str) -> bool:
    """Whether it may empty a table, or change values: by another expression, or a USING that is more than a cast."""
    if _TRUNCATE.search(text) or _EXPRESSION.search(text):
        return True
    if not _changes_values(text):
        return False
    left = without_casts(text)
    # An index is built USING a method.
    return any(_ALTERS.match(left, start, end) and _changes_values(left[start:end]) for start, end in spans(left))


def _changes_values(text: str) -> bool:
    typed = _TYPE.search(text)
    return typed is not None and _USING.search(text, typed.end()) is not None


def _alone(part: SentPiece) -> str:
    starts = list(islice(statement_starts(part.piece.text), 2))
    return shorten(part.piece.text[starts[0] :]) if len(starts) == 1 else ""


def begin(part: SentPiece) -> Location:
    """Where its first statement begins: a piece begins on the line on which the one before it ends."""
    text = part.piece.text
    start = next(statement_starts(text), 0)
    return Location(part.migration.path, part.piece.line + text.count("\n", 0, start))
