"""The statements that Drizzle sends for the tables and views of a release, word for word.

But for those of `Kind.VALUES`, which are made so that a value stands in each for what a parameter would be.

Source: drizzle-orm 0.45 pg-core/dialect.js `buildSelectQuery`, `buildInsertQuery`, `buildUpdateQuery`,
`buildRelationalQueryWithoutPK`; pg-core/query-builders/insert.js `onConflictDoUpdate`.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from migcheck.drizzle.schema import Column, Reference, Relation, UniqueKey
from migcheck.regex import regex
from migcheck.sql_names import quoted_always

_MOST_VALUES = 100
_MOST_CELLS = 100_000
# In bytes, by PostgreSQL's manual, "Enumerated Types".
_LONGEST_LABEL = 63
# What a value of a type looks like when the driver sends it, such as many other types take as well.
_SAMPLES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "smallserial", "serial", "bigserial", "numeric", "real"), "1"),
    "double precision": "1",
    "boolean": "true",
    "date": "2024-01-01",
    "time": "01:02:03",
    "timestamp": "2024-01-01T00:00:00.000Z",
    "timestamp with time zone": "2024-01-01T00:00:00.000Z",
    "interval": "1 day",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "json": "{}",
    "jsonb": "{}",
    **dict.fromkeys(("text", "varchar", "char", "citext"), "x"),
}
_LENGTH = regex(r"\([^)]*\)|\[\d*\]")
# Texts, in which nothing is a name (PostgreSQL's manual, "Lexical Structure").
_QUOTED = r"""[eE]'(?:[^'\\]|\\.|'')*'?|'[^']*'?|\$(?P<tag>[^\W\d]?\w*)\$.*?(?:\$(?P=tag)\$|\Z)"""
_QUOTED_NAME = r'"(?:[^"]|"")*"?'
_TEXTS = frozenset({"text", "varchar", "char", "citext"})


class Kind(StrEnum):
    """What a statement does."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    JOIN = "join"
    VALUES = "values"


Identity = tuple[Kind, tuple[str, ...], tuple[str, ...], str]


class Query(Struct, frozen=True):
    """A statement of a release on the relations called `of`, the first of which it is about.

    `about` are the columns of the key or the reference, or the one that is given a value. `value` is that value, or
    which rows a key holds for.
    """

    kind: Kind
    text: str
    of: tuple[str, ...]
    parameters: int = 0
    about: tuple[str, ...] = ()
    value: str = ""

    @property
    def identity(self) -> Identity:
        """What it is, whichever other columns it names."""
        return self.kind, self.of, self.about, self.value


def queries_of(relations: Iterable[Relation], touching: Container[str] | None = None) -> Iterator[Query]:
    """Every statement there is on `relations`, or that is on one of the names `touching`.

    A foreign key to a table that is not among them is passed over.
    """
    known = {(each.schema, each.name): each for each in relations}
    for each in known.values():
        its_own = touching is None or written(each) in touching
        if its_own:
            yield reading(each)
            yield from _writing(each)
        for reference in each.references:
            other = known.get((reference.schema, reference.table))
            if other is not None and (its_own or touching is None or written(other) in touching):
                yield from _joining(each, other, reference)


def reading(relation: Relation) -> Query:
    """The statement that reads all columns of `relation`."""
    return Query(Kind.SELECT, _select(relation), (written(relation),))


def inserting(relation: Relation) -> Query | None:
    """The insert that gives a value to all that takes one; None for what nobody writes to."""
    columns = [] if relation.is_view else _written(relation)
    if not columns:
        return None
    places = {each.name: f"${number}" for number, each in enumerate(_given(columns), 1)}
    row = [places.get(each.name, "default") for each in columns]
    return Query(Kind.INSERT, _insert(relation, [row]), (written(relation),), len(places))


def value_queries(relation: Relation) -> Iterator[Query]:
    """An update for each value alone that a release may give a column of `relation`."""
    for column in _written(relation):
        for value in _values(column):
            text = f"update {written(relation)} set {quoted_always(column.name)} = {_literal(value)}"  # noqa: S608 - quoted
            yield Query(Kind.VALUES, text, (written(relation),), about=(column.name,), value=value)


def least_insert(relation: Relation) -> str:
    """An insert that leaves out whatever the release may leave out."""
    given = [each.name for each in _written(relation) if each.is_given]
    places = {name: f"${number}" for number, name in enumerate(given, 1)}
    return _insert(relation, [[places.get(each.name, "default") for each in _written(relation)]])


def is_text(column: Column) -> bool:
    """Whether a release may give it, or an element of it, any text."""
    return not column.labels and _base(column) in _TEXTS


def written(relation: Relation) -> str:
    """The name of `relation` as Drizzle writes it."""
    return ".".join(quoted_always(each) for each in (relation.schema, relation.name) if each)


def _select(relation: Relation) -> str:
    # Of a view of 1.0 no column is known.
    columns = "".join(f" {each}" for each in [", ".join(_names(relation))] if each)
    return f"select{columns} from {written(relation)}"


def _writing(relation: Relation) -> Iterator[Query]:
    """The statements that write. A column that is numbered always, or computed, is given no value."""
    insert, columns = inserting(relation), _written(relation)
    if insert is None:
        return
    yield insert
    if given := _given(columns):
        yield _update(relation, given)
    for key in relation.keys:
        yield _upsert(relation, key)
    if values := [list(each) for each in _rows(columns)]:
        yield Query(Kind.VALUES, _insert(relation, values), insert.of)


def _update(relation: Relation, given: Sequence[Column]) -> Query:
    sets = ", ".join(f"{quoted_always(each.name)} = ${number}" for number, each in enumerate(given, 1))
    key = relation.keys[0].columns if relation.keys else ()
    tests = [f"{_of(relation, each)} = ${number}" for number, each in enumerate(key, len(given) + 1)]
    where = f" where {_both(tests)}" if tests else ""
    text = f"update {written(relation)} set {sets}{where}"  # noqa: S608 - names are quoted
    return Query(Kind.UPDATE, text, (written(relation),), len(given) + len(key))


def _upsert(relation: Relation, key: UniqueKey) -> Query:
    columns = _written(relation)
    others = (each.name for each in columns if each.name not in key.columns and each.identity != "always")
    named = ",".join(map(quoted_always, key.columns))
    where = f" where {_as_target(relation, key.where)}" if key.where else ""
    text = _insert(relation, [["default"] * len(columns)])
    text += f" on conflict ({named}){where} do update set {quoted_always(next(others, key.columns[0]))} = $1"
    return Query(Kind.UPSERT, text, (written(relation),), 1, key.columns, key.where)


def _as_target(relation: Relation, where: str) -> str:
    """A condition as code has to write it behind ON CONFLICT: with the table's name before a column it is refused.

    drizzle-kit remembers it with that name, which the statement of an index takes.
    """
    schema, name = (re.escape(quoted_always(each)) for each in (relation.schema or "public", relation.name))
    table = rf"(?:{schema}\s*\.\s*)?{name}"
    own = re.compile(rf"{_QUOTED}|(?P<own>{table}\s*\.\s*)|{_QUOTED_NAME}", re.DOTALL)
    return own.sub(lambda found: "" if found["own"] else found[0], where)


def _joining(relation: Relation, other: Relation, reference: Reference) -> Iterator[Query]:
    if 0 < len(reference.columns) == len(reference.to) and relation.columns:
        of = (written(relation), written(other))
        yield Query(Kind.JOIN, _with(relation, other, reference), of, 1, reference.columns)


def _with(relation: Relation, other: Relation, reference: Reference) -> str:
    """`db.query.….findMany({ with: { … } })`, where the table's name stands for that of the relation in code."""
    one, many = quoted_always(relation.name), quoted_always(f"{relation.name}_{other.name}")
    columns = ", ".join(f"{one}.{each}" for each in _names(relation))
    inner = ", ".join(f"{many}.{each}" for each in _names(other))
    pairs = zip(reference.to, reference.columns, strict=True)
    where = _both([f"{many}.{quoted_always(to)} = {one}.{quoted_always(column)}" for to, column in pairs])
    return (
        f'select {columns}, {many}."data" as {quoted_always(other.name)} from {written(relation)} {one} '  # noqa: S608 - quoted
        f'left join lateral (select json_build_array({inner}) as "data" '
        f"from (select * from {written(other)} {many} where {where} limit $1) {many}) {many} on true"
    )


def _insert(relation: Relation, rows: Sequence[Sequence[str]]) -> str:
    columns = ", ".join(quoted_always(each.name) for each in _written(relation))
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"insert into {written(relation)} ({columns}) values {values}"  # noqa: S608 - all of it is quoted


def _written(relation: Relation) -> list[Column]:
    return [each for each in relation.columns if not each.generated]


def _given(columns: Sequence[Column]) -> list[Column]:
    return [each for each in columns if each.identity != "always"]


def _rows(columns: Sequence[Column]) -> Iterator[Iterable[str]]:
    """Rows in which each value that a column may be given stands once; none where no such value is known.

    Of a table that is very wide not all values.
    """
    values = [_values(each) for each in columns]
    most = max(1, _MOST_CELLS // max(1, len(columns)))
    for number in range(min(most, max(map(len, values), default=0))):
        yield (_literal(each[number]) if number < len(each) else "default" for each in values)


def _values(column: Column) -> tuple[str, ...]:
    """Values that a release may give: each label of an enum, one that many types take; none where nobody knows."""
    is_array = column.type.endswith("]")
    if column.identity == "always":
        return ()
    if column.labels:
        labels = tuple(each for each in column.labels[:_MOST_VALUES] if len(each.encode()) <= _LONGEST_LABEL)
        return tuple(f"{{{_element(each)}}}" for each in labels) if is_array else labels
    sample = _SAMPLES.get(_base(column))
    if is_array:
        return ("{}" if sample is None else f"{{{_element(sample)}}}",)
    return () if sample is None else (sample,)


def _base(column: Column) -> str:
    """The type, or that of an array's elements, without a length: of `varchar(3)[]` it is `varchar`."""
    return " ".join(_LENGTH.sub(" ", column.type.lower()).split())


def _of(relation: Relation, column: str) -> str:
    return f"{written(relation)}.{quoted_always(column)}"


def _both(tests: Sequence[str]) -> str:
    return tests[0] if len(tests) == 1 else f"({' and '.join(tests)})"


def _names(relation: Relation) -> list[str]:
    return [quoted_always(each.name) for each in relation.columns]


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _element(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
