"""A ledger is begun for what a target has already, and for nothing that it was not proven to have."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from migcheck.clearance import plan_of
from migcheck.config.config import ApplyConfig
from migcheck.deploy import alone
from migcheck.deploy.baseline import baseline
from migcheck.deploy.outcome import BaselineOutcome, NothingToDo, Recorded, Refused, Unknown, WouldRecord
from migcheck.deploy.resemblance import changes_rows
from migcheck.drizzle.folder import Folder
from migcheck.facts.course import Course
from migcheck.postgres.running.ledger import create_ledger
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from tests.support.baselines import baselined, different, order_for, recorded
from tests.support.deploys import NAME, deploy, keep_ledger, ledger_rows, plan_applied, written
from tests.support.pgbouncer import pooled
from tests.support.rehearsals import folder_of, folders_of
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import eventually
from tests.support.wire import Cut, wire

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text not null);"
POSTS = "create table posts (id int references users (id), body text);\ncreate index posts_by_id on posts (id);"
EMAIL = "alter table users add column email text;"
SQL = {"0000_users": USERS, "0001_posts": POSTS, "0002_email": EMAIL}
NO_LEDGER = "select from pg_tables where tablename = '__drizzle_migrations'"
WAITING = "select pid from pg_stat_activity where application_name = 'migcheck baseline' and wait_event_type = 'Lock'"


@pytest.fixture
def folder() -> Folder:
    return folder_of(SQL)


def rows_of(folder: Folder) -> list[tuple[object, ...]]:
    """The rows that Drizzle would have written."""
    return [(number, each.hash, each.when) for number, each in enumerate(folder.migrations, 1)]


def test_what_push_built_gets_its_rows_and_nothing_runs(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(EMAIL.replace("alter table users add column email text", USERS.replace(");", ", email text)")), POSTS)
    assert recorded(baselined(app, folder, server)) == list(SQL)
    assert ledger_rows(app) == rows_of(folder)
    assert deploy(app, folder) == NothingToDo()


def test_the_order_of_columns_does_not_count(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run("create table users (email text, name text not null, id serial primary key);", POSTS)
    assert recorded(baselined(app, folder, server)) == list(SQL)


def test_an_extension_has_the_comment_that_a_migration_wrote(app: Database, server: ScratchServer) -> None:
    made = {"0000_types": "create extension citext;"}
    folder = folder_of({**made, "0001_words": "comment on extension citext is 'for e-mail';"})
    app.run("create extension citext")
    seen = different(baselined(app, folder, server))
    assert (seen.lines, seen.equals) == (("- comment on extension citext 'for e-mail'",), ("0000_types",))
    # What comes with it is in the words of the version that it was made with.
    app.run("comment on extension citext is 'as an older version says'")
    assert recorded(baselined(app, folder_of(made), server)) == ["0000_types"]


def test_up_to_a_migration_and_the_rest_is_deployed(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS)
    assert recorded(baselined(app, folder, server, 1)) == ["0000_users", "0001_posts"]
    assert plan_applied(deploy(app, folder)) == ["0002_email"]
    assert ledger_rows(app) == rows_of(folder)


def test_a_difference_is_listed_and_nothing_is_written(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run("create table users (id serial primary key, name varchar(20) not null, age int);", POSTS, EMAIL)
    seen = different(baselined(app, folder, server))
    assert seen.lines == (
        "+ column public.users.age integer",
        "~ column public.users.name: text -> character varying(20)",
    )
    assert (seen.equals, seen.as_recorded, app.ask(NO_LEDGER)) == ((), False, [])


def test_what_one_plain_statement_would_bring_is_proposed(app: Database, server: ScratchServer) -> None:
    """And what is proposed does it: what is left is what had no plain statement."""
    built = (
        "create type mood as enum ('a', 'b');",
        "create table users (id int primary key, mail text default 'it''s', n int, old int);",
        "create table posts (id int, by int references users, at int generated always as identity, s serial);",
        "create index posts_by on posts (by); alter table posts add constraint odd check (id % 2 = 1);",
        "comment on column posts.id is 'a \"b\"'; alter table posts alter id set storage plain;",
        "alter table users add wide text; alter table users alter wide set storage external;",
        "create view ids as select id from users; create table tags (id int); comment on table tags is 'a';",
        # Of a table that is not there, and of a column that has no plain statement.
        "create index tags_id on tags (id); create index posts_at on posts (at);",
    )
    there = (
        "create type mood as enum ('a');",
        "create table users (id int primary key, n bigint default 1, old int not null, age int);",
        "create table posts (id int, by int);",
    )
    folder = folder_of({"0000_all": "--> statement-breakpoint\n".join(built)})
    app.run(*there)
    seen = different(baselined(app, folder, server))
    assert seen.proposed == (
        "ALTER TABLE public.users ADD COLUMN mail text DEFAULT 'it''s'::text",
        "ALTER TABLE public.users ALTER COLUMN old DROP NOT NULL",
        "ALTER TABLE public.posts ADD CONSTRAINT odd CHECK (((id % 2) = 1))",
        "CREATE INDEX posts_by ON public.posts USING btree (by)",
        "COMMENT ON COLUMN public.posts.id IS 'a \"b\"'",
        "ALTER TABLE public.posts ADD CONSTRAINT posts_by_fkey FOREIGN KEY (by) REFERENCES public.users(id)",
    )
    app.run(*seen.proposed)
    left = different(baselined(app, folder, server))
    assert left.proposed == ()
    assert set(left.lines) < set(seen.lines)
    assert len(left.lines) == len(seen.lines) - len(seen.proposed)


def test_the_migration_that_the_target_stands_at_is_named(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS)
    seen = different(baselined(app, folder, server))
    assert (seen.lines, seen.equals) == (("- column public.users.email text",), ("0001_posts",))
    # Those migrations bring the rest: it is not for anybody to type.
    assert seen.proposed == ()


def test_what_a_later_migration_makes_must_not_be_there(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS)
    seen = different(baselined(app, folder, server, 0))
    assert (seen.lines, seen.equals) == (("+ table public.posts",), ("0001_posts",))


def test_what_was_dropped_and_is_still_there_is_a_difference(app: Database, server: ScratchServer) -> None:
    """To record the drop would leave it there for ever."""
    app.run(USERS, POSTS)
    drops = "drop table posts; alter table users drop column name;"
    seen = different(baselined(app, folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_drop": drops}), server))
    assert seen.lines == ("+ table public.posts", "+ column public.users.name text not null")
    assert (seen.equals, app.ask(NO_LEDGER)) == (("0001_posts",), [])


def test_an_empty_database_is_for_a_deploy(app: Database, folder: Folder, server: ScratchServer) -> None:
    seen = different(baselined(app, folder, server))
    assert (seen.lines, seen.as_recorded) == (("- table public.posts", "- table public.users"), True)


def test_a_table_of_the_targets_own_is_told(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL, "create table legacy (id serial)", "create schema other create table t (id int)")
    done = baseline(replace(order_for(app, folder, server), dry_run=True))
    assert isinstance(done, WouldRecord)
    assert done.warnings == ("no migration makes table public.legacy: not compared",)
    assert (done.plan, app.ask(NO_LEDGER)) == (plan_of(folder.migrations), [])


def test_another_owner_is_told(
    app: Database, folder: Folder, server: ScratchServer, target_server: TargetServer
) -> None:
    app.run(USERS, POSTS, EMAIL)
    with replace(target_server.admin, name=app.name).connect() as admin:
        admin.execute("alter table posts owner to postgres")
        admin.execute(f"grant select on posts to {app.role}".encode())
    done = baselined(app, folder, server)
    assert recorded(done) == list(SQL)
    assert [each for each in getattr(done, "warnings", ()) if each.startswith("part of it belongs to postgres,")]


class TestRows:
    SEED = "insert into users (name) values ('ada'), ('bob');"
    DATA = {"0000_users": USERS, "0001_seed": SEED, "0002_fill": "update users set name = upper(name);"}  # noqa: RUF012

    def test_what_changes_rows_is_named(self, app: Database, server: ScratchServer) -> None:
        app.run(USERS, self.SEED)
        done = baselined(app, folder_of(self.DATA), server)
        assert recorded(done) == list(self.DATA)
        assert getattr(done, "warnings", ()) == (
            "0001_seed, 0002_fill may change rows, which are not compared: see that the target is as they have left it",
        )

    def test_a_table_that_migrations_fill_and_that_is_empty(self, app: Database, server: ScratchServer) -> None:
        app.run(USERS)
        seen = different(baselined(app, folder_of(self.DATA), server, 1))
        assert seen.lines == ("- rows of public.users: 2 rows -> none",)
        assert app.ask(NO_LEDGER) == []

    def test_fewer_rows_are_told(self, app: Database, server: ScratchServer) -> None:
        app.run(USERS, "insert into users (name) values ('ada')")
        done = baselined(app, folder_of(self.DATA), server, 1)
        assert recorded(done) == ["0000_users", "0001_seed"]
        told = "public.users has 1 row on the target, and 2 where the folder was built"
        assert getattr(done, "warnings", ())[1:] == (told,)

    def test_two_migrations_that_build_the_same_are_both_named(self, app: Database, server: ScratchServer) -> None:
        app.run(*self.DATA.values())
        sql = {**self.DATA, "0003_posts": POSTS}
        told = different(baselined(app, folder_of(sql), server))
        assert (told.equals, told.but_for_rows) == (("0000_users", "0001_seed", "0002_fill"), ())

    def test_those_whose_rows_are_missing_are_named_apart(self, app: Database, server: ScratchServer) -> None:
        """Each would be refused for that."""
        app.run(USERS)
        sql = {**self.DATA, "0003_posts": POSTS}
        told = different(baselined(app, folder_of(sql), server))
        assert (told.equals, told.but_for_rows) == (("0000_users",), ("0001_seed", "0002_fill"))


@pytest.mark.parametrize(
    ("sql", "may"),
    [
        ("(select 1) union (select 2);", True),
        ("do $$ begin perform set_config('a.b', 'x', true); delete from users; end $$;", True),
        ("do $$ begin if is_due() then alter table t add a int; end if; end $$;", True),
        ("do $$ begin execute 'delete ' || 'from t'; end $$;", True),
        ("do 'begin delete from users; end';", True),
        ("do $$ begin create type mood as enum ('a'); exception when duplicate_object then null; end $$;", False),
        ("do $$begin alter table a add foreign key (b) references c on delete cascade on update cascade; end$$", False),
        ('do $$begin alter table a add foreign key (b) references "public"."c"("id") on delete set null; end$$', False),
        (
            "do $$begin create type public.action as enum ('update', E'truncate'); exception when others then end$$",
            False,
        ),
        ("do $$begin perform public . purge_users ( 1 ); end$$", True),
        ("select 1;", False),
        ("select 1 as ok; select 'nothing (to do)' -- really", False),
        ("select * from purged_users;", True),
        ("do $$begin if not exists (select from pg_type where typname = 'a') then create type a; end if; end$$", False),
        ("insert into settings (name) values ('set_config');", True),
        ("select set_config('a.b', 'x', true), purge_users();", True),
        ("select pg_catalog.set_config('search_path', '', false);\n-- insert ()\ncreate table t (id int);", False),
    ],
)
def test_what_may_change_rows(sql: str, *, may: bool) -> None:
    (migration,) = folder_of({"0000_rows": sql}).migrations
    assert changes_rows(migration) is may


class TestLedger:
    def test_what_it_has_already_stays_and_what_lies_between_is_added(
        self, app: Database, folder: Folder, server: ScratchServer, tmp_path: Path
    ) -> None:
        app.run(USERS, POSTS, EMAIL)
        written(tmp_path, {"0000_users": USERS})
        keep_ledger(app, tmp_path)
        assert recorded(baselined(app, folder, server)) == ["0001_posts", "0002_email"]
        assert ledger_rows(app) == rows_of(folder)

    def test_where_no_row_is_missing_nothing_is_built(
        self, app: Database, folder: Folder, server: ScratchServer, tmp_path: Path
    ) -> None:
        written(tmp_path, SQL)
        keep_ledger(app, tmp_path)

        def build() -> Course:
            raise AssertionError

        assert baseline(replace(order_for(app, folder, server), build=build)) == NothingToDo()

    def test_a_target_that_is_what_its_ledger_says_is_for_a_deploy(
        self, app: Database, folder: Folder, server: ScratchServer, tmp_path: Path
    ) -> None:
        app.run(USERS)
        written(tmp_path, {"0000_users": USERS})
        keep_ledger(app, tmp_path)
        seen = different(baselined(app, folder, server))
        assert (seen.as_recorded, seen.equals) == (True, ())

    def test_one_that_changed_since_the_gates_read_it(
        self, app: Database, folder: Folder, server: ScratchServer, tmp_path: Path
    ) -> None:
        order = order_for(app, folder, server)
        app.run(USERS, POSTS, EMAIL)
        written(tmp_path, {"0000_users": USERS})
        keep_ledger(app, tmp_path)
        outcome = baseline(order)
        assert outcome == Refused("drizzle.__drizzle_migrations changed since the gates read it", "run it again")
        assert len(ledger_rows(app)) == 1

    def test_a_folder_of_1_0_gets_rows_with_names(self, app: Database, server: ScratchServer) -> None:
        app.run(USERS, POSTS)
        folders = folders_of({"20240101000000_users": USERS, "20240101000001_posts": POSTS})
        assert recorded(baselined(app, folders, server)) == ["20240101000000_users", "20240101000001_posts"]
        query = "select name, hash, created_at, applied_at is not null from drizzle.__drizzle_migrations order by id"
        assert app.ask(query) == [(each.tag, each.hash, each.when, True) for each in folders.migrations]
        assert deploy(app, folders) == NothingToDo()


def test_of_two_at_once_one_writes(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL)
    order = order_for(app, folder, server)
    ends: list[BaselineOutcome] = []
    both = [Thread(target=lambda: ends.append(baseline(order))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(type(each).__name__ for each in ends) == ["NothingToDo", "Recorded"]
    assert ledger_rows(app) == rows_of(folder)


def test_what_is_compared_is_what_is_recorded(app: Database, folder: Folder, server: ScratchServer) -> None:
    """No migrator gets to the ledger between them: Drizzle's would change what was compared."""
    app.run(USERS, POSTS, EMAIL)
    with app.connect() as owner:
        create_ledger(owner, NAME, folder.layout)
    order = order_for(app, folder, server)
    with ThreadPoolExecutor() as pool, app.connect() as reader, app.connect() as drizzle:
        # The catalogue is read in this one's way alone.
        reader.execute("begin; lock table users in access exclusive mode")
        recording = pool.submit(baseline, order)
        assert eventually(lambda: app.ask(WAITING))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            drizzle.execute(f"begin; lock table {NAME} in row exclusive mode nowait".encode())
        reader.execute("rollback")
        assert recorded(recording.result()) == list(SQL)
    assert ledger_rows(app) == rows_of(folder)


