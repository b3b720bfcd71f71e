"""A migcheck.toml that was made to exhaust whoever reads it."""

from pathlib import Path

import pytest

from migcheck.errors import UsageError
from migcheck.facts.history.judge_changes import judge_changes
from tests.support.command import Command
from tests.support.configuration import load
from tests.support.files import write
from tests.support.growth import LINEAR, growth
from tests.support.histories import a_landed_folder
from tests.support.repositories import GitRepository

NAME = "migcheck.toml"


def waivers(first: int, last: int) -> str:
    each = '[[waiver]]\ncode = "MC110"\nmigration = "{}"\nreason = "why"\nuntil = 2030-01-01\n'
    return "".join(each.format(number) for number in range(first, last))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#" + "x" * 50_000_000, f"{NAME} cannot be read: it is larger than 16 MiB"),
        ("#" + "x" * 2_000_000, f"{NAME} is larger than 1024 KiB"),
        (waivers(0, 100_000), f"{NAME} is larger than 1024 KiB"),
        ("base = " + "[" * 100_000, f"{NAME} is nested too deeply to be read"),
        ("base = " + "{a=" * 100_000, f"{NAME} is nested too deeply to be read"),
        ("base = " + "1" * 100_000, f"{NAME} holds a value that cannot be read: Exceeds the limit"),
        ("base = 2026-02-31", f"{NAME}:1: this is not TOML"),
        ("\n" + "a." * 100_000 + "b = 1", f"{NAME}:2: a key of more than 100 parts"),
        ("x = { " + "a . " * 100_000 + "b = 1 }", f"{NAME}:1: a key of more than 100 parts"),
        ("[" + '"a".' * 100_000 + "b]", f"{NAME}:1: a key of more than 100 parts"),
    ],
    ids=[
        "50 MB",
        "2 MB",
        "waivers",
        "lists",
        "tables",
        "digits",
        "day",
        "parts",
        "parts in a table",
        "parts of a header",
    ],
)
def test_it_is_told_at_once(command: Command, a_repo: GitRepository, text: str, told: str) -> None:
    a_landed_folder(a_repo)
    a_repo.write({NAME: text})
    ran = command("verify", "--offline", cwd=a_repo.top)
    assert (ran.code, told in ran.err) == (2, True), ran.err[:500]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 3_000 + "]" * 3_000, "sub/pyproject.toml is nested too deeply to be read"),
        ("1\n" + "a." * 100_000 + "b = 1", "sub/pyproject.toml:3: a key of more than 100 parts"),
        ("'" + "x" * 2_000_000 + "'", "sub/pyproject.toml is larger than 1024 KiB"),
    ],
    ids=["lists", "parts", "2 MB"],
)
def test_a_pyproject_that_lies_below_is_told_as_one_that_is_read(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, {"sub/pyproject.toml": f"# migcheck\na = {text}\n"})
    with pytest.raises(UsageError) as raised:
        load(tmp_path, tracked=("sub/pyproject.toml",))
    assert raised.value.problem == told


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a." * 100_000 + "b = 1", "a = " + "1" * 100_000])
def test_one_that_landed_is_only_said_to_have_changed(text: str) -> None:
    assert list(judge_changes(NAME, text.encode(), b"")) == [f"{NAME}: changed"]


def test_dots_that_are_no_key_do_no_harm(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.write({NAME: f"# {'.' * 500}\n# {'. ' * 500}\n[[folder]]\npath = 'drizzle'\n"})
    assert command("verify", "--offline", cwd=a_repo.top).code == 0


def test_waivers_are_compared_in_linear_time() -> None:
    def compare(count: int) -> list[str]:
        return list(judge_changes(NAME, waivers(0, count).encode(), waivers(count, 2 * count).encode()))

    assert len(compare(10)) == 20
    assert growth(compare, 200) < LINEAR
