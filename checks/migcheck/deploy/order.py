"""What a deploy is told to do."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migcheck.clearance import Clearance
from migcheck.config import ApplyConfig
from migcheck.drizzle.folder import Folder
from migcheck.route import Route


@dataclass(frozen=True, slots=True)
class Order:
    """Run the plan of `clearance`, out of `folder`, on the database at `url`.

    `variable` is what people know the URL by, `route` the way there. A dry run touches nothing. `tell` hears of what
    may take a while.
    """

    clearance: Clearance
    folder: Folder
    url: str = field(repr=False)
    settings: ApplyConfig = field(default_factory=ApplyConfig)
    variable: str = "DATABASE_URL"
    route: Route = field(default_factory=Route, repr=False)
    dry_run: bool = False
    tell: Callable[[str], None] = lambda _line: None
