"""A release of a shop in tests: what it knows of its database, and rehearsals while it runs."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.drizzle.schema import Column, Reference, Relation, UniqueKey
from migcheck.facts.rehearsal import Rehearsal, Request
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.rehearse import rehearse
from migcheck.facts.replay.ways import Run
from migcheck.facts.sql.release import OwnQuery, Release
from migcheck.facts.sql.rows import Seed
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, history_of, upgrade_alone

BASE = """
create type kind as enum ('a', 'b');
create table users (
    id serial primary key, name text, email text not null constraint users_email unique, kind kind, age int
);
create table posts (id serial primary key, author int constraint of_author references users (id));
create index by_age on users (age);
create view adults as select id, name from users where age > 17;
"""
ID = Column("id", "serial", required=True, filled=True)
USERS = Relation(
    "",
    "users",
    (
        ID,
        Column("name", "text"),
        Column("email", "text", required=True),
        Column("kind", "kind", ("a", "b")),
        Column("age", "integer"),
    ),
    (UniqueKey("users_pkey", ("id",)), UniqueKey("users_email", ("email",))),
)
POSTS = Relation(
    "",
    "posts",
    (ID, Column("author", "integer")),
    (UniqueKey("posts_pkey", ("id",)),),
    (Reference(("author",), "", "users", ("id",)),),
)
ADULTS = Relation("", "adults", (Column("id", "integer"), Column("name", "text")), is_view=True)
SHOP = (ADULTS, POSTS, USERS)
CALLED = "base's snapshot 0000"


def own_query(text: str, parameters: int = 0) -> OwnQuery:
    """A query in a file of the project's own."""
    return OwnQuery(Location("queries/one.sql", 1), text, parameters)


def rehearsed_while(
    server: ScratchServer,
    new: str,
    *relations: Relation,
    base: str = BASE,
    queries: tuple[OwnQuery, ...] = (),
    named: bool = False,
    seed: Seed | None = None,
) -> Rehearsal:
    """The rehearsal of `new`, which comes after `base`, while a release runs that knows `relations`."""
    request = _request(new, Release(CALLED, relations, queries, named=named), base)
    return rehearse(server, replace(request, seed=seed), seconds=60)


def upgraded_while(
    server: ScratchServer,
    new: str,
    *relations: Relation,
    base: str = BASE,
    queries: tuple[OwnQuery, ...] = (),
    named: bool = False,
    outside: Collection[str] = (),
) -> Run:
    """Way upgrade of it alone."""
    request = _request(new, Release(CALLED, relations, queries, named=named), base)
    return upgrade_alone(server, replace(request, outside=frozenset(outside)))


def _request(new: str, release: Release, base: str) -> Request:
    head = folder_of({"0000_base": base, "0001_new": new})
    request = request_of(history_of(head, folder_of({"0000_base": base})), head, None, Batching.ALL, LedgerName())
    return replace(request, release=release)


def know(folder: Path, tag: str, *relations: Relation) -> None:
    """Let the snapshot of `tag`, which lies in `folder` already, know of `relations`, as drizzle-kit would write it."""
    path = folder / tag / "snapshot.json"
    if not path.exists():
        path = folder / "meta" / f"{tag.partition('_')[0]}_snapshot.json"
    content = json.loads(path.read_bytes())
    if "ddl" in content:
        content["ddl"] = [entity for each in relations for entity in _entities(each)]
    else:
        content["enums"] = {"public.kind": {"name": "kind", "schema": "public", "values": ["a", "b"]}}
        for each in relations:
            content["views" if each.is_view else "tables"][f"public.{each.name}"] = _table(each)
    path.write_text(json.dumps(content, indent=2))


def _table(relation: Relation) -> dict[str, object]:
    columns = {
        each.name: {
            "name": each.name,
            "type": each.type,
            "primaryKey": each.name == "id",
            "notNull": each.required,
            **({"typeSchema": "public"} if each.labels else {}),
        }
        for each in relation.columns
    }
    return {
        "name": relation.name,
        "schema": "public" if relation.is_view else "",
        "columns": columns,
        "uniqueConstraints": {each.name: {"name": each.name, "columns": each.columns} for each in relation.keys[1:]},
    }


def _entities(relation: Relation) -> Iterator[dict[str, object]]:
    yield {"entityType": "views" if relation.is_view else "tables", "name": relation.name, "schema": "public"}
    for each in () if relation.is_view else relation.columns:
        known = {"entityType": "columns", "schema": "public", "table": relation.name, "name": each.name}
        yield {**known, "type": each.type, "notNull": each.required, "dimensions": 0, "default": None}
