"""A target's schema is copied over a WebSocket: the session and `pg_dump`, each over a link of its own."""

import pytest

from migcheck.drizzle.ledger import Ledger
from migcheck.facts.read_copy import read_copy
from migcheck.postgres.target.address import Address
from tests.support.copies import NAME
from tests.support.standin import Standin
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server


def test_a_copy_over_a_websocket(app: Database, address: Address, proxy: Standin) -> None:
    app.run("create table users (id int)")
    copy = read_copy(address, Ledger(NAME, exists=False), seconds=PATIENCE, lock_seconds=PATIENCE)
    assert "CREATE TABLE public.users" in copy.sql
    assert (copy.name, len(proxy.links)) == (f"127.0.0.1:{app.port}/{app.name}", 2)
