"""docs/rollback.md on a terminal: an overview of its cases, and one case at a time."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from migcheck.regex import regex
from migcheck.report.page import Look, Page
from migcheck.report.rules import joined, write_prose

_COMMAND = "migcheck explain rollback"
_SECTION = regex(r"^(?=##+ )", re.MULTILINE)
_HEADING = regex(r"#+ (?P<title>.*)")
_NAME = regex(r"^<!-- case: (?P<name>[\w-]+) -->$", re.MULTILINE)
_MARK = regex(r"^<!-- .* -->\n", re.MULTILINE)
_LINK = regex(r"\[(?P<text>[^]]*)\]\(#(?P<place>[^)]*)\)")
_BLOCK = regex(
    r"^```(?P<kind>\w+)\n(?P<code>.*?)^```$|^(?P<table>\|[^\n]*(?:\n\|[^\n]*)*)|^(?P<prose>[^\n]+(?:\n(?!```)[^\n]+)*)",
    re.MULTILINE | re.DOTALL,
)


class Case(Struct, frozen=True):
    """What belongs together. `name` is what one asks for, `text` is Markdown, its own heading left out."""

    name: str
    title: str
    text: str


class Manual(Struct, frozen=True):
    """The page. `seen` is its table: what somebody sees, the exit code, and the name of the case."""

    title: str
    opening: str
    seen: tuple[tuple[str, str, str], ...]
    cases: tuple[Case, ...]
    places: Mapping[str, str]
    """The name of the case in which each heading stands, as GitHub links to it."""

    @property
    def general(self) -> tuple[Case, ...]:
        """What is no case of the table, and holds for those that are."""
        seen = {name for *_, name in self.seen}
        return tuple(each for each in self.cases if each.name not in seen)


def read_manual(text: str) -> Manual:
    """Cut the page: a case begins at each heading of the second level, and at each that the table links to.

    Its name is the first that a mark `<!-- case: NAME -->` gives below it.
    """
    opening, *sections = _SECTION.split(text)
    title, _, opening = _MARK.sub("", opening).partition("\n\n")
    prose, _, table = opening.partition("\n\n|")
    linked = {found["place"] for found in _LINK.finditer(table)}
    grouped: list[list[str]] = []
    for section in sections:
        if section.startswith("## ") or _place(section) in linked:
            grouped.append([])
        grouped[-1].append(section)
    named = {name["name"]: group for group in grouped if (name := _NAME.search("".join(group)))}
    places = {_place(section): name for name, group in named.items() for section in group}
    cases = tuple(_case(name, "".join(group)) for name, group in named.items())
    return Manual(title.removeprefix("# "), prose, tuple(_seen(f"|{table}", places)), cases, places)


def _case(name: str, text: str) -> Case:
    heading, _, text = text.partition("\n")
    return Case(name, heading.lstrip("# "), _MARK.sub("", text))


def _place(section: str) -> str:
    title = section.partition("\n")[0].lstrip("# ")
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _seen(table: str, places: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for seen, code, link in _rows(table)[1:]:
        if place := _LINK.search(link):
            yield seen, code, places[place["place"]]


def _rows(table: str) -> list[list[str]]:
    """The cells of a table, its head first."""
    lines = [line for line in table.strip().splitlines() if not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def render_overview(manual: Manual, look: Look) -> str:
    """What each case is seen by, and its name."""
    page = Page(look)
    page.line((manual.title, "strong"))
    page.gap()
    write_prose(page, _plain(manual.opening, manual, ""), 0)
    room = max(len(each.name) for each in manual.cases) + 2
    page.gap()
    for seen, code, name in manual.seen:
        page.text(f"{seen} (exit code {code})", indent=2, lead=f"{name:<{room}}")
    page.gap()
    for case in manual.general:
        page.text(case.title, indent=2, lead=f"{case.name:<{room}}")
    page.gap()
    page.text(f"`{_COMMAND} CASE` tells what to do, such as `{_COMMAND} {manual.seen[0][-1]}`.")
    return page.render()


def render_case(manual: Manual, case: Case, look: Look) -> str:
    """All of one case, below what holds for each."""
    page = Page(look)
    page.line((case.title, "strong"))
    page.gap()
    others = [each for each in manual.general if case not in manual.general]
    longest = max((len(each.name) for each in others), default=0)
    for each in others:
        page.line("  ", (f"{_COMMAND} {each.name:<{longest}}", "place"), f"  {each.title}")
    for block in _BLOCK.finditer(case.text):
        page.gap()
        _write_block(page, block, manual, case.name)
    return page.render()


def _write_block(page: Page, block: re.Match[str], manual: Manual, name: str) -> None:
    """What is typed stays as it stands, what a program prints is quoted, the rest is wrapped anew."""
    match block.lastgroup:
        case "code" if block["kind"] == "text":
            page.quote(block["code"], indent=4)
        case "code":
            for line in block["code"].splitlines():
                page.line(f"    {line}")
        case "table":
            _write_table(page, _rows(_plain(block["table"], manual, name)))
        case _ if heading := _HEADING.fullmatch(block["prose"]):
            page.line((heading["title"], "strong"))
        case _:
            write_prose(page, _plain(block["prose"], manual, name), 0)


def _write_table(page: Page, rows: list[list[str]]) -> None:
    """A row is an item: its first cell, and below it the others, each after the head of its column."""
    head, *rest = rows
    for first, *cells in rest:
        page.text(first, lead="- ")
        told = [f"{title}: {cell}" for title, cell in zip(head[1:], cells, strict=True)]
        page.text("; ".join(told), indent=2)


def _plain(text: str, manual: Manual, name: str) -> str:
    """Markdown as it reads without its links and its bold: a link is the command that shows where it leads."""

    def link(found: re.Match[str]) -> str:
        to = manual.places[found["place"]]
        words = joined(found["text"])
        return words if to == name else f"{words} (`{_COMMAND} {to}`)"

    return _LINK.sub(link, text).replace("**", "")
