"""The catalogue for people and machines: `migcheck rules` and `migcheck explain`."""

import json
import re
from collections.abc import Sequence
from itertools import groupby

from msgspec.structs import asdict

from migcheck.regex import regex
from migcheck.report.page import Look, Page
from migcheck.rule import RulePage

_ITEM = regex(r"(?P<mark>[-*]|\d+\.) (?P<text>.*)", re.DOTALL)


def render_rules(pages: Sequence[RulePage], look: Look) -> str:
    """One entry a rule: code, name and the fact that must hold."""
    page = Page(look)
    for gate, rules in groupby(pages, key=lambda each: each.gate):
        page.gap()
        page.line((f"gate {gate}", "strong"))
        for rule in rules:
            page.line("  ", (rule.code, "place"), f" {rule.name}")
            page.text(joined(rule.summary), indent=8, style="quiet")
    page.gap()
    page.text("`migcheck explain CODE` tells why a rule is one and how to fix what breaks it.")
    return page.render()


def render_rule(rule: RulePage, look: Look) -> str:
    """All of one rule."""
    page = Page(look)
    page.line((rule.code, "place"), (f" {rule.name}", "strong"), (f"  gate {rule.gate}", "quiet"))
    sections = {"": rule.summary, "Why it matters": rule.why, "How to fix": rule.how, "Once it has landed": rule.landed}
    for title, text in sections.items():
        if not text:
            continue
        page.gap()
        if title:
            page.line((title, "strong"))
        _write_section(page, text, 2 if title else 0)
    return page.render()


def render_rules_json(pages: Sequence[RulePage]) -> str:
    """The rules as a JSON list."""
    return json.dumps([asdict(page) for page in pages], indent=2, ensure_ascii=False) + "\n"


def _write_section(page: Page, text: str, indent: int) -> None:
    """Paragraphs are wrapped anew, list items keep their marks, code stays as it stands."""
    for number, block in enumerate(re.split(r"\n{2,}", text)):
        if number:
            page.gap()
        if block.startswith(("```", "    ")):
            page.quote("\n".join(line for line in block.splitlines() if not line.startswith("```")), indent=indent)
            continue
        write_prose(page, block, indent)


def write_prose(page: Page, block: str, indent: int) -> None:
    """Write a block of Markdown without an empty line: a paragraph, or the items of a list, which keep their marks."""
    for part in re.split(r"\n(?=[-*] |\d+\. )", block):
        item = _ITEM.fullmatch(part)
        page.text(joined(item["text"] if item else part), indent=indent, lead=f"{item['mark']} " if item else "")


def joined(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
