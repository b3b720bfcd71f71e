"""How something of a project comes to be run without a person."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from migcheck.finding import Location


class Starter(StrEnum):
    """Who begins, in words that a sentence can have as its subject."""

    CI = "CI"
    IMAGE = "the image"
    BUILD = "the build"
    START = "the start"
    DEPLOY = "the deploy"


class Job(Struct, frozen=True):
    """A job of CI. `path` is of the file that it is named in; empty where one name is one job, whatever the file."""

    path: str
    name: str


class Beginning(Struct, frozen=True):
    """Who begins, wherever that is written; of CI, which job: one may push to a preview and another to production."""

    started_by: Starter
    job: Job | None = None


class Step(Struct, frozen=True):
    """A command on the way, and where it stands."""

    at: Location
    command: str

    def __str__(self) -> str:
        """As a line of evidence."""
        return f"{self.at}: {self.command}"


class Reached(Struct, frozen=True):
    """Who begins, and the commands from there on. `own_database`: on the way the job makes a database of its own.

    `given` is what says, beside the commands, which database it is: two that are given the same go to the same.
    """

    started_by: Starter
    steps: tuple[Step, ...] = ()
    own_database: bool = False
    given: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The way, a line for each command."""
        return "\n".join(map(str, self.steps))


def by_name(given: Iterable[str]) -> dict[str, str]:
    """What of `given` has a name, by that; of two that have one the last."""
    return dict(each.split("=", 1) for each in given if "=" in each)


def told_of(reached: Reached | None) -> str:
    """How something is reached, a line for each command; empty where a person runs it."""
    return "" if reached is None else reached.told


def lasting(reached: Reached | None) -> Reached | None:
    """`reached`, unless a database of the job's own is made on the way."""
    return None if reached is None or reached.own_database else reached
