"""What the tests of the gate `replay` share."""

from collections.abc import Iterator

import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.servers import Servers, left_clean


@pytest.fixture
def server_16(servers: Servers) -> Iterator[ScratchServer]:
    """Below 17 an enum value cannot be used before commit even where its type is as new as it is."""
    with left_clean(servers.of("embedded", 16)) as server:
        yield server
