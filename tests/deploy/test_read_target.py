"""What is read of a target, and what people are told where it cannot be."""

import socket
import time

import psycopg
import pytest

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.errors import MigcheckError, UndecidableError, UsageError
from migcheck.facts.target.read_target import _place, _read, read_target
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.address import parse_address, refuse_pooler
from migcheck.postgres.target.connecting import CONNECT_SECONDS
from migcheck.redact import redact
from tests.support.target_server import Database, TargetServer

NAME = LedgerName()
SETTINGS = ("default_transaction_read_only", "lock_timeout", "statement_timeout")
LEDGER = (
    "create schema drizzle",
    "create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)",
)


def refusal(url: str, name: LedgerName = NAME, patience: float = 5.0) -> MigcheckError:
    with pytest.raises(MigcheckError) as caught:
        read_target(parse_address(url), name, patience=patience)
    return caught.value


@pytest.mark.server
def test_what_has_a_name_is_read_with_its_kind(app: Database) -> None:
    app.run(
        'create schema "A b"',
        "create type \"A b\".mood as enum ('a')",
        "create type pair as (a int, b int)",
        "create domain positive as int",
        "create type span as range (subtype = int)",
        "create table users (id serial, tags text[])",
        'create index "by" on users (id)',
        "create view v as select 1",
        "create materialized view m as select 1",
        "insert into users default values",
        "insert into users (id) values (1)",
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        app.run("create unique index concurrently cut_off on users (id)")
    seen = read_target(parse_address(app.url), NAME)
    kinds = {"m": "view", "pair": "type", "users_id_seq": "sequence", "v": "view"} | {
        "by": "index",
        "cut_off": "invalid index",
    }
    assert seen.relations == {f"public.{name}": kind for name, kind in kinds.items()}
    assert sorted(seen.types) == ['"A b".mood', "public.positive", "public.span"]


class TestAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "  ",
            "not a url",
            "mysql://app:s3cret-pw@db/app",
            "'postgresql://app:s3cret-pw@db/app'",
            "postgresql://app:s3cret%zz-pw@db/app",
            "postgresql://app:s3cret@pw@db/app",
            "postgresql://app:s3cret/pw@db/app",
            "postgresql://app:x@db:s3cret-pw/app",
            "postgresql://app:x@db:70000/app",
            pytest.param(f"postgresql://app:x@db:{'9' * 5000}/app", id="digits"),
            "postgresql:///app",
        ],
    )
    def test_a_malformed_url_is_a_usage_error_that_repeats_no_secret(self, url: str) -> None:
        error = refusal(url)
        assert isinstance(error, UsageError)
        assert "s3cret" not in f"{error.problem} {error.remedy} {error.__cause__}"
        assert "DATABASE_URL" in error.problem
        assert "postgresql://" in error.remedy or "%40" in error.remedy

    @pytest.mark.parametrize(
        ("url", "remedy"),
        [
            (
                "postgresql://app:pw@ep-cool-rain-123-pooler.eu-central-1.aws.neon.tech/app?sslmode=require",
                "use the direct host ep-cool-rain-123.eu-central-1.aws.neon.tech",
            ),
            (
                "postgres://app:pw@ep-a-1-pooler.us-east-1.postgres.vercel-storage.com/verceldb",
                "use the direct host ep-a-1.us-east-1.postgres.vercel-storage.com",
            ),
            (
                "postgres://app:pw@aws-0-eu.pooler.supabase.com:6543/postgres",
                "use port 5432 of the same host, which pools by session",
            ),
            (
                "postgres://postgres:pw@db.abcdefgh.supabase.co:6543/postgres",
                "use port 5432 of the same host",
            ),
            ("postgres://app:pw@db/app?pgbouncer=true", "give the URL of the database itself"),
        ],
    )
    def test_a_transaction_pooler_is_refused_with_the_direct_name(self, url: str, remedy: str) -> None:
        with pytest.raises(UndecidableError) as caught:
            refuse_pooler(parse_address(url), "MY_URL")
        assert caught.value.problem == (
            "MY_URL leads to a transaction pooler: session locks and timeouts do not hold there"
        )
        assert caught.value.remedy == remedy

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://app:pw@ep-cool-rain-123.eu-central-1.aws.neon.tech/app",
            "postgres://app:pw@aws-0-eu.pooler.supabase.com:5432/postgres",
            "postgres://postgres:pw@db.abcdefgh.supabase.co/postgres",
            "postgres://app:pw@db.example.org:6543/app?pgbouncer=false",
            "postgres://app:pw@db-pooler.example.org/app",
        ],
    )
    def test_what_keeps_sessions_is_not(self, url: str) -> None:
        refuse_pooler(parse_address(url), "DATABASE_URL")

    @pytest.mark.parametrize(
        ("url", "password", "application"),
        [
            ("postgresql://u:s3cret-pw@h/d?application_name=me@corp&schema=public", "s3cret-pw", "me@corp"),
            ("postgresql://u:s3cret?#pw@h/d?schema=a@b&application_name=me@corp", "s3cret?#pw", "me@corp"),
            ("postgresql://u:s3cret-pw@h/d?application_name=me@corp&sslrootcert=/etc/ca.pem", "s3cret-pw", "me@corp"),
            ("postgresql://h/d?user=u&application_name=me@corp&schema=public", None, "me@corp"),
            ("postgresql://u:s3cret?pw@h/d?application_name=me", "s3cret?pw", "me"),
        ],
    )
    def test_an_at_sign_in_an_option_is_not_the_passwords(
        self, url: str, password: str | None, application: str
    ) -> None:
        address = parse_address(url)
        assert address.name == "h/d"
        kept = {key: address.parameters.get(key) for key in ("user", "password", "application_name", "schema")}
        assert kept == {"user": "u", "password": password, "application_name": application, "schema": None}
        assert "s3cret" not in redact(f"the server said {password}")

    @pytest.mark.parametrize("url", ["u:s3cret@a?b=c@h/d", "u:s3cret@a/b?c=d@h/d", "u:123/s3cret?b@h/d"])
    def test_a_password_that_reads_as_a_place_leads_to_no_other_server(self, url: str) -> None:
        with pytest.raises(UsageError, match=r"is not a PostgreSQL URL|must be percent-encoded"):
            parse_address(f"postgresql://{url}")


