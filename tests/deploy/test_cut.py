"""A deploy whose link is cut anywhere says what happened, and the next one does the rest."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from migcheck.deploy.outcome import Applied, Failed, NothingToDo
from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError
from migcheck.route import Transport
from tests.support.cut_off import OURS, TWO, WALKED, Way, rows_that_agree
from tests.support.deploys import deploy, plan_applied, written
from tests.support.relay import relay
from tests.support.standin import standin
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.server


def cut_at(point: int, way: Way, root: Path, batching: Batching) -> tuple[bool, str, int]:
    """Deploy, and cut the link behind `point` messages: whether it came to that, what is said, of how many steps."""
    with ThreadPoolExecutor(2) as pool, relay(way.to) as between:
        deploying = pool.submit(way.deploy, root, between.port, batching)
        cut = threading.Event()
        between.carry(point, cut.set)
        pool.submit(between.carry_on)
        try:
            outcome = deploying.result(PATIENCE)
        except UndecidableError:
            return cut.is_set(), "Undecided", 0
    assert isinstance(outcome, Applied | Failed), outcome
    steps = outcome.plan if isinstance(outcome, Applied) else outcome.applied
    return cut.is_set(), type(outcome).__name__, len(steps)


@WALKED
def test_the_link_is_cut_at_each_message(
    app: Database, tmp_path: Path, transport: Transport, batching: Batching
) -> None:
    """As the server can be reached again, nothing is `Unknown`."""
    folder, said = written(tmp_path, TWO), set[tuple[str, int]]()
    with standin(("127.0.0.1", app.port)) as proxy, app.held() as held:
        way = Way(app, app.port if transport is Transport.TCP else proxy.port, transport)
        for point in itertools.count(1):
            held.run("drop schema if exists drizzle cascade", "drop table if exists a_users, b_posts")
            cut, told, steps = cut_at(point, way, tmp_path, batching)
            said.add((told, steps))
            assert eventually(lambda: not held.ask(OURS))
            assert rows_that_agree(held, folder) == steps, (point, told)
            outcome = deploy(app, folder)
            assert isinstance(outcome, NothingToDo) or plan_applied(outcome) == list(TWO)[steps:], point
            assert rows_that_agree(held, folder) == len(TWO), point
            if not cut:
                break
    between = {("Failed", 1)} if batching is Batching.EACH else set()
    assert said == {("Undecided", 0), ("Failed", 0), ("Applied", 2)} | between
