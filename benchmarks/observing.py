"""A rehearsal that observes beside one that only runs the migrations: the same request, in turn.

Observed are locks, rewrites and scans of each statement, how it goes with rows, and what the running release asks.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.support.rehearsals import history_of

from benchmarks.folders import without_snapshots
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.drizzle.schema import Column, Reference, Relation
from migcheck.facts.read_folder import read_folder
from migcheck.facts.rehearsal import Passed, Rehearsal, Request
from migcheck.facts.replay import rehearse
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.stage import Stage
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.sql.release import Release
from migcheck.facts.tree import DiskTree
from migcheck.postgres.scratch.candidates import Candidate

_SECONDS = 300


class Took(Struct, frozen=True):
    """Median seconds of rehearsals, the server's start included.

    One observes nothing, one watches the statements, one observes it all.
    """

    plain: float
    watched: float
    everything: float


def requested(work: Path, migrations: int, new: int) -> Request:
    """To rehearse `migrations`, the last `new` of them not landed, for a release that knows all the tables."""
    for name, count in (("base", migrations - new), ("head", migrations)):
        without_snapshots(work / name / "migrations", count)
    base, head = (read_folder(DiskTree(work / name), "migrations") for name in ("base", "head"))
    request = request_of(history_of(head, base), head, None, Batching.ALL, LedgerName())
    return replace(request, release=Release("base's snapshot", tuple(_relations(base.count))))


def side_by_side(scratch: Candidate, request: Request, runs: int) -> Took:
    """Rehearse all three `runs` times in turn, and once before that, untimed."""
    took = [(_plain(scratch, request), _watched(scratch, request), _all(scratch, request)) for _ in range(runs + 1)]
    return Took(*map(median, zip(*took[1:], strict=True)))


def _plain(scratch: Candidate, request: Request) -> float:
    def unobserved(stage: Stage, database: str, folder: Folder, batching: Batching) -> Observed:
        return Observed(stage.migrate(database, folder, batching))

    with _without_rows() as patch:
        patch.setattr(Stage, "migrate_observed", unobserved)
        rehearsal, seconds = _timed(scratch, replace(request, release=None))
    assert not rehearsal.touched
    return seconds


def _watched(scratch: Candidate, request: Request) -> float:
    with _without_rows():
        rehearsal, seconds = _timed(scratch, replace(request, release=None))
    assert rehearsal.touched
    return seconds


def _all(scratch: Candidate, request: Request) -> float:
    rehearsal, seconds = _timed(scratch, request)
    assert rehearsal.rows is not None
    assert rehearsal.running is not None
    return seconds


@contextmanager
def _without_rows() -> Iterator[pytest.MonkeyPatch]:
    # No option leaves them out: nobody should want to.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearse, "rows_on", lambda *_arguments: None)
        yield patch


def _timed(scratch: Candidate, request: Request) -> tuple[Rehearsal, float]:
    begun = time.perf_counter()
    with scratch.start() as server:
        rehearsal = rehearse.rehearse(server, request, seconds=_SECONDS)
    seconds = time.perf_counter() - begun
    assert all(isinstance(way, Passed) for way in rehearsal.ways), rehearsal.ways
    return rehearsal, seconds


def _relations(migrations: int) -> Iterator[Relation]:
    """The tables that so many migrations of the folder make, as a snapshot has them."""
    for number in range(0, migrations - 3, 4):
        columns = (
            Column("id", "bigint", required=True, identity="always"),
            Column("name", "text", required=True, filled=True),
            Column("email", "varchar(320)"),
            Column("parent_id", "bigint"),
            Column("created_at", "timestamp with time zone", required=True, filled=True),
            Column("amount", "numeric(12, 2)", required=True, filled=True),
        )
        parent = (Reference(("parent_id",), "", f"table_{number - 4:04d}", ("id",)),) if number else ()
        yield Relation("", f"table_{number:04d}", columns, references=parent)
