"""Rollbacks, proven: the migration, its rollback, the migration again."""

from collections.abc import Mapping

import pytest

from migcheck.catalogue import REPLAY_RULES
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.rehearsal import Rehearsal, ReplayFacts
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.rollback.proving import prove_from_files
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.rollback import LeftOtherwise, NotReached, Proven, Refused
from migcheck.finding import Severity
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer
from migcheck.rule import judge
from tests.support.ledgers import a_ledger, rows_of
from tests.support.rehearsals import folder_of, history_of, outcomes, rehearsed, undoing

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
NICK = "alter table users add column nick text;"
NO_NICK = "alter table users drop column nick;"
BASE = {"0000_users": USERS}
HEAD = {**BASE, "0001_nick": NICK}


def tried(
    server: ScratchServer, rollbacks: Mapping[str, str], head: Mapping[str, str] = HEAD, base: Folder | None = None
) -> Rehearsal:
    """What is proven of `rollbacks` beside the migrations of `head`, of which BASE has landed; no way is gone."""
    folder, landed = undoing(folder_of(head), rollbacks), folder_of(BASE) if base is None else base
    request = request_of(history_of(folder, landed), folder, None, Batching.ALL, LedgerName())
    with stage_on(server, LedgerName(), 60) as stage:
        return Rehearsal(server.description, request, (), rollbacks=prove_from_files(stage, request))


def told(rehearsal: Rehearsal) -> list[str]:
    """What MC409 says, each with where and by which evidence."""
    found = [each for each in judge(REPLAY_RULES, ReplayFacts(rehearsal)) if each.code == "MC409"]
    assert all(each.severity is Severity.ERROR for each in found)
    return [f"{each.at}: {each.message}" + (f" | {each.evidence}" if each.evidence else "") for each in found]


def test_a_rollback_that_undoes_its_migration_is_proven_and_what_it_loses_is_named(server: ScratchServer) -> None:
    rehearsal = rehearsed(server, undoing(folder_of(HEAD), {"0001_nick": NO_NICK}), folder_of(BASE))
    path = "drizzle/0001_nick.down.sql"
    assert rehearsal.rollbacks == (Proven("0001_nick", path, loses=("column public.users.nick",)),)
    assert told(rehearsal) == []
    assert outcomes(rehearsal) == ("passed", "passed", "passed", "passed")


def test_what_the_migration_took_away_comes_back_empty_and_that_is_named(server: ScratchServer) -> None:
    head = {**BASE, "0001_gone": "alter table users drop column name;"}
    rehearsal = tried(server, {"0001_gone": "alter table users add column name text;"}, head)
    (proof,) = rehearsal.rollbacks
    assert isinstance(proof, Proven)
    assert (proof.loses, proof.lacks) == ((), ("column public.users.name",))


def test_values_that_a_new_type_changed_do_not_come_back(server: ScratchServer) -> None:
    was = {
        "cut": "text",
        "made": "text",
        '"a; b"': "numeric(6,3)",
        "few": "int",
        "note": "varchar(9)",
        "more": "real",
    }
    was |= {"day": "timestamp", "zoned": "timestamptz", "less": "double precision", "whole": "numeric(9,2)"}
    now = {
        "cut": "varchar(3) using cut::varchar(3)",
        "made": "varchar(3) using left(made, 3)",
        '"a; b"': "numeric(5,2)",
        "few": "bigint using few::bigint",
        "note": "text",
        "more": "double precision",
        "day": "date",
        "zoned": "date",
        "less": "real",
        "whole": "int using (whole * 100)::int",
    }
    base = {"0000_p": f"create table p ({', '.join(f'{name} {type_}' for name, type_ in was.items())});"}
    up, down = ("; ".join(f"alter table p alter {name} type {to}" for name, to in each.items()) for each in (now, was))
    (proof,) = tried(server, {"0001_up": f"{down};"}, {**base, "0001_up": f"{up};"}, folder_of(base)).rollbacks
    assert isinstance(proof, Proven), proof
    assert proof.lacks == (
        "the type of column public.p.cut (USING may have changed its values)",
        "the type of column public.p.made (USING may have changed its values)",
        "the type of column public.p.a; b (rounding to numeric(5,2) may have changed its values)",
        "the type of column public.p.day (the cast to date may have changed its values)",
        "the type of column public.p.zoned (the cast to date may have changed its values)",
        "the type of column public.p.less (rounding to real may have changed its values)",
        "the type of column public.p.whole (USING may have changed its values)",
    )


