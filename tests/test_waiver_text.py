"""Waivers are put into a configuration of which not a byte is changed."""

from datetime import date

import pytest

from migcheck.config.config import WaiverConfig
from migcheck.config.text import parse_config
from migcheck.errors import UsageError
from migcheck.waiver_text import add_waivers

NEW = (
    WaiverConfig("MC507", '0001_ä "quoted" \\', "because\tof that", date(2030, 1, 2)),
    WaiverConfig("MC508", "0002_b", "agreed", date(2030, 1, 3)),
)
OLD = "code = 'MC201'\nmigration = 'x'\nreason = 'r'\nuntil = 2030-01-01\n"


def added(text: str, table: tuple[str, ...] = ()) -> str:
    return add_waivers(text, "migcheck.toml", table, NEW)


def waivers(text: str, table: tuple[str, ...] = ()) -> list[str]:
    config = parse_config(text, "", table)
    return [each.code for each in config.waiver] if config else []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# top\nbase = 'main' # why\n\n[scratch]\nkind='auto'\n# end",
        f"[[waiver]] # the first\n{OLD}\n# about apply\n[apply]\nlock_timeout=3\n",
    ],
)
def test_what_was_there_is_what_it_begins_with(text: str) -> None:
    assert added(text).startswith(text)
    assert waivers(added(text)) == [*waivers(text), "MC507", "MC508"]


def test_the_text_of_new_ones() -> None:
    assert added("base = 'main'\n") == (
        "base = 'main'\n"
        "\n"
        '[[waiver]]\ncode = "MC507"\nmigration = "0001_ä \\"quoted\\" \\\\"\nreason = "because\\tof that"\n'
        "until = 2030-01-02\n"
        "\n"
        '[[waiver]]\ncode = "MC508"\nmigration = "0002_b"\nreason = "agreed"\nuntil = 2030-01-03\n'
    )


def test_one_of_a_folder_names_it() -> None:
    new = (WaiverConfig("MC507", "0001_a", "agreed", date(2030, 1, 2), "b/drizzle"),)
    said = {'code = "MC507"', 'migration = "0001_a"', 'folder = "b/drizzle"', 'reason = "agreed"', "until = 2030-01-02"}
    assert set(add_waivers("", "migcheck.toml", (), new).splitlines()) == {"[[waiver]]", *said}


def test_a_character_that_json_may_hold_and_toml_may_not_is_escaped() -> None:
    new = (WaiverConfig("MC507", "0001_a", "a\x7fb", date(2030, 1, 2)),)
    assert 'reason = "a\\u007fb"' in add_waivers("", "migcheck.toml", (), new).splitlines()


def test_in_pyproject_they_stand_below_the_tool() -> None:
    table = ("tool", "migcheck")
    for text in (
        "[tool.migcheck]\nbase = 'main'\n\n[tool.ruff]\nline-length = 3\n",
        f"[[tool.migcheck.waiver]]\n{OLD}\n[project]\nname = 'x'\n[tool.migcheck.apply]\nlock_timeout = 3\n",
    ):
        assert added(text, table).startswith(f"{text}\n[[tool.migcheck.waiver]]\n")
        assert waivers(added(text, table), table) == [*waivers(text, table), "MC507", "MC508"]


def test_line_ends_are_as_they_were() -> None:
    text = "base = 'main'\r\n"
    assert added(text).startswith(text)
    assert added(text).count("\n") == added(text).count("\r\n") == 13


def test_a_table_that_nothing_can_be_added_to_is_refused() -> None:
    with pytest.raises(UsageError, match=r"pyproject\.toml: waivers cannot be added without changing the rest"):
        add_waivers("tool = { migcheck = { base = 'main' } }\n", "pyproject.toml", ("tool", "migcheck"), NEW)
    for listed in (
        "waiver = []\n",
        "waiver = [\n  {code = 'MC201', migration = 'x', reason = 'r', until = 2030-01-01},\n]",
    ):
        with pytest.raises(UsageError, match=r"migcheck\.toml: waivers cannot be added") as raised:
            added(listed)
        assert raised.value.remedy == "write them by hand: `migcheck waive --landed --dry-run` shows them"
    with pytest.raises(UsageError, match=r"migcheck\.toml:1: this is not TOML"):
        added("base = \n")
