"""The new migrations once more, on tables that have rows: what is refused now, rows are to blame for."""

from collections.abc import Collection, Sequence
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg import OperationalError

from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.watching.looking import LookAt
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.ways import Run
from migcheck.facts.replay.with_rows.asking import both_of, explained, questions, why_no_more
from migcheck.facts.replay.with_rows.by_words import is_by_words, lack_with_rows, takes_some
from migcheck.facts.replay.with_rows.misfits import speaking_of
from migcheck.facts.replay.with_rows.selecting import all_of
from migcheck.facts.replay.with_rows.trial import FILLED, RUN, Grounds, Trial
from migcheck.facts.replay.with_rows.vanishing import lost_by_rows, vanished
from migcheck.facts.sql.misfit import AnyRow, Unexplained
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Gone, Own, RowFault, Rows, Seed, Unsown
from migcheck.finding import Location
from migcheck.postgres.filling.fill import fill, refresh, row_count
from migcheck.postgres.filling.filled import ANYWHERE, Avoided, Filled
from migcheck.postgres.filling.shape import hinted, read_shapes, read_views
from migcheck.postgres.running.failure import Refusal, SqlFailure, shorten
from migcheck.postgres.running.simple_query import send_raw
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.regex import regex

# Of the time of a rehearsal, what rows may take of it: one part in so many, and so many seconds.
_SHARE = 6
_MOST_SECONDS = 30
_MOST_FAULTS = 8
_OUT_OF_RANGE = "22003"
# Seconds, behind which nothing more is looked for where something was found.
_PATIENCE = 10
_BOUND = regex(r"(?i)\bfor\s+values\s+([^;]*)")
_GONE = "what has landed cannot be built again"


def time_for_rows(seconds: float, began: float) -> float:
    """How many seconds there are for rows in a rehearsal of `seconds` that `began` then, on the monotonic clock."""
    return min(seconds - (monotonic() - began), seconds / _SHARE, _MOST_SECONDS)


def rows_on(server: ScratchServer, request: Request, third: Run, seconds: float, grounds: Grounds) -> Rows | None:
    """The new migrations once more, on `grounds`, where the upgrade saw what they take hold of.

    The last of a rehearsal: whatever rows make of the server, it has said by then what decides.
    """
    done = third.done
    if done is None or done.failure is not None or seconds <= 0:
        return None
    with stage_on(server, request.name, seconds, request.outside) as stage:
        trial = Trial(stage, request, done.tables, done.written, done.writes, done.seen, grounds)
        return _try_with_rows(trial)


def _try_with_rows(trial: Trial) -> Rows:
    """How they go with the project's own rows, where it has any, and with such as are made up.

    Whatever becomes of the server meanwhile: what had been found by then is told, and why there is no more.
    """
    began = monotonic()
    if not trial.tables:
        return Rows(0)
    seed = trial.request.seed
    own = None if seed is None else _with_own(trial, seed)
    found = _with_made_up(trial)
    rows = Rows(0, found.filled, tuple(found.faults), own, found.ended, gone=found.gone, written=found.written)
    rows = replace(rows, seen=found.seen)
    asked, unasked = questions(trial, rows, found.last) if trial.request.ledger is not None else ((), "")
    return replace(rows, ms=round((monotonic() - began) * 1000), questions=asked, unasked=unasked)


def _with_own(trial: Trial, seed: Seed) -> Own:
    """How it goes with the rows of `seed`."""
    filled: tuple[Filled, ...] = ()
    try:
        if not trial.ready():
            return Own(seed.path, ended=_GONE)
        if refusal := _sow(trial, seed):
            line = 1 + seed.sql.count("\n", 0, max(0, (refusal.position or 1) - 1))
            return Own(seed.path, unsown=Unsown(Location(seed.path, line), f"{refusal.sqlstate} {refusal.message}"))
        filled = _sown(trial, seed)
        done = _run(trial)
        stopped = _stopped(trial, done.failure) or _lacking(trial, done.failure)
        gone = _gone(trial, done, filled, seed.path)
        told = () if done.failure is None or stopped else (_fault(trial, done, done.failure, filled),)
        faults = tuple(replace(each, seed=seed.path) for each in told)
        written = _written(done, filled, seed.path)
        seen = () if done.failure is not None else tuple(lost_by_rows(trial, done, seed.path))
    except UndecidableError as error:
        return Own(seed.path, filled, ended=why_no_more(trial.stage, error))
    return Own(seed.path, filled, faults, ended=stopped, gone=gone, written=written, seen=seen)


