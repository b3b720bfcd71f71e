"""One run of what is new on tables that have rows, and what it says."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.facts.replay.watching.looking import LookAt
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.with_rows.asking import both_of, explained
from migcheck.facts.replay.with_rows.by_words import is_by_words, lack_with_rows, takes_some
from migcheck.facts.replay.with_rows.misfits import speaking_of
from migcheck.facts.replay.with_rows.selecting import all_of
from migcheck.facts.replay.with_rows.trial import RUN, Trial
from migcheck.facts.replay.with_rows.vanishing import lost_by_rows, vanished
from migcheck.facts.sql.misfit import AnyRow, Unexplained
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Gone, RowFault
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.running.failure import SqlFailure, shorten


class Ran(Struct, frozen=True):
    """How it was `done` in `trial`, where tables were `filled`: by the file `seed`, if any is named."""

    trial: Trial
    filled: Sequence[Filled]
    done: Observed
    seed: str = ""

    def fault(self, failure: SqlFailure) -> RowFault:
        """What it failed with, with a SELECT where one finds such rows: each, where what runs has wrong words."""
        fault = explained(self.trial, self.done, failure, self.filled)
        if fault.misfit != Unexplained() or not is_by_words(failure, self.trial.request):
            return replace(fault, seed=self.seed)
        named = speaking_of(failure, [each.table for each in self.filled])
        select = all_of(fault.table) if len(named) == 1 and not takes_some(failure) else ""
        return replace(fault, misfit=AnyRow(), select=select, seed=self.seed)

    def gone(self) -> tuple[Gone, ...]:
        """The tables of which it has left no row."""
        if self.done.failure is not None or not self.done.deleted:
            return ()
        with both_of(self.trial, self.done) as both:
            return () if both is None else tuple(vanished(both, self.trial, self.done, self.filled, self.seed))

    def seen(self) -> tuple[Seen, ...]:
        """What it did that is not done without rows."""
        return () if self.done.failure is not None else tuple(lost_by_rows(self.trial, self.done, self.seed))

    def written(self) -> tuple[RowsWritten, ...]:
        """How many rows were written, of how many: as far as it came."""
        had = {each.table: each.rows for each in self.filled}
        return tuple(replace(each, had=had.get(each.table), seed=self.seed) for each in self.done.counted)

    def met(self) -> frozenset[str]:
        """The tables that had no rows, for nothing new writes them unless others have some: it shows them."""
        return self.done.written - {each.table for each in self.filled} - {*self.trial.tables, *self.trial.met}

    def stopped(self) -> str:
        """Why it says nothing that it failed: it was the clock's doing."""
        failure = self.done.failure
        if failure is None or not failure.late:
            return ""
        return f"{failure.place} was still running after {self.trial.stage.seconds:g} s"


def ran(trial: Trial, filled: Sequence[Filled], seed: str = "") -> Ran:
    """Run it where there are rows, watched: by a cascade or a trigger it may write what nobody saw before."""
    stage, request = trial.stage, trial.request
    stage.create(RUN, template=trial.filled)
    return Ran(trial, filled, stage.migrate_observed(RUN, request.head, request.batching, LookAt.ROWS), seed)


def lacking(trial: Trial, failure: SqlFailure | None) -> str:
    """Why it says nothing that it failed: it is for what scratch lacks."""
    if failure is None:
        return ""
    lack = lack_with_rows(failure, trial.request, trial.stage.server.description.major, trial.left_out)
    if lack is None:
        return ""
    said = f"{failure.sqlstate} {shorten(failure.message)}"
    return f"{failure.at} fails with rows, and scratch lacks {lack.what}: {said}; {lack.remedy}"
