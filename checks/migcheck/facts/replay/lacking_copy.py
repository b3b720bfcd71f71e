"""What a copy of the target lacks, and production has: rows, and what scratch could not hold."""

from collections.abc import Sequence

from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.copy import LeftOut
from migcheck.facts.replay.lacking import Lack, lack_of, lack_of_extension
from migcheck.postgres.running.failure import SqlFailure

# Not null, foreign key, division by zero, a null that may not be, no_data_found, and what a migration raises itself:
# what a statement says that looks for rows and finds none.
_OF_NO_ROWS = frozenset({"23502", "23503", "22012", "22004", "P0001", "P0002"})
_OF_SERVER = frozenset({"0A000", "58P01", "42501"})
_ABSENT = frozenset({"42704", "3F000", "42883", "42P01"})


NOT_IN_COPY = "see what the server says, or rehearse from the files: --start-from files"


class NoRowsError(UndecidableError):
    """A migration failed on a copy as it would for want of rows: whether it fails on the target, nobody knows."""

    def __init__(self, failure: SqlFailure) -> None:
        """Tell where it failed."""
        super().__init__(
            f"{failure.at}: {failure.migration} fails on a copy of the target's schema, which has no "
            f"rows, and may pass on the target, which has: {failure.said}",
            "let the migration do nothing where the rows that it needs are absent (insert … select from them), or "
            "rehearse from the files, which bring theirs: --start-from files",
        )


def may_want_rows(failure: SqlFailure) -> bool:
    """Whether `failure` is one that rows might have prevented."""
    return failure.sqlstate in _OF_NO_ROWS


def lack_of_copy(failure: SqlFailure, left_out: Sequence[LeftOut], major: int, ledger: LedgerName) -> Lack | None:
    """What scratch lacks where that is why `failure` happened on a copy; None where it would happen on the target.

    The target's roles, schemas, types and tables are there: what is absent all the same is absent on the target.
    """
    if failure.misses(ledger):
        return None
    if failure.sqlstate in _OF_SERVER:
        return lack_of(failure, (), major, ledger)
    if failure.sqlstate not in _ABSENT:
        return None
    return lack_of_left_out(failure.message, left_out, major)


def lack_of_left_out(message: str, left_out: Sequence[LeftOut], major: int) -> Lack | None:
    """What of `left_out` a server of `major` misses that says `message`; None where it is none of them."""
    for each in left_out:
        if each.is_missed(message):
            return (
                lack_of_extension(each.name, major)
                if each.kind == "extension"
                else Lack(f"the {each}", NOT_IN_COPY, "")
            )
    return None
