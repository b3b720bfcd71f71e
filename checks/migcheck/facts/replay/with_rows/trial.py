"""A trial of new migrations on tables that have rows: where it is held, and what is to be tried."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor

from msgspec import Struct
from msgspec.structs import replace

from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import Stage
from migcheck.facts.replay.watching.writing import Written
from migcheck.facts.replay.ways import build_ground
from migcheck.facts.sql.observation import Seen

GROUND = "ground"
"""What stands where the upgrade began, and stays so."""
WAYS = ("fresh", "fresh_each", "fresh_session", "upgrade", "rerun", "landed", "rollback")
"""The databases of the ways, GROUND apart."""
FILLED = ("rows", "rows_next")
"""Where the rows are put, in turn: one round's are still looked at while the next begins."""
RUN = "rows_run"
"""A copy of that, where the new migrations run: what they failed with is still there to be looked at."""
UPGRADED = "upgrade"
GONE = "what has landed cannot be built again"
"""Why there is no more to be told."""


class Standing(Struct, frozen=True):
    """It begins with what GROUND has, and what was upgraded stays."""


class BuiltAnew(Struct, frozen=True):
    """With what the files build each time: a role that one way makes stands in the way of the next."""


class OfTarget(Struct, frozen=True):
    """With the copy of the target that GROUND is, without what was `left_out`, and with the target's roles alone."""

    left_out: Sequence[LeftOut]


Grounds = Standing | BuiltAnew | OfTarget


class Trial(Struct, frozen=True):
    """What is tried: new migrations that took hold of `tables` when there were no rows, and wrote some of `written`.

    `seen` is what they did to all rows of these, and `writes` from where on rows may be others. The time of `stage` is
    what all of it may take. `filled` is where the rows are put, and `met` are tables that were written only for others
    had rows.
    """

    stage: Stage
    request: Request
    tables: Collection[str]
    written: Collection[str]
    writes: Written
    seen: Sequence[Seen]
    grounds: Grounds
    filled: str = FILLED[0]
    met: frozenset[str] = frozenset()

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What they lack that are a copy of the target."""
        return self.grounds.left_out if isinstance(self.grounds, OfTarget) else ()

    @property
    def next(self) -> "Trial":
        """The same with rows that are put elsewhere."""
        return replace(self, filled=FILLED[self.filled == FILLED[0]])

    def ready(self) -> bool:
        """Whether `filled` stands now where they began, without rows; what ran last is gone."""
        if isinstance(self.grounds, Standing):
            self.stage.drop(RUN)
        else:
            self.stage.forget_roles(*WAYS, RUN, *FILLED)
        anew = isinstance(self.grounds, BuiltAnew)
        if anew and not build_ground(self.stage, self.request, alone=True).stands:
            return False
        self.stage.create(self.filled, template="upgrade" if anew else GROUND)
        return True

    def readied(self, aside: Executor) -> Callable[[], bool]:
        """What waits until it is `ready`: that is seen to `aside`, where the last one can be looked at meanwhile."""
        return aside.submit(self.ready).result if isinstance(self.grounds, Standing) else self.ready

    def upgraded(self) -> bool:
        """Whether UPGRADED stands where they have run without rows."""
        if isinstance(self.grounds, Standing):
            return True
        if isinstance(self.grounds, OfTarget):
            # What went through before the refusal has left its roles.
            self.stage.forget_roles(RUN)
            self.stage.create(UPGRADED, template=GROUND)
        # What was refused with rows has taken its roles back, but for those of an earlier transaction.
        return self.stage.migrate(UPGRADED, self.request.head, self.request.batching) is None
