"""An undo, rehearsed: what is applied, built again; each rollback proven; then all of them in one transaction."""

from collections.abc import Sequence
from contextlib import ExitStack

from msgspec import structs

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Rollback, Undo
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.rollback.proving import ROLLBACK, otherwise, prove
from migcheck.facts.replay.stage import Stage, stage_on
from migcheck.facts.replay.walk import not_built, run_each
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.with_rows.asking import Between, both_sides, questions_of, why_no_more
from migcheck.facts.rollback import NotReached, Proven
from migcheck.facts.sql.misfit import Lessens
from migcheck.facts.sql.rows import Question
from migcheck.facts.target.dropped_roles import DroppedRole, roles_dropped, roles_named_to_drop
from migcheck.facts.undo import UndoRehearsal
from migcheck.postgres.catalogue import difference
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.role_needs import needs_of

_BEFORE = "rollback_before"


def rehearse_undo(
    server: ScratchServer,
    request: Request,
    applied: Sequence[Migration],
    plan: Sequence[Undo],
    seconds: float,
) -> UndoRehearsal:
    """Run `plan`, newest first, where `applied` has run, of which it undoes the last.

    Raises NotBuiltError where they cannot be built, OutOfBoundsError where a server's time, memory or disk were over.
    """
    layout, back = request.head.layout, [each.rollback for each in plan[::-1]]
    first = len(applied) - len(plan)
    if [each.hash for each in applied[first:]] != [each.migration.hash for each in back]:
        raise UndecidableError("what is applied last is not what is to be undone", "see what `migcheck status` says")
    with stage_on(server, request.name, seconds, request.outside) as stage:
        stage.forget_roles(ROLLBACK)
        stage.create(ROLLBACK)
        run_each(stage, ROLLBACK, applied[:first], request)
        stood = stage.contents(ROLLBACK)
        proofs = prove(stage, layout, [each.migration for each in back], back)
        for each in proofs:
            if isinstance(each, NotReached) and each.met is not None:
                # It may be the server that lacks something, and another has it.
                raise not_built(stage, each.met, request)
        if not all(isinstance(each, Proven) for each in proofs):
            return UndoRehearsal(server.description, proofs)
        before = stage.contents(ROLLBACK)
        roles = _roles(stage, [each.script for each in back[::-1]])
        done, alone = _undone(stage, back[::-1])
        if failure := done.failure:
            said = f"{failure.place}: {failure.said}"
            return UndoRehearsal(server.description, proofs, refused=said)
        after = stage.contents(ROLLBACK)
        between = Between(stage.name, [each.script for each in back[::-1]], (done.writes,), request.target_version)
        questions, unasked = ((), alone) if alone else _questions(stage, between, done)
    changed, left = difference(before.catalogue, after.catalogue), otherwise(stood, after)
    gone = frozenset(each.identity for each in before.catalogue.things.keys() - after.catalogue.things.keys())
    roles = tuple(structs.replace(each, gone=gone) for each in roles)
    seen = UndoRehearsal(server.description, proofs, changed, left=left, roles=roles)
    return structs.replace(seen, questions=questions, unasked=unasked)


def _roles(stage: Stage, scripts: Sequence[Migration]) -> tuple[DroppedRole, ...]:
    """The roles that `scripts` drop, with what needs them before."""
    dropped = roles_dropped(scripts)
    if not dropped:
        return ()
    with stage.session(ROLLBACK) as connection:
        return tuple(structs.replace(each, held=frozenset(needs_of(connection, each.name))) for each in dropped)


def _undone(stage: Stage, rollbacks: Sequence[Rollback]) -> tuple[Observed, str]:
    """How they go together in ROLLBACK, beside a copy of what was there; and why there is none, where they go alone."""
    stage.create(_BEFORE, template=ROLLBACK)
    stage.disown(_BEFORE, {each.name for each in roles_named_to_drop([one.script for one in rollbacks])})
    done = stage.undo_observed(ROLLBACK, rollbacks)
    if done.failure is None:
        return done, ""
    # A block may drop a role, which the copy needs.
    stage.drop(_BEFORE)
    said = f"{done.failure.sqlstate} {shorten(done.failure.message)}"
    return stage.undo_observed(ROLLBACK, rollbacks), f"the rollbacks do not run beside a copy of the database: {said}"


def _questions(stage: Stage, between: Between, done: Observed) -> tuple[tuple[Question, ...], str]:
    """What a target is to be asked before `done`; and why that is not all."""
    found = list[Question]()
    try:
        with ExitStack() as stack:
            stack.callback(stage.drop, _BEFORE)
            was, now = (stack.enter_context(stage.session(each)) for each in (_BEFORE, ROLLBACK))
            asked = questions_of(done.seen, both_sides(was, now, between))
            # What an undo loses stands in the way of none: its proof names it.
            found.extend(each for each in asked if not isinstance(each.misfit, Lessens))
    except UndecidableError as error:
        # What is proven is proven without them.
        return tuple(found), why_no_more(stage, error)
    return tuple(found), ""
