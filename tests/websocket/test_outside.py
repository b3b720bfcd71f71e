"""A migration outside of a transaction over a WebSocket: no cut of the link leaves what the next deploy cannot end."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Failed, NothingToDo, Outcome
from migcheck.drizzle.folder import Folder
from migcheck.errors import UndecidableError
from migcheck.postgres.running.ledger import read_ledger
from migcheck.route import Route, Transport
from tests.support.deploys import NAME, cleared, ledger_rows, order_for, plan_applied, written
from tests.support.standin import Cutter, Standin, standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

INDEX = "create index concurrently if not exists {0} on users ({0});"
MIGRATIONS = {
    "m0": "create table users (id int, email text);",
    "m1": "\n".join(INDEX.format(column) for column in ("id", "email")),
    "m2": "insert into users values (1, 'a');",
}
VALID = """
    select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indisvalid and c.relname in ('id', 'email')
"""


def deploy(app: Database, folder: Folder, route: Route | None = None) -> Outcome:
    """Deploy what is pending now, straight or as `route` says."""
    with app.connect() as connection:
        clearance = replace(cleared(folder, read_ledger(connection, NAME)), outside=("m1",))
    return apply(order_for(app, folder, clearance, route))


@pytest.mark.parametrize("side", ["up", "down"])
def test_a_cut_anywhere_is_ended_by_the_next_deploy(app: Database, tmp_path: Path, side: str) -> None:
    folder, begun = written(tmp_path, MIGRATIONS), set[str]()
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        for at in count():
            cut = Cutter(at)
            outcome = through(proxy, side, cut, lambda: deploy(app, folder, Route(Transport.WEBSOCKET, proxy.url)))
            begun |= {outcome.begun} if isinstance(outcome, Failed) else set()
            straight = deploy(app, folder)
            assert isinstance(straight, NothingToDo) or plan_applied(straight)
            assert sorted(str(name) for (name,) in held.ask(VALID)) == ["email", "id"]
            assert held.ask("select count(*) from users") == [(1,)]
            assert [row[1:] for row in ledger_rows(held)] == [(each.hash, each.when) for each in folder.migrations]
            if cut.seen <= at:
                break
            held.run("drop schema drizzle cascade; drop table users")
    assert begun == {"", "m1"}


def through(proxy: Standin, side: str, cut: Cutter, work: Callable[[], Outcome]) -> Outcome | None:
    """What comes of a deploy whose link is cut; None where no connection was to be had."""
    setattr(proxy.faults, side, cut)
    try:
        return work()
    except UndecidableError:
        return None
    finally:
        setattr(proxy.faults, side, lambda _chunk: False)
