"""The statements of a release, word for word. tests/parity/test_queries.py compares them with drizzle-orm's own."""

import pytest

from migcheck.drizzle.queries import Kind, least_insert, queries_of, value_queries
from migcheck.drizzle.schema import Column, Reference, Relation, UniqueKey

USERS = Relation(
    "",
    "users",
    (
        Column("id", "serial", required=True),
        Column('a "b"', "varchar(3)", required=True),
        Column("kind", "kind", ("it's", "b")),
        Column("twice", "text", generated=True),
    ),
    (UniqueKey("users_pkey", ("id",)), UniqueKey("some", ("kind",), "kind is not null")),
)
POSTS = Relation(
    "app",
    "posts",
    (Column("x", "integer"), Column("y", "integer", identity="always")),
    (UniqueKey("pk", ("x", "y")),),
    (Reference(("x",), "", "users", ("id",)),),
)


def texts(*relations: Relation, kind: Kind) -> list[str]:
    return [each.text for each in queries_of(relations) if each.kind is kind]


def test_reading() -> None:
    assert texts(USERS, POSTS, kind=Kind.SELECT) == [
        'select "id", "a ""b""", "kind", "twice" from "users"',
        'select "x", "y" from "app"."posts"',
    ]
    assert texts(Relation("", "v", (), is_view=True), kind=Kind.SELECT) == ['select from "v"']


def test_writing() -> None:
    columns = '"id", "a ""b""", "kind"'
    assert texts(USERS, kind=Kind.INSERT) == [f'insert into "users" ({columns}) values ($1, $2, $3)']
    assert least_insert(USERS) == f'insert into "users" ({columns}) values (default, $1, default)'
    assert texts(USERS, kind=Kind.UPDATE) == [
        'update "users" set "id" = $1, "a ""b""" = $2, "kind" = $3 where "users"."id" = $4'
    ]
    insert = f'insert into "users" ({columns}) values (default, default, default) on conflict'
    assert texts(USERS, kind=Kind.UPSERT) == [
        f'{insert} ("id") do update set "a ""b""" = $1',
        f'{insert} ("kind") where kind is not null do update set "id" = $1',
    ]
    assert texts(POSTS, kind=Kind.INSERT) == ['insert into "app"."posts" ("x", "y") values ($1, default)']
    assert texts(POSTS, kind=Kind.UPDATE) == [
        'update "app"."posts" set "x" = $1 where ("app"."posts"."x" = $2 and "app"."posts"."y" = $3)'
    ]
    assert texts(POSTS, kind=Kind.UPSERT) == [
        'insert into "app"."posts" ("x", "y") values (default, default) on conflict ("x","y") do update set "x" = $1'
    ]


@pytest.mark.parametrize(
    ("schema", "where", "target"),
    [
        ("", '"users"."gone" is null', '"gone" is null'),
        ("", '"public"."users"."gone" is null', '"gone" is null'),
        ("app", '"app"."users"."gone" is null and "users" . "x"', '"gone" is null and "x"'),
        ("", '"users"."kind" = \'"users"."kind"\'', '"kind" = \'"users"."kind"\''),
        ("", '"users"."kind" = E\'\\\' "users".x\'', '"kind" = E\'\\\' "users".x\''),
        ("", '"users"."a" = $$"users".$$ and "users"."b" = $x$ "users".', '"a" = $$"users".$$ and "b" = $x$ "users".'),
        ("", '"others"."users" = "our ""users"".x"', '"others"."users" = "our ""users"".x"'),
        ("", '"app"."lower"("users"."a") is null', '"app"."lower"("a") is null'),
        ("", '"our ""users"."x" is null', '"our ""users"."x" is null'),
        ("", "gone is null", "gone is null"),
    ],
)
def test_the_condition_of_a_key_is_without_its_table(schema: str, where: str, target: str) -> None:
    users = Relation(schema, "users", USERS.columns, (UniqueKey("k", ("kind",), where),))
    (found,) = texts(users, kind=Kind.UPSERT)
    assert f' on conflict ("kind") where {target} do update' in found


