"""The variables of a Makefile: what their values are, and which addresses of databases make hands to a shell.

Facts: gnu.org "GNU make", "Setting Variables", "Target-specific Variable Values", "The `override` Directive" (without
it what the command line says goes before), "Variables from the Environment" (`?=` gives way to it), "Communicating
Variables" (what is exported, and what the command line says; that is handed to another make as well), "Summary of
Options" (with `-e` the environment goes before the Makefile).
"""

import re
import shlex
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import is_local_url, names_a_database

UNKNOWN = "$VARIABLE"
LONGEST = 500
"""Characters of a variable. Each can stand in a line many times."""
_MOST_ADDRESSES = 20
EVERY = ".EXPORT_ALL_VARIABLES"
"""What has every variable exported of which nothing else is said."""
_ASSIGNMENT = regex(
    r"(?P<words>(?:(?:export|unexport|override|private)\s+)*)(?P<name>[\w.-]+)\s*(?P<how>\?|\+|!|:{1,3})?="
    r"(?P<value>[^#]*)(?:#.*)?"
)
_REFERENCE = regex(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")

Given = tuple[tuple[str, str], ...]
"""Variables with their values."""


class Assignment(Struct, frozen=True):
    """`NAME = value`; `how` is what stands before the sign. `words` are `export`, `override` and the like before it.

    `sure`: no condition has make pass over it.
    """

    name: str
    value: str
    how: str = ""
    words: frozenset[str] = frozenset()
    sure: bool = True


def assignment_in(text: str, *, sure: bool = True) -> Assignment | None:
    """The assignment that a line is; None where it is none."""
    found = _ASSIGNMENT.fullmatch(text)
    if found is None:
        return None
    words = frozenset(found["words"].split())
    return Assignment(found["name"], found["value"].strip(), found["how"] or "", words, sure)


class Variables(Struct):
    """Variables by name: their `values` as they are written, and whether each is `exported`, where that is said.

    `unsure` are those that may be something else: said more than once, of one target alone, behind a condition or by
    `?=`. `overriding` are those that no command line changes.
    """

    values: dict[str, str] = field(default_factory=lambda: {"MAKE": "make"})
    exported: dict[str, bool] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    overriding: set[str] = field(default_factory=set)

    def export(self, names: Iterable[str], *, exported: bool, sure: bool = True) -> None:
        """`export A B`, or `unexport`; without a name it is said of all."""
        for name in tuple(names) or (EVERY,):
            self.exported[name] = exported and (sure or self.exported.get(name, False))

    def doubt_all(self) -> None:
        """Hold nothing of what was said so far for sure: something unread may have changed it."""
        self.unsure.update(self.values)

    def assign(self, told: Assignment) -> None:
        """Take what an assignment says."""
        name, before = told.name, self.values.get(told.name)
        if not told.words.isdisjoint(("export", "unexport")):
            self.export([name], exported="export" in told.words, sure=told.sure)
        if told.how == "?" and before is not None:
            return
        value = f"{before or ''} {told.value}".strip() if told.how == "+" else told.value
        # What it was may be a part of what it is.
        value = value.replace(f"$({name})", before or "").replace(f"${{{name}}}", before or "")
        # What a shell would have to say, nobody here knows.
        value = value if len(value) <= LONGEST and told.how != "!" else UNKNOWN
        self.values[name] = value
        if not told.sure or before not in (None, value) or told.how in ("?", "+"):
            self.unsure.add(name)
        if "override" in told.words:
            self.overriding.add(name)

    def assign_for_targets(self, told: Assignment) -> None:
        """Take what is so for some targets alone: a value only where there is no other."""
        name, before = told.name, self.values.get(told.name)
        self.unsure.add(name)
        if before is None:
            self.values[name] = told.value if len(told.value) <= LONGEST else UNKNOWN
        elif before != told.value:
            self.values[name] = UNKNOWN

    def over(self, settings: Given, *, environment_first: bool) -> "Variables":
        """These, with what a command line says: `environment_first` is `-e`."""
        found = Variables({**self.values}, {**self.exported}, {*self.unsure}, {*self.overriding})
        if environment_first:
            found.doubt_all()
        for name, value in settings:
            if name not in found.overriding:
                found.values[name] = value
                found.unsure.discard(name)
            found.exported.setdefault(name, True)
        told = ("make", "-e") if environment_first else ("make",)
        found.values["MAKE"] = shlex.join((*told, *(f"{name}={value}" for name, value in settings)))
        return found

    def expanded(self, text: str) -> str:
        """`text`, with what its variables are. An address that may be another nobody knows."""
        return _REFERENCE.sub(lambda found: self._of_text(found["round"] or found["curly"]), text)

    def _of_text(self, name: str) -> str:
        value = self.values.get(name, UNKNOWN)
        return UNKNOWN if name in self.unsure and _leads_to_a_database(value) else value

    def handed_on(self) -> Given:
        """The databases' addresses that a shell is given; none that may be another, or that only running tells."""
        every = self.exported.get(EVERY, False)
        names = (name for name in self.values if names_a_database(name) and self.exported.get(name, every))
        told = ((name, self._for_sure(name)) for name in names)
        return tuple(islice((each for each in told if "$" not in each[1]), _MOST_ADDRESSES))

    def _for_sure(self, name: str) -> str:
        """What a variable is, where no part of it may be something else."""

        def of(found: re.Match[str]) -> str:
            part = found["round"] or found["curly"]
            return UNKNOWN if part in self.unsure else self.values.get(part, UNKNOWN)

        value = f"$({name})"
        for _ in range(3):
            value = _REFERENCE.sub(of, value)
            value = value if len(value) <= 4 * LONGEST else UNKNOWN
        return value


def _leads_to_a_database(value: str) -> bool:
    """Whether a value is an address, or the host of one that is on this machine."""
    return "://" in value or is_local_url(f"postgres://{value}/")
