"""Baselines without the gates before them: a folder built on scratch, a target that is compared with it."""

from threading import Lock

from migcheck.clearance import folder_digest
from migcheck.config.config import ApplyConfig
from migcheck.deploy.baseline import baseline
from migcheck.deploy.order import BaselineOrder
from migcheck.deploy.outcome import BaselineOutcome, Different, Recorded
from migcheck.drizzle.folder import Folder
from migcheck.facts.course import Course
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.walk import walk
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from tests.support.deploys import NAME
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

_courses: dict[tuple[str, int], Course] = {}
# Of two baselines at once both ask, and the second would build into the first one's database.
_building = Lock()


def course_of(folder: Folder, server: ScratchServer) -> Course:
    """What `folder` builds on `server`, built once."""
    key = folder_digest(folder), server.description.version
    with _building:
        if key not in _courses:
            _courses[key] = walk(server, Request(folder, None, (), (), name=NAME), PATIENCE)
        return _courses[key]


def order_for(app: Database, folder: Folder, server: ScratchServer, to: int | None = None) -> BaselineOrder:
    """An order to record all of `folder` up to the position `to`, by what the ledger of `app` holds now."""
    with app.connect() as connection:
        ledger = read_ledger(connection, NAME)
    last = len(folder.migrations) - 1 if to is None else to
    settings = ApplyConfig(lock_wait=PATIENCE, lock_timeout=PATIENCE)
    address = parse_address(app.url)
    return BaselineOrder(
        folder,
        last,
        ledger,
        lambda: course_of(folder, server),
        address=address,
        variable="DATABASE_URL",
        settings=settings,
        dry_run=False,
        tell=lambda _line: None,
    )


def recorded(outcome: BaselineOutcome) -> list[str]:
    """The tags that were recorded; they must have been."""
    assert isinstance(outcome, Recorded), outcome
    return [step.tag for step in outcome.plan]


def different(outcome: BaselineOutcome) -> Different:
    """What differs; something must."""
    assert isinstance(outcome, Different), outcome
    return outcome


def baselined(app: Database, folder: Folder, server: ScratchServer, to: int | None = None) -> BaselineOutcome:
    return baseline(order_for(app, folder, server, to))
