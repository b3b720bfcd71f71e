"""The scan of quotes beside a lexer that goes letter by letter, on everything that hypothesis thinks of."""

import re
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from migcheck.drizzle.text import MARKER, has_statement, markers_in_quotes

PARTS = st.sampled_from(
    [
        "'",
        "''",
        '"',
        "$",
        "$$",
        "$a$",
        "$b$",
        "E'",
        "e'",
        "\\",
        "--",
        "/*",
        "*/",
        "\n",
        "\r",
        "E'a'\n'",
        " ",
        "a",
        "1",
        "-",
        "/",
        ";",
        "é",
    ]
)
SQL = st.lists(PARTS | st.just(MARKER.decode()), max_size=25).map("".join)


@given(SQL)
@example(f"select E'\\'{MARKER.decode()}'")
@example(f"select E'\\{MARKER.decode()}'")
@example(f"select E'\\\\{MARKER.decode()}'")
@example(f"select E'{MARKER.decode()}\\'', '{MARKER.decode()}'")
@example(f"select E'a'\n'\\'{MARKER.decode()}'")
@example(f"select E'a'\n'{MARKER.decode()}\\'{MARKER.decode()}'")
@example(f"select E'a' -- b{MARKER.decode()}\n'\\'{MARKER.decode()}'")
@example(f"select E'a' --{MARKER.decode()}\n'\\'{MARKER.decode()}'")
@example(f"select E'a' -- b\r --\n'\\'{MARKER.decode()}'")
@example(f"select E'a'\n'\\'{MARKER.decode()}")
@example(f"a$b$ {MARKER.decode()} a$b$")
@example(f"$a$ $a {MARKER.decode()} $a$")
def test_the_fast_scan_finds_what_a_plain_lexer_finds(sql: str) -> None:
    found = [each.at for each in markers_in_quotes(sql.encode())]

    assert found == list(_cut_tokens(sql.encode()))


@given(SQL)
def test_a_statement_is_anything_that_is_no_space_and_no_comment(sql: str) -> None:
    assert has_statement(sql.encode()) is any(kind in {"other", "quote"} for kind, _, _ in _tokens(sql.encode()))


def _cut_tokens(sql: bytes) -> Iterator[int]:
    """The first marker in each quote or block comment that has one and that ends."""
    for kind, start, end in _tokens(sql):
        at = sql.find(MARKER, start, end)
        if kind in {"quote", "block"} and at >= 0:
            yield at


def _tokens(sql: bytes) -> Iterator[tuple[str, int, int]]:
    """Kind, start, end of each token; what never ends is the last, of kind `open`, save a comment."""
    at = 0
    while at < len(sql):
        kind, end = _token(sql, at)
        yield kind, at, end
        at = end


def _token(sql: bytes, at: int) -> tuple[str, int]:
    rest = sql[at:]
    if rest.startswith(b"--"):
        line = re.search(rb"[\r\n]", rest)
        return "line", at + line.start() if line else len(sql)
    if rest.startswith(b"/*"):
        return _block(sql, at)
    if mark := re.match(rb"[eE]?'|\"", rest):
        return _quote(sql, at + mark.end(), mark.group()[-1:], escapes=mark.end() > 1)
    return _dollar_or_word(sql, at)


def _dollar_or_word(sql: bytes, at: int) -> tuple[str, int]:
    rest = sql[at:]
    if dollar := re.match(rb"\$([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$", rest):
        end = sql.find(dollar.group(), at + dollar.end())
        return ("quote", end + dollar.end()) if end >= 0 else ("other", len(sql))
    if word := re.match(rb"[A-Za-z0-9_\x80-\xff][A-Za-z0-9_$\x80-\xff]*", rest):
        return "other", at + word.end()
    return ("blank" if rest[:1].isspace() or rest[:1] == b";" else "other"), at + 1


def _quote(sql: bytes, at: int, mark: bytes, *, escapes: bool) -> tuple[str, int]:
    while at < len(sql):
        two = sql[at : at + 2]
        if escapes and (two[:1] == b"\\" or two == mark * 2):
            at += 2
        elif two[:1] == mark:
            on = _goes_on(sql, at + 1) if escapes else None
            if on is None:
                return "quote", at + 1
            at = on
        else:
            at += 1
    return "other", len(sql)


def _goes_on(sql: bytes, at: int) -> int | None:
    """Where the next part of an E-string begins: behind blanks and comments, a line's end among them."""
    ended = False
    while at < len(sql):
        if sql[at : at + 1] in b" \t\f\v\r\n":
            ended = ended or sql[at : at + 1] in b"\r\n"
            at += 1
        elif sql.startswith(b"--", at) and not sql.startswith(MARKER, at):
            line = re.compile(rb"[^\r\n]*").match(sql, at)
            assert line
            if MARKER in line[0]:
                return None
            at = line.end()
        else:
            return at + 1 if ended and sql[at : at + 1] == b"'" else None
    return None


def _block(sql: bytes, at: int) -> tuple[str, int]:
    depth = 0
    while at < len(sql):
        two = sql[at : at + 2]
        if two in {b"/*", b"*/"}:
            depth += 1 if two == b"/*" else -1
            at += 2
            if depth == 0:
                return "block", at
        else:
            at += 1
    return "open", len(sql)
