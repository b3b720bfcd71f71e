"""What is known of tables whose rows a new migration may have been refused for: before it and behind it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.placing import Stated, stated
from migcheck.facts.replay.watching.writing import ALL, Write
from migcheck.facts.replay.with_rows.reaching import order_of, placed
from migcheck.facts.sql.misfit import Misfit
from migcheck.finding import Location
from migcheck.postgres.filling.demands import Demand
from migcheck.postgres.table import Column, Table
from migcheck.sql_names import quoted, quoted_always

DemandOf = Callable[[int, str], Demand | None]
"""What the constraint or index of that name demands of the table with that oid."""


class Suspect(Struct, frozen=True):
    """What may have been refused: rows of `table`, that a `select` finds; `why` there is none, where that is known."""

    table: str
    misfit: Misfit
    select: str = ""
    why: str = ""


class Change(Struct, frozen=True):
    """What the tables were `before` what is new, and are `after` it, by oid; and of which it may have changed rows.

    `labels` are those of the enums that columns have after it, by the number of the type and its modifier. `new` is
    what is new, in the order in which it runs. `writes` are where the rows of each table may be others first, and
    `names` those of all tables and views. `changed` has the numbers of the columns that alone may have other values.
    `asks_input`: the server has `pg_input_is_valid` (PostgreSQL 16); `older_target`: the target has not.
    """

    before: Mapping[int, Table]
    after: Mapping[int, Table]
    written: Collection[str]
    labels: Mapping[str, Sequence[str]]
    new: Sequence[Migration] = ()
    writes: Sequence[Write] = ()
    names: Collection[str] = ()
    changed: Mapping[str, AbstractSet[int]] = {}
    asks_input: bool = True
    older_target: bool = False

    @property
    def statements(self) -> Iterator[Stated]:
        """Every statement of what is new."""
        return (each for migration in self.new for each in stated(migration))

    def until(self, at: Location, statement: str = "") -> "Change":
        """The same, of what runs before the piece that `at` is in, and in it; not of what the `statement` itself does.

        Without one, `at` is a guess within the piece.
        """
        order = order_of(self.new)
        place = placed(at, order)
        before = [each for each in self.writes if placed(each.at, order) <= place]
        # It refuses rows as they were before it rewrote them.
        itself = [each for each in before if statement and not each.events and (each.at, each.alone) == (at, statement)]
        counted = [each for each in before if each not in itself]
        found = frozenset(each.table for each in counted if not each.columns)
        changed: dict[str, AbstractSet[int]] = {}
        for each in counted:
            changed[each.table] = changed.get(each.table, frozenset()) | each.columns
        return replace(self, written=frozenset(self.names) if ALL in found else found, changed=changed)

    def is_changed(self, table: Table, numbers: Collection[int]) -> bool:
        """Whether rows of it may be others, or values of these of its columns; where it is none of them, of any."""
        changed = self.changed.get(table.name, frozenset())
        return table.name in self.written or bool(changed & set(numbers) if numbers else changed)

    def called(self, schema: str, name: str) -> Table | None:
        """The table, as it was, that is called so now, or was; none where one that is new has the name."""
        told = {f"{one}.{other}" for one in as_written(schema) for other in as_written(name)}
        for tables in (self.after, self.before):
            for oid, each in tables.items():
                if each.name in told:
                    return self.before.get(oid)
        return None

    def empty(self, oid: int, numbers: Collection[int]) -> Mapping[int, str]:
        """Which of these columns are new and have no value in any row, as SQL calls them."""
        was, now = self.before.get(oid), self.after.get(oid)
        if was is None or now is None or self.is_changed(was, numbers):
            return {}
        added = {each: now.columns[each] for each in numbers if each in now.columns and each not in was.columns}
        return {number: quoted(each.name) for number, each in added.items() if not (each.filled or each.generated)}

    def given(self, oid: int, numbers: Collection[int]) -> Sequence[int]:
        """Which of these columns the table had."""
        was = self.before.get(oid)
        return [] if was is None else [each for each in numbers if each in was.columns]

    def untouched(self, oid: int, numbers: Collection[int]) -> Table | None:
        """The table, where these of its columns were there and are as they were: so are their values."""
        was, now = self.before.get(oid), self.after.get(oid)
        if was is None or now is None or self.is_changed(was, numbers):
            return None
        pairs = [(was.columns.get(each), now.columns.get(each)) for each in numbers]
        return was if all(one and other and is_same(one, other) for one, other in pairs) else None


def is_same(was: Column, now: Column) -> bool:
    """Whether values that the one had are those that the other has."""
    return (was.name, was.kind) == (now.name, now.kind)


def as_written(name: str) -> tuple[str, str]:
    """How a name may stand in that of a table."""
    return name, quoted_always(name)
