"""A baseline over a WebSocket: the same rows, and no cut that leaves a part of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from migcheck.deploy.baseline import baseline
from migcheck.deploy.outcome import BaselineOutcome, NothingToDo, Recorded, Refused
from migcheck.drizzle.folder import Folder
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from migcheck.route import Route, Transport
from tests.support.baselines import order_for
from tests.support.deploys import ledger_rows
from tests.support.rehearsals import folder_of
from tests.support.standin import Cutter, Standin, standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

SQL = {"0000_users": "create table users (id int);", "0001_posts": "create table posts (id int);"}
LEDGER = "select from pg_tables where tablename = '__drizzle_migrations'"


ANEW = "the connection was lost: reading back over another"


def over(
    proxy: Standin,
    app: Database,
    folder: Folder,
    server: ScratchServer,
    tell: Callable[[str], None] = lambda _line: None,
) -> BaselineOutcome:
    address = parse_address(app.url, route=Route(Transport.WEBSOCKET, proxy.url))
    return baseline(replace(order_for(app, folder, server), address=address, tell=tell))


@pytest.mark.parametrize("side", ["up", "down"])
def test_a_cut_anywhere_leaves_all_rows_or_none(app: Database, server: ScratchServer, side: str) -> None:
    """Before each thing that is said (`up`) and before each answer, of every link that the baseline makes."""
    app.run(*SQL.values())
    # Not reached, cut before and after the commit, which is read back over another connection, and undisturbed.
    every = {(type(None), False), (Refused, False), (Recorded, True), (Recorded, False)}
    ends = set[tuple[type, bool]]()
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        # The system hands on in one chunk or in two what is said: where two came, a walk stepped over one of the ends.
        for _ in range(3):
            ends.update(walked(proxy, app, held, server, side))
            if ends == every:
                break
    assert ends == every


def walked(
    proxy: Standin, app: Database, held: Database, server: ScratchServer, side: str
) -> Iterator[tuple[type, bool]]:
    """How each ended that was cut before the first chunk, before the second, and so on; the last one was not cut.

    And whether it was read back over another connection.
    """
    folder = folder_of(SQL)
    for at in count():
        cutter, told = Cutter(at), list[str]()
        setattr(proxy.faults, side, cutter)
        try:
            outcome: BaselineOutcome | None = over(proxy, app, folder, server, told.append)
        except UndecidableError:
            outcome = None
        setattr(proxy.faults, side, lambda _chunk: False)
        kept = bool(held.ask(LEDGER))
        assert kept == isinstance(outcome, Recorded), (at, outcome)
        if isinstance(outcome, Recorded):
            assert outcome.read_back, (at, outcome)
            assert [row[1:] for row in ledger_rows(held)] == [(each.hash, each.when) for each in folder.migrations]
            assert over(proxy, app, folder, server) == NothingToDo()
            held.run("drop schema drizzle cascade")
        else:
            assert outcome is None or isinstance(outcome, Refused), (at, outcome)
        yield type(outcome), ANEW in told
        if cutter.seen <= at:
            break
