"""What a deploy, an undo or a baseline is told to do."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migcheck.clearance import Clearance
from migcheck.config.config import ApplyConfig, MigrationConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.course import Course
from migcheck.postgres.target.address import Address

AGAIN = "run the whole of it again"
"""A step towards the end, in words: the gates judge anew what a deploy met otherwise."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Something to do on the database at `address`, which people know by the name `variable`.

    A dry run touches nothing. `tell` hears of what may take a while, from any thread. Sessions are called by `command`.
    """

    address: Address
    variable: str
    settings: ApplyConfig
    dry_run: bool
    tell: Callable[[str], None]
    command: str


@dataclass(frozen=True)
class Order(Errand):
    """Run the plan of `clearance`, out of `folder`. `migrations` is what holds for one of them alone."""

    clearance: Clearance
    folder: Folder
    migrations: tuple[MigrationConfig, ...] = ()
    command: str = field(default="migcheck apply", kw_only=True)


@dataclass(frozen=True)
class BaselineOrder(Errand):
    """Record the migrations of `folder` up to the one at the position `to`.

    `ledger` is what the gates saw. `build` builds the folder on scratch.
    """

    folder: Folder
    to: int
    ledger: Ledger
    build: Callable[[], Course]
    command: str = field(default="migcheck baseline", kw_only=True)
