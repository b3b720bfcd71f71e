"""`migcheck explain rollback` has all that docs/rollback.md says, for a terminal: case by case, to be copied."""

import re
from pathlib import Path

import pytest

from migcheck.report.manual import read_manual
from tests.docs.shop import PAGE
from tests.support.command import Command
from tests.support.pages import blocks

ROOT = Path(__file__).parents[2]
MANUAL = read_manual(PAGE)
CASES = [each.name for each in MANUAL.cases]
TABLE = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if "](#" in line[-200:]]
ROWS = [(seen, re.sub(r"\[(.*)\]\(.*\)", r"\1", case)) for seen, code, case in filter(lambda row: len(row) == 3, TABLE)]
MARKDOWN = re.compile(r"\]\(|```|<!--|\*\*|^#|\|---")


def words(text: str) -> str:
    """The text without its line breaks and without the bar of what is quoted."""
    return " ".join(text.split())


def test_the_overview_names_each_case_by_what_is_seen(command: Command) -> None:
    ran = command("explain", "rollback")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "When a deploy has to be undone"
    assert len(ROWS) == 11
    for seen, title in ROWS:
        name = next(each.name for each in MANUAL.cases if each.title.lower() == title.lower())
        assert f" {name} {seen} (exit code " in words(ran.out)
    for name in CASES:
        assert re.search(rf"^  {name} ", ran.out, re.MULTILINE)
    assert len(ran.out.splitlines()) < 50
    assert not MARKDOWN.search(ran.out)


def test_every_heading_and_every_block_stands_in_one_case(command: Command) -> None:
    told = {name: command("explain", "rollback", name).out for name in CASES}
    for title in set(re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)) - {"Ledger and schema apart"}:
        assert [name for name, text in told.items() if title in text.splitlines()], title
    for block in blocks(PAGE):
        if block.kind != "text":
            shown = "".join(f"    {line}".rstrip() + "\n" for line in block.text.splitlines())
            assert any(shown in text for text in told.values()), block


@pytest.mark.parametrize("case", CASES)
def test_a_case_reads_well_on_a_terminal(command: Command, case: str) -> None:
    ran = command("explain", "rollback", case.upper(), env={"COLUMNS": "80"})
    assert ran.code == 0
    assert not MARKDOWN.search(ran.out)
    assert set(re.findall(r"migcheck explain rollback ([\w-]+)", words(ran.out))) <= set(CASES)


def test_a_link_becomes_the_command_that_leads_there(command: Command) -> None:
    told = words(command("explain", "rollback", "reverted").out)
    assert "undone by a new one (`migcheck explain rollback wrong`). Where the revert" in told


def test_a_case_leads_to_what_holds_in_every_case(command: Command) -> None:
    told = command("explain", "rollback", "failed").out.splitlines()
    assert told[0] == "A migration failed"
    assert "  migcheck explain rollback every-case  In every case" in told
    assert "  migcheck explain rollback failed" not in "\n".join(told)


def test_a_table_inside_a_case_is_told_row_by_row(command: Command) -> None:
    told = words(command("explain", "rollback", "every-case").out)
    row = "`UPDATE drizzle.__drizzle_migrations SET id = 9 WHERE id = 1;`"
    assert f"- {row} Drizzle's next run: runs nothing; `migcheck status`: `3 applied`; exit code: 0 " in told


def test_what_the_program_tells_of_cases_is_there() -> None:
    texts = [each.read_text("utf-8") for each in (ROOT / "checks/migcheck").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"migcheck explain rollback ([a-z-]+)[`)]", text)}
    assert named
    assert named <= set(CASES)
