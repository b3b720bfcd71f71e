"""Squawk's program: where it is found, and what comes of one that is lacking, another, slow, or broken."""

import sysconfig
import time
from pathlib import Path

import pytest

from migcheck.facts.lint import squawk
from migcheck.facts.lint.opinions import read_opinions
from migcheck.facts.lint.squawk import Unread, print_tree
from migcheck.facts.lint.tree import read_tree
from migcheck.facts.sql.opinions import NotRead
from migcheck.finding import Location
from tests.support.rehearsals import folder_of

REAL = Path(sysconfig.get_path("scripts"), "squawk")
SQL = b"drop table a;"
NONE = Unread("--offline, and there is no Squawk 2.70: pip install 'drizzle-migcheck[squawk]'")
BROKEN = Unread("--offline, and Squawk cannot read the SQL")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory where programs are, empty."""
    monkeypatch.setattr(sysconfig, "get_path", lambda *_: str(tmp_path / "elsewhere"))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(at: Path, then: str, version: str = "squawk 2.70.9") -> None:
    at.parent.mkdir(exist_ok=True)
    at.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo {version}; exit; fi\n{then}\n', "utf-8")
    at.chmod(0o755)


def test_it_is_found_beside_migcheck_itself_before_path(place: Path) -> None:
    program(place / "squawk", "echo 'SOURCE_FILE@0..1'")
    program(place / "elsewhere" / "squawk", "echo 'SOURCE_FILE@0..2'")
    assert print_tree(SQL) == b"SOURCE_FILE@0..2\n"
    (place / "elsewhere" / "squawk").unlink()
    assert print_tree(SQL) == b"SOURCE_FILE@0..1\n"
    program(place / "python" / "squawk", "echo 'SOURCE_FILE@0..3'")
    assert print_tree(SQL) == b"SOURCE_FILE@0..3\n"


def test_where_there_is_none_nothing_is_read(place: Path) -> None:
    assert print_tree(SQL) == NONE
    (place / "squawk").write_text("not a program")
    (place / "squawk").chmod(0o755)
    assert print_tree(SQL) == NONE


def test_another_version_prints_another_tree(place: Path) -> None:
    program(place / "squawk", "echo 'SOURCE_FILE@0..1'", version="squawk 2.71.0")
    assert print_tree(SQL) == NONE


def test_one_below_the_working_directory_is_not_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the repository's own."""
    program(place / "squawk", "echo 'SOURCE_FILE@0..1'")
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", ".")
    assert print_tree(SQL) == NONE


@pytest.mark.parametrize("then", ["exit 1", "kill -ABRT $$", "exec cat /dev/zero"])
def test_one_that_breaks_down_or_never_ends_its_answer(place: Path, then: str) -> None:
    (place / "cat").symlink_to("/bin/cat")
    program(place / "squawk", then)
    assert print_tree(SQL) == BROKEN


def test_one_that_takes_too_long_is_ended(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(squawk, "_SECONDS", 0.2)
    program(place / "squawk", "exec /bin/sleep 60")
    begun = time.monotonic()
    assert print_tree(SQL) == BROKEN
    assert time.monotonic() - begun < 20


def test_nothing_of_the_users_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a configuration that cannot be read, here or above, nor a variable."""
    (tmp_path / ".squawk.toml").write_text("no toml [", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SQUAWK_DISABLE_GITHUB_ANNOTATIONS", "x")
    printed = print_tree(SQL)
    assert isinstance(printed, bytes)
    assert [each.kind for each in read_tree(printed).statements] == ["DROP_TABLE"]
    assert REAL.is_file()


def test_a_tree_has_statements_with_their_bytes_and_says_where_it_errs() -> None:
    printed = print_tree("-- é\nselect 1;alter table a drop;\n/* x */".encode())
    assert isinstance(printed, bytes)
    tree = read_tree(printed)
    assert [(each.kind, each.start, each.end) for each in tree.statements] == [
        ("COMMENT", 0, 5),
        ("SELECT", 6, 15),
        ("ALTER_TABLE", 15, 34),
        ("COMMENT", 35, 42),
    ]
    assert tree.errors == [33]
    assert read_tree(b"") == read_tree(b"what is this\n") == read_tree(b"SOURCE_FILE@0..0\n\n")


def test_opinions_on_more_than_it_is_asked_of_are_said_to_be_missing() -> None:
    much = folder_of({"0000_seed": f"select '{'a' * (1 << 20)}';"}).migrations
    told = read_opinions(much, ["ban-char-field"], "migcheck.toml")
    assert isinstance(told, NotRead)
    assert (told.at, told.reason) == (Location("migcheck.toml"), "of more than 1 MiB of new SQL nothing is asked")
    assert read_opinions(much, [], "migcheck.toml") == ()
