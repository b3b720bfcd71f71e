"""The first server that has all that is needed: each is started in turn, until one lacks nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct, field

from migcheck.drizzle.folder import Migration
from migcheck.errors import UndecidableError
from migcheck.facts.replay.farthest import Met, farthest, lacking, newer_than
from migcheck.facts.replay.lacking import There
from migcheck.facts.replay.lacking_there import NoRowsError
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer

T = TypeVar("T")


class Search(Struct, Generic[T]):
    """A search for a server that has all that is needed, for what is `doing` there.

    `tell` hears of each server that is tried, and why it gave way to another: `passed_over` is what was told of that.
    `met` is what those met that lack something.
    """

    doing: str
    tell: Callable[[str], None]
    met: list[Met[T]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    _unstarted: list[UndecidableError] = field(default_factory=list)

    def first(
        self,
        candidates: Iterable[Candidate],
        migrations: Sequence[Migration],
        attempt: Callable[[ScratchServer], tuple[T, Met[T] | None]],
    ) -> T:
        """What `attempt` gives on the first of `candidates` that lacks nothing of what `migrations` need.

        Beside that it gives what the server met that it may lack. Raises LackingError where none has all,
        UndecidableError where none could be started, OutOfBoundsError where a server's time, memory or disk were over,
        and NoRowsError: others are not tried then, theirs would be as well.
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
                self._unstarted.append(error)
                continue
            if met is None:
                return found
            self.met.append(met)
        return self._farthest(migrations)

    def _farthest(self, migrations: Sequence[Migration]) -> T:
        """What is wrong for any server, where none had all. Raises where some lack what may not be."""
        if not self.met:
            raise self._unstarted[0]
        far = farthest(self.met, migrations)
        newer = newer_than(far, self.met)
        if not far.is_of_age or (newer is not None and not newer.is_of_age):
            raise lacking(far, self.met, self._unstarted)
        # Of syntax that no major knows the first tells, though others were tried behind it.
        self.passed_over = [each for each in self.passed_over if each != far.told]
        return far.ended

    def _pass_over(self, server: str) -> None:
        self.passed_over.append(server)
        self.tell(f"passed over {server}")


def _may_do_better(candidate: Candidate, met: Sequence[Met[object]]) -> bool:
    """Whether it is worth starting: a bare one is not for what somebody brings, an older one not for its syntax."""
    if candidate.bare and any(each.lack.there is There.CHOSEN for each in met):
        return False
    # Of some the major is known only as they run.
    return not candidate.major or all(candidate.major > each.server.major for each in met if each.is_of_age)
