"""What fails with rows, and is none of their doing: by the words of what runs, or for what scratch lacks. No I/O."""

from collections.abc import Sequence

from migcheck.drizzle.pieces import decode
from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.lacking import Lack, There
from migcheck.facts.replay.lacking_there import lack_there
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.statements import EXECUTES
from migcheck.regex import regex

_OF_WORDS = "42"
# Rights may be asked of a row (row level security), and what is made for each row is there already at the second.
_OF_ROWS = frozenset({"42501", "42701", "42710", "42723", "42P03", "42P04", "42P05", "42P06", "42P07"})
# By these a value becomes a name, or SQL.
_FROM_VALUES = regex(
    rf"(?i){EXECUTES}|\bquery_to_xml|\b(?:currval|nextval|setval|pg_get_serial_sequence)\b"
    r"|\breg(?:class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)\b"
)
# WHERE, HAVING and LIMIT; IF, CASE and MERGE have a THEN.
_CONDITION = regex(r"(?i)\b(?:where|having|limit|then)\b")


def is_by_words(failure: SqlFailure, request: Request) -> bool:
    """Whether it fails with any row, whatever its values: what runs for it says what is wrong or not there.

    Of a copy of the target nobody knows the words of its functions, which may make SQL of values.
    """
    if not failure.sqlstate.startswith(_OF_WORDS) or failure.sqlstate in _OF_ROWS or request.copy is not None:
        return False
    return not any(_FROM_VALUES.search(decode(each.sql)) for each in (*request.built, *request.new))


def takes_some(failure: SqlFailure) -> bool:
    """Whether a condition may say which rows the statement takes: what is shortened may have one."""
    return _CONDITION.search(failure.statement) is not None or failure.statement.endswith("…")


def lack_with_rows(failure: SqlFailure, request: Request, major: int, left_out: Sequence[LeftOut]) -> Lack | None:
    """What a scratch server of `major` lacks where that is why it failed; None where it would on the target.

    `left_out` is what a copy has not.
    """
    lack = lack_there(failure, request, major, left_out)
    # Of syntax and functions the target knows no more than this server: so it is taken where there is none.
    of_age = lack is not None and lack.there is There.NEWER and request.target_version // 10_000 <= major
    return None if of_age else lack
