"""Here-documents and here-strings: what a command reads of one.

The grammar of bash takes two documents on one line for one, and `;` behind the word that ends one for a part of it. So
they are taken out before it reads a script, and stand in it as here-strings of one word. Facts: POSIX 2.7.4
"Here-Document" (the documents of a line follow it one after another; a word with quotes keeps `$` and backslashes).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.words import word_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_OPERATOR = re.compile(
    r"\\.|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|(?:(?<=\s)|^)#[^\n]*"
    r"|(?<!<)<<(?![<=])(?P<dash>-?)[ \t]*(?P<end>'[^'\n]+'|\"[^\"\n]+\"|\\?[^\s;&|<>()'\"`$\\]+)"
)
_QUOTES = "'\"\\"
_ESCAPED = re.compile(r"\\([$`\\])")
# No script has these letters, which are nobody's.
_MARK, _RAW = "\ue0d0", "\ue0d1"


class Document(Struct, frozen=True):
    """What a command reads, as it gets it. `row` is where that begins in its script; None where it has no line."""

    text: str
    row: int | None = None


def taken_out(text: str) -> str:
    """The script `text` with its here-documents as here-strings of one word; each line stays where it is."""
    if "<<" not in text:
        return text
    lines = text.split("\n")
    ends = _Ends(lines)
    at = 0
    while at < len(lines):
        at = _line_taken_out(lines, at, ends) if "<<" in lines[at] else at + 1
    return "\n".join(lines)


class _Ends:
    """Where lines stand that could end a document: as they are, and without the tabs that `<<-` looks past."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._bare: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            told = line.rstrip("\r")
            self._exact.setdefault(told, []).append(number)
            self._bare.setdefault(told.lstrip("\t"), []).append(number)

    def first(self, word: str, at: int, *, dash: bool) -> int | None:
        """The first of them from line `at` on that is `word`."""
        found = (self._bare if dash else self._exact).get(word, [])
        place = bisect_left(found, at)
        return found[place] if place < len(found) else None


def _line_taken_out(lines: list[str], at: int, ends: _Ends) -> int:
    """The line `at` as it is read, and the number of the next that is no document's."""
    line, told, begin, behind = lines[at], "", 0, at + 1
    for each in _OPERATOR.finditer(line):
        if each["end"] is None:
            continue
        word = each["end"].strip(_QUOTES)
        end = ends.first(word, behind, dash=bool(each["dash"]))
        if end is None:
            # A shift of bits, or a document that nothing ends.
            break
        is_raw = each["end"][0] in _QUOTES
        told += line[begin : each.start()] + _word(lines[behind:end], behind, is_raw=is_raw)
        lines[behind : end + 1] = [""] * (end + 1 - behind)
        begin, behind = each.end(), end + 1
    lines[at] = told + line[begin:]
    return behind


def _word(lines: Sequence[str], row: int, *, is_raw: bool) -> str:
    content = "\n".join(lines).encode("utf-8", "replace").hex()
    return f"<<<{_MARK}{_RAW if is_raw else ''}{row}:{content}"


def handed_to(command: "Node") -> Document | None:
    """What a command reads of a here-document or a here-string, its own or that of a `cat` which pipes it on."""
    before = command.prev_named_sibling
    piped = command.parent is not None and command.parent.type == "pipeline" and before is not None
    own = list(_read(command))
    if not own and piped and before is not None and before.type == "command" and words_of(before) == ("cat",):
        own = list(_read(before))
    return own[-1] if own else None


def _read(command: "Node") -> Iterator[Document]:
    for each in command.named_children:
        if each.type == "herestring_redirect" and each.named_children:
            yield _document(word_of(each.named_children[0]))


def _document(word: str) -> Document:
    if not word.startswith(_MARK):
        return Document(word)
    head, _, content = word.lstrip(_MARK).partition(":")
    text = bytes.fromhex(content).decode()
    return Document(text if head.startswith(_RAW) else _ESCAPED.sub(r"\1", text), int(head.lstrip(_RAW)))


def without_documents(text: str) -> str:
    """A piece of a script as a person reads it, up to its first document."""
    return text.partition(f"<<<{_MARK}")[0].rstrip()
