"""A deploy that dies anywhere leaves ledger and schema in agreement, and the next one goes on."""

import itertools
import multiprocessing
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from msgspec import structs

from migcheck.clearance import Clearance
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed, NothingToDo, Outcome
from migcheck.deploy.readback import catalogue_of
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching
from migcheck.postgres.catalogue import Catalogue, difference
from migcheck.route import Transport
from tests.support.cut_off import BREAK, OURS, TWO, WALKED, Way, rows_in_order, rows_that_agree
from tests.support.deploys import (
    AT_THE_GATE,
    cleared,
    deploy,
    gate,
    ledger_rows,
    order_for,
    plan_applied,
    tables,
    way_to,
    written,
)
from tests.support.relay import relay
from tests.support.standin import standin
from tests.support.target_server import Database, running, unprivileged
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.server

SLEEPS = f"{OURS} and query like '%pg_sleep%'"
SLOW = {
    "0000_users": "create table users (id int);",
    "0001_slow": BREAK.join(
        [
            "create table slow (id int);",
            "select pg_sleep(3600) where not exists (select from pg_tables where tablename = 'go');",
        ]
    ),
}

# Forks of a process that has nothing but what a deploy needs: a new one for each death takes ten times as long.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.deploy.test_killed"])


HOLDS = """
    select n.nspname, c.oid::regclass, a.attname, a.atttypid::regtype, a.attnotnull, i.indisvalid, s.last_value
    from pg_namespace n left join pg_class c on c.relnamespace = n.oid left join pg_index i on i.indexrelid = c.oid
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    left join pg_sequences s on (s.schemaname, s.sequencename) = (n.nspname, c.relname)
    where n.nspname in ('public', 'drizzle') order by 1, 2, 3
"""


def state(app: Database) -> str:
    """All that a deploy has left behind: what is defined, and the rows of each table."""
    named = [
        name for (name,) in app.ask("select oid::regclass::text from pg_class where relkind = 'r' and oid > 16383")
    ]
    return repr([app.ask(HOLDS), *(app.ask(f"select * from {name}") for name in sorted(map(str, named)))])


def killed_at(point: int, way: Way, root: Path, batching: Batching) -> bool:
    """Deploy, and kill that process behind `point` messages; whether it lived so long."""
    with relay(way.to) as between:
        deploying = processes.Process(target=way.deploy, args=(root, between.port, batching))
        deploying.start()
        between.carry(point, deploying.kill)
        deploying.join(PATIENCE)
    return deploying.exitcode == -signal.SIGKILL


OVER = pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])


@WALKED
def test_the_process_is_killed_at_each_message(
    app: Database, tmp_path: Path, transport: Transport, batching: Batching
) -> None:
    """Before and behind each statement, and between COMMIT and its answer.

    Most deaths leave the same: from each state that one leaves, a deploy goes on once.
    """
    folder, rows, seen = written(tmp_path, TWO), set[int](), set[str]()
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        way = Way(app, app.port if transport is Transport.TCP else proxy.port, transport)
        for point in itertools.count(1):
            held.run("drop schema if exists drizzle cascade", "drop table if exists a_users, b_posts")
            killed = killed_at(point, way, tmp_path, batching)
            # It says nothing to the server, which looks for itself whether its client is there.
            assert eventually(lambda: not held.ask(OURS))
            rows.add(landed := rows_that_agree(held, folder))
            if (left := state(held)) not in seen:
                seen.add(left)
                outcome = deploy(app, folder)
                assert isinstance(outcome, NothingToDo) or plan_applied(outcome) == list(TWO)[landed:]
                assert rows_that_agree(held, folder) == len(TWO), point
                assert held.ask("select id, name from a_users") == [(1, None)], point
            if not killed:
                break
    # Before the commit, after it, and where each migration has one of its own, between them.
    assert rows == ({0, 2} if batching is Batching.ALL else {0, 1, 2})


FOUR = {
    "0000_users": BREAK.join(["create table a_users (id int);", "insert into a_users values (1);"]),
    # Outside of a transaction.
    "0001_index": "alter table old alter id set not null;\ncreate index concurrently if not exists i on a_users (id);",
    "0002_posts": "create table b_posts (id int);",
    "0003_name": BREAK.join(["alter table a_users add column name text;", "alter table b_posts alter id type bigint;"]),
}


