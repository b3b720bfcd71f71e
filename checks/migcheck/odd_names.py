"""Names with marks that break a line: remembered where they are read, and spelled out wherever they are shown.

A message quotes names and has lines of its own, so only who knows the names can tell one line end from the other.
"""

from collections.abc import Iterable, Iterator

from migcheck.regex import regex

# C0 and C1 with tab and newline, and all else that ends a line, is not seen, or makes text read in another order.
_ODD = regex("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_FEWEST = 2
_MOST_ENDS = 2

# By where the first mark stands in a name and how long the name is: a repository may have any number of them.
_remembered: dict[tuple[int, int], set[str]] = {}


def remember_names(names: Iterable[str]) -> None:
    """Remember each part of these paths that has such a mark, with the ends that are left out where a tag is told."""
    for name in names:
        # What is asked of thousands of names has to be quick.
        if not name.isprintable() and _ODD.search(name):
            for told in (each for part in name.split("/") for each in (part, *_stems(part)) if _is_told_by(each)):
                _remembered.setdefault((_first_mark(told), len(told)), set()).add(told)


def spelled_names(text: str) -> str:
    """`text` with every mark in a name that is remembered spelled out."""
    if not _remembered:
        return text
    spelled, end = [], 0
    for found in _ODD.finditer(text):
        name = _named(text, found.start(), end)
        if name:
            begin = found.start() - _first_mark(name)
            spelled += [text[end:begin], _ODD.sub(lambda mark: f"\\x{ord(mark[0]):02x}", name)]
            end = begin + len(name)
    return "".join((*spelled, text[end:]))


def _named(text: str, mark: int, end: int) -> str:
    """The longest name with its first mark at `mark` that begins behind `end`; empty where there is none."""
    told = ((mark - first, length, names) for (first, length), names in _remembered.items() if mark - first >= end)
    found = (text[at : at + length] for at, length, names in told if text[at : at + length] in names)
    return max(found, key=len, default="")


def _first_mark(name: str) -> int:
    found = _ODD.search(name)
    return found.start() if found else len(name)


def _is_told_by(name: str) -> bool:
    """Whether `name` has such a mark, and enough beside it to be told from any other line end."""
    return len(_ODD.sub("", name)) in range(_FEWEST, len(name))


def _stems(part: str) -> Iterator[str]:
    for _ in range(_MOST_ENDS):
        part = part.rpartition(".")[0]
        yield part
