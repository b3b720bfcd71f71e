"""The ways of a rehearsal, each on a database of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching, Ledger
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Apart, Differs, Failed, NotRun, Passed, Rehearsal, Request, Rerun, Way, WayOutcome
from migcheck.facts.replay.changes import catalogue_change, ledger_change, partitions_of, tables_of
from migcheck.facts.replay.release.releasing import asked_before, asked_behind
from migcheck.facts.replay.rerun import not_tried, reruns
from migcheck.facts.replay.stage import Contents, Stage
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.sql.release import Running
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.watched import NOBODY
from migcheck.postgres.scratch.extensions import absent_extension

_NO_AGAIN = NotRun(Way.AGAIN, "fresh did not go through")

# A new enum value is not safe to use, pending trigger events: only a transaction refuses for these.
_OF_ONE_TRANSACTION = frozenset({"55P04", "55006"})


class Run(Struct, frozen=True):
    """How a way went, and what its database held at the end where it stood; of an upgrade also what it began with.

    `done` is what it did to the tables that were there, where that was looked at.
    """

    outcome: WayOutcome
    contents: Contents | None = None
    again: WayOutcome = _NO_AGAIN
    before: Contents | None = None
    done: Observed | None = None
    running: Running | None = None


class Ground(Struct, frozen=True):
    """What the upgrade starts from: whether the database stands that is as what is applied, or why none could be built.

    `failure` is where that was refused. `mended`: head's versions of it were taken instead; `remains` is where those
    were refused as well.
    """

    stands: bool
    failure: SqlFailure | None = None
    remains: SqlFailure | None = None

    @property
    def mended(self) -> bool:
        """Whether it stands, and what is applied could not be built as it is."""
        return self.stands and self.failure is not None


def fresh(stage: Stage, request: Request) -> Run:
    """Ways 1 and 2: the whole folder on an empty database, then the same migrator once more."""
    began = monotonic()
    stage.create("fresh")
    failure = stage.migrate("fresh", request.head, request.batching)
    if failure is None:
        return again(stage, request, "fresh", Passed(Way.FRESH, _ms(began)))
    if request.batching is Batching.EACH or not request.built or stage.over or _in_every_batch(failure):
        return Run(Failed(Way.FRESH, _ms(began), failure, request.batching))
    deeper = stage.build("fresh_each", request.head.migrations, request.head.layout, Batching.EACH)
    ms = _ms(began)
    if deeper is None:
        apart = _apart(stage, request, failure)
        return again(stage, request, "fresh_each", Failed(Way.FRESH, ms, failure, Batching.ALL, apart))
    if deeper.migration == failure.migration:
        return Run(Failed(Way.FRESH, ms, failure, Batching.ALL))
    # What fails in both ways is the deeper fault: an enum value of one batch may only have hidden it.
    return Run(Failed(Way.FRESH, ms, deeper, Batching.EACH))


def _apart(stage: Stage, request: Request, failure: SqlFailure) -> Apart:
    """What helped: a session of its own, where in a shared one an earlier migration left something changed.

    What is met here is another failure where the folder makes roles, which the server keeps: that says nothing.
    """
    if failure.sqlstate in _OF_ONE_TRANSACTION or stage.over:
        return Apart.TRANSACTION
    stage.create("fresh_session")
    again = stage.migrate("fresh_session", request.head, Batching.EACH)
    changed = again is not None and (again.migration, again.sqlstate) == (failure.migration, failure.sqlstate)
    return Apart.SESSION if changed else Apart.TRANSACTION


def again(stage: Stage, request: Request, database: str, outcome: WayOutcome) -> Run:
    """Way 2: the same migrator on `database`, which the way that ended in `outcome` has left."""
    with stage.looking(database) as look:
        before = look()
        began = monotonic()
        failure = stage.migrate(database, request.head, request.batching)
        if failure is not None:
            return Run(outcome, before, Failed(Way.AGAIN, _ms(began), failure, request.batching))
        after = look()
    lines = before.unlike(after) + _rows_added(before.ledger, after.ledger)
    second = Differs(Way.AGAIN, _ms(began), lines) if lines else Passed(Way.AGAIN, _ms(began))
    return Run(outcome, before, second)


def _rows_added(before: Ledger, after: Ledger) -> tuple[str, ...]:
    known = set(before.rows)
    return tuple(f"+ ledger row {row.hash[:12]}… {row.created_at}" for row in after.rows if row not in known)


def build_ground(stage: Stage, request: Request, *, alone: bool = False) -> Ground:
    """Build what is applied, else head's versions of it. `alone`: no other way runs, and roles may be dropped."""
    if not request.built:
        stage.create("upgrade")
        return Ground(stands=True)
    stands, failure = _built(stage, request, request.built)
    if failure is None or not request.gone() or stage.over:
        return Ground(stands, failure)
    if alone:
        # What ran one by one before the refusal has made its roles, and would be refused them now.
        stage.forget_roles("upgrade")
    mended, remains = _built(stage, request, tuple(each for each in request.head.migrations if each not in request.new))
    return Ground(mended, failure, remains)


