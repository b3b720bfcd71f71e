"""One server of each major: catalogues depend on the major, not on where the server came from."""

import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.servers import Servers

MAJORS = [
    pytest.param(("local", 15), id="15", marks=pytest.mark.debian),
    *(pytest.param(("embedded", major), id=str(major)) for major in (16, 17, 18)),
]


@pytest.fixture(scope="session", params=MAJORS)
def each_major(request: pytest.FixtureRequest, servers: Servers) -> ScratchServer:
    return servers.of(*request.param)
