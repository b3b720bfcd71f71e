"""What a deploy sets in its session: what bounds each migration, and nothing that outlives it."""

from dataclasses import replace as with_
from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg import sql

from migcheck.config.config import ApplyConfig, MigrationConfig
from migcheck.deploy import session_settings
from migcheck.deploy.apply import apply
from migcheck.deploy.lock import deploy_lock
from migcheck.deploy.outcome import Failed, Outcome, Refused
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching
from migcheck.postgres.running.joining import SentPiece, bundles
from tests.support.deploys import cleared, deploy, order_for, plan_applied, written
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"
SEEN = "create table {} as select current_setting('statement_timeout') as statement, current_setting('lock_timeout');"
OWN = MigrationConfig("0001_b", statement_timeout=3600)


def seen(*names: str) -> dict[str, str]:
    """Migrations that each keep what bounds them, in a table of that name."""
    return {f"{at:04}_{name}": SEEN.format(name) for at, name in enumerate(names)}


def bounded(app: Database, folder: Folder, *own: MigrationConfig, batching: Batching = Batching.ALL) -> Outcome:
    """Deploy with a minute for each statement and 5 s for a lock, save what is a migration's own."""
    order = order_for(app, folder, cleared(folder, batching=batching), statement_timeout=60.0, lock_timeout=5.0)
    return apply(with_(order, migrations=own))


@pytest.mark.parametrize("batching", Batching)
def test_a_migrations_own_timeouts_hold_for_it_alone(app: Database, tmp_path: Path, batching: Batching) -> None:
    own = (
        OWN,
        MigrationConfig("0003_d", lock_timeout=0),
        MigrationConfig("0004_e", statement_timeout=1, lock_timeout=2),
    )
    outcome = bounded(app, written(tmp_path, seen("a", "b", "c", "d", "e")), *own, batching=batching)
    assert len(plan_applied(outcome)) == 5
    found = [app.ask(f"select * from {name}") for name in "abcde"]
    assert found == [[("1min", "5s")], [("1h", "5s")], [("1min", "5s")], [("1min", "0")], [("1s", "2s")]]


def test_no_statement_has_a_timeout_that_nobody_configured(app: Database, tmp_path: Path) -> None:
    """A backfill may be long, whatever the role has of its own; a wait for a lock is bounded all the same."""
    app.run(f"alter role {app.role} set statement_timeout = '5s'", f"alter role {app.role} set lock_timeout = 0")
    order = with_(order_for(app, written(tmp_path, seen("a", "b"))), settings=ApplyConfig())
    assert len(plan_applied(apply(order))) == 2
    assert [app.ask(f"select * from {name}") for name in "ab"] == [[("0", "5s")], [("0", "5s")]]


def test_the_first_one_may_have_its_own(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, seen("a", "b"))
    plan_applied(bounded(app, folder, replace(OWN, tag="0000_a")))
    assert [app.ask(f"select statement from {name}") for name in "ab"] == [[("1h",)], [("1min",)]]


def test_what_a_migration_sets_itself_wins(app: Database, tmp_path: Path) -> None:
    level = "set transaction isolation level serializable;"
    opening = {"0000_a": BREAK.join(["set local statement_timeout = '7min';", level, SEEN.format("a")])}
    later = {"0001_b": BREAK.join(["set local statement_timeout = '8min';", SEEN.format("b")])}
    plan_applied(bounded(app, written(tmp_path, opening | later), replace(OWN, tag="0000_a"), OWN))
    assert [app.ask(f"select statement from {name}") for name in "ab"] == [[("7min",)], [("8min",)]]


def test_dates_that_are_written_otherwise_there_are_no_matter(app: Database, tmp_path: Path) -> None:
    app.run(f"alter role {app.role} set datestyle = 'German'", f"alter role {app.role} set timezone = 'Asia/Tokyo'")
    folder = written(tmp_path, {"0000_a": "create table a as select current_setting('datestyle');"})
    order = order_for(app, folder, lock_wait=0)
    with app.session() as other, deploy_lock(other, order.clearance.ledger, wait=0, tell=print):
        held = apply(order)
    assert isinstance(held, Refused)
    assert held.problem.endswith(" UTC)")
    plan_applied(apply(order))
    assert app.ask("select * from a") == [("German, DMY",)]


def test_they_hold_behind_a_commit_inside(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_z": "create table z ();", "0001_b": BREAK.join(["COMMIT;", SEEN.format("b")])})
    plan_applied(bounded(app, folder, OWN))
    assert app.ask("select statement from b") == [("1h",)]


def test_a_timeout_of_its_own_ends_a_migration(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": "create table a ();", "0001_b": "select pg_sleep(3600);"})
    outcome = bounded(app, folder, replace(OWN, statement_timeout=0.2))
    assert isinstance(outcome, Failed)
    assert outcome.failure is not None
    assert (outcome.failure.migration, outcome.failure.sqlstate) == ("0001_b", "57014")


def test_a_timeout_is_each_statements_also_where_they_go_together(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_slow": BREAK.join(["select pg_sleep(0.8);"] * 3)})
    (migration,) = folder.migrations
    assert len(list(bundles([SentPiece(migration, piece) for piece in migration.pieces]))) == 1
    assert plan_applied(deploy(app, folder, statement_timeout=2.0)) == ["0000_slow"]


def test_a_client_that_is_gone_keeps_no_lock_for_ever(app: Database, tmp_path: Path) -> None:
    """A large file may be on its way for as long as a thin link takes. In a statement the server looks for itself."""
    idle, looks = "idle_in_transaction_session_timeout", "client_connection_check_interval"
    sql = f"create table seen as select current_setting('{idle}') as idle, current_setting('{looks}') as looks;"
    large = f"-- {'x' * 60 * 16_384}\n{sql}"
    plan_applied(deploy(app, written(tmp_path / "small", {"0000_a": sql})))
    assert app.ask("select * from seen") == [("10min", "5s")]
    app.run("drop schema drizzle cascade; drop table seen")
    plan_applied(deploy(app, written(tmp_path / "large", {"0000_a": large})))
    assert app.ask("select * from seen") == [("11min", "5s")]


def test_one_setting_that_the_server_does_not_know_keeps_none_of_the_others(
    app: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As client_connection_check_interval is to a server below 14.
    known = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    assert set(known) < set(session_settings._SETTINGS)
    monkeypatch.setattr(session_settings, "_SETTINGS", (known[0], "of_a_later_major", *known[1:]))
    with app.connect() as connection:
        for each in known:
            connection.execute(f"set {each} = '5s'".encode())
        session_settings.leave(connection, sql.SQL("select 1"))
        found = [connection.execute(f"show {each}".encode()).fetchone() for each in known]
    assert found == [("0",), ("0",), ("0",)]
