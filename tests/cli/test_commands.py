"""The commands that need no folder, and what all of them share."""

import json
import re
from pathlib import Path

import pytest
from tests.support.command import Command, migcheck

from migcheck import __version__
from migcheck.catalogue import rule_pages

COMMANDS = ("verify", "apply", "baseline", "status", "explain", "rules")


@pytest.mark.parametrize("command_name", ["", *COMMANDS])
def test_help_reads_well_at_eighty_columns(command: Command, command_name: str) -> None:
    ran = command(*command_name.split(), "--help", env={"COLUMNS": "80"})
    assert ran.code == 0
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert "..." not in ran.out.replace("[ARGS]...", "")
    assert "\x1b" not in ran.out


def test_an_option_means_the_same_in_every_command(command: Command) -> None:
    told: dict[str, set[str]] = {}
    for name in COMMANDS:
        text = command(name, "--help", env={"COLUMNS": "200"}).out
        for option, words in re.findall(r"^ +(?:-\w, )?(--[\w-]+)(?: [^ ]+)?  +(.*)$", text, re.MULTILINE):
            told.setdefault(option, set()).add(words)
    assert {"--base", "--offline", "--scratch", "--format", "--output", "--config"} <= set(told)
    assert {option: words for option, words in told.items() if len(words) > 1} == {}


def test_the_version_is_told(tmp_path: Path) -> None:
    ran = migcheck("--version", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, f"migcheck {__version__}\n")


def test_every_rule_is_listed_and_explained(command: Command) -> None:
    listed = command("rules").out
    for page in rule_pages():
        assert f"{page.code} {page.name}" in listed
        told = command("explain", page.code).out
        assert told.startswith(f"{page.code} {page.name}")
        assert "Why it matters" in told
        assert "How to fix" in told


def test_a_rule_is_found_by_its_name_too(command: Command) -> None:
    page = next(iter(rule_pages()))
    assert command("explain", page.name).out == command("explain", page.code.lower()).out
    assert command("explain", page.code.removeprefix("MC")).out == command("explain", page.code).out


def test_how_a_deploy_is_undone_is_told_without_a_network(command: Command) -> None:
    told = command("explain", "rollback", "every-case")
    assert (told.code, told.out.splitlines()[0]) == (0, "In every case")
    assert "LOCK TABLE drizzle.__drizzle_migrations IN ACCESS EXCLUSIVE MODE;" in told.out


def test_the_catalogue_for_machines(command: Command) -> None:
    pages = json.loads(command("rules", "--format", "json").out)
    assert [page["code"] for page in pages] == [page.code for page in rule_pages()]
    assert set(pages[0]) == {"gate", "code", "name", "summary", "why", "how", "landed"}


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], {"psycopg", "git", "testcontainers", "docker", "migcheck.catalogue", "rich.console"}),
        (["rules"], {"psycopg", "git", "testcontainers", "docker"}),
        (["explain", "MC001"], {"psycopg", "git", "testcontainers", "docker"}),
        (["verify", "--offline", "x"], {"psycopg", "testcontainers", "docker", "pydantic"}),
    ],
)
def test_a_command_loads_only_what_it_needs(tmp_path: Path, arguments: list[str], unwanted: set[str]) -> None:
    (tmp_path / "x").mkdir()
    ran = migcheck(*arguments, cwd=tmp_path, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in ran.err.splitlines() if line.startswith("import time:")}
    assert loaded & unwanted == set()
