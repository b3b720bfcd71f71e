"""An undo, rehearsed: each rollback proven, and then all of them in one transaction."""

from collections.abc import Mapping
from dataclasses import replace

import psycopg
import pytest

from migcheck.commands.undo_end import unknown_of
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import as_recorded, rollback_by
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.rollback.undoing import rehearse_undo
from migcheck.facts.replay.walk import NotBuiltError
from migcheck.facts.rollback import LeftOtherwise, NotReached, Proven
from migcheck.facts.sql.misfit import NoValue, Orphaned, Repeated
from migcheck.facts.target.asking import read_kept
from migcheck.facts.target.dropped_roles import DroppedRole, refusal, roles_dropped
from migcheck.facts.undo import UndoRehearsal
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from migcheck.postgres.target.role_needs import Need
from tests.support.rehearsals import folder_of, over_once_running
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

SQL = {"0000_a": "create table a (id int);", "0001_b": "create table b ();", "0002_c": "create table c ();"}


def undoing(server: ScratchServer, down: Mapping[str, str], sql: Mapping[str, str] = SQL) -> UndoRehearsal:
    """What comes of the rollbacks `down`, newest first, where all of `sql` is applied."""
    folder = folder_of(sql)
    by_tag = folder.by_tag()
    plan = [
        as_recorded(rollback_by(by_tag[tag], f"drizzle/{tag}.down.sql", text.encode())) for tag, text in down.items()
    ]
    return rehearse_undo(server, Request(folder, None, (), ()), folder.migrations, plan, 60)


def test_the_newest_first_and_what_that_changes(server: ScratchServer) -> None:
    seen = undoing(server, {"0002_c": "drop table c;", "0001_b": "drop table b;"})
    assert [(each.migration, type(each)) for each in seen.proofs] == [("0001_b", Proven), ("0002_c", Proven)]
    assert (seen.catalogue_change, seen.left) == (("- table public.b", "- table public.c"), ())


def test_with_one_that_is_not_proven_it_ends(server: ScratchServer) -> None:
    seen = undoing(server, {"0002_c": "select 1;", "0001_b": "drop table b;"})
    assert [type(each) for each in seen.proofs] == [Proven, LeftOtherwise]
    assert seen.catalogue_change == ()


def test_what_works_one_by_one_may_fail_in_one_transaction(server: ScratchServer) -> None:
    """Rows whose deferred check is still to come keep their table from being altered."""
    sql = {
        "0000_p": "create table p (id int primary key); create table c (p int references p initially deferred);",
        "0001_x": "alter table p add column x int;",
        "0002_rows": "insert into p values (1); insert into c values (1);",
    }
    seen = undoing(
        server, {"0002_rows": "delete from c; delete from p;", "0001_x": "alter table p drop column x;"}, sql
    )
    assert [type(each) for each in seen.proofs] == [Proven, Proven]
    assert seen.refused == (
        'drizzle/0001_x.down.sql:1: 55006 cannot ALTER TABLE "p" because it has pending trigger events'
    )


def test_a_target_is_asked_for_what_they_fail_with(server: ScratchServer) -> None:
    """Of the oldest as of the newest, on what is there before any of them; of no row that they have mended by then."""
    sql = {
        "0000_t": "create table p (id int primary key); create table mended (due text not null); create table t "
        "(name text not null, p int constraint t_p references p, n int constraint t_n unique);",
        "0001_off": "alter table t drop constraint t_p, drop constraint t_n, alter column name drop not null;",
        "0002_due": "alter table mended alter column due drop not null;",
        "0003_more": "alter table t add column more int; alter table t rename column name to called;",
    }
    down = {
        "0003_more": "alter table t drop column more; alter table t rename column called to name;",
        "0002_due": "update mended set due = '' where due is null;--> statement-breakpoint\n"
        "alter table mended alter column due set not null;",
        "0001_off": "alter table t add constraint t_p foreign key (p) references p;--> statement-breakpoint\n"
        "alter table t add constraint t_n unique (n), alter column name set not null;",
    }
    orphans = (
        'select * from public.t child where child."p" is not null '
        'and not exists (select from public.p parent where parent."id" = child."p")'
    )
    assert [(str(each.at), each.misfit, each.select) for each in undoing(server, down, sql).questions] == [
        ("drizzle/0001_off.down.sql:1", Orphaned("t_p"), orphans),
        ("drizzle/0001_off.down.sql:2", NoValue("called"), 'select * from public.t where "called" is null'),
        (
            "drizzle/0001_off.down.sql:2",
            Repeated("t_n"),
            "select n, count(*) from public.t where n is not null group by n having count(*) > 1",
        ),
    ]


