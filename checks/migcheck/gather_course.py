"""Gathering what a folder builds, migration by migration, on the scratch server that a rehearsal would take."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from migcheck.config import FolderConfig
from migcheck.facts.course import Course
from migcheck.facts.history.trusted import once_landed
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.walk import Building, on_first_that_builds, walk
from migcheck.gather import Found, Tell, ledger_name
from migcheck.gather_rehearsal import scratch_servers, trusted_scratch
from migcheck.postgres.scratch.contract import NoServerError, ScratchServer
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
    def building(self) -> Building:
        """What there is to build."""
        outside, target = self.project.config.outside(self.which.path), self.found.target
        known = (0, False) if target is None else (target.version, target.superuser)
        return Building(self.found.folder, ledger_name(self.which), outside, *known)

    def build(self, work: Callable[[ScratchServer, float], Built]) -> Built:
        """What `work` gives on the first server that has what the folder needs, in the seconds that it is told.

        Raises UndecidableError where it cannot be built.
        """
        trusted = trusted_scratch(self.project, self.asked, self.found.history)
        servers = scratch_servers(self.which, self.asked, trusted, self.found.target)
        seconds = trusted.config.timeout
        try:
            return on_first_that_builds(servers, lambda server: work(server, seconds), self.tell)
        except (LackingError, NoServerError) as error:
            raise once_landed(error, trusted.left_out) from error


def gather_course(site: Site) -> Course:
    """What the folder builds after each migration, on a server of the target's kind.

    Raises UndecidableError where it cannot be built.
    """
    return site.build(lambda server, seconds: walk(server, site.building, seconds))
