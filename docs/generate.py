"""Writes what the docs repeat from the code: docs/rules/ from the rules' docstrings, the help texts in README.md.

`python docs/generate.py` writes; with `--check` it writes nothing, names what is out of date and exits with 1.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from migcheck.catalogue import FOLDER_RULES, HISTORY_RULES, REPLAY_RULES, TARGET_RULES, WAIVER_RULES
from migcheck.rule import Facts, Rule

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules"
README = ROOT / "README.md"
HELP = re.compile(r"(<!-- (?P<command>migcheck[a-z ]*) --help -->\n```text\n).*?(\n```\n)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """What the docs say of one rule."""

    gate: str
    code: str
    name: str
    summary: str
    why: str
    how: str

    @property
    def path(self) -> Path:
        """Where the page is."""
        return RULES / f"{self.code}.md"

    @property
    def text(self) -> str:
        """The page, as Markdown."""
        return (
            f"# {self.code} {self.name}\n\n"
            f"{self.summary}\n\n"
            f"Gate: `{self.gate}`\n\n"
            f"## Why it blocks\n\n{self.why}\n\n"
            f"## How to fix\n\n{self.how}\n"
        )


def pages() -> list[Page]:
    """A page for every rule of the catalogue, gate by gate."""
    return [
        *(_page("folder", each) for each in FOLDER_RULES),
        *(_page("history", each) for each in HISTORY_RULES),
        *(_page("replay", each) for each in REPLAY_RULES),
        *(_page("target", each) for each in TARGET_RULES),
        *(_page("waivers", each) for each in WAIVER_RULES),
    ]


def index(rules: list[Page]) -> str:
    """The table of all rules."""
    rows = "".join(
        f"| [{each.code}]({each.code}.md) | {each.name} | `{each.gate}` | {_first_line(each.summary)} |\n"
        for each in rules
    )
    return (
        "# Rules\n\n"
        "Made by `make docs` from the rules' own docstrings; `migcheck explain CODE` prints the same text.\n\n"
        f"| code | name | gate | in one sentence |\n|---|---|---|---|\n{rows}"
    )


def readme(text: str) -> str:
    """README.md with every help text as the command prints it now."""
    return HELP.sub(lambda match: f"{match[1]}{help_of(match['command'])}{match[3]}", text)


def help_of(command: str) -> str:
    """What `migcheck … --help` prints on a terminal of 100 columns without colour."""
    done = subprocess.run(
        [sys.executable, "-m", *command.split(), "--help"],
        env={**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def wanted() -> dict[Path, str]:
    """Every file this script answers for, and what must be in it."""
    rules = sorted(pages(), key=lambda page: page.code)
    return {
        RULES / "README.md": index(rules),
        **{page.path: page.text for page in rules},
        README: readme(README.read_text("utf-8")),
    }


def stale(files: dict[Path, str]) -> list[Path]:
    """The files that are missing, differ, or belong to no rule."""
    differing = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    return differing + [path for path in RULES.glob("*.md") if path not in files]


def main(arguments: list[str]) -> int:
    """Write, or only check, and return the exit code."""
    files = wanted()
    out_of_date = stale(files)
    if arguments == ["--check"]:
        for path in out_of_date:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`")
        return 1 if out_of_date else 0
    RULES.mkdir(exist_ok=True)
    for path in out_of_date:
        if path in files:
            path.write_text(files[path], "utf-8")
        else:
            path.unlink()
        print(path.relative_to(ROOT))
    return 0


def _page(gate: str, rule: Rule[Facts]) -> Page:
    return Page(gate, rule.code, rule.name, rule.summary, rule.why, rule.how)


def _first_line(text: str) -> str:
    return text.split("\n\n", 1)[0].replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
