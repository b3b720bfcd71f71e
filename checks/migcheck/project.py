"""What a run is about: a project (where it looks) and what a person asked for."""

from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from migcheck.clearance import Clearance
from migcheck.config import Config, StartFrom
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.config import Loaded
from migcheck.facts.repository import NoRepository, Repository
from migcheck.route import Route


class Project(Struct, frozen=True):
    """Where a run looks. `root` is the repository's top, or the working directory where there is no repository."""

    root: Path
    repository: Repository | NoRepository
    loaded: Loaded

    @property
    def config(self) -> Config:
        """What is configured."""
        return self.loaded.config


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for, with the same names everywhere.

    `staged`: judge the index, not the work tree. `scratch`: a kind, or the URL of a server to use. `target_url` is the
    secret URL of the target, None where none is named, and `route` the way there. `ledgers` were read from `--ledger`
    files; the first stands for the target, and `ledger_file` is where it is. `deploying`: a deploy follows, so the
    target must take writes now.
    `target_sizes`: how large what is pending touches is there is asked as well.
    `start_from` is what a rehearsal begins with, None where the configuration says.
    `clearance` stands for the gates `history` and `replay`; without `replays` the latter is left out.
    """

    base: str | None = None
    offline: bool = False
    staged: bool = False
    scratch: str | None = field(default=None, repr=False)
    target_url: str | None = field(default=None, repr=False)
    route: Route = field(default_factory=Route)
    ledgers: tuple[Ledger, ...] = ()
    ledger_file: str = ""
    trust_prelude: bool = False
    deploying: bool = False
    clearance: Clearance | None = None
    replays: bool = True
    start_from: StartFrom | None = None
    target_sizes: bool = False
