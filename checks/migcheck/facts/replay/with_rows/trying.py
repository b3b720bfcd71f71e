"""The new migrations once more, on tables that have rows: what is refused now, rows are to blame for."""

from collections.abc import Collection, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg import OperationalError

from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.ways import Run
from migcheck.facts.replay.with_rows.asking import questions, why_no_more
from migcheck.facts.replay.with_rows.one_run import Ran, lacking, ran
from migcheck.facts.replay.with_rows.own_rows import with_own
from migcheck.facts.replay.with_rows.selecting import all_of
from migcheck.facts.replay.with_rows.trial import GONE, Grounds, Trial
from migcheck.facts.sql.misfit import Unexplained
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Gone, RowFault, Rows
from migcheck.postgres.filling.fill import fill, refresh
from migcheck.postgres.filling.filled import ANYWHERE, Avoided, Filled
from migcheck.postgres.filling.shape import Shape, hinted, read_shapes, read_views
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.regex import regex

# Of the time of a rehearsal, what rows may take of it: one part in so many, and so many seconds.
_SHARE = 6
_MOST_SECONDS = 30
_MOST_FAULTS = 8
# Of a number, and of a time that is made of one.
_OUT_OF_RANGE = frozenset({"22003", "22008"})
# Seconds, behind which nothing more is looked for where something was found.
_PATIENCE = 10
_BOUND = regex(r"(?i)\bfor\s+values\s+([^;]*)")


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
    own = None if seed is None else with_own(trial, seed)
    found = _with_made_up(trial)
    rows = Rows(0, found.filled, tuple(found.faults), own, found.ended, gone=found.gone, written=found.written)
    rows = replace(rows, seen=found.seen)
    asked, unasked = questions(found.trial, rows, found.last) if trial.request.ledger is not None else ((), "")
    return replace(rows, ms=round((monotonic() - began) * 1000), questions=asked, unasked=unasked)


class _Fillable(Struct, frozen=True):
    """The tables that are to be filled, and the materialized views that are filled by them."""

    shapes: Sequence[Shape]
    views: Sequence[str]


class _Found(Struct):
    """What has come of it so far: what was `filled` first, the faults, how it went at last, and why that is not all.

    `trial` is the last one, and `fillable` what it fills. Of what is `gone` and `seen` there is only something once it
    goes through: first with what is in `passed` avoided.
    """

    trial: Trial
    fillable: _Fillable | None = None
    filled: tuple[Filled, ...] = ()
    faults: list[RowFault] = field(default_factory=list)
    last: Observed | None = None
    ended: str = ""
    gone: tuple[Gone, ...] = ()
    written: tuple[RowsWritten, ...] = ()
    seen: tuple[Seen, ...] = ()
    passed: Avoided | None = None

    def note(self, run: Ran, avoided: Avoided) -> None:
        """Add what comes of a run; what was written and is gone only of one that goes through, and of it no more."""
        self.last = run.done
        passes = run.done.failure is None
        if self.passed is None or (passes and avoided == self.passed):
            self.written, self.gone, self.seen = run.written(), run.gone(), run.seen()
            self.passed = avoided if passes else None


def _with_made_up(trial: Trial) -> _Found:
    """The same with rows that are made up: of such as it failed with there are none in the next round."""
    found = _Found(trial)
    try:
        with ThreadPoolExecutor(1, "rows") as aside:
            found.ended = _rounds(found, aside)
    except UndecidableError as error:
        found.ended = why_no_more(trial.stage, error)
    lacks = {at: lacking(trial, each.failure) for at, each in enumerate(found.faults)}
    found.ended = "; ".join(filter(None, dict.fromkeys((*lacks.values(), found.ended))))
    found.faults = [each for at, each in enumerate(found.faults) if not lacks[at]]
    return found


def _rounds(found: _Found, aside: Executor) -> str:
    """Add to what is `found`; why that is not all."""
    avoided, faults, trial = Avoided(), found.faults, found.trial
    ready, end = trial.ready, monotonic() + _PATIENCE
    while len(faults) < _MOST_FAULTS and (not faults or monotonic() < end):
        if not ready():
            return GONE
        found.trial = trial
        filled = _fill(found, avoided)
        known = {each.table for each in found.filled}
        found.filled += tuple(each for each in filled if each.table not in known)
        run = ran(trial, filled)
        found.note(run, avoided)
        failure = run.done.failure
        if failure is None:
            if not (met := run.met()):
                return ""
            trial, found.fillable = replace(trial, met=trial.met | met), None
            ready = trial.ready
            continue
        if stopped := run.stopped():
            return stopped
        trial = trial.next
        ready = trial.readied(aside)
        fault = run.fault(failure)
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


def _is_like(one: RowFault, other: RowFault) -> bool:
    """Whether it is the same of another row, which the server's detail tells of."""
    before, now = one.failure, other.failure
    alike = (before.path, before.line, before.sqlstate, before.named) == (now.path, now.line, now.sqlstate, now.named)
    # One statement may have several faults that the server has one name for.
    return alike and (one.misfit == other.misfit or not other.select)


def _is_of_an_end(fault: RowFault) -> bool:
    return (fault.misfit, fault.select) == (Unexplained(), "") and fault.failure.sqlstate in _OUT_OF_RANGE


def _fill(found: _Found, avoided: Avoided) -> tuple[Filled, ...]:
    trial = found.trial
    deadline = monotonic() + trial.stage.seconds / 2
    with trial.stage.session(trial.filled) as connection:
        found.fillable = each = found.fillable or _fillable(connection, trial)
        try:
            filled = fill(connection, each.shapes, avoided, deadline)
            refresh(connection, (view for view in each.views if view not in avoided.empty), deadline)
        except OperationalError as error:
            if trial.stage.over:
                raise
            said = str(error).partition("\n")[0]
            raise UndecidableError(f"the session ended while rows were made up: {said}", "see its triggers") from error
    return filled


def _fillable(connection: Connection, trial: Trial) -> _Fillable:
    tables, written = {*trial.tables, *trial.met}, {*trial.written, *trial.met}
    texts = [piece.text for each in trial.request.new for piece in each.pieces]
    bounds = [bound for text in texts for bound in _BOUND.findall(text)]
    shapes = [hinted(each, bounds) for each in read_shapes(connection, tables, written)]
    return _Fillable(shapes, read_views(connection, tables))


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
