"""What a reversal is made of."""

from enum import IntEnum, auto

from msgspec import Struct


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
