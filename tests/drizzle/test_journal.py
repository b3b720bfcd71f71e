"""Journals as bytes: what is read, what is refused, and at which line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.growth import LINEAR, growth

from migcheck.drizzle.journal import BrokenJournal, Entry, Journal, parse_journal
from migcheck.drizzle.placed_json import BadJsonError, Placed, PlacedList, read_object

PATH = "drizzle/meta/_journal.json"
SOUND = b"""{
  "version": "7",
  "dialect": "postgresql",
  "entries": [
    {
      "idx": 0,
      "version": "7",
      "when": 1700000000000,
      "tag": "0000_users",
      "breakpoints": true
    }
  ]
}"""


def test_a_journal_as_drizzle_kit_writes_it() -> None:
    assert parse_journal(PATH, SOUND) == Journal(
        PATH, "7", "postgresql", (Entry(0, 0, "0000_users", 1_700_000_000_000, 5),)
    )


def test_a_journal_on_one_line_and_with_crlf() -> None:
    flat = json.dumps(json.loads(SOUND)).encode()

    assert parse_journal(PATH, flat) == Journal(
        PATH, "7", "postgresql", (Entry(0, 0, "0000_users", 1_700_000_000_000, 1),)
    )
    assert parse_journal(PATH, SOUND.replace(b"\n", b"\r\n")) == parse_journal(PATH, SOUND)


def test_numbers_that_javascript_holds_as_whole() -> None:
    content = SOUND.replace(b"1700000000000", b"1.7e12").replace(b'"7",\n  "dialect"', b'7,\n  "dialect"')

    assert parse_journal(PATH, content) == parse_journal(PATH, SOUND)


def test_of_two_keys_with_one_name_the_last_counts_as_in_javascript() -> None:
    content = SOUND.replace(b'"tag": "0000_users"', b'"tag": "0000_lost", "tag": "0000_users"')

    assert parse_journal(PATH, b'{"entries": 3, ' + content[1:]) == parse_journal(PATH, SOUND)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", 1, "the journal ends in the middle of its JSON"),
        (SOUND[:90], 7, "the journal ends in the middle of its JSON"),
        (SOUND[:-2], 12, "the journal ends in the middle of its JSON"),
        (SOUND.replace(b'"idx": 0,', b'"idx": 0'), 7, "the journal is not JSON (Expecting ',' delimiter, column 7)"),
        (SOUND + b"}", 13, "the journal is not JSON (extra data, column 2)"),
        (SOUND.replace(b"    }\n", b"    },\n"), 12, "the journal is not JSON (Expecting value, column 3)"),
        (SOUND.replace(b"1700000000000", b"NaN"), 5, "the journal is not JSON (NaN is not a value, column 5)"),
        (b"[" * 100_000, 1, "the journal is nested too deeply to be read"),
        (b"[]", 1, "the journal is not a JSON object"),
        (b"null", 1, "the journal is not a JSON object"),
        (b"\xef\xbb\xbf" + SOUND, 1, "the journal begins with a byte order mark"),
        (b'{"version": "7"}', 1, "the journal has no list of entries"),
        (b'{\n"entries": {}}', 2, "the journal's entries are not a list"),
        (
            SOUND.replace(b'"postgresql"', b'"mysql"'),
            3,
            "the journal is of dialect 'mysql', and migcheck judges Postgres alone",
        ),
        (SOUND.replace(b'"7"', b'"8"', 1), 2, "the journal is of version '8'; migcheck knows 5, 6, 7"),
        (
            SOUND.replace(b"    {", b"<<<<<<< HEAD\n    {").replace(b"  ]", b"=======\n>>>>>>> b\n  ]"),
            5,
            "the journal holds the markers of a merge conflict",
        ),
        (
            SOUND.replace(b"    {", b"<<<<<<<\n    {").replace(b"\n", b"\r\n"),
            5,
            "the journal holds the markers of a merge conflict",
        ),
    ],
)
def test_a_journal_that_cannot_be_used(content: bytes, line: int, problem: str) -> None:
    broken = parse_journal(PATH, content)

    assert isinstance(broken, BrokenJournal)
    assert (broken.path, broken.line, broken.problem) == (PATH, line, problem)
    assert broken.remedy


def test_an_integer_of_ten_thousand_digits_is_a_malformed_row() -> None:
    journal = parse_journal(PATH, SOUND.replace(b"1700000000000", b"9" * 10_000))

    assert isinstance(journal, Journal)
    assert [each.problem for each in journal.malformed] == ["its when is inf, not a whole number from 0 to 2^53 - 1"]


def test_a_lone_surrogate_is_no_file_name() -> None:
    journal = parse_journal(PATH, SOUND.replace(b"0000_users", b"0000_\\ud800"))

    assert isinstance(journal, Journal)
    assert [each.problem for each in journal.malformed] == [
        r"its tag '0000_\ud800' holds a character that no file name has"
    ]


def long_journal(size: int) -> bytes:
    entry = """
    {{
      "idx": {0},
      "version": "7",
      "when": {0},
      "tag": "{0:05}_m",
      "breakpoints": true
    }}"""
    rows = ",".join(map(entry.format, range(size)))
    return f'{{\n  "version": "7",\n  "dialect": "postgresql",\n  "entries": [{rows}\n  ]\n}}'.encode()


def test_fifty_thousand_entries() -> None:
    journal = parse_journal(PATH, long_journal(50_000))

    assert isinstance(journal, Journal)
    assert journal.entries[-1] == Entry(49_999, 49_999, "49999_m", 49_999, 4 + 49_999 * 7 + 1)


def test_entries_take_linear_time() -> None:
    assert growth(lambda size: parse_journal(PATH, long_journal(size)), 1_000) < LINEAR


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 0, 2]))
def test_any_json_reads_as_the_standard_library_reads_it(value: object, indent: int | None) -> None:
    members = read_object(json.dumps(value, indent=indent))

    if not isinstance(value, dict):
        assert members is None
        return
    assert members is not None
    assert {name: _plain(each) for name, each in members.items()} == value


@given(st.text(alphabet='{}[]":, \n0a\\', max_size=30))
def test_any_text_is_refused_where_the_standard_library_refuses_it(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        with pytest.raises(BadJsonError):
            read_object(text)
    else:
        read_object(text)


def _plain(member: Placed | PlacedList) -> object:
    return member.value if isinstance(member, Placed) else [each.value for each in member.items]
