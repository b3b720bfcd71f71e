"""A region of a text file that a program writes anew; all around it is people's, and stays to the byte."""

import hashlib
import re

from msgspec import Struct

from migcheck.regex import regex

_BEGIN = regex(r"<!-- migcheck guide (?P<digest>[0-9a-f]{12})[^\n]*-->")
_END = "<!-- /migcheck guide -->"
_SPACE = regex(r"\s+")


class NoRegion(Struct, frozen=True):
    """Why nothing can be written, and what to do about it."""

    problem: str
    remedy: str


def with_region(text: str | None, body: str) -> str | NoRegion:
    """`text` with `body` in its region, at its end where it has none yet; None: there is no file."""
    if text is None:
        return _region(body)
    newline = "\r\n" if "\r\n" in text else "\n"
    region = _region(body).replace("\n", newline)
    begins, ends = list(_BEGIN.finditer(text)), [found.start() for found in re.finditer(re.escape(_END), text)]
    if not begins and not ends:
        gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
        return text + gap + region
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0].end():
        return NoRegion(
            f"it has the marks `<!-- migcheck guide … -->` and `{_END}` not once each, in this order",
            "remove the marks, or put them right",
        )
    start, end = begins[0], ends[0]
    if _digest(text[start.end() : end]) != start["digest"]:
        return NoRegion(
            "what stands between its marks was edited by hand, and would be lost",
            f"move what you wrote to before or behind the marks, then remove the region with its marks (to `{_END}`)",
        )
    return text[: start.start()] + region.removesuffix(newline) + text[end + len(_END) :]


def _region(body: str) -> str:
    begin = f"<!-- migcheck guide {_digest(body)}: `migcheck guide --write` writes what stands up to the end mark -->"
    return f"{begin}\n{body.strip()}\n{_END}\n"


def _digest(body: str) -> str:
    """What tells an edit by hand from a formatter that moved blanks."""
    return hashlib.sha256(_SPACE.sub("", body).encode()).hexdigest()[:12]