class TestNoConnection:
    def test_nobody_listens(self) -> None:
        error = refusal("postgresql://app:s3cret-pw@127.0.0.1:1/app")
        assert isinstance(error, UndecidableError)
        assert error.problem.startswith("127.0.0.1:1/app cannot be reached: ")
        assert "s3cret" not in f"{error.problem} {error.remedy}"

    def test_an_unknown_host(self) -> None:
        error = refusal("postgresql://app:pw@db.invalid/app")
        assert error.problem.startswith("the host of db.invalid/app is not known")

    def test_a_server_that_never_answers_is_given_up(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            begun = time.monotonic()
            error = refusal(f"postgresql://app:pw@127.0.0.1:{silent.getsockname()[1]}/app?connect_timeout=2")
        assert "cannot be reached" in error.problem
        assert time.monotonic() - begun < CONNECT_SECONDS

    @pytest.mark.server
    def test_a_wrong_password(self, app: Database) -> None:
        error = refusal(app.url.replace(app.password, "s3cret-wrong"))
        assert error.problem.startswith(f"127.0.0.1:{app.port}/{app.name} refuses the user or the password: ")
        assert "s3cret" not in f"{error.problem} {error.remedy} {error.__cause__}"

    @pytest.mark.server
    def test_no_such_database(self, app: Database) -> None:
        error = refusal(app.url.removesuffix(app.name) + "absent")
        assert error.problem.startswith(f"the database of 127.0.0.1:{app.port}/absent does not exist: ")
        assert error.remedy == "create it, or correct the URL"


@pytest.mark.server
class TestWhatIsRead:
    def test_an_empty_database(self, app: Database) -> None:
        target = read_target(parse_address(app.url), NAME)
        assert target.name == f"127.0.0.1:{app.port}/{app.name}"
        assert target.version // 10_000 == target.major >= 15
        assert target.ledger == Ledger(NAME, exists=False)
        assert (target.ledger_kind, target.ledger_columns, target.lacking) == ("", {}, {})
        assert (target.read_only, target.may_create, target.role) == (False, True, app.role)
        assert not target.superuser
        assert target.extensions == ("plpgsql",)

    def test_a_space_in_an_option_stays_one(self, app: Database) -> None:
        assert read_target(parse_address(f"{app.url}?options=-c%20search_path%3Dpublic"), NAME).ledger_kind == ""

    @pytest.mark.parametrize(
        ("place", "shown"),
        [
            ("[::1]:15517", "[::1]:15517/d"),
            ("[::1]", "[::1]/d"),
            ("one:5433,other", "one:5433,other/d"),
            ("one,other", "one,other/d"),
        ],
    )
    def test_the_name_of_a_place(self, place: str, shown: str) -> None:
        assert parse_address(f"postgresql://u@{place}/d").name == shown

    def test_the_options_of_node_are_no_fault(self, app: Database) -> None:
        target = read_target(
            parse_address(f"{app.url}?uselibpqcompat=true&schema=public&supa=base&sslmode=prefer"), NAME
        )
        assert target.ledger_kind == ""

    def test_a_ledger(self, app: Database) -> None:
        app.run(*LEDGER, "insert into drizzle.__drizzle_migrations (hash, created_at) values ('a', 5), ('b', null)")
        target = read_target(parse_address(app.url), NAME)
        assert target.ledger.rows == (LedgerRow(1, "a", 5), LedgerRow(2, "b", None))
        assert target.ledger_kind == "r"
        assert target.ledger_columns == {"id": "integer", "hash": "text", "created_at": "bigint"}
        assert target.foreign_columns == ()
        assert target.lacking == {}

    def test_a_ledger_that_was_not_made_by_drizzle_may_lack_an_id_or_a_hash(self, app: Database) -> None:
        app.run("create schema drizzle", f"create table {NAME} (id integer, hash text, created_at bigint)")
        app.run(f"insert into {NAME} values (null, 'c', 8), (2, 'b', 7), (1, 'a', 6), (null, null, 5)")
        # Behind those that have an id, and each by itself: what a row stands for is known by its number.
        assert read_target(parse_address(app.url), NAME).ledger.rows == (
            LedgerRow(1, "a", 6),
            LedgerRow(2, "b", 7),
            LedgerRow(-4, "", 5),
            LedgerRow(-1, "c", 8),
        )

    def test_a_ledger_of_another_name(self, app: Database) -> None:
        app.run('create table public."My Ledger" (id serial primary key, hash text not null, created_at bigint)')
        app.run("""insert into public."My Ledger" (hash, created_at) values ('a', 5)""")
        target = read_target(parse_address(app.url), LedgerName("public", "My Ledger"))
        assert target.ledger.rows == (LedgerRow(1, "a", 5),)

    def test_a_view_in_its_place_is_not_read(self, app: Database) -> None:
        app.run("create schema drizzle", "create view drizzle.__drizzle_migrations as select 1 as id")
        target = read_target(parse_address(app.url), NAME)
        assert (target.ledger_kind, target.ledger.rows) == ("v", ())

    def test_another_table_of_that_name_is_not_read(self, app: Database) -> None:
        app.run("create schema drizzle", "create table drizzle.__drizzle_migrations (id uuid, hash text)")
        target = read_target(parse_address(app.url), NAME)
        assert (target.foreign_columns, target.ledger.rows) == (("id", "created_at"), ())

    def test_a_role_that_has_every_name_in_quotes(self, app: Database) -> None:
        app.run(*LEDGER, "create table users (id int)", f"alter role {app.role} set quote_all_identifiers = on")
        target = read_target(parse_address(app.url), NAME)
        assert (target.foreign_columns, target.tables) == ((), ("public.users",))

    def test_a_database_that_is_read_only(self, app: Database) -> None:
        app.run(f"alter database {app.name} set default_transaction_read_only = on")
        assert read_target(parse_address(app.url), NAME).read_only

    def test_a_ledger_that_is_begun_meanwhile_is_seen_whole_or_not_at_all(
        self, app: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the first of several deploys at once does it: another was told that it may not read what it owns."""

        def then(connection: Connection, name: LedgerName) -> object:
            found = _place(connection, name)
            app.run(*LEDGER)
            return found

        monkeypatch.setattr("migcheck.facts.target.read_target._place", then)
        assert read_target(parse_address(app.url), NAME).ledger == Ledger(NAME, exists=False)
        monkeypatch.undo()
        assert read_target(parse_address(app.url), NAME).ledger == Ledger(NAME)

    def test_nothing_is_written_by_reading(self, app: Database) -> None:
        read_target(parse_address(app.url), NAME)
        assert app.ask("select nspname::text from pg_namespace where nspname = 'drizzle'") == []

    def test_nothing_stays_set_in_a_session_that_a_pooler_hands_on(self, app: Database) -> None:
        with app.connect() as session:
            _read(session, "app", NAME, 5.0)
            session.rollback()
            shown = [session.execute(f"show {name}".encode()).fetchone() for name in SETTINGS]
        assert shown == [("off",), ("0",), ("0",)]


@pytest.mark.server
class TestPrivileges:
    def test_a_role_that_owns_nothing(self, target_server: TargetServer, app: Database) -> None:
        reader = target_server.database()
        reader = Database(app.port, app.name, reader.role, reader.password)
        target = read_target(parse_address(reader.url), NAME)
        assert tuple(target.lacking) == (f"CREATE on database {app.name}",)
        assert (target.may_create, target.schema) == (False, "public")
        assert read_target(parse_address(target_server.admin.url), NAME).superuser

    @pytest.mark.parametrize("there", ["nothing", "a schema", "a ledger"])
    def test_what_it_lacks_is_granted_by_the_statements_that_are_told(
        self, target_server: TargetServer, app: Database, there: str
    ) -> None:
        other, name = target_server.database(), LedgerName("My own", "done")
        role = Database(app.port, app.name, other.role, other.password)
        if there != "nothing":
            app.run('create schema "My own"')
        if there == "a ledger":
            app.run(
                'create table "My own".done (id serial primary key, hash text not null, created_at bigint)',
                f'grant usage on schema "My own" to {role.role}; grant select on "My own".done to {role.role}',
            )
        lacking = read_target(parse_address(role.url), name).lacking
        assert lacking
        for statement in lacking.values():
            app.run(statement)
        assert read_target(parse_address(role.url), name).lacking == {}

    def test_a_ledger_that_may_be_read_but_not_kept(self, target_server: TargetServer, app: Database) -> None:
        other = target_server.database()
        app.run(
            *LEDGER,
            f"grant usage on schema drizzle to {other.role}",
            f"grant select on drizzle.__drizzle_migrations to {other.role}",
            'create schema "A b"',
            "create table users (id int primary key)",
            "create table teams (id int primary key)",
            f"grant references (id) on teams to {other.role}",
            "create type mood as enum ()",
            "create domain age as int",
            "create function \"F\"(a int, text[]) returns int language sql as 'select 1'",
            f"grant create on database {app.name} to {other.role}",
        )
        as_other = Database(app.port, app.name, other.role, other.password)
        as_other.run(
            "create schema theirs", f"grant all on schema theirs to {app.role}", "create type theirs.own as ()"
        )
        app.run("create view theirs.seen as select 1 as a")
        url = as_other.url
        target = read_target(parse_address(url), NAME)
        assert target.closed["drizzle"] == ("CREATE",)
        assert target.closed['"A b"'] == ("USAGE", "CREATE")
        assert target.unreferable == {"public.users"}
        indexes = ("public.teams_pkey", "public.users_pkey")
        named = (
            'public."F"(integer, text[])',
            "public.age",
            "public.mood",
            "public.teams",
            "public.users",
            "theirs.seen",
            *indexes,
        )
        of_the_ledger = ("drizzle.__drizzle_migrations_id_seq", "drizzle.__drizzle_migrations_pkey")
        assert target.owners == dict.fromkeys((*named, *of_the_ledger), app.role)
        assert target.droppable == {"theirs.seen"}
        for refused in (
            "drop type mood",
            "drop index users_pkey",
            'alter routine "F" stable',
            "create or replace function \"F\"(a int, text[]) returns int language sql as 'select 2'",
            "alter view theirs.seen rename to it",
            "alter domain age set not null",
            "comment on constraint users_pkey on users is 'a'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                as_other.run(refused)
        as_other.run("drop view theirs.seen", "drop trigger if exists missing on users")
        app.run(f'grant usage, create on schema "A b" to {other.role}', f"grant references on users to {other.role}")
        granted = read_target(parse_address(url), NAME)
        assert ('"A b"' in granted.closed, granted.unreferable) == (False, frozenset())
        owner = read_target(parse_address(app.url), NAME)
        assert (owner.closed.keys() <= {"public"}, owner.owners) == (True, {"theirs.own": other.role})
        assert tuple(target.lacking) == (
            "INSERT on drizzle.__drizzle_migrations",
            "UPDATE on drizzle.__drizzle_migrations",
            "USAGE on the sequence of drizzle.__drizzle_migrations",
        )

    def test_the_sequence_of_an_identity_takes_no_right_of_its_own(
        self, target_server: TargetServer, app: Database
    ) -> None:
        other = target_server.database()
        role = Database(app.port, app.name, other.role, other.password)
        app.run(
            "create schema drizzle",
            "create table drizzle.__drizzle_migrations (id int generated always as identity primary key, "
            "hash text not null, created_at bigint)",
            f"grant usage on schema drizzle to {role.role}",
            f"grant select, insert, update on drizzle.__drizzle_migrations to {role.role}",
        )
        role.run("insert into drizzle.__drizzle_migrations (hash, created_at) values ('a', 1)")
        assert read_target(parse_address(role.url), NAME).lacking == {}

    def test_a_ledger_that_may_not_be_read(self, target_server: TargetServer, app: Database) -> None:
        other = target_server.database()
        url = Database(app.port, app.name, other.role, other.password).url
        app.run(*LEDGER)
        said = f"role {other.role} may not read every row of drizzle.__drizzle_migrations on {parse_address(url).name}"
        use, read = (
            f'grant usage on schema "drizzle" to "{other.role}";',
            f'grant select on "drizzle"."__drizzle_migrations" to "{other.role}";',
        )
        error = refusal(url)
        assert error.problem == (f"{said}: it lacks USAGE on schema drizzle and SELECT on drizzle.__drizzle_migrations")
        assert error.remedy == f"as the ledger's owner, `{use} {read}`"

        app.run(use)
        error = refusal(url)
        assert error.problem == f"{said}: it lacks SELECT on drizzle.__drizzle_migrations"
        assert error.remedy == f"as the ledger's owner, `{read}`"
        app.run(read)
        assert read_target(parse_address(url), NAME).ledger.rows == ()

    def test_a_ledger_whose_rows_are_hidden(self, app: Database) -> None:
        app.run(*LEDGER, "alter table drizzle.__drizzle_migrations enable row level security")
        assert read_target(parse_address(app.url), NAME).ledger.rows == ()
        app.run("alter table drizzle.__drizzle_migrations force row level security")
        error = refusal(app.url)
        assert error.problem == (
            f"role {app.role} may not read every row of {NAME} on 127.0.0.1:{app.port}/{app.name}: row-level security "
            "may hide some"
        )
        assert error.remedy == "use a role with BYPASSRLS, or the owner where it is not forced"

    def test_a_ledger_that_a_deploy_holds_is_told_and_not_waited_for(self, app: Database) -> None:
        app.run(*LEDGER)
        with app.connect() as deploy, deploy.transaction():
            deploy.execute("lock table drizzle.__drizzle_migrations in access exclusive mode")
            # Whatever the role has of its own.
            app.run(f"alter role {app.role} set statement_timeout = '300ms'")
            pid, error = deploy.info.backend_pid, refusal(app.url, patience=0.9)
        assert f"is locked by pid {pid} (no application_name, role {app.role}, since 20" in error.problem
        assert error.remedy == "wait for it to end, then run again"

    def test_the_tables_that_are_there_are_told_without_the_ledger(self, app: Database) -> None:
        app.run(
            *LEDGER, "create schema s", 'create table s."A b" ()', "create table users ()", "create view v as select 1"
        )
        assert read_target(parse_address(app.url), NAME).tables == ("public.users", 's."A b"')
