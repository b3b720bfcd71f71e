"""A rollback that is derived: what brings one catalogue back, found by trying on a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from migcheck.facts.observation import Change, ColumnRenamed, Seen, TableRenamed
from migcheck.facts.replay.deriving import derive
from migcheck.finding import Location
from migcheck.postgres.catalogue import Catalogue, difference, read_catalogue
from migcheck.postgres.ledger import Connection
from tests.support.servers import Servers, left_clean

pytestmark = pytest.mark.server

BASE = """
    create type mood as enum ('happy', 'sad');
    create table users (
        id serial primary key, email varchar(40) not null unique, name text default 'nobody', mood mood default 'happy',
        born int check (born > 1900), age int generated always as (2026 - born) stored
    );
    create table posts (id int generated always as identity, author int references users, body text);
    create index posts_body on posts (body) where body <> '';
    create index users_mood on users (id) where mood <> 'sad';
    create view authors as select u.email from users u join posts p on p.author = u.id;
    create function twice(n int) returns int language sql as 'select n * 2';
    create sequence tickets;
    comment on table users is 'People';
    alter table users enable row level security;
    create policy own on users for select to public using (id = 1);
"""


@pytest.fixture(scope="module")
def session(servers: Servers) -> Iterator[Connection]:
    """The owner's session on a database that holds BASE."""
    with left_clean(servers.of("embedded", 17)) as server:
        server.create_database("derived")
        with server.connect("derived") as connection:
            connection.execute(BASE.encode())
            yield connection
        server.drop_database("derived")


def derived(session: Connection, migration: str, *changes: Change, table: str = "public.users") -> list[str]:
    """The statements that undo `migration`, and then what they leave, each after a `!`."""

    def read() -> Catalogue:
        return read_catalogue(session, leave_out=None)

    before = read()
    seen = [Seen("0001", Location("a.sql"), "", table, each) for each in changes]
    with session.transaction(force_rollback=True):
        session.execute(migration.encode())
        statements = derive(session, read, before, seen)
        left = difference(before, read())
    return [*statements, *(f"! {line}" for line in left)]


def cases() -> Iterator[tuple[str, str]]:
    """Each migration of `derived.sql`, and what undoes it."""
    text = Path(__file__).with_name("derived.sql").read_text()
    for case in text.split("-- undo\n")[1:]:
        migration, _, statements = case.partition("-- by\n")
        yield migration, statements.strip()


@pytest.mark.parametrize(("migration", "statements"), list(cases()), ids=lambda text: " ".join(text.split())[:60])
def test_what_undoes_a_migration(session: Connection, migration: str, statements: str) -> None:
    assert "\n".join(f"{each};" for each in derived(session, migration)) == statements


def test_who_has_another_name_gets_the_old_one_back(session: Connection) -> None:
    assert derived(
        session, "alter table posts rename to articles", TableRenamed("public.articles"), table="public.posts"
    ) == ["ALTER TABLE public.articles RENAME TO posts"]
    assert derived(session, "alter table users rename column name to title", ColumnRenamed("name", "title")) == [
        'ALTER TABLE public.users RENAME COLUMN "title" TO "name"'
    ]
    moved = "create schema s; alter table posts set schema s; alter table s.posts rename to articles"
    assert derived(session, moved, TableRenamed("s.articles"), table="public.posts") == [
        "ALTER TABLE s.articles SET SCHEMA public",
        "ALTER TABLE public.articles RENAME TO posts",
        "DROP SCHEMA s",
    ]


def test_what_nobody_here_knows_to_undo_is_left(session: Connection) -> None:
    assert derived(session, "create type pair as (a int, b int)") == [
        "! + composite type public.pair",
        "! + attribute public.pair.a integer",
        "! + attribute public.pair.b integer",
    ]
