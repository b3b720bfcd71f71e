"""A rollback that is derived: what brings one catalogue back, found by trying on a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.replay.rollback.deriving import derive, read_numbered
from migcheck.postgres.catalogue import Catalogue, difference, read_catalogue
from migcheck.postgres.running.ledger import Connection
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
    create table logs (at int not null, body text) partition by range (at);
    create table logs_old partition of logs for values from (1) to (10);
    create index on logs (body);
    create table many (id int primary key, at text) partition by range (id);
    create table a_many partition of many for values from (1) to (10) partition by range (id);
    create table many_11 partition of a_many for values from (1) to (5);
    create unique index of_many on many (at, id);
    create index z_of_some on a_many (at);
    create index a_of_all on many (at);
    create index waiting on only a_many (at, id);
    create table " FOR VALUES IN (3)" (at int not null, body text);
    create table " FOR VALUES FROM (1)" (a int) partition by list (a);
    create table "b.c" partition of " FOR VALUES FROM (1)" for values in (3, 4);
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


def derived(session: Connection, migration: str) -> list[str]:
    """The statements that undo `migration`, and then what they leave, each after a `!`."""

    def read() -> Catalogue:
        return read_catalogue(session, leave_out=None)

    before, was = read(), read_numbered(session, LedgerName())
    with session.transaction(force_rollback=True):
        session.execute(migration.encode())
        statements = derive(session, read, before, was, read_numbered(session, LedgerName()))
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


@pytest.mark.parametrize(
    ("migration", "statements"),
    [
        ("alter table posts rename to articles", ["ALTER TABLE public.articles RENAME TO posts"]),
        (
            "alter table users rename column name to title",
            ['ALTER TABLE public.users RENAME COLUMN "title" TO "name"'],
        ),
        (
            "create schema s; alter table posts set schema s; alter table s.posts rename to articles",
            [
                "ALTER TABLE s.articles SET SCHEMA public",
                "ALTER TABLE public.articles RENAME TO posts",
                "DROP SCHEMA s",
            ],
        ),
        (
            "alter table posts rename to articles; create view posts as select * from articles",
            ["DROP VIEW public.posts", "ALTER TABLE public.articles RENAME TO posts"],
        ),
        (
            "alter table users rename column name to title; alter table users add column name text",
            ['ALTER TABLE public.users DROP COLUMN "name"', 'ALTER TABLE public.users RENAME COLUMN "title" TO "name"'],
        ),
        (
            """create table a (b int primary key); create table b (a int primary key references a);
            alter table a add foreign key (b) references users; alter table a add foreign key (b) references b""",
            [
                "ALTER TABLE public.a DROP CONSTRAINT a_b_fkey",
                "ALTER TABLE public.a DROP CONSTRAINT a_b_fkey1",
                "ALTER TABLE public.b DROP CONSTRAINT b_a_fkey",
                "DROP TABLE public.a",
                "DROP TABLE public.b",
            ],
        ),
    ],
    ids=lambda told: told[:40] if isinstance(told, str) else "",
)
def test_who_has_another_name_gets_the_old_one_back(session: Connection, migration: str, statements: list[str]) -> None:
    assert derived(session, migration) == statements


def test_what_nobody_here_knows_to_undo_is_left(session: Connection) -> None:
    assert derived(session, "create type pair as (a int, b int)") == [
        "! + composite type public.pair",
        "! + attribute public.pair.a integer",
        "! + attribute public.pair.b integer",
    ]
