"""Here-documents that are taken out of a script before the grammar of bash reads it.

The grammar takes two documents on one line for one, and `;` behind the word that ends one for a part of it. So each
stands in the script as a redirection from one word. Facts: POSIX 2.7.4 "Here-Document" (the documents of a line follow
it one after another, behind what continues it; a word with quotes keeps `$` and backslashes; a number before the
operator is that of a file); bash runs with what there is of a document that nothing ends.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct

from migcheck.regex import regex

_WORD_PART = r"'[^'\n]*'|\"[^\"\n]*\"|\\[^\n]|[^\s;&|<>()'\"`$\\]"
_SUM = r"\(\((?:[^()\n]|\([^()\n]*\))*+\)\)"
_PLAIN = regex(
    r"\\.|\$'(?:[^'\\]|\\.)*+'|'[^']*+'|(?:(?<=[\s;&|()])|^)#[^\n]*"
    rf"|{_SUM}|(?P<file>(?<!\S)\d+)?(?<!<)<<(?![<=])(?P<dash>-?)[ \t]*(?P<end>(?:{_WORD_PART})++)"
    r"|(?P<sign>[\"`()\n])",
    re.DOTALL,
)
_QUOTED = regex(rf"\\.|\${_SUM}|(?P<sign>[\"`]|\$\()", re.DOTALL)
_READER = regex(r"(?<![\w.-])(?:(?:ba|da|a|z|k|s)?sh|su)(?![\w.-])[^;|&()]*$")
_NEAR = 200
_QUOTES = "'\"\\"
_QUOTING = regex(r"\\(.)|['\"]")
_INPUT = ("", "0")
_ESCAPED = regex(r"\\([$`\\])")
MARK = "\ue0d0"
"""What each stands behind: a letter that is nobody's. Where a script has it nevertheless, it is taken out of that."""
_NO_MARK = "\ufffd"
_BEGIN = f"<{MARK}"
_WORD = regex(rf"<{MARK}(\d+):([0-9a-f]*):([0-9a-f]*)")


def taken_out(text: str) -> str:
    """The script `text` with its here-documents as redirections from one word; each line stays where it is."""
    text = text.replace(MARK, _NO_MARK)
    return _Scan(text).whole() if "<<" in text else text


class Ends:
    """Where lines stand that could end a document: as they are, and without the tabs that `<<-` looks past."""

    def __init__(self, lines: Sequence[str]) -> None:
        """`lines` are those of the whole text."""
        self._exact: dict[str, list[int]] = {}
        self._bare: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            told = line.rstrip("\r")
            self._exact.setdefault(told, []).append(number)
            if told.startswith("\t"):
                self._bare.setdefault(told.lstrip("\t"), []).append(number)

    def first(self, word: str, at: int, *, dash: bool) -> int | None:
        """The first of them from line `at` on that is `word`."""
        several = (self._exact, self._bare) if dash else (self._exact,)
        return min(filter(None, (_from(each.get(word, []), at) for each in several)), default=None)


def _from(numbers: Sequence[int], at: int) -> int | None:
    place = bisect_left(numbers, at)
    return numbers[place] if place < len(numbers) else None


class _Operator(Struct, frozen=True):
    """`<<WORD`. `number` is its place among the pieces; `reads`: a shell stands before it, and runs what follows."""

    found: re.Match[str]
    number: int
    reads: bool


class _Scan:
    """One pass over a script. A `<<` within a string, which may have several lines, begins nothing."""

    def __init__(self, text: str) -> None:
        self._text = text
        lines = text.split("\n")
        self._ends = Ends(lines)
        self._begins = [*accumulate((len(each) + 1 for each in lines), initial=0)]
        self._lines = lines
        self._pieces = list[str]()
        self._done = 0
        self._line_begin = 0
        # What is open: a string, a substitution in one, a group.
        self._open = list[str]()
        self._waiting = list[_Operator]()

    def whole(self) -> str:
        """The script as it is read."""
        at = 0
        while (found := (_QUOTED if self._open[-1:] == ['"'] else _PLAIN).search(self._text, at)) is not None:
            at = found.end()
            match found.lastgroup:
                case "sign" if found["sign"] == "\n":
                    at = self._line_ends(at)
                case "sign":
                    self._opens_or_closes(found["sign"])
                case "end":
                    self._operator(found)
                case _:
                    pass
        self._line_ends(len(self._text))
        return "".join((*self._pieces, self._text[self._done :]))

    def _opens_or_closes(self, sign: str) -> None:
        last = self._open[-1] if self._open else ""
        match sign:
            case '"' | "`" if last == sign:
                self._open.pop()
            case ")":
                del self._open[len(self._open) - (last == "(") :]
            case _:
                self._open.append(sign[-1])

    def _operator(self, found: re.Match[str]) -> None:
        begin = max(self._done, self._line_begin, found.start() - _NEAR)
        reads = _READER.search(self._text[begin : found.start()]) is not None
        self._pieces += (self._text[self._done : found.start()], found[0])
        self._waiting.append(_Operator(found, len(self._pieces) - 1, reads))
        self._done = found.end()

    def _line_ends(self, at: int) -> int:
        """Take out the documents that begin at `at`, behind the line of those that wait; where the next line begins."""
        self._line_begin = at
        if not self._waiting:
            return at
        first = behind = bisect_left(self._begins, at)
        for each in self._waiting:
            end = self._ends.first(_QUOTING.sub(r"\1", each.found["end"]), behind, dash=bool(each.found["dash"]))
            if end is not None:
                written = _hex("\n".join(self._lines[behind : end + 1]))
                word = f"{_BEGIN}{behind}:{_hex(each.found[0])}:{written}"
                self._pieces[each.number] = word if (each.found["file"] or "") in _INPUT else ""
                behind = end + 1
            elif each.reads:
                # The shell there runs what follows: it is read as if it stood here.
                self._pieces[each.number] = ""
        self._waiting.clear()
        if behind == first:
            return at
        begin = min(self._begins[behind], len(self._text))
        self._pieces += (self._text[self._done : at], "\n" * self._text.count("\n", at, begin))
        self._done = self._line_begin = begin
        return begin


def _hex(text: str) -> str:
    return text.encode("utf-8", "replace").hex()


def _text(told: str) -> str:
    return bytes.fromhex(told).decode()


def document_in(word: str) -> tuple[str, int, str] | None:
    """The document that stands in a script as `word`, as it is read, and the line it begins at; None where none does.

    The first line of the script is 0. Behind that comes the document as it is written where `$` counts in it.
    """
    found = _WORD.fullmatch(f"<{word}")
    if found is None:
        return None
    text = "\n".join(_text(found[3]).split("\n")[:-1])
    is_raw = any(each in _QUOTES for each in _text(found[2]))
    return (text, int(found[1]), "") if is_raw else (_ESCAPED.sub(r"\1", text), int(found[1]), text)


def put_back(text: str) -> str:
    """A piece of such a script as it is written."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        behind = at + 1
        for each in _WORD.finditer(line):
            written = _text(each[3]).split("\n")
            lines[behind : behind + len(written)] = written
            behind += len(written)
        lines[at] = _WORD.sub(lambda found: _text(found[2]), line)
    return "\n".join(lines)


def without_documents(text: str) -> str:
    """A piece of such a script as a person reads it, up to its first document."""
    return text.partition(_BEGIN)[0].rstrip()
