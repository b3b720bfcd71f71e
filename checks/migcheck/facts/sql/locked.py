"""Which tables that were there new migrations lock, and what takes each lock first: seen in the upgrade."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.finding import Location

EVERYBODY = "ACCESS EXCLUSIVE"
"""The lock that keeps everybody else from the table."""
# What keeps nobody from reading or writing.
WEAK = frozenset({"", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"})


class Locked(Struct, frozen=True):
    """A statement took `lock` on `table`, stronger than what its transaction held on that before.

    `table` is called as before what is new, as `schema.table`. `transaction` counts those of
    the run that locked any, from 1 on, and `after` is how many pieces followed in it, rows of the ledger among them,
    during which the lock was still held.
    """

    migration: str
    at: Location
    statement: str
    table: str
    lock: str
    transaction: int
    after: int

    @property
    def told(self) -> str:
        """`ACCESS EXCLUSIVE on public.users, at drizzle/0001_new.sql:3`."""
        return f"{self.lock} on {self.table}, at {self.at}"


def chains(locked: Sequence[Locked], partitions: Mapping[str, str]) -> Iterator[Sequence[Locked]]:
    """For each transaction what it took that keeps others from reading or writing, in its order.

    A table and its partitions are one, of which the first is told; `partitions` says of each partition which it is of.
    """
    found: dict[int, dict[tuple[str, str], Locked]] = {}
    for each in locked:
        if each.lock not in WEAK:
            found.setdefault(each.transaction, {}).setdefault((whole(each.table, partitions), each.lock), each)
    for of in found.values():
        yield tuple(of.values())


def whole(table: str, partitions: Mapping[str, str]) -> str:
    """The table of which that is a part, at whatever level; itself, where it is none."""
    *_, top = (table, *above(table, partitions))
    return top


def above(table: str, partitions: Mapping[str, str]) -> Iterator[str]:
    """The table that it is a partition of, what that is one of, and so on."""
    met = {table}
    while (table := partitions.get(table, "")) and table not in met:
        met.add(table)
        yield table
