"""Whose database a push goes to: of several configurations, the folder's."""

import pytest

from migcheck.scripts.configs import Configs

POSTGRES = b'export default { dialect: "postgresql", out: "%s" };'
SQLITE = b'export default { dialect: "sqlite", out: "./drizzle" };'
UNREAD = b'export default { dialect: "postgresql", out: where() };'


def configs(folder: str = "packages/db/drizzle", **files: bytes) -> Configs:
    named = {path.replace("__", "/").replace("_", "."): content for path, content in files.items()}
    return Configs(named, folder, frozenset({folder, "apps/other/drizzle"}))


OTHER = POSTGRES % b"./drizzle"
MANY = configs(
    packages__db__drizzle_config_ts=POSTGRES % b"./drizzle",
    packages__db__drizzle_prod_config_ts=POSTGRES % b"./nowhere",
    packages__db__drizzle_other_config_ts=POSTGRES % b"../../apps/other/drizzle",
    packages__db__drizzle_lite_config_ts=SQLITE,
    apps__other__drizzle_config_ts=OTHER,
    apps__lite__drizzle_config_ts=SQLITE,
)


@pytest.mark.parametrize(
    ("directory", "named", "expected"),
    [
        ("packages/db", "", True),
        ("packages/db", "./drizzle.prod.config.ts", True),
        (".", "packages/db/drizzle.config.ts", True),
        ("packages/db", "drizzle.other.config.ts", False),
        ("packages/db", "drizzle.lite.config.ts", False),
        ("packages/db", "gone.config.ts", False),
        ("packages/db", "$CONFIG", False),
        ("apps/other", "", False),
        ("apps/lite", "", False),
        (".", "", False),
        (None, "", False),
    ],
)
def test_the_configuration_that_is_taken_says_whose_it_is(directory: str | None, named: str, *, expected: bool) -> None:
    assert MANY.concern(directory, named) is expected


def test_where_nobody_knows_the_directory_the_only_configuration_is_meant() -> None:
    assert configs(drizzle_config_ts=POSTGRES % b"packages/db/drizzle").concern(None, "")
    assert not configs().concern(None, "")


def test_what_cannot_be_read_is_the_folders_where_it_is_the_nearest_above() -> None:
    found = configs(packages__db__drizzle_config_ts=UNREAD, drizzle_config_ts=UNREAD)
    assert (found.concern("packages/db", ""), found.concern(".", "")) == (True, False)


def test_a_folder_is_named_from_where_drizzle_kit_is_run() -> None:
    found = configs("apps/web/drizzle", apps__web__server__db__drizzle_config_ts=POSTGRES % b"drizzle")
    assert found.concern("apps/web", "./server/db/drizzle.config.ts")


def test_of_folders_of_one_name_the_nearest_is_named() -> None:
    found = configs("drizzle", drizzle_config_ts=OTHER, apps__other__drizzle_config_ts=OTHER)
    assert (found.concern(".", ""), found.concern("apps/other", "")) == (True, False)
    assert configs("apps/other/drizzle", apps__other__drizzle_config_ts=OTHER).concern("apps/other", "")
    # One that is run at the root has the root's, where there is no other.
    assert Configs(found.files, "drizzle", frozenset({"drizzle"})).concern("apps/other", "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('process.env.TEST_DATABASE_URL || "postgres://localhost:5433/x"', False),
        ("process.env.DATABASE_URL_TEST!", False),
        ("process.env['TEST_DB_URL']!", False),
        ("process.env.E2E_DATABASE_URL", False),
        ("process.env.LOCAL_DATABASE_URL!", False),
        ("process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL", True),
        ("process.env.DATABASE_URL!", True),
        ("process.env.LATEST_DATABASE_URL!", True),
        ("process.env.DATABASE_URL_CONTEST", True),
        ("testUrl", True),
    ],
)
def test_a_configuration_beside_the_folders_may_be_of_the_database_of_tests(address: str, *, expected: bool) -> None:
    ours = POSTGRES % b"./migrations"
    beside = f'export default {{ dialect: "postgresql", schema: "t.ts", dbCredentials: {{ url: {address} }} }};'
    found = configs("migrations", drizzle_config_ts=ours, drizzle_test_config_ts=beside.encode())
    assert (found.concern(".", ""), found.concern(".", "drizzle.test.config.ts")) == (True, expected)
    naming = beside.replace("schema:", 'out: "./migrations", schema:').encode()
    found = configs("migrations", drizzle_config_ts=ours, drizzle_test_config_ts=naming)
    assert found.concern(".", "drizzle.test.config.ts")


AT = 'export default {{ dialect: "postgresql", schema: "t.ts", dbCredentials: {{ {} }} }};'


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ('url: "postgres://localhost/test"', True),
        ('url: "postgresql://u:p@127.0.0.1:5433/test"', True),
        ('host: "localhost", port: 5432, user: process.env.USER, database: "test"', True),
        ('host: "::1", database: "test"', True),
        ('connectionString: "postgres://localhost:5432/test"', True),
        ('url: process.env.DATABASE_URL ?? "postgres://localhost/test"', False),
        ("url: `postgres://localhost/${process.env.NAME}`", False),
        ('url: "postgres://db.example.org/x"', False),
        ('host: "db.example.org", database: "x"', False),
        ('url: "postgres://localhost/test", host: process.env.HOST', False),
        ('...other, url: "postgres://localhost/test"', False),
        ("", False),
    ],
)
def test_a_constant_address_of_this_machine_is_whoever_runs_it(credentials: str, *, expected: bool) -> None:
    found = configs(drizzle_test_config_ts=AT.format(credentials).encode())
    assert found.are_local(".", "drizzle.test.config.ts") is expected
    assert found.are_local(None, "") is expected
    assert not found.are_local(".", "")


def test_of_several_configurations_each_has_to_be_of_this_machine_where_nobody_knows_which_is_taken() -> None:
    local = AT.format('host: "localhost"').encode()
    assert not configs(a__drizzle_config_ts=local, b__drizzle_config_ts=POSTGRES % b"x").are_local(None, "")
    assert not configs().are_local(None, "")
