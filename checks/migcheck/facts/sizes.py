"""How large the tables are, on the target, that pending migrations touch. `read_sizes` reads it."""

from msgspec import Struct


class Size(Struct, frozen=True):
    """`rows` is the planner's estimate, None where the table was never analysed; `bytes` are with indexes and TOAST."""

    rows: int | None
    bytes: int


class Sized(Struct, frozen=True):
    """What a migration locks how, as the rehearsal saw it; `size` is None where the target has no such table."""

    migration: str
    table: str
    lock: str
    size: Size | None


class Unsized(Struct, frozen=True):
    """Why nothing is known."""

    reason: str


TargetSizes = tuple[Sized, ...] | Unsized
