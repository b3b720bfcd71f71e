"""Names and types as SQL writes them, and as the server calls them."""

import pytest

from migcheck.facts.lint.types import shown, writes_anew
from migcheck.facts.sql.conditions import columns_with_value
from migcheck.facts.sql.types import called
from migcheck.sql_names import bare, full_name, unquoted
from tests.support.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Users", "users"),
        ('"Users"', "Users"),
        ('"a""b"', 'a"b'),
        ("ÄRGER", "Ärger"),
        ('"' + "ü" * 40 + '"', "ü" * 31),
        ('U&"x"', None),
    ],
)
def test_names(written: str, name: str | None) -> None:
    assert unquoted(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Users", "users"),
        ('public."Users"', "Users"),
        ('"a.b" . "c.""d"', 'c."d'),
        ("public . Users", "users"),
        ('""', ""),
    ],
)
def test_the_last_name_is_as_the_catalogue_has_it(written: str, name: str) -> None:
    assert bare(written) == name


def test_a_name_is_quoted_where_the_server_would() -> None:
    names = [full_name("public", each) for each in ("users", "user", "Users", "a-b", 'a"b', "_x1", "1x", "ü", "name")]
    assert names == [
        "public.users",
        'public."user"',
        'public."Users"',
        'public."a-b"',
        'public."a""b"',
        "public._x1",
        'public."1x"',
        'public."ü"',
        "public.name",
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("varchar(30)", "character varying(30)"),
        ("character varying ( 30 )", "character varying(30)"),
        ("INT", "integer"),
        ("bigserial", "bigint"),
        ("timestamp", "timestamp without time zone"),
        ("timestamptz(3)", "timestamp(3) with time zone"),
        ("timestamp (3) with time zone", "timestamp(3) with time zone"),
        ("numeric(10, 2)", "numeric(10,2)"),
        ("text[3][]", "text[]"),
        ('"public"."Mood"', "mood"),
        ("pg_catalog.int4", "integer"),
        ("double precision", "double precision"),
        ("vector(3)", "vector(3)"),
        ("((", "(("),
    ],
)
def test_types(written: str, name: str) -> None:
    assert called(written) == name


def test_a_type_of_the_projects_own_is_shown_with_its_schema() -> None:
    assert [shown('"public"."mood"'), shown("mood"), shown("int")] == ["public.mood", "mood", "integer"]


@pytest.mark.parametrize(
    ("old", "new", "anew"),
    [
        ("integer", "integer", False),
        ("integer", "bigint", True),
        ("varchar(3)", "text", False),
        ("varchar(3)", "varchar", False),
        ("varchar(3)", "varchar(5)", False),
        ("varchar(5)", "varchar(3)", True),
        ("text", "varchar", False),
        ("text", "varchar(9)", True),
        ("varchar(3)[]", "text[]", True),
        ("char(3)", "text", True),
        ("numeric(10,2)", "numeric(12,2)", False),
        ("numeric(10,2)", "numeric(12,3)", True),
        ("numeric(10,2)", "numeric(8,2)", True),
        ("numeric(10,2)", "numeric", False),
        ("numeric", "numeric(10,2)", True),
        ("timestamp", "timestamptz", False),
        ("timestamp(3)", "timestamptz", False),
        ("timestamp(3)", "timestamp(6)", False),
        ("timestamp", "timestamp(3)", True),
        ("timestamp(3)", "timestamptz(3)", True),
        ("timestamptz(3)", "timestamp(3)", True),
        ("time(3)", "time(6)", False),
        ("timetz(3)", "timetz", False),
        ("timetz(3)", "timetz(0)", True),
        ("interval(3)", "interval", False),
        ("interval", "interval(3)", True),
        ("time", "timetz", True),
        ("timestamp", "date", True),
        ("cidr", "inet", False),
        ("inet", "cidr", True),
        ("json", "jsonb", True),
        ("text", "uuid", True),
    ],
)
def test_what_writes_rows_anew(old: str, new: str, *, anew: bool) -> None:
    assert writes_anew(called(old), called(new)) is anew


def test_what_a_condition_says_of_columns() -> None:
    check = """CHECK ("t"."Y" IS not  NULL and (x is not null AND (Z > 0) and (u.w IS NOT NULL) and v is not null))"""
    assert list(columns_with_value(check)) == ["Y", "x", "w", "v"]
    check = "CHECK (x is not null and b between 1 and 2 and case when a and b then c end and y is not null)"
    assert list(columns_with_value(check)) == ["x", "y"]
    for each in (
        "x is not null or y > 3",
        "x is not null and z > 3 or y > 3",
        "not (x is not null)",
        "(x is not null) = (y is not null)",
        "case when x is not null then true end",
        "case when y > 3 and x is not null and z > 3 then true else false end",
        "y between 1 and x is not null",
        "x > 3",
        "x is not null is not null",
        "not x is not null",
        "",
    ):
        assert list(columns_with_value(f"CHECK ({each})")) == []


@pytest.mark.parametrize(("opens", "closes"), [("(", ")"), ("(a is not null and ", ")")])
def test_a_condition_that_is_nested_without_end_says_what_stands_near(opens: str, closes: str) -> None:
    def work(size: int) -> list[str]:
        return list(columns_with_value(f"CHECK (x is not null AND {opens * size}b > 1{closes * size})"))

    assert set(work(2_000)) <= {"x", "a"}
    assert growth(work, 300) < LINEAR
