"""A run that ends before it has a report: who reads the report is told as well, in the format that was asked for."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import init

from migcheck import __version__

DOCS = Path(__file__).resolve().parents[2] / "docs"
SQL = "create table users (id integer);"
SECRET = "s3cr3t-w0rd"
REPORTS = ("verify", "apply", "baseline", "undo")


def errored(text: str, schema: str = "report.schema.json") -> dict[str, object]:
    """The one JSON document in `text`, which fits its committed schema."""
    told: dict[str, object] = json.loads(text)
    Draft202012Validator(json.loads((DOCS / schema).read_text("utf-8"))).validate(told)
    return told


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """A folder with a configuration that has an unknown key."""
    a_folder(tmp_path / "x", {"0000_a": SQL})
    (tmp_path / "migcheck.toml").write_text('[[folder]]\npath = "x"\n\n[scratch]\nimge = "postgres"\n')
    return tmp_path


PROBLEM = "migcheck.toml:5: unknown key `scratch.imge`"
REMEDY = "did you mean `image`? Known here: disk, dsn, extensions, image, kind, "
REMEDY += "major, memory, prelude, search_path, start_from, timeout"


def arguments_of(name: str) -> list[str]:
    return [name, *(["--to", "0000_a"] if name == "undo" else [])]


@pytest.mark.parametrize("name", REPORTS)
def test_an_unknown_key_is_a_whole_json_report(command: Command, misspelt: Path, name: str) -> None:
    assert misspelt.is_dir()
    ran = command(*arguments_of(name), "--format", "json")
    assert errored(ran.out) == {
        "version": 1,
        "migcheck": __version__,
        "verdict": "undecided",
        "exit_code": 2,
        "base": None,
        "notes": [],
        "folders": [],
        "gates": [],
        "findings": [],
        "rehearsals": [],
        "deploys": [],
        "error": {"problem": PROBLEM, "remedy": REMEDY, "file": "migcheck.toml", "line": 5},
    }
    assert (ran.code, ran.err) == (2, f"migcheck: {PROBLEM}\n  remedy: {REMEDY}\n")


@pytest.mark.parametrize("wanted", ["text", "json", "github"])
@pytest.mark.parametrize("name", REPORTS)
def test_the_file_of_report_has_it_in_every_format(command: Command, misspelt: Path, name: str, wanted: str) -> None:
    (misspelt / "report.json").write_text("an older one")
    ran = command(*arguments_of(name), "--format", wanted, "--report", "report.json")
    told = errored((misspelt / "report.json").read_text())
    error = {"problem": PROBLEM, "remedy": REMEDY, "file": "migcheck.toml", "line": 5}
    assert (told["verdict"], told["exit_code"], told["error"]) == ("undecided", 2, error)
    assert (ran.code, ran.err) == (2, f"migcheck: {PROBLEM}\n  remedy: {REMEDY}\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["apply", "x"], 2), (["verify", "absent"], 2), (["verify", "--bogus", "x"], 2), (["verify", "x", "y"], 2)],
    ids=str,
)
def test_whatever_ends_a_run_is_in_the_file_of_report(
    command: Command, tmp_path: Path, arguments: list[str], code: int
) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = command(*arguments, "--report", "report.json")
    told = errored((tmp_path / "report.json").read_text())
    assert (ran.code, told["verdict"], told["exit_code"]) == (code, "undecided", code)


@pytest.mark.parametrize("wrong", ["migcheck.toml", "absent/report.json", "0000_a.sql", "out.json", ".env"])
def test_what_report_may_not_name_stays_as_it_is(command: Command, misspelt: Path, wrong: str) -> None:
    (misspelt / ".env").write_text("A=b\n")
    before = {each: each.read_bytes() for each in misspelt.rglob("*") if each.is_file()}
    given = ["--report", wrong, "--output", "out.json", "--env-file", ".env", "--format", "json"]
    ran = command("verify", *given)
    errored((misspelt / "out.json").read_text())
    assert ran.code == 2
    assert {
        each: each.read_bytes() for each in misspelt.rglob("*") if each.is_file() and each.name != "out.json"
    } == before


def test_the_status_has_a_document_of_its_own(command: Command, misspelt: Path) -> None:
    ran = command("status", "--format", "json", "--output", "status.json")
    assert (ran.code, ran.out) == (2, "")
    text = (misspelt / "status.json").read_text()
    error = {"problem": PROBLEM, "remedy": REMEDY, "file": "migcheck.toml", "line": 5}
    assert errored(text, "status.schema.json") == {
        "version": 1,
        "migcheck": __version__,
        "folders": [],
        "error": error,
    }


def test_a_status_that_came_to_no_end_is_no_ledger(command: Command, misspelt: Path) -> None:
    command("status", "--format", "json", "--output", "status.json")
    (misspelt / "migcheck.toml").unlink()
    ran = command("verify", "x", "--offline", "--ledger", "status.json")
    assert ran.code == 2
    assert ran.err == (
        f"migcheck: status.json holds no ledger: `migcheck status` ended with: {PROBLEM}\n"
        "  remedy: write it with `migcheck status --format json --output FILE`\n"
    )


def test_a_report_without_an_error_is_as_it_was(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    assert "error" not in errored(command("verify", "x", "--offline", "--format", "json").out)


def test_it_is_written_where_the_report_was_asked_for(command: Command, misspelt: Path) -> None:
    (misspelt / "report.json").write_text("an older one")
    ran = command("verify", "--format", "json", "--output", "report.json")
    assert (ran.code, ran.out) == (2, "")
    assert errored((misspelt / "report.json").read_text())["exit_code"] == 2


@pytest.mark.parametrize("name", ["migcheck.toml", "absent/report.json"])
def test_where_that_file_may_not_be_written_it_goes_to_standard_output(
    command: Command, misspelt: Path, name: str
) -> None:
    before = (misspelt / "migcheck.toml").read_text()
    ran = command("verify", "--format", "json", "--output", name)
    error = errored(ran.out)["error"]
    assert isinstance(error, dict)
    assert str(error["problem"]).startswith(f"--output {name}: ")
    assert (misspelt / "migcheck.toml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["verify", "absent"], 2, "absent does not exist"),
        (["verify", "x", "--ledger", "absent.json"], 2, "absent.json cannot be read: No such file or directory"),
        (["verify", "x", "--base", "absent"], 3, None),
        (["apply", "x"], 2, "DATABASE_URL is not set, so there is no target"),
        (["verify", "x", "--scratch", f"mysql://app:{SECRET}@localhost/d"], 2, None),
        (["verify", "--bogus", "x"], 2, "No such option: --bogus"),
        (["verify", "x", "y"], 2, "Got unexpected extra argument"),
        (["verify", "x", "--wait", "soon"], 2, "Invalid value for '--wait': 'soon' is not a valid int"),
        (["verify", f"--postgres://u:{SECRET}@h/d"], 2, "No such option: --postgres://u:***@h/d"),
    ],
)
def test_whatever_ends_a_run_is_told(
    command: Command, tmp_path: Path, arguments: list[str], code: int, problem: str | None
) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    ran = command(*arguments, "--format", "json")
    told = errored(ran.out)
    assert (ran.code, told["verdict"], told["exit_code"]) == (code, "undecided", code)
    assert SECRET not in ran.out + ran.err
    error = told.get("error")
    if problem is not None:
        assert isinstance(error, dict)
        assert str(error["problem"]).startswith(problem)


def test_a_report_is_never_written_twice(command: Command, tmp_path: Path) -> None:
    """A clearance that cannot be written ends the run behind its report."""
    a_folder(tmp_path / "x", {"0000_a": SQL})
    init(tmp_path).commit()
    ran = command("verify", "x", "--format", "json", "--clearance", "/dev/full", "--scratch", "embedded")
    assert errored(ran.out)["verdict"] == "clear"
    assert (ran.code, "/dev/full cannot be written" in ran.err) == (3, True)


def test_a_fault_of_its_own_is_told_as_well(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise ZeroDivisionError(f"postgres://app:{SECRET}@h/d")

    monkeypatch.setattr("migcheck.commands.verify.open_project", fall)
    ran = command("verify", "--format", "json", cwd=tmp_path)
    assert errored(ran.out)["error"] == {
        "problem": f"a fault of migcheck {__version__} itself: ZeroDivisionError: postgres://app:***@h/d",
        "remedy": "run it again with MIGCHECK_DEBUG=1 and send what it prints to the maintainers",
        "file": None,
        "line": None,
    }
    assert ran.code == 3


def test_a_url_that_is_none_is_told_without_its_password(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "x", {"0000_a": SQL})
    env = {"DATABASE_URL": f"postgres://app:{SECRET}@localhost:port/d", "GITHUB_STEP_SUMMARY": str(tmp_path / "s.md")}
    for wanted, name in (("json", "apply"), ("github", "apply"), ("json", "status"), ("github", "status")):
        ran = command(name, "x", "--format", wanted, env=env)
        assert (ran.code, ran.out != "") == (2, True)
        assert SECRET not in ran.out + ran.err
    assert SECRET not in (tmp_path / "s.md").read_text()


@pytest.mark.parametrize("name", REPORTS)
def test_github_gets_an_annotation_and_a_line_of_the_summary(command: Command, misspelt: Path, name: str) -> None:
    summary = misspelt / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    ran = command(*arguments_of(name), "--format", "github", env=env)
    assert (ran.code, ran.err) == (2, f"migcheck: {PROBLEM}\n  remedy: {REMEDY}\n")
    assert ran.out == f"::error file=migcheck.toml,line=5,title=migcheck {name}::{PROBLEM}%0A%0A{REMEDY}\n"
    assert summary.read_text() == (
        f"before\n### migcheck {name}: undecided\n\n"
        "migcheck.toml:5: unknown key &#96;scratch.imge&#96;\n\n"
        f"**Next:** {REMEDY.replace('`', '&#96;').replace('_', '&#95;')}\n\n"
    )


def test_what_is_at_no_line_is_told_at_none(command: Command, tmp_path: Path) -> None:
    ran = command("verify", "absent", "--format", "github", "--output", "report.txt")
    assert (ran.code, ran.out) == (2, "")
    assert (tmp_path / "report.txt").read_text() == (
        "::error title=migcheck verify::absent does not exist%0A%0Aname the folder that holds meta/_journal.json\n"
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("a:5: b", "does not exist"),
        (f"a:{'5' * 5_000}: b", "cannot be looked at: File name too long"),
        (f"{'a' * 300}:5: b", "cannot be looked at: File name too long"),
    ],
    ids=["host", "port", "long"],
)
def test_what_only_looks_like_a_file_and_its_line_is_none(
    command: Command, tmp_path: Path, name: str, wrong: str
) -> None:
    (tmp_path / "x").mkdir()
    ran = command("verify", name, "--format", "json")
    assert errored(ran.out)["error"] == {
        "problem": f"{name} {wrong}",
        "remedy": "name the folder that holds meta/_journal.json",
        "file": None,
        "line": None,
    }


def test_a_command_without_a_report_is_told_at_github_as_well(command: Command) -> None:
    ran = command("explain", "MC4O5", "--format", "github")
    remedy = "did you mean MC405? `migcheck rules` lists them all"
    assert ran.out == f"::error title=migcheck explain::there is no rule MC4O5%0A%0A{remedy}\n"


def test_a_file_below_the_top_is_named_from_there(command: Command, tmp_path: Path) -> None:
    """GitHub takes paths from the repository's top, wherever the command was started."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "migcheck.toml").write_text("bogus = 1\n")
    init(tmp_path).commit()
    ran = command("verify", "--format", "github", cwd=tmp_path / "app")
    assert ran.out.startswith("::error file=app/migcheck.toml,line=1,title=migcheck verify::app/migcheck.toml:1: ")
