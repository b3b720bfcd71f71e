"""A rehearsal: the folder replayed on one scratch server in every way (docs/design.md "Rehearsals")."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.change import compare
from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError
from migcheck.facts.history.history import Proof
from migcheck.facts.rehearsal import Failed, NotRun, Rehearsal, Request, Rerun, Way
from migcheck.facts.replay.changes import catalogue_change
from migcheck.facts.replay.lacking import There
from migcheck.facts.replay.lacking_there import lack_there
from migcheck.facts.replay.rerun import not_tried
from migcheck.facts.replay.rollback.proving import prove_from_files
from migcheck.facts.replay.stage import Contents, Stage, stage_on
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.facts.replay.ways import Ground, Run, build_ground, fresh, repeat, same, upgrade, with_upgrade
from migcheck.facts.replay.with_rows.trial import GROUND, WAYS, BuiltAnew, Standing
from migcheck.facts.replay.with_rows.trying import rows_on, time_for_rows
from migcheck.postgres.catalogue import difference
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer
from migcheck.regex import regex

_ROLE = regex(rb"\b(?:create|alter)\s+(?:role|user|group)\b", re.IGNORECASE)
# Tables that all databases share, and what the server says of one row of them. A migration that alters a database by
# its name writes there.
_SHARED = ("pg_auth", "pg_db_role_setting", "tuple concurrently updated")


class _Landed(Struct, frozen=True):
    """Whether base can be built as it is, what it builds where that was asked, and what of it is refused."""

    runs: bool
    contents: Contents | None = None
    stuck: tuple[SqlFailure, ...] = ()


def rehearse(server: ScratchServer, request: Request, *, seconds: float) -> Rehearsal:
    """All ways on `server`, whose time is over after `seconds`.

    Raises UndecidableError where the server is at fault (OutOfBoundsError where its time, memory or disk were over),
    UnbuildableBaseError where there is nothing to upgrade.
    """
    began = monotonic()
    with stage_on(server, request.name, seconds, request.outside) as stage:
        makes_roles = any(_ROLE.search(each.sql) for each in (*request.built, *request.head.migrations))
        runs = None if makes_roles else _side_by_side(stage, request)
        alone = runs is None or _met_another(runs)
        if runs is None or alone:
            runs = _one_by_one(stage, request)
        landed = _landed(stage, request, runs)
        if alone:
            stage.forget_roles(*WAYS)
        rollbacks = prove_from_files(stage, request)
    rehearsal = replace(_rehearsal(server, request, runs, landed), rollbacks=rollbacks)
    left, grounds = time_for_rows(seconds, began), BuiltAnew() if alone else Standing()
    return replace(rehearsal, rows=rows_on(server, request, runs.third, left, grounds))


class _Runs(Struct, frozen=True):
    """How each way went."""

    first: Run
    ground: Ground
    third: Run
    reruns: tuple[Rerun, ...]


def _side_by_side(stage: Stage, request: Request) -> _Runs:
    with ThreadPoolExecutor(3, "replay") as pool:
        try:
            first = pool.submit(fresh, stage, request)
            # The longest of the three: where it begins with nothing, there is nothing to wait for.
            rerun = None if request.built else pool.submit(_repeat, stage, request)
            ground = pool.submit(build_ground, stage, request).result()
            if not ground.stands:
                return _unreached(request, first.result(), ground)
            if rerun is None:
                if request.new:
                    stage.create(GROUND, template="upgrade")
                rerun = pool.submit(_repeat, stage, request, GROUND)
            third = upgrade(stage, request)
            return _Runs(first.result(), ground, third, rerun.result())
        except BaseException:
            # Ctrl-C, or one way that cannot go on: nothing else would wake the other thread from endless SQL.
            stage.stop()
            raise


def _repeat(stage: Stage, request: Request, ground: str | None = None) -> tuple[Rerun, ...]:
    """What is new twice, on a copy of `ground`, else on nothing."""
    if not request.new:
        return ()
    stage.create("rerun", template=ground)
    return repeat(stage, request)


def _one_by_one(stage: Stage, request: Request) -> _Runs:
    """Roles belong to the server, not to a database: what one way makes would stand in the way of the next."""
    stage.forget_roles(*WAYS, GROUND)
    first = fresh(stage, request)
    stage.forget_roles("fresh", "fresh_each", "fresh_session")
    ground = build_ground(stage, request, alone=True)
    if not ground.stands:
        return _unreached(request, first, ground)
    third = upgrade(stage, request)
    stage.forget_roles("upgrade")
    if not request.new:
        return _Runs(first, ground, third, ())
    again = build_ground(stage, request, alone=True)
    if not again.stands:
        return _Runs(first, ground, third, tuple(not_tried(request.new, _why_unbuilt(again))))
    stage.create("rerun", template="upgrade")
    reruns = repeat(stage, request)
    stage.forget_roles("upgrade", "rerun")
    return _Runs(first, ground, third, reruns)


def _met_another(runs: _Runs) -> bool:
    """Whether a way was refused what another one did at once to what all databases share."""
    failures = [each.outcome.failure for each in (runs.first, runs.third) if isinstance(each.outcome, Failed)]
    failures += [each for each in (runs.ground.failure, runs.ground.remains) if each is not None]
    return any(map(is_of_what_all_share, failures))


def is_of_what_all_share(failure: SqlFailure) -> bool:
    """Whether a role may be there already for another way, or one row of the server was written by two at once."""
    is_role = failure.sqlstate == "42710" and "role" in failure.message
    return is_role or any(each in failure.message for each in _SHARED)


def _unreached(request: Request, first: Run, ground: Ground) -> _Runs:
    why = _why_unbuilt(ground)
    return _Runs(first, ground, Run(NotRun(Way.UPGRADE, why)), tuple(not_tried(request.new, why)))


def _why_unbuilt(ground: Ground) -> str:
    told = ground.failure.message if ground.failure else "the time was over"
    return f"what has landed cannot be built: {told}"


def _rehearsal(server: ScratchServer, request: Request, runs: _Runs, landed: _Landed) -> Rehearsal:
    first, ground, third = runs.first, runs.ground, runs.third
    stopped = ground.remains or ground.failure
    if not ground.stands and stopped is not None and not _own_fault(request, first):
        raise _unbuildable(stopped, request)
    ways = (first.outcome, first.again, third.outcome, same(first, third))
    proof = _proof(server, request, first, landed)
    return with_upgrade(Rehearsal(server.description, request, ways, runs.reruns, proof=proof), third)


def _unbuildable(failure: SqlFailure, request: Request) -> UndecidableError:
    passed_over = () if request.ledger is None else request.skipped()
    error = UnbuildableBaseError(failure, request.built, passed_over, request.name.schema)
    # A landed migration that takes long took as long where it ran: the time is at fault, not the migration.
    return OutOfBoundsError(error.problem, "timeout") if failure.late else error


def _own_fault(request: Request, first: Run) -> bool:
    """Whether way fresh fails at what this change adds or edits: an error, whatever base does."""
    return isinstance(first.outcome, Failed) and first.outcome.failure.migration in request.changed()


def _proof(server: ScratchServer, request: Request, first: Run, landed: _Landed) -> Proof:
    if not landed.runs:
        # What stands before a migration outside of a transaction is committed, whatever becomes of that.
        parted = any(each.tag in request.outside for each in request.built)
        batching = Batching.EACH if parted else request.batching
        return Proof(base_runs=False, stuck=_at_fault(server, request, landed.stuck), batching=batching)
    if first.contents is None or landed.contents is None:
        return Proof(base_runs=True)
    if catalogue_change(landed.contents, first.contents):
        return Proof(base_runs=True, squash_equal=False)
    rows = difference(landed.contents.rows, first.contents.rows)
    return Proof(base_runs=True, squash_equal=True, squash_rows=rows)


def _at_fault(server: ScratchServer, request: Request, failures: Sequence[SqlFailure]) -> frozenset[str]:
    """The tags of what no server runs. What scratch alone refuses may have run in production, and is not forgiven."""
    lacks = {each.migration: lack_there(each, request, server.description.major) for each in failures}
    return frozenset(tag for tag, lack in lacks.items() if lack is None or lack.there is There.NEWER)


def _landed(stage: Stage, request: Request, runs: _Runs) -> _Landed:
    """What of base runs, and what it builds where the folder was restarted after it.

    A ledger that is empty, behind base or ahead of it says nothing about what the squash stands for.
    """
    ground = runs.ground
    refused: tuple[SqlFailure, ...] = () if ground.failure is None else (ground.failure,)
    if request.base is None or compare(request.base, request.head).restart is None:
        if ground.mended and not stage.over:
            refused = stage.build_past("landed", request.built, request.head.layout, request.head.by_tag())
        return _Landed(runs=ground.stands and ground.failure is None, stuck=refused)
    migrations = request.base.migrations
    if {each.hash for each in request.built} == {each.hash for each in migrations}:
        return _Landed(runs=not refused, contents=None if refused else runs.third.before, stuck=refused)
    for batching in dict.fromkeys((request.batching, Batching.EACH)):
        failure = None if stage.over else stage.build("landed", migrations, request.base.layout, batching)
        if stage.over:
            return _Landed(runs=False)
        if failure is None:
            return _Landed(runs=True, contents=stage.contents("landed"))
        refused = (failure,)
    return _Landed(runs=False, stuck=refused)
