"""Here-documents that are taken out of a script before the grammar of bash reads it.

The grammar takes two documents on one line for one, and `;` behind the word that ends one for a part of it. So each
stands in the script as a here-string of one word. Facts: POSIX 2.7.4 "Here-Document" (the documents of a line follow it
one after another; a word with quotes keeps `$` and backslashes).
"""

from bisect import bisect_left
from collections.abc import Sequence

from migcheck.regex import regex

_OPERATOR = regex(
    r"\\.|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|(?:(?<=\s)|^)#[^\n]*"
    r"|(?<!<)<<(?![<=])(?P<dash>-?)[ \t]*(?P<end>'[^'\n]+'|\"[^\"\n]+\"|\\?[^\s;&|<>()'\"`$\\]+)"
)
_QUOTES = "'\"\\"
_ESCAPED = regex(r"\\([$`\\])")
MARK = "\ue0d0"
"""What each stands behind: a letter that is nobody's, and that no script has."""
_BEGIN = f"<<<{MARK}"
_WORD = regex(rf"<<<{MARK}(\d+):([0-9a-f]*):([0-9a-f]*)")


def taken_out(text: str) -> str:
    """The script `text` with its here-documents as here-strings of one word; each line stays where it is."""
    if "<<" not in text:
        return text
    lines = text.split("\n")
    ends = Ends(lines)
    at = 0
    while at < len(lines):
        at = _line_taken_out(lines, at, ends) if "<<" in lines[at] else at + 1
    return "\n".join(lines)


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


def _line_taken_out(lines: list[str], at: int, ends: Ends) -> int:
    """The line `at` as it is read, and the number of the next that is no document's."""
    line, told, begin, behind = lines[at], "", 0, at + 1
    for each in _OPERATOR.finditer(line):
        if each["end"] is None:
            continue
        end = ends.first(each["end"].strip(_QUOTES), behind, dash=bool(each["dash"]))
        if end is None:
            # A shift of bits, or a document that nothing ends.
            break
        written = _hex("\n".join(lines[behind : end + 1]))
        told += f"{line[begin : each.start()]}{_BEGIN}{behind}:{_hex(each[0])}:{written}"
        lines[behind : end + 1] = [""] * (end + 1 - behind)
        begin, behind = each.end(), end + 1
    lines[at] = told + line[begin:]
    return behind


def _hex(text: str) -> str:
    return text.encode("utf-8", "replace").hex()


def _text(told: str) -> str:
    return bytes.fromhex(told).decode()


def document_in(word: str) -> tuple[str, int] | None:
    """The document that stands in a script as `word`, as it is read, and the line it begins at; None where none does.

    The first line of the script is 0.
    """
    found = _WORD.fullmatch(f"<<<{word}")
    if found is None:
        return None
    text = "\n".join(_text(found[3]).split("\n")[:-1])
    is_raw = any(each in _QUOTES for each in _text(found[2]))
    return text if is_raw else _ESCAPED.sub(r"\1", text), int(found[1])


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