def _built(stage: Stage, request: Request, migrations: Sequence[Migration]) -> tuple[bool, SqlFailure | None]:
    """Build `migrations` in one batch, else in one transaction each; whether that stands, or where it was refused."""
    failure = None
    for batching in dict.fromkeys((request.batching, Batching.EACH)):
        if stage.over:
            break
        failure = stage.build("upgrade", migrations, request.head.layout, batching)
        if failure is None:
            return True, None
        if _in_every_batch(failure):
            break
    return False, failure


def _in_every_batch(failure: SqlFailure) -> bool:
    """Whether it fails however it is batched: hundreds of transactions would be run for nothing."""
    return absent_extension(failure.message) != ""


def upgrade(stage: Stage, request: Request) -> Run:
    """Way 3: what Drizzle runs next on what is applied. The ground must stand in database `upgrade`."""
    with stage.looking("upgrade") as look:
        # Each waits for the server most of its time. Ctrl-C waits for what is aside, and a look ends by itself.
        with ThreadPoolExecutor(1, "look") as aside:
            looking = aside.submit(look)
            known = asked_before(stage, request)
            before = looking.result()
        began = monotonic()
        # Else there is no table that was there before, or nothing that could do anything to one.
        observed = (request.built or request.copy) and request.new
        done = stage.migrate_observed("upgrade", request.head, request.batching) if observed else None
        # As Drizzle sends them, piece by piece; `fresh` has run them as a deploy does, and the two must agree.
        failure = done.failure if done else stage.migrate("upgrade", request.head, request.batching, NOBODY)
        if failure is not None:
            return Run(Failed(Way.UPGRADE, _ms(began), failure, request.batching), before=before, done=done)
        passed = Passed(Way.UPGRADE, _ms(began))
        # With nothing to run nothing was changed: one more reading of a large catalogue would tell the same.
        contents = look() if request.new else before
    running = asked_behind(stage, request, known, done.touched if done else (), (before, contents))
    return Run(passed, contents, before=before, done=done, running=running)


def with_upgrade(rehearsal: Rehearsal, third: Run) -> Rehearsal:
    """`rehearsal` with what way 3 did."""
    done, before, contents = third.done or Observed(None), third.before, third.contents
    return replace(
        rehearsal,
        catalogue_change=catalogue_change(before, contents),
        ledger_change=ledger_change(before, contents, rehearsal.request.new),
        touched=done.touched,
        locked=done.locked,
        seen=done.seen,
        running=third.running,
        tables=tables_of(before, contents),
        partitions=partitions_of(before, contents),
    )


def same(one: Run, other: Run) -> WayOutcome:
    """Way 4: whether the databases of ways 1 and 3 agree; `+` is what only the upgraded one has, `-` only the fresh."""
    began = monotonic()
    if one.contents is None or other.contents is None:
        missing = " and ".join(run.outcome.way for run in (one, other) if run.contents is None)
        return NotRun(Way.SAME, f"{missing} did not go through")
    lines = one.contents.unlike(other.contents)
    return Differs(Way.SAME, _ms(began), lines) if lines else Passed(Way.SAME, _ms(began))


def repeat(stage: Stage, request: Request) -> tuple[Rerun, ...]:
    """Run the raw SQL of each new migration twice. The ground must stand in database `rerun`.

    A lost session ends it early: what is new was judged by the other ways, and the rest of it here was not tried.
    """
    found: list[Rerun] = []
    try:
        with stage.session("rerun") as connection:
            for each in reruns(connection, request.new, request.outside, partial(stage.contents, "rerun")):
                found.append(each)  # noqa: PERF402 - what was found before the session is lost counts
    except UndecidableError as error:
        found.extend(not_tried(request.new[len(found) :], error.problem))
    return tuple(found)


def _ms(began: float) -> int:
    return round((monotonic() - began) * 1000)
