"""What the tests of the gate `replay` share."""

import pytest

from migcheck.postgres.scratch import ScratchServer
from tests.support.servers import Servers


@pytest.fixture
def server_16(servers: Servers) -> ScratchServer:
    """Below 17 an enum value cannot be used before commit even where its type is as new as it is."""
    return servers.of("embedded", 16)
