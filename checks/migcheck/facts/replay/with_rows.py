"""The new migrations once more, on tables that have rows: what is refused now, rows are to blame for."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Error

from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.misfits import Change, Suspect, fault_of, suspects
from migcheck.facts.replay.stage import STILL_RUNNING, Stage
from migcheck.facts.rows import RowFault, Rows, Seed
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.failure import Refusal, SqlFailure
from migcheck.postgres.filling.demands import Demand, read_demand, read_labels
from migcheck.postgres.filling.fill import fill, row_count
from migcheck.postgres.filling.filled import Avoided, Filled
from migcheck.postgres.filling.shape import read_shapes
from migcheck.postgres.ledger import Connection
from migcheck.postgres.scratch import OutOfBoundsError
from migcheck.postgres.simple_query import send_raw
from migcheck.postgres.tables import tables_there

DATABASE = "rows"
"""Where it plays."""
_MOST_FAULTS = 8
# Seconds, behind which nothing more is looked for where something was found.
_PATIENCE = 10
# Nothing that this adds may take the time of what decides.
_SHARE = 6
_STOPPED = "57014"
_GONE = "what has landed cannot be built again"
_CALLED = re.compile(r'([\w$]+|"(?:[^"]|"")+")\s*\(')
_VOLATILE = "select from pg_catalog.pg_proc where provolatile = 'v' and proname = any(%s)"


class Trial(Struct, frozen=True):
    """What is tried: new migrations that took hold of `tables` when there were no rows, and wrote some of `written`.

    `ready` makes DATABASE stand where they began, and says whether it does. `upgraded` is the database where they have
    run, None where there is none any more.
    """

    stage: Stage
    request: Request
    tables: Collection[str]
    written: Collection[str]
    ready: Callable[[], bool]
    upgraded: str | None = "upgrade"


def try_with_rows(trial: Trial) -> Rows:
    """How they go with the project's own rows, else with such as are made up.

    Raises OutOfBoundsError where a server's time, memory or disk were over.
    """
    began = monotonic()
    if not trial.tables:
        return Rows(0)
    try:
        rows = _tried(trial)
    except OutOfBoundsError:
        raise
    except UndecidableError as error:
        rows = Rows(0, ended=error.problem)
    return replace(rows, ms=round((monotonic() - began) * 1000))


def _tried(trial: Trial) -> Rows:
    seed, unsown = trial.request.seed, ""
    if seed is not None:
        found = _with_own(trial, seed)
        if isinstance(found, Rows):
            return found
        unsown = found
    return replace(_with_made_up(trial), unsown=unsown)


def _with_own(trial: Trial, seed: Seed) -> Rows | str:
    """How it goes with the rows of `seed`; why there are none, where it is refused."""
    if not trial.ready():
        return _GONE
    if refusal := _sow(trial, seed):
        return f"{refusal.sqlstate} {refusal.message}"
    with trial.stage.session(DATABASE) as connection:
        shapes = read_shapes(connection, trial.tables, ())
        counts = [(each.name, row_count(connection, each.name)) for each in shapes]
    filled = tuple(Filled(name, rows, "" if rows else f"{seed.path} has none") for name, rows in counts)
    failure = _run(trial)
    stopped = _stopped(trial, failure)
    if failure is None or stopped:
        return Rows(0, filled, seed=seed.path, ended=stopped)
    fault = _explained(trial, failure, lambda: _sow(trial, seed), filled)
    return Rows(0, filled, (fault,), seed=seed.path)


def _sow(trial: Trial, seed: Seed) -> Refusal | None:
    with trial.stage.session(DATABASE) as connection:
        return send_raw(connection, seed.sql)


def _with_made_up(trial: Trial) -> Rows:
    """The same with rows that are made up: of such as it failed with there are none in the next round."""
    first: tuple[Filled, ...] = ()
    faults: list[RowFault] = []
    avoided = Avoided()
    end = monotonic() + _PATIENCE
    while len(faults) < _MOST_FAULTS and (not faults or monotonic() < end):
        if not trial.ready():
            return Rows(0, first, tuple(faults), ended=_GONE)
        filled = _fill(trial, avoided)
        first = first or filled
        failure = _run(trial)
        if failure is None:
            return Rows(0, first, tuple(faults))
        if stopped := _stopped(trial, failure):
            return Rows(0, first, tuple(faults), ended=stopped)
        fault = _explained(trial, failure, partial(_fill, trial, avoided), filled)
        if faults and _is_same(faults[-1], fault):
            # What was avoided is not all that it fails with.
            fault = replace(faults.pop(), select="")
        faults.append(fault)
        if not fault.table or fault.table in avoided.empty:
            break
        avoided = _without(avoided, fault)
    return Rows(0, first, tuple(faults), ended=f"what comes behind {faults[-1].failure.migration} was not tried")


def _fill(trial: Trial, avoided: Avoided) -> tuple[Filled, ...]:
    deadline = monotonic() + trial.stage.seconds / _SHARE
    with trial.stage.session(DATABASE) as connection:
        return fill(connection, read_shapes(connection, trial.tables, trial.written), avoided, deadline)


def _run(trial: Trial) -> SqlFailure | None:
    stage, request = trial.stage, trial.request
    return stage.migrate(DATABASE, request.head, request.batching, limit=stage.seconds / _SHARE)


def _stopped(trial: Trial, failure: SqlFailure | None) -> str:
    """Why it says nothing that it failed: it was the clock's doing."""
    if failure is None or failure.sqlstate != _STOPPED:
        return ""
    if failure.message.startswith(STILL_RUNNING):
        return failure.message
    return f"{failure.path}:{failure.line} was {STILL_RUNNING} after {trial.stage.seconds / _SHARE:g} s"


