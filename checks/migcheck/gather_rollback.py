"""Gathering rollbacks that were tried: one that is proposed, and those of an undo."""

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Undo
from migcheck.facts.proposal import Proposal
from migcheck.facts.replay.proposing import propose
from migcheck.facts.replay.undoing import rehearse_undo
from migcheck.facts.undo import UndoRehearsal
from migcheck.gather_course import Site


def gather_proposal(site: Site, at: int) -> Proposal:
    """What undoes the migration at position `at` of the folder, and what came of it.

    Raises UndecidableError where no server can build the folder up to it.
    """
    return site.build(lambda server, seconds: propose(server, site.building, at, seconds))


def gather_undo(site: Site, applied: tuple[Migration, ...], plan: tuple[Undo, ...]) -> UndoRehearsal:
    """What comes of `plan` where `applied`, what the target has, was built again.

    Raises UndecidableError where that cannot be built.
    """
    return site.build(lambda server, seconds: rehearse_undo(server, site.building, applied, plan, seconds))
