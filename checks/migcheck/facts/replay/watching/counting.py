"""How many rows of which table each piece has written: the server counts them."""

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from migcheck.facts.sql.row_counts import Counts, LastDeleted, RowsWritten
from migcheck.postgres.running.ledger import Connection

_WRITTEN = """
    select oid::bigint, pg_catalog.pg_stat_get_xact_tuples_inserted(oid),
        pg_catalog.pg_stat_get_xact_tuples_updated(oid), pg_catalog.pg_stat_get_xact_tuples_deleted(oid)
    from pg_catalog.unnest(%s::pg_catalog.oid[]) oid
"""
# What has not been reported, and what has: before PostgreSQL 15 a report took its time to arrive.
_EVER_WRITTEN = """
    select oid::bigint,
        pg_catalog.pg_stat_get_xact_tuples_inserted(oid) + pg_catalog.pg_stat_get_tuples_inserted(oid),
        pg_catalog.pg_stat_get_xact_tuples_updated(oid) + pg_catalog.pg_stat_get_tuples_updated(oid),
        pg_catalog.pg_stat_get_xact_tuples_deleted(oid) + pg_catalog.pg_stat_get_tuples_deleted(oid)
    from pg_catalog.unnest(%s::pg_catalog.oid[]) oid
"""
_ARRIVES_SINCE = 150_000


class Counter(Struct):
    """Counts on `connection`, in the transaction that is open, and outside of one where the server `counts_alone`.

    `written` is what wrote rows, in its order, and `last` what deleted some of each table last.
    """

    connection: Connection
    written: list[RowsWritten] = field(default_factory=list)
    last: dict[int, LastDeleted] = field(default_factory=dict)
    _known: dict[int, Counts] = field(default_factory=dict)

    @property
    def counts_alone(self) -> bool:
        """Whether it is known as well what a statement wrote whose transaction has ended."""
        return self.connection.info.server_version >= _ARRIVES_SINCE

    def begin(self, oids: Collection[int]) -> None:
        """Take what was counted of these tables before, and the server not yet reported, for nothing of this one."""
        self._known = dict(self._read(oids))

    def look(self, oids: Collection[int]) -> Mapping[int, Counts]:
        """What was written of these tables since the last look, of those of which anything was."""
        now = self._read(oids)
        more = {oid: counts.since(self._known.get(oid, Counts())) for oid, counts in now.items()}
        self._known |= now
        return {oid: counts for oid, counts in more.items() if any(counts.each)}

    def _read(self, oids: Collection[int]) -> Mapping[int, Counts]:
        query = _EVER_WRITTEN if self.counts_alone else _WRITTEN
        found = self.connection.execute(query, (list(oids),), prepare=False) if oids else ()
        return {int(str(oid)): Counts(*(int(str(each)) for each in counts)) for oid, *counts in found}
