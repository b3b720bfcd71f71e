"""Gate `replay`: the first scratch server that has all the folder needs, and a rehearsal on it."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Failed, Rehearsal, Request
from migcheck.facts.replay.farthest import Met, farthest, lacking, newer_than
from migcheck.facts.replay.lacking import lack_of_age
from migcheck.facts.replay.lacking_there import lack_there, wanted_by
from migcheck.facts.replay.searching import NoneHasAll, Search
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import ScratchServer, ServerDescription


class _Attempt(Met, frozen=True):
    """A rehearsal that met a failure which may be the server's lack. `ended` is how it would have been told."""

    ended: Rehearsal | UnbuildableBaseError


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
    search = Search[_Attempt]("rehearsing", tell)

    def attempt(server: ScratchServer) -> tuple[Rehearsal | UnbuildableBaseError, _Attempt | None]:
        ended = _try(server, request, seconds)
        met = _lacking(ended, request, server.description, search.met)
        # What the target does not take either a newer one would take, and prove nothing.
        own = met is None or wanted_by(request).is_too_new(met.lack, met.server.major)
        return ended, None if own else met

    ended = search.first(candidates, attempt)
    if not isinstance(ended, NoneHasAll):
        return replace(_unless_undecided(ended), passed_over=tuple(search.passed_over))
    if not ended.met:
        raise ended.unstarted[0]
    told = _unless_undecided(_best(ended.met, ended.unstarted, request))
    # Of syntax that no major knows the first tells, though others were tried behind it.
    own = next(each.told for each in ended.met if each.ended is told)
    return replace(told, passed_over=tuple(each for each in search.passed_over if each != own))


def _try(server: ScratchServer, request: Request, seconds: float) -> Rehearsal | UnbuildableBaseError:
    if request.copy is not None:
        from migcheck.facts.replay.copied import rehearse_copy  # noqa: PLC0415 - the driver loads as the server starts

        return rehearse_copy(server, request, request.copy, seconds=seconds)
    from migcheck.facts.replay.rehearse import rehearse  # noqa: PLC0415 - likewise

    try:
        return rehearse(server, request, seconds=seconds)
    except UnbuildableBaseError as error:
        return error


def _lacking(
    ended: Rehearsal | UnbuildableBaseError,
    request: Request,
    server: ServerDescription,
    before: Sequence[_Attempt],
) -> _Attempt | None:
    """The attempt, where all that failed failed for what the server lacks; None where the end may be told."""
    left_out = ended.left_out if isinstance(ended, Rehearsal) else ()
    wanted = wanted_by(request, left_out)
    lacks = [lack_there(failure, wanted, server.major) for failure in _failures(ended)]
    if any(each.server.major > server.major for each in before):
        lacks = [lack or lack_of_age(each, server.major) for lack, each in zip(lacks, _failures(ended), strict=True)]
    found = [each for each in lacks if each is not None]
    if not found or len(found) < len(lacks):
        return None
    return _Attempt(server, _failures(ended)[0], found[0], ended)


def _failures(ended: Rehearsal | UnbuildableBaseError) -> list[SqlFailure]:
    if isinstance(ended, UnbuildableBaseError):
        return [ended.failure]
    return [each.failure for each in ended.ways if isinstance(each, Failed) and each.unless_apart is None]


def _best(
    attempts: Sequence[_Attempt], unstarted: Sequence[UndecidableError], request: Request
) -> Rehearsal | UndecidableError:
    """What to say when no server had all: what is wrong for any of them, else what each of them lacks."""
    far = farthest(attempts, request.head.migrations)
    if not far.is_of_age:
        return lacking(far, attempts, unstarted)
    newer = newer_than(far, attempts)
    if newer is None or newer.is_of_age:
        return far.ended
    return lacking(far, attempts, unstarted)


def _unless_undecided(ended: Rehearsal | UndecidableError) -> Rehearsal:
    if isinstance(ended, UndecidableError):
        raise ended
    return ended
