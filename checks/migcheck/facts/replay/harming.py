"""What it means for the running release that something it asks is refused."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.queries import Kind, Query, is_text, least_insert
from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.rehearsal import Touched
from migcheck.facts.release import (
    Broken,
    ColumnsGone,
    Demanded,
    Gone,
    Harm,
    KeyGone,
    NotComparable,
    NotWritable,
    OwnQuery,
    QueryRefused,
    Unplannable,
    ValuesRefused,
    plain,
)
from migcheck.facts.replay.blaming import blame
from migcheck.postgres.explaining import Refused
from migcheck.postgres.failure import shorten
from migcheck.postgres.standing import Standing

_QUOTED = re.compile(r'"([^"]+)"|\bcolumn (?:\S+\.)?(\w+) does not exist')
_WEAK = frozenset({"ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"})


class Scene(Struct, frozen=True):
    """What ran between two looks: the migrations, and which of them locked what."""

    new: Sequence[Migration]
    touched: Sequence[Touched]

    def broken(self, table: str, harm: Harm, statement: str, said: str, *choices: tuple[str, ...]) -> Broken:
        """That `statement` on `table` is refused, by what has all words of the first of `choices` that anything has."""
        suspects = [each.migration for each in self.touched if each.table == table and each.lock not in _WEAK]
        by = blame(self.new, suspects, *choices)
        return Broken(by.migration, by.at, by.statement, table, harm, shorten(statement), said)

    def lost(self, relation: Relation, was: Standing, now: Standing | None, select: str) -> Iterator[Broken]:
        """What of `relation` is gone."""
        if now is None:
            yield self.broken(was.name, Gone(), select, "", (relation.name,))
        elif gone := tuple(each.name for each in relation.columns if each.name not in now.columns):
            words = (*((relation.name, each) for each in gone), *((each,) for each in gone))
            yield self.broken(was.name, ColumnsGone(gone), select, "", *words)

    def demanded(self, relation: Relation, was: Standing, now: Standing) -> Iterator[Broken]:
        """The columns that an insert of the release leaves out, and must not any more."""
        known = {each.name: each for each in relation.columns}
        for name in sorted(now.demanded - was.demanded):
            column = known.get(name)
            if column is None or not column.is_given:
                harm = Demanded(name, known=column is not None, counted=column is not None and column.counted)
                words = (relation.name, name)
                yield self.broken(was.name, harm, least_insert(relation), "", (*words, "not", "null"), words, (name,))

    def refused(self, relation: Relation, was: Standing, query: Query, refused: Refused) -> Broken:
        """What a statement of Drizzle's was refused for."""
        harm, choices = _harm(relation, query, refused)
        return self.broken(was.name, harm, query.text, refused.told, *choices, (relation.name,))

    def values(self, relation: Relation, was: Standing, found: Sequence[tuple[Query, Refused]]) -> Iterator[Broken]:
        """The values that were refused, told by their columns."""
        for column in relation.columns:
            own = [each for each in found if each[0].about == (column.name,)]
            if own:
                values = tuple(query.value for query, _ in own)
                harm = ValuesRefused(column.name, column.type, values, sure=not is_text(column))
                words = (*_of_values(column, values), (relation.name, column.name))
                yield self.broken(was.name, harm, own[0][0].text, own[0][1].told, *words)

    def own(self, query: OwnQuery, refused: Refused) -> Broken:
        """A query of the project's own that was refused."""
        named = [one or other for one, other in _QUOTED.findall(refused.message)]
        words = ((each.rpartition(".")[2],) for each in named)
        return self.broken("", QueryRefused(query.at), query.text, refused.told, *words)


def once(found: Sequence[Broken]) -> tuple[Broken, ...]:
    """Each harm once; of what has no better name, one for each table."""
    kept: dict[tuple[str, object], Broken] = {}
    for each in found:
        of = Unplannable if isinstance(each.harm, Unplannable) else each.harm
        kept.setdefault((plain(each.table), of), each)
    return tuple(kept.values())


def _harm(relation: Relation, query: Query, refused: Refused) -> tuple[Harm, list[tuple[str, ...]]]:
    """What is wrong, and words of what made it so."""
    # No unique index, no operator, a value for what is computed or numbered always.
    match refused.sqlstate:
        case "42P10" if query.kind is Kind.UPSERT:
            names = [(each.name,) for each in relation.keys if each.columns == query.about]
            return KeyGone(query.about), [*names, (relation.name, *query.about)]
        case "42883" if query.kind is Kind.JOIN:
            return NotComparable(query.about, plain(query.of[1])), [(relation.name, *query.about), query.about]
        case "428C9":
            column = _column(relation, refused)
            return NotWritable(column.name, sure=column.is_given), [(relation.name, column.name)]
        case _:
            return Unplannable(query.kind), []


def _column(relation: Relation, refused: Refused) -> Column:
    """The column that the server speaks of."""
    named = [one for one, _ in _QUOTED.findall(refused.message)]
    return next((each for each in relation.columns if each.name in named), relation.columns[0])


def _of_values(column: Column, values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if column.labels:
        kind = column.type.removesuffix("[]")
        yield from ((kind, each.strip('{}"')) for each in values)
        yield (kind,)
