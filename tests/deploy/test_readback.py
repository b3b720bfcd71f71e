"""After the commit the target's change is held against the rehearsal's: what only the provider brings is no news."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from migcheck.clearance import plan_of
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Unknown
from migcheck.deploy.readback import catalogue_of
from migcheck.drizzle.ledger import Batching
from migcheck.postgres.catalogue import Catalogue, difference
from tests.support.deploys import AT_THE_GATE, NAME, cleared, deploy, gate, order_for, written
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import eventually

pytestmark = pytest.mark.server

ACTIVE = "select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"


@pytest.fixture
def reader(target_server: TargetServer, app: Database) -> str:
    """A role of the provider's, which gets rights on whatever the owner makes from now on."""
    role = f"{app.name} reader"
    target_server.admin.run(f'create role "{role}"')
    app.run(
        f'alter default privileges in schema public grant all on tables to "{role}"',
        f'alter default privileges in schema public grant all on sequences to "{role}"',
        f'alter default privileges grant execute on functions to "{role}"',
        "alter default privileges revoke execute on functions from public",
        f'alter default privileges grant usage on schemas to "{role}"',
    )
    return role


def warnings(app: Database, where: Path, sql: str, *rehearsed: str) -> tuple[str, ...]:
    folder = written(where, {"0000_step": sql})
    outcome = deploy(app, folder, cleared(folder, change=rehearsed))
    assert isinstance(outcome, Applied), outcome
    return outcome.warnings


