"""What nobody should feed it: a clear sentence, the right exit code, nothing written, never a traceback."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.command import CHECKS, Command, Ran, migcheck
from tests.support.folders import a_folder, add_entry, write_journal
from tests.support.repositories import init

SQL = "create table users (id integer);"
SECRET = "s3cr3t-w0rd"


def assert_told(ran: Ran, code: int, *words: str) -> None:
    told = ran.out + ran.err
    assert ran.code == code, told
    assert "Traceback" not in told
    assert all(word in told for word in words), told


def test_an_empty_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert_told(command("verify", "x", "--offline"), 1, "MC100", "x/meta/_journal.json")
    assert list((tmp_path / "x").iterdir()) == []


def test_no_journal(command: Command, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    (folder / "meta" / "_journal.json").unlink()
    assert_told(command("verify", "x", "--offline"), 1, "MC100", "x/meta/_journal.json")
    assert not (folder / "meta" / "_journal.json").exists()


@pytest.mark.parametrize(
    "text",
    ["[]", '{"version": "7", "entries": [{"idx": 0', "", "\x00\xff", "null", "[" * 100_000],
    ids=["list", "truncated", "empty", "binary", "null", "deep"],
)
def test_a_journal_that_is_none(command: Command, tmp_path: Path, text: str) -> None:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    (folder / "meta" / "_journal.json").write_bytes(text.encode("latin-1"))
    assert_told(command("verify", "x", "--offline"), 1, "MC100", "x/meta/_journal.json")


def test_a_binary_file_as_sql(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": bytes(range(256)) * 64})
    ran = command("verify", "x", "--offline")
    assert_told(ran, 1, "error MC", "x/0000_a.sql")
    assert not set(ran.out) & {chr(code) for code in range(32) if chr(code) != "\n"}


def test_a_file_name_that_is_no_utf8(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    (tmp_path / os.fsdecode(b"x/0001_\xff.sql")).write_text(SQL)
    assert_told(command("verify", "x", "--offline"), 1, "MC102", r"x/0001_\xdcff.sql")
    ran = command("verify", "x", "--offline", "--format", "json")
    assert [each["file"] for each in json.loads(ran.out)["findings"]] == ["x/0001_\ufffd.sql"]


def test_a_directory_named_like_a_migration(command: Command, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    (folder / "0000_a.sql").unlink()
    (folder / "0000_a.sql").mkdir()
    assert_told(command("verify", "x", "--offline"), 1, "error MC", "0000_a")


def test_an_unreadable_file(command: Command, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    (folder / "0000_a.sql").unlink()
    (folder / "0000_a.sql").symlink_to("0000_a.sql")
    assert_told(command("verify", "x", "--offline"), 1, "error MC", "0000_a")


def test_a_journal_of_fifty_thousand_entries(command: Command, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "x", {})
    rows = [
        {
            "idx": number,
            "version": "7",
            "when": 1_700_000_000_000 + number,
            "tag": f"{number:05}_x",
            "breakpoints": True,
        }
        for number in range(50_000)
    ]
    (folder / "meta" / "_journal.json").write_text(
        json.dumps({"version": "7", "dialect": "postgresql", "entries": rows}), encoding="utf-8"
    )
    ran = command("verify", "x", "--offline")
    assert_told(ran, 1, "error MC101", "50000 places", "--verbose shows all")
    assert len(ran.out.splitlines()) < 100


@pytest.mark.parametrize("tag", ["0001_a\nb", "0001_a\0b", "0001_\x1b[2J", "../../etc/passwd"])
def test_a_tag_that_no_file_can_have(command: Command, tmp_path: Path, tag: str) -> None:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    add_entry(folder, tag)
    ran = command("verify", "x", "--offline")
    assert_told(ran, 1, "error MC")
    assert "\x1b" not in ran.out
    assert "\0" not in ran.out


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", 2),
        (f"mysql://app:{SECRET}@localhost/d", 2),
        (f"postgres://app:{SECRET}@localhost:port/d", 2),
        (f"postgres://app:{SECRET}/x@localhost/d", 2),
        (f"postgres://app:{SECRET}@[::1/d", 2),
        (f"postgres://app:{SECRET}@localhost:99999/d", 2),
        (f"host=localhost password='{SECRET} port=x", 2),
        (f"postgres://app:{SECRET}@127.0.0.1:1/d", 3),
    ],
)
def test_a_target_that_is_none_is_told_without_its_password(
    command: Command, tmp_path: Path, url: str, code: int
) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = command("status", "x", env={"DATABASE_URL": url, "MIGCHECK_DEBUG": "1"})
    assert_told(ran, code, "remedy:")
    assert SECRET not in ran.out + ran.err


def test_a_scratch_server_that_is_none_is_a_fault_of_the_command_line(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = command("verify", "x", "--scratch", f"mysql://app:{SECRET}@localhost/d")
    assert_told(ran, 2, "--scratch is not a PostgreSQL URL")
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bogus"], ["No such command 'bogus'"]),
        (["verify", "--bogus"], ["No such option"]),
        (["verify", "--databse-url", "x"], ["No such option: --databse-url", "remedy: DATABASE_URL names the target"]),
        (["apply", "--dsn=x"], ["No such option: --dsn", "remedy: DATABASE_URL names the target"]),
        (["verify", "--format", "yaml"], ["yaml", "text"]),
        (["verify"], ["no migrations folder is configured", "remedy: name it", "or commit drizzle.config.ts"]),
        (["verify", "none"], ["none does not exist"]),
        (
            ["verify", "x", "--output", "no/such/dir/report"],
            ["--output no/such/dir/report: there is no directory no/such/dir", "make it"],
        ),
        (["verify", "x", "--output", "."], ["--output .: it is a directory", "name a file"]),
        (["verify", "x", "--ledger", "none.json"], ["none.json cannot be read"]),
        (["verify", "x", "--env-file", ".env"], [".env cannot be read"]),
        (["status", "x"], ["DATABASE_URL is not set"]),
        (["explain", "MC999"], ["there is no rule MC999", "remedy: `migcheck rules` lists them all"]),
        (["explain", "999"], ["there is no rule 999", "remedy: `migcheck rules` lists them all"]),
        (["explain", "MC119"], ["there is no rule MC119", "remedy: `migcheck rules` lists them all"]),
        (["explain", "MC4O5"], ["there is no rule MC4O5", "did you mean MC405? `migcheck rules` lists them all"]),
        (["explain", "snapshot-mising"], ["did you mean snapshot-missing? "]),
        (["explain", "rolback"], ["did you mean rollback? "]),
        (["explain", "rollback", "tron"], ["there is no case tron", "did you mean torn? `migcheck explain"]),
        (["explain", "rollback", "x"], ["there is no case x", "remedy: `migcheck explain rollback` lists them all"]),
        (["explain", "MC201", "torn"], ["MC201 is a rule and has no cases", "leave out torn"]),
        (["explain", "rollback", "--format", "json"], ["rollback is a page and no rule", "leave out --format"]),
    ],
)
def test_a_command_line_that_cannot_be_used(
    command: Command, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = command(*arguments)
    assert_told(ran, 2, *words)
    assert ran.out == ""
    assert "reading the ledger" not in ran.err


@pytest.mark.parametrize("option", ["--debug", "--disable-color", "--target-size"])
def test_an_option_that_is_none_is_not_taken_for_the_target(command: Command, option: str) -> None:
    ran = command("verify", option)
    assert (ran.code, f"No such option: {option}" in ran.err, "DATABASE_URL" in ran.err) == (2, True, False)


def test_an_unknown_key(command: Command, tmp_path: Path) -> None:
    (tmp_path / "migcheck.toml").write_text('[[folder]]\npath = "x"\n\n[scratch]\nimge = "postgres"\n')
    ran = command("verify")
    assert_told(ran, 2, "migcheck.toml:5: unknown key `scratch.imge`", "did you mean `image`?")


def test_an_empty_journal_is_no_fault(command: Command, tmp_path: Path) -> None:
    write_journal(tmp_path / "x", {"version": "7", "dialect": "postgresql", "entries": []})
    ran = command("verify", "x", "--offline")
    assert ran.code == 3
    assert "0 migrations" in ran.out


def test_whoever_stops_reading_does_no_harm(tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    read, write = os.pipe()
    os.close(read)
    try:
        ran = migcheck("verify", "x", "--offline", cwd=tmp_path, stdout=write)
    finally:
        os.close(write)
    assert_told(ran, 3)
    assert ran.err == ""


def test_a_fault_of_its_own_is_told_without_a_secret(tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import sys\n"
        "from migcheck import catalogue\n"
        "def fall(*_):\n"
        f"    raise ZeroDivisionError('postgres://app:{SECRET}@h/d')\n"
        "catalogue.rule_pages = fall\n"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).resolve().parents[2] / "checks")])
    ran = migcheck("rules", cwd=tmp_path, env={"PYTHONPATH": path})
    assert_told(ran, 3, "a fault of migcheck", "ZeroDivisionError: postgres://app:***@h/d", "MIGCHECK_DEBUG=1")
    told = migcheck("rules", cwd=tmp_path, env={"PYTHONPATH": path, "MIGCHECK_DEBUG": "1"})
    assert told.code == 3
    assert "Traceback" in told.err
    assert SECRET not in ran.err + told.err


def test_a_folder_of_another_repository_is_none_of_this_ones_configuration(command: Command, tmp_path: Path) -> None:
    here, there = init(tmp_path / "here"), init(tmp_path / "there")
    here.commit({"migcheck.toml": '[[folder]]\npath = "x"\n'})
    a_folder(tmp_path / "there" / "drizzle", {"0000_a": SQL})
    there.commit()
    ran = command("verify", "../there/drizzle", "--offline", cwd=tmp_path / "here")
    assert_told(ran, 0, "drizzle  1 migration")


def test_a_report_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        ran = migcheck("rules", cwd=tmp_path, stdout=full)
    finally:
        os.close(full)
    assert_told(ran, 3, "the report cannot be written: No space left on device", "--output FILE")
    ran = migcheck("rules", "--output", "/dev/full", cwd=tmp_path)
    assert_told(ran, 3, "--output /dev/full: the report cannot be written: No space left on device", "another file")


def test_closed_streams_do_no_harm(tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    command = f"{shlex.quote(sys.executable)} -m migcheck verify x --offline >&- 2>&-"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKS)}
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, env=env, check=False).returncode == 3


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"rmdir {shlex.quote(str(gone))}; exec {shlex.quote(sys.executable)} -m migcheck verify"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKS)}
    ran = subprocess.run(["sh", "-c", command], cwd=gone, env=env, check=False, capture_output=True)
    assert (ran.returncode, b"the working directory is gone" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "drizzle", f"postgres://u:{SECRET}@h/d"),
        ("verify", "--format", f"postgres://u:{SECRET}@h/d"),
        ("status", f"--postgres://u:{SECRET}@h/d"),
        (f"postgres://u:{SECRET}@h/d",),
    ],
    ids=["argument", "value", "option", "command"],
)
def test_a_url_that_strayed_into_the_command_line(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments)
    assert_told(ran, 2, "Usage: migcheck", "postgres://u:***@h/d")
    assert SECRET not in ran.out + ran.err


def test_a_library_that_cannot_be_loaded_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "psycopg.py").write_text("raise ImportError('no pq wrapper available')")
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = migcheck("apply", "x", cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path / 'lib'}:{CHECKS}"})
    assert_told(ran, 3, "a fault of migcheck", "no pq wrapper available")


def test_an_interrupt_while_it_is_loaded_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "typer.py").write_text("raise KeyboardInterrupt")
    ran = migcheck("rules", cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path / 'lib'}:{CHECKS}"})
    assert ran == Ran(130, "", "migcheck: interrupted; nothing was done\n")


def test_nobody_listens_to_the_progress(tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    line = shlex.join([sys.executable, "-m", "migcheck", "status", "x", "--ledger", "absent"])
    ours, theirs = os.pipe()
    os.close(ours)
    ran = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env={"PYTHONPATH": str(CHECKS)}, stderr=theirs, check=False, timeout=60
    )
    os.close(theirs)
    assert ran.returncode == 2
