"""What an onlooker saw of one run."""

from collections.abc import Mapping

from msgspec import Struct, field

from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.watching.writing import Written
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.row_counts import LastDeleted, RowsWritten
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.table import Table


class Observed(Struct, frozen=True):
    """How a run went, what it touched, what it did to the tables that were there before, and in which it wrote rows.

    `touched` has of each migration and table the strongest lock, in the order in which they ran, `locked` what took
    which lock first, and how long it is held. `written`: of these something new inserted, changed or deleted rows, or
    would have, had there been any. `spoken`: what may write rows outside of a transaction speaks of these, where no
    lock tells. `writes`: from where on rows may be others. Where anybody counts, `deleted` has what deleted rows of
    each table last, by its oid, and `counted` how many each piece wrote. `first` is what was there before, by oid.
    """

    failure: SqlFailure | None
    touched: tuple[Touched, ...] = ()
    seen: tuple[Seen, ...] = ()
    written: frozenset[str] = frozenset()
    deleted: Mapping[int, LastDeleted] = field(default_factory=dict)
    writes: Written = Written()
    counted: tuple[RowsWritten, ...] = ()
    locked: tuple[Locked, ...] = ()
    spoken: frozenset[str] = frozenset()
    first: Mapping[int, Table] = field(default_factory=dict)

    @property
    def tables(self) -> frozenset[str]:
        """Those that were there before and that something new took hold of, outside of a transaction as well."""
        seen = {each.table for each in self.seen if each.table}
        return frozenset(each.table for each in self.touched) | seen | self.spoken
