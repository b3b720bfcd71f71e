"""A rollback derived from the difference of two catalogues, step by step on a server that says what works."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby

import psycopg
from msgspec import Struct

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue import Catalogue, difference
from migcheck.postgres.reversal.step import Phase, Step, last_of, parent_of, step
from migcheck.postgres.reversal.steps import steps_to
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.table import Table
from migcheck.postgres.tables import tables_there
from migcheck.sql_names import quoted_always

_LABELS = """
    select e.oid::bigint, pg_catalog.format('%I.%I', n.nspname, t.typname), pg_catalog.quote_literal(e.enumlabel)
    from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
"""
_STAND = "select pg_catalog.count(*)::int4 from pg_catalog.pg_class where oid = any(%s::pg_catalog.oid[])"


class Numbered(Struct, frozen=True):
    """What has a number that stays, whatever it is called: tables, their columns, and the labels of enums."""

    tables: Mapping[int, Table]
    labels: Mapping[int, tuple[str, str]]


def read_numbered(connection: Connection, name: LedgerName) -> Numbered:
    """What there is of it, without the ledger called `name`."""
    found = connection.execute(_LABELS, prepare=False)
    labels = {int(str(oid)): (str(kind), str(label)) for oid, kind, label in found}
    there = tables_there(connection, name)
    return Numbered({oid: each for oid, each in there.items() if not each.materialized}, labels)


def derive(
    connection: Connection, read: Callable[[], Catalogue], before: Catalogue, was: Numbered, now: Numbered
) -> tuple[str, ...]:
    """The statements, in their order, that bring the database towards `before`: as far as anybody here knows.

    What `was` there and has another name `now` gets the old one back, and is never dropped, nor goes with what is.
    `read` reads what there is, within the open transaction of `connection`, which the caller rolls back. Raises
    psycopg.Error where that is lost.
    """
    done: dict[Step, None] = {}
    renames = list(_renames(was, now))
    kept = was.tables.keys() & now.tables.keys()
    while difference(before, there := read()):
        left = [each for each in renames if each.back not in done]
        steps = [*(each.back for each in left), *(drop for each in left for drop in each.in_its_way)]
        steps += steps_to(_without(there, left), before)
        # What has worked and made no difference would do so for ever.
        due = sorted((each for each in dict.fromkeys(steps) if each not in done), key=lambda each: each.phase)
        phases = (list(phase) for _, phase in groupby(due, key=lambda each: each.phase))
        # Then see what is left: much of the rest may have gone with it.
        worked = next(filter(None, (list(_that_work(connection, phase, kept)) for phase in phases)), None)
        if worked is None:
            break
        done |= dict.fromkeys(worked)
    return tuple(statement for each in done for statement in each.statements)


class _Rename(Struct, frozen=True):
    """How something gets its old name `back`. `held` are the identities under which nothing of it is judged until then.

    `in_its_way` is what something new has to leave the name by.
    """

    back: Step
    held: tuple[str, ...] = ()
    in_its_way: tuple[Step, ...] = ()


def _without(there: Catalogue, renames: Iterable[_Rename]) -> Catalogue:
    """What there is, but for what is another thing's as long as it has another name."""
    held = {name for each in renames for name in each.held}
    if not held:
        return there
    within = tuple(f"{name}." for name in held)
    kept = {key: told for key, told in there.things.items() if key.identity not in held}
    return Catalogue({key: told for key, told in kept.items() if not key.identity.startswith(within)})


def _that_work(connection: Connection, steps: Iterable[Step], kept: Collection[int]) -> Iterator[Step]:
    for each in steps:
        try:
            with connection.transaction() as here:
                for statement in each.statements:
                    # By the extended protocol, which takes one statement, whatever is in its text.
                    connection.execute(statement.encode(), binary=True)
                works = each.phase is not Phase.DROP or _are_there(connection, kept)
                if not works:
                    raise psycopg.Rollback(here)
        except psycopg.Error:
            if connection.closed:
                raise
            # Something stands in its way, which may be gone the next time.
            continue
        if works:
            yield each


def _are_there(connection: Connection, kept: Collection[int]) -> bool:
    """Whether each of these tables still is: a partition goes with the table that it is of, without a word."""
    (row,) = connection.execute(_STAND, (list(kept),), prepare=False)
    return row[0] == len(kept)


def _renames(was: Numbered, now: Numbered) -> Iterator[_Rename]:
    """Tables first: their columns are told by the old names of these."""
    both = [(was.tables[oid], now.tables[oid]) for oid in sorted(was.tables.keys() & now.tables.keys())]
    for old, new in both:
        yield from _of_table(old, new)
    for old, new in both:
        # The columns of a partition are called as those of its table.
        if not (old.parent and old.parent == new.parent):
            yield from _of_columns(old, new)
    for oid, (kind, label) in was.labels.items():
        if oid in now.labels and now.labels[oid][0] == kind and now.labels[oid][1] != label:
            yield _Rename(step(Phase.RENAME, f"ALTER TYPE {kind} RENAME VALUE {now.labels[oid][1]} TO {label}"))


def _of_table(old: Table, new: Table) -> Iterator[_Rename]:
    if parent_of(new.name) != parent_of(old.name):
        moved = f"ALTER TABLE {new.name} SET SCHEMA {parent_of(old.name)}"
        yield _Rename(step(Phase.RENAME, moved), (new.name,))
    if last_of(new.name) != last_of(old.name):
        here = f"{parent_of(old.name)}.{last_of(new.name)}"
        yield _Rename(step(Phase.RENAME, f"ALTER TABLE {here} RENAME TO {last_of(old.name)}"), (new.name, here))


def _of_columns(old: Table, new: Table) -> Iterator[_Rename]:
    for number, column in old.columns.items():
        now = new.columns.get(number)
        if now is None or now.name == column.name:
            continue
        back = f"ALTER TABLE {old.name} RENAME COLUMN {quoted_always(now.name)} TO {quoted_always(column.name)}"
        # The catalogue quotes a name where it has to.
        names = (each for name in (now.name, column.name) for each in (name, quoted_always(name)))
        made = [each.name for other, each in new.columns.items() if other not in old.columns]
        drop = step(Phase.DROP, f"ALTER TABLE {old.name} DROP COLUMN {quoted_always(column.name)}")
        held = tuple(f"{old.name}.{each}" for each in names)
        yield _Rename(step(Phase.RENAME, back), held, (drop,) if column.name in made else ())
