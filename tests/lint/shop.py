"""A small schema, as SQL and as a snapshot has it, and new migrations that are read behind it."""

from collections.abc import Collection, Iterable, Iterator

from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.lint.reading import Changes, read_changes
from migcheck.facts.lint.squawk import Unread
from migcheck.facts.sql.left_behind import SessionHolds, SettingLeft
from migcheck.facts.sql.observation import Change, ReadMeanwhile, Seen
from tests.support.rehearsals import folder_of

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create type mood as enum ('sad', 'glad');
create table teams (id int primary key, size int);
create table users (
    id int primary key, name varchar(20), mood mood, team int, age int, price numeric(10, 2), at timestamp,
    twice int generated always as (age * 2) stored
);
alter table users enable row level security;
create table "Odd Ones" (x int check (x is not null), "Y" text check ("Y" is not null and "Y" <> '→'));
create schema stock;
create table stock.items (id int);
create index by_name on users (name);
"""


def column(name: str, type_: str, *, filled: bool = False, generated: bool = False, type_schema: str = "") -> Column:
    return Column(name, type_, filled=filled, generated=generated, type_schema=type_schema)


def table(
    name: str, *columns: Column, schema: str = "", checks: tuple[str, ...] = (), guarded: bool = False
) -> Relation:
    indexes = frozenset({"by_name"} if guarded else ())
    return Relation(schema, name, columns, indexes=indexes, checks=checks, guarded=guarded)


ID = Column("id", "integer", required=True)
TABLES = (
    table("teams", ID, column("size", "integer")),
    table(
        "users",
        ID,
        column("name", "varchar(20)"),
        column("mood", "mood", type_schema="public"),
        column("team", "integer"),
        column("age", "integer"),
        column("price", "numeric(10, 2)"),
        column("at", "timestamp"),
        column("twice", "integer", filled=True, generated=True),
        guarded=True,
    ),
    table(
        "Odd Ones",
        column("x", "integer"),
        column("Y", "text"),
        checks=('"Odd Ones"."x" is not null', '"Odd Ones"."Y" IS NOT NULL and "Odd Ones"."Y" <> \'→\''),
    ),
    table("items", column("id", "integer"), schema="stock"),
)


def read(
    *new: str, tables: tuple[Relation, ...] | None = TABLES, landed: tuple[str, ...] = (), outside: Collection[str] = ()
) -> tuple[Seen, ...]:
    """What the migrations `new` are read to do, behind BASE and `landed`."""
    found = told(*new, tables=tables, landed=landed, outside=outside)
    assert not isinstance(found, Unread), found
    return found.seen


def told(
    *new: str, tables: tuple[Relation, ...] | None = TABLES, landed: tuple[str, ...] = (), outside: Collection[str] = ()
) -> Changes | Unread:
    before = {"0000_base": BASE, **{f"{number:04}_landed": sql for number, sql in enumerate(landed, 1)}}
    head = folder_of({**before, **{f"{number:04}_new": sql for number, sql in enumerate(new, 10)}})
    migrations = head.migrations
    return read_changes(migrations[: len(before)], migrations[len(before) :], tables, outside)


def changes(
    *new: str, tables: tuple[Relation, ...] | None = TABLES, landed: tuple[str, ...] = ()
) -> list[tuple[str, Change]]:
    return [(each.table, each.change) for each in read(*new, tables=tables, landed=landed)]


def lines(found: Collection[Seen]) -> Iterator[tuple[str, str, int | None, str]]:
    """Migration, change, line and statement of each."""
    for each in found:
        yield each.migration, type(each.change).__name__, each.at.line, each.statement


def readable(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """What of it may be read as well: what outlives the transaction is seen alone (MC332), and so is a plan (MC327)."""
    return tuple(each for each in seen if not isinstance(each.change, SessionHolds | SettingLeft | ReadMeanwhile))
