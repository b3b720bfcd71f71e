"""The variables of a Makefile: what their values are, and which of them make hands to a shell.

Facts: gnu.org "GNU make", "Setting Variables", "Target-specific Variable Values" (they hold for what a target needs as
well, save those that are `private`), "The `override` Directive" (without it what the command line says goes before),
"Variables from the Environment" (a Makefile's own go before them, `?=` does not), "Communicating Variables" (what is
exported, what came from the environment and what the command line says; the last is handed to another make as well),
"Summary of Options" (with `-e` the environment goes before the Makefile), "The Two Flavors of Variables" (`:=` takes
what others are then). Whether a Makefile may say `-e` in MAKEFLAGS depends on the release: 4.3 does not listen.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.databases import is_local_url, names_a_database
from migcheck.scripts.make_flags import puts_environment_first

UNKNOWN = "$VARIABLE"
LONGEST = 500
"""Characters of a variable. Each can stand in a line many times."""
_MOST_ADDRESSES = 20
_MOST_OWN = 20
"""Variables of targets that hold for one together: what each needs has them all."""
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


class Around(Struct, frozen=True):
    """What holds for a target beside the variables of its Makefile: its own, and of the command `line`.

    Its own are those of the targets that need it as well, the outermost first. `environment_first`: that goes before
    the Makefile.
    """

    own: tuple[Assignment, ...] = ()
    line: Given = ()
    environment_first: bool = False

    def within(self, own: tuple[Assignment, ...]) -> "Around":
        """What holds for a target with variables of its `own`."""
        return replace(self, own=(*self.own, *own)[-_MOST_OWN:]) if own else self

    def handed_on(self) -> "Around":
        """What holds for what a target needs."""
        return replace(self, own=tuple(each for each in self.own if "private" not in each.words))


class Variables(Struct):
    """Variables by name: their `values` as they are written, and whether each is `exported`, where that is said.

    `softly` are those that are set by `?=`, `overriding` those that no command line changes. `sure` are those whose
    value no condition and nothing unread may change, `said` those of which it is as sure whether they are exported.
    `at_once` are those that are expanded where they are said, with what is a part of each: as it is written, for as
    long as none of these is said anew. `fixed` are those of which one was, `users` those at once by their
    parts. `environment_first`: the environment may go before all.
    """

    values: dict[str, str] = field(default_factory=lambda: {"MAKE": "make"})
    exported: dict[str, bool] = field(default_factory=dict)
    softly: set[str] = field(default_factory=set)
    overriding: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    at_once: dict[str, frozenset[str]] = field(default_factory=dict)
    fixed: dict[str, frozenset[str]] = field(default_factory=dict)
    users: dict[str, list[str]] = field(default_factory=dict)
    environment_first: bool = False

    def export(self, names: Iterable[str], *, exported: bool, sure: bool = True) -> None:
        """`export A B`, or `unexport`; without a name it is said of all."""
        for name in tuple(names) or (EVERY,):
            before = self.exported.get(name)
            if sure:
                self.said.add(name)
            elif before is not exported:
                self.said.discard(name)
            # Of two branches the one that hands on nothing counts.
            self.exported[name] = exported and (sure or before is not False)

    def undefine(self, name: str, *, sure: bool) -> None:
        """`undefine A`."""
        self._fix(name)
        self.sure.discard(name)
        if sure:
            self.values.pop(name, None)
            self.softly.discard(name)

    def doubt(self, names: Iterable[str]) -> None:
        """Hold none of these for sure."""
        self.sure.difference_update(names)

    def doubt_all(self) -> None:
        """Hold nothing of what was said so far for sure: something unread may have changed it."""
        self.sure.clear()
        self.said.clear()

    def assign(self, told: Assignment) -> None:
        """Take what an assignment says."""
        name, before = told.name, self.values.get(told.name, "")
        if not told.words.isdisjoint(("export", "unexport")):
            self.export([name], exported="export" in told.words, sure=told.sure)
        self.environment_first |= puts_environment_first(name, told.value)
        if told.how == "?" and name in self.values:
            return
        self._fix(name)
        (self.softly.add if told.how == "?" else self.softly.discard)(name)
        if "override" in told.words:
            self.overriding.add(name)
        value = f"{before} {told.value}".strip() if told.how == "+" else told.value
        if told.how.startswith(":"):
            # Of a variable that is expanded at once, what it was may be a part.
            value = value.replace(f"$({name})", before).replace(f"${{{name}}}", before)
        # What a shell would have to say, nobody here knows.
        value = value if len(value) <= LONGEST and told.how != "!" else UNKNOWN
        if not told.sure and self.values.get(name) != value:
            self.sure.discard(name)
        elif told.sure and not self._goes_on_from_doubt(told):
            self.sure.add(name)
        simple = told.how.startswith(":") or (told.how == "+" and (name in self.at_once or name in self.fixed))
        self.values[name] = value
        self.fixed.pop(name, None)
        self.at_once.pop(name, None)
        if simple:
            self.at_once[name] = frozenset(self._parts(value))
            for each in self.at_once[name]:
                self.users.setdefault(each, []).append(name)

    def _parts(self, value: str) -> Iterator[str]:
        """The variables that are a part of `value`, and those that are a part of these."""
        left = [value]
        for _ in range(3):
            names = {found["round"] or found["curly"] for each in left for found in _REFERENCE.finditer(each)}
            yield from names
            left = [self.values[each] for each in names if each in self.values]

    def _fix(self, part: str) -> None:
        """Expand what was said to be expanded at once, before the variable `part` is said anew."""
        for name in self.users.pop(part, ()):
            if part not in self.at_once.get(name, ()):
                continue
            parts = self.fixed[name] = self.at_once.pop(name)
            value = self.values[name]
            for _ in range(3):
                value = _REFERENCE.sub(lambda found: self.values.get(found["round"] or found["curly"], UNKNOWN), value)
                # Each round may make it hundreds of times as long, and what is cut is no value.
                value = value if len(value) <= 4 * LONGEST else UNKNOWN
            self.values[name] = value
            if not parts <= self.sure - self.softly:
                self.sure.discard(name)

    def _goes_on_from_doubt(self, told: Assignment) -> bool:
        """Whether what is assigned has a part of what the variable was, and that is not sure."""
        name = told.name
        mended = f"$({name})" in told.value or f"${{{name}}}" in told.value
        return (told.how == "+" or mended) and name in self.values and name not in self.sure

    def over(self, around: Around) -> "Variables":
        """These, with what is `around` a target."""
        found = Variables(
            {**self.values},
            {**self.exported},
            {*self.softly},
            {*self.overriding},
            {*self.sure},
            {*self.said},
            {**self.at_once},
            {**self.fixed},
            {part: [*names] for part, names in self.users.items()},
        )
        for each in around.own:
            found.assign(each)
        if around.environment_first or self.environment_first:
            found.sure.clear()
        for name, value in around.line:
            if name not in found.overriding:
                found._set(name, value)
                found.softly.discard(name)
            found._handed(name)
        if around.line or around.environment_first:
            options = ("-e",) if around.environment_first else ()
            found._set("MAKE", shlex.join(("make", *options, *(f"{name}={value}" for name, value in around.line))))
        return found

    def _set(self, name: str, value: str) -> None:
        """Take what was said before the Makefile was read: what has it for a part had that instead."""
        for each in [each for each, parts in self.fixed.items() if name in parts]:
            self.values[each] = UNKNOWN
        self.values[name] = value
        self.sure.add(name)

    def _handed(self, name: str) -> None:
        """Have what make was given exported, where nothing says that it is not."""
        if self.exported.setdefault(name, True):
            self.said.add(name)

    def expanded(self, text: str) -> str:
        """`text`, with what its variables are. Where a condition may make an address another, nobody knows it."""
        return _REFERENCE.sub(lambda found: self._of_text(found["round"] or found["curly"]), text)

    def _of_text(self, name: str) -> str:
        value = self.values.get(name, UNKNOWN)
        return UNKNOWN if name not in self.sure and _leads_to_a_database(value) else value

    def handed_on(self) -> Given:
        """The databases' addresses that a shell is given.

        None is what only running tells, or what the environment or a condition may go before.
        """
        every = self.exported.get(EVERY, False)
        names = [name for name in self.values if self.exported.get(name, every)]
        said = (name for name in names if (name if name in self.exported else EVERY) in self.said)
        return tuple(islice(self._plain(filter(names_a_database, said)), _MOST_ADDRESSES))

    def _plain(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        return ((name, value) for name in names if "$" not in (value := self._for_sure(name)))

    def _for_sure(self, name: str) -> str:
        """What a variable is, where nothing may go before any part of it."""

        def of(found: re.Match[str]) -> str:
            part = found["round"] or found["curly"]
            return self.values[part] if part in self.sure and part not in self.softly else UNKNOWN

        value = f"$({name})"
        for _ in range(3):
            value = _REFERENCE.sub(of, value)
            value = value if len(value) <= 4 * LONGEST else UNKNOWN
        return value


def _leads_to_a_database(value: str) -> bool:
    """Whether a value is an address, or the host of one that is on this machine."""
    return "://" in value or is_local_url(f"postgres://{value}/")
