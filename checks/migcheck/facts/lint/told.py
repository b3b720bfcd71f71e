"""What a snapshot tells of tables, as a look at a server would give it."""

from collections.abc import Callable, Iterator

from migcheck.drizzle import schema
from migcheck.facts.lint.types import shown
from migcheck.facts.sql.types import called
from migcheck.postgres.table import Column, Constraint, Table
from migcheck.sql_names import full_name

PUBLIC = "public"


def table_of(told: schema.Relation, number: Callable[[], int]) -> Table:
    """The table, with a `number` for each thing of it."""
    return Table(
        number(),
        full_name(told.schema or PUBLIC, told.name),
        files={0: 1},
        scans=0,
        indexed=0,
        storage="",
        clustered=False,
        guarded=told.guarded,
        columns={number(): _column(each) for each in told.columns},
        indexes={},
        constraints={
            number(): Constraint("", foreign=False, validated=True, says=f"CHECK ({each})") for each in told.checks
        },
    )


def enums_of(told: schema.Relation) -> Iterator[str]:
    """The enums that columns are of, as they are `called`. A snapshot has a schema for the types of enums alone."""
    for each in told.columns:
        if each.type_schema or each.labels:
            yield called(_written(each)).removesuffix("[]")


def beside(told: schema.Relation) -> Iterator[str]:
    """The full names of what is no table, and has a name where tables have theirs."""
    for each in (*told.indexes, *(key.name for key in told.keys), *([told.name] if told.is_view else ())):
        yield full_name(told.schema or PUBLIC, each)


def _column(told: schema.Column) -> Column:
    typed = _written(told)
    required, filled = told.required or told.type.lower() in schema.SERIALS, told.filled or told.counted
    return Column(told.name, called(typed), shown(typed), required, filled, told.generated)


def _written(told: schema.Column) -> str:
    return f"{told.type_schema}.{told.type}" if told.type_schema else told.type
