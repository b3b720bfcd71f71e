"""Looking at SQL without parsing it: quotes, comments and breakpoint markers, in linear time.

Source: PostgreSQL's manual, "Lexical Structure"; drizzle-kit 0.31 `writeResult` for the two texts it puts in files.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from migcheck.drizzle.pieces import BREAKPOINT
from migcheck.regex import regex

MARKER = BREAKPOINT.encode()
CUSTOM = b"-- Custom SQL migration file, put your code below! --"
INTROSPECTED = b"-- Current sql file was generated after introspecting the database"

_LETTER = rb"A-Za-z_\x80-\xff"
_TAG = rb"(?:[" + _LETTER + rb"][0-9" + _LETTER + rb"]*+)?"
_NO_MARKER = rb"-(?!" + re.escape(MARKER[1:]) + rb")"
# To Drizzle a backslash before a marker escapes nothing.
_ESCAPE = rb"(?!\\" + re.escape(MARKER) + rb")\\."

_COMMENT = rb"(?:" + _NO_MARKER + rb"){2}(?:[^\r\n-]++|" + _NO_MARKER + rb"|)*+"
# A string goes on where its next quote stands on a later line, and what E said of the first part holds for it as well.
_ON = rb"(?:[ \t\f\v]++|" + _COMMENT + rb"|)*+[\r\n](?:[ \t\f\v\r\n]++|" + _COMMENT + rb"[\r\n]|)*+'"


def _escaped(body: bytes) -> bytes:
    """An E-string with all its parts, whose text is of what `body` takes."""
    part = rb"(?:" + body + rb"|)*+'"
    return rb"[eE]'" + part + rb"(?:" + _ON + part + rb"|)*+(?!" + _ON + rb")"


# What is not worth a look: all but a quote that holds a marker or never ends, a block comment, and a backslash.
# Possessive throughout, so that 100 MB of INSERTs take one pass. The last branch of a possessive group is empty: before
# CPython 3.11.4 a branch that fails leaves the group where it failed, not where it began (gh-101955).
_WORD = rb"(?![eE]')[0-9" + _LETTER + rb"][0-9$" + _LETTER + rb"]*+"
_DULL = (
    rb"[^\\'\"$/\-0-9" + _LETTER + rb"]++"
    rb"|" + _WORD + rb"|" + _escaped(rb"[^'\\-]++|" + _ESCAPE + rb"|''|" + _NO_MARKER) + rb""
    rb"|'(?:[^'-]++|" + _NO_MARKER + rb"|)*+'"
    rb'|"(?:[^"-]++|' + _NO_MARKER + rb'|)*+"'
    rb"|\$(?P<tag>" + _TAG + rb")\$(?:[^$-]++|\$(?!(?P=tag)\$)|" + _NO_MARKER + rb"|)*+\$(?P=tag)\$"
    rb"|\$(?!" + _TAG + rb"\$)"
    rb"|--[^\r\n]*+|-(?!-)|/(?!\*)|"
)
_TO_QUOTE = regex(rb"(?:\\++|" + _DULL + rb")*+", re.DOTALL)
# A row that COPY would read is no command.
_TO_COMMAND = regex(rb"(?:\\N\b|" + _DULL + rb")*+", re.DOTALL)
_QUOTED = regex(
    rb"(?P<string>" + _escaped(rb"[^'\\]++|\\.|''") + rb"|'[^']*+')"
    rb'|(?P<name>"[^"]*+")'
    rb"|(?P<dollar>\$(?P<tag>" + _TAG + rb")\$(?:[^$]++|\$(?!(?P=tag)\$)|)*+\$(?P=tag)\$)",
    re.DOTALL,
)
_BLOCK = regex(rb"/\*|\*/")
_BLANK = regex(rb"(?:[\s;]++|--[^\r\n]*+|)*+")
_WORDS = regex(rb"statement[-_ \t]*+break[-_ \t]*+point", re.IGNORECASE)
_REACH = 40
"""Bytes before those words where the two dashes of a comment are looked for."""
_AFTER = regex(re.escape(MARKER) + rb"[ \t;]*+(?!--|/\*)(?P<text>[^\s;][^\n]*+)")
_APPENDED = regex(re.escape(CUSTOM) + rb"[ \t]*+(?!--)(?P<text>[^\s][^\n]*+)")
_COMMAND = regex(rb"\\[^\n]*+")
_CONFLICT = regex(rb"^(?:<{7}|>{7})(?: [^\r\n]*+)?(?=\r?$)", re.MULTILINE)
_ESCAPES_ANYWHERE = regex(rb"standard_conforming_strings(?!\"?\s*+(?:=|to)\s*+'?on\b)", re.IGNORECASE)
_WHAT = {"string": "a string", "name": "a quoted name", "dollar": "a dollar-quoted body"}


class Spot(Struct, frozen=True):
    """A place in a file: the position of its first byte, and what stands there."""

    at: int
    what: str


def line_at(sql: bytes, position: int) -> int:
    """The 1-based line of a byte."""
    return sql.count(b"\n", 0, position) + 1


def conflict_markers(content: bytes) -> list[Spot]:
    """The markers of a merge conflict, each with its line: those that begin a side or end it, labelled or not.

    The one between them may be a title.
    """
    if b"<<<<<<<" not in content and b">>>>>>>" not in content:
        return []
    return [Spot(found.start(), found[0].decode("utf-8", "replace")) for found in _CONFLICT.finditer(content)]


def not_utf8_at(sql: bytes) -> int | None:
    """The position of the first byte that is not UTF-8; None where all of it is."""
    try:
        sql.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def markers_in_quotes(sql: bytes) -> Iterator[Spot]:
    """Each string, quoted name, dollar-quoted body or block comment that a marker cuts in two, at its first marker."""
    if MARKER not in sql:
        return
    for start, end, what in _wide(sql):
        cut = sql.find(MARKER, start, end)
        if cut >= 0:
            yield Spot(cut, what)


def near_misses(sql: bytes) -> Iterator[Spot]:
    """Comments that look like the marker and are not it: Drizzle does not split there."""
    if sql.lower().count(b"point") == sql.count(MARKER):
        return
    for found in _WORDS.finditer(sql):
        start = found.start()
        before = sql[max(0, start - _REACH) : start]
        dashes = before[len(before.rstrip(b"-> \t")) :].lstrip()
        if dashes.startswith(b"--") and not sql.startswith(MARKER, start - len(b"--> ")):
            yield Spot(start, _short(dashes + found.group()))


def text_after_markers(sql: bytes) -> Iterator[Spot]:
    """What stands behind a marker on its line: to Drizzle it is SQL of the next piece, whatever it looks like."""
    for found in _AFTER.finditer(sql):
        yield Spot(found.start(), _short(found["text"]))


def psql_command_in(sql: bytes) -> Spot | None:
    """The first command of psql: a backslash outside of the quotes and comments of its piece, where SQL has none."""
    start = 0
    for piece in sql.split(MARKER) if b"\\" in sql else ():
        if b"\\" in piece and (found := _command_in(piece)):
            return Spot(start + found.start(), _short(found.group()))
        start += len(piece) + len(MARKER)
    return None


def may_escape_anywhere(sql: bytes) -> bool:
    r"""Whether it may set that each string reads `\'` as an E-string does, which is not read here."""
    return _ESCAPES_ANYWHERE.search(sql) is not None


def _command_in(piece: bytes) -> re.Match[bytes] | None:
    at: int | None = 0
    while at is not None and (dull := _TO_COMMAND.match(piece, at)):
        at = dull.end()
        if not piece.startswith(b"/*", at):
            return _COMMAND.match(piece, at)
        at = _block_end(piece, at)
    return None


def text_on_custom_line(sql: bytes) -> Spot | None:
    """What was appended to drizzle-kit's own comment, which ends without a newline."""
    found = _APPENDED.match(sql)
    return Spot(0, _short(found["text"])) if found else None


