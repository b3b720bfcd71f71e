"""Who begins what comes to something, each by the shortest way."""

from collections.abc import Iterator, Mapping
from copy import copy
from itertools import tee

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.callees import Network
from migcheck.scripts.databases import addresses
from migcheck.scripts.reach import Beginning, Reached
from migcheck.scripts.runs import Asked, Run, back, step_of
from migcheck.scripts.script import Key

_Walked = Iterator[tuple[Beginning, Reached]]


class Beginnings(Struct):
    """Who begins what `network` has; past a database of its own only where `own` is."""

    network: Network
    own: bool
    _known: dict[object, _Walked] = field(default_factory=dict)

    def of(self, run: Run) -> Mapping[Beginning, Reached]:
        """The ways to `run`, by who begins, shortest first."""
        return dict(self._ways(run))

    def shortest(self, run: Run) -> Reached | None:
        """The first of them; None where there is none."""
        return next((way for _, way in self._ways(run)), None)

    def _ways(self, run: Run) -> _Walked:
        if self._is_passed_over(run):
            return
        variable = "" if self.own or run.variable in dict(run.command.settings) else run.variable
        asked = run.script.key, variable, run.command.elsewhere
        if asked not in self._known:
            # A script may have a command for each of many callers, and most want the first way alone.
            (self._known[asked],) = tee(self._walked(replace(run, variable=variable), set()), 1)
        step, given = step_of(run), addresses(run.command)
        for each, way in copy(self._known[asked]):
            yield each, replace(way, steps=(*way.steps, step), given=(*way.given, *given))

    def _walked(self, run: Run, found: set[Beginning]) -> _Walked:
        """The ways to the script of `run`, from each that begins and that was not `found` before."""
        coming, seen = set[Asked](), set[Key]()
        left: list[tuple[Run, int]] = [(run, -1)]
        for at, (each, _) in enumerate(left):
            script = each.script
            if run.variable and run.variable in dict(each.command.settings):
                # Which of several commands sets it, nobody remembers here.
                yield from self._walked(replace(run, variable=""), found)
                return
            if script.key in seen or self._is_passed_over(each):
                continue
            seen.add(script.key)
            beginning = None if script.started_by is None else Beginning(script.started_by, script.job)
            if beginning is not None and beginning not in found and (self.own or not run.is_given_local(script.given)):
                *before, _self = back(left, at)
                found.add(beginning)
                yield (
                    beginning,
                    Reached(
                        beginning.started_by,
                        (*map(step_of, before),),
                        self.own,
                        (*script.given, *(address for one in before for address in addresses(one.command))),
                    ),
                )
            left += [(user, at) for user in self._calling(each, coming)]

    def _calling(self, run: Run, coming: set[Asked]) -> Iterator[Run]:
        """Those that call the script of `run`. What was `coming` before is not asked again."""
        new = [each for each in self.network.callers.get(run.script.key, ()) if each not in coming]
        coming.update(new)
        return (user for each in dict.fromkeys(new) for user in self.network.users[each])

    def _is_passed_over(self, run: Run) -> bool:
        """Whether `run` may not be run with its script, or goes to a database of its own, unless that is asked for."""
        return not run.script.surely_runs(run.command) or (not self.own and (run.script.own_database or run.local))
