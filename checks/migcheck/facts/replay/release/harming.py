"""What it means for the running release that something it asks is refused."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.queries import Kind, Query, is_text, least_insert
from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.release.blaming import Signs, blame, defining
from migcheck.facts.replay.watching.placing import Stated
from migcheck.facts.sql.release import (
    Broken,
    ColumnsGone,
    Demanded,
    Gone,
    Harm,
    KeyGone,
    LeftOutRefused,
    NotComparable,
    NotWritable,
    OwnQuery,
    QueryRefused,
    Unplannable,
    ValuesRefused,
    plain,
)
from migcheck.postgres.explaining import Refused
from migcheck.postgres.left_out import Limit
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.standing import Standing
from migcheck.regex import regex

_QUOTED = regex(r'"([^"]+)"|\bcolumn (?:\S+\.)?(\w+) does not exist')
_WEAK = frozenset({"ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"})

# Of a hundred columns that went, the first tell.
_MOST_SIGNS = 20
_MAKING = ("add constraint", "create unique index")


class Scene(Struct, frozen=True, dict=True):
    """What ran between two looks: the migrations, and which of them locked what."""

    new: Sequence[Migration]
    touched: Sequence[Touched]

    @cached_property
    def said(self) -> Sequence[Stated]:
        """What the migrations define."""
        return list(defining(self.new))

    def broken(self, table: str, harm: Harm, statement: str, said: str, signs: Signs) -> Broken:
        """That `statement` on `table` is refused, by what has the `signs`."""
        suspects = [each.migration for each in self.touched if each.table == table and each.lock not in _WEAK]
        by = blame(self.new, self.said, suspects, signs)
        return Broken(by.migration, by.at, by.statement, table, harm, shorten(statement), said, by.others)

    def lost(self, relation: Relation, was: Standing, now: Standing | None, select: str) -> Iterator[Broken]:
        """What of `relation` is gone."""
        if now is None:
            yield self.broken(was.name, Gone(), select, "", _of_name(relation))
        elif gone := tuple(each.name for each in relation.columns if each.name not in now.columns):
            yield self.broken(was.name, ColumnsGone(gone), select, "", _of_columns(relation, gone))

    def demanded(self, relation: Relation, was: Standing, now: Standing) -> Iterator[Broken]:
        """The columns that an insert of the release leaves out, and must not any more."""
        known = {each.name: each for each in relation.columns}
        for name in sorted(now.demanded - was.demanded):
            column = known.get(name)
            if column is None or not column.is_given:
                harm = Demanded(name, known=column is not None, counted=column is not None and column.counted)
                yield self.broken(was.name, harm, least_insert(relation), "", _of_demand(relation, name))

    def limited(self, relation: Relation, was: Standing, now: Standing, limits: Sequence[Limit]) -> Iterator[Broken]:
        """What refuses a row that leaves out what the release does not know, or one column for its default."""
        may_leave_out = {each.name for each in relation.columns if not (each.is_given or each.counted)}
        for each in limits:
            of = set(each.columns)
            known = not of.isdisjoint(relation.names)
            alone = len(of) == 1 and of <= may_leave_out and each.filled and not each.unique
            if now.demanded.isdisjoint(of) and (alone or not known):
                harm = LeftOutRefused(each.name, each.columns, known=known, unique=each.unique)
                words = (relation.name, *each.columns)
                signs = Signs([(each.name,)], [words, each.columns, words[:1]], only=True)
                yield self.broken(was.name, harm, least_insert(relation), "", signs)

    def refused(self, relation: Relation, was: Standing, query: Query, refused: Refused) -> Broken:
        """What a statement of Drizzle's was refused for."""
        harm, signs = _harm(relation, query, refused)
        return self.broken(was.name, harm, query.text, refused.told, signs)

    def values(self, relation: Relation, was: Standing, found: Sequence[tuple[Query, Refused]]) -> Iterator[Broken]:
        """The values that were refused, told by their columns."""
        for column in relation.columns:
            own = [each for each in found if each[0].about == (column.name,)]
            if own:
                values = tuple(query.value for query, _ in own)
                harm = ValuesRefused(column.name, column.type, values, sure=not is_text(column))
                signs = _of_values(relation, column, values)
                yield self.broken(was.name, harm, own[0][0].text, own[0][1].told, signs)

    def own(self, query: OwnQuery, refused: Refused) -> Broken:
        """A query of the project's own that was refused."""
        named = [one or other for one, other in _QUOTED.findall(refused.message)]
        signs = Signs(naming=[(each.rpartition(".")[2],) for each in named])
        return self.broken("", QueryRefused(query.at), query.text, refused.told, signs)


