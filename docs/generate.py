"""Writes what the docs repeat from the code: docs/rules/, the JSON Schemas, the help texts in docs/commands.md.

And what the package repeats from the docs: rollback.md, for `migcheck explain rollback`.

`python docs/generate.py` writes; with `--check` it writes nothing, names what is out of date and exits with 1.

docs/commands.md has `<!-- migcheck COMMAND --help -->` once for each command; where it has not, that is told and
nothing is written.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from migcheck.catalogue import rule_pages
from migcheck.cli import app
from migcheck.report.schemas import schemas
from migcheck.rule import RulePage

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RULES = DOCS / "rules"
EXAMPLES = DOCS / "examples"
COMMANDS = DOCS / "commands.md"
ROLLBACK = DOCS / "rollback.md"
PACKAGED = ROOT / "checks" / "migcheck" / ROLLBACK.name
HELP = re.compile(r"(<!-- (?P<command>migcheck[a-z ]*) --help -->\n```text\n).*?(\n```\n)", re.DOTALL)


def page(rule: RulePage) -> str:
    """The page of one rule, with the example that tests play."""
    landed = f"\n## Once it has landed\n\n{rule.landed}\n" if rule.landed else ""
    example = EXAMPLES / f"{rule.code}.md"
    seen = f"\n{example.read_text('utf-8')}" if example.is_file() else ""
    return (
        f"# {rule.code} {rule.name}\n\n"
        f"{rule.summary}\n\n"
        f"Gate: `{rule.gate}`\n\n"
        f"## Why it matters\n\n{rule.why}\n\n"
        f"## How to fix\n\n{rule.how}\n{landed}{seen}"
    )


def index(rules: list[RulePage]) -> str:
    """The table of all rules."""
    rows = "".join(
        f"| [{each.code}]({each.code}.md) | {each.name} | `{each.gate}` | {_first_line(each.summary)} |\n"
        for each in rules
    )
    return (
        "# Rules\n\n"
        "Made by `make docs` from the rules' own docstrings, which `migcheck explain CODE` prints as well, and from "
        "`docs/examples/`, which the tests play on a server.\n\n"
        f"| code | name | gate | in one sentence |\n|---|---|---|---|\n{rows}"
    )


def with_help(text: str) -> str:
    """docs/commands.md with every help text as the command prints it now."""
    return HELP.sub(lambda match: f"{match[1]}{help_of(match['command'])}{match[3]}", text)


def commands() -> set[str]:
    """Every command of the program, as it is typed."""
    groups = (app, *(each.typer_instance for each in app.registered_groups if each.typer_instance))
    commands = (each for group in groups for each in group.registered_commands)
    return {f"migcheck {each.name or each.callback.__name__}" for each in commands if each.callback}


def unmarked(text: str) -> list[str]:
    """The commands whose help COMMANDS has no place for, or more than one; also what is no command and has one."""
    shown = Counter(match["command"] for match in HELP.finditer(text))
    return sorted(each for each in commands() | set(shown) if shown[each] != (each in commands()))


def help_of(command: str) -> str:
    """What `migcheck … --help` prints on a terminal of 80 columns without colour."""
    done = subprocess.run(
        [sys.executable, "-m", *command.split(), "--help"],
        env={**os.environ, "COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def wanted() -> dict[Path, str]:
    """Every file this script answers for, and what must be in it."""
    rules = sorted(rule_pages(), key=lambda rule: rule.code)
    return {
        RULES / "README.md": index(rules),
        **{RULES / f"{each.code}.md": page(each) for each in rules},
        **{DOCS / name: text for name, text in schemas().items()},
        COMMANDS: with_help(COMMANDS.read_text("utf-8")),
        PACKAGED: ROLLBACK.read_text("utf-8"),
    }


def stale(files: dict[Path, str]) -> list[Path]:
    """The files that are missing, differ, or belong to no rule."""
    differing = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    return differing + [path for path in RULES.glob("*.md") if path not in files]


def main(arguments: list[str]) -> int:
    """Write, or only check, and return the exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    if wrong := unmarked(COMMANDS.read_text("utf-8")):
        for command in wrong:
            told = f"`<!-- {command} --help -->` and a block ```text must stand there once for each command"
            print(f"{COMMANDS.relative_to(ROOT)}: {told}")
        return 1
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


def _first_line(text: str) -> str:
    return text.split("\n\n", 1)[0].replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