def test_rows_that_a_rollback_deletes_as_a_whole_are_named(server: ScratchServer) -> None:
    head = {**BASE, "0001_row": "insert into users (name) values ('admin');"}
    (proof,) = tried(server, {"0001_row": "delete from users;"}, head).rollbacks
    assert isinstance(proof, Proven)
    assert proof.loses == ("the rows of public.users",)


def test_a_rollback_that_leaves_something_behind_is_not_proven(server: ScratchServer) -> None:
    head = {**BASE, "0001_nick": f"{NICK} create index nicks on users (nick); create table notes (id int);"}
    (found,) = told(tried(server, {"0001_nick": NO_NICK}, head))
    where = "drizzle/0001_nick.down.sql: the rollback of 0001_nick does not undo it"
    assert found.startswith(f"{where}: the database is not what it was before | ")
    assert "+ table public.notes" in found
    assert "nicks" not in found


def test_a_row_that_stays_behind_is_something_left(server: ScratchServer) -> None:
    head = {**BASE, "0001_admin": "insert into users (name) values ('admin');"}
    (found,) = told(tried(server, {"0001_admin": "select 1;"}, head))
    assert found.endswith("does not undo it: the database is not what it was before | ~ rows public.users: 0 -> 1")
    assert told(tried(server, {"0001_admin": "delete from users where name = 'admin';"}, head)) == []


def test_a_rollback_that_the_server_refuses_is_told_with_its_line(server: ScratchServer) -> None:
    (found,) = told(tried(server, {"0001_nick": "select 1;\n\nalter table users drop column nock;"}))
    assert found.startswith(
        "drizzle/0001_nick.down.sql:3: the rollback of 0001_nick fails: "
        '42703 column "nock" of relation "users" does not exist'
    )


def test_a_migration_that_cannot_run_again_behind_its_rollback(server: ScratchServer) -> None:
    """Rows that a migration writes by a number of its own are there twice, where its sequence has moved on."""
    first = "insert into users (name) values ('admin'); create table admins (id int check (id = 1));"
    head = {**BASE, "0001_admin": f"{first} insert into admins select id from users;"}
    undo = "drop table admins; delete from users;"
    (found,) = told(tried(server, {"0001_admin": undo}, head))
    assert found.startswith("drizzle/0001_admin.down.sql: behind its rollback 0001_admin cannot run again: 23514 ")


def test_a_migration_that_builds_something_else_behind_its_rollback(server: ScratchServer) -> None:
    once = """do $$ begin
        if (select last_value = 1 from users_id_seq) then create table firsts (id int); end if;
        perform nextval('users_id_seq'), nextval('users_id_seq');
    end $$;"""
    (found,) = told(tried(server, {"0001_first": "drop table firsts;"}, {**BASE, "0001_first": once}))
    assert found.startswith("drizzle/0001_first.down.sql: behind its rollback 0001_first does not build what it built")
    assert "- table public.firsts" in found


def test_each_of_several_is_proven_where_its_own_migration_has_run_last(server: ScratchServer) -> None:
    head = {**HEAD, "0002_nick": "alter table users rename column nick to handle;"}
    rollbacks = {"0001_nick": NO_NICK, "0002_nick": "alter table users rename column handle to nick;"}
    assert [type(each) for each in tried(server, rollbacks, head).rollbacks] == [Proven, Proven]


def test_migrations_without_a_rollback_run_between(server: ScratchServer) -> None:
    head = {**HEAD, "0002_age": "alter table users add column age int;", "0003_x": "create table x (id int);"}
    rehearsal = tried(server, {"0001_nick": NO_NICK, "0003_x": "drop table x;"}, head)
    assert [(each.migration, type(each)) for each in rehearsal.rollbacks] == [("0001_nick", Proven), ("0003_x", Proven)]


def test_what_comes_after_a_migration_that_fails_was_not_reached(server: ScratchServer) -> None:
    head = {**HEAD, "0002_bad": "select * from nobody;", "0003_x": "create table x (id int);"}
    rehearsal = tried(server, {"0001_nick": NO_NICK, "0003_x": "drop table x;"}, head)
    path, why = "drizzle/0003_x.down.sql", '0002_bad fails: 42P01 relation "nobody" does not exist'
    found = rehearsal.rollbacks[1]
    assert isinstance(found, NotReached)
    assert found.met is not None
    assert found == NotReached("0003_x", path, why, found.met)
    assert (found.met.migration, found.met.sqlstate) == ("0002_bad", "42P01")
    assert told(rehearsal) == [f"{path}: the rollback of 0003_x was not proven: {why}"]


