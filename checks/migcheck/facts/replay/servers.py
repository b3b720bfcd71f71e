"""Gate `replay`: the first scratch server that has all the folder needs, and a rehearsal on it."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from migcheck.facts.rehearsal import Failed, Rehearsal, Request
from migcheck.facts.replay.farthest import Met
from migcheck.facts.replay.lacking_there import lack_there
from migcheck.facts.replay.searching import Search
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.candidates import Candidate
from migcheck.postgres.scratch.contract import ScratchServer

_Ended = Rehearsal | UnbuildableBaseError


def replay(
    request: Request,
    candidates: Iterable[Candidate],
    *,
    seconds: float,
    tell: Callable[[str], None] = lambda _line: None,
) -> Rehearsal:
    """Rehearse `request` (see `request_of`) on the first of `candidates` that lacks nothing it needs.

    `seconds` is the time for one server; `tell` hears of each server that is tried, and why it gave way to another.

    Raises UndecidableError where what has landed cannot be built, and as `Search.first` does.
    """
    search = Search[_Ended]("rehearsing", tell)

    def attempt(server: ScratchServer) -> tuple[_Ended, Met[_Ended] | None]:
        ended = _try(server, request, seconds)
        major = server.description.major
        newer = any(each.server.major > major for each in search.met)
        left_out = ended.left_out if isinstance(ended, Rehearsal) else ()
        failures = _failures(ended)
        lacks = [lack_there(each, request, major, left_out, newer=newer) for each in failures]
        lack = next(iter(lacks), None)
        # One failure that it is not to blame for may be told.
        return ended, None if lack is None or None in lacks else Met(server.description, failures[0], lack, ended)

    ended = search.first(candidates, request.head.migrations, attempt)
    if isinstance(ended, UnbuildableBaseError):
        raise ended
    return replace(ended, passed_over=tuple(search.passed_over))


def _try(server: ScratchServer, request: Request, seconds: float) -> _Ended:
    if request.copy is not None:
        from migcheck.facts.replay.copied import rehearse_copy  # noqa: PLC0415 - the driver loads as the server starts

        return rehearse_copy(server, request, request.copy, seconds=seconds)
    from migcheck.facts.replay.rehearse import rehearse  # noqa: PLC0415 - likewise

    try:
        return rehearse(server, request, seconds=seconds)
    except UnbuildableBaseError as error:
        return error


def _failures(ended: _Ended) -> list[SqlFailure]:
    if isinstance(ended, UnbuildableBaseError):
        return [ended.failure]
    return [each.failure for each in ended.ways if isinstance(each, Failed) and each.unless_apart is None]
