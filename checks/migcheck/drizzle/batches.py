"""What of the pending migrations runs together: those of one transaction, or one that runs outside of any."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching


class Together(Struct, frozen=True):
    """Migrations that run in one transaction, with their rows."""

    migrations: tuple[Migration, ...]


class Outside(Struct, frozen=True):
    """A migration each of whose statements runs alone, in no transaction but its own; its row comes after the last."""

    migration: Migration

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """The one."""
        return (self.migration,)


Batch = Together | Outside


def batches(migrations: Sequence[Migration], batching: Batching, outside: Collection[str]) -> Iterator[Batch]:
    """The batches in which `migrations` run; `outside` are tags of those that run in no transaction.

    What stands before such a one is committed first, what follows begins another transaction. Where nothing is to run,
    a batch of nothing is: Drizzle begins and commits all the same.
    """
    if batching is Batching.ALL and not migrations:
        yield Together(())
    together: list[Migration] = []
    for each in migrations:
        if together and (batching is Batching.EACH or each.tag in outside):
            yield Together(tuple(together))
            together = []
        if each.tag in outside:
            yield Outside(each)
        else:
            together.append(each)
    if together:
        yield Together(tuple(together))
