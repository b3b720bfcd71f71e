"""Where in a file the configuration is."""

import pytest

from migcheck.config_text import table_of


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
