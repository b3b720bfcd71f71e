"""What a release knows of its database, read out of a snapshot of each version."""

import json
from pathlib import Path

import pytest

from migcheck.drizzle.read_schema import parse_schema
from migcheck.drizzle.schema import Column, Reference, Relation, UniqueKey, without

IDS = {"id": "i", "prevId": "p", "dialect": "postgresql", "_meta": {"columns": {}, "schemas": {}, "tables": {}}}
KIND = {"name": "kind", "schema": "app", "values": ["a", "b"]}
COLUMNS = {
    "id": {"name": "id", "type": "serial", "primaryKey": True, "notNull": True},
    "kind": {"name": "kind", "type": "kind[]", "typeSchema": "app", "primaryKey": False, "notNull": False},
    "n": {"name": "n", "type": "integer", "primaryKey": False, "notNull": True, "default": 0},
    "twice": {
        "name": "twice",
        "type": "text",
        "primaryKey": False,
        "notNull": False,
        "generated": {"type": "stored", "as": "'x'"},
    },
    "seq": {
        "name": "seq",
        "type": "bigint",
        "primaryKey": False,
        "notNull": True,
        "identity": {"type": "always", "name": "s", "schema": "public"},
    },
}
KEYS = {
    "u": {"name": "u", "columns": ["n", "seq"], "nullsNotDistinct": False},
}
FK = {"name": "f", "tableFrom": "posts", "tableTo": "users", "columnsFrom": ["author"], "columnsTo": ["id"]}
AUTHOR = {"author": {"name": "author", "type": "integer", "primaryKey": False, "notNull": False}}


def expression(name: str, *, computed: bool = False) -> dict[str, object]:
    return {"expression": name, "isExpression": computed, "asc": True, "nulls": "last"}


VERSION_7 = {
    **IDS,
    "version": "7",
    "tables": {
        "public.users": {
            "name": "users",
            "schema": "",
            "columns": COLUMNS,
            "indexes": {
                "i": {"name": "i", "columns": [expression("n")], "isUnique": True, "where": "n > 3"},
                "j": {"name": "j", "columns": [expression("lower(n)", computed=True)], "isUnique": True},
                "k": {"name": "k", "columns": [expression("n")], "isUnique": False},
                "l": {
                    "name": "l",
                    "columns": [expression("n"), expression("lower(n)", computed=True)],
                    "isUnique": True,
                },
            },
            "foreignKeys": {},
            "compositePrimaryKeys": {},
            "uniqueConstraints": KEYS,
            "checkConstraints": {"c": {"name": "c", "value": "n > 3"}},
            "policies": {"p": "p,PERMISSIVE"},
        },
        "app.posts": {
            "name": "posts",
            "schema": "app",
            "columns": AUTHOR,
            "indexes": {},
            "foreignKeys": {"f": FK},
            "compositePrimaryKeys": {"pk": {"name": "pk", "columns": ["author"]}},
            "uniqueConstraints": {},
            "isRLSEnabled": True,
        },
    },
    "enums": {"app.kind": KIND},
    "views": {
        "public.v": {
            "name": "v",
            "schema": "public",
            "columns": {"id": COLUMNS["id"]},
            "isExisting": False,
            "materialized": True,
        }
    },
}
USERS = (
    Column("id", "serial", required=True),
    Column("kind", "kind[]", ("a", "b"), type_schema="app"),
    Column("n", "integer", required=True, filled=True),
    Column("twice", "text", generated=True),
    Column("seq", "bigint", required=True, identity="always"),
)
POSTS = Relation(
    "app",
    "posts",
    (Column("author", "integer", required=True),),
    (UniqueKey("pk", ("author",)),),
    (Reference(("author",), "", "users", ("id",)),),
    guarded=True,
)


def read(content: bytes) -> tuple[Relation, ...]:
    found = parse_schema(content)
    assert found is not None
    return found


