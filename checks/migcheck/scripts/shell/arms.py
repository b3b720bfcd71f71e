"""The items of a `case "$1" in` at the top of a shell script, of which who calls it chooses one."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from posixpath import basename
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.beside import is_self
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.shell.words import text_of, word_of

if TYPE_CHECKING:
    from tree_sitter import Node

_FIRST = regex(r"\"?\$(?:1|\{1(?::?-(?P<default>[^}$`]*))?\})\"?", re.ASCII)
_PATTERN = regex(r"[\w:.@/*?\[\]-]*", re.ASCII)
_PLAIN = regex(r"[\w:.@/-]+", re.ASCII)
_MOST = 100
"""Patterns of one `case`. Each item has those before it."""
NO_ARGUMENT = ""
"""What stands for none."""
_FALLS_THROUGH = frozenset({";&", ";;&"})


class Arm(Struct, frozen=True):
    """One item: the patterns that lead to it, and those of the items before it.

    `default` is what the script takes where it is called with no argument; None where it says nothing of that.
    """

    own: tuple[str, ...]
    before: tuple[str, ...] = ()
    default: str | None = None

    def may_be_chosen(self, argument: str | None) -> bool:
        """Whether the script may do this where `argument`, as `argument_of` gives it, is the first that it gets."""
        told = self.default if argument == NO_ARGUMENT else argument
        if told is None:
            return True
        matches = (fnmatchcase(told, each) for each in self.before)
        return not any(matches) and any(fnmatchcase(told, each) for each in self.own)


def is_first_argument(written: str) -> bool:
    """Whether what is written there is `$1`, perhaps with a default."""
    return _FIRST.fullmatch(written) is not None


def arm_of_default(written: str) -> Arm | None:
    """What is done where what is `written` so, `${1:-push}`, comes to its default; None where it has none."""
    first = _FIRST.fullmatch(written)
    default = first["default"] if first else None
    return Arm((default,), (), default) if default and _PLAIN.fullmatch(default) else None


def arms_of(case: "Node", written: str) -> Sequence[Arm | None]:
    """An arm for each item of a `case` on what is `written` so; None where an item may be come to by another way."""
    items = [each for each in case.named_children if each.type == "case_item"]
    patterns = [tuple(word_of(value) for value in each.children_by_field_name("value")) for each in items]
    falls = any(child.type in _FALLS_THROUGH for each in items for child in each.children)
    if (
        falls
        or sum(map(len, patterns)) > _MOST
        or not all(_PATTERN.fullmatch(each) for several in patterns for each in several)
    ):
        return [None] * len(items)
    first = _FIRST.fullmatch(written)
    return list(_arms(patterns, first["default"] if first else None))


def _arms(patterns: Sequence[tuple[str, ...]], default: str | None) -> Iterator[Arm]:
    before: tuple[str, ...] = ()
    for own in patterns:
        yield Arm(own, before, default)
        before += own


def subject_of(case: "Node") -> str:
    """What a `case` looks at, as it is written."""
    value = case.child_by_field_name("value")
    return "" if value is None else text_of(value)


def argument_of(words: Sequence[str], path: str, *, whole: bool) -> str | None:
    """The first argument that the command `words` gives the script at `path`; None where nobody can tell.

    `whole`: nobody puts more behind its last word.
    """
    at = next((number for number, word in enumerate(words) if is_self(word) or basename(word) == basename(path)), None)
    if at is None:
        return None
    if at + 1 == len(words):
        return NO_ARGUMENT if whole and _is_run_alone(words[:at]) else None
    return words[at + 1] if _PLAIN.fullmatch(words[at + 1]) else None


def _is_run_alone(before: Sequence[str]) -> bool:
    """Whether what stands `before` a script's name is nothing, or a shell: `xargs` adds arguments, `.` has its own."""
    shell, *flags = before or ("sh",)
    return basename(shell) in SHELLS and all(each.startswith("-") for each in flags)
