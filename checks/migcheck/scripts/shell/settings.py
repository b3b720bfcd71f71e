"""Variables that a command line sets: `env X=… m`, `cross-env X=… m`, `export X=…`, `make m X=…`.

Facts: gnu.org "GNU make", "Communicating Variables" (what its command line sets, its programs find as well).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from posixpath import basename
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.shell.beside import beside
from migcheck.scripts.shell.programs import MAKES
from migcheck.scripts.shell.words import assignment_of, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SETTERS = frozenset({"env", "cross-env", "cross-env-shell"})
_FILES = regex(r"[\w./@-]*\*[\w./*-]*\.sql", re.ASCII)
_NAME = regex(r"\w+", re.ASCII)
_VARIABLE = regex(r"\$\{?(?P<name>\w+)\}?", re.ASCII)
_MOST = 50
"""Variables of one script. Each of its commands has them all."""


def handed_on(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the command `words` sets for the program that it is wrapped around."""
    at = next((number for number, word in enumerate(words) if basename(word) in _SETTERS), len(words))
    of_make = basename(words[0]) in MAKES
    for word in words[1 if of_make else at + 1 :]:
        name, told, value = word.partition("=")
        if told and name.isidentifier():
            yield name, value
        elif not (of_make or word.startswith("-")):
            return


class Exported(Struct):
    """The variables of a shell, as far as it was read: those that it hands on to every command, and the others."""

    settings: tuple[tuple[str, str], ...] = ()
    _others: dict[str, str] = field(default_factory=dict)
    _standing: dict[str, str] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)

    def places(self, words: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Those in `words` of a command that stand for paths from where the script lies."""
        told = (each for each in words if "$" in each) if self._places else ()
        names = dict.fromkeys(name for each in told for name in _NAME.findall(each))
        return tuple((each, self._places[each]) for each in names if each in self._places)

    @contextmanager
    def standing(self, name: str, values: Sequence[str]) -> Iterator[None]:
        """In a loop, the variable `name` stands for `values`; what that is can be said where it is one pattern."""
        kept = dict(self._standing)
        self._standing.pop(name, None)
        if len(values) == 1 and _FILES.fullmatch(values[0]):
            self._standing[name] = values[0]
        yield
        self._standing = kept

    def filled(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` of a command, with what the variables of loops stand for."""
        return tuple(map(self._value, words)) if self._standing else words

    def _value(self, word: str) -> str:
        found = _VARIABLE.fullmatch(word)
        return self._standing.get(found["name"], word) if found else word

    def take(self, node: "Node") -> None:
        """What a statement sets that is no command."""
        self._place(node)
        if node.type == "declaration_command":
            self._declare(node)
        else:
            self._assign(node)

    def _place(self, node: "Node") -> None:
        """A path from where the script lies; one that is set in a branch may be another."""
        at_top = node.parent is not None and node.parent.type == "program"
        for name, value in map(assignment_of, [node] if node.type == "variable_assignment" else node.named_children):
            place = beside(value, self._places) if at_top else None
            if place is not None:
                self._places[name] = place
            else:
                self._places.pop(name, None)

    def _assign(self, node: "Node") -> None:
        """`X=… Y=…` without a command: each is handed on where it was before."""
        for each in [node] if node.type == "variable_assignment" else node.named_children:
            name, value = assignment_of(each)
            if name in dict(self.settings):
                self._hand_on(name, value)
            else:
                self._others[name] = value

    def _declare(self, node: "Node") -> None:
        """`export X=…` and `export X`."""
        for each in node.named_children if text_of(node).startswith(("export ", "declare -x ")) else ():
            if each.type == "variable_assignment":
                self._hand_on(*assignment_of(each))
            elif (name := text_of(each)) in self._others:
                self._hand_on(name, self._others[name])

    def _hand_on(self, name: str, value: str) -> None:
        found = dict(self.settings)
        if name in found or len(found) < _MOST:
            self.settings = tuple({**found, name: value}.items())
