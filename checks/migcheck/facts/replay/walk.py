"""Building the folder on scratch migration by migration, and looking at what is there after each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from migcheck.drizzle.folder import Migration
from migcheck.errors import UndecidableError
from migcheck.facts.course import Course, Stand
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.farthest import Met
from migcheck.facts.replay.lacking import Lack
from migcheck.facts.replay.lacking_there import lack_there
from migcheck.facts.replay.searching import Search
from migcheck.facts.replay.stage import Contents, Stage, stage_on
from migcheck.postgres.catalogue import Catalogue
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer

_DATABASE = "course"


class NotBuiltError(UndecidableError):
    """A migration that the server refused; `lack` is what the server has not got, where that is why."""

    def __init__(self, failure: SqlFailure, lack: Lack | None = None) -> None:
        """Say where it was refused, and why."""
        super().__init__(
            f"{failure.at}: the folder cannot be built on scratch: {failure.said}",
            "`migcheck verify` without a target tells more of it",
        )
        self.failure = failure
        self.lack = lack


Built = TypeVar("Built")


def on_first_that_builds(
    candidates: Iterable[Candidate],
    request: Request,
    build: Callable[[ScratchServer], Built],
    tell: Callable[[str], None],
) -> Built:
    """What `build` gives on the first of `candidates` that lacks nothing that the folder of `request` needs.

    Raises UndecidableError where that cannot be built, and as `Search.first` does.
    """
    search = Search[Built | NotBuiltError]("building the folder", tell)

    def attempt(server: ScratchServer) -> tuple[Built | NotBuiltError, Met[NotBuiltError] | None]:
        try:
            return build(server), None
        except NotBuiltError as error:
            lack = error.lack
            return error, None if lack is None else Met(server.description, error.failure, lack, error)

    built = search.first(candidates, request.head.migrations, attempt)
    if isinstance(built, NotBuiltError):
        raise built
    return built


def walk(server: ScratchServer, request: Request, seconds: float) -> Course:
    """Build all of the folder of `request` on `server`.

    Raises NotBuiltError where a migration is refused, OutOfBoundsError where time, memory or disk were over.
    """
    with stage_on(server, request.name, seconds, request.outside) as stage:
        # Roles belong to the server: those of an earlier walk would stand in the way of this one.
        stage.forget_roles(_DATABASE)
        stage.create(_DATABASE)
        with stage.looking(_DATABASE) as look:
            blank = look().catalogue
            stands = tuple(_stands(stage, look, request, blank))
    return Course(server.description, blank, stands)


def _stands(stage: Stage, look: Callable[[], Contents], request: Request, blank: Catalogue) -> Iterator[Stand]:
    before = blank
    for migration in request.head.migrations:
        run_each(stage, _DATABASE, [migration], request)
        stand = _stand(look(), migration, before)
        before = stand.catalogue
        yield stand


def run_each(stage: Stage, database: str, migrations: Sequence[Migration], request: Request) -> None:
    """Run `migrations` one by one in `database`, each in a session of its own. Raises as `walk` does."""
    for each in migrations:
        if failure := stage.run_batch(database, [each], request.head.layout):
            raise not_built(stage, failure, request)


def not_built(stage: Stage, failure: SqlFailure, request: Request) -> UndecidableError:
    """The error for what the server of `stage` refused, or did not end in time."""
    if failure.late:
        return OutOfBoundsError(f"{failure.place}: {failure.said}", "timeout")
    return NotBuiltError(failure, lack_there(failure, request, stage.server.description.major))


def _stand(contents: Contents, migration: Migration, before: Catalogue) -> Stand:
    # Hundreds of catalogues of thousands of things are held at once, and nearly all of each is in the one before.
    things = {key: _kept(before.things.get(key), parts) for key, parts in contents.catalogue.things.items()}
    return Stand(migration, Catalogue(things), contents.rows)


def _kept(old: tuple[str, ...] | None, new: tuple[str, ...]) -> tuple[str, ...]:
    return new if old is None or old != new else old
