"""The report for people: whole pages, at several widths, with and without colour."""

import pytest
from tests.support import verdicts
from tests.support.golden import Golden

from migcheck.report.text import render_text
from migcheck.verdict import Verdict

PAGES = {
    "clear": [verdicts.clear()],
    "blocked": [verdicts.blocked()],
    "undecided": [verdicts.undecided()],
    "several": [verdicts.clear("apps/api/drizzle"), verdicts.undecided()],
}


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", PAGES)
def test_the_whole_page(golden: Golden, name: str, width: int) -> None:
    golden(f"{name}-{width}.txt", render_text(PAGES[name], width=width))


def test_colour_changes_no_word(golden: Golden) -> None:
    golden("blocked-colour.txt", render_text(PAGES["blocked"], width=80, colour=True))


def test_verbose_shows_every_place() -> None:
    page = render_text([verdicts.blocked()], verbose=True)
    assert page.count("has no snapshot") == 120
    assert "--verbose" not in page


@pytest.mark.parametrize("verdict", [verdicts.clear(), verdicts.blocked(), verdicts.undecided(), verdicts.differing()])
def test_no_line_but_the_last_is_wider_than_the_page(verdict: Verdict) -> None:
    for width in (60, 80, 120):
        assert max(len(line) for line in render_text([verdict], width=width).splitlines()[:-1]) <= width
