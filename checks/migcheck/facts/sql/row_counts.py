"""How many rows of a table new migrations wrote where there were some: the server counts them."""

from itertools import pairwise
from operator import add

from msgspec import Struct

from migcheck.facts.sql.observation import Seen
from migcheck.finding import Location
from migcheck.postgres.running.statements import DEEPEST, tokens
from migcheck.regex import regex
from migcheck.wording import counted

FEWEST = 4
"""Of fewer rows that were made up, a condition may well mean each."""
# No row that is made up is such, but one of production may be.
_CHOOSES = regex(r"(?is)\bwhere\b[^;]*?(?:'[^']|\b(?![01]\b)\d|\bnow\s*\(|\bcurrent_(?:date|time))")
# IS DISTINCT FROM, FOR UPDATE, FOR NO KEY UPDATE.
_OF_ANOTHER = {"distinct", "for", "key"}
_BODY = regex(r"(?s)\$\w*\$(?P<said>.*)\$\w*\$")


def asks_others(text: str, depth: int = 0) -> bool:
    """Whether a condition of an UPDATE in SQL, or of what feeds one, asks for rows of a SELECT: others on the target.

    What it sets a column to may ask for whatever it likes: that chooses no row. `depth` is in how many bodies between
    dollars it stands: what is deeper than anybody writes may.
    """
    if depth == DEEPEST:
        return True
    # What each parenthesis that is open stands in. A loop goes on with what it was begun for.
    within, asks, updates, loops, last = [""], False, False, 0, ""
    for one, other in pairwise((*map(str.lower, tokens(text)), "")):
        match one:
            case ";":
                within, asks, updates = [""], asks and loops > 0, False
            case "loop":
                loops += -1 if last == "end" else 1
            case "(":
                asks = asks or (within[-1] == "where" and other in {"select", "table", "with"})
                within.append({"set": "value"}.get(within[-1], within[-1] if within[-1] in {"value", "where"} else ""))
            case ")" if len(within) > 1:
                within.pop()
            case "update" | "set" | "from" | "where" if within[-1] != "value" and last not in _OF_ANOTHER:
                updates = updates or one == "update"
                within[-1] = one
            case _:
                if (body := _BODY.fullmatch(one)) and asks_others(body["said"], depth + 1):
                    return True
        if asks and updates:
            return True
        last = one
    return False


def chooses(text: str) -> bool:
    """Whether a condition in SQL names a text, a number or a time, by which it chooses among rows of production."""
    return _CHOOSES.search(text) is not None


class Counts(Struct, frozen=True):
    """Rows that were inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def since(self, before: "Counts") -> "Counts":
        """How many more they are. TRUNCATE has the server count from nothing again (pgstat_relation.c)."""
        pairs = zip(self.each, before.each, strict=True)
        return Counts(*(max(0, now - then) for now, then in pairs))

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*map(add, self.each, other.each))

    @property
    def each(self) -> tuple[int, int, int]:
        """All three."""
        return self.inserted, self.updated, self.deleted

    @property
    def verb(self) -> str:
        """What was done to most of them, as SQL calls it."""
        return max(zip(self.each, ("insert", "update", "delete"), strict=True), key=lambda one: one[0])[1]


class LastDeleted(Struct, frozen=True):
    """What deleted rows of a table last; `said`: a DO block that says in so many words that it deletes them all."""

    seen: Seen
    said: bool


class RowsWritten(Struct, frozen=True):
    """What a statement, or what else was sent with it as one, wrote of the rows of `table`, called as before.

    By a cascade or a trigger as well. `had` is how many rows the table had before what is new, None where nobody
    counted them, and `seed` the path of the file that they are of, empty where they were made up. `chosen`: a
    condition names a text, a number or a time, or asks for rows of a SELECT. `locked`: an earlier piece of its
    transaction had taken the table from everybody.
    """

    migration: str
    at: Location
    statement: str
    table: str
    counts: Counts
    had: int | None = None
    seed: str = ""
    chosen: bool = False
    locked: bool = False

    @property
    def updates_all(self) -> bool:
        """Whether as many were updated as there were, and no value chose them: of fewer, that may be chance.

        More than there were may be some of them many times, by a trigger, and so may others beside new ones.
        """
        alone = not self.chosen and not self.counts.inserted
        return alone and self.had is not None and self.counts.updated == self.had >= FEWEST

    @property
    def told(self) -> str:
        """`updates 16 of 16 rows of public.users`."""
        verbs = zip(("inserts", "updates", "deletes"), self.counts.each, strict=True)
        return f"{', '.join(self._part(verb, rows) for verb, rows in verbs if rows)} of {self.table}"

    def _part(self, verb: str, rows: int) -> str:
        if verb == "inserts" or self.had is None or rows > self.had:
            return f"{verb} {counted(rows, 'row')}"
        return f"{verb} {rows} of {counted(self.had, 'row')}"
