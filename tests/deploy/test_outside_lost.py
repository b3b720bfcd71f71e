"""Deploys that are cut off in a migration outside of a transaction: what is told, and that the next one goes on."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.pq import ExecStatus

from migcheck.commands.deploy_end import tell_deploy
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed, Outcome
from migcheck.drizzle.folder import Folder
from migcheck.postgres.running.alone import Dropped
from migcheck.postgres.running.invalid import Index, invalid_indexes
from migcheck.postgres.target.holders import lock_key
from tests.support.command import Command
from tests.support.deploys import NAME, cleared, ledger_rows, order_for, plan_applied, written
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.server

EMAIL = "create index concurrently if not exists users_email on users (email);"
FOLDER = {"m0": "create table posts (id int);", "m1": f"vacuum users;\n{EMAIL}", "m2": "create table tags (id int);"}
# The index waits for the reader, whose snapshot is older than it is.
WAITS = "select from pg_stat_activity where query ilike 'create index%' and wait_event_type = 'Lock'"
INVALID = "select from pg_index where not indisvalid"
LEFT = (
    "the index public.users_email is invalid, left by a run that did not end: no query uses it. The next "
    "`migcheck apply` drops it and begins its migration anew; by hand: "
    '`drop index concurrently if exists "public"."users_email";`'
)
OURS = "select from pg_stat_activity where application_name = 'migcheck apply'"
SCRIPT = f"""
import sys
from pathlib import Path
from msgspec.structs import replace
from migcheck.deploy.apply import apply
from tests.support.deploys import cleared, order_for, written
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.target_server import Database
app = Database(int(sys.argv[1]), *sys.argv[2:5])
folder = written(Path(sys.argv[5]), {FOLDER!r})
print(apply(order_for(app, folder, replace(cleared(folder), outside=("m1",)))))
"""


def cut_off(app: Database, where: Path, number: signal.Signals) -> str:
    """Send the signal to a deploy that waits in the middle of building the index; what it printed."""
    root = Path(__file__).parents[2]
    arguments = [str(app.port), app.name, app.role, app.password, str(where)]
    environ = {**os.environ, "PYTHONPATH": f"{root / 'checks'}:{root}"}
    with app.connect() as reader:
        reader.execute("begin isolation level repeatable read; select * from users")
        command = [sys.executable, "-c", SCRIPT, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
            assert eventually(lambda: app.ask(WAITS))
            process.send_signal(number)
            out, _ = process.communicate(timeout=PATIENCE)
        # Killed, it says nothing to the server, which looks for itself whether its client is there.
        assert eventually(lambda: not app.ask(OURS))
    return out


@pytest.fixture
def folder(app: Database, tmp_path: Path) -> Folder:
    app.run("create table users (id int, email text)", "insert into users values (1, 'a')")
    return written(tmp_path, FOLDER)


def go_on(app: Database, folder: Folder) -> list[str]:
    """What the next deploy applies: the first migration has its row. That an index is whole now is no difference."""
    left = replace(cleared(folder), outside=("m1",))
    outcome = apply(order_for(app, folder, replace(left, plan=left.plan[1:])))
    assert isinstance(outcome, Applied)
    assert [each for each in outcome.warnings if " index " in each] == []
    return plan_applied(outcome)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_next_deploy_drops_what_is_half_built_and_goes_on(
    app: Database, folder: Folder, tmp_path: Path, number: signal.Signals
) -> None:
    out = cut_off(app, tmp_path, number)
    told = "begun='m1', earlier=(), invalid=(('public', 'users_email'),)" in out
    assert told is (number is signal.SIGTERM), out
    assert len(ledger_rows(app)) == 1
    assert len(app.ask(INVALID)) == 1
    assert go_on(app, folder) == ["m1", "m2"]
    assert app.ask(INVALID) == []
    assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]


def test_an_index_that_a_lost_session_left_invalid_is_told_by_name(app: Database, folder: Folder) -> None:
    outcomes = list[Outcome]()
    order = order_for(app, folder, replace(cleared(folder), outside=("m1",)))
    with app.connect() as reader:
        reader.execute("begin isolation level repeatable read; select * from users")
        thread = threading.Thread(target=lambda: outcomes.append(apply(order)))
        thread.start()
        assert eventually(lambda: app.ask(WAITS))
        app.ask(f"select pg_terminate_backend(pid) from ({OURS.replace('from', 'pid from')}) s")
        thread.join(PATIENCE)
    (outcome,) = outcomes
    assert isinstance(outcome, Failed)
    assert (outcome.begun, outcome.invalid) == ("m1", (("public", "users_email"),))
    told = tell_deploy("drizzle", "db", outcome)
    assert told.warnings == (LEFT,)
    assert go_on(app, folder) == ["m1", "m2"]


def looked_at_while_it_is_dropped(app: Database) -> tuple[Index, ...]:
    """What is told to be left invalid while somebody drops `users_id`, who is cut off then."""
    drop = "drop index concurrently users_id"
    with app.connect() as reader, app.connect() as dropping, app.connect() as looking:
        reader.execute("begin; select * from users")
        dropping.pgconn.send_query(drop.encode())
        assert eventually(lambda: app.ask(f"{INVALID} and indexrelid = 'users_id'::regclass"))
        seen = invalid_indexes(looking, Dropped("users_id"))
        dropping.cancel_safe()
        while result := dropping.pgconn.get_result():
            assert result.status == ExecStatus.FATAL_ERROR
    return seen


def test_status_names_what_is_left_invalid_until_it_is_made_again(
    app: Database, a_repo: GitRepository, command: Command
) -> None:
    drops = f"drop index concurrently if exists users_id;\n{EMAIL}"
    a_folder(a_repo / "drizzle", {"0000_m0": FOLDER["m0"], "0001_m1": drops}, snapshots=False)
    none = '[[folder]]\npath = "drizzle"\n[[migration]]\ntag = "0001_m1"\ntransaction = "none"\n'
    a_repo.commit({"migcheck.toml": none})
    app.run("create table users (id int, email text)", "create index users_id on users (id)")
    env = {"DATABASE_URL": app.url}
    assert "invalid" not in command("status", env=env, cwd=a_repo.top).out
    app.run("insert into users values (1, 'a'), (2, 'a')")
    for sql in (EMAIL, EMAIL.replace("users_email", "another")):
        with app.connect() as connection, pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(sql.replace("index", "unique index").encode())
    ran = command("status", env=env, cwd=a_repo.top)
    assert f"warning: {LEFT}" in " ".join(ran.out.split()), ran
    with app.connect() as other:
        other.execute("select pg_advisory_lock(%s)", (lock_key(NAME),))
        ran = command("status", "--format", "json", env=env, cwd=a_repo.top)
        pid = other.info.backend_pid
    held, *left = json.loads(ran.out)["folders"][0]["warnings"]
    assert held.startswith(
        f"a deploy holds the lock of {NAME}: pid {pid} (no application_name, role {app.role}, since "
    )
    assert held.endswith("; the next `migcheck apply` waits up to 60 s for it, and is refused then")
    assert left == [LEFT]
    assert looked_at_while_it_is_dropped(app) == ()
    ran = command("status", env=env, cwd=a_repo.top)
    assert f"warning: {LEFT.replace('users_email', 'users_id')}" in " ".join(ran.out.split()), ran


def test_status_keeps_its_table_where_the_role_may_not_look_for_indexes(
    app: Database, a_repo: GitRepository, command: Command
) -> None:
    hidden = "create index concurrently i on hidden.t (id);"
    a_folder(a_repo / "drizzle", {"0000_m0": FOLDER["m0"], "0001_m1": hidden}, snapshots=False)
    none = '[[folder]]\npath = "drizzle"\n[[migration]]\ntag = "0001_m1"\ntransaction = "none"\n'
    a_repo.commit({"migcheck.toml": none})
    app.run("create schema hidden", "create table hidden.t (id int)", "revoke all on schema hidden from current_user")
    ran = command("status", env={"DATABASE_URL": app.url}, cwd=a_repo.top)
    assert "0001_m1" in ran.out
    assert "left an index invalid is not known" in " ".join(ran.out.split()), ran
    assert ran.code == command("status", "--format", "json", env={"DATABASE_URL": app.url}, cwd=a_repo.top).code != 3
