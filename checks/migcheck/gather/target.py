"""Gathering what the target tells of the tables that new migrations touch: how large they are, and what is in them."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from migcheck.config.config import SqlConfig
from migcheck.facts.rehearsal import Rehearsal, Way
from migcheck.facts.replay.watching.placing import placed_alone
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnMadeRequired, Seen
from migcheck.facts.sql.rows import Answers, Rows
from migcheck.facts.sql.zones import as_set
from migcheck.facts.target.sizes import Sized, Sizes, TargetSizes, Unsized, table_named
from migcheck.gather.gates import Tell
from migcheck.project import Asked
from migcheck.sql_names import full_name


class Told(Struct, frozen=True):
    """What the target tells: how large tables are, and whether it has rows that a new migration fails with.

    `zone` is the TimeZone of a session there, empty where that is not known.
    """

    sizes: Sizes
    answers: Answers = {}
    zone: str = ""

    @property
    def vacant(self) -> frozenset[str]:
        """The tables that have no row there, by `schema.table`."""
        sizes = {} if isinstance(self.sizes, Unsized) else self.sizes
        return frozenset(table for table, size in sizes.items() if size.empty)


def gather_told(config: SqlConfig, asked: Asked, rehearsal: Rehearsal | None, tell: Tell, *, reached: bool) -> Told:
    """What the target tells of the tables of `rehearsal`. `reached`: it could be read before."""
    if asked.target is None:
        return Told(Unsized("there is no target"))
    if not reached:
        return Told(Unsized("the target was not read"))
    if rehearsal is None:
        return Told(Unsized("nothing was rehearsed, so which tables are touched is not known"))
    from migcheck.facts.target.read_told import read_told  # noqa: PLC0415 - psycopg is not needed offline

    listed = [full_name(*table_named(each).split(".", 1)) for each in config.big_tables or ()]
    selects = rehearsal.rows.selects if rehearsal.rows is not None else ()
    return Told(*read_told(asked.target, _tables(rehearsal, listed), selects, tell))


def _tables(rehearsal: Rehearsal, listed: Collection[str]) -> set[str]:
    tables = {each.table for each in rehearsal.seen if each.table}
    running = rehearsal.running
    tables |= {each.table for each in running.broken if not running.is_view(each.table)} if running else set()
    tables |= {each.table for each in rehearsal.rows.all_faults if each.table} if rehearsal.rows else set()
    tables |= {each.table for each in rehearsal.rows.all_gone} if rehearsal.rows else set()
    tables |= {each.table for each in rehearsal.rows.all_seen} if rehearsal.rows else set()
    tables |= set(listed)
    return tables | {each.table for each in rehearsal.touched}


def sql_facts(rehearsal: Rehearsal, told: Told, config: SqlConfig) -> SqlFacts:
    """What the rules of gate `sql` judge."""
    late = rehearsal.request.landed_late()
    outside = frozenset(rehearsal.request.runs_outside())
    running, rows = rehearsal.running, rehearsal.rows
    new = rehearsal.request.new
    # What is done only where there are rows takes as much of them.
    with_rows = rows.all_seen if rows is not None else ()
    seen = as_set(placed_alone((*rehearsal.seen, *with_rows), new), new)
    return SqlFacts(
        tuple(seen if rows is None else (_filled(each, rows) for each in seen)),
        late,
        told.sizes,
        config,
        running,
        rows,
        told.answers,
        outside=outside,
        zone=told.zone,
        partitions=rehearsal.partitions,
        locked=rehearsal.locked,
    )


def _filled(seen: Seen, rows: Rows) -> Seen:
    """The same, where it takes rows to see that a column is filled before it is NOT NULL: else a loop has none."""
    match seen.change:
        case ColumnMadeRequired(column=column) if rows.fills(seen.table, column):
            return replace(seen, written=True)
        case _:
            return seen


def sizes_touched(rehearsal: Rehearsal | None, sizes: Sizes) -> TargetSizes:
    """How large each table is that a migration touches, for people."""
    if isinstance(sizes, Unsized):
        return sizes
    if rehearsal is None:
        return ()
    if not rehearsal.touched and rehearsal.request.new and not rehearsal.went_through(Way.UPGRADE):
        return Unsized("the rehearsal ended before anything was touched")
    touched = rehearsal.touched
    return tuple(Sized(each.migration, each.table, each.lock, sizes.get(each.table)) for each in touched)
