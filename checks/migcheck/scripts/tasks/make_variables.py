"""The variables of a Makefile: what their values are, and which addresses of databases make hands to a shell.

Facts: gnu.org "GNU make", "Setting Variables" (`?=` gives way to the environment, `+=` adds), "Overriding Variables"
(what a command line says takes the place of that, save where it is said with `override`), "Communicating Variables"
(what is exported). `define` and `$(eval)` fill in nothing.
"""

import re
import shlex
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database

UNKNOWN = "$VARIABLE"
_LONGEST = 500
"""Characters of a variable. Each can stand in a line many times."""
_MOST_ADDRESSES = 20
EVERY = ".EXPORT_ALL_VARIABLES"
"""What has every variable exported."""
_ASSIGNMENT = regex(
    r"(?P<words>(?:(?:export|override|private)\s+)*)(?P<name>[\w.-]+)\s*(?P<how>\?|\+|!|:{1,3})?="
    r"(?P<value>[^#]*)(?:#.*)?"
)
_REFERENCE = regex(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")


class Variables(Struct):
    """Variables by name: their `values` as they are written, and the names that are `exported`.

    `given` are what the command line says, by name. `unsure` are those that may be something else: said more than once,
    behind a condition, or by `?=`. `yielding` are those that nothing but `?=` says.
    """

    given: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    yielding: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """What make is told it tells every make that it runs."""
        words = (f"{name}={value}" for name, value in self.given.items())
        self.values |= {"MAKE": shlex.join(("make", *words)), **self.given}

    def export(self, names: Iterable[str]) -> None:
        """`export A B`; without a name it is said of all."""
        self.exported.update(tuple(names) or (EVERY,))

    def take(self, line: str, *, sure: bool) -> bool:
        """Take what a line says that is an assignment, and whether it is one. `sure`: no condition is around it."""
        found = _ASSIGNMENT.fullmatch(line)
        if found is None:
            return False
        name, how = found["name"], found["how"] or ""
        before = None if name in self.given and how in ("", ":") else self.values.get(name)
        self.exported |= {name} if "export" in found["words"] else set()
        (self.yielding.add if how == "?" and before is None else self.yielding.discard)(name)
        if (how == "?" and before is not None) or (name in self.given and "override" not in found["words"]):
            return True
        value = found["value"].strip()
        value = f"{before} {value}" if how == "+" and before is not None else value
        # What a shell would have to say, nobody here knows.
        self.values[name] = value if len(value) <= _LONGEST and how != "!" else UNKNOWN
        self.unsure |= {name} if not sure or how in ("?", "+") or before not in (None, value) else set()
        return True

    def expanded(self, text: str) -> str:
        """`text`, with what its variables are. An address that may be another nobody knows."""
        return _REFERENCE.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        name = found["round"] or found["curly"]
        value = self.values.get(name, UNKNOWN)
        return UNKNOWN if name in self.unsure and (names_a_database(name) or "://" in value) else value

    def handed_on(self) -> tuple[tuple[str, str], ...]:
        """The databases' addresses that a shell is given, each said once and in plain words."""
        names = (name for name in self.values if not self.exported.isdisjoint((name, EVERY)) and names_a_database(name))
        told = ((name, self.expanded(self._value_of(name))) for name in names)
        return tuple(islice((each for each in told if "$" not in each[1]), _MOST_ADDRESSES))

    def _value_of(self, name: str) -> str:
        return UNKNOWN if name in self.unsure else self.values[name]
