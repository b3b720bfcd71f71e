"""Which of several new migrations is told to have broken the running release, and which may have."""

from collections.abc import Iterator, Sequence

import pytest
from msgspec.structs import replace

from migcheck.drizzle.pieces import Piece
from migcheck.drizzle.queries import Kind, queries_of, value_queries
from migcheck.drizzle.schema import Column
from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.release.harming import Scene
from migcheck.facts.sql.release import Broken, OwnQuery
from migcheck.finding import Location
from migcheck.postgres.explaining import Refused
from migcheck.postgres.running.alone import statements_in
from migcheck.postgres.standing import Standing
from tests.support.rehearsals import folder_of
from tests.support.releases import ADULTS, USERS

DYNAMIC = "do $$ begin execute 'alter ' || 'x'; end $$;"
NAMES = USERS.names


def scene(*new: str, locked: Sequence[int] = ()) -> Scene:
    """What ran, of which those numbered so locked the table of users."""
    migrations = folder_of({f"{number:04}_new": sql for number, sql in enumerate(new, 1)}).migrations
    touched = [Touched(f"{number:04}_new", "public.users", "ACCESS EXCLUSIVE") for number in locked]
    weak = [Touched(each.tag, "public.users", "ROW EXCLUSIVE") for each in migrations]
    return Scene(migrations, (*weak, *touched))


def told(broken: Broken) -> tuple[str, str, list[str]]:
    """The number of the migration, its statement, and the numbers of those that may have done it instead."""
    return broken.migration[3], broken.made_by, [each[3] for each in broken.others]


def standing(*columns: str, demanded: Sequence[str] = ()) -> Standing:
    return Standing("public.users", frozenset(columns or NAMES), frozenset(demanded))


@pytest.mark.parametrize(
    ("new", "locked", "found"),
    [
        # What it says comes before what it names.
        (["create index i on users (name);", "alter table users rename to people;"], [1, 2], "2"),
        (["alter table users drop column age;", "drop table users;"], [1, 2], "2"),
        (["alter table users add x int;", "alter table users set schema app;"], [1, 2], "2"),
        # Who did not lock it did not do it.
        (["drop table users;", DYNAMIC], [2], "2 or none"),
        (["comment on table users is 'x';", DYNAMIC], [2], "2 or none"),
        (["alter table users add x int;", DYNAMIC], [1, 2], "1 or 2"),
        (["comment on table users is 'x';", DYNAMIC], [], "1 or 2"),
        (["drop table users;", "drop table if exists users;"], [1, 2], "1 or 2"),
    ],
)
def test_a_name_that_is_gone(new: list[str], locked: list[int], found: str) -> None:
    (broken,) = scene(*new, locked=locked).lost(USERS, standing(), None, "select")
    migration, _, others = told(broken)
    assert (migration, others) == (found[0], found.removesuffix(" or none").split(" or ")[1:])


@pytest.mark.parametrize(
    ("new", "made_by", "others"),
    [
        (
            ["create index i on users (name);", "alter table users rename column name to title;"],
            "alter table users rename column name to title;",
            [],
        ),
        (
            ["alter table users add check (name > '');", "alter table users drop column name;"],
            "alter table users drop column name;",
            [],
        ),
        # Which word is a column's is a guess.
        (
            ["alter table users add check (name > '');", "alter table users drop name;"],
            "alter table users drop name;",
            ["1"],
        ),
    ],
)
def test_a_column_that_is_gone(new: list[str], made_by: str, others: list[str]) -> None:
    left = standing(*(NAMES - {"name"}))
    (broken,) = scene(*new, locked=[1, 2]).lost(USERS, standing(), left, "select")
    assert told(broken) == ("2", made_by, others)


def test_a_column_of_a_view_that_is_gone() -> None:
    new = ["create view names as select name from adults;", "drop view adults; create view adults as select 1 as id;"]
    (broken,) = scene(*new).lost(ADULTS, standing("id", "name"), standing("id"), "select")
    assert told(broken) == ("2", "drop view adults;", ["1"])


