"""What scratch lacks of the target that it stands for, or of the copy that was made of that."""

from collections.abc import Sequence

from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.lacking import PRELUDE, Lack, There, lack_of
from migcheck.facts.replay.lacking_copy import lack_of_copy
from migcheck.postgres.failure import SqlFailure
from migcheck.regex import regex

_FORBIDDEN = "42501"
# Nobody changes that, whatever the role (allow_system_table_mods).
_OF_CATALOGUE = "is a system catalog"
_PARAMETER = regex(r'permission denied to set parameter "(?P<name>[^"]+)"')
_LANDED = "where it has landed, rehearse from the target: --start-from target"


def lack_there(failure: SqlFailure, request: Request, major: int, left_out: Sequence[LeftOut] = ()) -> Lack | None:
    """What a server of `major` lacks where that is why `failure` happened; None where it would on the target.

    `left_out` is what a copy has not.
    """
    wanted = request.target_version // 10_000
    if request.copy is not None:
        lack = lack_of_copy(failure, left_out, wanted or major, request.name)
    else:
        lack = lack_of(failure, (*request.head.migrations, *request.built), major, request.name, wanted=wanted)
    if lack is None and request.superuser and failure.sqlstate == _FORBIDDEN and _OF_CATALOGUE not in failure.message:
        return _right_of_superuser(failure)
    return lack


def _right_of_superuser(failure: SqlFailure) -> Lack:
    """What the target's role may do as a superuser, and scratch's may not, for what it runs is not trusted."""
    what = "the rights of a superuser, which the target's role is and the role of a rehearsal is not"
    if found := _PARAMETER.search(failure.message):
        grant = f"`grant set on parameter {found['name']} to pg_database_owner`, PostgreSQL 15 and newer"
        return Lack(what, f"grant that in a prelude.sql ({grant}): {PRELUDE}", "prelude", There.CHOSEN)
    user = " (`DISABLE TRIGGER USER` leaves foreign keys on)" if failure.message.endswith("is a system trigger") else ""
    return Lack(what, f"let the migration do without such rights{user}; {_LANDED}", "", There.CHOSEN)
