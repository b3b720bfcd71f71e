"""Opinions on style, which a project may ask for."""

from msgspec import Struct

from migcheck.finding import Location

JSONB = "prefer-jsonb"
"""The one that Squawk has no rule for."""


class Opinion(Struct, frozen=True):
    """What the rule `name` says of a new migration at a place, and what it helps; `helps` may be empty.

    It is one of Squawk's, but for JSONB.
    """

    migration: str
    at: Location
    name: str
    says: str
    helps: str = ""


class NotRead(Struct, frozen=True):
    """Opinions that were asked for in the configuration at a place, and were not read: why, and what to do."""

    at: Location
    reason: str
    remedy: str
