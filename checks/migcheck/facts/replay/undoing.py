"""An undo, rehearsed: what is applied, built again; each rollback proven; then all of them in one transaction."""

from collections.abc import Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Rollback
from migcheck.errors import UndecidableError
from migcheck.facts.replay.rollbacks import DATABASE, is_order, prove
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.walk import Building, run_each
from migcheck.facts.rollback import Proven
from migcheck.facts.undo import UndoRehearsal
from migcheck.postgres.catalogue import difference
from migcheck.postgres.scratch import ScratchServer


def rehearse_undo(
    server: ScratchServer,
    building: Building,
    applied: Sequence[Migration],
    plan: Sequence[Rollback],
    seconds: float,
) -> UndoRehearsal:
    """Run `plan`, newest first, where `applied` has run, of which it undoes the last.

    Raises NotBuiltError where they cannot be built, OutOfBoundsError where a server's time, memory or disk were over.
    """
    layout, oldest = building.folder.layout, plan[-1].migration.tag
    first = next(number for number, each in enumerate(applied) if each.tag == oldest)
    with stage_on(server, building.name, seconds, building.outside) as stage:
        stage.forget_roles(DATABASE)
        stage.create(DATABASE)
        run_each(stage, DATABASE, applied[:first], building)
        stood = stage.contents(DATABASE)
        proofs = prove(stage, layout, applied[first:], plan[::-1])
        if not all(isinstance(each, Proven) for each in proofs):
            return UndoRehearsal(server.description, proofs)
        before = stage.contents(DATABASE)
        failure = stage.undo(DATABASE, plan)
        if failure is not None:
            raise UndecidableError(
                f"{failure.path}:{failure.line}: in one transaction with the others it fails: "
                f"{failure.sqlstate} {failure.message}",
                "undo them one after the other: `migcheck undo --to` the one before the last",
            )
        after = stage.contents(DATABASE)
    left = tuple(line for line in stood.unlike(after) if not is_order(line))
    return UndoRehearsal(server.description, proofs, difference(before.catalogue, after.catalogue), left)
