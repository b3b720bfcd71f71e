"""How far writes reach that were seen, and those that code may make: what no row that was made up need show. No I/O."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.writing import ALL, ANY, CALLED, EVENTS, Code, Write
from migcheck.finding import Location
from migcheck.postgres.filling.following import RULE, Following
from migcheck.postgres.running.statements import EXECUTES
from migcheck.regex import regex
from migcheck.sql_names import NAMED, bare

_ONE = rf"(?:only\s+)?{NAMED}(?:\s*\*)?"
_TARGETS = regex(
    rf"(?i)\b(?:insert\s+into|merge\s+into|delete\s+from)\s+(?P<one>{_ONE})"
    rf'|\bupdate\s+(?P<other>{_ONE})(?:\s+(?:as\s+)?(?:"[^"]*"|\w+))?\s+set\b'
    rf"|\btruncate(?:\s+table)?\s+(?P<several>{_ONE}(?:\s*,\s*{_ONE})*)"
)
_NAMES = regex(NAMED)
_COMMENT = regex(r"--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)")
_BUILT = regex(rf"(?i){EXECUTES}")
# GRANT and COMMENT speak of functions, and call none. An argument's type may have a length.
_SIGNED = rf"{NAMED}(?:\s*\((?:[^()]|\([^()]*\))*\))?"
_OF_FUNCTIONS = regex(rf"(?i)\bon\s+(?:function|procedure|routine)\s+{_SIGNED}(?:\s*,\s*{_SIGNED})*")
_CREATED = regex(rf"(?i)\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure)\s+(?P<name>{NAMED})")
_REDIRECTS = regex(r"(?i)\b(?:trigger|rule|view)\b")
# A table that is new has no name here, and what an extension brings writes nothing.
_NOBODY = "-"
_UNHEARD = ""
Place = tuple[float, float]
_Event = tuple[str, str]


def order_of(new: Sequence[Migration]) -> Mapping[str, int]:
    """The number of each migration's file, in the order in which they run."""
    return {each.path: number for number, each in enumerate(new)}


def placed(at: Location, order: Mapping[str, int]) -> Place:
    """Where that is in the order of what runs; behind everything, where no line says so."""
    return (order[at.path], at.line) if at.path in order and at.line is not None else (float("inf"), float("inf"))


