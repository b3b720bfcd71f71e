"""The new migrations once more, on tables that have rows: what is refused now, rows are to blame for."""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg import Error, OperationalError

from migcheck.errors import UndecidableError
from migcheck.facts.observation import Seen
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.misfits import Change, Suspect, demanded, fault_of, suspects
from migcheck.facts.replay.stage import STILL_RUNNING, Observed, Stage
from migcheck.facts.rows import Own, Question, RowFault, Rows, Seed, Unsown
from migcheck.finding import Location
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.failure import Named, Refusal, SqlFailure
from migcheck.postgres.filling.demands import Demand, read_demand, read_labels, read_root
from migcheck.postgres.filling.fill import fill, row_count
from migcheck.postgres.filling.filled import Avoided, Filled
from migcheck.postgres.filling.shape import read_shapes
from migcheck.postgres.ledger import Connection
from migcheck.postgres.simple_query import send_raw
from migcheck.postgres.tables import tables_there

DATABASE = "rows"
"""Where the rows are put."""
RUN = "rows_run"
"""A copy of it, where the new migrations run: what they failed with is still there to be looked at."""
UPGRADED = "upgrade"
_MOST_FAULTS = 8
_MOST_QUESTIONS = 20
# Seconds, behind which nothing more is looked for where something was found.
_PATIENCE = 10
_GONE = "what has landed cannot be built again"
_CALLED = re.compile(r'([\w$]+|"(?:[^"]|"")+")\s*\(')
_VOLATILE = "select from pg_catalog.pg_proc where provolatile = 'v' and proname = any(%s)"
# What stands behind an operator or a cast no name tells. Of what every server has no view is said to depend.
_VIEW = "create temporary view migcheck_asks as select 1 as one from ({}) such"
_VOLATILE_BEHIND = """
    select from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    left join pg_catalog.pg_operator o on d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
      and o.oid = d.refobjid
    join pg_catalog.pg_proc p on p.oid = o.oprcode
      or (d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = d.refobjid)
    where r.ev_class = 'pg_temp.migcheck_asks'::pg_catalog.regclass and p.provolatile = 'v'
"""


class Trial(Struct, frozen=True):
    """What is tried: new migrations that took hold of `tables` when there were no rows, and wrote some of `written`.

    `seen` is what they did to all rows of these.
    `ready` makes DATABASE stand where they began, and `upgraded` UPGRADED where they have run without rows; each says
    whether it does. The time of `stage` is what all of it may take.
    """

    stage: Stage
    request: Request
    tables: Collection[str]
    written: Collection[str]
    seen: Sequence[Seen]
    ready: Callable[[], bool]
    upgraded: Callable[[], bool]


def try_with_rows(trial: Trial) -> Rows:
    """How they go with the project's own rows, else with such as are made up.

    Whatever becomes of the server meanwhile: what had been found by then is told, and why there is no more.
    """
    began = monotonic()
    if not trial.tables:
        return Rows(0)
    seed = trial.request.seed
    own = None if seed is None else _with_own(trial, seed)
    found = _with_made_up(trial)
    rows = Rows(0, found.filled, tuple(found.faults), own, found.ended)
    questions = _questions(trial, rows, found.last) if trial.request.ledger is not None else ()
    return replace(rows, ms=round((monotonic() - began) * 1000), questions=questions)


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
        stopped = _stopped(trial, done.failure)
        told = () if done.failure is None or stopped else (_explained(trial, done, done.failure, filled),)
        faults = tuple(replace(each, seed=seed.path) for each in told)
    except UndecidableError as error:
        return Own(seed.path, filled, ended=_why(trial, error))
    return Own(seed.path, filled, faults, ended=stopped)


def _sow(trial: Trial, seed: Seed) -> Refusal | None:
    with trial.stage.session(DATABASE) as connection:
        return send_raw(connection, seed.sql)


