"""What just hands to a shell for a recipe: each line on its own, or a body that begins with `#!` as a whole."""

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from posixpath import basename

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.powershell import OPTIONS, in_line, is_powershell
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.tasks.justfile_words import Header, Word, value_of, words_in

IGNORES = "just: -"
"""Why a recipe goes on where one of its lines fails."""
_UNKNOWN = "$VALUE"
_DEFAULT_SHELL = "sh -cu"
_INTERPOLATION = regex(r"\{\{\{\{|\{\{(?P<inner>(?:(?!\}\}).)*)\}\}")
_PREFIX = regex(r"[@-]*")
_HOME = frozenset({"justfile_directory", "justfile_dir", "source_directory", "source_dir"})
_LONGEST = 1_000
_MOST_EXPORTED = 20
_PLACED = ("no-cd", "working-directory")
"""What has a recipe run elsewhere than where its justfile lies."""


class Line(Struct, frozen=True):
    """A line below a recipe's first, as it stands in the file at `path`."""

    path: str
    number: int
    text: str


class Recipes(Struct, dict=True):
    """What the recipes of a justfile say, `told`: their first line, attributes and bodies; and what they are run with.

    `root` is the justfile that all is read for, `directory` where its recipes are run, `away` from where it lies.
    `values` are the variables whose value is plain to see, `exported` those that a shell is given.
    """

    root: str
    directory: str
    told: list[tuple[Header, tuple[tuple[Word, ...], ...], list[Line]]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    away: bool = False

    def filled(self, text: str, *, at_home: bool) -> str:
        """`text`, with what the interpolations in it stand for; `at_home`: it is run where the justfile lies."""

        def value(found: re.Match[str]) -> str:
            match words_in(found["inner"] or ""):
                case ():
                    return "{{"
                case (Word("name", name),):
                    return self.values.get(name, _UNKNOWN)
                case (Word("name", name), Word("sign", "("), Word("sign", ")")) if name in _HOME and at_home:
                    return "."
                case words:
                    return value_of(words) or _UNKNOWN

        # Behind the last end there is none: each `{{` would be looked behind to the end of the line.
        end = text.rfind("}}") + 2 if "}}" in text else 0
        return _INTERPOLATION.sub(value, text[:end]) + text[end:].replace("{{{{", "{{")

    @cached_property
    def export(self) -> str:
        """What sets what is exported of databases' addresses: each line of a recipe has it."""
        every = self.values if self.settings.get("export") == "true" else self.exported & self.values.keys()
        told = ((name, self.values[name]) for name in sorted(every) if names_a_database(name))
        found = (f"export {name}={shlex.quote(value)}; " for name, value in told)
        return "".join(islice((each for each in found if len(each) <= _LONGEST), _MOST_EXPORTED))


def scripts_of(
    recipes: Recipes, name: str, attributes: Sequence[tuple[Word, ...]], lines: Sequence[Line]
) -> Iterator[Script]:
    """The scripts of one recipe; none where it is written for something else than a shell."""
    body = _dedented(lines)
    if not body or _has(attributes, "script"):
        return
    is_placed = any(each in recipes.settings or _has(attributes, each) for each in _PLACED)
    at_home = not is_placed and not recipes.away
    in_one = body[0].text.startswith("#!")
    shell = _shell(body[0].text) if in_one else recipes.settings.get("shell", _DEFAULT_SHELL)
    program, _, flags = shell.partition(" ")
    in_powershell = is_powershell(program)
    if basename(program) not in SHELLS and not in_powershell:
        return
    for several in [body] if in_one else _joined(body):
        first = several[0]
        prefix = _PREFIX.match(first.text)
        assert prefix is not None
        own = [first.text if in_one else first.text[prefix.end() :], *(each.text for each in several[1:])]
        texts = [recipes.filled(each, at_home=at_home) for each in own]
        texts = [in_line(each) for each in texts] if in_powershell else texts
        at = min(1, len(texts) - 1) if in_one else 0
        texts[at] = recipes.export + texts[at]
        yield Script(
            path=first.path,
            name=f"{name}/{first.number} for {recipes.root}",
            line=first.number,
            text="\n".join(texts),
            directory=None if is_placed else recipes.directory,
            options=OPTIONS if in_powershell else ShellOptions().told(flags),
            goes_on=IGNORES if not in_one and "-" in prefix[0] else "",
        )


def _shell(shebang: str) -> str:
    """The shell that the first line of a body names, with its flags."""
    return " ".join(each for each in shebang.removeprefix("#!").split() if basename(each) != "env" and each != "-S")


def _has(attributes: Sequence[tuple[Word, ...]], name: str) -> bool:
    """Whether a recipe has the attribute `name`."""
    return any(Word("name", name) in each for each in attributes)


def _dedented(lines: Sequence[Line]) -> list[Line]:
    """The lines of a body without what its first is moved in by, and without the blank ones behind its end."""
    there = [at for at, each in enumerate(lines) if each.text.strip()]
    if not there:
        return []
    body = lines[there[0] : there[-1] + 1]
    indent = body[0].text[: len(body[0].text) - len(body[0].text.lstrip())]
    return [Line(each.path, each.number, each.text.removeprefix(indent) if each.text.strip() else "") for each in body]


def _joined(body: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines that are run together: one that ends with a backslash goes on in the next."""
    held: list[Line] = []
    for each in body:
        held.append(each)
        if not each.text.endswith("\\"):
            if any(one.text for one in held):
                yield held
            held = []
    if held:
        yield held
