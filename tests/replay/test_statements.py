"""Where statements begin, without a parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migcheck.postgres.running.statements import Statements, statement_starts, without_comments


def starts(text: str) -> list[str]:
    """The first word of each statement."""
    return [text[at:].split(maxsplit=1)[0] for at in statement_starts(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", []),
        ("-- nothing\n/* at /* all */ */ ;;", []),
        ("a; b ;c", ["a;", "b", "c"]),
        ("a 'x;y' ; b \";\"; c E'\\';' ; d", ["a", "b", "c", "d"]),
        ("a E'x' -- it's\r\n\n'\\'; y'\n'\\'; z'; b", ["a", "b"]),
        ("a E'x';\n'\\'; b", ["a", "'\\';", "b"]),
        ("a E'x' '\\'; b", ["a", "b"]),
        ("a 'x'\n'\\'; b", ["a", "b"]),
        ("a E'x'\n'\\'; never closed", ["a"]),
        ("do $$ begin x; y; end $$; b $tag$ ; $$ ; $tag$; c", ["do", "b", "c"]),
        ("a$b$c; d", ["a$b$c;", "d"]),
        ("a -- ;\n; /* ; */ b", ["a", "b"]),
        ("create rule r as on insert to t do (x; y); b", ["create", "b"]),
        ("create function f() begin atomic select 1; select case when a then b end; end; b", ["create", "b"]),
        ("a (/* b */ case when c then d end); e; commit", ["a", "e;", "commit"]),
        ("a (case when b then c /* d */ end; e); f", ["a", "f"]),
        ("begin; a; commit; b", ["begin;", "a;", "commit;", "b"]),
        ("a 'never closed; b", ["a"]),
        ("a /* never closed; b", ["a"]),
    ],
)
def test_statements_are_told_apart(text: str, first: list[str]) -> None:
    assert starts(text) == first


FRAGMENTS = (
    *("a", "b1", "é", "x$y", " ", "\n", ";", ",", "=", "::", "[1]", "-", "/", "(", ")", "\\", "$1"),
    *(
        "'x'",
        "''",
        "'",
        "E'\\''",
        "e'",
        "E'x'\n'\\'",
        "\r",
        "U&'x'",
        '"q"',
        '"',
        "$$",
        "$t$",
        "--c\n",
        "--",
        "/*",
        "*/",
    ),
)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_what_is_passed_over_at_once_is_read_as_it_is_word_by_word(text: str) -> None:
    # Where this word stands anywhere, each word is looked at.
    fast, slow = Statements(text), Statements(f"{text}\n--atomic")
    assert list(fast.starts()) == list(slow.starts())
    assert fast.whole == slow.whole


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("a /* b */", True),
        ("a /* /* b */", False),
        ("a /*/", False),
        ("a ('b')", True),
        ("a (", False),
        ("a 'b", False),
        ("a E'b'\n'c\\''", True),
        ("a E'b'\n'c\\'", False),
    ],
)
def test_what_a_piece_opens_is_closed_in_it(text: str, whole: bool) -> None:  # noqa: FBT001 - one of its cases
    read = Statements(text)
    assert list(read.starts()) == [0]
    assert read.whole is whole


def test_a_long_piece_takes_one_pass() -> None:
    assert len(list(statement_starts("insert into t values ('a;b'); " * 20_000))) == 20_000
    assert len(list(statement_starts("a E'x'" + "\n-- - --- -" * 20_000 + "\n;" + " E'x'\n'y'" * 20_000))) == 2


def test_a_comment_is_a_blank_and_what_a_string_holds_is_none() -> None:
    said = "alter /* a /* b */ */ table t -- c\n alter a type text using '-- /*' || $$ -- d $$"
    assert without_comments(said) == "alter   table t  \n alter a type text using '-- /*' || $$ -- d $$"