def test_beside_a_role_that_goes_a_target_is_asked_all_the_same(server: ScratchServer) -> None:
    """A role is dropped where no database needs it, and the copy would. What a block drops, nobody sees before."""
    of_c = "create role of_c; grant of_c to current_user; grant select on a to of_c; alter table b add n int;"
    sql = {
        **SQL,
        "0001_b": "create table b (m text not null);",
        "0002_c": f"{of_c} alter table b alter m drop not null;",
    }
    down = "revoke all on a from of_c; drop role of_c; alter table b drop n, alter m set not null;"
    for text in (down, down.replace("revoke all on a from", "drop owned by")):
        seen = undoing(server, {"0002_c": text}, sql)
        assert ([each.misfit for each in seen.questions], seen.unasked, seen.refused) == ([NoValue("m")], "", "")
    seen = undoing(server, {"0002_c": down.replace("drop role of_c;", "do $$ begin drop role of_c; end $$;")}, sql)
    why = 'the rollbacks do not run beside a copy of the database: 2BP01 role "of_c" cannot be dropped because some'
    assert (seen.questions, seen.unasked) == ((), f"{why} objects depend on it")
    assert unknown_of(seen, {}) == (f"not all rows that a rollback may fail with were asked for: {seen.unasked}",)


def test_what_keeps_a_role_on_the_target_is_told_before_it_is_dropped(
    server: ScratchServer, app: Database, target_server: TargetServer
) -> None:
    role = f"{app.name}_c"
    with replace(target_server.admin, name=app.name).held() as admin:
        sql = {**SQL, "0002_c": f"create role {role}; grant select on a to {role}; create table c ();"}
        down = {"0002_c": f"drop table c; revoke all on a from {role}; drop role if exists {role};"}
        seen = undoing(server, down, sql)
        admin.run(*sql.values(), f"grant insert, select (id) on a to {role}", f"grant select on c to {role}")
        (mine,) = seen.roles
        assert (mine.name, str(mine.at)) == (role, "drizzle/0002_c.down.sql:1")
        assert read_kept(parse_address(app.url), seen.roles, print) == [(mine, ())]
        admin.run("alter table b add n int", f"grant select (n) on b to {role}", f"create policy p on b to {role}")
        admin.run(f"create schema s authorization {role}", f"grant connect on database {app.name} to {role}")
        kept = read_kept(parse_address(app.url), seen.roles, print)
        told = (
            f"role {role} cannot be dropped because of privileges for database {app.name}, "
            "target of policy p on public.b, owner of schema s, privileges for table column public.b.n"
        )
        assert refusal(kept) == f"drizzle/0002_c.down.sql:1 fails: {told}"
        with pytest.raises(psycopg.errors.DependentObjectsStillExist):
            admin.run(*down.values())
        admin.run("drop schema s", "drop policy p on b", "alter table b drop n")
        admin.run(f"revoke connect on database {app.name} from {role}", *down.values())


