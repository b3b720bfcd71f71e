"""How large the tables are, on the target, that pending migrations touch. `read_sizes` reads it."""

from collections.abc import Mapping

from msgspec import Struct

from migcheck.finding import Location


class Size(Struct, frozen=True):
    """`rows` is the planner's estimate, None where the table was never analysed; `bytes` are with indexes and TOAST.

    `empty`: it has not a single page, so no row.
    """

    rows: int | None
    bytes: int
    empty: bool = False


class Sized(Struct, frozen=True):
    """What a migration locks how, as the rehearsal saw it; `size` is None where the target has no such table."""

    migration: str
    table: str
    lock: str
    size: Size | None


class Unsized(Struct, frozen=True):
    """Why nothing is known."""

    reason: str


class UnknownTable(Struct, frozen=True):
    """A table that the configuration calls large, at its place, and that nobody has; `near` is one of a like name."""

    name: str
    at: Location
    near: str = ""


def table_named(name: str) -> str:
    """The table that the configuration names, as `schema.table` without quotes."""
    return (name if "." in name else f"public.{name}").replace('"', "")


Sizes = Mapping[str, Size] | Unsized
"""Of each table that was asked for and is there, by `schema.table`."""
TargetSizes = tuple[Sized, ...] | Unsized
