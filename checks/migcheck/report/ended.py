"""A run that an error ended, by itself: the command line knows it from its start, and loads no verdict for it."""

from msgspec import Struct

from migcheck.finding import Location


class Ended(Struct, frozen=True):
    """An error that ended a run of `command` before it had a report; `at` is the place that it is about, if any."""

    command: str
    problem: str
    remedy: str
    exit_code: int
    at: Location | None = None