def has_statement(sql: bytes) -> bool:
    """Whether anything but space, comments and semicolons is there. A byte order mark counts as space."""
    at = len(b"\xef\xbb\xbf") if sql.startswith(b"\xef\xbb\xbf") else 0
    while at < len(sql):
        blank = _BLANK.match(sql, at)
        at = blank.end() if blank else at
        if not sql.startswith(b"/*", at):
            return at < len(sql)
        at = _block_end(sql, at) or len(sql)
    return False


def _wide(sql: bytes) -> Iterator[tuple[int, int, str]]:
    """Block comments, and the quotes that hold a marker: start, end, what. Stops where a quote never ends."""
    at = 0
    while dull := _TO_QUOTE.match(sql, at):
        start = dull.end()
        if sql.startswith(b"/*", start):
            end, what = _block_end(sql, start), "a block comment"
        else:
            quoted = _QUOTED.match(sql, start)
            end, what = (quoted.end(), _WHAT[quoted.lastgroup or "string"]) if quoted else (None, "")
        if end is None:
            return
        yield start, end, what
        at = end


def _block_end(sql: bytes, start: int) -> int | None:
    """Where the block comment that begins at `start` ends; Postgres nests them. None where it never does."""
    depth = 0
    for found in _BLOCK.finditer(sql, start):
        depth += 1 if found.group() == b"/*" else -1
        if depth == 0:
            return found.end()
    return None


def _short(text: bytes) -> str:
    return text[:60].decode("utf-8", "replace").strip()
