"""Where in a file stands what made a change: of the statements of one piece, the first that speaks of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from msgspec import Struct, structs

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Deleted,
    DomainChecked,
    Emptied,
    IndexBuilt,
    IndexDropped,
    LeftNotValid,
    PartitionChecked,
    PartitionDetached,
    Reindexed,
    RequiredColumnAdded,
    RestChecked,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
    Validated,
)
from migcheck.finding import Location
from migcheck.postgres.running.alone import only_statement, statements_in
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.statements import DEEPEST, inside, tokens
from migcheck.regex import regex
from migcheck.sql_names import bare

ROW_VERBS = ("select", "insert", "update", "delete", "with")
"""How statements begin that read or write rows."""
_RUN = (*ROW_VERBS, "do", "call", "execute", "merge")
_VERBS: Mapping[type[Change], str] = {
    TableDropped: "drop",
    Deleted: "delete",
    Emptied: "truncate",
    PartitionDetached: "detach",
    PartitionChecked: "attach",
    RestChecked: "partition",
    Reindexed: "reindex",
    IndexDropped: "drop",
    RowSecurityOff: "disable",
}
_QUOTES = regex('"+')
_WORD = regex(r"\w+")


class Stated(Struct, frozen=True, dict=True):
    """A statement of a migration, and where it begins."""

    migration: str
    at: Location
    text: str

    @cached_property
    def folded(self) -> str:
        """Its text without case."""
        return self.text.casefold()

    def says(self, *words: str) -> bool:
        """Whether all `words`, quoted or not, are among its words."""
        return all(_may_name(each, self.folded) and speaks_of(self.text, each) for each in words)


def stated(migration: Migration) -> Iterator[Stated]:
    """Each of its statements."""
    for piece in migration.pieces:
        yield from stated_in(migration, piece)


def stated_before(migration: Migration, piece: Piece) -> Iterator[Stated]:
    """Each of its statements in the pieces before that one."""
    for each in migration.pieces:
        if each.line < piece.line:
            yield from stated_in(migration, each)


# A piece may have thousands, and is asked for hundreds of tables.
@lru_cache(maxsize=4)
def stated_in(migration: Migration, piece: Piece) -> Sequence[Stated]:
    """Each statement of that `piece` of it; what holds comments alone has none."""
    return tuple(_stated(migration, each) for each in statements_in(piece))


def _stated(migration: Migration, statement: Piece) -> Stated:
    return Stated(migration.tag, Location(migration.path, statement.line), statement.text)


def placed_alone(seen: Iterable[Seen], new: Sequence[Migration]) -> Iterator[Seen]:
    """What was `seen`, all with its place where what is `new` is one statement: nothing else can have done it."""
    alone = only_statement(new[0]) if len(new) == 1 else None
    for each in seen:
        if alone is None or each.statement or not each.table:
            yield each
        else:
            at = Location(each.at.path, alone.line)
            yield structs.replace(each, at=at, statement=shorten(alone.text.strip()))


def place(migration: Migration, piece: Piece, table: str, change: Change) -> tuple[Location, str]:
    """The place of the statement of that `piece` that made `change` of `table`, and the statement."""
    words = tuple(_words(change))
    if isinstance(change, Validated):
        # What is added NOT VALID and validated at once has its rows read by the second of the two.
        validates = (*words, "validate")
        words = validates if any(each.says(*validates) for each in stated_in(migration, piece)) else words
    return place_by(migration, piece, table, words)


def place_by(migration: Migration, piece: Piece, table: str, words: Sequence[str]) -> tuple[Location, str]:
    """The same of the statement that speaks of `table` and says `words`.

    Which statement of the piece it is, where that has several, is a guess: it shows people where to look, and proves
    nothing of what ran before it.
    """
    statements = stated_in(migration, piece) or (_stated(migration, piece),)
    about = [each for each in statements if each.says(bare(table))]
    exactly = [each for each in about if each.says(*words)]
    # A row that goes with another is of a table that nobody names.
    doing = (each for each in statements if words and each.says(*words))
    # What reads or writes rows defines nothing; and a function, a trigger or a right that is defined writes none.
    rows = bool(words) and words[0] in ROW_VERBS
    fitting = [each for each in exactly if each.folded.startswith(_RUN if rows else ROW_VERBS) is rows]
    found = next(iter(fitting or exactly or about or doing), statements[0])
    return found.at, shorten(found.text.strip())


def _may_name(word: str, folded: str) -> bool:
    """Whether a statement, `folded` to no case, may speak of `word`: a quote in a name is written twice."""
    plain = word.strip('"').casefold()
    return '"' in plain or plain in folded


def speaks_of(statement: str, word: str) -> bool:
    """Whether `word`, quoted or not, is one of the words of `statement`."""
    name = word.strip('"')
    if statement.isascii() and name.isascii() and '"' not in name:
        return _has_word(statement.lower(), name.lower())
    plain = _QUOTES.sub('"+', re.escape(name))
    return re.search(rf"(?<!\w){plain}(?!\w)", statement, re.IGNORECASE) is not None


def _has_word(text: str, word: str) -> bool:
    """The same of plain text. Patterns of single use take ten times as long to compile as this to look."""
    at = text.find(word)
    while at >= 0:
        beside = text[max(at - 1, 0) : at] + text[at + len(word) : at + len(word) + 1]
        if not any(each.isalnum() or each == "_" for each in beside):
            return True
        at = text.find(word, at + 1)
    return False


def names_in(statement: str, depth: int = 0) -> Iterator[str]:
    """Each word and each quoted name of `statement`, without case and quotes; what it only says in a string is none.

    Of a body between dollars as well, and of the strings in that, which may be put together and run. `depth` is in how
    many bodies it stands: of what is deeper than anybody writes each word is one.
    """
    if depth == DEEPEST:
        yield from map(str.casefold, _WORD.findall(statement))
        return
    for each in tokens(statement):
        if each[0] == "$":
            body, deeper = inside(each), depth + 1
            yield from names_in(body, deeper)
            strings = (string.strip("'") for string in tokens(body) if string[0] == "'")
            yield from (name for string in strings for name in names_in(string, deeper))
        else:
            yield each.strip('"').casefold()


def _words(change: Change) -> Iterator[str]:
    if verb := _VERBS.get(type(change)):
        yield verb
    match change:
        case TableRenamed(to=to):
            yield bare(to)
        case ColumnRenamed(column=name, to=to):
            yield from (name, to)
        case ColumnDropped(column=name, called=called):
            yield from ("drop", called or name)
        case ColumnMadeRequired(column=name) | RequiredColumnAdded(column=name):
            yield name
        case (
            Validated(constraint=name)
            | LeftNotValid(constraint=name)
            | DomainChecked(constraint=name)
            | IndexBuilt(index=name)
            | IndexDropped(index=name)
        ):
            yield name
        case _:
            pass
