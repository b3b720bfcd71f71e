"""Paragraphs and lists of Markdown on a page: wrapped anew, items keep their marks."""

import re

from migcheck.regex import regex
from migcheck.report.page import Page

_ITEM = regex(r"(?P<mark>[-*]|\d+\.) (?P<text>.*)", re.DOTALL)


def write_prose(page: Page, block: str, indent: int) -> None:
    """Write one block without an empty line: a paragraph, or the items of a list."""
    for part in re.split(r"\n(?=[-*] |\d+\. )", block):
        item = _ITEM.fullmatch(part)
        page.text(joined(item["text"] if item else part), indent=indent, lead=f"{item['mark']} " if item else "")


def joined(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
