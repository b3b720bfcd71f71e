"""The report for people: whole pages, at several widths, with and without colour."""

from dataclasses import replace

import pytest
from tests.support import verdicts
from tests.support.golden import Golden

from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.report.visible import visible
from migcheck.verdict import GateResult, Judged, Verdict

PAGES = {
    "clear": [verdicts.clear()],
    "blocked": [verdicts.blocked()],
    "undecided": [verdicts.undecided()],
    "several": [verdicts.clear("apps/api/drizzle"), verdicts.undecided()],
}


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", PAGES)
def test_the_whole_page(golden: Golden, name: str, width: int) -> None:
    golden(f"{name}-{width}.txt", render_text(Run(PAGES[name]), width=width))


def test_colour_changes_no_word(golden: Golden) -> None:
    golden("blocked-colour.txt", render_text(Run(PAGES["blocked"]), width=80, colour=True))


def test_verbose_shows_every_place() -> None:
    page = render_text(Run([verdicts.blocked()]), verbose=True)
    assert page.count("has no snapshot") == 120
    assert "--verbose" not in page


@pytest.mark.parametrize("verdict", [verdicts.clear(), verdicts.blocked(), verdicts.undecided(), verdicts.differing()])
def test_no_line_but_the_last_is_wider_than_the_page(verdict: Verdict) -> None:
    for width in (60, 80, 120):
        assert max(len(line) for line in render_text(Run([verdict]), width=width).splitlines()[:-1]) <= width


def test_notes_stand_first() -> None:
    page = render_text(Run([verdicts.clear()], notes=["migrations is configured by drizzle.config.ts"]))
    assert page.splitlines()[0] == "migrations is configured by drizzle.config.ts"


def test_each_place_keeps_its_own_fix() -> None:
    fixes = [replace(verdicts.finding(number), fix=f"put {number} back") for number in (1, 2)]
    page = render_text(Run([replace(verdicts.clear(), gates=(GateResult("history", Judged(tuple(fixes)), 1),))]))
    assert "    fix: put 1 back\n" in page
    assert "    fix: put 2 back\n" in page
    assert page.count("error MC201") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("say\n::set-output name=a::b", "say\n: :set-output name=a::b"),
        ("##[error]x", "# #[error]x"),
        ("'1'::text", "'1'::text"),
        ("a\x1b[31mb\x07\x00", "a\\x1b[31mb\\x07\\x00"),
        ("user\u202etxt.exe", "user\\x202etxt.exe"),
        ("postgres://u:pw@h/d", "postgres://u:***@h/d"),
    ],
)
def test_hostile_text_gives_no_orders(text: str, shown: str) -> None:
    assert visible(text) == shown
