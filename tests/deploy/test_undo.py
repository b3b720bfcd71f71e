"""The undo on a target, by rollbacks that were cleared: what stays, what goes, and what is said."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest
from msgspec import structs

from migcheck.clearance import Clearance, Step, folder_digest
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Failed, NothingToDo, Refused, Undone, UndoOutcome, Unknown
from migcheck.deploy.undo import undo
from migcheck.deploy.undo_plan import undo_plan
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerRow
from migcheck.drizzle.pieces import migration_hash
from migcheck.drizzle.rollback import Undo
from migcheck.evidence import Evidence
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.target.holders import lock_key
from tests.support.deploys import NAME, keep_ledger, ledger_rows, order_for, tables, written
from tests.support.ledgers import a_ledger, rows_of
from tests.support.target_server import Database
from tests.support.waiting import eventually
from tests.support.wire import Cut, wire

pytestmark = pytest.mark.server

SQL = {"0000_a": "create table a ();", "0001_b": "create table b ();", "0002_c": "create table c ();"}
DOWN = {"0001_b": "drop table b;", "0002_c": "drop table c;"}


def having(app: Database, top: Path, down: Mapping[str, str] = DOWN) -> Folder:
    """The folder, with rollbacks `down`, all of which is applied on `app`."""
    written(top, SQL)
    for tag, sql in down.items():
        (top / "drizzle" / f"{tag}.down.sql").write_text(sql)
    app.run(*SQL.values())
    keep_ledger(app, top)
    return read_folder(DiskTree(top), "drizzle")


def planned(app: Database, folder: Folder, to: int) -> tuple[Undo, ...]:
    """What undoes all behind the position `to` on `app`."""
    with app.connect() as connection:
        plan = undo_plan(folder, read_ledger(connection, NAME), to, {})
    assert isinstance(plan, tuple), plan
    return plan


def order(app: Database, folder: Folder, plan: tuple[Undo, ...], *change: str, **settings: float) -> Order:
    steps = tuple(Step(each.tag, *each.row) for each in plan)
    cleared = Clearance(folder.path, folder_digest(folder), NAME, steps, Batching.ALL, "", change)
    return replace(order_for(app, folder, cleared, None, **settings), command="migcheck undo")


def undone(app: Database, folder: Folder, to: int, *change: str, **settings: float) -> UndoOutcome:
    plan = planned(app, folder, to)
    return undo(order(app, folder, plan, *change, **settings), plan)


def test_the_newest_goes_first_and_its_row_with_it(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    outcome = undone(app, folder, 0, "- table public.b", "- table public.c")
    assert isinstance(outcome, Undone)
    assert outcome.ms > 0
    assert ([step.tag for step in outcome.plan], outcome.warnings, outcome.read_back) == (
        ["0002_c", "0001_b"],
        (),
        True,
    )
    assert (tables(app), len(ledger_rows(app))) == (["a"], 1)


def test_what_changed_otherwise_than_in_the_rehearsal_is_told(app: Database, tmp_path: Path) -> None:
    outcome = undone(app, having(app, tmp_path), 1, "- table public.x")
    assert isinstance(outcome, Undone)
    assert outcome.warnings == (
        "rehearsed, but not seen on the target: - table public.x",
        "seen on the target, but not rehearsed: - table public.c",
    )


def test_what_the_server_refuses_leaves_everything_as_it_was(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path, {**DOWN, "0001_b": "drop table b;\ndrop table nobody;"})
    outcome = undone(app, folder, 0)
    assert isinstance(outcome, Failed)
    assert outcome.problem == 'drizzle/0001_b.down.sql:2: table "nobody" does not exist'
    assert (tables(app), len(ledger_rows(app))) == (["a", "b", "c"], 3)


def test_what_commit_refuses_is_blamed_on_no_file(app: Database, tmp_path: Path) -> None:
    check = "alter table a add unique (id) deferrable initially deferred; insert into a values (1), (1);"
    folder = having(app, tmp_path, {**DOWN, "0001_b": f"drop table b; alter table a add id int; {check}"})
    outcome = undone(app, folder, 0)
    assert isinstance(outcome, Failed)
    assert outcome.problem.startswith("COMMIT of 0002_c to 0001_b: duplicate key value violates unique constraint")
    assert outcome.remedy == "see which rows of the target are in the way, then run the whole of it again"


def test_what_the_role_may_not_do_is_told_as_of_an_undo(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path, {**DOWN, "0002_c": "do $$ begin raise sqlstate '42501'; end $$;"})
    outcome = undone(app, folder, 1)
    assert isinstance(outcome, Failed)
    assert outcome.remedy == "connect as a role that owns what is changed, then run the whole of it again"


def test_a_lock_that_others_hold_is_tried_again_and_then_left(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    with app.connect() as other:
        other.execute("begin; lock table c")
        outcome = undone(app, folder, 1, lock_timeout=0.2)
        assert isinstance(outcome, Failed)
        assert "canceling statement due to lock timeout" in outcome.problem
        assert outcome.remedy == (
            "end what holds the lock or wait for it, or raise retry_for, then run the whole of it again"
        )
        Timer(0.5, other.close).start()
        assert isinstance(undone(app, folder, 1, lock_timeout=0.2, retry_for=30.0), Undone)
    assert tables(app) == ["a", "b"]


def test_a_ledger_that_keeps_its_row_makes_it_unknown(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    app.run(
        "create function keep() returns trigger language plpgsql as 'begin return null; end'",
        f"create trigger keep before delete on {NAME} for each row execute function keep()",
    )
    outcome = undone(app, folder, 1)
    assert isinstance(outcome, Unknown)
    assert outcome.problem == f"committed, but {NAME} still has the row of 0002_c: a trigger or a rule on it?"
    gone, session = outcome.look_at
    assert gone.endswith(": they are gone if it took effect")
    assert "application_name 'migcheck undo':" in session


def test_a_ledger_that_has_moved_since_it_was_rehearsed_from(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    plan = planned(app, folder, 1)
    told = order(app, folder, plan)
    rows = tuple((row.hash, row.created_at) for row in a_ledger(rows_of(folder)).rows)
    moved = structs.replace(told.clearance, evidence=Evidence(rows=rows[:2]))
    outcome = undo(replace(told, clearance=moved), plan)
    assert isinstance(outcome, Refused)
    assert outcome.problem.startswith("the ledger is not the one that was rehearsed from: ")
    assert tables(app) == ["a", "b", "c"]


def test_a_migrator_that_was_faster_is_seen_before_the_first_query(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    plan = planned(app, folder, 1)
    waits = "select from pg_stat_activity where application_name = 'migcheck undo' and query like '%lock table%'"
    with ThreadPoolExecutor() as pool:
        with app.connect() as drizzle, drizzle.transaction():
            drizzle.execute(f"insert into {NAME} (hash, created_at) values (repeat('a', 64), 1900000000000)".encode())
            ours = pool.submit(undo, order(app, folder, plan), plan)
            assert eventually(lambda: app.ask(f"{waits} and wait_event_type = 'Lock'"))
        assert ours.result() == Refused(f"{NAME} changed while it was read", "see what else writes to it")
    assert (tables(app), len(ledger_rows(app))) == (["a", "b", "c"], 4)


def test_a_session_that_is_ended_before_the_commit_took_nothing_away(app: Database, tmp_path: Path) -> None:
    end = "select pg_terminate_backend(pg_backend_pid());"
    folder = having(app, tmp_path, {**DOWN, "0001_b": f"drop table b; {end}"})
    outcome = undone(app, folder, 0)
    assert isinstance(outcome, Failed)
    assert outcome.remedy == "see the server's log, then run the whole of it again"
    assert (tables(app), len(ledger_rows(app))) == (["a", "b", "c"], 3)


def test_a_link_lost_before_the_answer_to_the_commit_is_read_back_over_another(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    with wire(app, Cut.AFTER) as cut:
        outcome = undo(order(cut, folder, plan := planned(app, folder, 1), "- table public.x"), plan)
    assert isinstance(outcome, Undone)
    assert (outcome.warnings, outcome.read_back) == (
        (
            "rehearsed, but not seen on the target: - table public.x",
            "seen on the target, but not rehearsed: - table public.c",
        ),
        True,
    )
    assert (tables(app), len(ledger_rows(app))) == (["a", "b"], 2)


def test_a_deploy_that_holds_the_lock_is_waited_for_and_then_named(app: Database, tmp_path: Path) -> None:
    folder = having(app, tmp_path)
    with app.connect() as other:
        other.execute("select pg_advisory_lock(%s)", (lock_key(NAME),))
        outcome = undone(app, folder, 1, lock_wait=0.0)
    assert isinstance(outcome, Refused)
    assert outcome.problem.startswith(f"another deploy holds the lock of {NAME}: ")


def test_a_row_that_is_not_as_drizzle_writes_it_today_goes_as_it_is(app: Database, tmp_path: Path) -> None:
    """A file with other line ends has another hash, and is applied all the same."""
    folder = having(app, tmp_path, {"0002_c": "drop table c;"})
    other = folder.migrations[2].sql.replace(b";", b";\r\n")
    app.run(f"delete from {NAME} where created_at = {folder.migrations[2].when}")
    (tmp_path / "drizzle" / "0002_c.sql").write_bytes(other.replace(b"\r\n", b"\n"))
    app.run(f"insert into {NAME} (hash, created_at) values ('{migration_hash(other)}', {folder.migrations[2].when})")
    folder = read_folder(DiskTree(tmp_path), "drizzle")
    (undo_step,) = planned(app, folder, 1)
    assert undo_step.row == (migration_hash(other), folder.migrations[2].when)
    assert isinstance(undone(app, folder, 1), Undone)
    assert (tables(app), len(ledger_rows(app))) == (["a", "b"], 2)


def test_what_has_no_row_of_its_own_is_left_to_people(app: Database, tmp_path: Path) -> None:
    """What stands before the ledger's first row counts as applied."""
    folder = having(app, tmp_path)
    assert undo_plan(folder, a_ledger(rows_of(folder)[2:]), 0, {}) == Refused(
        f"not each of 0001_b, 0002_c has a row of its own in {NAME}",
        "undo it by hand (migcheck explain rollback); `migcheck status` shows them",
    )


