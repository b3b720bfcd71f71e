"""Whether a database is what a folder builds, whatever else is in it. Pure: catalogue against catalogue."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct

from migcheck.postgres.catalogue.compare import ORDER, difference
from migcheck.postgres.catalogue.thing import Catalogue, Key
from migcheck.regex import regex

_Things = Mapping[Key, tuple[str, ...]]

_NAME = r'(?:"(?:[^"]|"")*"|[^\s."(]+)'
_NAMES = regex(_NAME)
_INDEXED = regex(rf" ON (?:ONLY )?({_NAME}\.{_NAME}) USING ")
_OWNED_BY = regex(rf"(?:owned by|identity of) ({_NAME}\.{_NAME})\.")
_BY = regex(r" by \S+$")
_OWNER = "owner "
_RELATIONS = frozenset({"table", "foreign table", "view", "materialized view", "composite type", "domain"})
_ROUTINES = frozenset({"function", "procedure", "aggregate"})
# What stands for itself: where no migration makes it, it is somebody else's.
_WHOLE = _RELATIONS | _ROUTINES | {"sequence", "enum", "range", "type", "statistics"}
_OWNED = _WHOLE | {"schema", "extension"}
_WITHIN = frozenset({"column", "attribute", "constraint", "domain constraint", "trigger", "policy", "rule"})


class Likeness(Struct, frozen=True):
    """How a target stands to what migrations built.

    `lines` are the differences: `-` is what the target lacks, `+` what it has more, `~` what it has otherwise. `alone`
    are whole things of the target's own in the folder's schemas. `owners` own something of the folder's there, and are
    not who is connected.
    """

    lines: tuple[str, ...]
    alone: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


def likeness(blank: Catalogue, built: Catalogue, made: AbstractSet[Key], target: Catalogue) -> Likeness:
    """Compare `target` with what migrations `built` upon `blank`.

    Only what they changed counts: not what was there before, not other schemas. `made` is what any migration of the
    folder makes. Of what is not `built`, the target may have nothing: a later one would run into it, and what an
    earlier one made was dropped since.
    """
    was, now, seen = blank.things, built.things, target.things
    own = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key) and key.kind != ORDER}
    strange = {key: parts for key, parts in seen.items() if key not in now and key not in was}
    relations = {key.identity for key in own - was.keys() if key.kind in _RELATIONS}
    more = {key for key, parts in strange.items() if key in made or _relation(key, parts) in relations}
    expected = {key: _compared(key, now[key]) for key in own if key in now}
    found = {key: _compared(key, seen[key]) for key in own | more if key in seen and key.kind != ORDER}
    met = set(_granted(expected, found))
    lacking, gained = _gone(expected, found), _gone(found, expected)
    return Likeness(
        difference(_told(expected, met, lacking), _told(found, met, gained)),
        tuple(_alone(strange, more, {_schema(key) for key in own if key.kind in _WHOLE})),
        tuple(sorted({owner for key in own & seen.keys() for owner in _owner(key, seen[key])})),
    )


def _relation(key: Key, parts: tuple[str, ...]) -> str | None:
    """The table, view or type that a thing is a part of; None where it stands for itself."""
    found: re.Match[str] | None = None
    if key.kind in _WITHIN:
        return ".".join(_NAMES.findall(key.identity)[:2])
    if key.kind == "index":
        found = _INDEXED.search(parts[0])
    elif key.kind == "sequence":
        found = next(filter(None, map(_OWNED_BY.match, parts)), None)
    return found[1] if found else None


def _schema(key: Key) -> str:
    return next(iter(_NAMES.findall(key.identity)), "")


def _owner(key: Key, parts: tuple[str, ...]) -> Iterator[str]:
    """Who owns a thing, where it says so. A line of a body may begin with the same word."""
    told = parts[:1] if key.kind in _ROUTINES else parts
    if key.kind in _OWNED:
        yield from (part.removeprefix(_OWNER) for part in told if part.startswith(_OWNER))


def _compared(key: Key, parts: tuple[str, ...]) -> tuple[str, ...]:
    """What of a thing has to be equal: not who owns it, not the version of an extension."""
    if key.kind == "extension":
        return ()
    owners = {_OWNER + owner for owner in _owner(key, parts)}
    return tuple(part for part in parts if part not in owners) if owners else parts


def _granted(expected: _Things, found: _Things) -> Iterator[Key]:
    """The grants and revokes that took place. A provider's default privileges may have granted more."""
    for key, parts in expected.items():
        if key.kind.startswith(("grant on ", "revoke on ")) and _rights(parts) <= _rights(found.get(key, ())):
            yield key


def _rights(parts: tuple[str, ...]) -> set[str]:
    return {_BY.sub("", right) for part in parts for right in part.split(", ")}


def _gone(things: _Things, others: _Things) -> set[str]:
    """The relations that are in `things` alone: of such a one nobody needs to hear of each column."""
    here, there = ({key.identity for key in each if key.kind in _RELATIONS} for each in (things, others))
    return here - there


def _told(things: _Things, met: AbstractSet[Key], gone: AbstractSet[str]) -> Catalogue:
    return Catalogue(
        {key: parts for key, parts in things.items() if key not in met and _relation(key, parts) not in gone}
    )


def _alone(strange: _Things, more: AbstractSet[Key], schemas: AbstractSet[str]) -> Iterator[str]:
    for key in sorted(strange.keys() - more):
        if key.kind in _WHOLE and _schema(key) in schemas and _relation(key, strange[key]) is None:
            yield f"{key.kind} {key.identity}"
