"""Who begins what comes to something, each by the shortest way."""

from collections.abc import Iterator, Mapping
from copy import copy
from itertools import tee

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.databases import addresses
from migcheck.scripts.network import Network
from migcheck.scripts.reach import Beginning, Reached
from migcheck.scripts.runs import Asked, Run, back, step_of
from migcheck.scripts.shell.function_calls import Choice
from migcheck.scripts.shell.functions import NOBODY

_MOST_CALLING = 100
"""Who calls a script that is looked at for what they choose of it; of more, any may choose anything."""
_Walked = Iterator[tuple[Beginning, Reached]]


class Beginnings(Struct):
    """Who begins what `network` has; past a database of its own only where `own` is.

    `chosen` are the items that somebody who is come to chooses of another script than the one that needs them.
    """

    network: Network
    own: bool
    chosen: frozenset[Choice] = frozenset()
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
        sets = run.unseen or run.variable in dict(run.command.settings)
        variable = "" if self.own or sets else run.variable
        asked = run.script.key, self.network.needs(run), variable, run.command.elsewhere
        if asked not in self._known:
            # A script may have a command for each of many callers, and most want the first way alone.
            (self._known[asked],) = tee(self._walked(replace(run, variable=variable), set()), 1)
        step, given, unseen = step_of(run), addresses(run.command), run.unseen
        for each, way in copy(self._known[asked]):
            steps, told = (*way.steps, step), (*way.given, *given)
            yield each, replace(way, steps=steps, given=told, unseen=way.unseen or unseen)

    def _walked(self, run: Run, found: set[Beginning]) -> _Walked:
        """The ways to the script of `run`, from each that begins and that was not `found` before."""
        coming, seen = set[Asked](), set[object]()
        left: list[tuple[Run, int]] = [(run, -1)]
        for at, (each, _) in enumerate(left):
            script = each.script
            node = script.key, self.network.needs(each)
            if run.variable and (each.unseen or run.variable in dict(each.command.settings)):
                # Which of several commands sets it, nobody remembers here.
                yield from self._walked(replace(run, variable=""), found)
                return
            if node in seen or node[1] == NOBODY or self._is_passed_over(each):
                continue
            seen.add(node)
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
                        any(one.unseen for one in before),
                    ),
                )
            left += [(user, at) for user in self._calling(each, coming)]

    def _calling(self, run: Run, coming: set[Asked]) -> Iterator[Run]:
        """Those that call the script of `run` and choose what it needs. What was `coming` before is not asked again."""
        users, key = self.network.users, run.script.key
        asking, needs = self.network.callers.get(key, []), self.network.needs(run)
        many = sum(len(users[each]) for each in asking) > _MOST_CALLING
        if needs is None or many or any(each.key != key and each in self.chosen for each in needs):
            new = dict.fromkeys(each for each in asking if each not in coming)
            coming.update(new)
            yield from (user for each in new for user in users[each])
            return
        for user in (user for each in asking for user in users[each]):
            argument = self.network.argument(user, run.script.path)
            if any(each.key == key and each.arm.may_be_chosen(argument) for each in needs):
                yield user

    def _is_passed_over(self, run: Run) -> bool:
        """Whether `run` goes to a database of its own, and no such way is asked for."""
        return not self.own and (run.script.own_database or run.local)

    def more_chosen(self) -> frozenset[Choice]:
        """What else is chosen by those that are come to."""
        return frozenset(filter(self._is_chosen, self.network.apart - self.chosen))

    def _is_chosen(self, choice: Choice) -> bool:
        users = (user for each in self.network.choosing.get(choice.key, ()) for user in self.network.users[each])
        return choice.key in self.network.begun or any(
            choice.arm.may_be_chosen(self.network.argument(user, choice.key[0])) and self.shortest(user)
            for user in users
        )


def beginnings(network: Network, *, own: bool) -> Beginnings:
    """Who begins what `network` has; past a database of its own only where `own` is."""
    found = Beginnings(network, own)
    while more := found.more_chosen():
        # What is chosen now may be what somebody needs who chooses more.
        found = Beginnings(network, own, found.chosen | more)
    return found