class Reach(Struct, frozen=True, dict=True):
    """What is there to be reached: `names` of tables and views by oid, the `tables` among them, and what follows.

    `was` is what followed from a write before what is `new`, and `now` behind it, where `later` has the names.
    """

    names: Mapping[int, str]
    tables: Collection[int]
    was: Following
    now: Following
    new: Sequence[Migration]
    later: Mapping[int, str] = field(default_factory=dict)

    def writes(self, found: Iterable[Write], code: Iterable[Code]) -> tuple[Write, ...]:
        """Where each table's rows may be others first: by what was `found`, by `code`, and by what follows from these.

        Nobody knows where a table lost rows with one that was a part of it.
        """
        order = order_of(self.new)
        begun = [*found, *(Write(table, each.at) for each in code for table in self.written_by(each.text)), *self._lost]
        reached: dict[tuple[_Event, frozenset[int]], Write] = {}
        for each in sorted(begun, key=lambda one: placed(one.at, order)):
            # Neither a rule nor a trigger hears that a column gets another type.
            columns = each.columns if not each.events or self._is_kept(each.table) else ANY
            ahead = [((each.table, event), columns) for event in each.events or (_UNHEARD,)]
            while ahead:
                of = ahead.pop()
                if of not in reached:
                    reached[of] = each
                    ahead += [(other, ANY) for other in self._after.get(of[0], ())]
        told = (replace(each, table=table, columns=columns) for ((table, _), columns), each in reached.items())
        return tuple(dict.fromkeys(told))

    def _is_kept(self, table: str) -> bool:
        """Whether an update of the table changes those columns alone that it names: nothing else hears of it."""
        return not self._redirects and table not in self._heard and self._called.get(bare(table)) == frozenset({table})

    @cached_property
    def _heard(self) -> frozenset[str | None]:
        """The tables that a trigger hears an update of."""
        both = (self.was, self.now)
        return frozenset(self.names.get(oid) for each in both for oid, event, _ in each.fires if event == "update")

    @cached_property
    def _redirects(self) -> bool:
        """Whether an update may be made one of something else."""
        fires = self.was.fires | self.now.fires
        rules = any(event == "update" and routine == RULE for _, event, routine in fires)
        return rules or any(_REDIRECTS.search(piece.text) for migration in self.new for piece in migration.pieces)

    def written_by(self, text: str) -> frozenset[str]:
        """The tables that code may write, by its text; ALL where that cannot be told."""
        found, ahead, known = set[str](), [text], set[str]()
        while ahead:
            text = ahead.pop()
            if not text or _BUILT.search(text):
                return frozenset({ALL})
            if _COMMENT.search(text):
                # Beside it: a string may look like a comment.
                text += "\n" + _COMMENT.sub(" ", text)
            for each in _TARGETS.finditer(text):
                for name in _NAMES.findall(each["one"] or each["other"] or each["several"]):
                    found |= self._called.get(bare(name), frozenset())
            called = {bare(each[:-1]) for each in CALLED.findall(_OF_FUNCTIONS.sub(" ", text))} - known
            known |= called
            ahead += [source for name in called & self._sources.keys() for source in self._sources[name]]
        return frozenset(found)

    @cached_property
    def _called(self) -> Mapping[str, frozenset[str]]:
        """The tables of each name, one of then or of later, without its schema.

        ALL for a view, for what that writes shows nowhere.
        """
        called: dict[str, frozenset[str]] = {}
        for oid, name in self.names.items():
            told = name if oid in self.tables else ALL
            for each in {bare(name), bare(self.later.get(oid, name))}:
                called[each] = called.get(each, frozenset()) | {told}
        return called

    @cached_property
    def _sources(self) -> Mapping[str, Sequence[str]]:
        """What each function and procedure does, by its name without the schema; what is dropped in the end as well."""
        sources: dict[str, list[str]] = {}
        for each in (*self.was.routines.values(), *self.now.routines.values()):
            sources.setdefault(each.name, []).append(each.source)
        for piece in (piece for migration in self.new for piece in migration.pieces):
            for found in _CREATED.finditer(piece.text):
                sources.setdefault(bare(found["name"]), []).append(piece.text[found.end() :])
        return sources

    @cached_property
    def _after(self) -> Mapping[_Event, Collection[_Event]]:
        """What may be done to rows of which tables, where something is done to those of a table."""
        after: dict[_Event, set[_Event]] = {}
        for each in (self.was, self.now):
            for of, other, events in self._followed(each):
                if of[0] in self.names:
                    called = self.names[of[0]], of[1]
                    after.setdefault(called, set()).update((other, event) for event in events)
        return after

    def _followed(self, there: Following) -> Iterator[tuple[tuple[int, str], str, Collection[str]]]:
        for one, event, other in there.links:
            # It is deleted with it, or changed: either may be heard of.
            yield (one, event), self.names.get(other, _NOBODY), EVENTS
        for part, whole in there.heirs:
            for event in (*EVENTS, _UNHEARD):
                yield (part, event), self.names.get(whole, _NOBODY), (event,)
                yield (whole, event), self.names.get(part, _NOBODY), (event,)
        for table, event, routine in there.fires:
            source = there.routines[routine].source if routine in there.routines else _NOBODY
            for name in self.written_by(source):
                yield (table, event), name, EVENTS

    @property
    def _lost(self) -> Iterator[Write]:
        first = Location(self.new[0].path if self.new else "", 0)
        above = {whole for _, whole in self.was.heirs - self.now.heirs}
        return (Write(self.names[each], first) for each in sorted(above) if each in self.names)
