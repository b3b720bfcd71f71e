"""Building the folder on scratch migration by migration, and looking at what is there after each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.course import Course, Stand
from migcheck.facts.replay.farthest import Met, farthest, lacking
from migcheck.facts.replay.lacking_there import Wanted, lack_there
from migcheck.facts.replay.searching import NoneHasAll, Search
from migcheck.facts.replay.stage import Contents, Stage, stage_on
from migcheck.postgres.catalogue import Catalogue
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer

_DATABASE = "course"


class NotBuiltError(UndecidableError):
    """A migration that the server refused; `met` has what the server has not got, where that is why.

    `folder` is what was to be built.
    """

    def __init__(self, failure: SqlFailure, met: Met | None, folder: Folder) -> None:
        """Say where it was refused, and why."""
        super().__init__(
            f"{failure.at}: the folder cannot be built on scratch: {failure.said}",
            "`migcheck verify` without a target tells more of it",
        )
        self.met = met
        self.folder = folder


class _Refused(Met, frozen=True):
    """What a server met that may lack what the folder needs. `error` is what to say where it does not."""

    error: NotBuiltError


class Building(Struct, frozen=True):
    """What to build: all of `folder`, recorded in the ledger `name`.

    `outside` are the tags of what runs outside of a transaction, `target_version` the server's number of the target,
    0 where there is none, and `superuser`: its role is known to be one.
    """

    folder: Folder
    name: LedgerName
    outside: Collection[str] = ()
    target_version: int = 0
    superuser: bool = False


Built = TypeVar("Built")


def on_first_that_builds(
    candidates: Iterable[Candidate], build: Callable[[ScratchServer], Built], tell: Callable[[str], None]
) -> Built:
    """What `build` gives on the first of `candidates` that lacks nothing it needs.

    Raises UndecidableError where the folder cannot be built, LackingError where no server has what it needs, and
    OutOfBoundsError where a server's time, memory or disk were over.
    """
    search = Search[_Refused]("building the folder", tell)

    def attempt(server: ScratchServer) -> tuple[Built | NotBuiltError, _Refused | None]:
        try:
            return build(server), None
        except NotBuiltError as error:
            met = error.met
            return error, None if met is None else _Refused(met.server, met.failure, met.lack, error)

    built = search.first(candidates, attempt)
    if isinstance(built, NoneHasAll):
        raise _told(built.met, built.unstarted)
    if isinstance(built, NotBuiltError):
        raise built
    return built


def walk(server: ScratchServer, building: Building, seconds: float) -> Course:
    """Build all of it on `server`.

    Raises NotBuiltError where a migration is refused, OutOfBoundsError where time, memory or disk were over.
    """
    with stage_on(server, building.name, seconds, building.outside) as stage:
        # Roles belong to the server: those of an earlier walk would stand in the way of this one.
        stage.forget_roles(_DATABASE)
        stage.create(_DATABASE)
        with stage.looking(_DATABASE) as look:
            blank = look().catalogue
            stands = tuple(_stands(stage, look, building, blank))
    return Course(server.description, blank, stands)


def _told(refused: Sequence[_Refused], unstarted: Sequence[UndecidableError]) -> UndecidableError:
    """What to say where no server would do: what those lack that ran, else why the first did not start."""
    if not refused:
        return unstarted[0]
    far = farthest(refused, refused[0].error.folder.migrations)
    return far.error if all(each.is_of_age for each in refused) else lacking(far, refused, unstarted)


def _stands(stage: Stage, look: Callable[[], Contents], building: Building, blank: Catalogue) -> Iterator[Stand]:
    before = blank
    for migration in building.folder.migrations:
        run_each(stage, _DATABASE, [migration], building)
        stand = _stand(look(), migration, before)
        before = stand.catalogue
        yield stand


def run_each(stage: Stage, database: str, migrations: Sequence[Migration], building: Building) -> None:
    """Run `migrations` one by one in `database`, each in a session of its own. Raises as `walk` does."""
    for each in migrations:
        if failure := stage.run_batch(database, [each], building.folder.layout):
            raise not_built(stage, failure, building)


def not_built(stage: Stage, failure: SqlFailure, building: Building) -> UndecidableError:
    """The error for what the server of `stage` refused, or did not end in time."""
    if failure.late:
        return OutOfBoundsError(f"{failure.place}: {failure.said}", "timeout")
    server = stage.server.description
    wanted = Wanted(building.folder.migrations, stage.name, building.target_version, building.superuser)
    lack = lack_there(failure, wanted, server.major)
    # What the target does not take either a newer one would take, and prove nothing.
    own = lack is None or wanted.is_too_new(lack, server.major)
    return NotBuiltError(failure, None if lack is None or own else Met(server, failure, lack), building.folder)


def _stand(contents: Contents, migration: Migration, before: Catalogue) -> Stand:
    # Hundreds of catalogues of thousands of things are held at once, and nearly all of each is in the one before.
    things = {key: _kept(before.things.get(key), parts) for key, parts in contents.catalogue.things.items()}
    return Stand(migration, Catalogue(things), contents.rows)


def _kept(old: tuple[str, ...] | None, new: tuple[str, ...]) -> tuple[str, ...]:
    return new if old is None or old != new else old
