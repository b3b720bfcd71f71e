"""What a filling is to leave out, and what came of it. No I/O."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct


class Filled(Struct, frozen=True):
    """How many rows a table has. `lacks` says why there is none."""

    table: str
    rows: int
    lacks: str = ""


ANYWHERE = ""
"""What is to be found behind no row of any table."""


class Avoided(Struct, frozen=True):
    """What rows must not be like: `empty` tables get none, and no SELECT that is by its table in `never` finds one.

    An `empty` materialized view is not filled anew. What `never` has under ANYWHERE, no row may bring about.
    `ends`: no integer is the least or the greatest of its type.
    """

    empty: Collection[str] = ()
    never: Mapping[str, Sequence[str]] = {}
    ends: bool = False
