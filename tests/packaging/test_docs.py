"""What the docs repeat from the code is what the code says now."""

import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = "docs/commands.md"
PACKAGED = "checks/migcheck/rollback.md"


Generate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Generate:
    """Run docs/generate.py of the tree at `root`: its exit code, and what it wrote to both ends."""

    def run(root: Path, *arguments: str) -> tuple[int, str, str]:
        script = root / "docs" / "generate.py"
        monkeypatch.setattr(sys, "argv", [str(script), *arguments])
        monkeypatch.setenv("PYTHONPATH", str(ROOT / "checks"))  # For the help texts, which commands of their own print.
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(script), run_name="__main__")
        return int(left.value.code or 0), *capsys.readouterr()

    return run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the docs, and of what the package has of them."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "checks/migcheck").mkdir(parents=True)
    shutil.copy(ROOT / PACKAGED, tmp_path / PACKAGED)
    return tmp_path


def test_rule_pages_and_help_texts_are_up_to_date(generate: Generate) -> None:
    assert generate(ROOT, "--check") == (0, "", "")


def test_what_is_out_of_date_is_told_and_written_again(generate: Generate, copy: Path) -> None:
    """Help texts, and the package's copy of the page on undoing a deploy."""
    commands, page = copy / COMMANDS, copy / "docs/rollback.md"
    current = commands.read_text("utf-8")
    commands.write_text(current.replace("List every rule, gate by gate.", "List some rules."), "utf-8")
    page.write_text(f"{page.read_text('utf-8')}\nOne more line.\n", "utf-8")
    told = "".join(f"{each} is out of date: run `make docs`\n" for each in (COMMANDS, PACKAGED))
    assert generate(copy, "--check") == (1, told, "")
    assert generate(copy) == (0, f"{COMMANDS}\n{PACKAGED}\n", "")
    assert commands.read_text("utf-8") == current
    assert (copy / PACKAGED).read_text("utf-8") == page.read_text("utf-8")


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("<!-- migcheck verify --help -->", "", ["migcheck verify"]),
        ("<!-- migcheck verify --help -->", "<!-- migcheck verfy --help -->", ["migcheck verfy", "migcheck verify"]),
        ("<!-- migcheck rules --help -->", "<!-- migcheck explain --help -->", ["migcheck explain", "migcheck rules"]),
        ("<!-- migcheck apply --help -->\n```text", "<!-- migcheck apply --help -->\n```", ["migcheck apply"]),
    ],
)
def test_each_command_has_one_place(
    generate: Generate, copy: Path, written: str, instead: str, told: list[str]
) -> None:
    commands = copy / COMMANDS
    commands.write_text(commands.read_text("utf-8").replace(written, instead), "utf-8")
    before = commands.read_bytes()
    lines = [f"{COMMANDS}: `<!-- {each} --help -->` and a block ```text must stand there once" for each in told]
    for arguments in (["--check"], []):
        code, out, err = generate(copy, *arguments)
        assert (code, [line.partition(" for each")[0] for line in out.splitlines()], err) == (1, lines, "")
    assert commands.read_bytes() == before


def test_an_argument_that_is_not_known_writes_nothing(generate: Generate, copy: Path) -> None:
    (copy / "docs/rules/README.md").unlink()
    assert generate(copy, "--chek") == (2, "", "usage: python docs/generate.py [--check]\n")
    assert not (copy / "docs/rules/README.md").exists()
