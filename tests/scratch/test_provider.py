"""The provider's roles on scratch: there for every migration, and no fault where the server has them already."""

import pytest
from tests.support.servers import Servers

from migcheck.config import Provider
from migcheck.postgres.provider import ROLES, provider_prelude

pytestmark = pytest.mark.server


@pytest.mark.parametrize("provider", ROLES)
def test_the_roles_are_there_and_can_do_nothing(servers: Servers, provider: Provider) -> None:
    twice = provider_prelude(provider) * 2
    with servers.another("dsn", 17, prelude=twice) as server:
        server.create_database("app")
        with server.connect("app") as session:
            query = "select rolname from pg_roles where rolname = any(%s) and not (rolcanlogin or rolsuper)"
            there = {str(name) for (name,) in session.execute(query, (list(ROLES[provider]),))}
    assert there == set(ROLES[provider])
    with servers.another("dsn", 17) as server:
        server.create_database("app")
        with server.connect("app") as session:
            left = session.execute("select from pg_roles where rolname = any(%s)", (list(ROLES[provider]),)).fetchall()
    assert left == []


def test_without_a_provider_there_is_nothing_to_run() -> None:
    assert provider_prelude(None) == ""
