"""What a deploy, an undo or a baseline is told to do."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migcheck.clearance import Clearance
from migcheck.config import ApplyConfig, MigrationConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.course import Course
from migcheck.route import Route


@dataclass(frozen=True, slots=True)
class Order:
    """Run the plan of `clearance`, out of `folder`, on the database at `url`.

    `variable` is what people know the URL by, `route` the way there. `migrations` is what holds for one of them alone.
    A dry run touches nothing. `tell` hears of what may take a while, from any thread. Sessions are called by `command`.
    """

    clearance: Clearance
    folder: Folder
    url: str = field(repr=False)
    settings: ApplyConfig = field(default_factory=ApplyConfig)
    migrations: tuple[MigrationConfig, ...] = ()
    variable: str = "DATABASE_URL"
    route: Route = field(default_factory=Route, repr=False)
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _line: None
    command: str = "migcheck apply"


@dataclass(frozen=True, slots=True)
class BaselineOrder:
    """Record the migrations of `folder` up to the one at the position `to`, on the database at `url`.

    `ledger` is what the gates saw. `build` builds the folder on scratch. `variable` is what people know the URL by,
    `route` the way there. A dry run touches nothing.
    """

    folder: Folder
    to: int
    ledger: Ledger
    url: str = field(repr=False)
    build: Callable[[], Course]
    settings: ApplyConfig = field(default_factory=ApplyConfig)
    variable: str = "DATABASE_URL"
    route: Route = field(default_factory=Route, repr=False)
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _line: None
    command: str = "migcheck baseline"