def _sown(trial: Trial, seed: Seed) -> tuple[Filled, ...]:
    with trial.stage.session(DATABASE) as connection:
        shapes = read_shapes(connection, trial.tables, ())
        counts = [(each.name, row_count(connection, each.name)) for each in shapes]
    return tuple(Filled(name, rows, "" if rows else f"{seed.path} has none") for name, rows in counts)


def _questions(trial: Trial, rows: Rows, last: Observed | None) -> tuple[Question, ...]:
    """What else a target is to be asked: what no row that was made up had said. `last` is how these went at last."""
    told = {(each.table, each.misfit) for each in rows.all_faults}
    try:
        with _both(trial, last) as both:
            asked = [] if both is None else [_question(each, both) for each in trial.seen]
    except UndecidableError:
        # It would only add to what is found.
        return ()
    found = (each for each in asked if each is not None and (each.table, each.misfit) not in told)
    return tuple(found)[:_MOST_QUESTIONS]


def _question(seen: Seen, both: "_Both") -> Question | None:
    """What something that was seen asks of all rows, where a SELECT can tell and does no more than that."""
    asked = demanded(seen, both.change, both.demand)
    if asked is None or not asked.select or _finds(both.was, asked.select) is None:
        return None
    return Question(seen.migration, seen.at, seen.statement, asked.table, asked.misfit, asked.select)


class _Found(Struct):
    """What has come of it so far: what was `filled` first, the faults, how it went at last, and why that is not all."""

    filled: tuple[Filled, ...] = ()
    faults: list[RowFault] = field(default_factory=list)
    last: Observed | None = None
    ended: str = ""


def _with_made_up(trial: Trial) -> _Found:
    """The same with rows that are made up: of such as it failed with there are none in the next round."""
    found = _Found()
    try:
        found.ended = _rounds(trial, found)
    except UndecidableError as error:
        found.ended = _why(trial, error)
    return found


def _rounds(trial: Trial, found: _Found) -> str:
    """Add to what is `found`; why that is not all."""
    avoided, faults = Avoided(), found.faults
    end = monotonic() + _PATIENCE
    while len(faults) < _MOST_FAULTS and (not faults or monotonic() < end):
        if not trial.ready():
            return _GONE
        filled = _fill(trial, avoided)
        found.filled = found.filled or filled
        found.last = done = _run(trial)
        if done.failure is None:
            return ""
        if stopped := _stopped(trial, done.failure):
            return stopped
        fault = _explained(trial, done, done.failure, filled)
        again = bool(faults) and _is_like(faults[-1], fault)
        if again and fault.select and fault.select == faults[-1].select:
            # Such rows come in all the same: a trigger writes them.
            break
        if again:
            # What was avoided is not all that it fails with.
            fault = replace(faults.pop(), select="")
        faults.append(fault)
        if not fault.table or fault.table in avoided.empty:
            break
        avoided = _without(avoided, fault)
    return f"what comes behind {faults[-1].failure.migration} was not tried"


def _is_like(one: RowFault, other: RowFault) -> bool:
    """Whether it is the same of another row, which the server's detail tells of."""
    before, now = one.failure, other.failure
    alike = (before.path, before.line, before.sqlstate, before.named) == (now.path, now.line, now.sqlstate, now.named)
    # One statement may have several faults that the server has one name for.
    return alike and (one.misfit == other.misfit or not other.select)


def _fill(trial: Trial, avoided: Avoided) -> tuple[Filled, ...]:
    deadline = monotonic() + trial.stage.seconds / 2
    with trial.stage.session(DATABASE) as connection:
        shapes = read_shapes(connection, trial.tables, trial.written)
        try:
            return fill(connection, shapes, avoided, deadline)
        except OperationalError as error:
            if trial.stage.over:
                raise
            said = str(error).partition("\n")[0]
            raise UndecidableError(f"the session ended while rows were made up: {said}", "see its triggers") from error


