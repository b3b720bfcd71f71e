"""The instructions of a Dockerfile, with the here-documents that follow them.

Facts: docs.docker.com "Dockerfile reference": comments and empty lines inside a continued instruction, here-documents;
BuildKit's parser (only a whole word of RUN, COPY or ADD begins a document: `<<EOF`, and not `1<<2` or `"<<EOF"`).
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.taken_out import Ends

_INSTRUCTION = regex(r"\s*(?P<name>[A-Za-z]+)\s+(?P<rest>.*)", re.DOTALL)
_WITH_DOCUMENTS = frozenset({"RUN", "COPY", "ADD"})
_CONTINUED = regex(r"\\[ \t]*\n")
_WORD = regex(r"\s++|(?P<word>(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*+\"|'[^']*+')++)|(?P<unclosed>.)", re.DOTALL)
_OPERATOR = regex(r"\d*<<(?P<dash>-?)(?P<end>[^<]+)")
_QUOTES = regex(r"[\"'\\]")


class DockerDocument(Struct, frozen=True):
    """A here-document. `line` is the 1-based line at which it begins."""

    text: str
    line: int


class Instruction(Struct, frozen=True):
    """`told` is what follows the name from `line` on, `written` that with its documents, as a shell would read both.

    `alone`: there is nothing in it but a document, which is what is run.
    """

    line: int
    name: str
    told: str
    written: str
    documents: tuple[DockerDocument, ...] = ()
    alone: bool = False


def instructions(lines: Sequence[str]) -> Iterator[Instruction]:
    """Each instruction of a Dockerfile."""
    ends = Ends(lines)
    at = 0
    while at < len(lines):
        begin = at
        held, at = _continued(lines, at)
        found = _INSTRUCTION.fullmatch("\n".join(held))
        if found is None:
            continue
        name, told = found["name"].upper(), found["rest"]
        first, documents = at, list[DockerDocument]()
        words = _words(told) if name in _WITH_DOCUMENTS and "<<" in told else []
        for operator in filter(None, map(_OPERATOR.fullmatch, words)):
            dash, end = bool(operator["dash"]), _QUOTES.sub("", operator["end"])
            last = ends.first(end, at, dash=dash)
            if last is None:
                # The image cannot be built. What follows is read all the same.
                break
            body = [each.lstrip("\t") if dash else each for each in lines[at:last]]
            documents.append(DockerDocument("\n".join(body), at + 1))
            at = last + 1
        written = "\n".join((told, *lines[first:at]))
        alone = bool(documents) and len([each for each in words if not each.startswith("--")]) == 1
        yield Instruction(begin + 1, name, told, written, tuple(documents), alone)


def _continued(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """The lines of one instruction, and the number of the next behind them."""
    held: list[str] = []
    for number in range(at, len(lines)):
        line = lines[number]
        if line.lstrip().startswith("#") or (held and not line.strip()):
            if not held:
                return [], number + 1
            # The shell sees none of these either; the line counts all the same.
            held.append("\\")
            continue
        held.append(line.rstrip() if line.rstrip().endswith("\\") else line)
        if not held[-1].endswith("\\"):
            return held, number + 1
    return held, len(lines)


def _words(told: str) -> list[str]:
    """The words behind the name of an instruction, quotes and all; none where a quote is not closed."""
    words = list(_WORD.finditer(_CONTINUED.sub("", told)))
    return [] if any(each["unclosed"] for each in words) else [each["word"] for each in words if each["word"]]
