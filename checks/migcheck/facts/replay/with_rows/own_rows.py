"""How what is new goes with rows that the project has itself: those of its seed."""

from time import monotonic

from migcheck.errors import UndecidableError
from migcheck.facts.replay.with_rows.asking import why_no_more
from migcheck.facts.replay.with_rows.one_run import lacking, ran
from migcheck.facts.replay.with_rows.trial import GONE, Trial
from migcheck.facts.sql.rows import Own, Seed, Unsown
from migcheck.finding import Location
from migcheck.postgres.filling.fill import refresh, row_count
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.filling.shape import read_shapes, read_views
from migcheck.postgres.running.failure import Refusal
from migcheck.postgres.running.simple_query import send_raw


def with_own(trial: Trial, seed: Seed) -> Own:
    """How it goes with the rows of `seed`."""
    filled: tuple[Filled, ...] = ()
    try:
        if not trial.ready():
            return Own(seed.path, ended=GONE)
        if refusal := _sow(trial, seed):
            line = 1 + seed.sql.count("\n", 0, max(0, (refusal.position or 1) - 1))
            return Own(seed.path, unsown=Unsown(Location(seed.path, line), f"{refusal.sqlstate} {refusal.message}"))
        filled = _sown(trial, seed)
        run = ran(trial, filled, seed.path)
        failure, gone = run.done.failure, run.gone()
        ended = run.stopped() or lacking(trial, failure)
        faults = () if failure is None or ended else (run.fault(failure),)
    except UndecidableError as error:
        return Own(seed.path, filled, ended=why_no_more(trial.stage, error))
    return Own(seed.path, filled, faults, ended=ended, gone=gone, written=run.written(), seen=run.seen())


def _sow(trial: Trial, seed: Seed) -> Refusal | None:
    with trial.stage.session(trial.filled) as connection:
        refusal = send_raw(connection, seed.sql)
    with trial.stage.session(trial.filled) as connection:
        refresh(connection, read_views(connection, trial.tables), monotonic() + trial.stage.seconds / 2)
    return refusal


def _sown(trial: Trial, seed: Seed) -> tuple[Filled, ...]:
    with trial.stage.session(trial.filled) as connection:
        shapes = read_shapes(connection, trial.tables, ())
        counts = [(each.name, row_count(connection, each.name)) for each in shapes]
    return tuple(Filled(name, rows, "" if rows else f"{seed.path} has none") for name, rows in counts)
