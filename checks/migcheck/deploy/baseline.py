"""`baseline`: the rows of migrations that a target has already, written once the target was proven to have them."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import psycopg
from msgspec import structs
from psycopg import sql
from psycopg.rows import scalar_row

from migcheck.clearance import plan_of
from migcheck.deploy.alone import alone, said, to_the_end
from migcheck.deploy.cures import ledger_locked, not_kept, run_again, unseen
from migcheck.deploy.fate import Fate, Progress, ask_backend, learn_fate
from migcheck.deploy.order import BaselineOrder
from migcheck.deploy.outcome import (
    BaselineOutcome,
    Different,
    Interrupted,
    NothingToDo,
    Recorded,
    Refused,
    Unknown,
    WouldRecord,
)
from migcheck.deploy.pooler import pooled
from migcheck.deploy.readback import Unread, catalogue_within
from migcheck.deploy.reconnecting import learn
from migcheck.deploy.resemblance import filled, lacking_rows, other_major, proposed, remarks, resemblance, resembled
from migcheck.deploy.session_settings import IDLE, IDLE_SECONDS
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Ledger, pending
from migcheck.errors import UndecidableError
from migcheck.facts.course import Course
from migcheck.postgres.catalogue import Catalogue
from migcheck.postgres.running.ledger import (
    Connection,
    create_missing,
    insert_row,
    locking,
    read_ledger,
    read_ledger_again,
)
from migcheck.postgres.target.address import refuse_pooler
from migcheck.postgres.target.timeouts import patience, send, timeout
from migcheck.redact import said_by

_AGAIN = "run it again"
_FORBIDDEN = "42501"


class _Recording(Progress):
    """Where a baseline stands; `warnings` are of what was compared."""

    warnings: tuple[str, ...] = ()


def baseline(order: BaselineOrder) -> BaselineOutcome:
    """Write the rows that the ledger lacks, or say why not. No migration is run on the target.

    Raises UndecidableError where the folder cannot be built on scratch, or the
    target cannot be reached or read; then nothing was written.
    """
    if not due(order, order.ledger):
        return NothingToDo()
    refuse_pooler(order.address, order.variable)
    course = order.build()
    order.tell("comparing the target with what was built")
    progress = _Recording()

    def go(connection: Connection) -> BaselineOutcome:
        if order.dry_run:
            return _looked(connection, order, course)
        return _locked(connection, order, course, progress)

    return to_the_end(order, progress, go, lambda error: _end(order, course, progress, error))


def due(order: BaselineOrder, ledger: Ledger) -> tuple[Migration, ...]:
    """What of the chosen migrations has no row in `ledger` and would be run by a deploy."""
    chosen = {id(each) for each in order.folder.migrations[: order.to + 1]}
    return tuple(each for each in pending(order.folder, ledger) if id(each) in chosen)


def _looked(connection: Connection, order: BaselineOrder, course: Course) -> BaselineOutcome:
    def look() -> BaselineOutcome:
        seen = _compared(connection, order, course, due(order, read_ledger(connection, order.ledger.name)))
        return WouldRecord(seen.plan, seen.server, seen.warnings) if isinstance(seen, Recorded) else seen

    return _in_transaction(connection, order, sql.SQL("begin read only"), look)


def _locked(connection: Connection, order: BaselineOrder, course: Course, progress: _Recording) -> BaselineOutcome:
    name, start = order.ledger.name, time.perf_counter()

    def go(key: int) -> BaselineOutcome:
        write = partial(_written, connection, order, course, progress, key)
        done = _in_transaction(connection, order, sql.SQL("begin"), write)
        if not isinstance(done, Recorded):
            return done
        progress.settle(done.plan)
        lost = _lost(read_ledger_again(connection, name, *patience(order.settings.lock_wait)), done)
        return lost or structs.replace(done, ms=round((time.perf_counter() - start) * 1000))

    return alone(connection, name, order, go)


def _in_transaction(
    connection: Connection, order: BaselineOrder, begin: sql.SQL, go: Callable[[], BaselineOutcome]
) -> BaselineOutcome:
    """Everything in one transaction: what was compared is what is there when the rows are written."""
    # While two large catalogues are compared the server takes the transaction for idle.
    send(connection, begin, *patience(order.settings.lock_wait, local=True), timeout(IDLE, IDLE_SECONDS, local=True))
    try:
        done = go()
        connection.execute("commit" if isinstance(done, Recorded) else "rollback")
    except psycopg.Error as error:
        if connection.closed:
            raise
        connection.execute("rollback")
        if isinstance(error, psycopg.errors.LockNotAvailable):
            return ledger_locked(connection, order.ledger.name)
        owner = "run it as the role that deploys, which owns what the folder builds"
        return Refused(said_by(error), owner if error.sqlstate == _FORBIDDEN else _AGAIN)
    return done


def _written(
    connection: Connection, order: BaselineOrder, course: Course, progress: _Recording, key: int
) -> BaselineOutcome:
    name, layout = order.ledger.name, order.folder.layout
    if not read_ledger(connection, name).exists:
        create_missing(connection, name, layout)
    connection.execute(locking(name))
    progress.backend = ask_backend(connection, key).fetchone()
    if progress.backend is None:
        return pooled(order.variable)
    ledger = read_ledger_again(connection, name)
    lacking, progress.before = due(order, ledger), ledger.records()
    if lacking and ledger.records() != order.ledger.records():
        return Refused(f"{name} changed since the gates read it", _AGAIN)
    done = _compared(connection, order, course, lacking)
    if isinstance(done, Recorded):
        progress.warnings = done.warnings
        progress.start(done.plan)
        progress.reach(connection, done.plan)
        send(connection, *(insert_row(name, layout, each) for each in lacking))
        progress.close()
    return done


def _compared(
    connection: Connection, order: BaselineOrder, course: Course, lacking: tuple[Migration, ...]
) -> NothingToDo | Recorded | Different:
    """What there is to record, not yet written; or how the target differs from what was built."""
    if not lacking:
        return NothingToDo()
    target = catalogue_within(connection, order.ledger.name, order.settings.lock_timeout)
    if isinstance(target, Unread):
        raise UndecidableError(f"the target was not compared: {target.reason}", _AGAIN)
    like, rows = resemblance(course, order.to, target), filled(course.stands[order.to], target)
    held = _held(connection, rows)
    warnings = tuple(remarks(lacking, like, rows, held))
    if lines := like.lines + lacking_rows(rows, held):
        majors = other_major(course.server.major, connection.info.server_version // 10_000)
        held |= _held(connection, _filled_anywhere(course, target, held))
        return _different(order, course, target, held, Different(lines, course.server, warnings=warnings + majors))
    return Recorded(plan_of(lacking), course.server, warnings=warnings)


def _held(connection: Connection, rows: Mapping[str, int]) -> dict[str, int]:
    """How many rows the target has in each of the tables `rows`, counted up to what is asked there."""
    counts = {}
    with connection.cursor(row_factory=scalar_row) as cursor:
        for name, most in rows.items():
            # The name was written by format('%I.%I'), on scratch; the target has a table of that name.
            query = f"select count(*) from (select from only {name} limit {most}) as held"  # noqa: S608
            counts[name] = int(cursor.execute(query.encode()).fetchone() or 0)
    return counts


def _lost(ledger: Ledger, done: Recorded) -> Unknown | None:
    kept = ledger.records()
    lost = [step.tag for step in done.plan if not kept[step.hash, step.when]]
    return Unknown(not_kept(ledger.name, lost), _look_at(ledger)) if lost else None


def _filled_anywhere(course: Course, target: Catalogue, held: Mapping[str, int]) -> Mapping[str, int]:
    """The tables that any of the migrations fills, and that nobody has counted yet."""
    most: dict[str, int] = {}
    for stand in course.stands:
        for name, count in filled(stand, target).items():
            most[name] = max(count, most.get(name, 0))
    return {name: count for name, count in most.items() if name not in held}


def _different(
    order: BaselineOrder, course: Course, target: Catalogue, held: Mapping[str, int], told: Different
) -> Different:
    """With where the target stands instead; `held` has the rows of each table that any migration fills."""
    migrations = order.folder.migrations
    unrecorded = {id(each) for each in pending(order.folder, order.ledger)}
    recorded = max((at for at, each in enumerate(migrations) if id(each) not in unrecorded), default=-1)
    positions = sorted(resembled(course, target))
    later = [at for at in positions if at > recorded]
    if recorded not in positions and not later:
        return structs.replace(told, proposed=proposed(course.stands[order.to], target, told.lines))
    equals: list[str] = []
    short: list[str] = []
    for at in later:
        lacks = lacking_rows(filled(course.stands[at], target), held)
        (short if lacks else equals).append(migrations[at].tag)
    return structs.replace(told, equals=tuple(equals), but_for_rows=tuple(short), as_recorded=recorded in positions)


def _end(order: BaselineOrder, course: Course, progress: _Recording, error: Exception | None) -> BaselineOutcome:
    """The end of a baseline that a signal (`error` is None) or the server's silence cut off."""
    if progress.running:
        order.tell("asking the target what became of it")
    steps = (*progress.applied, *progress.running)
    fate = learn_fate(order.ledger.name, progress, order)
    if fate is Fate.COMMITTED:
        return _read_behind(order, Recorded(steps, course.server, warnings=progress.warnings), error)
    if fate not in {Fate.ROLLED_BACK, Fate.UNSENT}:
        return Unknown(f"whether the rows were written is not known: {said(error)}", _look_at(order.ledger))
    if error is None:
        return Interrupted(remedy=unseen(order, fate))
    return Refused(said(error), run_again(order, fate, error, _AGAIN))


def _read_behind(order: BaselineOrder, done: Recorded, error: Exception | None) -> Recorded | Unknown:
    """What was committed, read back over another connection; where a signal (`error` is None) came, nobody looks."""
    why, name = said(error), order.ledger.name
    try:
        if error:
            order.tell("the connection was lost: reading back over another")
            read = partial(read_ledger_again, name=name)
            ledger = learn(order, read)
            if ledger is not None:
                return _lost(ledger, done) or done
    except KeyboardInterrupt:
        why = "interrupted"
    warnings = (*done.warnings, f"committed, but not read back: {why}")
    return structs.replace(done, warnings=warnings, read_back=False)


def _look_at(ledger: Ledger) -> tuple[str, ...]:
    return (f"the rows of {ledger.name}: `migcheck status` shows them",)
