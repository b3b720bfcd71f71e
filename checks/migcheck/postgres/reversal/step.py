"""What a reversal is made of: steps, and names as the catalogue writes them, each part quoted where it has to be."""

import re
from enum import IntEnum, auto

from msgspec import Struct

from migcheck.regex import regex

_PART = regex(r'(?:"(?:[^"]|"")*"|[^."(]+)(?:\(.*\))?', re.DOTALL)


class Phase(IntEnum):
    """When a step is tried first. What is dropped whole takes with it what stands on it, which is less to say."""

    RENAME = auto()
    DROP = auto()
    TAKE_OFF = auto()
    MAKE = auto()
    CHANGE = auto()
    PUT_ON = auto()
    FINISH = auto()


class Step(Struct, frozen=True):
    """Statements that belong together, without semicolons."""

    phase: Phase
    statements: tuple[str, ...]


def step(phase: Phase, *statements: str) -> Step:
    """One step."""
    return Step(phase, statements)


def parts_of(identity: str) -> list[str]:
    """`public`, `users` and `"e mail"` of `public.users."e mail"`, as they stand."""
    return _PART.findall(identity)


def parent_of(identity: str) -> str:
    """`public.users` of `public.users.email`."""
    return ".".join(parts_of(identity)[:-1])


def last_of(identity: str) -> str:
    """`email` of `public.users.email`."""
    return parts_of(identity)[-1]
