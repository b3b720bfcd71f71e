"""The variables of a Makefile: what their values are, and which of them make hands to a shell.

Facts: gnu.org "GNU make", "Setting Variables", "Target-specific Variable Values" (they hold for what a target needs as
well, save those that are `private`), "The `override` Directive" (without it what the command line says goes before),
"Variables from the Environment" (a Makefile's own go before them, `?=` does not), "Communicating Variables" (what is
exported, what came from the environment and what the command line says; the last is handed to another make as well).
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.compose_settings import SETTINGS
from migcheck.scripts.databases import names_a_database

UNKNOWN = "$VARIABLE"
LONGEST = 500
"""Characters of a variable. Each can stand in a line many times."""
_MOST_ADDRESSES = 20
_MOST_OWN = 20
"""Variables of targets that hold for one together: what each needs has them all."""
_EVERY = ".EXPORT_ALL_VARIABLES"
_ASSIGNMENT = re.compile(
    r"(?P<words>(?:(?:export|unexport|override|private)\s+)*)(?P<name>[\w.-]+)\s*(?P<how>\?|\+|!|:{1,3})?="
    r"(?P<value>[^#]*)(?:#.*)?"
)
_REFERENCE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")

Given = tuple[tuple[str, str], ...]
"""Variables of the environment, or of a command line, with their values."""


class Assignment(Struct, frozen=True):
    """`NAME = value`; `how` is what stands before the sign. `words` are `export`, `override` and the like before it."""

    name: str
    value: str
    how: str = ""
    words: frozenset[str] = frozenset()


def assignment_in(text: str) -> Assignment | None:
    """The assignment that a line is; None where it is none."""
    found = _ASSIGNMENT.fullmatch(text)
    if found is None:
        return None
    return Assignment(found["name"], found["value"].strip(), found["how"] or "", frozenset(found["words"].split()))


class Around(Struct, frozen=True):
    """What holds for a target beside the variables of its Makefile: its own, of the command `line`, of the environment.

    Its own are those of the targets that need it as well, the outermost first.
    """

    own: tuple[Assignment, ...] = ()
    line: Given = ()
    environment: Given = ()

    def within(self, own: tuple[Assignment, ...]) -> "Around":
        """What holds for a target with variables of its `own`."""
        return replace(self, own=(*self.own, *own)[-_MOST_OWN:]) if own else self

    def handed_on(self) -> "Around":
        """What holds for what a target needs."""
        return replace(self, own=tuple(each for each in self.own if "private" not in each.words))


class Variables(Struct):
    """Variables by name: their `values` as they are written, and whether each is `exported`, where that is said.

    `softly` are those that are set by `?=`, `overriding` those that no command line changes.
    """

    values: dict[str, str] = field(default_factory=lambda: {"MAKE": "make"})
    exported: dict[str, bool] = field(default_factory=dict)
    softly: set[str] = field(default_factory=set)
    overriding: set[str] = field(default_factory=set)

    def export(self, names: Iterable[str], *, exported: bool) -> None:
        """`export A B`, or `unexport`; without a name it is said of all."""
        self.exported |= dict.fromkeys(names, exported) or {_EVERY: exported}

    def assign(self, told: Assignment) -> None:
        """Take what an assignment says."""
        name, before = told.name, self.values.get(told.name, "")
        if not told.words.isdisjoint(("export", "unexport")):
            self.exported[name] = "export" in told.words
        if told.how == "?" and name in self.values:
            return
        (self.softly.add if told.how == "?" else self.softly.discard)(name)
        if "override" in told.words:
            self.overriding.add(name)
        value = f"{before} {told.value}".strip() if told.how == "+" else told.value
        if told.how.startswith(":"):
            # Of a variable that is expanded at once, what it was may be a part.
            value = value.replace(f"$({name})", before).replace(f"${{{name}}}", before)
        # What a shell would have to say, nobody here knows.
        self.values[name] = value if len(value) <= LONGEST and told.how != "!" else UNKNOWN

    def over(self, around: Around) -> "Variables":
        """These, with what is `around` a target."""
        found = Variables({**self.values}, {**self.exported}, {*self.softly}, {*self.overriding})
        for name, value in around.environment:
            if name not in found.values or name in found.softly:
                found.values[name] = value
            found.exported.setdefault(name, True)
        for each in around.own:
            found.assign(each)
        for name, value in around.line:
            if name not in found.overriding:
                found.values[name] = value
                found.softly.discard(name)
            found.exported.setdefault(name, True)
        if around.line:
            found.values["MAKE"] = shlex.join(("make", *(f"{name}={value}" for name, value in around.line)))
        return found

    def expanded(self, text: str) -> str:
        """`text`, with what its variables are."""
        return _REFERENCE.sub(lambda found: self.values.get(found["round"] or found["curly"], UNKNOWN), text)

    def handed_on(self, *, every: bool) -> Given:
        """What a shell is given of what tells of Compose's files and of databases.

        `every`: what is not said to be exported or not is.
        An address that only running tells is none, nor is one that the environment may go before.
        """
        every = self.exported.get(_EVERY, every)
        names = [name for name in self.values if self.exported.get(name, every)]
        files = ((name, self._value(name)) for name in SETTINGS if name in names)
        told = (name for name in names if names_a_database(name) and name not in self.softly)
        return (*files, *islice(self._plain(told), _MOST_ADDRESSES))

    def _plain(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        return ((name, value) for name in names if "$" not in (value := self._value(name)))

    def _value(self, name: str) -> str:
        return self.expanded(self.expanded(self.values[name])[: 4 * LONGEST])
