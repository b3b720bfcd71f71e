"""What happened between two states of a folder."""

from hypothesis import given
from hypothesis import strategies as st

from migcheck.drizzle.change import Change, compare
from migcheck.drizzle.folder import Folder, Layout, Migration, greatest_when
from migcheck.drizzle.journal import Entry, Journal

Row = tuple[int | None, str, int]
ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.sampled_from("abcd"), st.integers(0, 5)), max_size=6)


def folder(rows: list[Row], files: str = "abcd", layout: Layout = Layout.JOURNAL) -> Folder:
    """A folder whose journal has `rows` of idx, tag and `when`, and where `files` are there."""
    entries = tuple(Entry(place, idx, tag, when, place) for place, (idx, tag, when) in enumerate(rows))
    there = tuple(Migration(each.tag, each.when, f"{each.tag}.sql", b"") for each in entries if each.tag in files)
    return Folder(".", layout, Journal("", "7", "postgresql", entries), there, (), (), ())


@given(ROWS, st.text("abcd"), st.sampled_from(Layout))
def test_nothing_happened_where_both_states_are_one(rows: list[Row], files: str, layout: Layout) -> None:
    same = folder(rows, files, layout)
    assert compare(same, same) == Change(mark=greatest_when(same.migrations))


def test_a_second_entry_of_one_tag_may_go() -> None:
    before = folder([(0, "a", 1), (1, "a", 2), (2, "b", 3)])
    assert compare(before, folder([(0, "a", 1), (2, "b", 3)])) == Change(mark=3)
    moved = compare(before, folder([(2, "b", 3), (0, "a", 1)])).moved
    assert moved is not None
    assert moved.tag == "b"
