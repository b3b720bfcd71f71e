"""A rehearsal that starts from the target: what is pending, on a copy of its schema with the rows of its ledger."""

from time import monotonic

from migcheck.facts.copy import Copy
from migcheck.facts.history.history import Proof
from migcheck.facts.rehearsal import Failed, NotRun, Rehearsal, Request, Way, WayOutcome
from migcheck.facts.replay.lacking_there import NoRowsError, may_want_rows
from migcheck.facts.replay.restore import restore
from migcheck.facts.replay.rollback.proving import ROLLBACK, prove
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.ways import again, repeat, upgrade, with_upgrade
from migcheck.facts.replay.with_rows.trial import GROUND, OfTarget
from migcheck.facts.replay.with_rows.trying import rows_on, time_for_rows
from migcheck.postgres.scratch.contract import ScratchServer

STARTS_FROM_TARGET = "the rehearsal starts from the target"


def rehearse_copy(server: ScratchServer, request: Request, copy: Copy, *, seconds: float) -> Rehearsal:
    """Ways `upgrade` and `again` on `server`, whose time is over after `seconds`; nothing is built from the files.

    Raises CopyError where the server cannot hold the copy, NoRowsError where a migration may have failed for want of
    rows, UndecidableError where the server is at fault (OutOfBoundsError where its time, memory or disk were over).
    """
    began = monotonic()
    with stage_on(server, request.name, seconds, request.outside) as stage:
        stage.create("upgrade")
        left_out = restore(stage, "upgrade", copy)
        stage.create("rerun", template="upgrade")
        if request.new:
            stage.create(GROUND, template="upgrade")
        if wanted := request.rollbacks():
            stage.create(ROLLBACK, template="upgrade")
        third = upgrade(stage, request)
        if isinstance(third.outcome, Failed) and may_want_rows(third.outcome.failure):
            raise NoRowsError(third.outcome.failure)
        second: WayOutcome = NotRun(Way.AGAIN, "upgrade did not go through")
        if third.contents is not None:
            second = again(stage, request, "upgrade", third.outcome).again
        # Roles belong to the server, not to a database: what the upgrade made would stand in the way.
        stage.forget_roles("upgrade")
        reruns = repeat(stage, request)
        stage.forget_roles("rerun")
        rollbacks = prove(stage, request.head.layout, request.new, wanted)
    fresh, same = NotRun(Way.FRESH, STARTS_FROM_TARGET), NotRun(Way.SAME, STARTS_FROM_TARGET)
    rehearsal = Rehearsal(
        server=server.description,
        request=request,
        ways=(fresh, second, third.outcome, same),
        reruns=reruns,
        proof=Proof(base_runs=True, batching=request.batching),
        left_out=left_out,
        rollbacks=rollbacks,
        rows=rows_on(server, request, third, time_for_rows(seconds, began), OfTarget(left_out)),
    )
    return with_upgrade(rehearsal, third)