@pytest.mark.parametrize(
    ("transport", "batching", "step"), [(Transport.TCP, Batching.ALL, 2), (Transport.WEBSOCKET, Batching.EACH, 3)]
)
def test_the_same_clearance_goes_on_wherever_the_process_was_killed(
    app: Database, tmp_path: Path, transport: Transport, batching: Batching, step: int
) -> None:
    """As a job that is simply run again: it has the file that the first run had, and verifies nothing anew.

    From where something has begun, and not at each of the hundred messages: the walk above goes by those. And once from
    each state that a death leaves.
    """
    folder, ends, seen = written(tmp_path, FOUR), set[int](), set[str]()
    clearance = structs.replace(cleared(folder, batching=batching), outside=("0001_index",))
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        held.run("create table old (id int)")
        clearance = structs.replace(clearance, catalogue_change=change_by(app, folder, clearance))
        way = Way(app, app.port if transport is Transport.TCP else proxy.port, transport, FOUR, clearance.outside)
        for point in itertools.count(20, step):
            held.run("drop schema if exists drizzle cascade", "drop table if exists a_users, b_posts")
            held.run("alter table old alter id drop not null")
            killed = killed_at(point, way, tmp_path, batching)
            assert eventually(lambda: not held.ask(OURS))
            ends.add(landed := rows_in_order(held, folder))
            if (left := state(held)) not in seen:
                seen.add(left)
                outcome = apply(order_for(app, folder, clearance))
                if landed == len(FOUR):
                    assert outcome == NothingToDo(), point
                else:
                    assert isinstance(outcome, Applied), (point, outcome)
                    assert (outcome.earlier, outcome.plan) == (clearance.plan[:landed], clearance.plan[landed:]), point
                    assert (outcome.warnings, outcome.read_back) == ((), True), point
                assert rows_in_order(held, folder) == len(FOUR), point
                assert held.ask("select id, name from a_users") == [(1, None)], point
            if not killed:
                break
    assert ends >= {0, 1, 2, 4}
    # The last two have one transaction.
    assert (3 in ends) <= (batching is Batching.EACH)


def change_by(app: Database, folder: Folder, clearance: Clearance) -> tuple[str, ...]:
    """What the whole plan changes, as a rehearsal sees it."""
    order = order_for(app, folder, clearance)
    with app.connect() as connection:
        before = catalogue_of(connection, order)
        assert plan_applied(apply(order)) == list(FOUR)
        after = catalogue_of(connection, order)
    assert isinstance(before, Catalogue)
    assert isinstance(after, Catalogue)
    return difference(before, after)


@OVER
def test_the_server_restarts(tmp_path: Path, transport: Transport) -> None:
    folder, outcomes = written(tmp_path, SLOW), list[Outcome]()
    with running() as server, way_to(app := server.database(), transport) as route:
        thread = threading.Thread(target=lambda: outcomes.append(deploy(app, folder, route=route)))
        thread.start()
        assert eventually(lambda: app.ask(SLEEPS))
        control = [str(server.bin / "pg_ctl"), "-D", str(server.admin.ask("show data_directory")[0][0])]
        user = unprivileged()
        again = [*control, "restart", "-m", "immediate", "-l", "/dev/null"]
        subprocess.run(again, check=True, cwd="/", user=user, group=user, stdout=subprocess.DEVNULL)
        try:
            thread.join(PATIENCE)
            (outcome,) = outcomes
            assert isinstance(outcome, Failed), outcome
            assert (outcome.applied, outcome.torn, tables(app), ledger_rows(app)) == ((), False, [], [])
            app.run("create table go ()")
            assert plan_applied(deploy(app, folder, route=route)) == ["0000_users", "0001_slow"]
        finally:
            stop = [*control, "stop", "-m", "immediate"]
            subprocess.run(stop, check=True, cwd="/", user=user, group=user, stdout=subprocess.DEVNULL)


@OVER
@pytest.mark.util_linux
def test_the_disk_is_full(app: Database, tmp_path: Path, transport: Transport) -> None:
    """As the server meets it: a file that it cannot make any longer."""
    rows = "insert into big select repeat('x', 2000) from generate_series(1, 12000);"
    wait = f"do $$ begin {AT_THE_GATE} end $$;"
    folder = written(tmp_path, {"0000_big": BREAK.join(["create table big (text text);", wait, rows])})
    outcomes = list[Outcome]()
    with way_to(app, transport) as route, gate(app) as opened:
        thread = threading.Thread(target=lambda: outcomes.append(deploy(app, folder, route=route)))
        thread.start()
        waits = "select pid from pg_stat_activity where application_name = 'migcheck apply' and query ilike '%4711%'"
        assert eventually(lambda: app.ask(waits))
        # More than a segment of the write-ahead log has, and less than the table will.
        bound, user = ["prlimit", "--pid", str(app.ask(waits)[0][0]), f"--fsize={17 << 20}"], unprivileged()
        subprocess.run(bound, check=True, user=user, group=user)
        opened()
        thread.join(PATIENCE)
    (outcome,) = outcomes
    assert isinstance(outcome, Failed), outcome
    assert "could not extend file" in outcome.problem or "could not write" in outcome.problem
    assert (outcome.applied, outcome.torn, tables(app), ledger_rows(app)) == ((), False, [], [])
    assert plan_applied(deploy(app, folder)) == ["0000_big"]
