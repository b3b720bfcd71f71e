"""Roles that rollbacks drop, and what on a target keeps the server from that. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import EXECUTES, tokens
from migcheck.postgres.target.role_needs import Need
from migcheck.regex import regex
from migcheck.sql_names import names_at
from migcheck.wording import first_of

_MOST_TOKENS = 64
_SHOWN = 20
_ROLES = frozenset({"role", "user", "group"})
# What may take away more on a target than on scratch: all that a role has, all of a schema, and whatever code does.
_MORE = regex(
    r"\b(?:drop|reassign)\s+owned\b|\bon\s+all\b|\bdefault\s+privileges\b|\bcascade\b|\bdrop\s+extension\b"
    rf"|{EXECUTES}|^\s*(?:do|call|select|with)\b"
)


class DroppedRole(Struct, frozen=True):
    """A role by its name, and where it is dropped.

    `held` is what needed it where that was rehearsed, and `gone` are the identities of what is not there any more then.
    """

    name: str
    at: Location
    held: frozenset[Need] = frozenset()
    gone: frozenset[str] = frozenset()

    def kept_by(self, needs: Iterable[Need]) -> tuple[str, ...]:
        """Which of the target's `needs` nothing of what was rehearsed takes away."""
        return tuple(str(each) for each in needs if not self._is_taken(each))

    def _is_taken(self, need: Need) -> bool:
        alike = [each for each in self.held if each.how == need.how]
        if need.kind == "database":
            # It is called otherwise where that is rehearsed.
            return any(each.kind == need.kind for each in alike)
        return any(_is_of(need.identity, each) for each in (*self.gone, *(each.identity for each in alike)))


def _is_of(identity: str, thing: str) -> bool:
    """Whether it is the identity of `thing` or of what goes with it: its columns and what is on it have its name."""
    return re.search(rf"(?<!\S){re.escape(thing)}(?![^\s.(])", identity) is not None


def roles_dropped(scripts: Sequence[Migration]) -> tuple[DroppedRole, ...]:
    """The roles that plain statements of `scripts` drop; none where more may be taken from them than on scratch."""
    texts = (statement.text.lower() for script in scripts for statement in statements_of(script))
    return () if any(map(_MORE.search, texts)) else tuple(roles_named_to_drop(scripts))


def roles_named_to_drop(scripts: Iterable[Migration]) -> Iterator[DroppedRole]:
    """The same, whatever else may be taken from them."""
    for script in scripts:
        for statement in statements_of(script):
            words = list(islice(tokens(statement.text), _MOST_TOKENS))
            yield from (DroppedRole(each, Location(script.path, statement.line)) for each in _names(words))


def _names(words: Sequence[str]) -> Iterator[str]:
    lower = [each.lower() for each in words]
    if lower[:1] != ["drop"] or not _ROLES.intersection(lower[1:2]) or lower[1:3] == ["user", "mapping"]:
        return
    at = 4 if lower[2:4] == ["if", "exists"] else 2
    while at < len(words):
        names, end = names_at(words, at)
        yield from names
        at = end + 1


def refusal(found: Collection[tuple[DroppedRole, tuple[str, ...]]]) -> str:
    """What the server would say to dropping those that are kept, in a line."""
    return "; ".join(
        f"{role.at} fails: role {role.name} cannot be dropped because of {', '.join(first_of(kept, _SHOWN))}"
        for role, kept in found
        if kept
    )
