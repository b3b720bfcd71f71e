"""What an index that is new is called in the end: `ADD CONSTRAINT … USING INDEX` gives it another name. No I/O."""

import re
from collections.abc import Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.lint.names import unquoted

_NAME = r'"(?:[^"]|"")+"|[\w$]+'
_RENAMED = re.compile(
    rf"(?i)\bconstraint\s+(?P<key>{_NAME})\s+(?:unique|primary\s+key)\s+using\s+index\s+(?P<used>{_NAME})"
    rf"|\balter\s+index\s+(?:if\s+exists\s+)?(?:(?:{_NAME})\s*\.\s*)?(?P<was>{_NAME})\s+rename\s+to\s+(?P<to>{_NAME})"
)


def names_of(index: str, new: Sequence[Migration]) -> Iterator[str]:
    """Each name that what is `new` gives the index in turn, its own first."""
    yield index
    for piece in (piece for migration in new for piece in migration.pieces):
        for found in _RENAMED.finditer(piece.text):
            was, to = unquoted(found["used"] or found["was"]), unquoted(found["key"] or found["to"])
            if was == index and to is not None:
                index = to
                yield index
