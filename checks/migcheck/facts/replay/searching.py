"""The first server that has all that is needed: each is started in turn, until one lacks nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.facts.replay.farthest import Met
from migcheck.facts.replay.lacking import There
from migcheck.facts.replay.lacking_copy import NoRowsError
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer

M = TypeVar("M", bound=Met)
T = TypeVar("T")


class NoneHasAll(Struct, Generic[M], frozen=True):
    """That no server has all: what those `met` that ran and lack something, and why others are `unstarted`."""

    met: Sequence[M]
    unstarted: Sequence[UndecidableError]


class Search(Struct, Generic[M]):
    """A search for a server that has all that is needed, for what is `doing` there.

    `tell` hears of each server that is tried, and why it gave way to another. `met` is what those met that lack
    something, `unstarted` why others did not start, and `passed_over` what was told of both.
    """

    doing: str
    tell: Callable[[str], None]
    met: list[M] = field(default_factory=list)
    unstarted: list[UndecidableError] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def first(
        self, candidates: Iterable[Candidate], attempt: Callable[[ScratchServer], tuple[T, M | None]]
    ) -> T | NoneHasAll[M]:
        """What `attempt` gives on the first of `candidates` that lacks nothing, or that each does.

        Beside that it gives what the server met that it may lack. Raises OutOfBoundsError where a server's time, memory
        or disk were over, and NoRowsError: others are not tried, theirs would be as well.
        """
        for candidate in candidates:
            if not _may_do_better(candidate, self.met):
                continue
            if self.met and (last := self.met[-1].told) not in self.passed_over:
                self._pass_over(last)
            self.tell(f"{self.doing} on {candidate.describe}")
            try:
                with candidate.start() as server:
                    found, met = attempt(server)
            except (OutOfBoundsError, NoRowsError):
                raise
            except UndecidableError as error:
                self._pass_over(f"{candidate.describe}: {' '.join(error.problem.split())}")
                self.unstarted.append(error)
                continue
            if met is None:
                return found
            self.met.append(met)
        return NoneHasAll(self.met, self.unstarted)

    def _pass_over(self, server: str) -> None:
        self.passed_over.append(server)
        self.tell(f"passed over {server}")


def _may_do_better(candidate: Candidate, met: Sequence[Met]) -> bool:
    """Whether it is worth starting: a bare one is not for what somebody brings, an older one not for its syntax."""
    if candidate.bare and any(each.lack.there is There.CHOSEN for each in met):
        return False
    # Of some the major is known only as they run.
    return not candidate.major or all(candidate.major > each.server.major for each in met if each.is_of_age)