def _explained(trial: Trial, failure: SqlFailure, again: Callable[[], object], filled: Sequence[Filled]) -> RowFault:
    """The fault, with a SELECT that finds such rows among those that it failed with. `again` puts these there."""
    tables = [each.table for each in filled if each.rows]
    if trial.upgraded is None or not trial.ready():
        return fault_of(failure, None, tables)
    # What ran in several transactions has left some of it there.
    again()
    with trial.stage.session(DATABASE) as was, trial.stage.session(trial.upgraded) as now:
        found = list(suspects(failure, _change(trial, was, now), _demand(now, failure)))
        proven = next((each for each in found if each.select and _finds(was, each.select)), None)
    likeliest = next(iter(found), None)
    return fault_of(failure, proven or (likeliest and Suspect(likeliest.table, likeliest.misfit)), tables)


def _change(trial: Trial, was: Connection, now: Connection) -> Change:
    name = trial.request.name
    with settled(was), settled(now):
        return Change(tables_there(was, name), tables_there(now, name), trial.written, read_labels(now))


def _demand(now: Connection, failure: SqlFailure) -> Demand | None:
    named = failure.named
    with settled(now):
        return read_demand(now, named.schema, named.table, named.constraint) if named.constraint else None


def _finds(connection: Connection, select: str) -> bool:
    """Whether it finds something, and does nothing else: a target would run whatever a constraint calls."""
    called = [each.strip('"') for each in _CALLED.findall(select)]
    try:
        with settled(connection):
            if connection.execute(_VOLATILE, (called,), prepare=False).fetchone() is not None:
                return False
            return connection.execute(select.encode(), prepare=False).fetchone() is not None
    except Error:
        if connection.broken:
            raise
        return False


def _is_same(one: RowFault, other: RowFault) -> bool:
    return one.failure == other.failure


def _without(avoided: Avoided, fault: RowFault) -> Avoided:
    """None of such rows; none at all, where nobody knows which they are."""
    never = {table: selects for table, selects in avoided.never.items() if fault.select or table != fault.table}
    if not fault.select:
        return Avoided({*avoided.empty, fault.table}, never)
    return Avoided(avoided.empty, {**never, fault.table: (*never.get(fault.table, ()), fault.select)})
