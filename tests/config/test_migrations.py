"""What is configured for single migrations."""

from migcheck.config.config import MigrationConfig
from migcheck.config.text import parse_config


def test_a_migration_has_timeouts_of_its_own() -> None:
    text = (
        '[[migration]]\ntag = "0001_big"\nstatement_timeout = 3600\n[[migration]]\ntag = "0002_x"\nlock_timeout = 0.5'
    )
    config = parse_config(text, "migcheck.toml", ())
    assert config is not None
    assert config.migration == (
        MigrationConfig("0001_big", statement_timeout=3600),
        MigrationConfig("0002_x", lock_timeout=0.5),
    )
