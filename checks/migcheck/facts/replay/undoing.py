"""An undo, rehearsed: what is applied, built again; each rollback proven; then all of them in one transaction."""

from collections.abc import Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Rollback, Undo
from migcheck.errors import UndecidableError
from migcheck.facts.replay.asking import Between, both_sides, questions_of
from migcheck.facts.replay.observed import Observed
from migcheck.facts.replay.rollbacks import ROLLBACK, otherwise, prove
from migcheck.facts.replay.stage import Stage, stage_on
from migcheck.facts.replay.walk import Building, run_each
from migcheck.facts.rollback import Proven
from migcheck.facts.rows import Question
from migcheck.facts.undo import UndoRehearsal
from migcheck.postgres.catalogue import difference
from migcheck.postgres.scratch import ScratchServer

_BEFORE = "rollback_before"


def rehearse_undo(
    server: ScratchServer,
    building: Building,
    applied: Sequence[Migration],
    plan: Sequence[Undo],
    seconds: float,
) -> UndoRehearsal:
    """Run `plan`, newest first, where `applied` has run, of which it undoes the last.

    Raises NotBuiltError where they cannot be built, OutOfBoundsError where a server's time, memory or disk were over.
    """
    layout, back = building.folder.layout, [each.rollback for each in plan[::-1]]
    first = len(applied) - len(plan)
    if [each.hash for each in applied[first:]] != [each.migration.hash for each in back]:
        raise UndecidableError("what is applied last is not what is to be undone", "see what `migcheck status` says")
    with stage_on(server, building.name, seconds, building.outside) as stage:
        stage.forget_roles(ROLLBACK)
        stage.create(ROLLBACK)
        run_each(stage, ROLLBACK, applied[:first], building)
        stood = stage.contents(ROLLBACK)
        proofs = prove(stage, layout, [each.migration for each in back], back)
        if not all(isinstance(each, Proven) for each in proofs):
            return UndoRehearsal(server.description, proofs)
        before = stage.contents(ROLLBACK)
        done, questions = _undone(stage, back[::-1], building.target_version)
        if failure := done.failure:
            said = f"{failure.path}:{failure.line}: {failure.sqlstate} {failure.message}"
            return UndoRehearsal(server.description, proofs, refused=said)
        after = stage.contents(ROLLBACK)
    changed, left = difference(before.catalogue, after.catalogue), otherwise(stood, after)
    return UndoRehearsal(server.description, proofs, changed, left=left, questions=questions)


def _undone(stage: Stage, rollbacks: Sequence[Rollback], target_version: int) -> tuple[Observed, tuple[Question, ...]]:
    """How they go together in ROLLBACK, and what a target is to be asked before."""
    stage.create(_BEFORE, template=ROLLBACK)
    done = stage.undo_observed(ROLLBACK, rollbacks)
    if done.failure is not None:
        # A role is dropped where no database needs it, and the copy would.
        stage.drop(_BEFORE)
        return stage.undo_observed(ROLLBACK, rollbacks), ()
    between = Between(stage.name, [each.script for each in rollbacks], (done.writes,), target_version)
    with stage.session(_BEFORE) as was, stage.session(ROLLBACK) as now:
        questions = tuple(questions_of(done.seen, both_sides(was, now, between)))
    stage.drop(_BEFORE)
    return done, questions
