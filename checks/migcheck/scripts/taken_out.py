"""Here-documents that are taken out of a script before the grammar of bash reads it.

The grammar takes two documents on one line for one, and `;` behind the word that ends one for a part of it. So each
stands in the script as a redirection from one word. Facts: POSIX 2.7.4 "Here-Document" (the documents of a line follow
it one after another, behind what continues it; a word with quotes keeps `$` and backslashes; a number before the
operator is that of a file); bash runs with what there is of a document that nothing ends.
"""

from bisect import bisect_left
from collections.abc import Sequence

from migcheck.regex import regex

_OPERATOR = regex(
    r"\\.|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|(?:(?<=\s)|^)#[^\n]*"
    r"|\(\((?:[^()\n]|\([^()\n]*\))*+\)\)"
    r"|(?P<file>(?<!\S)\d+)?(?<!<)<<(?![<=])(?P<dash>-?)[ \t]*(?P<end>'[^'\n]+'|\"[^\"\n]+\"|\\?[^\s;&|<>()'\"`$\\]+)"
)
_CONTINUED = regex(r"(?<!\\)(?:\\\\)*+\\$")
_READER = regex(r"(?<![\w.-])(?:(?:ba|da|a|z|k|s)?sh|su)(?![\w.-])[^;|&()]*$")
_NEAR = 200
_QUOTES = "'\"\\"
_INPUT = ("", "0")
_ESCAPED = regex(r"\\([$`\\])")
MARK = "\ue0d0"
"""What each stands behind: a letter that is nobody's, and that no script has."""
_BEGIN = f"<{MARK}"
_WORD = regex(rf"<{MARK}(\d+):([0-9a-f]*):([0-9a-f]*)")


def taken_out(text: str) -> str:
    """The script `text` with its here-documents as redirections from one word; each line stays where it is."""
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
    """The line `at`, and those it goes on in, as they are read; and the number of the next that is no document's."""
    behind = _behind(lines, at)
    line, told, begin, first = "\n".join(lines[at:behind]), "", 0, behind
    for each in _OPERATOR.finditer(line):
        if each["end"] is None:
            continue
        end = ends.first(each["end"].strip(_QUOTES), behind, dash=bool(each["dash"]))
        if end is not None:
            written = _hex("\n".join(lines[behind : end + 1]))
            word = f"{_BEGIN}{behind}:{_hex(each[0])}:{written}"
            told += line[begin : each.start()] + (word if (each["file"] or "") in _INPUT else "")
            lines[behind : end + 1] = [""] * (end + 1 - behind)
            begin, behind = each.end(), end + 1
        elif _READER.search(line[max(begin, each.start() - _NEAR) : each.start()]):
            # Where it is no shift of bits, the shell there runs what follows: it is read as if it stood here.
            told += line[begin : each.start()]
            begin = each.end()
    lines[at:first] = (told + line[begin:]).split("\n")
    return behind


def _behind(lines: Sequence[str], at: int) -> int:
    """The number of the line behind the one at `at` and those that it goes on in."""
    while at + 1 < len(lines) and _CONTINUED.search(lines[at]):
        at += 1
    return at + 1


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
