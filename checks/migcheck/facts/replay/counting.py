"""How many rows of which table a transaction has deleted: the server counts them."""

from collections.abc import Collection

from msgspec import Struct, field

from migcheck.facts.observation import Seen
from migcheck.postgres.ledger import Connection

_DELETED = """
    select oid::bigint, pg_catalog.pg_stat_get_xact_tuples_deleted(oid)
    from pg_catalog.unnest(%s::pg_catalog.oid[]) oid
"""


class Counter(Struct):
    """Counts on `connection`, in the transaction that is open. `last` is what deleted some of each table last."""

    connection: Connection
    last: dict[int, Seen] = field(default_factory=dict)
    _known: dict[tuple[int, int], int] = field(default_factory=dict)

    def look(self, oids: Collection[int], batch: int) -> list[int]:
        """Of which of these tables rows were deleted since the last look, in the same transaction of `batch`."""
        found = self.connection.execute(_DELETED, (list(oids),), prepare=False) if oids else ()
        now = {(batch, int(str(oid))): int(str(count)) for oid, count in found}
        fewer = [of[1] for of, count in now.items() if count > self._known.get(of, 0)]
        self._known |= now
        return fewer
