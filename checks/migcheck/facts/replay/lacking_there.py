"""What scratch lacks of the target that it stands for, or of a copy of that: rows, and what could not be copied."""

from collections.abc import Sequence

from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.lacking import PRELUDE, Lack, There, lack_of, lack_of_age, lack_of_extension
from migcheck.postgres.running.failure import SqlFailure
from migcheck.regex import regex

# Not null, foreign key, division by zero, a null that may not be, no_data_found, and what a migration raises itself:
# what a statement says that looks for rows and finds none.
_OF_NO_ROWS = frozenset({"23502", "23503", "22012", "22004", "P0001", "P0002"})
_OF_SERVER = frozenset({"0A000", "58P01", "42501"})
_ABSENT = frozenset({"42704", "3F000", "42883", "42P01"})
_FORBIDDEN = "42501"
# Nobody changes that, whatever the role (allow_system_table_mods).
_OF_CATALOGUE = "is a system catalog"
_PARAMETER = regex(r'permission denied to set parameter "(?P<name>[^"]+)"')
_LANDED = "; where it has landed, rehearse from the target: --start-from target"
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


def lack_there(
    failure: SqlFailure, request: Request, major: int, left_out: Sequence[LeftOut] = (), *, newer: bool = False
) -> Lack | None:
    """What a server of `major` lacks where that is why `failure` happened; None where it would on the target.

    `left_out` is what a copy has not that `request` starts from. `newer`: one of a newer major gave way to this one.
    """
    wanted = request.target_version // 10_000
    if request.copy is None:
        migrations = (*request.head.migrations, *request.built)
        lack = lack_of(failure, migrations, major, request.name, wanted=wanted)
    else:
        lack = lack_of_copy(failure, left_out, wanted or major, request.name)
    if lack is None and newer:
        lack = lack_of_age(failure, major)
    if lack is None and request.superuser and failure.sqlstate == _FORBIDDEN and _OF_CATALOGUE not in failure.message:
        return _right_of_superuser(failure, request)
    # What the target does not take either a newer server would take, and prove nothing.
    return None if lack is not None and lack.there is There.NEWER and 0 < wanted <= major else lack


def _right_of_superuser(failure: SqlFailure, request: Request) -> Lack:
    """What the target's role may do as a superuser, and scratch's may not, for what it runs is not trusted."""
    what = "the rights of a superuser, which the target's role is and the role of a rehearsal is not"
    if found := _PARAMETER.search(failure.message):
        grant = f"`grant set on parameter {found['name']} to pg_database_owner`, PostgreSQL 15 and newer"
        return Lack(what, f"grant that in a prelude.sql ({grant}): {PRELUDE}", "prelude", There.CHOSEN)
    user = " (`DISABLE TRIGGER USER` leaves foreign keys on)" if failure.message.endswith("is a system trigger") else ""
    # What is built for a course or a rollback starts from nothing else.
    landed = _LANDED if request.built or request.new else ""
    return Lack(what, f"let the migration do without such rights{user}{landed}", "", There.CHOSEN)
