"""Gathering what a folder builds, migration by migration, on the scratch server that a rehearsal would take."""

from migcheck.config import FolderConfig
from migcheck.facts.course import Course
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.walk import Building, course_of
from migcheck.facts.trusted import once_landed
from migcheck.gather import Found, Tell, ledger_name
from migcheck.gather_rehearsal import scratch_servers, trusted_scratch
from migcheck.postgres.scratch import NoServerError
from migcheck.project import Asked, Project


def gather_course(project: Project, which: FolderConfig, asked: Asked, found: Found, tell: Tell) -> Course:
    """What the folder builds after each migration, on a server of the target's kind.

    Raises UndecidableError where it cannot be built.
    """
    trusted = trusted_scratch(project, asked, found.history)
    servers = scratch_servers(which, asked, trusted, found.target)
    building = Building(found.folder, ledger_name(which), project.config.outside)
    try:
        return course_of(building, servers, seconds=trusted.config.timeout, tell=tell)
    except (LackingError, NoServerError) as error:
        raise once_landed(error, trusted.left_out) from error