def test_a_row_that_is_like_another_s_is_left_to_people(tmp_path: Path) -> None:
    """With the row of what is undone, that of what stays would go."""
    written(tmp_path, {**SQL, "0002_c": SQL["0001_b"]}, {"0000_a": 1, "0001_b": 2, "0002_c": 2})
    (tmp_path / "drizzle" / "0002_c.down.sql").write_text("drop table b;")
    folder = read_folder(DiskTree(tmp_path), "drizzle")
    assert planning(folder, 3, 1) == Refused(
        f"not each of 0002_c has a row of its own in {NAME}",
        "undo it by hand (migcheck explain rollback); `migcheck status` shows them",
    )


def planning(folder: Folder, applied: int, to: int, *more: str) -> tuple[Undo, ...] | NothingToDo | Refused:
    """The plan where the first `applied` have rows, and then the hashes `more`."""
    rows = [*rows_of(folder)[:applied], *(LedgerRow(9, digest, 1_900_000_000_000) for digest in more)]
    return undo_plan(folder, a_ledger(rows), to, {})


def test_the_plan(tmp_path: Path) -> None:
    written(tmp_path, SQL)
    (tmp_path / "drizzle" / "0002_c.down.sql").write_text("drop table c;")
    folder = read_folder(DiskTree(tmp_path), "drizzle")
    plan = planning(folder, 3, 1)
    assert isinstance(plan, tuple)
    last = folder.migrations[2]
    assert [(each.rollback.script.tag, each.row) for each in plan] == [("0002_c.down", (last.hash, last.when))]
    assert planning(folder, 2, 1) == NothingToDo()
    assert planning(folder, 3, 2) == NothingToDo()
    assert planning(folder, 3, 0) == Refused(
        "0001_b has no rollback in drizzle", "`migcheck rollback 0001_b --write` proposes one"
    )
    assert planning(folder, 1, 1) == Refused(
        "0001_b is pending on the target", "name one that is applied; `migcheck status` shows them"
    )
    assert planning(folder, 3, 1, "a" * 64) == Refused(
        "row 9 of drizzle.__drizzle_migrations belongs to no migration of drizzle",
        "check out the release that was deployed last; `migcheck status` shows them",
    )
    edited = structs.replace(
        folder, migrations=(*folder.migrations[:2], structs.replace(folder.migrations[2], sql=b"x"))
    )
    assert undo_plan(edited, a_ledger(rows_of(folder)), 1, {}) == Refused(
        "0002_c was applied as it is no longer in drizzle", "`migcheck status` shows them"
    )


