"""Colour and width belong to terminals; a log gets plain lines; a file gets the report alone."""

import os
import pty
import re
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import PIPE

import pytest
from tests.support.command import Command, migcheck
from tests.support.folders import a_folder
from tests.support.repositories import init

from migcheck.report.emit import emit
from migcheck.report.page import Page


def on_a_terminal(*arguments: str, cwd: Path, stream: str = "stdout", code: int = 0, env: dict[str, str]) -> str:
    """What a command, which leaves `code`, writes to a terminal that is this stream of its own."""
    ours, theirs = pty.openpty()
    stdout, stderr = (theirs, PIPE) if stream == "stdout" else (PIPE, theirs)
    try:
        ran = migcheck(*arguments, cwd=cwd, env={"TERM": "xterm", **env}, stdout=stdout, stderr=stderr)
        assert ran.code == code, ran.err
    finally:
        os.close(theirs)
    try:
        return os.read(ours, 1_000_000).decode()
    finally:
        os.close(ours)


def test_a_terminal_gets_colour_at_its_own_width(tmp_path: Path) -> None:
    shown = on_a_terminal("explain", "MC001", cwd=tmp_path, env={"COLUMNS": "60"})
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert max(len(line) for line in plain.splitlines()) <= 60


def test_a_terminal_gets_what_is_wrong_at_its_own_width(tmp_path: Path) -> None:
    shown = on_a_terminal("waive", cwd=tmp_path, stream="stderr", code=2, env={"COLUMNS": "50"})
    assert shown.splitlines() == [
        "migcheck: nothing is waived without --landed",
        "  remedy: `migcheck waive --landed` accepts what",
        "          blocks today and base has already; with",
        "          --dry-run it only shows it",
    ]
    shown = on_a_terminal("apply", "--database-url", "x", cwd=tmp_path, stream="stderr", code=2, env={"COLUMNS": "50"})
    assert shown.splitlines() == [
        "Usage: migcheck apply [OPTIONS] [FOLDER]",
        "Try 'migcheck apply -h' for help.",
        "",
        "Error: No such option: --database-url (Possible",
        "options: --base)",
        "  remedy: DATABASE_URL names the target, in the",
        "          environment or in a file: --env-file",
        "          FILE",
    ]


def test_in_a_log_what_is_wrong_is_one_line(command: Command) -> None:
    what, remedy = command("waive", env={"COLUMNS": "50"}).err.splitlines()
    assert what == "migcheck: nothing is waived without --landed"
    assert remedy.endswith("accepts what blocks today and base has already; with --dry-run it only shows it")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(tmp_path: Path, env: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal("explain", "MC001", cwd=tmp_path, env=env)


def test_a_pipe_gets_colour_only_where_it_is_forced(command: Command) -> None:
    assert "\x1b" not in command("rules").out
    assert "\x1b" in command("rules", env={"FORCE_COLOR": "1"}).out
    assert "\x1b" not in command("rules", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out


def test_a_file_gets_the_report_and_no_colour(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": "select 1;"})
    ran = command("verify", "x", "--offline", "--output", "report.txt", env={"FORCE_COLOR": "1"})
    assert (ran.code, ran.out) == (3, "")
    text = (tmp_path / "report.txt").read_text()
    assert text.startswith("migcheck ")
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [("utf-8", "é│┊…"), ("cp437", "é│:..."), ("ascii", "?|:...")],
)
def test_a_mark_that_an_output_cannot_show_has_another(
    monkeypatch: pytest.MonkeyPatch, encoding: str, marks: str
) -> None:
    page = Page()
    page.quote("é\n" + "a" * 95 + "\n…", indent=4)
    kept = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(kept, encoding=encoding, errors="strict", newline=""))
    emit(page.render(), None)
    letter, bar, dotted, dots = marks[0], marks[1], marks[2], marks[3:]
    assert kept.getvalue().decode(encoding) == (
        f"    {bar} {letter}\n    {bar} {'a' * 94}\n    {dotted} a\n    {bar} {dots}\n"
    )


def test_an_output_that_knows_only_ascii_gets_every_line(tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": "select 1;"})
    ran = migcheck("verify", "x", "--offline", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert ran.code == 3
    assert "undecided" in ran.out.splitlines()[-1]


@pytest.mark.parametrize("name", ["verify", "status"])
def test_only_a_terminal_gets_its_last_line_in_parts(tmp_path: Path, name: str) -> None:
    (tmp_path / "ledger.json").write_text(
        '{"folders": [{"path": "a", "ledger": {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}}]}'
    )
    where = "packages/database/migrations"
    a_folder(tmp_path / where, {"0000_a": "select 1;"})
    init(tmp_path).commit()
    asked = (name, where, "--ledger", "ledger.json", *(["--offline"] if name == "verify" else []))
    shown = on_a_terminal(*asked, cwd=tmp_path, env={"COLUMNS": "50", "NO_COLOR": "1"}).replace("\r", "")
    parts = shown.rpartition("\n\n")[2].splitlines()
    [log] = migcheck(*asked, cwd=tmp_path, env={"COLUMNS": "50"}).out.splitlines()[-1:]
    assert " ".join(part.strip() for part in parts) == log
    assert len(log) > 50 >= max(map(len, parts))
