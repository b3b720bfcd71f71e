"""Names with marks that break a line: remembered where they are read, and spelled out wherever they are shown.

A message quotes names and has lines of its own, so only who knows the names can tell one line end from the other.
"""

import re
from collections.abc import Iterable

# C0 and C1 with tab and newline, and all else that ends a line, is not seen, or makes text read in another order.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_FEWEST = 2

_remembered: set[str] = set()


def remember_names(names: Iterable[str]) -> None:
    """Remember each part of these paths that has such a mark, with the ends that are left out where a tag is told."""
    for name in names:
        # What is asked of thousands of names has to be quick.
        if not name.isprintable() and _ODD.search(name):
            for part in name.split("/"):
                _remembered.update(each for each in (part, *_stems(part)) if _is_told_by(each))


def spelled_names(text: str) -> str:
    """`text` with every mark in a name that is remembered spelled out."""
    for name in sorted(_remembered, key=len, reverse=True):
        text = text.replace(name, _ODD.sub(lambda found: f"\\x{ord(found[0]):02x}", name))
    return text


def _is_told_by(name: str) -> bool:
    """Whether `name` has such a mark, and enough beside it to be told from any other line end."""
    return len(_ODD.sub("", name)) in range(_FEWEST, len(name))


def _stems(part: str) -> Iterable[str]:
    return (part[: found.start()] for found in re.finditer(r"\.", part))
