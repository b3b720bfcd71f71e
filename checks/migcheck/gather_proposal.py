"""Gathering a rollback of one migration, tried on the scratch server that a rehearsal would take."""

from msgspec import Struct

from migcheck.config import FolderConfig
from migcheck.drizzle.folder import Folder
from migcheck.facts.history import History
from migcheck.facts.proposal import Proposal
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.proposing import propose
from migcheck.facts.replay.walk import Building, on_first_that_builds
from migcheck.facts.trusted import once_landed
from migcheck.gather import Tell, ledger_name
from migcheck.gather_rehearsal import scratch_servers, trusted_scratch
from migcheck.postgres.scratch import NoServerError
from migcheck.project import Asked, Project


class Wanted(Struct, frozen=True):
    """A rollback for the migration at position `at` of `folder`. `history` says what may run as administrator."""

    folder: Folder
    at: int
    history: History | None


def gather_proposal(project: Project, which: FolderConfig, asked: Asked, wanted: Wanted, tell: Tell) -> Proposal:
    """What undoes the migration, and what came of it.

    Raises UndecidableError where no server can build the folder up to it.
    """
    trusted = trusted_scratch(project, asked, wanted.history)
    building = Building(wanted.folder, ledger_name(which), project.config.outside)
    try:
        return on_first_that_builds(
            scratch_servers(which, asked, trusted, None),
            lambda server: propose(server, building, wanted.at, trusted.config.timeout),
            tell,
        )
    except (LackingError, NoServerError) as error:
        raise once_landed(error, trusted.left_out) from error
