"""A run that an error ended before it had a report."""

from msgspec import Struct

from migcheck.finding import Location


class Ended(Struct, frozen=True):
    """What ended a run of `command`, at which place of which file if at one, and the exit code that it has for that."""

    command: str
    problem: str
    remedy: str
    exit_code: int
    at: Location | None = None
