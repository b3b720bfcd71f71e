"""DELETE without a condition, which nothing in a database without rows shows: by the words of a statement that ran."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from migcheck.drizzle.pieces import Piece
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_in
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.statements import blocks_in, come_to, spans, tokens
from migcheck.regex import regex
from migcheck.sql_names import full_name, names_at, quoted

_TAKES_BACK = regex(rb"\brollback\b", re.IGNORECASE)
_CONDITION = frozenset({"where", "using"})
_KEEPS = frozenset({"returning"})
_DELETE = ["delete", "from"]
_DO = "do"


@lru_cache
def takes_back(sql: bytes) -> bool:
    """Whether some of what a migration does may be undone by itself: ROLLBACK TO a savepoint."""
    return _TAKES_BACK.search(sql) is not None


def matches(table: str, path: Sequence[str]) -> bool:
    """Whether `table`, called `schema.table`, may be what `path` names: with its schema, or without."""
    return table == full_name(path[-2], path[-1]) if len(path) > 1 else table.endswith("." + quoted(path[-1]))


def whole_deletes(path: str, piece: Piece) -> Iterator[tuple[Sequence[str], Location, str]]:
    """The table, the place and the text of each statement that deletes all rows, where it stands alone."""
    for each in statements_in(piece):
        statement = each.text
        # Most statements are none, and one may be very long.
        words = list(tokens(statement)) if statement[: len(_DELETE[0])].lower() == _DELETE[0] else []
        named = _named(words)
        if named and not _has(words, _CONDITION):
            yield named, Location(path, each.line), shorten(statement.strip())


def says_all(text: str, table: str) -> bool:
    """Whether a DO block in `text` deletes all rows of `table`, called `schema.table`, in so many words, for nobody.

    Only what it runs whatever there is: of a function that is defined beside it nothing is run.
    """
    # Most statements are none, and one may be very long.
    texts = (text[start:end] for start, end in spans(text) if text[start : start + len(_DO)].lower() == _DO)
    return any(_deletes_all(each, table) for one in texts for each in blocks_in(list(tokens(one))))


def _deletes_all(body: str, table: str) -> bool:
    found = ((_named(words), words) for words in come_to(body))
    return any(named and matches(table, named) and not _has(words, _CONDITION | _KEEPS) for named, words in found)


def _has(words: Sequence[str], any_of: Collection[str]) -> bool:
    return any(each.lower() in any_of for each in words)


def _named(words: Sequence[str]) -> tuple[str, ...]:
    if [each.lower() for each in words[:2]] != _DELETE:
        return ()
    return names_at(words, 3 if words[2:3] and words[2].lower() == "only" else 2)[0]