@pytest.mark.parametrize(
    ("sql", "roles"),
    [
        ('DROP ROLE a, "B c"; drop user if exists d; drop group e', ["a", "B c", "d", "e"]),
        ("drop user mapping for a server s; drop table role", []),
        # What else it takes from the role there, nobody saw.
        ("drop owned by a; drop role a", []),
        ("revoke all on all tables in schema s from a; drop role a", []),
        ("drop view v cascade; drop role a", []),
        ("do $$ begin end $$; drop role a", []),
    ],
)
def test_a_role_is_asked_for_where_it_is_sure_what_is_taken_from_it(sql: str, roles: list[str]) -> None:
    assert [each.name for each in roles_dropped([Migration("0000", 1, "0000.sql", sql.encode())])] == roles


def test_a_name_that_begins_like_another_is_no_part_of_it() -> None:
    """What is taken from the one leaves the other as it was."""
    held = frozenset({Need("owner of", "table", "public.log")})
    role = DroppedRole("r", Location("0.sql", 1), held, frozenset({"public.user"}))
    needs = [
        *(Need("privileges for", "table", each) for each in ("public.user", "public.users", "my_public.user")),
        Need("privileges for", "table column", "public.user.name"),
        Need("target of", "policy", "p on public.user"),
        *(Need("owner of", "table", each) for each in ("public.log", "public.log_archive")),
    ]
    assert role.kept_by(needs) == (
        "privileges for table public.users",
        "privileges for table my_public.user",
        "owner of table public.log_archive",
    )


def test_questions_that_are_over_time_take_nothing_back_of_what_is_proven(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check never ends where a target's question is tried: in the copy."""
    over_once_running(monkeypatch, "PgSleep")
    endless = (
        "create function fine(n int) returns bool language plpgsql immutable as $$ begin "
        "if current_database() like '%before' then perform pg_sleep(600); end if; return true; end $$;"
    )
    sql = {
        "0000_t": f"{endless} create table t (n int constraint fine check (fine(n))); insert into t values (1);",
        "0001_off": "alter table t drop constraint fine;",
    }
    seen = undoing(server, {"0001_off": "alter table t add constraint fine check (fine(n));"}, sql)
    assert ([type(each) for each in seen.proofs], seen.left) == ([Proven], ())
    assert (seen.questions, seen.unasked) == ((), "it took longer than 60 s")


def test_what_leaves_something_else_together_is_told(server: ScratchServer) -> None:
    """Each alone says what it is for; the older one undoes what the newer has brought back."""
    sql = {**SQL, "0001_b": "create table b ();", "0002_c": "create table c ();"}
    older = "drop table b; create table if not exists drizzle.kept ();"
    seen = undoing(server, {"0002_c": "drop table c;", "0001_b": older}, sql)
    assert [type(each) for each in seen.proofs] == [LeftOtherwise, NotReached]
    # Nothing that is applied has failed, so no other server is asked; and nothing is told that was not rehearsed.
    assert (seen.catalogue_change, seen.questions, seen.refused) == ((), (), "")


def test_what_is_applied_last_has_to_be_what_is_undone(server: ScratchServer) -> None:
    with pytest.raises(UndecidableError, match="what is applied last is not what is to be undone"):
        undoing(server, {"0001_b": "drop table b;"})


def test_what_is_to_be_undone_has_to_be_built_first_or_another_server_is_asked(server: ScratchServer) -> None:
    lacks = {**SQL, "0002_c": "create extension nowhere;"}
    with pytest.raises(NotBuiltError, match=r"drizzle/0002_c.sql:1: the folder cannot be built on scratch: ") as raised:
        undoing(server, {"0002_c": "drop extension nowhere;"}, lacks)
    assert raised.value.lack is not None


def test_what_is_applied_has_to_be_built(server: ScratchServer) -> None:
    with pytest.raises(NotBuiltError, match=r"drizzle/0000_a.sql:1: the folder cannot be built on scratch: 42P01"):
        undoing(server, {"0002_c": "drop table c;"}, {**SQL, "0000_a": "select * from nobody;"})
