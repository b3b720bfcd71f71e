"""Whose database a push goes to: of several configurations, the folder's."""

import pytest

from migcheck.scripts.configs import Configs

POSTGRES = b'export default { dialect: "postgresql", out: "%s" };'
SQLITE = b'export default { dialect: "sqlite", out: "./drizzle" };'
UNREAD = b'export default { dialect: "postgresql", out: where() };'


def configs(folder: str = "packages/db/drizzle", **files: bytes) -> Configs:
    named = {path.replace("__", "/").replace("_", "."): content for path, content in files.items()}
    return Configs(named, folder, frozenset({folder, "apps/other/drizzle"}))


MANY = configs(
    packages__db__drizzle_config_ts=POSTGRES % b"./drizzle",
    packages__db__drizzle_prod_config_ts=POSTGRES % b"./nowhere",
    packages__db__drizzle_other_config_ts=POSTGRES % b"../../apps/other/drizzle",
    packages__db__drizzle_lite_config_ts=SQLITE,
    apps__other__drizzle_config_ts=POSTGRES % b"./drizzle",
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


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('process.env.TEST_DATABASE_URL || "postgres://localhost:5433/x"', False),
        ("process.env.DATABASE_URL_TEST!", False),
        ("process.env['TEST_DB_URL']!", False),
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