def test_nor_was_one_behind_what_cannot_be_built(server: ScratchServer) -> None:
    head = {**BASE, "0001_bad": "select * from nobody;", "0002_nick": NICK}
    (proof,) = tried(server, {"0002_nick": NO_NICK}, head).rollbacks
    assert isinstance(proof, NotReached)
    assert proof.reason == '0001_bad fails: 42P01 relation "nobody" does not exist'


def test_nor_one_behind_a_rollback_that_left_something_else(server: ScratchServer) -> None:
    head = {**HEAD, "0002_x": "create table x (id int);"}
    rehearsal = tried(server, {"0001_nick": "select 1;", "0002_x": "drop table x;"}, head)
    assert [type(each) for each in rehearsal.rollbacks] == [LeftOtherwise, NotReached]
    assert told(rehearsal)[1].endswith("was not proven: the rollback of 0001_nick left something else behind")


def test_one_behind_a_rollback_that_was_refused_is_reached(server: ScratchServer) -> None:
    n = "alter table users add n int; insert into users (name, n) values ('a', 1), ('b', 1);"
    head = {**HEAD, "0002_x": "create table x (id int);", "0003_n": n}
    down = {"0001_nick": "drop table nobody;", "0002_x": "drop table x;", "0003_n": "create unique index on users (n);"}
    rehearsal = tried(server, down, head)
    assert [type(each) for each in rehearsal.rollbacks] == [Refused, Proven, Refused]
    # Where rows are in its way, the statement is right.
    fixes = [each.fix for each in judge(REPLAY_RULES, ReplayFacts(rehearsal)) if each.code == "MC409"]
    assert [each.split(",")[0] for each in fixes] == ["Mend the rollback", "Let the rollback first take away"]


def test_a_rollback_that_landed_with_its_migration_is_not_tried_again(server: ScratchServer) -> None:
    landed = undoing(folder_of(HEAD), {"0001_nick": "select 'never right';"})
    head = {**HEAD, "0002_age": "alter table users add column age int;"}
    assert tried(server, {"0001_nick": "select 'never right';"}, head, landed).rollbacks == ()


def test_one_that_is_brought_or_edited_later_is(server: ScratchServer) -> None:
    assert [each.migration for each in tried(server, {"0000_users": "drop table users;"}, BASE).rollbacks] == [
        "0000_users"
    ]
    landed = undoing(folder_of(HEAD), {"0001_nick": "select 'never right';"})
    (proof,) = tried(server, {"0001_nick": NO_NICK}, HEAD, landed).rollbacks
    assert isinstance(proof, Proven)


def test_a_landed_fault_of_what_the_target_has_not_yet_warns(server: ScratchServer) -> None:
    landed = undoing(folder_of(HEAD), {"0001_nick": "select 1;"})
    ledger = a_ledger(rows_of(folder_of(BASE)))
    rehearsal = rehearsed(server, landed, landed, ledger=ledger)
    (found,) = (each for each in judge(REPLAY_RULES, ReplayFacts(rehearsal)) if each.code == "MC409")
    assert found.severity is Severity.WARNING


def test_a_folder_that_needs_a_transaction_for_each_is_built_so(server_16: ScratchServer) -> None:
    base = {"0000_e": "create type e as enum ('a');", "0001_b": "alter type e add value 'b';"}
    head = {**base, "0002_use": "create table t (e e default 'b');", "0003_nick": "alter table t add column nick text;"}
    undo = {"0003_nick": "alter table t drop column nick;"}
    rehearsal = rehearsed(server_16, undoing(folder_of(head), undo), folder_of(base), batching=Batching.ALL)
    assert [type(each) for each in rehearsal.rollbacks] == [Proven]


def test_roles_are_no_obstacle(server: ScratchServer) -> None:
    made = {
        f"000{at}_{role}": f"create role {role}; grant select on users to {role};"
        for at, role in enumerate(("reader", "joined", "apart"), 1)
    }
    undo = {
        "0001_reader": "revoke select on users from reader; drop role reader;",
        "0002_joined": "grant joined to current_user; drop owned by joined; drop role joined;",
        "0003_apart": "drop owned by apart; drop role apart;",
    }
    rehearsal = rehearsed(server, undoing(folder_of({**BASE, **made}), undo), folder_of(BASE))
    assert outcomes(rehearsal) == ("passed", "passed", "passed", "passed")
    assert [type(each) for each in rehearsal.rollbacks] == [Proven, Proven, Refused]
    (found,) = (each for each in judge(REPLAY_RULES, ReplayFacts(rehearsal)) if each.code == "MC409")
    assert "Let the rollback begin with `grant THE_ROLE to current_user;`" in found.fix


