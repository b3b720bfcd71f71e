"""Gathering what new migrations do to the tables that are there: seen in the rehearsal, or offline read."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.drizzle.change import compare
from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.journal import JOURNAL
from migcheck.drizzle.names import prefix_of
from migcheck.drizzle.snapshot import Snapshot
from migcheck.drizzle.text import has_statement
from migcheck.facts.git.repository import Repository
from migcheck.facts.history.history import History
from migcheck.facts.history.stored_snapshots import snapshots_in_base
from migcheck.facts.rehearsal import Rehearsal, Way
from migcheck.facts.sql.behind import is_blind, with_read
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.opinions import NotRead, Opinion
from migcheck.facts.sql.release import plain
from migcheck.facts.sql.remarks import remarks
from migcheck.facts.sql.zones import as_set
from migcheck.facts.target.sizes import Sizes, UnknownTable, Unsized, table_named
from migcheck.finding import Location
from migcheck.gather.rehearsal import Replayed
from migcheck.gather.target import Told, sql_facts
from migcheck.project import Asked, Project
from migcheck.verdict import Judged, Outcome, Skipped, Undecided

# A slip of the pen in a name of four letters leaves three.
_LIKE = 0.7

if TYPE_CHECKING:
    from migcheck.drizzle.schema import Relation

NOTHING_READ = Skipped("--offline, and what is new is not known")


def gather_sql(
    project: Project, asked: Asked, known: History | None, replayed: Replayed | Skipped | Undecided, told: Told
) -> SqlFacts | Skipped:
    """What the rules of gate `sql` judge. What was seen wins: SQL is read only where nothing was to be rehearsed."""
    match replayed:
        case Undecided():
            return Skipped("nothing was rehearsed")
        case Skipped():
            return _read(project, known, told.sizes) if asked.offline else replayed
        case Replayed(rehearsal):
            if rehearsal.server is not None and not rehearsal.went_through(Way.UPGRADE):
                return Skipped("the upgrade did not go through")
            rehearsal = _with_unseen(project, known, rehearsal)
            facts = sql_facts(rehearsal, told, project.config.sql)
            unknown = tuple(_unknown(project, rehearsal, told.sizes))
            return replace(facts, opinions=_opinions(project, rehearsal.request.new), unknown=unknown)


def _with_unseen(project: Project, known: History | None, rehearsal: Rehearsal) -> Rehearsal:
    """The same, with what is read of migrations that ran where nobody saw them."""
    if not is_blind(rehearsal) or known is None or known.before is None:
        return rehearsal
    from migcheck.facts.lint.reading import read_changes  # noqa: PLC0415 - starts a program, where there is need
    from migcheck.facts.lint.squawk import Unread  # noqa: PLC0415 - likewise

    request = rehearsal.request
    is_base = [each.hash for each in known.before.migrations] == [each.hash for each in request.built]
    repository = project.repository if is_base and isinstance(project.repository, Repository) else None
    tables = None if repository is None else _landed_tables(repository, known, known.before, request.new)
    read = read_changes(request.built, request.new, tables, request.outside)
    return rehearsal if isinstance(read, Unread) else replace(rehearsal, seen=tuple(with_read(rehearsal, read.seen)))


def with_remarks(outcome: Outcome, found: SqlFacts | Skipped) -> Outcome:
    """The outcome of the gate, with what was seen and is no finding."""
    if isinstance(outcome, Judged) and isinstance(found, SqlFacts):
        return replace(outcome, remarks=tuple(remarks(found)))
    return outcome


def _unknown(project: Project, rehearsal: Rehearsal, sizes: Sizes) -> Iterator[UnknownTable]:
    """The tables that the configuration calls large, and neither the rehearsal has met nor the target has."""
    journals = project.repository.tracked(JOURNAL) if isinstance(project.repository, Repository) else ()
    if rehearsal.server is None or len(project.config.folder) > 1 or len(journals) > 1:
        # It may be one of another folder's database.
        return
    first = next(iter(rehearsal.request.head.migrations), None)
    if isinstance(sizes, Unsized) and first is not None and not has_statement(first.sql):
        # What a baseline that is all comment stands for, the target alone could tell.
        return
    there = {plain(each) for each in (*rehearsal.tables, *(() if isinstance(sizes, Unsized) else sizes))}
    for each in project.config.sql.big_tables or ():
        if table_named(each) not in there:
            yield UnknownTable(each, Location(project.loaded.path), _nearest(table_named(each), there))


def _nearest(name: str, there: AbstractSet[str]) -> str:
    """The table that may be meant: of another schema, or called almost the same; empty where there is none."""
    own = {one.rpartition(".")[2]: one for one in sorted(there)}
    near = get_close_matches(name.rpartition(".")[2], own, n=1, cutoff=_LIKE)
    return own[near[0]] if near else ""


def _read(project: Project, known: History | None, sizes: Sizes) -> SqlFacts | Skipped:
    if known is None or not isinstance(project.repository, Repository):
        return NOTHING_READ
    change = compare(known.before, known.after)
    new = (*change.added, *change.restored)
    if change.restart is not None:
        return Skipped("--offline, and the folder was begun anew")
    opinions = _opinions(project, new)
    if known.before is None or not new:
        # There is no table yet, or nothing that could do it any harm.
        return SqlFacts(sizes=sizes, config=project.config.sql, opinions=opinions)
    from migcheck.facts.lint.reading import read_changes  # noqa: PLC0415 - starts a program, where there is something new
    from migcheck.facts.lint.squawk import Unread  # noqa: PLC0415 - likewise

    outside = project.config.outside(known.after.path)
    tables = _landed_tables(project.repository, known, known.before, new)
    read = read_changes(known.before.migrations, new, tables, outside)
    if isinstance(read, Unread):
        return Skipped(read.reason)
    return SqlFacts(
        tuple(as_set(read.seen, new)),
        sizes=sizes,
        config=project.config.sql,
        opinions=opinions,
        outside=frozenset(each.tag for each in new if each.tag in outside),
        unparsed=read.unparsed,
        partitions=read.partitions,
    )


def _opinions(project: Project, new: Sequence[Migration]) -> tuple[Opinion, ...] | NotRead:
    """Those that the project asks for."""
    if not project.config.sql.opinions:
        return ()
    from migcheck.facts.lint.opinions import read_opinions  # noqa: PLC0415 - starts a program

    return read_opinions(new, project.config.sql.opinions, project.loaded.path)


def _landed_tables(
    repository: Repository, known: History, before: Folder, new: tuple[Migration, ...]
) -> "tuple[Relation, ...] | None":
    """The tables and views that were there before what is new, as base's last snapshot has them; None without one."""
    from migcheck.drizzle.read_schema import parse_schema  # noqa: PLC0415 - as above

    # In the layout of 1.0 a snapshot lies with its migration.
    name = (lambda tag: tag) if known.after.layout is Layout.FOLDERS else prefix_of
    own = {name(each.tag) for each in new}
    paths = {each.prefix: each.path for each in known.after.snapshots if isinstance(each, Snapshot)}
    of_tags = (name(each.tag) for each in reversed(before.migrations))
    last = next((paths[each] for each in of_tags if each in paths and each not in own), None)
    content = None if last is None else snapshots_in_base(repository, known)(last)
    return None if content is None else parse_schema(content)
