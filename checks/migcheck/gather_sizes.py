"""Gathering how large what new migrations touch is where it will be deployed."""

from migcheck.config import FolderConfig, SqlConfig
from migcheck.facts.rehearsal import Rehearsal, Way
from migcheck.facts.sizes import Sized, Sizes, TargetSizes, Unsized
from migcheck.facts.sql import SqlFacts
from migcheck.gather import Tell
from migcheck.project import Asked


def gather_sizes(which: FolderConfig, asked: Asked, rehearsal: Rehearsal | None, tell: Tell, *, reached: bool) -> Sizes:
    """How large the tables of `rehearsal` are on the target. `reached`: the target could be read before."""
    if asked.target_url is None:
        return Unsized("there is no target")
    if not reached:
        return Unsized("the target was not read")
    if rehearsal is None:
        return Unsized("nothing was rehearsed, so which tables are touched is not known")
    from migcheck.facts.read_sizes import read_sizes  # noqa: PLC0415 - psycopg is not needed offline
    from migcheck.postgres.address import parse_address  # noqa: PLC0415 - psycopg is not needed offline

    tables = {each.table for each in rehearsal.seen}
    running = rehearsal.running
    tables |= {each.table for each in running.broken if not running.is_view(each.table)} if running else set()
    # What is only touched is of interest to who asked for it.
    tables |= {each.table for each in rehearsal.touched} if asked.target_sizes else set()
    return read_sizes(parse_address(asked.target_url, which.database_url, asked.route), tables, tell)


def sql_facts(rehearsal: Rehearsal, sizes: Sizes, config: SqlConfig) -> SqlFacts:
    """What the rules of gate `sql` judge."""
    return SqlFacts(rehearsal.seen, rehearsal.request.landed_late(), sizes, config, rehearsal.running)


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
