"""Migrations outside of a transaction: rehearsed as they are deployed, and begun anew behind each statement."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Failed, NotRepeatable, NotTried, Repeatable, Rerun
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, outcomes, rehearsed

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, email text);"
INDEX = "create index concurrently if not exists users_email on users (email);"
ALL_PASSED = ("passed", "passed", "passed", "passed")


@pytest.mark.parametrize("batching", list(Batching))
def test_it_runs_in_the_middle_of_a_batch_in_every_way(server: ScratchServer, batching: Batching) -> None:
    head = folder_of({"m0": USERS, "m1": INDEX, "m2": f"{INDEX} vacuum users;", "m3": "drop table users;"})
    rehearsal = rehearsed(server, head, outside={"m1", "m2"}, batching=batching)
    assert outcomes(rehearsal) == ALL_PASSED
    assert [type(each) for each in rehearsal.reruns] == [NotRepeatable, Repeatable, Repeatable, NotRepeatable]


def test_the_upgrade_runs_it_as_well(server: ScratchServer) -> None:
    base = folder_of({"m0": USERS})
    rehearsal = rehearsed(server, folder_of({"m0": USERS, "m1": INDEX}), base, outside={"m1"})
    assert outcomes(rehearsal) == ALL_PASSED
    assert rehearsal.catalogue_change[0].startswith("+ index public.users_email")


def test_what_has_landed_ran_so_as_well(server: ScratchServer) -> None:
    base = folder_of({"m0": USERS, "m1": INDEX})
    head = folder_of({"m0": USERS, "m1": INDEX, "m2": "alter table users add column age int;"})
    assert outcomes(rehearsed(server, head, base, outside={"m1"})) == ALL_PASSED


def test_a_refusal_is_told_at_its_line(server: ScratchServer) -> None:
    base, sql = folder_of({"m0": USERS}), f"-- two\n{INDEX}\n\ndrop index concurrently lost;"
    rehearsal = rehearsed(server, folder_of({"m0": USERS, "m1": sql}), base, outside={"m1"})
    (failed,) = (each for each in rehearsal.ways if isinstance(each, Failed) and each.way == "upgrade")
    assert (failed.failure.line, failed.failure.sqlstate, failed.failure.first) == (4, "42704", False)
    assert failed.failure.statement == "drop index concurrently lost;"


def test_a_transaction_of_its_own_is_refused(server: ScratchServer) -> None:
    base = folder_of({"m0": USERS})
    rehearsal = rehearsed(server, folder_of({"m0": USERS, "m1": f"begin;\n{INDEX} commit;"}), base, outside={"m1"})
    assert outcomes(rehearsal)[2] == "25001 m1:1"


def rerun(server: ScratchServer, sql: str) -> Rerun:
    base = folder_of({"m0": USERS})
    (found,) = rehearsed(server, folder_of({"m0": USERS, "m1": sql}), base, outside={"m1"}).reruns
    return found


@pytest.mark.parametrize(
    ("sql", "sqlstate", "message", "line"),
    [
        pytest.param(
            INDEX.replace("if not exists ", ""), "42P07", 'relation "users_email" already exists', 1, id="no guard"
        ),
        pytest.param(
            "create table if not exists a ();\nalter table if exists a rename to b;",
            "42P07",
            'relation "b" already exists',
            2,
            id="what the first statement makes anew stands in the way of the second",
        ),
        pytest.param("create index concurrently on users (email);", "", "changes again: + index", None, id="no name"),
        pytest.param(
            f"{INDEX}\nupdate users set email = email || 'x';",
            "",
            "what a second UPDATE does to rows cannot be told where there are none",
            2,
            id="rows",
        ),
        pytest.param(
            "drop table if exists tags;\ncreate table tags (id int);",
            "",
            "drops public.tags again, with all that it holds by then",
            None,
            id="a table that is made anew",
        ),
    ],
)
def test_what_cannot_be_begun_anew(server: ScratchServer, sql: str, sqlstate: str, message: str, line: int) -> None:
    found = rerun(server, sql)
    assert isinstance(found, NotRepeatable), found
    assert (found.sqlstate, found.message[: len(message)], found.line) == (sqlstate, message, line)


def test_what_can_be_begun_anew(server: ScratchServer) -> None:
    sql = (
        f"drop index concurrently if exists users_email; {INDEX} reindex index concurrently users_email; vacuum users;"
    )
    assert rerun(server, sql) == Repeatable("m1", "drizzle/m1.sql")


def test_after_one_that_did_not_end_none_is_tried(server: ScratchServer) -> None:
    head = folder_of({"m0": USERS, "m1": INDEX.replace("if not exists ", ""), "m2": "select 1;"})
    assert [type(each) for each in rehearsed(server, head, folder_of({"m0": USERS}), outside={"m1"}).reruns] == [
        NotRepeatable,
        NotTried,
    ]


def test_where_it_has_landed_no_transaction_took_back_what_was_before_it(server: ScratchServer) -> None:
    landed = {"m0": USERS, "m1": "create index if not exists users_email on users (email);", "m2": "select 1 / 0;"}
    head, base = folder_of({**landed, "m2": "select 1;"}), folder_of(landed)
    assert rehearsed(server, head, base).proof.batching is Batching.ALL
    assert rehearsed(server, head, base, outside={"m1"}).proof.batching is Batching.EACH
