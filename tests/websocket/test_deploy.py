"""A deploy over a WebSocket is the one over TCP: the same ledger, the same faults, no cut that the next cannot end."""

from itertools import count
from pathlib import Path

import pytest

from migcheck.deploy.outcome import Applied, Failed, NothingToDo, Outcome
from migcheck.drizzle.folder import Folder
from migcheck.errors import UndecidableError
from migcheck.route import Route, Transport
from tests.support.deploys import deploy, ledger_rows, tables, written
from tests.support.standin import Cutter, Standin, standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"
LARGE = "x" * (60 << 20)
MIGRATIONS = {
    "0000_users": f"create table users (id int);{BREAK}create table posts (id int);",
    "0001_rows": "insert into users values (1); insert into users values (2);",
}


def over(proxy: Standin, app: Database, folder: Folder) -> Outcome:
    """Deploy `folder` through the stand-in."""
    return deploy(app, folder, route=Route(Transport.WEBSOCKET, proxy.url))


def test_a_deploy_and_a_second_one(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, MIGRATIONS)
    with standin(("127.0.0.1", app.port)) as proxy:
        assert isinstance(over(proxy, app, folder), Applied)
        assert over(proxy, app, folder) == NothingToDo()
    assert tables(app) == ["posts", "users"]
    assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]


def test_a_file_of_60_mib(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": "create table a (t text);", "0001_b": f"insert into a values ('{LARGE}');"})
    with standin(("127.0.0.1", app.port)) as proxy:
        assert isinstance(over(proxy, app, folder), Applied)
    assert app.ask("select length(t) from a") == [(len(LARGE),)]
    assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]


def test_a_fault_is_told_as_over_tcp(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": f"select 1;{BREAK}\nselect\n  no_such_column;"})
    straight = deploy(app, folder)
    with standin(("127.0.0.1", app.port)) as proxy:
        bridged = over(proxy, app, folder)
    assert isinstance(straight, Failed)
    assert bridged == straight


@pytest.mark.parametrize("side", ["up", "down"])
def test_a_cut_anywhere_is_ended_by_the_next_deploy(app: Database, tmp_path: Path, side: str) -> None:
    """Before each thing that is said (`up`) and before each answer, of every link that the deploy makes."""
    folder = written(tmp_path, {"0000_users": "create table users (id int); insert into users values (1), (2);"})
    outcomes = set()
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        for at in count():
            cutter = Cutter(at)
            setattr(proxy.faults, side, cutter)
            outcomes.add(cut := ended(proxy, app, folder))
            setattr(proxy.faults, side, lambda _chunk: False)
            applied = type(deploy(app, folder)).__name__
            assert (cut, applied) in {("Applied", "NothingToDo"), ("Failed", "Applied"), ("Undecided", "Applied")}
            assert held.ask("select count(*), sum(id) from users") == [(2, 3)]
            assert [row[1:] for row in ledger_rows(held)] == [(each.hash, each.when) for each in folder.migrations]
            if cutter.seen <= at:
                break
            held.run("drop schema drizzle cascade; drop table users")
    # Where no connection was to be had, while nothing was committed, and after the commit.
    assert outcomes == {"Undecided", "Failed", "Applied"}


def ended(proxy: Standin, app: Database, folder: Folder) -> str:
    """How a deploy ended, in a word."""
    try:
        return type(over(proxy, app, folder)).__name__
    except UndecidableError:
        return "Undecided"