def _sow(trial: Trial, seed: Seed) -> Refusal | None:
    with trial.stage.session(FILLED) as connection:
        refusal = send_raw(connection, seed.sql)
    with trial.stage.session(FILLED) as connection:
        refresh(connection, read_views(connection, trial.tables), monotonic() + trial.stage.seconds / 2)
    return refusal


def _sown(trial: Trial, seed: Seed) -> tuple[Filled, ...]:
    with trial.stage.session(FILLED) as connection:
        shapes = read_shapes(connection, trial.tables, ())
        counts = [(each.name, row_count(connection, each.name)) for each in shapes]
    return tuple(Filled(name, rows, "" if rows else f"{seed.path} has none") for name, rows in counts)


class _Found(Struct):
    """What has come of it so far: what was `filled` first, the faults, how it went at last, and why that is not all.

    Of what is `gone` and `seen` there is only something once it goes through: first with what is in `passed` avoided.
    """

    filled: tuple[Filled, ...] = ()
    faults: list[RowFault] = field(default_factory=list)
    last: Observed | None = None
    ended: str = ""
    gone: tuple[Gone, ...] = ()
    written: tuple[RowsWritten, ...] = ()
    seen: tuple[Seen, ...] = ()
    passed: Avoided | None = None


def _with_made_up(trial: Trial) -> _Found:
    """The same with rows that are made up: of such as it failed with there are none in the next round."""
    found = _Found()
    try:
        found.ended = _rounds(trial, found)
    except UndecidableError as error:
        found.ended = why_no_more(trial.stage, error)
    lacks = {at: _lacking(trial, each.failure) for at, each in enumerate(found.faults)}
    found.ended = "; ".join(filter(None, dict.fromkeys((*lacks.values(), found.ended))))
    found.faults = [each for at, each in enumerate(found.faults) if not lacks[at]]
    return found


def _rounds(first: Trial, found: _Found) -> str:
    """Add to what is `found`; why that is not all."""
    trial, avoided, faults = first, Avoided(), found.faults
    end = monotonic() + _PATIENCE
    while len(faults) < _MOST_FAULTS and (not faults or monotonic() < end):
        if not trial.ready():
            return _GONE
        filled = _fill(trial, avoided)
        known = {each.table for each in found.filled}
        found.filled += tuple(each for each in filled if each.table not in known)
        found.last = done = _run(trial)
        _note(first, done, filled, avoided, found)
        if done.failure is None:
            if not (met := _met(trial, done, filled)):
                return ""
            trial = replace(trial, tables={*trial.tables, *met}, written={*trial.written, *met})
            continue
        if stopped := _stopped(trial, done.failure):
            return stopped
        fault = _fault(trial, done, done.failure, filled)
        again = bool(faults) and _is_like(faults[-1], fault)
        if again and fault.select and fault.select == faults[-1].select:
            # Such rows come in all the same: a trigger writes them.
            break
        if again:
            # What was avoided is not all that it fails with.
            fault = replace(faults.pop(), select="")
        faults.append(fault)
        if _is_of_an_end(fault) and not avoided.ends:
            # What else it fails with shows where nobody has the greatest number there is.
            avoided = replace(avoided, ends=True)
            continue
        if not fault.table or fault.table in avoided.empty:
            break
        avoided = _without(avoided, fault, {each.table for each in filled})
    last = faults[-1].failure
    # What went through in another round has been tried.
    return "" if found.passed is not None else f"what comes behind {last.at} was not tried"


def _fault(trial: Trial, done: Observed, failure: SqlFailure, filled: Sequence[Filled]) -> RowFault:
    """The fault, with a SELECT where one finds such rows: each, where the words of what runs are wrong."""
    fault = explained(trial, done, failure, filled)
    if fault.misfit != Unexplained() or not is_by_words(failure, trial.request):
        return fault
    named = speaking_of(failure, [each.table for each in filled])
    select = all_of(fault.table) if len(named) == 1 and not takes_some(failure) else ""
    return replace(fault, misfit=AnyRow(), select=select)


def _note(first: Trial, done: Observed, filled: Sequence[Filled], avoided: Avoided, found: _Found) -> None:
    """Add what was written and is gone: behind a round that went through, of no other that fails or avoids more."""
    passes = done.failure is None
    if found.passed is None or (passes and avoided == found.passed):
        found.written, found.gone = _written(done, filled), _gone(first, done, filled)
        found.seen = tuple(lost_by_rows(first, done, "")) if passes else ()
        found.passed = avoided if passes else None