def test_a_row_of_before_what_stays_is_in_nobody_s_way(tmp_path: Path) -> None:
    """The rows that a squash stands for have files in git alone, and a row that is older yet may have none at all."""
    written(tmp_path, SQL, {"0000_a": 30, "0001_b": 40, "0002_c": 50})
    (tmp_path / "drizzle" / "0002_c.down.sql").write_text("drop table c;")
    folder = read_folder(DiskTree(tmp_path), "drizzle")
    old = [LedgerRow(90 + when, f"{when:064}", when) for when in (10, 20, 30)]
    known = {each.hash: f"old_{each.created_at}" for each in old[1:]}
    ledger = a_ledger([*old, *rows_of(folder)[1:]])
    plan = undo_plan(folder, ledger, 1, known)
    assert isinstance(plan, tuple)
    assert [each.tag for each in plan] == ["0002_c"]
    (tmp_path / "drizzle" / "0001_b.down.sql").write_text("drop table b;")
    folder = read_folder(DiskTree(tmp_path), "drizzle")
    plan = undo_plan(folder, ledger, 0, known)
    assert isinstance(plan, tuple)
    assert [each.tag for each in plan] == ["0002_c", "0001_b"]
    assert isinstance(undo_plan(folder, ledger, 0, {}), Refused)


@pytest.mark.parametrize("sql", ["commit;", "drop table c; rollback; begin;", "end"])
def test_a_rollback_that_ends_its_transaction_is_refused(tmp_path: Path, sql: str) -> None:
    written(tmp_path, SQL)
    (tmp_path / "drizzle" / "0002_c.down.sql").write_text(sql)
    assert planning(read_folder(DiskTree(tmp_path), "drizzle"), 3, 1) == Refused(
        "drizzle/0002_c.down.sql ends or divides its transaction", "take COMMIT and the like out of it"
    )
