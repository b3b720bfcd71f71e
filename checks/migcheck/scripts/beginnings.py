"""Who begins what comes to something, each by the shortest way; none past a database of its own."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.functions import NOBODY
from migcheck.scripts.network import Network
from migcheck.scripts.reach import Beginning, Reached
from migcheck.scripts.runs import Asked, Run, back, step_of

_MOST_CALLING = 100
"""Who calls a script that is looked at for what they choose of it; of more, any may choose anything."""
_Walked = Mapping[Beginning, Reached]


class Beginnings(Struct):
    """Who begins what `network` has."""

    network: Network
    _known: dict[object, _Walked] = field(default_factory=dict)

    def of(self, run: Run) -> Mapping[Beginning, Reached]:
        """The ways to `run`, by who begins, shortest first."""
        if run.script.own_database or run.local:
            return {}
        asked = run.script.key, self.network.needs(run), "" if run.unseen else run.variable
        if asked not in self._known:
            # A script may have a command for each of many callers.
            self._known[asked] = self._walked(run)
        step = step_of(run)
        return {
            each: replace(way, steps=(*way.steps, step), unseen=way.unseen or run.unseen)
            for each, way in self._known[asked].items()
        }

    def _walked(self, run: Run) -> _Walked:
        """The ways to the script of `run`, from each that begins."""
        found: dict[Beginning, Reached] = {}
        coming, seen = set[Asked](), set[object]()
        left: list[tuple[Run, int]] = [(run, -1)]
        for at, (each, _) in enumerate(left):
            script = each.script
            node = script.key, self.network.needs(each)
            if run.variable and (each.unseen or run.variable in dict(each.command.settings)):
                # Which of several commands sets it, nobody remembers here.
                return self._walked(replace(run, variable=""))
            if node in seen or node[1] == NOBODY or script.own_database or each.local:
                continue
            seen.add(node)
            beginning = None if script.started_by is None else Beginning(script.started_by, script.job)
            if beginning is not None and beginning not in found and not run.is_given_local(script.given, script.path):
                *before, _own = back(left, at)
                unseen = any(one.unseen for one in before)
                found[beginning] = Reached(
                    beginning.started_by, (*map(step_of, before),), given=script.given, unseen=unseen
                )
            left += [(user, at) for user in self._calling(each, coming)]
        return found

    def _calling(self, run: Run, coming: set[Asked]) -> Iterator[Run]:
        """Those that call the script of `run` and choose what it needs. What was `coming` before is not asked again."""
        users, asking = self.network.users, self.network.callers.get(run.script.key, [])
        needs = self.network.needs(run)
        many = sum(len(users[each]) for each in asking) > _MOST_CALLING
        if needs is None or many or any(each.key != run.script.key for each in needs):
            new = dict.fromkeys(each for each in asking if each not in coming)
            coming.update(new)
            yield from (user for each in new for user in users[each])
            return
        for user in (user for each in asking for user in users[each]):
            argument = self.network.argument(user, run.script)
            if any(each.arm.may_be_chosen(argument) for each in needs):
                yield user
