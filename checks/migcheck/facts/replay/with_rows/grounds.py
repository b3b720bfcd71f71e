"""Where the new migrations are tried with rows: behind all ways, on what these began with, for a part of the time.

The last of all: whatever rows make of the server, it has said by then what decides.
"""

from time import monotonic

from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import Stage, stage_on
from migcheck.facts.replay.ways import Run, build_ground
from migcheck.facts.replay.with_rows.trial import FILLED, RUN, UPGRADED, Grounds, Trial
from migcheck.facts.replay.with_rows.trying import try_with_rows
from migcheck.facts.sql.rows import Rows
from migcheck.postgres.scratch.contract import ScratchServer

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


def rows_on(server: ScratchServer, request: Request, third: Run, seconds: float, grounds: Grounds) -> Rows | None:
    """The new migrations once more, on `grounds`, where the upgrade saw what they take hold of."""
    done = third.done
    if done is None or done.failure is not None or seconds <= 0:
        return None
    with stage_on(server, request.name, seconds, request.outside) as stage:
        return try_with_rows(Trial(stage, request, done.tables, done.written, done.writes, done.seen, grounds))


def _copied(stage: Stage, _request: Request) -> bool:
    stage.create(FILLED, template=GROUND)
    return True


def _stays(_stage: Stage, _request: Request) -> bool:
    return True


def _built(stage: Stage, request: Request) -> bool:
    stage.forget_roles(*WAYS, RUN, FILLED)
    stands = build_ground(stage, request, alone=True).stands
    if stands:
        stage.create(FILLED, template="upgrade")
    return stands


def _migrated(stage: Stage, request: Request) -> bool:
    # What was refused with rows has taken its roles back, but for those of an earlier transaction.
    return stage.migrate(UPGRADED, request.head, request.batching) is None


def _copied_without_roles(stage: Stage, request: Request) -> bool:
    stage.forget_roles(*WAYS, RUN, FILLED)
    return _copied(stage, request)


def _migrated_anew(stage: Stage, request: Request) -> bool:
    # What went through before the refusal has left its roles.
    stage.forget_roles(RUN)
    stage.create(UPGRADED, template=GROUND)
    return _migrated(stage, request)


STANDING = Grounds(_copied, _stays)
"""What GROUND has; what was upgraded stays."""
BUILT_ANEW = Grounds(_built, _migrated)
"""What the files build each time: a role that one way makes stands in the way of the next."""
OF_TARGET = Grounds(_copied_without_roles, _migrated_anew)
"""The copy of the target that GROUND is, with the roles of the target alone: what is new makes its own each time."""
