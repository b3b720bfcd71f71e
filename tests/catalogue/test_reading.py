"""What a catalogue holds, whoever reads it, and what it leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import psycopg
import pytest
from psycopg import sql

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue import Catalogue, Key, difference, read_catalogue
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from tests.catalogue.cases import BASE

pytestmark = pytest.mark.server

LEDGER = """
    CREATE SCHEMA drizzle;
    CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
"""
USERS = """
    CREATE TABLE public.users (email text NOT NULL);
    CREATE UNIQUE INDEX users_email_idx ON public.users (email);
"""
USERS_TOLD = (
    "+ table public.users",
    "+ column public.users.email text not null",
    "+ index public.users_email_idx CREATE UNIQUE INDEX users_email_idx ON public.users USING btree (email)",
)


@contextmanager
def _database(server: ScratchServer, name: str) -> Iterator[str]:
    server.create_database(name)
    yield name
    server.drop_database(name)


def _read(session: Connection, *, owner: str | None = None, ledger: LedgerName | None = None) -> Catalogue:
    return read_catalogue(session, leave_out=ledger or LedgerName(), owner=owner or session.info.user)


def test_what_a_migration_made_is_told_and_the_ledger_is_not(each_major: ScratchServer) -> None:
    with _database(each_major, "told") as name, each_major.connect(name) as session:
        before = _read(session)
        session.execute((LEDGER + USERS).encode())
        assert difference(before, _read(session)) == USERS_TOLD


def test_the_ledger_s_schema_is_told_once_something_else_is_in_it(server: ScratchServer) -> None:
    with _database(server, "shared") as name, server.connect(name) as session:
        session.execute(LEDGER.encode())
        before = _read(session)
        session.execute("CREATE VIEW drizzle.applied AS SELECT hash FROM drizzle.__drizzle_migrations")
        assert difference(before, _read(session)) == (
            "+ schema drizzle",
            "+ view drizzle.applied as SELECT hash FROM drizzle.__drizzle_migrations;",
            "+ column drizzle.applied.hash text",
        )


def test_what_reads_is_not_ended_by_a_timeout_that_a_migration_left(server: ScratchServer) -> None:
    with _database(server, "timed") as name, server.connect(name) as session:
        session.execute("set statement_timeout = 500")
        for around in (nullcontext(), session.transaction()):
            with around, settled(session):
                session.execute("select pg_sleep(0.6)")
        with pytest.raises(psycopg.errors.QueryCanceled):
            session.execute("select pg_sleep(0.6)")


def test_what_fails_while_it_is_read_is_told_and_leaves_the_session_as_it_was(server: ScratchServer) -> None:
    with _database(server, "failing") as name, server.connect(name) as session:
        session.execute("set search_path = public")
        for around in (nullcontext(), session.transaction()):
            with around:
                with pytest.raises(psycopg.errors.DivisionByZero), settled(session):
                    session.execute("select 1 / 0")
                assert session.execute("show search_path").fetchone() == ("public",)
        with pytest.raises(psycopg.errors.AdminShutdown), settled(session):
            session.execute("select pg_terminate_backend(pg_backend_pid())")


def test_a_ledger_in_public_does_not_hide_what_is_done_to_public(server: ScratchServer) -> None:
    ledger = LedgerName("public", "my_migrations")
    with _database(server, "inpublic") as name, server.connect(name) as session:
        before = _read(session, ledger=ledger)
        session.execute("CREATE TABLE my_migrations (id SERIAL PRIMARY KEY); GRANT CREATE ON SCHEMA public TO PUBLIC")
        assert difference(before, _read(session, ledger=ledger)) == ("+ grant on schema public to public create",)


def test_a_ledger_of_any_name_is_left_out(server: ScratchServer) -> None:
    ledger = LedgerName("it's {schema}", "100 % \\ $1 {}")
    with _database(server, "named") as name, server.connect(name) as session:
        before = _read(session, ledger=ledger)
        session.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(ledger.schema)))
        session.execute(sql.SQL("CREATE TABLE {} (id int)").format(sql.Identifier(ledger.schema, ledger.table)))
        assert difference(before, _read(session, ledger=ledger)) == ()


def test_two_databases_built_by_the_same_sql_are_equal(each_major: ScratchServer) -> None:
    with _database(each_major, "one") as one, _database(each_major, "two") as two:
        with each_major.connect_admin(two) as unlike:
            unlike.execute("CREATE TABLE public.gone (id serial); DROP TABLE public.gone")
            unlike.execute(f"BEGIN; {BASE} ROLLBACK".encode())
        with each_major.connect_admin(one) as first, each_major.connect_admin(two) as second:
            first.execute(BASE.encode())
            second.execute(BASE.encode())
            assert difference(_read(first), _read(second)) == ()


def test_owners_of_other_names_make_no_difference(server: ScratchServer) -> None:
    with (
        _database(server, "hers") as hers,
        _database(server, "his") as his,
        server.connect(hers) as owner,
        server.connect_admin(his) as admin,
    ):
        empty, also_empty = _read(owner), _read(admin)
        for session in (owner, admin):
            session.execute(USERS.encode())
            session.execute("REVOKE DELETE ON public.users FROM CURRENT_USER; GRANT SELECT ON public.users TO PUBLIC")
        assert difference(empty, _read(owner)) == difference(also_empty, _read(admin))
        assert "+ revoke on table public.users from $owner delete" in difference(empty, _read(owner))


@pytest.mark.parametrize("extension", ["btree_gist", "dblink", "hstore", "postgres_fdw", "tablefunc"])
def test_an_extension_stands_for_all_it_brings(server: ScratchServer, extension: str) -> None:
    with _database(server, "extended") as name, server.connect_admin(name) as session:
        before = _read(session)
        session.execute(f"CREATE EXTENSION {extension} SCHEMA public".encode())
        (itself,) = difference(before, _read(session))
        assert itself.startswith(f"+ extension {extension} version ")
        assert itself.endswith(" in public")


def test_a_comment_on_what_is_gone_is_no_comment(server: ScratchServer) -> None:
    with _database(server, "orphan") as name, server.connect_admin(name) as session:
        before = _read(session)
        session.execute("INSERT INTO pg_description VALUES (99999, 'pg_class'::regclass, 0, 'whose?')")
        session.execute("INSERT INTO pg_seclabel VALUES (99999, 'pg_class'::regclass, 0, 'guard', 'whose?')")
        assert difference(before, _read(session)) == ()


def test_a_column_dropped_and_made_again_at_the_end_is_no_difference(server: ScratchServer) -> None:
    with _database(server, "again") as name, server.connect(name) as session:
        session.execute("CREATE TABLE t (a integer, b text)")
        before = _read(session)
        session.execute("ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b text")
        assert difference(before, _read(session)) == ()


def test_reading_inside_a_transaction_sees_its_changes_and_leaves_its_settings(server: ScratchServer) -> None:
    with _database(server, "within") as name, server.connect(name) as session:
        before = _read(session)
        with session.transaction():
            session.execute(USERS.encode())
            session.execute("SET LOCAL search_path = public, pg_catalog")
            assert difference(before, _read(session)) == USERS_TOLD
            assert session.execute("SHOW search_path").fetchone() == ("public, pg_catalog",)
            with settled(session, lock_timeout=0.0001):
                assert session.execute("SHOW lock_timeout").fetchone() == ("1ms",)


def test_where_a_migration_looked_for_names_makes_no_difference(server: ScratchServer) -> None:
    with _database(server, "here") as here, _database(server, "there") as there:
        told = []
        for name, path in ((here, "public"), (there, "pg_catalog")):
            with server.connect(name) as session:
                session.execute("CREATE FUNCTION public.one() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
                session.execute(f"SET search_path = {path}".encode())
                session.execute("""
                    CREATE DOMAIN public.number AS integer DEFAULT public.one();
                    CREATE TABLE public.t (n public.number DEFAULT public.one(), at timestamptz DEFAULT '2026-01-01Z');
                    CREATE VIEW public.v AS SELECT n, public.one() FROM public.t;
                """)
                told.append(_read(session))
        assert difference(*told) == ()


TROJAN = """
    CREATE SCHEMA trap;
    CREATE FUNCTION trap.sprung() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'sprung'; END $$;
    CREATE FUNCTION trap.quote_ident(name) RETURNS text LANGUAGE sql AS 'SELECT trap.sprung()::text';
    CREATE FUNCTION trap.array_remove(text[], text) RETURNS text[] LANGUAGE sql AS 'SELECT array[trap.sprung()::text]';
    CREATE FUNCTION trap.same(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT trap.sprung()';
    CREATE OPERATOR trap.= (leftarg = oid, rightarg = oid, function = trap.same);
    CREATE TABLE trap.pg_class (oid oid);
    CREATE FUNCTION trap.mail(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
        BEGIN
            IF pg_catalog.current_setting('is_superuser') = 'on' THEN RAISE 'sprung'; END IF;
            RETURN $1;
        END $$;
    CREATE TABLE trap.bait (
        mail text CHECK (trap.mail('x') <> ''),
        made text GENERATED ALWAYS AS (trap.mail(mail)) STORED
    );
    CREATE INDEX bait_idx ON trap.bait (trap.mail('x'));
    CREATE VIEW trap.lure AS SELECT trap.sprung() AS sprung;
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = trap, pg_catalog, pg_temp', current_database());
        EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database());
        EXECUTE format('ALTER DATABASE %I SET DateStyle = ''SQL, DMY''', current_database());
        EXECUTE format('ALTER DATABASE %I SET client_encoding = SQL_ASCII', current_database());
        EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''50ms''', current_database());
    END $$;
"""


def test_an_administrator_reads_a_hostile_database_and_runs_nothing_of_it(each_major: ScratchServer) -> None:
    with _database(each_major, "hostile") as name:
        with each_major.connect(name) as owner:
            owner.execute(TROJAN.encode())
            role = owner.info.user
        with each_major.connect_admin(name) as admin:
            as_set = _read(admin, owner=role)
            admin.execute("SET search_path = trap, pg_catalog, pg_temp")
            trapped = _read(admin, owner=role)
        assert difference(as_set, trapped) == ()
        assert as_set.things[Key("trap.bait.mail", "column")] == ("text",)
