"""Deploys that are cut off: by the network, by an administrator, by a signal. What is said is what happened."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial
from pathlib import Path

import pytest

from migcheck.deploy.outcome import Applied, Failed, Outcome, Unknown
from tests.support.deploys import AT_THE_GATE, cleared, deploy, gate, ledger_rows, tables, written
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually

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
SECOND = "insert into slow values (1);"
RUNNING = "select pid from pg_stat_activity where application_name = 'migcheck apply' and query like '%pg_sleep%'"
# What asks for them when it is read back.
THE_LEDGER, THE_CATALOGUE = b"set session authorization default", b"then 'attribute' else 'column'"
COMMITS = "select pid from pg_stat_activity where application_name = 'migcheck apply' and query = 'commit'"


def wait_for(app: Database, query: str) -> list[tuple[object, ...]]:
    """Ask until there is a row."""
    assert eventually(lambda: app.ask(query)), query
    return app.ask(query)


class Cut(Enum):
    """When the network goes, seen from the message that it goes at."""

    BEFORE = auto()
    AFTER = auto()
    FOR_GOOD = auto()


class Wire:
    """The network between a deploy and its server. It goes at the message with `words` behind the commit, or at that.

    Once or for good. `accepted` hears of each connection that is made, by its number.
    """

    def __init__(self, app: Database, cut: Cut, accepted: Callable[[int], object], words: bytes) -> None:
        self._app, self._when, self._accepted, self._words = app, cut, accepted, words
        self._committed = self._gone = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._links: list[socket.socket] = []
        self._silent = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        shut(self._listener)
        for link in list(self._links):
            shut(link)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count(1):
                client, _ = self._listener.accept()
                self._accepted(number)
                server = socket.create_connection(("127.0.0.1", self._app.port))
                self._links += [client, server]
                for pump in (partial(self._ask, client, server), partial(self._answer, server, client)):
                    threading.Thread(target=pump, daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        before = b""
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                self._committed = self._committed or b"commit\0" in data
                if self._committed and not self._gone and self._words in before + data:
                    self._go(server, data)
                    return
                # A long message comes in parts.
                before = data[-len(self._words) :]
                server.sendall(data)
        shut(server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                if not self._silent.is_set():
                    client.sendall(data)
        shut(client)

    def _go(self, server: socket.socket, data: bytes) -> None:
        self._gone = True
        if self._when is Cut.AFTER:
            self._silent.set()
            server.sendall(data)
            eventually(lambda: self._app.ask(COMMITS))
        if self._when is Cut.FOR_GOOD:
            shut(self._listener)
        links, self._links = self._links, []
        for link in links:
            shut(link)
        self._silent.clear()


def shut(link: socket.socket) -> None:
    """Close a socket under the thread that waits on it."""
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()


@contextmanager
def wire(
    app: Database, cut: Cut, accepted: Callable[[int], object] = lambda _number: None, words: bytes = b"commit\0"
) -> Iterator[Database]:
    """`app` as it is reached through a wire that is cut at the commit, or behind it at what has `words`."""
    between = Wire(app, cut, accepted, words)
    try:
        yield Database(between.port, app.name, app.role, app.password)
    finally:
        between.close()


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

    def test_lost_after_the_commit_is_applied(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.AFTER) as cut:
            outcome = deploy(cut, folder, cleared(folder))
        assert isinstance(outcome, Applied), outcome
        assert [step.tag for step in outcome.plan] == ["0000_users"]
        assert outcome.warnings[0].startswith("committed, but not read back: ")
        assert tables(app) == ["users"]

    @pytest.mark.parametrize("words", [THE_LEDGER, THE_CATALOGUE], ids=["the ledger", "the catalogue"])
    def test_lost_while_it_is_read_back_is_read_back_over_another(
        self, app: Database, tmp_path: Path, words: bytes
    ) -> None:
        """COMMIT was answered, and the server can be reached: nothing is left to be believed."""
        folder, numbers = written(tmp_path, self.USERS), list[int]()
        rehearsed = ("+ table public.users", "+ column public.users.id integer", "+ table public.posts")
        with wire(app, Cut.BEFORE, numbers.append, words) as cut:
            outcome = deploy(cut, folder, cleared(folder, change=rehearsed))
        assert isinstance(outcome, Applied), outcome
        assert (outcome.warnings, outcome.read_back) == (
            ("rehearsed, but not seen on the target: + table public.posts",),
            True,
        )
        assert len(numbers) == 2

    def test_lost_for_good_while_it_is_read_back_is_applied_and_not_read_back(
        self, app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That COMMIT was answered is known: so it is no `Unknown`."""
        monkeypatch.setattr("migcheck.deploy.fate._LEAST_SECONDS", 0.5)
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.FOR_GOOD, words=THE_LEDGER) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert isinstance(outcome, Applied), outcome
        (warning,) = outcome.warnings
        assert warning.startswith("committed, but it could not be read back: ")
        assert (outcome.read_back, tables(app)) == (False, ["users"])

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

    def test_lost_for_good_is_unknown(self, app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("migcheck.deploy.fate._LEAST_SECONDS", 0.5)
        folder = written(tmp_path, self.USERS)
        with wire(app, Cut.FOR_GOOD) as cut:
            outcome = deploy(cut, folder, cleared(folder), lock_wait=0.1)
        assert isinstance(outcome, Unknown), outcome
        assert outcome.look_at[0] == (
            f"the rows of drizzle.__drizzle_migrations with created_at {folder.migrations[0].when}: "
            "they are there if it took effect"
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
    assert out == "Interrupted(applied=(), torn=False, begun='')\n"
    assert app.ask(RUNNING) == []
    assert tables(app) == []
    assert ledger_rows(app) == []
