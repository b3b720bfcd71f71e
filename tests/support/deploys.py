"""Deploys without a rehearsal before them: a clearance as a clean verdict would give it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from migcheck.clearance import Clearance, folder_digest, plan_of
from migcheck.config.config import ApplyConfig
from migcheck.deploy.apply import apply
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Applied, Outcome
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, pending
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.running.ledger import create_ledger, read_ledger
from migcheck.postgres.target.address import parse_address
from migcheck.route import Route, Transport
from tests.support.folders import a_folder
from tests.support.standin import standin
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

NAME = LedgerName()

# What does not end before the gate is open. It asks again and again: a lock that it waited for has a timeout.
AT_THE_GATE = "while not pg_try_advisory_xact_lock(4711) loop perform pg_sleep(0.02); end loop;"


def written(where: Path, migrations: Mapping[str, str | bytes], when: Mapping[str, int] | None = None) -> Folder:
    """The folder of these migrations, written below `where` and read again."""
    a_folder(where / "drizzle", migrations, when=when, snapshots=False)
    return read_folder(DiskTree(where), "drizzle")


def cleared(
    folder: Folder,
    ledger: Ledger | None = None,
    batching: Batching = Batching.ALL,
    change: tuple[str, ...] = (),
    name: LedgerName = NAME,
) -> Clearance:
    """The clearance to run what is pending on `ledger`."""
    due = pending(folder, ledger or Ledger(name))
    return Clearance(folder.path, folder_digest(folder), name, plan_of(due), batching, "", change)


def order_for(
    app: Database, folder: Folder, clearance: Clearance | None = None, route: Route | None = None, **settings: float
) -> Order:
    """An order that waits as long as a slow machine needs and tries once, cleared for what is pending on `app` now."""
    if clearance is None:
        with app.connect() as connection:
            clearance = cleared(folder, read_ledger(connection, NAME))
    patient = ApplyConfig(lock_wait=PATIENCE, lock_timeout=PATIENCE, retry_for=0.0)
    return Order(
        clearance,
        folder,
        address=parse_address(app.url, route=route),
        variable="DATABASE_URL",
        settings=replace(patient, **settings),
        dry_run=False,
        tell=lambda _line: None,
    )


def deploy(
    app: Database, folder: Folder, clearance: Clearance | None = None, route: Route | None = None, **settings: float
) -> Outcome:
    return apply(order_for(app, folder, clearance, route, **settings))


@contextmanager
def way_to(app: Database, transport: Transport) -> Iterator[Route]:
    """How `app` is reached: over TCP, or over a WebSocket through a stand-in of Neon's proxy."""
    with standin(("127.0.0.1", app.port)) as proxy:
        yield Route(transport, proxy.url)


def deploy_at(app: Database, root: Path) -> None:
    """Bring `app` to the folder `root`/drizzle: what a test begins with needs no verdict of its own."""
    outcome = deploy(app, read_folder(DiskTree(root), "drizzle"))
    assert isinstance(outcome, Applied), outcome


def keep_ledger(app: Database, root: Path, *rows: tuple[str, int]) -> None:
    """Write the rows that a deploy of `root`/drizzle leaves, and `rows` behind them: each a hash and a `created_at`."""
    folder = read_folder(DiskTree(root), "drizzle")
    with app.connect() as connection:
        create_ledger(connection, NAME, folder.layout)
        held = [(each.hash, each.when) for each in folder.migrations]
        for row in [*held, *rows]:
            connection.execute(f"insert into {NAME} (hash, created_at) values (%s, %s)".encode(), row)


@contextmanager
def gate(app: Database) -> Iterator[Callable[[], None]]:
    """A gate that is closed; gives what opens it."""
    with app.connect() as keeper:
        keeper.execute("select pg_advisory_lock(4711)")
        yield keeper.close


def ledger_rows(app: Database, name: LedgerName = NAME) -> list[tuple[object, ...]]:
    return app.ask(f'select id, hash, created_at from "{name.schema}"."{name.table}" order by id')


def tables(app: Database) -> list[str]:
    query = "select tablename::text from pg_tables where schemaname = 'public' order by 1"
    return [str(name) for (name,) in app.ask(query)]


def plan_applied(outcome: Outcome) -> list[str]:
    """The tags of the plan; it must have been applied."""
    assert isinstance(outcome, Applied), outcome
    return [step.tag for step in outcome.plan]