def test_the_change_that_was_rehearsed_leaves_no_warning(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_users": "create table users (id int);"})
    rehearsed = ("+ table public.users", "+ column public.users.id integer")
    outcome = deploy(app, folder, cleared(folder, change=rehearsed))
    assert isinstance(outcome, Applied)
    assert outcome == Applied(plan_of(folder.migrations), outcome.ms, ())
    assert outcome.ms > 0


def test_another_change_warns_and_what_was_there_just_so_is_no_change(app: Database, tmp_path: Path) -> None:
    looks = "create table if not exists users (id int, name text); alter table users add column if not exists age int;"
    app.run("create table users (id bigint, name text, age int)")
    columns = (f"+ column public.users.{each}" for each in ("id integer", "name text", "age integer", "gone integer"))
    assert warnings(app, tmp_path, looks, "+ table public.users", *columns) == (
        "rehearsed, but not seen on the target: + column public.users.id integer",
        "rehearsed, but not seen on the target: + column public.users.gone integer",
    )


@pytest.mark.parametrize("drops", ["", "drop table if exists extra;"])
def test_what_goes_again_of_what_had_landed_is_a_note(app: Database, tmp_path: Path, drops: str) -> None:
    """The whole plan leaves nothing of it, and so the rehearsal says nothing of it: no difference.

    What comes besides is one, unless an earlier step may have taken it away.
    """
    steps = {
        "0000_make": f"{drops} create table users (); create table helper ();",
        "0001_take": "drop table helper; create table extra ();",
    }
    whole = written(tmp_path, steps)
    clearance = cleared(whole, batching=Batching.EACH, change=("+ table public.users",))
    deploy(app, written(tmp_path / "first", {"0000_make": steps["0000_make"]}))
    outcome = deploy(app, whole, clearance)
    assert isinstance(outcome, Applied), outcome
    assert [step.tag for step in outcome.earlier] == ["0000_make"]
    (note,) = outcome.notes
    extra = "+ table public.extra"
    assert outcome.warnings == (() if drops else (f"seen on the target, but not rehearsed: {extra}",))
    also = f"{extra}; - table public.helper" if drops else "- table public.helper"
    behind = "this run went on behind what an earlier run had applied, and changed besides"
    assert note.startswith(f"{behind}: {also}. That is")


def a_long_body(*changed: int) -> str:
    """A function of so many lines that of a change only the first one is told."""
    body = "\n".join(f"-- {line}{' changed' * (line in changed)}" for line in range(2001))
    return f"create or replace function f() returns int language sql as $$ {body}\nselect 1 $$;"


@pytest.mark.parametrize(("there", "warned"), [((7, 9), False), ((7,), True)])
def test_a_long_body_is_known_by_its_digest(
    app: Database, tmp_path: Path, there: tuple[int, ...], *, warned: bool
) -> None:
    """An earlier run changed two of its lines, and of what is there now the first may be as it was rehearsed."""
    steps = {"0000_make": a_long_body(), "0001_change": a_long_body(7, 9), "0002_more": "create table more ();"}
    deploy(app, written(tmp_path / "one", {"0000_make": steps["0000_make"]}))
    whole = written(tmp_path, steps)
    order = order_for(app, whole)
    with app.connect() as connection:
        things = [catalogue_of(connection, order)]
        for sql in (a_long_body(7, 9), "create table more ();"):
            connection.execute(sql.encode())
        things.append(catalogue_of(connection, order))
    was, now = (each for each in things if isinstance(each, Catalogue))
    change = difference(was, now)
    (of_the_body,) = (line for line in change if line.startswith("~ function public.f(): "))
    app.run("drop table more")
    deploy(app, written(tmp_path / "two", {tag: steps[tag] for tag in ("0000_make", "0001_change")}))
    app.run(a_long_body(*there))
    cleared_for = structs.replace(order.clearance, batching=Batching.EACH, catalogue_change=change)
    outcome = apply(replace(order, clearance=cleared_for))
    assert isinstance(outcome, Applied), outcome
    assert [step.tag for step in outcome.earlier] == ["0001_change"]
    assert outcome.warnings == ((f"rehearsed, but not seen on the target: {of_the_body}",) if warned else ())


def test_a_migration_that_leaves_settings_behind_is_read_back_all_the_same(app: Database, tmp_path: Path) -> None:
    shadow = "create schema shadow; create domain shadow.text as int; set search_path = shadow, pg_catalog;"
    sql = f"create table public.users (id int); {shadow}"
    outcome = deploy(app, written(tmp_path, {"0000_users": sql}))
    assert isinstance(outcome, Applied)
    assert not any("could not be read back" in warning for warning in outcome.warnings)


def test_a_migration_that_goes_on_as_another_role_is_read_back_as_who_deploys(
    app: Database, tmp_path: Path, reader: str, target_server: TargetServer
) -> None:
    """The other one may write the row, and neither lock the ledger nor read it."""
    target_server.admin.run(f'grant "{reader}" to "{app.role}"')
    deploy(app, written(tmp_path / "one", {"0000_a": "create table a ();"}))
    app.run(
        f'grant usage on schema drizzle to "{reader}"; grant insert on {NAME} to "{reader}"',
        f'grant usage on all sequences in schema drizzle to "{reader}"',
    )
    outcome = deploy(app, written(tmp_path, {"0000_a": "create table a ();", "0001_b": f'set role "{reader}";'}))
    assert isinstance(outcome, Applied), outcome
    assert (outcome.warnings, outcome.read_back) == ((), True)


def test_rights_that_come_by_default_privileges_are_no_news(app: Database, reader: str, tmp_path: Path) -> None:
    sql = (
        f'create table users (id int); create sequence ids; create schema s; grant select on users to "{reader}";'
        "create function one() returns int language sql as 'select 1';"
    )
    made = ("+ table public.users", "+ column public.users.id integer", "+ sequence public.ids")
    found = warnings(app, tmp_path, sql, *made, f'+ grant on table public.users to "{reader}" select')
    assert [line for line in found if " grant on " in line or " revoke on " in line] == []


def test_rights_beside_those_that_a_default_brings_are_news(app: Database, reader: str, tmp_path: Path) -> None:
    """What it brings may come beside what was rehearsed: that may not be gone, nor may anything else be there."""
    app.run(f'alter default privileges in schema public revoke all on tables from "{reader}"')
    app.run(f'alter default privileges in schema public grant select, insert on tables to "{reader}"')
    sql = (
        f'create table a (); create table b (); grant update on a to "{reader}"; revoke insert on b from "{reader}";'
        f'create table c (); grant update on c to "{reader}";'
    )
    rights = {"a": "update", "b": "insert", "c": "update"}
    granted = [f'+ grant on table public.{name} to "{reader}" {right}' for name, right in rights.items()]
    made = [f"+ table public.{name}" for name in rights]
    found = warnings(app, tmp_path, sql, *made, *granted[:2])
    assert found == (
        f"rehearsed, but not seen on the target: {granted[1]}",
        f'seen on the target, but not rehearsed: + grant on table public.b to "{reader}" select',
        f'seen on the target, but not rehearsed: + grant on table public.c to "{reader}" insert, select, update',
    )


def test_what_an_event_trigger_of_the_targets_does_besides_is_news(
    target_server: TargetServer, app: Database, tmp_path: Path
) -> None:
    """No rehearsal has it: whatever its function does to what is new, and to what is the target's own, is told."""
    app.run("create table own (id int)", "create function own_too() returns int language sql as 'select 1'")
    does = (
        "comment on table users is 'by it'; comment on column own.id is 'by it'; grant select on users to pg_monitor;"
        "alter table own enable row level security; alter function own_too() cost 5;"
    )
    body = f"begin if tg_tag = 'CREATE TABLE' and to_regclass('users') is not null then {does} end if; end"
    admin = replace(target_server.admin, name=app.name)
    admin.run(
        f"create function watch() returns event_trigger language plpgsql security definer as $f$ {body} $f$",
        "create event trigger watch on ddl_command_end execute function watch()",
    )
    made = ("+ table public.users", "+ column public.users.id integer")
    assert warnings(app, tmp_path, "create table users (id int);", *made) == tuple(
        f"seen on the target, but not rehearsed: {line}"
        for line in (
            "~ table public.own: + row level security",
            "+ comment on column public.own.id 'by it'",
            "~ function public.own_too(): + COST 5",
            "+ comment on table public.users 'by it'",
            "+ grant on table public.users to pg_monitor select",
        )
    )


def test_rights_that_no_default_brings_are_news(app: Database, reader: str, tmp_path: Path) -> None:
    app.run("create table old (id int)", f'revoke all on old from "{reader}"')
    found = warnings(app, tmp_path, f'grant select on old to public; grant usage on schema public to "{reader}";')
    assert found == (
        f'seen on the target, but not rehearsed: + grant on schema public to "{reader}" usage',
        "seen on the target, but not rehearsed: + grant on table public.old to public select",
    )


def test_the_comment_that_an_extension_brings_is_no_news(app: Database, tmp_path: Path) -> None:
    found = warnings(app, tmp_path, "create extension citext;")
    assert [line.removeprefix("seen on the target, but not rehearsed: + ").split()[:2] for line in found] == [
        ["extension", "citext"]
    ]


def test_a_comment_of_ones_own_on_an_extension_is_news(app: Database, tmp_path: Path) -> None:
    found = warnings(app, tmp_path, "create extension citext; comment on extension citext is 'for e-mail';")
    assert found[0] == "seen on the target, but not rehearsed: + comment on extension citext 'for e-mail'"


def test_a_migrator_that_had_read_the_ledger_before_ran_the_same(app: Database, tmp_path: Path) -> None:
    """Drizzle's takes no lock, and reads before its transaction begins. Ours keeps it waiting with what it writes."""
    deploy(app, written(tmp_path / "one", {"0000_a": "create table a (id int);"}))
    wait = f"do $$ begin {AT_THE_GATE} end $$;"
    folder = written(
        tmp_path / "two", {"0000_a": "create table a (id int);", "0001_b": f"insert into a values (1); {wait}"}
    )
    last = folder.migrations[1]
    row = f"insert into drizzle.__drizzle_migrations (hash, created_at) values ('{last.hash}', {last.when})"
    order = order_for(app, folder)
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other:
        running = pool.submit(apply, order)
        assert eventually(lambda: app.ask(f"{ACTIVE} and query like '%4711%'"))
        # It has not ended when its turn has come.
        theirs = pool.submit(other.execute, f"insert into a values (1); {row}; select pg_sleep(0.5)".encode())
        assert eventually(lambda: app.ask(f"{ACTIVE} and query like 'insert into a%' and wait_event_type = 'Lock'"))
        opened()
        outcome = running.result()
        theirs.result()
    assert isinstance(outcome, Unknown), outcome
    assert outcome.problem == (
        f"committed, but {NAME} has the row of 0001_b more than once: did another migrator run it too?"
    )
    assert outcome.look_at == (
        "what 0001_b changes, which may be there twice",
        f"the rows of drizzle.__drizzle_migrations with created_at {last.when}: delete all but the first",
    )


def test_two_entries_with_one_text_and_one_when_have_two_rows(app: Database, tmp_path: Path) -> None:
    """In one transaction Drizzle runs both: nobody else did."""
    same = "insert into a values (1);"
    folder = written(
        tmp_path,
        {"0000_a": "create table a (id int);", "0001_b": same, "0002_c": same},
        {"0001_b": 1_700_000_009_000, "0002_c": 1_700_000_009_000},
    )
    outcome = deploy(app, folder, cleared(folder, change=("+ table public.a", "+ column public.a.id integer")))
    assert isinstance(outcome, Applied), outcome
    assert (outcome.plan, outcome.warnings) == (plan_of(folder.migrations), ())
    assert app.ask("select id from a") == [(1,), (1,)]


def test_one_who_does_not_end_with_the_ledger_is_named(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "one", {"0000_a": "create table a (id int);"}))
    folder = written(
        tmp_path / "two", {"0000_a": "create table a (id int);", "0001_b": f"do $$ begin {AT_THE_GATE} end $$;"}
    )
    order = order_for(app, folder, lock_wait=0.5)
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other:
        running = pool.submit(apply, order)
        assert eventually(lambda: app.ask(f"{ACTIVE} and query like '%4711%'"))
        other.execute("begin")
        theirs = pool.submit(other.execute, "update drizzle.__drizzle_migrations set hash = hash")
        assert eventually(lambda: app.ask(f"{ACTIVE} and query like 'update%' and wait_event_type = 'Lock'"))
        opened()
        theirs.result()
        outcome = running.result()
    assert isinstance(outcome, Applied), outcome
    (warning,) = outcome.warnings
    assert warning.startswith(f"committed, but it could not be read back: {NAME} is locked by pid "), warning
    assert not outcome.read_back


def test_a_ledger_that_does_not_keep_its_rows_is_no_success(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "one", {"0000_a": "create table a ();"}))
    app.run("create rule r as on insert to drizzle.__drizzle_migrations do instead nothing")
    folder = written(tmp_path / "two", {"0000_a": "create table a ();", "0001_b": "create table b ();"})
    outcome = deploy(app, folder)
    assert isinstance(outcome, Unknown), outcome
    assert outcome.problem == (
        "committed, but drizzle.__drizzle_migrations did not keep the row of 0001_b: a trigger or a rule on it?"
    )
