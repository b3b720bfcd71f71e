"""The items of a `case "$1" in` at the top of a shell script, of which who calls it chooses one."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from posixpath import basename
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.words import text_of, word_of

if TYPE_CHECKING:
    from tree_sitter import Node

_FIRST = regex(r"\"?\$(?:1|\{1(?::?-[^}$`]*)?\})\"?", re.ASCII)
_PATTERN = regex(r"[\w:.@/*?\[\]-]*", re.ASCII)
_PLAIN = regex(r"[\w:.@/-]+", re.ASCII)
_MOST = 100
"""Patterns of one `case`. Each item has those before it."""
_FALLS_THROUGH = frozenset({";&", ";;&"})


class Arm(Struct, frozen=True):
    """One item: the patterns that lead to it, and those of the items before it."""

    own: tuple[str, ...]
    before: tuple[str, ...] = ()

    def is_chosen(self, argument: str) -> bool:
        """Whether the script does this where `argument` is the first that it is called with."""
        matches = (fnmatchcase(argument, each) for each in self.before)
        return not any(matches) and any(fnmatchcase(argument, each) for each in self.own)


def is_first_argument(written: str) -> bool:
    """Whether what is written there is `$1`, perhaps with a default."""
    return _FIRST.fullmatch(written) is not None


def arms_of(case: "Node") -> Sequence[Arm | None]:
    """An arm for each item of a `case`; None where an item may be come to by another way."""
    items = [each for each in case.named_children if each.type == "case_item"]
    patterns = [tuple(word_of(value) for value in each.children_by_field_name("value")) for each in items]
    falls = any(child.type in _FALLS_THROUGH for each in items for child in each.children)
    if (
        falls
        or sum(map(len, patterns)) > _MOST
        or not all(_PATTERN.fullmatch(each) for several in patterns for each in several)
    ):
        return [None] * len(items)
    return list(_arms(patterns))


def _arms(patterns: Sequence[tuple[str, ...]]) -> Iterator[Arm]:
    before: tuple[str, ...] = ()
    for own in patterns:
        yield Arm(own, before)
        before += own


def subject_of(case: "Node") -> str:
    """What a `case` looks at, as it is written."""
    value = case.child_by_field_name("value")
    return "" if value is None else text_of(value)


def may_choose(arm: Arm, words: Sequence[str], path: str) -> bool:
    """Whether the command `words`, which runs the script at `path`, may choose `arm`: where nobody can tell, it may."""
    at = next((number for number, word in enumerate(words) if basename(word) == basename(path)), None)
    # `npm run` may put more behind the last word.
    if at is None or at + 1 == len(words) or _PLAIN.fullmatch(words[at + 1]) is None:
        return True
    return arm.is_chosen(words[at + 1])
