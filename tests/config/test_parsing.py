"""Where in a file the configuration is, and what is made of its values."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from migcheck.config.config import Config, FolderConfig, WaiverConfig
from migcheck.config.text import parse_config, table_of


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("pyproject.toml", ("tool", "migcheck")),
        ("packages/db/pyproject.toml", ("tool", "migcheck")),
        ("migcheck.toml", ()),
        ("old-pyproject.toml", ()),
    ],
)
def test_only_a_pyproject_has_a_table_for_it(path: str, table: tuple[str, ...]) -> None:
    assert table_of(path) == table


def test_what_is_around_a_text_is_no_part_of_it() -> None:
    text = '''
[[folder]]
path = " drizzle "
[[waiver]]
code = "MC110"
migration = "0001_x"
reason = """
never applied
"""
until = "2027-01-31"
'''
    waiver = WaiverConfig("MC110", "0001_x", "never applied", date(2027, 1, 31))
    assert parse_config(text, "", ()) == Config(folder=(FolderConfig("drizzle"),), waiver=(waiver,))


def test_a_configuration_does_not_cost_what_json_does() -> None:
    """Pydantic takes a tenth of a second to load, and most runs have a configuration.

    A hook looks for the names of files alone, and waits for no parser.
    """
    code = (
        "import sys; from migcheck.config.text import parse_config; parse_config('base = \"main\"', '', ());"
        "import migcheck.facts.configuration.config, migcheck.facts.hook.staged_change;"
        "print({'pydantic', 'tree_sitter', 'migcheck.typescript.exported'} & {*sys.modules})"
    )
    checks = Path(__file__).parents[2] / "checks"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=checks)
    assert told.stdout == "set()\n"
