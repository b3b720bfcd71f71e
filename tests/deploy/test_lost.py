"""Deploys that are cut off: by the network, by an administrator, by a signal. What is said is what happened."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed, Interrupted, Outcome, Unknown
from tests.support.deploys import AT_THE_GATE, cleared, deploy, gate, ledger_rows, order_for, tables, written
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually
from tests.support.wire import DEPLOYED, Cut, wire

pytestmark = pytest.mark.server

SLOW = {"0000_slow": "create table users (id int);\n--> statement-breakpoint\nselect pg_sleep(120);"}
BREAK = "\n--> statement-breakpoint\n"
# Its commit waits at a gate, and the server does not miss a client that is gone meanwhile.
SLOW_TO_COMMIT = [
    "set client_connection_check_interval = 0;",
    "create table slow (id int);",
    f"create function wait() returns trigger language plpgsql as 'begin {AT_THE_GATE} return null; end';",
    "create constraint trigger wait after insert on slow initially deferred for each row execute function wait();",
]
REHEARSED = ("+ table public.users", "+ column public.users.id integer", "+ table public.posts")
NOT_SEEN = ("rehearsed, but not seen on the target: + table public.posts",)
SECOND = "insert into slow values (1);"
RUNNING = "select pid from pg_stat_activity where application_name = 'migcheck apply' and query like '%pg_sleep%'"
# What asks for them when it is read back.
THE_LEDGER, THE_CATALOGUE = b"set session authorization default", b"then 'attribute' else 'column'"


def wait_for(app: Database, query: str) -> list[tuple[object, ...]]:
    """Ask until there is a row."""
    assert eventually(lambda: app.ask(query)), query
    return app.ask(query)


@contextmanager
def still_committing_when_it_is_asked(app: Database) -> Iterator[Database]:
    """A wire that is cut while the commit waits at the gate; the second connection that reads back opens it."""
    with gate(app) as opened, wire(app, Cut.AFTER, lambda number: number == 3 and opened()) as cut:
        yield cut


class TestNetwork:
    USERS = {"0000_users": "create table users (id int);"}  # noqa: RUF012 - never written to

    def test_lost_before_the_commit_is_rolled_back(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.BEFORE) as cut:
            outcome = deploy(cut, folder, cleared(folder))
        assert isinstance(outcome, Failed), outcome
        assert "the connection was lost while this ran" in outcome.problem
        assert (outcome.applied, outcome.torn) == ((), False)
        assert tables(app) == []

    def test_lost_after_the_commit_is_applied_and_read_back_over_another(self, app: Database, tmp_path: Path) -> None:
        """Its answer was lost, and no more: what is there can be asked as if it had come."""
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.AFTER) as cut:
            outcome = deploy(cut, folder, cleared(folder, change=REHEARSED))
        assert isinstance(outcome, Applied), outcome
        assert [step.tag for step in outcome.plan] == ["0000_users"]
        assert (outcome.warnings, outcome.read_back) == (NOT_SEEN, True)
        assert tables(app) == ["users"]

    def test_lost_after_the_commit_a_row_that_another_took_is_missed(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path / "one", self.USERS))
        folder = written(tmp_path / "two", {**self.USERS, "0001_posts": "create table posts (id int);"})

        def take(number: int) -> None:
            # The first gives the clearance, the second deploys.
            if number == 3:
                app.run("delete from drizzle.__drizzle_migrations where id = 1")

        with wire(app, Cut.AFTER, take) as cut:
            outcome = deploy(cut, folder)
        assert isinstance(outcome, Applied), outcome
        assert outcome.warnings[0].startswith(f"the ledger lacks the row (hash {folder.migrations[0].hash}")

    @pytest.mark.parametrize("words", [THE_LEDGER, THE_CATALOGUE], ids=["the ledger", "the catalogue"])
    def test_lost_while_it_is_read_back_is_read_back_over_another(
        self, app: Database, tmp_path: Path, words: bytes
    ) -> None:
        """COMMIT was answered, and the server can be reached: nothing is left to be believed."""
        folder, numbers = written(tmp_path, self.USERS), list[int]()
        with wire(app, Cut.BEFORE, numbers.append, words) as cut:
            outcome = deploy(cut, folder, cleared(folder, change=REHEARSED))
        assert isinstance(outcome, Applied), outcome
        assert (outcome.warnings, outcome.read_back) == (NOT_SEEN, True)
        assert len(numbers) == 2

    def test_lost_for_good_while_it_is_read_back_is_applied_and_not_read_back(
        self, app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That COMMIT was answered is known: so it is no `Unknown`."""
        monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.FOR_GOOD, words=THE_LEDGER) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert isinstance(outcome, Applied), outcome
        (warning,) = outcome.warnings
        assert warning.startswith("committed, but it could not be read back: ")
        assert (outcome.read_back, tables(app)) == (False, ["users"])

    def test_a_signal_while_it_is_read_back_over_another_takes_nothing_back(
        self, app: Database, tmp_path: Path
    ) -> None:
        """And asks nobody a second time: that COMMIT was answered is known."""
        folder, told = written(tmp_path, self.USERS), list[str]()

        def hear(line: str) -> None:
            told.append(line)
            if "asking again" in line:
                raise KeyboardInterrupt

        with wire(app, Cut.FOR_GOOD, words=THE_LEDGER) as cut:
            outcome = apply(replace(order_for(cut, folder, cleared(folder)), tell=hear))
        assert isinstance(outcome, Applied), outcome
        assert (outcome.warnings, outcome.read_back) == (("committed, but not read back: interrupted",), False)
        (waits,) = [line for line in told if "asking again" in line]
        # How many are left of `lock_wait` when the first attempt has failed is the machine's affair.
        assert re.match(r"asking again for up to \d+ s \(Ctrl-C ends that\): ", waits), waits
        assert "Connection refused" in waits, waits

    def test_a_row_that_the_ledger_did_not_keep_is_missed_over_another(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path / "one", self.USERS))
        app.run("create rule r as on insert to drizzle.__drizzle_migrations do instead nothing")
        folder = written(tmp_path / "two", {**self.USERS, "0001_posts": "create table posts (id int);"})
        with wire(app, Cut.BEFORE, words=THE_LEDGER) as cut:
            outcome = deploy(cut, folder)
        assert isinstance(outcome, Unknown), outcome
        assert "did not keep the row of 0001_posts" in outcome.problem

    def test_lost_while_a_second_transaction_commits_is_applied(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, {"0000_slow": BREAK.join([*SLOW_TO_COMMIT, "COMMIT;", "BEGIN;", SECOND])})
        with still_committing_when_it_is_asked(app) as cut:
            outcome = deploy(cut, folder, cleared(folder))
        assert isinstance(outcome, Applied), outcome
        assert app.ask("select id from slow") == [(1,)]

    def test_lost_while_a_second_transaction_fails_to_commit_is_torn(self, app: Database, tmp_path: Path) -> None:
        fails = [each.replace("return null", "raise exception $$no$$") for each in SLOW_TO_COMMIT]
        folder = written(tmp_path, {"0000_slow": BREAK.join([*fails, "COMMIT;", "BEGIN;", SECOND])})
        with still_committing_when_it_is_asked(app) as cut:
            outcome = deploy(cut, folder, cleared(folder))
        assert isinstance(outcome, Failed), outcome
        assert (outcome.applied, outcome.torn) == ((), True)

    def test_lost_for_good_before_the_commit_is_failed_and_at_it_unknown(
        self, app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was never sent COMMIT cannot stay, whether the server answers again or not."""
        monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.FOR_GOOD, words=DEPLOYED) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert isinstance(outcome, Failed), outcome
        assert "the connection was lost while this ran" in outcome.problem
        assert outcome.remedy == (
            "COMMIT was never sent, so nothing of it stays: where pg_stat_activity still has its session "
            "(application_name 'migcheck apply'), end that, then run the whole of it again"
        )
        assert (outcome.applied, outcome.torn, tables(app)) == ((), False, [])
        with wire(app, Cut.FOR_GOOD) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert isinstance(outcome, Unknown), outcome
        assert outcome.look_at[0] == (
            f"the rows of drizzle.__drizzle_migrations with created_at {folder.migrations[0].when}: "
            "they are there if it took effect"
        )

    def test_a_signal_that_the_server_was_not_seen_to_hear_of_leaves_a_session_to_look_at(
        self, app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The link carries nothing any more, not even the cancel request: the session may run on, with its locks."""
        monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
        folder, main = written(tmp_path, self.USERS), threading.main_thread().ident
        assert main is not None
        with wire(app, Cut.FOR_GOOD, words=DEPLOYED, dead=lambda: signal.pthread_kill(main, signal.SIGINT)) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert outcome == Interrupted(
            remedy="COMMIT was never sent, so nothing of it stays: where pg_stat_activity still has its session "
            "(application_name 'migcheck apply'), end that"
        )

    def test_ended_by_an_administrator(self, app: Database, tmp_path: Path) -> None:
        folder, outcomes = written(tmp_path, SLOW), list[Outcome]()
        thread = threading.Thread(target=lambda: outcomes.append(deploy(app, folder)))
        thread.start()
        ((pid,),) = wait_for(app, RUNNING)
        app.ask(f"select pg_terminate_backend({pid})")
        thread.join(PATIENCE)
        (outcome,) = outcomes
        assert isinstance(outcome, Failed)
        assert "terminating connection" in outcome.problem
        assert tables(app) == []
        assert ledger_rows(app) == []


SCRIPT = """
import sys
from pathlib import Path
from migcheck.deploy.apply import apply
from tests.support.deploys import order_for, written
from tests.support.target_server import Database
app = Database(int(sys.argv[1]), *sys.argv[2:5])
folder = written(Path(sys.argv[5]), {"0000_slow": %r})
print(apply(order_for(app, folder)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_rolls_back_and_says_so(app: Database, tmp_path: Path, number: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", SCRIPT % SLOW["0000_slow"]]
    arguments = [str(app.port), app.name, app.role, app.password, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": f"{root / 'checks'}:{root}"}
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, env=environ) as process:
        wait_for(app, RUNNING)
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE)
    assert out == "Interrupted(applied=(), torn=False, begun='', earlier=(), invalid=(), remedy='')\n"
    assert app.ask(RUNNING) == []
    assert tables(app) == []
    assert ledger_rows(app) == []
