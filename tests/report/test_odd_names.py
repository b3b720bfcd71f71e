"""Names with marks that would break a line or forge one: spelled out wherever they are shown, whole in JSON."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, add_entry
from tests.support.growth import LINEAR, growth
from tests.support.repositories import init

from migcheck import odd_names
from migcheck.odd_names import remember_names, spelled_names
from migcheck.report.visible import visible

SQL = "create table users (id integer);"
ODD = {
    "newline": ("0001_a\n::error file=x::forged", r"0001_a\x0a::error file=x::forged"),
    "blank lines": ("0001_a\n\nclear: every gate agrees", r"0001_a\x0a\x0aclear: every gate agrees"),
    "carriage return": ("0001_a\r##[error]x", r"0001_a\x0d# #[error]x"),
    "bidi override": ("0001_\u202elqs.a", r"0001_\x202elqs.a"),
    "bidi mark": ("0001_\u061ca", r"0001_\x61ca"),
    "escape": ("0001_\x1b[2Ja", r"0001_\x1b[2Ja"),
    "line separator": ("0001_a\u2028b", r"0001_a\x2028b"),
    "nothing to see": ("0001_a\u200bb", r"0001_a\x200bb"),
    "tab": ("0001_a\tb", r"0001_a\x09b"),
}


@pytest.fixture(params=ODD, ids=lambda each: each.replace(" ", "-"))
def name(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A tag as it is, and as it is shown."""
    return ODD[request.param]


@pytest.fixture(params=["on disk", "tracked"])
def place(request: pytest.FixtureRequest, tmp_path: Path, name: tuple[str, str]) -> Path:
    folder = a_folder(tmp_path / "x", {"0000_a": SQL})
    (folder / f"{name[0]}.sql").write_text(SQL)
    if request.param == "tracked":
        init(tmp_path).commit()
    return tmp_path


def test_the_text_has_one_line_for_it(command: Command, place: Path, name: tuple[str, str]) -> None:
    tag, shown = name
    ran = command("verify", "x", "--offline", cwd=place)
    lines = ran.out.splitlines()
    at = lines.index("error MC102 file-without-entry")
    assert lines[at + 1 : at + 3] == [
        f"  x/{shown}.sql",
        f"    no entry of the journal names {shown}: Drizzle will never run it",
    ]
    assert f"fix x/{shown}.sql (migcheck explain MC102)" in lines[-1]
    assert tag not in ran.out


def test_github_gets_no_line_of_its_own_making(command: Command, place: Path, name: tuple[str, str]) -> None:
    tag, shown = name
    summary = place / "summary.md"
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    ran = command("verify", "x", "--offline", "--format", "github", cwd=place, env=env)
    errors = [line for line in ran.out.splitlines() if line.startswith("::error")]
    (first,) = [line for line in errors if " is undecided::" not in line]
    at = shown.replace(":", "%3A").replace(",", "%2C")
    assert first.startswith(f"::error file=x/{at}.sql,line=1,title=MC102 file-without-entry::")
    assert f"::no entry of the journal names {shown}: Drizzle will never run it%0A%0A" in first
    (row,) = [line for line in summary.read_text().splitlines() if line.startswith("| MC102")]
    assert "<br>" not in row.partition("Move the file")[0]
    assert tag not in ran.out + summary.read_text()


def test_json_has_it_as_it_is(command: Command, place: Path, name: tuple[str, str]) -> None:
    told = json.loads(command("verify", "x", "--offline", "--format", "json", cwd=place).out)
    assert [each["file"] for each in told["findings"]] == [f"x/{name[0]}.sql"]


def test_a_tag_of_the_journal(command: Command, tmp_path: Path, name: tuple[str, str]) -> None:
    add_entry(a_folder(tmp_path / "x", {"0000_a": SQL}), name[0])
    for wanted in ("text", "github"):
        ran = command("verify", "x", "--offline", "--format", wanted)
        assert (ran.code, name[0] in ran.out, "\nclear: " in ran.out) == (1, False, False)


def test_a_folder_that_is_not_there(command: Command, name: tuple[str, str]) -> None:
    ran = command("verify", name[0], "--offline")
    assert ran.err.splitlines()[0] == f"migcheck: {name[1]} does not exist"


def test_a_folder_that_is_configured(command: Command, tmp_path: Path, name: tuple[str, str]) -> None:
    a_folder(tmp_path / name[0], {"0000_a": SQL})
    (tmp_path / "migcheck.toml").write_text(f"[[folder]]\npath = {json.dumps(name[0], ensure_ascii=True)}\n")
    ran = command("verify", "--offline")
    assert ran.out.splitlines()[0] == f"migcheck 0.1.0  {name[1]}  1 migration"
    assert name[0] not in ran.out + ran.err


def test_the_status(command: Command, tmp_path: Path) -> None:
    """No tag has a control character (MC103), but all else."""
    tag, shown = ODD["bidi override"]
    a_folder(tmp_path / "x", {tag: SQL})
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
    (tmp_path / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    ran = command("status", "x", "--ledger", "ledger.json")
    assert f"  {shown}  pending" in ran.out.splitlines()


def test_what_is_shown_costs_the_same_however_many_such_names_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def work(size: int) -> object:
        monkeypatch.setattr(odd_names, "_remembered", {})
        names = [f"a\n{number:06}" for number in range(size)]
        remember_names(names)
        return [spelled_names(f"no entry names {each}\nnor does another") for each in names]

    assert growth(work, 200) < LINEAR
    assert spelled_names("x/a\n000007.sql\na\nb") == "x/a\\x0a000007.sql\na\nb"


def test_many_of_them_with_many_dots_take_no_longer_than_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(size: int) -> str:
        monkeypatch.setattr(odd_names, "_remembered", {})
        remember_names([f"a\n{number}{'.b' * size}" for number in range(10)])
        return visible(f"line {size}\n" * 10)

    assert growth(work, 500) < LINEAR
