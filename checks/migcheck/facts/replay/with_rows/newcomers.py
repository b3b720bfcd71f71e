"""Whether a table that is new may have rows by the time that something old is to point to it. No I/O.

Nobody sees that where no row is made up: a loop over rows that are not there inserts none. So it is read, and whatever
cannot be read may have filled the table.
"""

from collections.abc import Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.placing import speaks_of
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_in
from migcheck.postgres.running.statements import DEFINES
from migcheck.regex import regex
from migcheck.sql_names import bare

_WORD = regex(r"\w+")
# What defines, and writes no row of a table that it does not make.
_DEFINES = DEFINES - {"refresh", "vacuum"} | {"truncate"}
_WRITES = frozenset({"copy", "delete", "insert", "merge", "select", "update", "values", "with"})
_FILLED = regex(r"(?is)(?>create\b.*?\btable\b).*\bas\b[\s(]*+(?:select|with|values|table|execute)\b")
# It has rows that are there, or is written by another name.
_LINKED = regex(r"(?i)\b(?:attach|partition|rename|view)\b")
_CODE = regex(r"(?i)create\s+(?:or\s+replace\s+)?(?:constraint\s+)?(?:function|procedure|rule|trigger)\b")


def stays_empty(table: str, new: Sequence[Migration], until: Location) -> bool:
    """Whether nothing of `new` can have put a row into the new `table` by the end of the piece that `until` is in.

    Which statement of a piece is meant nobody knows for sure (`place` guesses), nor which piece where there is no line.
    """
    name, code = bare(table), False
    for statement in _statements(new, until):
        word = _first_word(statement)
        if _CODE.match(statement):
            # What was there before knows nothing of a table that was not; this may.
            code = True
        elif word in _DEFINES:
            if (_FILLED.match(statement) or _LINKED.search(statement)) and speaks_of(statement, name):
                return False
        elif word not in _WRITES or code or speaks_of(statement, name):
            return False
    return True


def _statements(new: Sequence[Migration], until: Location) -> Iterator[str]:
    """Each up to the end of the piece that `until` is in, and of what begins on its line; without a line, all."""
    for migration in new:
        last = until.line if migration.path == until.path else None
        for piece in migration.pieces:
            for number, each in enumerate(statements_in(piece)):
                if last is not None and number == 0 and each.line > last:
                    return
                yield each.text
        if last is not None:
            return


def _first_word(statement: str) -> str:
    found = _WORD.match(statement)
    return "" if found is None else found[0].lower()
