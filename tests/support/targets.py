"""A target server for the whole run, and fresh databases on it."""

from collections.abc import Iterator

import pytest

from tests.support.target_server import Database, TargetServer, running


@pytest.fixture(scope="session")
def target_server() -> Iterator[TargetServer]:
    with running() as server:
        yield server


@pytest.fixture
def app(target_server: TargetServer) -> Iterator[Database]:
    """An empty database as a provider gives it: owned by a role that is not a superuser."""
    with target_server.lent() as app:
        yield app
