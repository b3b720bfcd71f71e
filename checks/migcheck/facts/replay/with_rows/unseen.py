"""What is newly asked of rows that shows in no table: of a domain, of a partition, of a materialized view. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.facts.replay.with_rows.retyping import is_cast
from migcheck.facts.replay.with_rows.selecting import rows_of, twice_in, unheld
from migcheck.facts.replay.with_rows.suspicion import Change, Suspect, is_same
from migcheck.facts.sql.misfit import RepeatedInView, Unheld, Unplaced
from migcheck.facts.sql.rows import Question
from migcheck.postgres.filling.beyond import Beyond, OfDomain, OfPartition, OfView
from migcheck.postgres.running.failure import SqlFailure, shorten
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import bare, full_name, quoted, quoted_always

_OF_VIEWS, _OF_ROWS = "23505", "23514"
REFUSES = frozenset({_OF_VIEWS, _OF_ROWS})
"""How the server refuses what is told of here."""
_OF_A_SERVER = "satisfies_hash_partition"
"""It holds the number that a table has on one server."""


_ADDS = regex(r"(?i)alter\s+domain\b.*\b(?:add|validate)\b", re.DOTALL)


class Unseen(Struct, frozen=True):
    """What may be refused, and by what names: those of a table or a view, of a `column` or an `index`.

    `words` are in the statement that asks, and `name` may be. `constraint` is that of a domain which a column gets: no
    table is named.
    """

    called: tuple[str, ...]
    suspect: Suspect
    words: tuple[str, ...]
    column: str = ""
    index: str = ""
    constraint: str = ""
    name: str = ""

    def is_meant(self, failure: SqlFailure) -> bool:
        """Whether it may be what the server refused."""
        named, state = failure.named, _OF_VIEWS if self.index else _OF_ROWS
        if self.constraint:
            return not named.table and named.constraint == self.constraint and failure.sqlstate == state
        there = full_name(named.schema, named.table) in self.called
        same = (named.column, named.constraint) == (self.column, self.index)
        return there and same and failure.sqlstate == state


class Beside(Struct, frozen=True):
    """What is asked before what is new and behind it, and what became of the tables.

    `partitions` are what partitions are of themselves, likewise, and `names` how tables and views were called.
    """

    was: Sequence[Beyond]
    now: Sequence[Beyond]
    change: Change
    partitions: tuple[Mapping[int, Table], Mapping[int, Table]]
    names: Mapping[int, str]

    def unseen(self) -> Iterator[Unseen]:
        """All that is new of it."""
        domains = {(each.oid, each.table, each.number) for each in self.was if isinstance(each, OfDomain)}
        bounds = {each.oid: each.says for each in self.was if isinstance(each, OfPartition)}
        indexes = {each.oid for each in self.was if isinstance(each, OfView)}
        for each in self.now:
            match each:
                case OfDomain(oid=oid, table=table, number=number) if (oid, table, number) not in domains:
                    yield from self._of_domain(each)
                case OfPartition(oid=oid, says=says) if says and bounds.get(oid) != says:
                    yield from self._of_partition(each, is_part=oid in bounds)
                case OfView(oid=oid) if oid not in indexes:
                    yield self._of_view(each)
                case _:
                    pass

    def questions(self) -> Iterator[Question]:
        """Whether a target has such rows, each at the first statement that may ask it, where there is one."""
        found = list(self.unseen())
        # Most migrations ask nothing of it, and one may have tens of thousands of statements.
        statements = list(self.change.statements) if found else []
        for each in found:
            suspect, words = each.suspect, each.words
            about = [one for one in statements if one.says(*words)]
            # What adds a check anew takes one of its name away first.
            adding = [one for one in about if each.name and _ADDS.match(one.text)]
            named = [one for one in adding if one.says(each.name)]
            by = next(iter([*reversed(named or adding), *about]), None)
            if by is not None and suspect.select:
                said = shorten(by.text.strip())
                yield Question(by.migration, by.at, said, suspect.table, suspect.misfit, suspect.select)

    def _of_domain(self, asked: OfDomain) -> Iterator[Unseen]:
        was, now = self.change.before.get(asked.table), self.change.after.get(asked.table)
        if was is None or now is None:
            return
        there = self._until(asked).untouched(asked.table, [asked.number])
        cast = there is None and self._is_cast(asked, was, now)
        name = was.columns[asked.number].name if cast else asked.column
        broken = unheld(asked.says, [f"{quoted_always(name)}::{asked.base} as value"])
        select = rows_of(was, broken) if there is not None or cast else ""
        suspect = Suspect(was.name, Unheld(asked.constraint), select)
        if cast:
            yield Unseen((), suspect, ("type", asked.domain), constraint=asked.constraint)
        else:
            words = ("domain", asked.domain)
            yield Unseen((was.name, asked.name), suspect, words, asked.column, name=asked.constraint)

    def _until(self, asked: OfDomain) -> Change:
        """What has changed when the check is added: by the last statement that may do so, where it says so itself."""
        about = [each for each in self.change.statements if each.says("domain", asked.domain)]
        return self.change.until(about[-1].at) if about and _ADDS.match(about[-1].text) else self.change

    def _is_cast(self, asked: OfDomain, was: Table, now: Table) -> bool:
        """Whether the column gets the domain now, by a cast, of values that the domain is of."""
        one = was.columns.get(asked.number)
        if one is None or asked.number not in now.columns or self.change.is_changed(was, [asked.number]):
            return False
        same = one.type == asked.base or (asked.base == "text" and one.type.startswith("character varying"))
        return same and is_cast(self.change, was, now, asked.number)

    def _of_partition(self, asked: OfPartition, *, is_part: bool) -> Iterator[Unseen]:
        was, now = (each.get(asked.oid) for each in self.partitions)
        if was is None or now is None:
            return
        same = was.columns.keys() == now.columns.keys() and all(
            is_same(each, now.columns[number]) for number, each in was.columns.items()
        )
        written = {was.name, asked.name, asked.root} & {*self.change.written, *self.change.changed}
        known = same and not written and _OF_A_SERVER not in asked.says
        select = rows_of(was, f"not ({asked.says})") if known else ""
        suspect = Suspect(asked.root if is_part else was.name, Unplaced(was.name), select)
        named = asked.parent if is_part else bare(was.name)
        yield Unseen((was.name, asked.name), suspect, ("partition", named))

    def _of_view(self, asked: OfView) -> Unseen:
        """Its rows are what its query gave once; where it is new, or filled again, what that gives now."""
        name, plain = self.names.get(asked.view, ""), bare(asked.name)
        again = any(each.text[:7].casefold() == "refresh" and each.says(plain) for each in self.change.statements)
        if name and not again:
            rows = "" if name in self.change.written else name
        else:
            rows = f"({asked.definition.strip().removesuffix(';')}) {quoted(plain)}" if self._is_known(asked) else ""
        select = twice_in(rows, asked.keys, asked.where, alike=asked.alike) if rows else ""
        suspect = Suspect(name or asked.name, RepeatedInView(asked.index), select)
        return Unseen((name, asked.name), suspect, ("unique", asked.index), index=asked.index)

    def _is_known(self, asked: OfView) -> bool:
        """Whether all that its query reads is as it was."""
        change = self.change
        reads = [change.untouched(table, [number] if number else []) for table, number in asked.reads]
        return asked.plain and all(each is not None for each in reads)
