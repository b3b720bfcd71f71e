"""A table that is gone through while others are kept from the rest."""

from msgspec import Struct


class ReadMeanwhile(Struct, frozen=True):
    """Every row was read, to be changed or not, while earlier statements kept everybody out of the tables `held`."""

    held: tuple[str, ...]