def test_a_view_that_was_made_again_may_be_gone_by_another() -> None:
    again = "drop view adults; create view adults as select 1 as id;"
    for new, found in (
        ([again, "alter table users drop column age cascade;"], ("1", "drop view adults;", ["2"])),
        (["drop view adults;", "alter table users drop column age cascade;"], ("1", "drop view adults;", [])),
    ):
        (broken,) = scene(*new, locked=[2]).lost(ADULTS, replace(standing(), name="public.adults"), None, "select")
        assert told(broken) == found


def test_a_key_that_was_made_again_may_be_gone_by_another() -> None:
    query = next(each for each in queries_of([USERS]) if each.about == ("email",) and each.kind is Kind.UPSERT)
    drop, add = "alter table users drop constraint users_email;", "alter table users add constraint users_email {};"
    for new, others in ((drop, []), (drop + add.format("check (true)"), ["2"])):
        one = scene(new, DYNAMIC, locked=[1, 2])
        assert told(one.refused(USERS, standing(), query, Refused("42P10", "no"))) == ("1", drop, others)


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (["alter table users alter x type text;", "alter table users alter x set not null;"], ("2", [])),
        (
            ["alter table users add x text not null default '';", "alter table users alter x drop default;"],
            ("1", ["2"]),
        ),
        (["alter table users add y int;", "alter domain named set not null;"], ("1", ["2"])),
    ],
)
def test_a_value_that_is_demanded(new: list[str], found: tuple[str, list[str]]) -> None:
    (broken,) = scene(*new, locked=[1]).demanded(USERS, standing(), standing(demanded=["x"]))
    migration, _, others = told(broken)
    assert (migration, others) == found


def test_a_quote_in_a_name_is_no_other_name() -> None:
    """The catalogue has it once, and SQL twice."""
    made = 'alter table users alter "we""ird" set not null;'
    (broken,) = scene("select 1;\n" + made).demanded(USERS, standing(), standing(demanded=['we"ird']))
    assert (broken.at.line, broken.made_by) == (2, made)


def test_a_query_is_of_whichever_names_what_it_lacks() -> None:
    query = OwnQuery(Location("queries/a.sql", 1), "select name from users")
    refused = Refused("42703", 'column "name" does not exist')
    found = scene(DYNAMIC, "alter table users rename name to title;").own(query, refused)
    assert told(found) == ("2", "alter table users rename name to title;", ["1"])


def test_definitions_without_end_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    new = ["create table a (id int);", "insert into a values (1);", "drop table users;"]
    for most, found in ((100, ("3", "drop table users;")), (40, ("3", ""))):
        monkeypatch.setattr("migcheck.facts.replay.release.blaming._MOST_TEXT", most)
        (broken,) = scene(*new).lost(USERS, standing(), None, "select")
        assert told(broken)[:2] == found
    assert [each.text for each in scene(*new).said] == ["create table a (id int);"]


def test_of_very_many_columns_the_first_tell() -> None:
    columns = [f"c{number}" for number in range(30)]
    wide = replace(USERS, columns=tuple(Column(each, "text") for each in columns))
    for dropped, statement in (("c19", "alter table users drop column c19;"), ("c20", "")):
        one = scene(f"alter table users drop column {dropped}; comment on schema public is 'x';", locked=[1])
        (broken,) = one.lost(wide, standing(*columns), standing("id"), "select")
        assert told(broken)[:2] == ("1", statement)
    enum = replace(USERS, columns=(Column("k", "kind", tuple(columns)),))
    refused = [(each, Refused("22P02", "no")) for each in value_queries(enum)]
    for renamed, number in (("c19", "2"), ("c20", "1")):
        one = scene("alter type kind add value 'x';", f"alter type kind rename value '{renamed}' to 'y';")
        (broken,) = one.values(enum, standing(), refused)
        assert told(broken)[0] == number


def test_what_they_say_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[Piece]()

    def counted(piece: Piece) -> Iterator[Piece]:
        read.append(piece)
        return statements_in(piece)

    monkeypatch.setattr("migcheck.facts.replay.watching.placing.statements_in", counted)
    one = scene("alter table users drop column name, drop column age;", locked=[1])
    for _ in range(3):
        list(one.lost(USERS, standing(), standing("id"), "select"))
    assert len(read) == 1
