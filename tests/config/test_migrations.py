"""What is configured for single migrations: each must be one of some folder."""

from pathlib import Path

import pytest
from tests.support.files import write

from migcheck.config import Config, FolderConfig, MigrationConfig
from migcheck.config_text import parse_config
from migcheck.errors import UsageError
from migcheck.facts.configured_migrations import refuse_unknown_migrations
from migcheck.facts.tree import DiskTree

FOLDERS = {
    "drizzle/meta/_journal.json": "{}",
    "drizzle/0000_users.sql": "",
    "drizzle/0001_big.sql": "",
    "other/20260131120000_tags/migration.sql": "",
}


def refuse(root: Path, *tags: str) -> None:
    """Judge a configuration of one folder that says something of these migrations."""
    config = Config(folder=(FolderConfig("drizzle"),), migration=tuple(MigrationConfig(each) for each in tags))
    refuse_unknown_migrations(config, DiskTree(root), "migcheck.toml")


def test_a_migration_has_timeouts_of_its_own() -> None:
    text = (
        '[[migration]]\ntag = "0001_big"\nstatement_timeout = 3600\n[[migration]]\ntag = "0002_x"\nlock_timeout = 0.5'
    )
    config = parse_config(text, "migcheck.toml")
    assert config is not None
    assert config.migration == (
        MigrationConfig("0001_big", statement_timeout=3600),
        MigrationConfig("0002_x", lock_timeout=0.5),
    )


@pytest.mark.parametrize("tag", ["0001_big", "20260131120000_tags"])
def test_a_migration_of_the_folder_or_of_another_is_one(tmp_path: Path, tag: str) -> None:
    write(tmp_path, FOLDERS)
    refuse(tmp_path, "0000_users", tag)


def test_one_that_is_nowhere_is_refused_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, FOLDERS)
    with pytest.raises(UsageError) as raised:
        refuse(tmp_path, "0000_users", "0001_bigg")
    assert raised.value.problem == "migcheck.toml: [[migration]] names 0001_bigg, and there is no such migration"
    assert raised.value.remedy == "did you mean 0001_big?"


def test_one_of_which_two_tables_speak_is_refused(tmp_path: Path) -> None:
    write(tmp_path, FOLDERS)
    with pytest.raises(UsageError, match=r"two tables \[\[migration\]\] of 0001_big"):
        refuse(tmp_path, "0001_big", "0001_big")
