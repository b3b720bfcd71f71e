"""The deploy step alone beside drizzle-orm's migrator: the same pending migrations, at the same distance."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from msgspec import Struct
from tests.support.standin import Standin, standin
from tests.support.target_server import Database, TargetServer

from benchmarks.distance import distant
from benchmarks.folders import without_snapshots
from migcheck.clearance import Clearance, folder_digest, plan_of
from migcheck.config.config import ApplyConfig
from migcheck.deploy.fate import Progress
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Applied
from migcheck.deploy.run import run
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.target.address import parse_address
from migcheck.postgres.target.connecting import connect
from migcheck.route import Route, Transport

MIGRATIONS = 100
NODE = Path(__file__).resolve().parent.parent / "tests" / "node"


class Pending(Struct, frozen=True):
    """A folder of which nothing is applied, and where it lies."""

    folder: Folder
    path: Path


def pending(work: Path) -> Pending:
    """100 migrations."""
    without_snapshots(work / "migrations", MIGRATIONS)
    return Pending(read_folder(DiskTree(work), "migrations"), work / "migrations")


def side_by_side(
    server: TargetServer, pending: Pending, runs: int, *, round_trip: float, websocket: bool
) -> tuple[float, float]:
    """Median seconds of the deploy (connected; lock, read, run, rows, read back) and of drizzle-orm's `migrate()`.

    `round_trip` is seconds. Over a WebSocket, Drizzle goes with Neon's own client, and both through one proxy.
    """
    ours, theirs = [], []
    with distant(server.port, round_trip) as port, _proxied(port, websocket=websocket) as proxy:
        for _ in range(runs):
            ours.append(_deploy(replace(server.database(), port=port), pending.folder, proxy))
            theirs.append(_migrate(replace(server.database(), port=port), pending.path, proxy))
    return median(ours), median(theirs)


@contextmanager
def _proxied(port: int, *, websocket: bool) -> Iterator[Standin | None]:
    if not websocket:
        yield None
        return
    with standin(("127.0.0.1", port)) as proxy:
        yield proxy


def _deploy(app: Database, folder: Folder, proxy: Standin | None) -> float:
    steps = plan_of(folder.migrations)
    clearance = Clearance(folder.path, folder_digest(folder), LedgerName(), steps, Batching.ALL, "", ())
    route = Route() if proxy is None else Route(Transport.WEBSOCKET, proxy.url)
    address = parse_address(app.url, route=route)
    order = Order(
        clearance,
        folder,
        address=address,
        variable="DATABASE_URL",
        settings=ApplyConfig(),
        dry_run=False,
        tell=lambda _line: None,
    )
    with connect(address, "bench") as connection:
        begun = time.perf_counter()
        outcome = run(connection, order, Progress())
        took = time.perf_counter() - begun
    assert isinstance(outcome, Applied), outcome
    return took


def _migrate(app: Database, folder: Path, proxy: Standin | None) -> float:
    way = ["--driver", "pg"] if proxy is None else ["--driver", "neon", "--proxy", proxy.url]
    command = ["node", "migrate.mjs", "--url", app.url, "--folder", str(folder), *way]
    result = json.loads(subprocess.run(command, cwd=NODE, check=True, capture_output=True, text=True).stdout)
    return float(result["ms"]) / 1000
