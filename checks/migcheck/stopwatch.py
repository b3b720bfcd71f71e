"""How long each gate took, and what came of it."""

import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.rule import Facts, Rule, judge
from migcheck.verdict import Judged, Outcome, Skipped, Undecided

Fact = TypeVar("Fact")


class Stopwatch(Struct):
    """Wall time by gate, in ms; a gate that gathers in one place and judges in another adds up."""

    spent: dict[str, float] = field(default_factory=dict)

    def time(self, gate: str, work: Callable[[], Fact]) -> Fact:
        """Run `work` and charge its time to `gate`."""
        start = time.perf_counter()
        try:
            return work()
        finally:
            self.spent[gate] = self.spent.get(gate, 0.0) + (time.perf_counter() - start) * 1000

    def attempt(self, gate: str, work: Callable[[], Fact]) -> Fact | Undecided:
        """Run `work`; what cannot be learnt becomes `Undecided`, so that the other gates still speak."""
        try:
            return self.time(gate, work)
        except UndecidableError as error:
            return Undecided(error.problem, error.remedy)

    def judge(
        self,
        gate: str,
        rules: tuple[Rule[Facts], ...],
        found: Fact | Skipped | Undecided,
        facts: Callable[[Fact], Facts],
    ) -> Outcome:
        """The outcome of a gate: its rules on the facts that were found, or why there are none."""
        if isinstance(found, Skipped | Undecided):
            return found
        return self.time(gate, lambda: Judged(judge(rules, facts(found))))

    def ms(self, gate: str) -> int:
        """What `gate` took so far."""
        return round(self.spent.get(gate, 0.0))
