"""Gathering what a folder builds and how it is undone, on the scratch server that a rehearsal would take."""

from collections.abc import Callable, Collection
from typing import TypeVar

from msgspec import Struct

from migcheck.config.config import FolderConfig
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.rollback import Undo
from migcheck.facts.course import Course
from migcheck.facts.history.trusted import once_landed
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.rollback.proposing import propose
from migcheck.facts.replay.rollback.undoing import rehearse_undo
from migcheck.facts.replay.walk import on_first_that_builds, walk
from migcheck.facts.rollback import Proposal
from migcheck.facts.sql.rows import Answers
from migcheck.facts.target.asking import read_kept
from migcheck.facts.target.dropped_roles import DroppedRole
from migcheck.facts.target.read_told import read_told
from migcheck.facts.undo import UndoRehearsal
from migcheck.gather.gates import Found, Tell, ledger_name
from migcheck.gather.rehearsal import scratch_servers, trusted_scratch
from migcheck.postgres.scratch.contract import NoServerError, ScratchServer
from migcheck.postgres.target.address import Address
from migcheck.project import Asked, Project

Built = TypeVar("Built")


class Site(Struct, frozen=True):
    """Where a folder is built: what says which servers there are, and what may run on them."""

    project: Project
    which: FolderConfig
    asked: Asked
    found: Found
    tell: Tell

    @property
    def request(self) -> Request:
        """The folder to build, and what it may run on: nothing is rehearsed of it."""
        request = Request(self.found.folder, None, (), (), name=ledger_name(self.which))
        return self.found.standing_for(request, self.project.config.outside(self.which.path))

    @property
    def target(self) -> Address:
        """Where what is undone is undone."""
        assert self.asked.target is not None, "what is undone is undone on a target"
        return self.asked.target

    def build(self, work: Callable[[ScratchServer, float], Built]) -> Built:
        """What `work` gives on the first server that has what the folder needs, in the seconds that it is told.

        Raises UndecidableError where it cannot be built.
        """
        trusted = trusted_scratch(self.project, self.asked, self.found.history)
        servers = scratch_servers(self.which, self.asked, trusted, self.found.target)
        seconds = trusted.config.timeout
        try:
            return on_first_that_builds(servers, self.request, lambda server: work(server, seconds), self.tell)
        except (LackingError, NoServerError) as error:
            raise once_landed(error, trusted.left_out) from error


def gather_course(site: Site) -> Course:
    """What the folder builds after each migration, on a server of the target's kind. Raises as `Site.build` does."""
    return site.build(lambda server, seconds: walk(server, site.request, seconds))


def gather_proposal(site: Site, at: int) -> Proposal:
    """What undoes the migration at position `at` of the folder, and what came of it. Raises as `Site.build` does."""
    return site.build(lambda server, seconds: propose(server, site.request, at, seconds))


def gather_undo(site: Site, applied: tuple[Migration, ...], plan: tuple[Undo, ...]) -> UndoRehearsal:
    """What comes of `plan` where `applied`, what the target has, was built again. Raises as `Site.build` does."""
    return site.build(lambda server, seconds: rehearse_undo(server, site.request, applied, plan, seconds))


def gather_answers(site: Site, selects: Collection[str]) -> Answers:
    """What the target says to `selects`."""
    return read_told(site.target, (), selects, site.tell)[1]


def gather_kept(site: Site, roles: Collection[DroppedRole]) -> list[tuple[DroppedRole, tuple[str, ...]]]:
    """What of the target keeps the server from dropping each of `roles`.

    Raises UndecidableError where it cannot be reached or read.
    """
    return read_kept(site.target, roles, site.tell) if roles else []
