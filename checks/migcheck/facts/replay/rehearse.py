"""A rehearsal: the folder replayed on one scratch server in every way (docs/design.md "Rehearsals")."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from migcheck.drizzle.change import compare
from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError
from migcheck.facts.history import Proof
from migcheck.facts.rehearsal import Failed, NotRun, Rehearsal, Request, Rerun, Way
from migcheck.facts.replay.stage import STILL_RUNNING, Contents, Stage, stage_on
from migcheck.facts.replay.ways import Ground, Run, build_ground, fresh, repeat, same, upgrade
from migcheck.postgres.catalogue import difference
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.scratch import OutOfBoundsError, ScratchServer

_ROLE = re.compile(rb"\b(?:create|alter)\s+(?:role|user|group)\b", re.IGNORECASE)


class UnbuildableBaseError(UndecidableError):
    """What is applied cannot be built on scratch, so no upgrade can be rehearsed."""

    def __init__(self, failure: SqlFailure) -> None:
        """Keep the failure: scratch may lack what it needs."""
        super().__init__(
            f"{failure.path}:{failure.line}: what has landed cannot be built on an empty database: "
            f"{failure.sqlstate} {failure.message}",
            remedy=f"fix {failure.migration} in a change of its own (what cannot run may be edited), restart the "
            "folder as one migration that builds the same schema, or give scratch what it lacks in a prelude.sql",
        )
        self.failure = failure


def rehearse(server: ScratchServer, request: Request, *, seconds: float) -> Rehearsal:
    """All ways on `server`, whose time is over after `seconds`.

    Raises UndecidableError where the server is at fault (OutOfBoundsError where its time, memory or disk were over),
    UnbuildableBaseError where there is nothing to upgrade.
    """
    with stage_on(server, request.name, seconds) as stage:
        makes_roles = any(_ROLE.search(each.sql) for each in (*request.built, *request.head.migrations))
        runs = None if makes_roles else _side_by_side(stage, request)
        if runs is None or _met_a_role(runs):
            runs = _one_by_one(stage, request)
        landed = _landed(stage, request, runs.ground)
    return _rehearsal(server, request, runs, landed)


@dataclass(frozen=True, slots=True)
class _Runs:
    """How each way went."""

    first: Run
    ground: Ground
    third: Run
    reruns: tuple[Rerun, ...] = ()


def _side_by_side(stage: Stage, request: Request) -> _Runs:
    with ThreadPoolExecutor(3, "replay") as pool:
        try:
            first = pool.submit(fresh, stage, request)
            ground = pool.submit(build_ground, stage, request).result()
            if ground.contents is None:
                return _Runs(first.result(), ground, _unreached(ground))
            stage.create("rerun", template="upgrade")
            third = pool.submit(upgrade, stage, request, ground)
            rerun = pool.submit(repeat, stage, request)
            return _Runs(first.result(), ground, third.result(), rerun.result())
        except BaseException:
            # Ctrl-C, or one way that cannot go on: nothing else would wake the other thread from endless SQL.
            stage.stop()
            raise


def _one_by_one(stage: Stage, request: Request) -> _Runs:
    """Roles belong to the server, not to a database: what one way makes would stand in the way of the next."""
    stage.forget_roles("fresh", "upgrade", "rerun")
    first = fresh(stage, request)
    stage.forget_roles("fresh", "fresh_each", "fresh_session")
    ground = build_ground(stage, request)
    if ground.contents is None:
        return _Runs(first, ground, _unreached(ground))
    third = upgrade(stage, request, ground)
    stage.forget_roles("upgrade")
    if build_ground(stage, request).contents is None:
        return _Runs(first, ground, third)
    stage.create("rerun", template="upgrade")
    reruns = repeat(stage, request)
    stage.forget_roles("upgrade", "rerun")
    return _Runs(first, ground, third, reruns)


def _met_a_role(runs: _Runs) -> bool:
    """Whether a way was refused a role that the other one had made: by SQL that does not look as if it made any."""
    failures = [each.outcome.failure for each in (runs.first, runs.third) if isinstance(each.outcome, Failed)]
    failures += [runs.ground.failure] if runs.ground.failure else []
    return any("role" in each.message and each.sqlstate == "42710" for each in failures)


def _unreached(ground: Ground) -> Run:
    told = ground.failure.message if ground.failure else "the time was over"
    return Run(NotRun(Way.UPGRADE, f"what has landed cannot be built: {told}"))


def _rehearsal(server: ScratchServer, request: Request, runs: _Runs, landed: Contents | None) -> Rehearsal:
    first, ground, third = runs.first, runs.ground, runs.third
    if ground.contents is None and ground.failure is not None and not _own_fault(request, first):
        raise _unbuildable(ground.failure)
    return Rehearsal(
        server=server.description,
        request=request,
        ways=(first.outcome, first.again, third.outcome, same(first, third)),
        reruns=runs.reruns,
        catalogue_change=_change(ground.contents, third.contents),
        proof=_proof(ground, first, landed),
    )


def _unbuildable(failure: SqlFailure) -> UndecidableError:
    error = UnbuildableBaseError(failure)
    # A landed migration that takes long took as long where it ran: the time is at fault, not the migration.
    return OutOfBoundsError(error.problem, "timeout") if failure.message.startswith(STILL_RUNNING) else error


def _own_fault(request: Request, first: Run) -> bool:
    """Whether way fresh fails at what this change adds or edits: an error, whatever base does."""
    return isinstance(first.outcome, Failed) and first.outcome.failure.migration in request.changed()


def _proof(ground: Ground, first: Run, landed: Contents | None) -> Proof:
    runs = ground.contents is not None and not ground.mended
    stuck = "" if runs or ground.failure is None else ground.failure.migration
    if not runs or first.contents is None or landed is None:
        return Proof(runs, stuck=stuck)
    return Proof(runs, squash_equal=not _change(landed, first.contents))


def _landed(stage: Stage, request: Request, ground: Ground) -> Contents | None:
    """What base builds, where the folder was restarted after it; None where it was not, or base cannot be built.

    A ledger that is empty, behind base or ahead of it says nothing about what the squash stands for.
    """
    if request.base is None or compare(request.base, request.head).restart is None:
        return None
    migrations = request.base.migrations
    if {each.hash for each in request.built} == {each.hash for each in migrations}:
        return ground.contents
    for batching in dict.fromkeys((request.batching, Batching.EACH)):
        if not stage.over and stage.build("landed", migrations, request.base.layout, batching) is None:
            return stage.contents("landed")
    return None


def _change(before: Contents | None, after: Contents | None) -> tuple[str, ...]:
    return () if before is None or after is None else difference(before.catalogue, after.catalogue)
