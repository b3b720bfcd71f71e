"""Names that would give orders to whoever shows them: a terminal, a log viewer, a shell, a parser of JSON."""

import json
import os
import re

import pytest

from migcheck.report.page import Page
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository

NAMES = [
    "dri\nzzle",
    "dri\n::error::zz",
    "\x1b[31mdri",
    "dri\r\tzzle",
    "a\"b'`id`$(id)",
    os.fsdecode(b"dri\xff"),
    "a:b,c%0A",
    "##[error]x",
    "-rf",
]
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
OURS = re.compile(r"::(?:error|warning|notice) (?:file=[^:,]+,line=\d+,)?title=[^:,]+::")


@pytest.fixture(params=NAMES, ids=ascii)
def named(request: pytest.FixtureRequest, a_repo: GitRepository) -> GitRepository:
    """A repository whose folder has such a name, as have new files and entries in it."""
    name = str(request.param)
    folder = a_folder(a_repo / name, {"0000_a": "select 1;"})
    a_repo.commit()
    a_repo.branch("feature")
    add_migration(folder, "0001_\n::error::b", "select 1;")
    a_repo.commit({f"{name}/0002_c\n::set-env name=a::b.sql": "x", f"{name}/0000_a.sql": "select 2;"})
    return a_repo


@pytest.mark.parametrize("staged", [[], ["--staged"]], ids=["work tree", "index"])
def test_text_gives_no_orders(command: Command, named: GitRepository, staged: list[str]) -> None:
    ran = command("verify", "--offline", *staged, cwd=named.top)
    assert (ran.code, ran.err) == (1, "")
    assert "error MC201" in ran.out
    assert not COMMAND.search(ran.out)
    assert not set(ran.out) & {chr(code) for code in (*range(32), 127) if chr(code) != "\n"}


def test_annotations_are_our_own(command: Command, named: GitRepository) -> None:
    ran = command("verify", "--offline", "--format", "github", cwd=named.top)
    orders = [line for line in ran.out.split("\n") if COMMAND.search(line)]
    assert (ran.code, len(orders)) == (1, 4)
    assert all(OURS.match(line) for line in orders), orders
    assert not any("\r" in line or "\x1b" in line for line in orders)


def test_json_is_json(command: Command, named: GitRepository) -> None:
    ran = command("verify", "--offline", "--format", "json", cwd=named.top)
    found = json.loads(ran.out.encode("utf-8"))["findings"]
    assert (ran.code, len(found)) == (1, 4)


def test_no_order_is_given_by_what_stands_before_a_text() -> None:
    page = Page()
    page.text("said", indent=12, lead="x/a\n::stop-commands::x\n\x1b[31m\u202e/b.sql:3: ")
    page.text("said", indent=2, lead="postgres://app:hunter22@db/shop: ")
    assert page.render() == (
        f"{' ' * 12}x/a; : :stop-commands::x; \\x1b[31m\\x202e/b.sql:3: said\n  postgres://app:***@db/shop: said\n"
    )
