"""The region that the guide is written into: all around it is people's."""

import pytest

from migcheck.report.region import NoRegion, with_region

OURS = "People wrote this.\n"


def written(text: str | None, body: str = "one\n") -> str:
    after = with_region(text, body)
    assert isinstance(after, str), after
    return after


def refused(text: str, body: str = "two\n") -> str:
    after = with_region(text, body)
    assert isinstance(after, NoRegion), after
    return after.problem


def test_a_new_file_is_the_region_alone() -> None:
    first, body, last = written(None).splitlines()
    assert first.startswith("<!-- migcheck guide ")
    assert (body, last) == ("one", "<!-- /migcheck guide -->")


@pytest.mark.parametrize(("text", "gap"), [("", ""), ("# Ours\n", "\n"), ("# Ours", "\n\n")])
def test_a_file_that_is_there_gets_it_at_its_end(text: str, gap: str) -> None:
    assert written(text) == text + gap + written(None)


def test_what_stands_around_it_stays() -> None:
    text = OURS + written(None) + OURS
    assert written(text) == text
    assert written(text, "two\n") == OURS + written(None, "two\n") + OURS


def test_line_ends_are_the_files_own() -> None:
    text = written("# Ours\r\n")
    assert text.count("\n") == text.count("\r\n") == 5
    assert written(text) == text
    assert "two\r\n" in written(text, "two\n")


def test_a_formatter_that_moves_blanks_has_written_nothing() -> None:
    text = written(None, "- one  two\n- three\n").replace("- one  two\n", "-   one two\n\n")
    assert written(text, "new\n") == written(None, "new\n")


def test_an_edit_inside_of_it_is_not_lost() -> None:
    assert refused(written(None).replace("one", "one, and mine")).startswith("what stands between its marks was edited")


def test_marks_that_are_not_a_pair_are_refused() -> None:
    region = written(None)
    end = "<!-- /migcheck guide -->"
    begin = region.splitlines()[0]
    for text in (begin, end, region + region, region + end, f"{end}\n{begin}\n"):
        assert "not once each" in refused(text)
