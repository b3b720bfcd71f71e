"""A trial of new migrations on tables that have rows: where it is held, and what is to be tried."""

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct

from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import Stage
from migcheck.facts.replay.watching.writing import Written
from migcheck.facts.sql.observation import Seen

FILLED = "rows"
"""Where the rows are put."""
RUN = "rows_run"
"""A copy of it, where the new migrations run: what they failed with is still there to be looked at."""
UPGRADED = "upgrade"


class Grounds(Struct, frozen=True):
    """What makes FILLED stand where new migrations begin, and UPGRADED where they have run; each says if it does.

    `left_out` is what they lack that are a copy of the target.
    """

    ready: Callable[[Stage, Request], bool]
    upgraded: Callable[[Stage, Request], bool]
    left_out: tuple[LeftOut, ...] = ()


class Trial(Struct, frozen=True):
    """What is tried: new migrations that took hold of `tables` when there were no rows, and wrote some of `written`.

    `seen` is what they did to all rows of these, and `writes` from where on rows may be others. The time of `stage` is
    what all of it may take.
    """

    stage: Stage
    request: Request
    tables: Collection[str]
    written: Collection[str]
    writes: Written
    seen: Sequence[Seen]
    grounds: Grounds

    def ready(self) -> bool:
        """Whether FILLED stands now where they began."""
        return self.grounds.ready(self.stage, self.request)

    def upgraded(self) -> bool:
        """Whether UPGRADED stands where they have run without rows."""
        return self.grounds.upgraded(self.stage, self.request)