def test_comparing_may_take_longer_than_the_role_leaves_a_transaction_idle(
    app: Database, folder: Folder, server: ScratchServer
) -> None:
    app.run(USERS, POSTS, EMAIL, f"alter role {app.role} set idle_in_transaction_session_timeout = '1ms'")
    assert recorded(baselined(app, folder, server)) == list(SQL)


@pytest.mark.pgbouncer
def test_a_session_that_a_pooler_changes_behind_the_lock_records_nothing(
    app: Database, folder: Folder, server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run(USERS, POSTS, EMAIL)
    order = order_for(app, folder, server)
    with pooled(app, "transaction") as pool, pool.connect() as other:

        def take_it(*_: object) -> bool:
            other.execute("begin; select 1")
            return False

        monkeypatch.setattr(alone, "is_handed_on", take_it)
        outcome = baseline(replace(order, address=parse_address(pool.url)))
    assert isinstance(outcome, Refused), outcome
    assert outcome.problem.startswith("there is a transaction pooler on the way")
    assert app.ask(NO_LEDGER) == []


def test_the_folder_is_built_as_deploys_over_time_would_have(app: Database, server: ScratchServer) -> None:
    """In one transaction for all, the table could not be altered: the check of its row would be pending."""
    sql = {
        "0000_users": "create table users (id int primary key, boss int references users initially deferred);",
        "0001_boss": "insert into users values (1, 1);",
        "0002_name": "alter table users add column name text;",
    }
    app.run(*sql.values())
    assert recorded(baselined(app, folder_of(sql), server)) == list(sql)


def test_a_ledger_that_somebody_keeps_locked(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL, "create schema drizzle")
    app.run("create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)")
    order = replace(order_for(app, folder, server), settings=ApplyConfig(lock_wait=1.0))
    with app.connect() as other, other.transaction():
        other.execute("lock table drizzle.__drizzle_migrations in share mode")
        # Whatever the role has of its own.
        app.run(f"alter role {app.role} set statement_timeout = '300ms'")
        outcome = baseline(order)
    assert isinstance(outcome, Refused)
    assert outcome.problem.startswith("drizzle.__drizzle_migrations is locked by pid ")
    assert ledger_rows(app) == []


def test_what_is_refused_leaves_nothing(
    app: Database, folder: Folder, server: ScratchServer, target_server: TargetServer
) -> None:
    app.run(USERS, POSTS, EMAIL)
    with target_server.admin.connect() as admin:
        admin.execute(f"alter database {app.name} owner to postgres".encode())
    outcome = baselined(app, folder, server)
    owner = "run it as the role that deploys, which owns what the folder builds"
    assert outcome == Refused(f"permission denied for database {app.name}", owner)
    assert app.ask(NO_LEDGER) == []


def test_a_dry_run_is_refused_in_the_same_words(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL, "create schema drizzle")
    app.run("create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)")
    order = replace(order_for(app, folder, server), dry_run=True)
    app.run("revoke all on drizzle.__drizzle_migrations from current_user")
    outcome = baseline(order)
    owner = "run it as the role that deploys, which owns what the folder builds"
    assert outcome == Refused("permission denied for table __drizzle_migrations", owner)


def test_a_ledger_that_keeps_no_row_is_no_success(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL, "create schema drizzle")
    app.run("create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)")
    app.run("create rule no as on insert to drizzle.__drizzle_migrations do instead nothing")
    outcome = baselined(app, folder, server)
    assert "did not keep the row of 0000_users, 0001_posts, 0002_email" in getattr(outcome, "problem", "")


def test_a_session_that_ends_before_the_commit(app: Database, folder: Folder, server: ScratchServer) -> None:
    app.run(USERS, POSTS, EMAIL)
    order = order_for(app, folder, server)
    ends: list[BaselineOutcome] = []
    with app.connect() as other:
        # Who reads a catalogue waits for nobody but this one.
        other.execute("begin; lock table users in access exclusive mode")
        work = Thread(target=lambda: ends.append(baseline(order)))
        work.start()
        assert eventually(lambda: app.ask(WAITING))
        app.run(f"select pg_terminate_backend(pid) from ({WAITING}) as waiting")
        work.join()
    assert isinstance(ends[0], Refused), ends
    assert app.ask(NO_LEDGER) == []


class TestLost:
    """The connection is lost at COMMIT or behind it: what is there can be asked over another."""

    # What asks for the rows behind the COMMIT.
    READS = b"to_jsonb(held)"

    @pytest.fixture
    def pushed(self, app: Database) -> Database:
        app.run(USERS, POSTS, EMAIL, "create table legacy (id serial)")
        return app

    @pytest.mark.parametrize(
        ("cut", "words"), [(Cut.AFTER, b"commit\0"), (Cut.BEFORE, READS)], ids=["at the commit", "behind it"]
    )
    def test_it_is_read_back_over_another(
        self, pushed: Database, folder: Folder, server: ScratchServer, cut: Cut, words: bytes
    ) -> None:
        with wire(pushed, cut, words=words) as lost:
            done = baselined(lost, folder, server)
        assert isinstance(done, Recorded), done
        assert (recorded(done), done.read_back) == (list(SQL), True)
        assert done.warnings == ("no migration makes table public.legacy: not compared",)
        assert ledger_rows(pushed) == rows_of(folder)

    def test_a_row_that_the_ledger_did_not_keep_is_missed_over_another(
        self, pushed: Database, folder: Folder, server: ScratchServer
    ) -> None:
        with pushed.connect() as connection:
            create_ledger(connection, NAME, folder.layout)
        pushed.run(f"create rule r as on insert to {NAME} do instead nothing")
        with wire(pushed, Cut.BEFORE, words=self.READS) as lost:
            done = baselined(lost, folder, server)
        assert isinstance(done, Unknown), done
        assert "did not keep the row of 0000_users" in done.problem

    def test_lost_for_good_it_is_recorded_and_not_read_back(
        self, pushed: Database, folder: Folder, server: ScratchServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
        with wire(pushed, Cut.FOR_GOOD, words=self.READS) as lost:
            order = order_for(lost, folder, server)
            done = baseline(replace(order, settings=ApplyConfig(lock_wait=0.1)))
        assert isinstance(done, Recorded), done
        compared, warning = done.warnings
        assert compared.startswith("no migration makes table public.legacy")
        assert warning.startswith("committed, but not read back: ")
        assert (done.read_back, ledger_rows(pushed)) == (False, rows_of(folder))
