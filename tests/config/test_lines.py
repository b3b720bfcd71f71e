"""On which line of a configuration a key stands."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migcheck.config.lines import Keys, line_of, lines_of, places_of


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("base = 1", ("base",), 1),
        ("# base = 1\n\nbase = 1 # base", ("base",), 3),
        ("[a.b.c]\nd = 1", ("a",), 1),
        ("[a.b.c]\nd = 1", ("a", "b", "c", "e"), 1),
        ("[[a]]\n[[a]]\nb = 1", ("a",), 1),
        ("[[a]]\n[[a]]\nb = 1", ("a", 1, "b"), 3),
        ("[[a]]\n[a.b]\n[[a]]\n[ a . b ]\nc = 1", ("a", 1, "b", "c"), 5),
        ("[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[ a.b ]]", ("a", 1, "b"), 5),
        ("a = [{b = 1},\n  {b = 2,\n c = 3}]\nd = 4", ("a", 1, "b"), 2),
        ("a = [{b = 1},\n  {b = 2,\n c = 3}]\nd = 4", ("a", 1, "c"), 3),
        ("a = [{b = 1},\n  {b = 2,\n c = 3}]\nd = 4", ("d",), 4),
        ("a = [\n 'x', # y,\n [1, 2],\n 3.5,\n]\nb = 1", ("a", 2), 4),
        ("a = [\n 'x', # y,\n [1, 2],\n 3.5,\n]\nb = 1", ("b",), 6),
        ('a = """\n[b]\nb = 1\n"""\n[b]', ("b",), 5),
        ("a = '''\n[b]\n'''''\n[b]", ("b",), 4),
        ('a = """""x\n[b]\n\\""""\n"b\\u0063" . \'d.e\'.f = {}', ("bc", "d.e", "f"), 4),
        ('"a`b" = 1', ("a`b",), 1),
        ("a.1.b = 1979-05-27 07:32:00.5\nc = -1.5e3\r\nd = {}", ("d",), 3),
        ("", ("a",), None),
        ("a = 1", ("b",), None),
    ],
)
def test_the_line_of_a_place(text: str, place: Keys, line: int | None) -> None:
    assert line_of(text, place) == line


def test_the_lines_of_a_list() -> None:
    assert lines_of("[a]\n[[a.b]]\n[a.b.c]\n[[a.b]]\n[[a.b.d]]", ("a", "b")) == (2, 4)
    assert lines_of("b = [{},\n{c = [1]}, {}]", ("b",)) == (1, 2, 2)


KEYS = st.sampled_from(["a", "b-1", "1", '"c d"', "'e.f'", '"\\""'])
SCALARS = st.sampled_from(["1", "-1.5", "true", "''", '"#\\""', '"""\n"\n"""', "'''\n[a]\n'''", "2027-01-31 08:00:00Z"])
GAPS = st.sampled_from(["", " ", "\n", " # [a]\n"])


def _lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(GAPS, inner, GAPS).map("".join), max_size=3)
    tables = st.lists(inner, max_size=3).map(lambda each: [f"k{at} = {value}" for at, value in enumerate(each)])
    return members.map(lambda each: f"[{','.join(each)}]") | tables.map(lambda each: f"{{{', '.join(each)}}}")


LINES = st.one_of(
    st.tuples(KEYS, KEYS).map(lambda keys: f"[{keys[0]} . {keys[1]}]"),
    KEYS.map(lambda key: f"[[{key}]]"),
    st.tuples(KEYS, st.recursive(SCALARS, _lists, max_leaves=5)).map(" = ".join),
    st.just("# [a]"),
)


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_each_value_that_a_parser_finds_has_a_line(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    told = {found[:length] for _, found in places_of(text) for length in range(1, len(found) + 1)}
    assert told == set(_places(data))


def _places(data: object, place: Keys = ()) -> list[Keys]:
    within = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [each for key, value in within for each in ((*place, key), *_places(value, (*place, key)))]
