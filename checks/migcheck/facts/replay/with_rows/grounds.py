"""Where the new migrations are tried with rows: behind all ways, on what these began with, for a part of the time.

The last of all: whatever rows make of the server, it has said by then what decides.
"""

from collections.abc import Callable
from functools import partial
from time import monotonic

from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import Stage, stage_on
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.ways import Run, build_ground
from migcheck.facts.replay.with_rows.trial import FILLED, RUN, UPGRADED, Trial
from migcheck.facts.replay.with_rows.trying import try_with_rows
from migcheck.facts.rows import Rows
from migcheck.postgres.scratch import ScratchServer

GROUND = "ground"
"""What stands where the upgrade began, and stays so."""
WAYS = ("fresh", "fresh_each", "fresh_session", "upgrade", "rerun", "landed", "rollback")
"""The databases of the ways, GROUND apart."""
# Of the time of a rehearsal, what rows may take of it: one part in so many, and so many seconds.
_SHARE = 6
_MOST_SECONDS = 30


def time_for_rows(seconds: float, began: float) -> float:
    """How many seconds there are for rows in a rehearsal of `seconds` that `began` then, on the monotonic clock."""
    return min(seconds - (monotonic() - began), seconds / _SHARE, _MOST_SECONDS)


def rows_from_files(server: ScratchServer, request: Request, third: Run, seconds: float, *, alone: bool) -> Rows | None:
    """The new migrations once more on what the files build, where the upgrade saw what they take hold of.

    Else GROUND stands; `alone`, where a role that one way makes stands in the way of the next, it is built each time.
    """
    if third.done is None or third.done.failure is not None or seconds <= 0:
        return None
    with stage_on(server, request.name, seconds, request.outside) as stage:
        ready = partial(_ready_alone, stage, request) if alone else partial(_ready, stage)
        upgraded = partial(_upgraded_alone, stage, request) if alone else lambda: True
        return try_with_rows(_trial(stage, request, third.done, ready, upgraded))


def rows_on_copy(server: ScratchServer, request: Request, third: Run, seconds: float) -> Rows | None:
    """The same on the copy of the target that stands in GROUND."""
    if third.done is None or third.done.failure is not None or seconds <= 0:
        return None
    with stage_on(server, request.name, seconds, request.outside) as stage:
        ready, upgraded = partial(_ready_again, stage), partial(_upgraded_again, stage, request)
        return try_with_rows(_trial(stage, request, third.done, ready, upgraded))


def _trial(
    stage: Stage, request: Request, done: Observed, ready: Callable[[], bool], upgraded: Callable[[], bool]
) -> Trial:
    return Trial(stage, request, done.tables, done.written, done.writes, done.seen, ready, upgraded)


def _ready(stage: Stage) -> bool:
    stage.create(FILLED, template=GROUND)
    return True


def _ready_alone(stage: Stage, request: Request) -> bool:
    """Where a role that one way makes stands in the way of the next."""
    stage.forget_roles(*WAYS, RUN, FILLED)
    stands = build_ground(stage, request, alone=True).stands
    if stands:
        stage.create(FILLED, template="upgrade")
    return stands


def _upgraded_alone(stage: Stage, request: Request) -> bool:
    # What was refused with rows has taken its roles back, but for those of an earlier transaction.
    return stage.migrate(UPGRADED, request.head, request.batching) is None


def _ready_again(stage: Stage) -> bool:
    """Of the roles there are those of the target alone: what is new makes its own each time."""
    stage.forget_roles(*WAYS, RUN, FILLED)
    return _ready(stage)


def _upgraded_again(stage: Stage, request: Request) -> bool:
    # What went through before the refusal has left its roles.
    stage.forget_roles(RUN)
    stage.create(UPGRADED, template=GROUND)
    return stage.migrate(UPGRADED, request.head, request.batching) is None
