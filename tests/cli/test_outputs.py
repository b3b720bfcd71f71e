"""Files that a command writes: never one that it reads, and none of an earlier run after one that failed."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder

SQL = "create table users (id integer);"


def refused(ran: Ran, option: str, why: str) -> bool:
    return ran == Ran(2, "", f"migcheck: {option}: {why}\n  remedy: name another file\n")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A file that somebody will need again, in a directory with a folder."""
    a_folder(tmp_path / "x", {"0000_a": SQL})
    file = tmp_path / "kept"
    file.write_text("needed")
    return file


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "--offline", "--ledger", "kept", "--output", "kept"],
        ["verify", "--offline", "--ledger", "other", "--ledger", "kept", "--output", "x/../kept"],
        ["verify", "--offline", "--env-file", "kept", "--output", "kept"],
        ["verify", "--offline", "--config", "kept", "--output", "kept"],
        ["verify", "--offline", "--clearance", "kept", "--ledger", "kept"],
        ["status", "--ledger", "kept", "--output", "kept"],
        ["apply", "--clearance", "kept", "--output", "kept"],
        ["apply", "--clearance", "kept", "--report", "kept"],
        ["verify", "--offline", "--ledger", "kept", "--report", "kept"],
    ],
)
def test_what_is_read_is_never_written(command: Command, kept: Path, arguments: list[str]) -> None:
    option = next(each for each in ("--output", "--report", "--clearance") if each in arguments)
    where = arguments[arguments.index(option) + 1]
    assert refused(command(*arguments), f"{option} {where}", "another option names that file")
    assert kept.read_text() == "needed"


def test_nor_through_a_link_or_by_another_name(command: Command, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "twin").hardlink_to(kept)
    for name in ("link", "twin"):
        ran = command("verify", "x", "--offline", "--ledger", "kept", "--output", name)
        assert refused(ran, f"--output {name}", "another option names that file")
    assert kept.read_text() == "needed"


@pytest.mark.parametrize("name", ["migcheck.toml", "pyproject.toml", "drizzle.config.ts", "drizzle-dev.config.mjs"])
def test_no_configuration_is_written(command: Command, kept: Path, name: str) -> None:
    file = kept.rename(kept.with_name(name))
    ran = command("verify", "x", "--offline", "--output", name)
    assert refused(ran, f"--output {name}", "that is a configuration")
    assert file.read_text() == "needed"


@pytest.mark.parametrize("asked", [["rules"], ["explain", "MC201"], ["explain", "rollback"]])
def test_nor_by_whoever_asks_what_a_rule_says(command: Command, kept: Path, asked: list[str]) -> None:
    file = kept.rename(kept.with_name("drizzle.config.ts"))
    assert refused(command(*asked, "--output", file.name), f"--output {file.name}", "that is a configuration")
    assert file.read_text() == "needed"


def test_a_file_is_not_as_wide_as_the_terminal_it_was_written_from(command: Command, kept: Path) -> None:
    for asked in (["rules"], ["explain", "rollback"], ["verify", "x", "--offline"]):
        command(*asked, "--output", kept.name, env={"COLUMNS": "50"})
        assert 50 < max(map(len, kept.read_text().splitlines()[:-1])) <= 100


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("0000_users.sql", "*.sql"), ("_journal.json", "_journal.json"), ("0000_snapshot.json", "*snapshot.json")],
)
def test_nothing_of_a_migrations_folder_is_written(command: Command, kept: Path, name: str, pattern: str) -> None:
    file = kept.rename(kept.with_name(name))
    ran = command("verify", "x", "--offline", "--output", name)
    assert refused(ran, f"--output {name}", f"a migrations folder has files that are named {pattern}")
    assert file.read_text() == "needed"


def test_a_report_and_a_clearance_are_two_files(command: Command, kept: Path) -> None:
    for option, other in (("--output", "--clearance"), ("--report", "--clearance"), ("--report", "--output")):
        ran = command("verify", "x", "--offline", option, "both", other, "both")
        assert refused(ran, f"{option} both", "another option names that file")
    assert not kept.with_name("both").exists()


def test_the_json_report_is_written_beside_the_one_for_people(command: Command, kept: Path) -> None:
    ran = command("verify", "x", "--offline", "--report", "kept")
    report = json.loads(kept.read_bytes())
    assert ran.out.splitlines()[-1].startswith("undecided: ")
    assert (report["verdict"], report["exit_code"], ran.code) == ("undecided", 3, 3)


def test_a_json_report_that_cannot_be_written_is_told(command: Command, kept: Path) -> None:
    ran = command("verify", "x", "--offline", "--report", "/dev/full")
    assert (ran.code, ran.err.splitlines()[-2:]) == (
        3,
        [
            "migcheck: --report /dev/full: the report cannot be written: No space left on device",
            "  remedy: name another file",
        ],
    )
    assert kept.exists()


@pytest.mark.parametrize("option", ["--output", "--clearance"])
def test_a_name_that_no_file_can_have_is_told(command: Command, kept: Path, option: str) -> None:
    name = "a" * 300
    assert refused(command("verify", "x", "--offline", option, name), f"{option} {name}", "File name too long")
    assert kept.exists()


@pytest.mark.parametrize("option", ["--output", "--clearance"])
def test_an_older_output_is_gone_after_a_run_that_failed(command: Command, kept: Path, option: str) -> None:
    assert command("verify", "x", "--offline", "--config", "no.toml", option, "kept").code == 2
    assert not kept.exists()


def test_an_older_json_report_gives_way_to_what_ended_the_run(command: Command, kept: Path) -> None:
    assert command("verify", "x", "--offline", "--config", "no.toml", "--report", "kept").code == 2
    report = json.loads(kept.read_bytes())
    assert (report["verdict"], report["exit_code"], report["gates"]) == ("undecided", 2, [])
