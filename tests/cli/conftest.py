"""A target for the commands that have one."""

from collections.abc import Iterator

import pytest
from tests.support.target_server import Database, TargetServer, running


@pytest.fixture(scope="package")
def target_server() -> Iterator[TargetServer]:
    """A running Postgres."""
    with running() as server:
        yield server


@pytest.fixture
def app(target_server: TargetServer) -> Database:
    """An empty database with its owner."""
    return target_server.database()
