"""A page of styled lines: wrapped here, coloured by Rich, the same words on a terminal and in a plain log."""

import textwrap
from dataclasses import dataclass, field
from io import StringIO

from rich.console import Console
from rich.text import Text

from migcheck.report.visible import visible

NARROWEST = 40
_DEEPEST_LEAD = 20
# A hostile statement can raise a message of megabytes.
_LONGEST = 4_000
# Where no terminal says how wide it is: wide enough for sentences, narrow enough for a browser's log view.
PLAIN_WIDTH = 100

STYLES = {
    "error": "bold red",
    "warning": "yellow",
    "clear": "bold green",
    "passed": "green",
    "undecided": "bold magenta",
    "quiet": "dim",
    "place": "cyan",
    "strong": "bold",
}


@dataclass(slots=True)
class Page:
    """Lines for people. `width` is in columns; a word longer than that is never cut, so that paths stay whole."""

    width: int = PLAIN_WIDTH
    lines: list[Text] = field(default_factory=list)

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Add one line, never wrapped; a part is text, or text and the name of a style."""
        line = Text()
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            line.append(visible(text).replace("\n", " "), STYLES.get(style, ""))
        line.rstrip()
        self.lines.append(line)

    def text(self, text: str, *, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Add a paragraph, wrapped. `lead` stands before its first line; a short one indents the others."""
        margin = " " * indent
        hanging = margin + " " * (len(lead) if len(lead) <= _DEEPEST_LEAD else 2)
        first = margin + lead
        for paragraph in _shortened(visible(text)).splitlines() or [""]:
            wrapped = textwrap.wrap(
                paragraph,
                max(self.width, NARROWEST),
                initial_indent=first,
                subsequent_indent=hanging,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for line in wrapped or [first.rstrip()]:
                self.lines.append(Text(line, STYLES.get(style, "")))
            first = hanging

    def quote(self, text: str, *, indent: int) -> None:
        """Add text as it stands, line by line behind a bar; a long line goes on behind a dotted one."""
        room = max(self.width, NARROWEST) - indent - 2
        for line in visible(text).splitlines():
            shown = line.expandtabs(4).rstrip()
            for start in range(0, max(len(shown), 1), room):
                bar = "┊ " if start else "│ "
                self.lines.append(Text(" " * indent + bar + shown[start : start + room], STYLES["quiet"]))

    def gap(self) -> None:
        """Add an empty line, unless there is one."""
        if self.lines and self.lines[-1].plain:
            self.lines.append(Text())

    def render(self, *, colour: bool) -> str:
        """The page as one string that ends with a newline; ANSI colours only where `colour` says so."""
        out = StringIO()
        console = Console(
            file=out, force_terminal=colour, color_system="standard" if colour else None, width=10_000, highlight=False
        )
        for line in self.lines:
            console.print(line, soft_wrap=True)
        return out.getvalue()


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