@pytest.mark.parametrize(
    ("up", "down", "needs"),
    [
        (
            "alter table users drop column email;",
            "alter table users add column email text not null;",
            "no row in public.users, which gets email with NOT NULL and no default",
        ),
        (
            "alter table users alter column nick drop not null;",
            "alter table users alter column nick set not null;",
            "no NULL in public.users.nick",
        ),
        (
            "alter table users drop constraint adult;",
            "alter table users add constraint adult check (age > 17);",
            "rows of public.users that hold adult",
        ),
        (
            "drop index nicks;",
            "create unique index nicks on users (nick);",
            "rows of public.users that are unique by nicks",
        ),
        (
            "alter table users alter column height type text;",
            "alter table users alter column height type int using height::int;",
            "values in public.users that fit, or are rounded: height was text, and is integer",
        ),
        (
            "alter table users alter column email type int using 1;",
            "alter table users alter column email type text;",
            None,
        ),
        ("create index ages on users (age);", "drop index ages;", None),
        ("alter table users add column x int not null;", "alter table users drop column x;", None),
    ],
)
def test_what_rows_have_to_be_like_is_named(server: ScratchServer, up: str, down: str, needs: str | None) -> None:
    people = """create table users (nick text not null, age int, height int, email text not null);
        alter table users add constraint adult check (age > 17); create unique index nicks on users (nick);"""
    base = {"0000_users": people}
    (proof,) = tried(server, {"0001_up": down}, {**base, "0001_up": up}, folder_of(base)).rollbacks
    assert isinstance(proof, Proven), proof
    assert proof.needs[:1] == (() if needs is None else (needs,))


def test_rows_that_the_migration_wrote_and_its_rollback_leaves_alone(server: ScratchServer) -> None:
    head = {**BASE, "0001_fill": "update users set name = 'nobody';"}
    (left,) = tried(server, {"0001_fill": "select 1;"}, head).rollbacks
    assert isinstance(left, Proven)
    assert left.untouched == ("public.users",)
    (undone,) = tried(server, {"0001_fill": "update users set name = null;"}, head).rollbacks
    assert isinstance(undone, Proven)
    assert undone.untouched == ()


def test_a_column_that_comes_back_stands_last(server: ScratchServer) -> None:
    base = {"0000_users": "create table users (id int, name text, nick text);"}
    head = {**base, "0001_gone": "alter table users drop column name;"}
    (proof,) = tried(server, {"0001_gone": "alter table users add column name text;"}, head, folder_of(base)).rollbacks
    assert isinstance(proof, Proven)
    assert proof.order == ("~ column order public.users: id, name, nick -> id, nick, name",)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from drizzle.__drizzle_migrations;",
        "alter table drizzle.__drizzle_migrations add column note text;",
    ],
)
def test_a_rollback_that_changes_the_ledger_is_not_proven(server: ScratchServer, sql: str) -> None:
    (proof,) = tried(server, {"0001_nick": f"{NO_NICK} {sql}"}).rollbacks
    assert isinstance(proof, LeftOtherwise)
    assert [line.split(":")[0].split(" note")[0] for line in proof.lines] in (["- ledger row"], ["+ ledger column"])


@pytest.mark.parametrize("control", ["commit;", "rollback;", "savepoint one;", "begin;"])
def test_a_rollback_that_divides_its_transaction_is_not_tried(server: ScratchServer, control: str) -> None:
    (proof,) = tried(server, {"0001_nick": f"{NO_NICK} {control}"}).rollbacks
    assert isinstance(proof, NotReached)
    assert proof.reason == "it ends or divides its transaction: take COMMIT and the like out of it"


def test_rows_that_the_rollback_deletes_and_where_a_sequence_stood_are_named(server: ScratchServer) -> None:
    base = {"0000_users": USERS, "0001_s": "create sequence tickets;"}
    head = {**base, "0002_gone": "drop sequence tickets;"}
    undo = {"0002_gone": "create sequence tickets; delete from users;"}
    (proof,) = tried(server, undo, head, folder_of(base)).rollbacks
    assert isinstance(proof, Proven)
    assert (proof.lacks, proof.writes) == (("the position of sequence public.tickets",), ("public.users",))


def test_where_the_time_is_over_nothing_is_said_of_it(server: ScratchServer) -> None:
    folder = undoing(folder_of(HEAD), {"0001_nick": NO_NICK})
    request = request_of(history_of(folder, folder_of(BASE)), folder, None, Batching.ALL, LedgerName())
    with stage_on(server, LedgerName(), 60) as stage:
        stage.stop()
        with pytest.raises(OutOfBoundsError):
            prove_from_files(stage, request)