def once(found: Sequence[Broken]) -> tuple[Broken, ...]:
    """Each harm once; of what has no better name, one for each table."""
    kept: dict[tuple[str, object], Broken] = {}
    for each in found:
        of = Unplannable if isinstance(each.harm, Unplannable) else each.harm
        kept.setdefault((plain(each.table), of), each)
    return tuple(kept.values())


def _harm(relation: Relation, query: Query, refused: Refused) -> tuple[Harm, Signs]:
    """What is wrong, and signs of what made it so."""
    # No unique index, no operator, a value for what is computed or numbered always.
    match refused.sqlstate:
        case "42P10" if query.kind is Kind.UPSERT:
            names = [each.name for each in relation.keys if each.columns == query.about]
            doing = [(f"drop {kind}", each) for each in names for kind in ("constraint", "index")]
            naming = [*((each,) for each in names), (relation.name, *query.about), (relation.name,)]
            undoing = [(does, each) for each in names for does in _MAKING]
            return KeyGone(query.about), Signs(doing, naming, undoing, only=True)
        case "42883" if query.kind is Kind.JOIN:
            signs = Signs(naming=[(relation.name, *query.about), query.about, (relation.name,)])
            return NotComparable(query.about, plain(query.of[1])), signs
        case "428C9":
            column = _column(relation, refused)
            words = (relation.name, column.name)
            signs = Signs([(*words, "generated")], [words, words[:1]], only=True)
            return NotWritable(column.name, sure=column.is_given), signs
        case _:
            return Unplannable(query.kind), Signs(naming=[(relation.name,)])


def _column(relation: Relation, refused: Refused) -> Column:
    """The column that the server speaks of."""
    named = [one for one, _ in _QUOTED.findall(refused.message)]
    return next((each for each in relation.columns if each.name in named), relation.columns[0])


def _of_name(relation: Relation) -> Signs:
    """What takes the name away. What drops a column speaks of its table as well."""
    kinds = ("drop view", "drop materialized view", "drop table", "rename to", "set schema")
    doing = [(each, relation.name) for each in kinds]
    undoing = [("create", each, relation.name) for each in ("table", "view")]
    return Signs(doing, [(relation.name,)], undoing, only=True)


def _of_columns(relation: Relation, gone: Sequence[str]) -> Signs:
    if relation.is_view:
        return _of_name(relation)
    gone = gone[:_MOST_SIGNS]
    doing = [(relation.name, f"{does} column", each) for does in ("drop", "rename") for each in gone]
    guessed = [(relation.name, does, each) for does in ("drop", "rename") for each in gone]
    naming = [*guessed, *((relation.name, each) for each in gone), *((each,) for each in gone)]
    return Signs(doing, naming, only=True)


def _of_demand(relation: Relation, column: str) -> Signs:
    words = (relation.name, column)
    doing = [(*words, does) for does in ("set not null", "not null", "drop default", "drop identity")]
    return Signs(doing, [(*words, "not", "null"), words, (column,)])


def _of_values(relation: Relation, column: Column, values: Sequence[str]) -> Signs:
    retyped, words = (relation.name, column.name, "type"), (relation.name, column.name)
    if not column.labels:
        return Signs([retyped], [words])
    kind = column.type.removesuffix("[]")
    doing = [(kind, "rename value", each.strip('{}"')) for each in values[:_MOST_SIGNS]]
    return Signs([*doing, ("drop type", kind), retyped], [*((kind, each[2]) for each in doing), (kind,), words])
