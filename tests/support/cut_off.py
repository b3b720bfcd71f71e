"""Deploys of a small folder that are cut off at a message: on the way there, over TCP or a WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from msgspec import structs

from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Outcome
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching
from migcheck.route import Route, Transport
from tests.support.deploys import cleared, ledger_rows, order_for, tables, written
from tests.support.target_server import Database

BREAK = "\n--> statement-breakpoint\n"
TWO = {
    "0000_users": BREAK.join(["create table a_users (id int);", "insert into a_users values (1);"]),
    "0001_posts": BREAK.join(["create table b_posts (id int);", "alter table a_users add column name text;"]),
}
OURS = "select from pg_stat_activity where application_name = 'migcheck apply'"

WALKED = pytest.mark.parametrize(
    ("transport", "batching"),
    [(Transport.TCP, Batching.ALL), (Transport.WEBSOCKET, Batching.ALL), (Transport.WEBSOCKET, Batching.EACH)],
)


@dataclass(frozen=True)
class Way:
    """How a deploy that will die reaches its server: `to` is the port in front of which a relay goes.

    It deploys `migrations`, those with a tag of `outside` outside of a transaction.
    """

    app: Database
    to: int
    transport: Transport
    migrations: Mapping[str, str] = field(default_factory=lambda: TWO)
    outside: tuple[str, ...] = ()

    def deploy(self, root: Path, port: int, batching: Batching) -> Outcome:
        """Deploy the folder below `root` through the relay at `port`; in a process of its own, where that will die."""
        folder = written(root, self.migrations)
        clearance = structs.replace(cleared(folder, batching=batching), outside=self.outside)
        if self.transport is Transport.TCP:
            return apply(order_for(replace(self.app, port=port), folder, clearance))
        route = Route(self.transport, f"ws://127.0.0.1:{port}/v1")
        return apply(order_for(self.app, folder, clearance, route))


def rows_in_order(app: Database, folder: Folder) -> int:
    """How many rows the ledger has: those of the first migrations."""
    there = app.ask("select from pg_tables where tablename = '__drizzle_migrations'")
    rows = [row[1:] for row in ledger_rows(app)] if there else []
    assert rows == [(each.hash, each.when) for each in folder.migrations][: len(rows)]
    return len(rows)


def rows_that_agree(app: Database, folder: Folder) -> int:
    """How many rows the ledger has: of the first migrations, and the schema is what these make."""
    rows = rows_in_order(app, folder)
    assert tables(app) == ["a_users", "b_posts"][:rows]
    return rows
