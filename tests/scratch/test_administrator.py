"""What an owner sets for every session in its database does not reach the administrator's."""

import pytest
from tests.support.servers import Servers

from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = pytest.mark.server

# What a migration may leave behind, and what an administrator's session has all the same.
SETTINGS = {
    "statement_timeout": ("1ms", "0"),
    "lock_timeout": ("1ms", "0"),
    "idle_in_transaction_session_timeout": ("1ms", "0"),
    "idle_session_timeout": ("1ms", "0"),
    "default_transaction_read_only": ("on", "off"),
    "client_encoding": ("LATIN1", "UTF8"),
    "search_path": ("public", "pg_catalog"),
}
SINCE_17 = {"transaction_timeout": ("1ms", "0")}


@pytest.mark.parametrize("major", [16, 17, 18])
def test_what_a_migration_sets_for_its_database(servers: Servers, major: int) -> None:
    server: ScratchServer = servers.of("embedded", major)
    settings = SETTINGS if major < 17 else {**SETTINGS, **SINCE_17}
    server.create_database("set")
    with server.connect("set") as owner:
        name, role = owner.info.dbname, owner.info.user
        owner.execute(f"ALTER DATABASE {name} SET role = {role}".encode())
        for setting, (value, _) in settings.items():
            owner.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'".encode())
    with server.connect_admin("set") as admin, admin.transaction():
        admin.execute("SELECT pg_catalog.pg_sleep(0.05)")
        found = {each: admin.execute("SELECT current_setting(%s)", (each,)).fetchone() for each in settings}
        assert admin.execute("SELECT current_user::text").fetchone() == (admin.info.user,)
    assert found == {setting: (safe,) for setting, (_, safe) in settings.items()}
    server.drop_database("set")
