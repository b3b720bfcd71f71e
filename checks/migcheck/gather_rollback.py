"""Gathering rollbacks that were tried: one that is proposed, and those of an undo."""

from collections.abc import Collection

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Undo
from migcheck.facts.replay.rollback.proposing import propose
from migcheck.facts.replay.rollback.undoing import rehearse_undo
from migcheck.facts.rollback import Proposal
from migcheck.facts.sql.rows import Answers
from migcheck.facts.target.asking import read_kept
from migcheck.facts.target.dropped_roles import DroppedRole
from migcheck.facts.target.read_told import read_told
from migcheck.facts.undo import UndoRehearsal
from migcheck.gather_course import Site
from migcheck.postgres.target.address import Address


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


def gather_answers(site: Site, selects: Collection[str]) -> Answers:
    """What the target says to `selects`."""
    return read_told(_target(site), (), selects, site.tell)[1]


def gather_kept(site: Site, roles: Collection[DroppedRole]) -> list[tuple[DroppedRole, tuple[str, ...]]]:
    """What of the target keeps the server from dropping each of `roles`.

    Raises UndecidableError where it cannot be reached or read.
    """
    return read_kept(_target(site), roles, site.tell) if roles else []


def _target(site: Site) -> Address:
    assert site.asked.target is not None, "what is undone is undone on a target"
    return site.asked.target
