"""A rollback derived from the difference of two catalogues, step by step on a server that says what works."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

import psycopg

from migcheck.facts.observation import ColumnRenamed, Seen, TableRenamed
from migcheck.postgres.catalogue import Catalogue, difference
from migcheck.postgres.ledger import Connection
from migcheck.postgres.reversal.naming import last_of, parent_of, quoted
from migcheck.postgres.reversal.step import Phase, Step, step
from migcheck.postgres.reversal.steps import steps_to


def derive(
    connection: Connection, read: Callable[[], Catalogue], before: Catalogue, seen: Sequence[Seen]
) -> tuple[str, ...]:
    """The statements, in their order, that bring the database towards `before`: as far as anybody here knows.

    `seen` is what the migration did to tables: who has another name is not dropped. `read` reads what there is, within
    the open transaction of `connection`, which the caller rolls back. Raises psycopg.OperationalError where it is lost.
    """
    done = dict.fromkeys(_that_work(connection, _renamed_back(seen)))
    while difference(before, now := read()):
        # What has worked and made no difference would do so for ever.
        left = [each for each in steps_to(now, before) if each not in done]
        phases = (list(phase) for _, phase in groupby(left, key=lambda each: each.phase))
        # Then see what is left: much of the rest may have gone with it.
        worked = next(filter(None, (list(_that_work(connection, phase)) for phase in phases)), None)
        if worked is None:
            break
        done |= dict.fromkeys(worked)
    return tuple(statement for each in done for statement in each.statements)


def _that_work(connection: Connection, steps: Iterable[Step]) -> Iterator[Step]:
    for each in steps:
        try:
            with connection.transaction():
                for statement in each.statements:
                    connection.execute(statement.encode())
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            # Something stands in its way, which may be gone the next time.
            continue
        yield each


def _renamed_back(seen: Sequence[Seen]) -> Iterator[Step]:
    """Tables first: their columns are told by the old names of these."""
    for each in seen:
        if isinstance(each.change, TableRenamed):
            now, then = each.change.to, each.table
            moved = f"{parent_of(then)}.{last_of(now)}"
            if parent_of(now) != parent_of(then):
                yield step(Phase.RENAME, f"ALTER TABLE {now} SET SCHEMA {parent_of(then)}")
            if last_of(now) != last_of(then):
                yield step(Phase.RENAME, f"ALTER TABLE {moved} RENAME TO {last_of(then)}")
    for each in seen:
        if isinstance(each.change, ColumnRenamed):
            now, then = quoted(each.change.to), quoted(each.change.column)
            yield step(Phase.RENAME, f"ALTER TABLE {each.table} RENAME COLUMN {now} TO {then}")
