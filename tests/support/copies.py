"""Copies of a target in tests: read as a rehearsal reads them, and restored on a scratch server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.copy import Copy
from migcheck.facts.read_copy import read_copy
from migcheck.facts.rehearsal import Rehearsal
from migcheck.facts.replay.copied import rehearse_copy
from migcheck.facts.replay.position import request_on_copy
from migcheck.facts.replay.restore import restore
from migcheck.facts.replay.stage import stage_on
from migcheck.postgres.running.ledger import create_ledger, read_ledger
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from tests.support.rehearsals import folder_of, undoing
from tests.support.servers import Servers
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

NAME = LedgerName()


def record(app: Database, migrations: Mapping[str, str]) -> None:
    """Write into `app`'s ledger that these have run; nothing runs."""
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
        for each in folder_of(migrations).migrations:
            connection.execute(
                f"insert into {NAME} (hash, created_at) values (%s, %s)".encode(), (each.hash, each.when)
            )


def copy_of(app: Database, *, lock_seconds: float = PATIENCE) -> Copy:
    """A copy of `app` as it stands."""
    with app.connect() as connection:
        ledger = read_ledger(connection, NAME)
    address = parse_address(app.url, "DATABASE_URL")
    return read_copy(address, ledger, seconds=PATIENCE, lock_seconds=lock_seconds)


@contextmanager
def scratch_like(servers: Servers, app_major: int, copy: Copy) -> Iterator[ScratchServer]:
    """A scratch server of the target's major, with the roles of its copy."""
    with servers.another("local" if app_major == 15 else "embedded", app_major, prelude=copy.prelude) as server:
        yield server


def restored(server: ScratchServer, copy: Copy, database: str = "copied") -> list[str]:
    """Restore `copy` in a new `database` of `server`; what it left out."""
    with stage_on(server, NAME, PATIENCE) as stage:
        stage.create(database)
        return [str(each) for each in restore(stage, database, copy)]


def rehearsed_on(
    server: ScratchServer,
    app: Database,
    copy: Copy,
    migrations: Mapping[str, str],
    rollbacks: Mapping[str, str] | None = None,
    *,
    batching: Batching = Batching.ALL,
) -> Rehearsal:
    """The rehearsal of the folder of `migrations` on `copy`, with `rollbacks` beside them."""
    with app.connect() as connection:
        ledger = read_ledger(connection, NAME)
    folder = undoing(folder_of(migrations), rollbacks or {})
    request = request_on_copy(None, folder, ledger, batching, copy)
    return rehearse_copy(server, request, copy, seconds=PATIENCE)
