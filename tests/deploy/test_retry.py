"""A deploy that meets another's lock: rolled back, told who it was, and begun anew until its time is over."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import Struct, field, structs

from migcheck.deploy import retry
from migcheck.deploy.apply import apply
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Failed, Interrupted, NothingToDo
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.address import parse_address
from migcheck.route import Route, Transport
from tests.support.deploys import deploy, ledger_rows, order_for, plan_applied, tables, written
from tests.support.standin import standin
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"
USERS = {"0000_users": "create table users (id int);"}
POSTS = {"0001_posts": "create table posts ();"}
NAME = {"0002_name": "alter table users add name text;"}
AGAIN = r"rolled back, and again in [\d.]+ s"
BOTH = {"0001_both": "create table if not exists posts ();\nalter table users add column if not exists name text;"}
ALONE = {"0001_name": "alter table users add column if not exists name text;"}
WAITING = "waiting for a lock behind "


@pytest.fixture(autouse=True)
def _hardly_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_SECONDS", 0.05)


class Told(Struct):
    """What a deploy told; once it has told all of `until`, `then` is done."""

    until: tuple[str, ...] = ()
    then: Callable[[], object] = lambda: None
    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        if self.until and all(any(re.search(each, told) for told in self.lines) for each in self.until):
            self.until = ()
            self.then()

    def count(self, beginning: str) -> int:
        return sum(line.startswith(beginning) for line in self.lines)


@contextmanager
def reading(app: Database) -> Iterator[Connection]:
    """Another session that has read the users in a transaction, and keeps their table."""
    with app.connect() as reader:
        reader.execute("set application_name = 'report'")
        reader.execute("begin; select from users")
        yield reader


def landed(app: Database, where: Path, new: dict[str, str]) -> Folder:
    """The folder in which `new` comes after the users, which `app` has."""
    deploy(app, written(where / "landed", USERS))
    return written(where / "new", {**USERS, **new})


def patient(app: Database, folder: Folder, told: Told, batching: Batching = Batching.ALL) -> Order:
    """An order that begins anew for as long as a slow machine needs."""
    order = order_for(app, folder, lock_timeout=0.2, retry_for=PATIENCE)
    return replace(order, tell=told, clearance=structs.replace(order.clearance, batching=batching))


def test_a_lock_that_is_held_for_a_moment_is_waited_for_and_its_holder_is_told(app: Database, tmp_path: Path) -> None:
    folder = landed(app, tmp_path, NAME)
    with reading(app) as reader:
        holder = f"pid {reader.info.backend_pid} (report, role {app.role}, idle in transaction, since 20"
        told = Told((AGAIN, WAITING), reader.close)
        assert plan_applied(apply(patient(app, folder, told))) == ["0002_name"]
    assert told.count(f"{WAITING}{holder}") > 0
    assert told.count("0002_name: canceling statement due to lock timeout") > 0
    assert len(ledger_rows(app)) == 2


def test_so_it_is_over_a_websocket(app: Database, tmp_path: Path) -> None:
    folder = landed(app, tmp_path, NAME)
    with reading(app) as reader, standin(("127.0.0.1", app.port)) as proxy:
        told = Told((AGAIN, WAITING), reader.close)
        order = replace(
            patient(app, folder, told), address=parse_address(app.url, route=Route(Transport.WEBSOCKET, proxy.url))
        )
        assert plan_applied(apply(order)) == ["0002_name"]
        assert len(proxy.links) == 2


def test_a_lock_that_is_held_for_ever_ends_it_with_its_holder(app: Database, tmp_path: Path) -> None:
    folder = landed(app, tmp_path, POSTS | NAME)
    before = ledger_rows(app)
    with reading(app) as reader:
        outcome = deploy(app, folder, lock_timeout=2, retry_for=0.3)
        pid = reader.info.backend_pid
    assert isinstance(outcome, Failed), outcome
    assert re.fullmatch(
        r"drizzle/0002_name\.sql:1: canceling statement due to lock timeout in each of \d attempts, "
        rf"behind pid {pid} \(report, role {app.role}, idle in transaction, since 20.* UTC\)",
        outcome.problem,
    ), outcome.problem
    assert (outcome.applied, outcome.torn) == ((), False)
    assert (tables(app), ledger_rows(app)) == (["users"], before)


class TestOneTransactionEach:
    def test_only_the_one_that_met_a_lock_begins_anew(self, app: Database, tmp_path: Path) -> None:
        folder = landed(app, tmp_path, POSTS | NAME)
        with reading(app) as reader:
            told = Told((AGAIN,), reader.close)
            assert plan_applied(apply(patient(app, folder, told, Batching.EACH))) == ["0001_posts", "0002_name"]
        assert told.count("running 0001_posts") == 1
        assert told.count("running 0002_name") > 1
        assert len(ledger_rows(app)) == 3

    def test_what_was_applied_before_stays(self, app: Database, tmp_path: Path) -> None:
        folder = landed(app, tmp_path, POSTS | NAME)
        order = replace(patient(app, folder, Told(), Batching.EACH))
        with reading(app):
            settings = structs.replace(order.settings, lock_timeout=0.2, retry_for=0.3)
            outcome = apply(replace(order, settings=settings))
        assert isinstance(outcome, Failed)
        assert [step.tag for step in outcome.applied] == ["0001_posts"]
        assert tables(app) == ["posts", "users"]


def write_row(app: Database, folder: Folder) -> None:
    """As a migrator without our lock records the last migration of `folder`."""
    last = folder.migrations[-1]
    app.run(f"insert into drizzle.__drizzle_migrations (hash, created_at) values ('{last.hash}', {last.when})")


class TestTheTargetMovesOnMeanwhile:
    def test_what_another_migrator_has_done_is_not_done_again(self, app: Database, tmp_path: Path) -> None:
        folder = landed(app, tmp_path, NAME)
        with reading(app) as reader:

            def another() -> None:
                write_row(app, folder)
                reader.close()

            assert apply(patient(app, folder, Told((AGAIN,), another))) == NothingToDo()
        assert len(ledger_rows(app)) == 2

    def test_behind_what_was_applied_it_is_a_failure(self, app: Database, tmp_path: Path) -> None:
        folder = landed(app, tmp_path, POSTS | NAME)
        with reading(app):
            order = patient(app, folder, Told((AGAIN,), lambda: write_row(app, folder)), Batching.EACH)
            outcome = apply(order)
        assert isinstance(outcome, Failed)
        assert outcome.problem == "drizzle.__drizzle_migrations changed while it was read"
        assert [step.tag for step in outcome.applied] == ["0001_posts"]


@pytest.mark.parametrize(
    ("new", "applied", "torn"),
    [
        pytest.param({"0001_a": BREAK.join(["create table a ();", "COMMIT;", NAME["0002_name"]])}, 0, True, id="torn"),
        pytest.param({"0001_a": f"create table a ();{BREAK}COMMIT;", **NAME}, 1, False, id="a part is applied"),
    ],
)
def test_what_a_commit_inside_left_behind_is_never_begun_anew(
    app: Database, tmp_path: Path, *, new: dict[str, str], applied: int, torn: bool
) -> None:
    folder, told = landed(app, tmp_path, new), Told()
    with reading(app):
        outcome = apply(patient(app, folder, told))
    assert isinstance(outcome, Failed)
    assert (len(outcome.applied), outcome.torn) == (applied, torn)
    assert told.count("running ") == 1


def test_what_prepare_made_is_gone_before_it_is_made_again(app: Database, tmp_path: Path) -> None:
    folder = landed(app, tmp_path, {"0001_p": f"prepare one as select 1;{BREAK}alter table users add name text;"})
    with reading(app) as reader:
        assert plan_applied(apply(patient(app, folder, Told((AGAIN,), reader.close)))) == ["0001_p"]


def test_a_session_that_is_ended_in_the_pause_ends_it(app: Database, tmp_path: Path) -> None:
    folder = landed(app, tmp_path, NAME)
    ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migcheck apply'"
    with reading(app):
        outcome = apply(patient(app, folder, Told((AGAIN,), lambda: app.ask(ended))))
    assert isinstance(outcome, Failed)
    assert "terminating connection" in outcome.problem
    assert (outcome.applied, outcome.torn, len(ledger_rows(app))) == ((), False, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_pause_ends_it(
    app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setattr(retry, "_FIRST_SECONDS", PATIENCE)
    folder = landed(app, tmp_path, NAME)
    main = threading.main_thread().ident
    assert main is not None
    soon = threading.Timer(0.3, signal.pthread_kill, (main, number))
    told = Told((AGAIN,), soon.start)
    with reading(app):
        assert apply(patient(app, folder, told)) == Interrupted()
    assert told.count("asking the target") == 0
    assert len(ledger_rows(app)) == 1
    assert app.ask("select from pg_locks where locktype = 'advisory'") == []


def test_pauses_grow_and_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15, 15]
    for long, most in zip(retry.pauses(1e6), longest, strict=False):
        assert most / 2 <= long <= most
    assert list(retry.pauses(0)) == []
    monkeypatch.setattr(retry, "_FIRST_SECONDS", 100.0)
    assert next(retry.pauses(0.3)) <= 0.3


class TestOutsideOfATransaction:
    def order(self, app: Database, folder: Folder, told: Told) -> Order:
        order = patient(app, folder, told)
        outside = tuple(step.tag for step in order.clearance.plan)
        return replace(order, clearance=structs.replace(order.clearance, outside=outside))

    def test_its_first_statement_is_tried_again(self, app: Database, tmp_path: Path) -> None:
        folder = landed(app, tmp_path, ALONE)
        with reading(app) as reader:
            told = Told((AGAIN,), reader.close)
            assert plan_applied(apply(self.order(app, folder, told))) == ["0001_name"]
        assert told.count("running 0001_name") > 1

    def test_a_later_one_is_not_for_the_ones_before_it_would_run_once_more(self, app: Database, tmp_path: Path) -> None:
        folder, told = landed(app, tmp_path, BOTH), Told()
        with reading(app):
            outcome = apply(self.order(app, folder, told))
        assert isinstance(outcome, Failed), outcome
        assert (outcome.begun, outcome.applied, tables(app)) == ("0001_both", (), ["posts", "users"])
        assert told.count("running 0001_both") == 1
