"""Where no server has all: told is what the one said that got farthest, and what each other lacks itself."""

import pytest
from msgspec import structs

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.servers import replay
from migcheck.facts.replay.walk import on_first_that_builds, walk
from migcheck.postgres.scratch.candidates import AbsentCandidate
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_lacking import Running, major_of, replayed, undecided
from tests.support.rehearsals import folder_of, outcomes
from tests.support.servers import Servers

pytestmark = pytest.mark.server

# The 17 of these tests has no pgvector, the 16 has; the 16 has no pgcrypto, the 17 has.
VECTOR = "create extension vector;"
NEWER = """create table t (a int, b int generated always as (a) stored);
alter table t alter b set expression as (a + 1);"""
LACKS_VECTOR = (
    "embedded PostgreSQL 17 lacks the extension vector (drizzle/0000_vector.sql:1: 0A000 extension "
    '"vector" is not available)'
)
IMAGE = (
    'set `image = "pgvector/pgvector:pg17"` under [scratch] in migcheck.toml; a first one is used once it has landed, '
    "or at once with --trust-prelude"
)


def test_syntax_that_the_one_with_the_extension_refuses_is_undecided(
    server: ScratchServer, server_16: ScratchServer
) -> None:
    """It may be too old for it; a slip of the pen looks the same, and the newer one came not so far."""
    for sql, line, near in ((NEWER, 2, "expression"), ("select 1;\naltr table t add x int;", 2, "altr")):
        problem, remedy = undecided(folder_of({"0000_vector": VECTOR, "0001_newer": sql}), server, server_16)
        assert problem == (
            f"drizzle/0001_newer.sql:{line}: scratch (embedded PostgreSQL 16) may be too old for this: "
            f'42601 syntax error at or near "{near}"; {LACKS_VECTOR}'
        )
        assert remedy == IMAGE


def test_a_typing_error_that_a_newer_one_told_is_the_migrations_fault(
    server: ScratchServer, server_16: ScratchServer
) -> None:
    head = folder_of({"0000_crypto": "create extension pgcrypto;", "0001_typo": "altr table t add x int;"})
    rehearsal = replayed(head, server_16, server)
    assert (outcomes(rehearsal)[0], major_of(rehearsal)) == ("42601 0001_typo:1", 17)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("set transaction_timeout = 0;", '42704 unrecognized configuration parameter "transaction_timeout"'),
        (
            "create table p (a int, exclude using btree (a with =)) partition by list (a);",
            "0A000 exclusion constraints are not supported on partitioned tables",
        ),
    ],
)
def test_what_a_newer_one_brought_is_no_fault_on_the_older(
    server: ScratchServer, server_16: ScratchServer, sql: str, said: str
) -> None:
    head = folder_of({"0000_vector": VECTOR, "0001_newer": sql})
    assert undecided(head, server, server_16) == (
        f"drizzle/0001_newer.sql:1: scratch (embedded PostgreSQL 16) may be too old for this: {said}; {LACKS_VECTOR}",
        IMAGE,
    )
    # Where nobody newer gave way it is the folder's own.
    assert outcomes(replayed(folder_of({"0001_newer": sql}), server_16))[0].startswith(said[:5])


def test_a_fault_behind_an_extension_is_told_by_the_one_that_has_it(
    server: ScratchServer, server_16: ScratchServer
) -> None:
    sql = "create table t (a int); create view v as select a from t; alter table t alter a type text;"
    rehearsal = replayed(folder_of({"0000_vector": VECTOR, "0001_view": sql}), server, server_16)
    assert (outcomes(rehearsal)[0], major_of(rehearsal)) == ("0A000 0001_view:1", 16)


@pytest.mark.parametrize(
    ("sql", "lacks", "remedy"),
    [
        (
            "create table t (id int); grant select on t to app;",
            'the role app: 42704 role "app" does not exist',
            "make it in a prelude.sql",
        ),
        (
            "select any_valu(1);",
            "the function any_valu: 42883 function any_valu(integer) does not exist",
            'set `image = "pgvector/pgvector:pg17"` under [scratch] in migcheck.toml; or make it in a prelude.sql',
        ),
        (
            "create extension pgcrypto;",
            'the extension pgcrypto: 0A000 extension "pgcrypto" is not available',
            'set `image = "pgvector/pgvector:pg17"` under [scratch] in migcheck.toml; or set `image = "postgres:16"`',
        ),
    ],
)
def test_each_is_said_to_lack_what_it_lacks(
    server: ScratchServer, server_16: ScratchServer, sql: str, lacks: str, remedy: str
) -> None:
    problem, told = undecided(folder_of({"0000_vector": VECTOR, "0001_more": sql}), server, server_16)
    assert problem == f"drizzle/0001_more.sql:1: scratch (embedded PostgreSQL 16) lacks {lacks}; {LACKS_VECTOR}"
    assert told.startswith(remedy)