def test_version_7_of_0_x() -> None:
    keys = (UniqueKey("users_pkey", ("id",)), UniqueKey("u", ("n", "seq")), UniqueKey("i", ("n",), "n > 3"))
    assert read(json.dumps(VERSION_7).encode()) == (
        Relation("", "users", USERS, keys, indexes=frozenset("ijkl"), checks=("n > 3",), guarded=True),
        Relation("", "v", USERS[:1], is_view=True),
        POSTS,
    )


@pytest.mark.parametrize("version", ["5", "6"])
def test_older_versions(version: str) -> None:
    """Version 5 has enums without a schema, each value by itself; both have the columns of an index by name alone."""
    columns = {**COLUMNS, "kind": {**COLUMNS["kind"], "type": "kind"}}
    users = {**VERSION_7["tables"]["public.users"], "columns": columns}  # type: ignore[index]
    users["indexes"] = {"i": {"name": "i", "columns": ["n"], "isUnique": True}}
    enum: dict[str, object] = dict(KIND)
    if version == "5":
        del columns["kind"]["typeSchema"]
        enum = {"name": "kind", "values": {"a": "a", "b": "b"}}
        del users["uniqueConstraints"]
    content = {**IDS, "version": version, "tables": {"users": users}, "enums": {"kind": enum}, "schemas": {}}
    (found,) = read(json.dumps(content).encode())
    named = Column("kind", "kind", ("a", "b"), type_schema="" if version == "5" else "app")
    assert found.columns == (USERS[0], named, *USERS[2:])
    assert UniqueKey("i", ("n",)) in found.keys
    assert (UniqueKey("u", ("n", "seq")) in found.keys) == (version == "6")


def entity(kind: str, name: str, schema: str = "public", **keys: object) -> dict[str, object]:
    return {"entityType": kind, "name": name, "schema": schema, **keys}


def column(table: str, name: str, kind: str, schema: str = "public", **keys: object) -> dict[str, object]:
    plain = {"typeSchema": None, "notNull": False, "dimensions": 0, "default": None, "generated": None}
    return entity("columns", name, schema, table=table, type=kind, **{**plain, "identity": None, **keys})


DDL = [
    entity("schemas", "app"),
    entity("enums", "kind", "app", values=["a", "b"]),
    entity("tables", "users", isRlsEnabled=False),
    entity("tables", "posts", "app", isRlsEnabled=True),
    column("users", "id", "serial", notNull=True),
    column("users", "kind", "kind", typeSchema="app", dimensions=1),
    column("users", "n", "integer", notNull=True, default="0"),
    column("users", "twice", "text", generated={"type": "stored", "as": "'x'"}),
    column("users", "seq", "bigint", notNull=True, identity={"type": "always", "name": "s"}),
    column("posts", "author", "integer", "app"),
    entity("pks", "users_pkey", table="users", columns=["id"], nameExplicit=False),
    entity("pks", "pk", "app", table="posts", columns=["author"], nameExplicit=True),
    entity("uniques", "u", table="users", columns=["n", "seq"], nullsNotDistinct=False),
    entity(
        "indexes",
        "i",
        table="users",
        columns=[{"value": "n", "isExpression": False, "asc": True, "opclass": None}],
        isUnique=True,
        where="n > 3",
    ),
    entity("indexes", "j", table="users", columns=[{"value": "lower(n)", "isExpression": True}], isUnique=True),
    entity("indexes", "k", table="users", columns=[{"value": "n", "isExpression": False}], isUnique=False),
    entity("fks", "f", "app", table="posts", columns=["author"], schemaTo="public", tableTo="users", columnsTo=["id"]),
    entity("views", "v", definition="select 1", materialized=True, isExisting=False),
    entity("checks", "c", table="users", value="n > 3"),
    entity("policies", "p", table="users", roles=["public"], using="true"),
    {"entityType": "roles", "name": "r", "createDb": False},
]


def test_the_entities_of_1_0() -> None:
    content = {"id": "i", "prevIds": ["p"], "version": "8", "dialect": "postgres", "ddl": DDL, "renames": []}
    keys = (UniqueKey("users_pkey", ("id",)), UniqueKey("u", ("n", "seq")), UniqueKey("i", ("n",), "n > 3"))
    assert read(json.dumps(content).encode()) == (
        Relation("", "users", USERS, keys, indexes=frozenset("ijk"), checks=("n > 3",), guarded=True),
        # What columns a view has, it does not say.
        Relation("", "v", (), is_view=True),
        POSTS,
    )


