"""What a constraint or an index that is new is called in the end: what is new may give it another name. No I/O."""

import re
from collections.abc import Collection, Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare, unquoted

_TABLE = rf"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>{NAMED})\s+(?:\*\s*)?"
# An index has its name among those of tables, and is renamed as one, too.
_RENAMED = regex(
    rf"(?i)\bconstraint\s+(?P<key>{NAME})\s+(?:unique|primary\s+key)\s+using\s+index\s+(?P<used>{NAME})"
    rf"|\balter\s+index\s+(?:if\s+exists\s+)?(?:{NAME}\s*\.\s*)?(?P<was>{NAME})\s+rename\s+to\s+(?P<to>{NAME})"
    rf"|{_TABLE}rename\s+(?:constraint\s+(?P<held>{NAME})\s+)?to\s+(?P<then>{NAME})"
)


def names_of(index: str, new: Sequence[Migration], tables: Collection[str]) -> Iterator[str]:
    """Each name that what is `new` gives the index or the constraint in turn, its own first.

    `tables` are the names that the table has which it is of, without a schema.
    """
    yield index
    for piece in (piece for migration in new for piece in migration.pieces):
        for found in _RENAMED.finditer(piece.text):
            if found["held"] and bare(found["table"]) not in tables:
                continue
            was = found["used"] or found["was"] or found["held"] or str(re.findall(NAME, found["table"])[-1])
            to = unquoted(found["key"] or found["to"] or found["then"])
            if unquoted(was) == index and to is not None:
                index = to
                yield index
