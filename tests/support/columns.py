"""Migrations that change one column of a table and ask something of another."""

from tests.support.retypes import Real

USERS = "create table users (id int primary key, name text, nick text, email text)"
GOOD, NONE, TWICE = (
    ("insert into users values (1, 'a', null, 'a'), (2, 'b', null, 'b')",),
    ("insert into users values (1, 'a', null, null)",),
    ("insert into users values (1, 'a', null, 'a'), (2, 'b', null, 'a')",),
)
REQUIRED = "alter table users alter column email set not null"
UNIQUE = "create unique index once on users (email)"
FILL = "update users set nick = name where nick is null"
COLUMNS = [
    Real("a fill of another, then not null", USERS, (FILL, REQUIRED), GOOD, NONE),
    Real(
        "two fills of others and a change of another table, then unique",
        f"create table orgs (id int primary key, email text); {USERS}",
        (
            f"-- who has none\n{FILL}",
            "update only public.users as u set (id, name) = (select u.id, 'x'), nick = case when true then 'a' end",
            "update orgs set email = 'a' where id > 0",
            UNIQUE,
        ),
        GOOD,
        TWICE,
        # What the other change calls, nobody sees.
        told=False,
    ),
    Real(
        "a USING of another, then not null",
        USERS,
        ("alter table users alter column name type text using lower(name), alter nick drop not null", REQUIRED),
        GOOD,
        NONE,
    ),
    Real(
        "a USING and a fill of it, then unique",
        USERS,
        (
            FILL,
            "alter table users alter column email type text using email || id",
            "create unique index once on users (email)",
        ),
        TWICE,
        (),
    ),
    Real(
        "a second fill of what is asked for",
        USERS,
        (FILL, "update users set email = id where true", REQUIRED, UNIQUE),
        (*NONE, "insert into users values (2)"),
        (),
    ),
    Real(
        "a fill that a trigger hears",
        f"{USERS}; create function mend() returns trigger language plpgsql as $$ begin new.email = new.id; return new; "
        "end $$; create trigger mend before update on users for each row execute function mend()",
        ("update users set nick = name", REQUIRED),
        NONE,
        (),
    ),
    Real(
        "a fill that a rule makes one of another column",
        f"create table orgs (id int primary key, kind text); {USERS}; create rule also as on update to orgs do also "
        "update users set email = new.kind where email is null",
        ("update users set nick = name", "update orgs set kind = 'a'", REQUIRED),
        ("insert into orgs values (1, 'b')", *NONE),
        (),
    ),
    Real(
        "a fill of what a generated column is made of",
        f"{USERS[:-1]}, low text generated always as (lower(name)) stored)",
        ("update users set name = id", "create unique index once on users (low)"),
        ("insert into users values (1, 'a'), (2, 'A')",),
        (),
    ),
    Real(
        "a fill in a function that an update of another table calls",
        f"create table orgs (id int primary key, kind text); {USERS}; create function mend() returns text language sql "
        "as $$ update users set email = id where email is null returning email $$",
        ("update users set nick = name", "update orgs set kind = mend()", REQUIRED),
        ("insert into orgs values (1, 'b')", *NONE),
        (),
    ),
    Real(
        "a counter without gaps that an update of another table counts on",
        "create table counters (label text, n int); create table orgs (id int primary key, kind text); create function "
        "next_code() returns text language sql as $$ update counters set n = coalesce(n, 0) + 1 returning n::text $$; "
        "alter table orgs alter kind set default next_code()",
        (
            "update counters set label = 'a'",
            "update orgs set kind = default",
            "alter table counters alter column n set not null",
        ),
        ("insert into orgs values (1, 'b')", "insert into counters values ('c', null)"),
        (),
    ),
    Real(
        "a fill of another, and a key that cascades and goes again",
        f"create table orgs (id int primary key); {USERS[:-1]}, org int)",
        (
            "update users set nick = name",
            "alter table users add constraint f foreign key (org) references orgs on update cascade",
            "update orgs set id = id + 100",
            "alter table users drop constraint f",
            "alter table users add constraint c check (org > 100)",
        ),
        ("insert into orgs values (1)", "insert into users values (1, 'a', null, 'a', 1)"),
        (),
    ),
    Real(
        "a counter that the default of a new column counts on",
        "create table counters (label text, n int); create table orgs (id int primary key, kind text); create function "
        "next_code() returns text language sql as $$ update counters set n = coalesce(n, 0) + 1 returning n::text $$",
        (
            "update counters set label = 'a'",
            "alter table orgs add code text default next_code()",
            "alter table counters alter column n set not null",
        ),
        ("insert into orgs values (1, 'b')", "insert into counters values ('c', null)"),
        (),
    ),
]
