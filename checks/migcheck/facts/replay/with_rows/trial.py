"""A trial of new migrations on tables that have rows: where it is held, and what is to be tried."""

from collections.abc import Collection, Sequence

from msgspec import Struct

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
FILLED = "rows"
"""Where the rows are put."""
RUN = "rows_run"
"""A copy of it, where the new migrations run: what they failed with is still there to be looked at."""
UPGRADED = "upgrade"


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
    what all of it may take.
    """

    stage: Stage
    request: Request
    tables: Collection[str]
    written: Collection[str]
    writes: Written
    seen: Sequence[Seen]
    grounds: Grounds

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What they lack that are a copy of the target."""
        return self.grounds.left_out if isinstance(self.grounds, OfTarget) else ()

    def ready(self) -> bool:
        """Whether FILLED stands now where they began."""
        if not isinstance(self.grounds, Standing):
            self.stage.forget_roles(*WAYS, RUN, FILLED)
        anew = isinstance(self.grounds, BuiltAnew)
        if anew and not build_ground(self.stage, self.request, alone=True).stands:
            return False
        self.stage.create(FILLED, template="upgrade" if anew else GROUND)
        return True

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