def test_of_three_the_one_that_got_farthest_is_told(
    server: ScratchServer, server_16: ScratchServer, servers: Servers
) -> None:
    """As where a server that a URL names comes first."""
    files = {"0000_vector": VECTOR, "0001_crypto": "create extension pgcrypto;", "0002_typo": "altr table t add x int;"}
    dsn = servers.of("dsn", 17)
    problem, _ = undecided(folder_of(files), dsn, server_16, server)
    both = LACKS_VECTOR.replace("embedded PostgreSQL 17 lacks", "dsn PostgreSQL 17, embedded PostgreSQL 17 lack")
    assert problem == (
        "drizzle/0001_crypto.sql:1: scratch (embedded PostgreSQL 16) lacks the extension pgcrypto: 0A000 extension "
        f'"pgcrypto" is not available; {both}'
    )
    del files["0001_crypto"]
    problem, _ = undecided(folder_of(files), server_16, dsn, server)
    assert problem.startswith("drizzle/0002_typo.sql:1: scratch (embedded PostgreSQL 16) may be too old for this: ")
    assert problem.endswith(both)


def unbuilt(request: Request, *servers: ScratchServer) -> tuple[str, str]:
    """What is told, with the way out, where the folder of `request` is built for a course and cannot be."""
    running = [Running(each) for each in servers]
    with pytest.raises(UndecidableError) as told:
        on_first_that_builds(running, request, lambda one: walk(one, request, 60), lambda _line: None)
    return told.value.problem, told.value.remedy


def test_a_folder_that_is_built_for_a_course_tells_the_same(server: ScratchServer, server_16: ScratchServer) -> None:
    request = Request(folder_of({"0000_vector": VECTOR, "0001_newer": NEWER}), None, (), ())
    assert unbuilt(request, server, server_16) == (
        (
            "drizzle/0001_newer.sql:2: scratch (embedded PostgreSQL 16) may be too old for this: "
            f'42601 syntax error at or near "expression"; {LACKS_VECTOR}'
        ),
        IMAGE,
    )
    # What is built is told, whatever that is.
    assert on_first_that_builds([Running(server)], request, lambda _server: None, lambda _line: None) is None
    on_16 = structs.replace(request, target_version=160_004)
    majors = "install `drizzle-migcheck[majors]`, whose 16 and 18 have it, or "
    assert unbuilt(on_16, server)[1].startswith(f'{majors}set `image = "pgvector/pgvector:pg16"`')
    newer = structs.replace(on_16, head=folder_of({"0000_newer": NEWER}))
    assert unbuilt(newer, server_16, server)[0] == (
        'drizzle/0000_newer.sql:2: the folder cannot be built on scratch: 42601 syntax error at or near "expression"'
    )
    replica = folder_of({"0000_replica": "set session_replication_role = replica;"})
    problem, remedy = unbuilt(Request(replica, None, (), (), superuser=True), server)
    assert "scratch (embedded PostgreSQL 17) lacks the rights of a superuser" in problem
    assert remedy.startswith("grant that in a prelude.sql")


def test_an_image_that_is_set_and_cannot_be_run_is_told_in_place_of_one_to_set(server: ScratchServer) -> None:
    absent = AbsentCandidate("pgvector/pgvector:pg17", "no Docker engine answers", "start Docker")
    told = "`image` under [scratch] names pgvector/pgvector:pg17, which is not used: no Docker engine answers"
    request = request_of(None, folder_of({"0000_vector": VECTOR}), None, Batching.ALL, LedgerName())
    with pytest.raises(UndecidableError) as lacking:
        replay(request, [absent, Running(server)], seconds=60)
    assert lacking.value.problem == (
        "drizzle/0000_vector.sql:1: scratch (embedded PostgreSQL 17) lacks the extension vector: 0A000 extension "
        f'"vector" is not available; {told}'
    )
    assert lacking.value.remedy == "start Docker"
    request = request_of(None, folder_of({"0000_one": "select 1;"}), None, Batching.ALL, LedgerName())
    rehearsal = replay(request, [absent, Running(server)], seconds=60)
    assert rehearsal.passed_over == (f"docker pgvector/pgvector:pg17: {told}",)


def test_what_the_targets_own_major_does_not_know_is_the_migrations_fault(
    server: ScratchServer, server_16: ScratchServer
) -> None:
    """On a newer one it would go through, and a deploy would meet it all the same."""
    request = request_of(None, folder_of({"0000_newer": NEWER}), None, Batching.ALL, LedgerName())
    both = [Running(server_16), Running(server)]
    assert major_of(replay(request, both, seconds=60)) == 17
    for target in (160_004, 150_008):
        rehearsal = replay(structs.replace(request, target_version=target), both, seconds=60)
        assert (major_of(rehearsal), outcomes(rehearsal)[0]) == (16, "42601 0000_newer:2")
    assert major_of(replay(structs.replace(request, target_version=170_002), both, seconds=60)) == 17


def test_the_image_to_set_is_of_the_targets_major(server: ScratchServer) -> None:
    request = request_of(
        None, folder_of({"0000_uuid": 'create extension "uuid-ossp";'}), None, Batching.ALL, LedgerName()
    )
    with pytest.raises(UndecidableError) as lacking:
        replay(structs.replace(request, target_version=140_005), [Running(server)], seconds=60)
    assert lacking.value.remedy.startswith('set `image = "postgres:14"` under [scratch]')