def test_an_upsert_gives_no_value_to_what_is_always_numbered() -> None:
    columns = (Column("id", "integer", identity="always"), Column("a", "text"), Column("b", "text"))
    (found,) = texts(Relation("", "t", columns, (UniqueKey("k", ("a",)),)), kind=Kind.UPSERT)
    assert found.endswith('on conflict ("a") do update set "b" = $1')


def test_nobody_writes_to_a_view_or_to_what_is_computed() -> None:
    computed = Relation("", "t", (Column("c", "text", generated=True),))
    numbered = Relation("", "n", (Column("c", "integer", identity="always"),))
    view = Relation("", "v", (Column("c", "text"),), is_view=True)
    found = [(each.of[0], each.kind) for each in queries_of([computed, numbered, view])]
    assert found == [('"t"', Kind.SELECT), ('"n"', Kind.SELECT), ('"n"', Kind.INSERT), ('"v"', Kind.SELECT)]


def test_joining() -> None:
    (found,) = texts(POSTS, USERS, kind=Kind.JOIN)
    assert found == (
        'select "posts"."x", "posts"."y", "posts_users"."data" as "users" from "app"."posts" "posts" '
        'left join lateral (select json_build_array("posts_users"."id", "posts_users"."a ""b""", '
        '"posts_users"."kind", "posts_users"."twice") as "data" from (select * from "users" "posts_users" '
        'where "posts_users"."id" = "posts"."x" limit $1) "posts_users") "posts_users" on true'
    )
    assert texts(POSTS, kind=Kind.JOIN) == []
    uneven = Relation("", "a", POSTS.columns, (), (Reference(("x", "y"), "", "users", ("id",)),))
    assert texts(uneven, USERS, kind=Kind.JOIN) == []
    empty = Relation("", "a", (), (), POSTS.references)
    assert texts(empty, USERS, kind=Kind.JOIN) == []


def test_each_value_stands_in_a_row_once() -> None:
    assert texts(USERS, kind=Kind.VALUES) == [
        'insert into "users" ("id", "a ""b""", "kind") values (\'1\', \'x\', \'it\'\'s\'), (default, default, \'b\')'
    ]
    assert [(each.text, each.about, each.value) for each in value_queries(USERS)] == [
        ('update "users" set "id" = \'1\'', ("id",), "1"),
        ('update "users" set "a ""b""" = \'x\'', ('a "b"',), "x"),
        ("update \"users\" set \"kind\" = 'it''s'", ("kind",), "it's"),
        ('update "users" set "kind" = \'b\'', ("kind",), "b"),
    ]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (Column("c", "timestamp (3) with time zone"), ["2024-01-01T00:00:00.000Z"]),
        (Column("c", "NUMERIC(10, 2)"), ["1"]),
        (Column("c", "text[]"), ['{"x"}']),
        (Column("c", "timestamp(3) with time zone[][3]"), ['{"2024-01-01T00:00:00.000Z"}']),
        (Column("c", "vector(3)[]"), ["{}"]),
        (Column("c", "kind[]", ('a"b', "c\\d")), ['{"a\\"b"}', '{"c\\\\d"}']),
        (Column("c", "vector(3)"), []),
        (Column("c", "integer", identity="always"), []),
        (Column("c", "integer", identity="byDefault"), ["1"]),
        (Column("c", "kind", tuple(map(str, range(1000)))), [str(each) for each in range(100)]),
        (Column("c", "kind", ("a" * 63, "a" * 64)), ["a" * 63]),
        (Column("c", "kind", ("ä" * 31, "ä" * 32)), ["ä" * 31]),
    ],
)
def test_a_value_as_the_driver_sends_it(column: Column, values: list[str]) -> None:
    assert [each.value for each in value_queries(Relation("", "t", (column,)))] == values


def test_the_values_of_a_wide_table_are_not_all_in_its_rows() -> None:
    labels = tuple(map(str, range(100)))
    wide = Relation("", "t", tuple(Column(f"c{number}", "kind", labels) for number in range(2000)))
    (found,) = texts(wide, kind=Kind.VALUES)
    assert found.count("'49'") == 2000
    assert "'50'" not in found


def test_where_no_value_is_known_none_is_given() -> None:
    assert texts(Relation("", "t", (Column("c", "vector(3)"),)), kind=Kind.VALUES) == []
