"""A page of styled lines: wrapped here, coloured by Rich, the same words on a terminal and in a plain log."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from io import StringIO

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.report.select_lines import QUOTED_SELECT, Select, apart
from migcheck.report.visible import shortened, visible
from migcheck.wording import one_line

NARROWEST = 40
_DEEPEST_LEAD = 20
# Where no terminal says how wide it is: wide enough for sentences, narrow enough for a browser's log view.
PLAIN_WIDTH = 100
# Prose in longer lines is hard to read. What is quoted, and lines that are never wrapped, may be as wide as the page.
WIDEST = 100
# What is copied must stay in one piece: what stands in backticks, and the lines of a TOML table. `visible` has spelled
# out every NUL of the text itself.
_WHOLE = regex(rf"{QUOTED_SELECT}|`[^`]*`|^\[\[\w+\]\]$|^\w+ = .*$")
_GLUE = "\0"
# In a last line also the step that comes next: up to the comma that ends it, or in brackets.
_LAST = regex(_WHOLE.pattern + r"|(?<=Next: )migcheck (?:'[^']*'|[^,'])+|\(migcheck explain \w+\)")

Span = tuple[str, str]
"""Text, and the name of its style, which may be empty."""

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


class Look(Struct, frozen=True):
    """How a page looks where it goes: `width` in columns, ANSI colours, and whether that is a terminal."""

    width: int = PLAIN_WIDTH
    colour: bool = False
    terminal: bool = False


PLAIN = Look()


class Page(Struct):
    """Lines for people. A word or command that is longer than the page is wide is never cut, so that it can be copied.

    On a terminal the last line wraps as well; elsewhere it stays one, for who searches a log by lines.
    """

    look: Look = PLAIN
    lines: list[list[Span]] = field(default_factory=list)

    def line(self, *parts: str | Span) -> None:
        """Add one line, never wrapped; a part is text, or text and the name of a style."""
        spans = [(part, "") if isinstance(part, str) else part for part in parts]
        self.lines.append([(one_line(visible(text).expandtabs()), style) for text, style in spans])

    def text(self, text: str, *, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Add a paragraph, wrapped, though never inside a command that somebody may copy.

        `lead` stands before its first line; a short one indents the others.
        """
        margin = " " * indent
        lead = one_line(visible(lead)).rstrip() + " " * (len(lead) - len(lead.rstrip(" ")))
        hanging = margin + " " * (len(lead) if len(lead) <= _DEEPEST_LEAD else 2)
        first = margin + lead
        for part in apart(shortened(visible(text)), self._breadth - len(hanging)):
            match part:
                case str():
                    for paragraph in part.splitlines() or [""]:
                        self.lines += [[(line, style)] for line in self._wrapped(paragraph, first, hanging)]
                        first = hanging
                case Select(line):
                    if first != hanging:
                        self.lines.append([(first.rstrip(), style)])
                        first = hanging
                    self.lines.append([(f"{hanging}  {line}", style)])

    def last(self, told: str, *, word: str = "", style: str = "") -> None:
        """Add the line that says how it stands and what comes next; `word` stands before it, in `style`."""
        lead = f"{word}: " if word else ""
        if not self.look.terminal:
            self.line((word, style), lead.removeprefix(word), told)
            return
        first, *others = self._wrapped(one_line(visible(told)), lead, " " * len(lead), _LAST)
        self.lines.append([(word, style), (first.removeprefix(word), "")])
        self.lines += [[(line, "")] for line in others]

    @property
    def _breadth(self) -> int:
        return min(max(self.look.width, NARROWEST), WIDEST)

    def _wrapped(self, paragraph: str, first: str, hanging: str, whole: re.Pattern[str] = _WHOLE) -> list[str]:
        """The lines of a paragraph, which is `visible`, and none inside of what is `whole`: at least one."""
        wrapped = textwrap.wrap(
            whole.sub(lambda found: found[0].replace(" ", _GLUE), paragraph),
            self._breadth,
            initial_indent=first,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(_GLUE, " ") for line in wrapped] or [first.rstrip()]

    def quote(self, text: str, *, indent: int) -> None:
        """Add text line by line after a bar; a long line goes on after a dotted one."""
        room = max(self.look.width, NARROWEST) - indent - 2
        for line in visible(text).splitlines():
            shown = line.expandtabs(4).rstrip()
            bar = "│ "
            for piece in textwrap.wrap(shown, room, replace_whitespace=False, break_on_hyphens=False) or [""]:
                self.lines.append([(" " * indent + bar + piece, "quiet")])
                bar = "┊ "

    def gap(self) -> None:
        """Add an empty line, unless there is one."""
        if self.lines and any(text for text, _ in self.lines[-1]):
            self.lines.append([])

    def render(self) -> str:
        """The page as one string that ends with a newline."""
        if self.look.colour:
            return _coloured(self.lines)
        return "".join(f"{''.join(text for text, _ in line).rstrip()}\n" for line in self.lines)


def _coloured(lines: Iterable[Sequence[Span]]) -> str:
    # A plain log does not pay for its modules.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=10_000, highlight=False)
    for line in lines:
        text = Text.assemble(*((text, STYLES.get(style, "")) for text, style in line))
        text.rstrip()
        console.print(text, soft_wrap=True)
    return out.getvalue()
