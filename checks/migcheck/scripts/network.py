"""Who calls what."""

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from migcheck.scripts.callees import Callees
from migcheck.scripts.runs import Asked, Run
from migcheck.scripts.script import Key


class Network(Struct, dict=True):
    """The `runs` of scripts, and what they come to."""

    runs: tuple[Run, ...]
    callees: Callees

    @cached_property
    def users(self) -> Mapping[Asked, list[Run]]:
        """The runs that ask each thing."""
        found: dict[Asked, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.asked, []).append(run)
        return found

    @cached_property
    def callers(self) -> Mapping[Key, list[Asked]]:
        """What asks for each script."""
        found: dict[Key, list[Asked]] = {}
        for asked, runs in self.users.items():
            for each in self.callees.of(runs[0]):
                found.setdefault(each.key, []).append(asked)
        return found