def _run(trial: Trial) -> Observed:
    """How it goes where there are rows, watched: by a cascade or a trigger it may write what nobody saw before."""
    stage, request = trial.stage, trial.request
    stage.create(RUN, template=DATABASE)
    return stage.migrate_observed(RUN, request.head, request.batching)


def _stopped(trial: Trial, failure: SqlFailure | None) -> str:
    """Why it says nothing that it failed: it was the clock's doing."""
    if failure is None or not failure.message.startswith(STILL_RUNNING):
        return ""
    return f"{failure.path}:{failure.line} was {STILL_RUNNING} after {trial.stage.seconds:g} s"


def _why(trial: Trial, error: UndecidableError) -> str:
    return f"it took longer than {trial.stage.seconds:g} s" if trial.stage.over else " ".join(error.problem.split())


def _explained(trial: Trial, done: Observed, failure: SqlFailure, filled: Sequence[Filled]) -> RowFault:
    """The fault, with a SELECT that finds such rows among those that it failed with."""
    tables = [each.table for each in filled if each.rows]
    with _both(trial, done) as both:
        if both is None:
            return fault_of(failure, None, tables)
        whole = dataclasses.replace(failure, named=_whole(both.now, failure.named))
        found = list(suspects(whole, both.change, both.demand))
        proven = next((each for each in found if each.select and _finds(both.was, each.select)), None)
    likeliest = next(iter(found), None)
    return fault_of(failure, proven or (likeliest and Suspect(likeliest.table, likeliest.misfit)), tables)


class _Both(Struct, frozen=True):
    """Sessions in the database before what is new, with rows, and behind it; and what became of the tables."""

    was: Connection
    now: Connection
    change: Change

    def demand(self, table: int, constraint: str) -> Demand | None:
        """What that constraint of the table with this oid demands."""
        with settled(self.now):
            return read_demand(self.now, table, constraint) if constraint else None


@contextmanager
def _both(trial: Trial, last: Observed | None) -> Iterator[_Both | None]:
    """None where one of them does not stand. `last` is how it went with these rows, where it came so far."""
    passed = last is not None and last.failure is None
    if not passed and not trial.upgraded():
        yield None
        return
    written = frozenset(trial.written).union(last.written if last is not None else ())
    with trial.stage.session(DATABASE) as was, trial.stage.session(RUN if passed else UPGRADED) as now:
        yield _Both(was, now, _change(trial, was, now, written))


def _whole(now: Connection, named: Named) -> Named:
    """The same of the table that a partition is of."""
    with settled(now):
        schema, table = read_root(now, named.schema, named.table)
    return replace(named, schema=schema, table=table)


def _change(trial: Trial, was: Connection, now: Connection, written: Collection[str]) -> Change:
    name = trial.request.name
    with settled(was), settled(now):
        return Change(tables_there(was, name), tables_there(now, name), written, read_labels(now))


def _finds(connection: Connection, select: str) -> bool | None:
    """Whether it finds something; None where it cannot be asked, or a target would do more than look for it."""
    called = [each.strip('"').replace('""', '"') for each in _CALLED.findall(select)]
    try:
        with settled(connection):
            if connection.execute(_VOLATILE, (called,), prepare=False).fetchone() is not None:
                return None
            connection.execute(_VIEW.format(select).encode(), prepare=False)
            if connection.execute(_VOLATILE_BEHIND, prepare=False).fetchone() is not None:
                return None
            return connection.execute(select.encode(), prepare=False).fetchone() is not None
    except Error:
        if connection.broken:
            raise
        return None


def _without(avoided: Avoided, fault: RowFault) -> Avoided:
    """None of such rows; none at all, where nobody knows which they are."""
    never = {table: selects for table, selects in avoided.never.items() if fault.select or table != fault.table}
    if not fault.select:
        return Avoided({*avoided.empty, fault.table}, never)
    return Avoided(avoided.empty, {**never, fault.table: (*never.get(fault.table, ()), fault.select)})