def _is_like(one: RowFault, other: RowFault) -> bool:
    """Whether it is the same of another row, which the server's detail tells of."""
    before, now = one.failure, other.failure
    alike = (before.path, before.line, before.sqlstate, before.named) == (now.path, now.line, now.sqlstate, now.named)
    # One statement may have several faults that the server has one name for.
    return alike and (one.misfit == other.misfit or not other.select)


def _is_of_an_end(fault: RowFault) -> bool:
    return (fault.misfit, fault.select, fault.failure.sqlstate) == (Unexplained(), "", _OUT_OF_RANGE)


def _fill(trial: Trial, avoided: Avoided) -> tuple[Filled, ...]:
    deadline = monotonic() + trial.stage.seconds / 2
    with trial.stage.session(FILLED) as connection:
        texts = [piece.text for each in trial.request.new for piece in each.pieces]
        bounds = [bound for text in texts for bound in _BOUND.findall(text)]
        shapes = [hinted(each, bounds) for each in read_shapes(connection, trial.tables, trial.written)]
        try:
            filled = fill(connection, shapes, avoided, deadline)
            views = [each for each in read_views(connection, trial.tables) if each not in avoided.empty]
            refresh(connection, views, deadline)
        except OperationalError as error:
            if trial.stage.over:
                raise
            said = str(error).partition("\n")[0]
            raise UndecidableError(f"the session ended while rows were made up: {said}", "see its triggers") from error
    return filled


def _run(trial: Trial) -> Observed:
    """How it goes where there are rows, watched: by a cascade or a trigger it may write what nobody saw before."""
    stage, request = trial.stage, trial.request
    stage.create(RUN, template=FILLED)
    return stage.migrate_observed(RUN, request.head, request.batching, LookAt.ROWS)


def _gone(trial: Trial, done: Observed, filled: Sequence[Filled], seed: str = "") -> tuple[Gone, ...]:
    """The tables of which it has left no row."""
    if done.failure is not None or not done.deleted:
        return ()
    with both_of(trial, done) as both:
        return () if both is None else tuple(vanished(both, trial, done, filled, seed))


def _written(done: Observed, filled: Sequence[Filled], seed: str = "") -> tuple[RowsWritten, ...]:
    """How many rows were written, of how many: as far as it came."""
    had = {each.table: each.rows for each in filled}
    return tuple(replace(each, had=had.get(each.table), seed=seed) for each in done.counted)


def _met(trial: Trial, done: Observed, filled: Sequence[Filled]) -> Collection[str]:
    """The tables that had no rows, for nothing new writes them unless others have some: those show it."""
    return done.written - {each.table for each in filled} - set(trial.tables)


def _stopped(trial: Trial, failure: SqlFailure | None) -> str:
    """Why it says nothing that it failed: it was the clock's doing."""
    if failure is None or not failure.late:
        return ""
    return f"{failure.place} was still running after {trial.stage.seconds:g} s"


def _lacking(trial: Trial, failure: SqlFailure | None) -> str:
    """Why it says nothing that it failed: it is for what scratch lacks."""
    if failure is None:
        return ""
    lack = lack_with_rows(failure, trial.request, trial.stage.server.description.major, trial.left_out)
    if lack is None:
        return ""
    said = f"{failure.sqlstate} {shorten(failure.message)}"
    return f"{failure.at} fails with rows, and scratch lacks {lack.what}: {said}; {lack.remedy}"


def _without(avoided: Avoided, fault: RowFault, filled: Collection[str]) -> Avoided:
    """None of such rows; none at all, where nobody knows which they are."""
    never = {table: selects for table, selects in avoided.never.items() if fault.select or table != fault.table}
    # What nobody fills has its rows by a query: where it is not filled anew it has none.
    by_query = fault.table not in filled
    any_row = not fault.select or fault.select == all_of(fault.table)
    empty = {*avoided.empty, fault.table} if by_query or any_row else avoided.empty
    of_itself = by_query and f" from {fault.table} " in fault.select
    if not (any_row or of_itself):
        table = ANYWHERE if by_query else fault.table
        never[table] = (*never.get(table, ()), fault.select)
    return replace(avoided, empty=empty, never=never)