def test_a_column_that_is_there_twice_is_one() -> None:
    table = {"entityType": "tables", "name": "t", "schema": "public"}
    columns = [
        {"entityType": "columns", "schema": "public", "table": "t", "name": name, "type": type_, "notNull": False}
        for name, type_ in (("a", "text"), ("b", "text"), ("a", "integer"))
    ]
    (found,) = read(json.dumps({**IDS, "version": "8", "ddl": [table, *columns]}).encode())
    assert [(each.name, each.type) for each in found.columns] == [("a", "text"), ("b", "text")]
    old = {"name": "t", "schema": "", "columns": {each: {"name": "a", "type": "text"} for each in "xy"}}
    (found,) = read(json.dumps({**IDS, "version": "7", "tables": {"public.t": old}}).encode())
    assert [each.name for each in found.columns] == ["a"]


def test_the_sample_folder() -> None:
    sample = Path(__file__).parents[2] / "migrations" / "meta"
    found = [read(each.read_bytes()) for each in sorted(sample.glob("*_snapshot.json"))]
    assert [len(each) for each in found] == sorted(map(len, found))
    assert {each.name for each in found[-1]} >= {"users", "tasks", "open_tasks"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"tables": []}',
        b'{"tables": {"t": {"name": 3, "columns": {}}}}',
        b'{"tables": {"t": {"name": "t", "columns": {"c": {"name": "c"}}}}}',
        b'{"tables": {"t": {"name": "", "columns": {}}}}',
        b'{"tables": {"t": {"name": "\\u0000", "columns": {}}}}',
        b'{"tables": {"t": {"name": "t", "schema": "a\\u0000", "columns": {}}}}',
        b'{"tables": {"t": {"name": "\\ud800", "columns": {}}}}',
        b'{"ddl": {"entityType": "tables"}}',
        b'{"ddl": [{"entityType": "columns", "name": "c", "type": 3}]}',
        b'{"ddl": ' + b"[" * 100_000,
        b'{"more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"{}",
    ],
)
def test_what_is_no_snapshot_says_nothing(content: bytes) -> None:
    assert not parse_schema(content)


def test_what_cannot_be_read_is_not_without_tables() -> None:
    """A `null` that drizzle-kit would not write."""
    assert parse_schema(b'{"tables": {"t": {"name": "t", "columns": {}, "indexes": null}}}') is None
    assert parse_schema(b'{"tables": {}}') == ()


def test_without_columns_there_are_no_keys_and_references_that_need_them() -> None:
    users = Relation("", "users", USERS, (UniqueKey("a", ("id",)), UniqueKey("b", ("n", "seq"))))
    kept, posts = without([users, POSTS], {("", "users"): frozenset({"n"})})
    assert ([each.name for each in kept.columns], kept.keys) == (["id", "kind", "twice", "seq"], users.keys[:1])
    assert posts == POSTS
    _, alone = without([users, POSTS], {("", "users"): frozenset({"id"})})
    assert (alone.columns, alone.references) == (POSTS.columns, ())
    assert list(without([users, POSTS], {("", "users"): frozenset(), ("", "posts"): frozenset({"author"})})) == [
        users,
        POSTS,
    ]
    (none,) = without([POSTS], {("app", "posts"): frozenset({"author"})})
    assert none == Relation("app", "posts", (), guarded=True)


def test_what_has_to_be_given() -> None:
    given = [each.name for each in (*USERS, Column("a", "text", required=True)) if each.is_given]
    assert given == ["a"]
    assert [each.name for each in USERS if each.counted] == ["id", "seq"]


def test_an_enum_with_serial_in_its_name_is_no_serial() -> None:
    assert [Column("id", each).counted for each in ("serial", "BIGSERIAL", "serial_state", "my_serial")] == [
        True,
        True,
        False,
        False,
    ]
