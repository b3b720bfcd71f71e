"""Whether a batch is still in the transaction that it began with: a migration may end that itself.

Source: PostgreSQL's manual, COMMIT, END, ROLLBACK, ABORT, PREPARE TRANSACTION.
"""

from itertools import islice

from msgspec import Struct, field

from migcheck.facts.sql.observation import End, Seen, TransactionEnded
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_in
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.statements import tokens

_ENDS = frozenset({"commit", "end", "rollback", "abort", "prepare"})


def end_of(statement: str) -> End | None:
    """How it ends the transaction that it runs in, by its words; None where it does not."""
    match [each.lower() for each in islice(tokens(statement), 3)]:
        case [_, "prepared", *_] | ["rollback", "to", *_] | ["rollback", "work" | "transaction", "to", *_]:
            return None
        case ["prepare", "transaction", *_]:
            return End.SET_ASIDE
        case ["rollback" | "abort", *_]:
            return End.UNDONE
        case ["commit" | "end", *_]:
            return End.KEPT
        case _:
            return None


class Transaction(Struct):
    """Follows the transaction of one batch after the other. `seen` has who ended one too early."""

    seen: list[Seen] = field(default_factory=list)
    _open: bool = False
    _sent: SentPiece | None = None

    def begin(self) -> None:
        """A batch has begun one."""
        self._open, self._sent = True, None

    def close(self) -> None:
        """The batch is over, and has ended it."""
        self._open = False

    def reach(self, part: SentPiece, *, within: bool) -> bool:
        """Whether what was sent last has ended it; `part` is next, and `within` whether there is a transaction now.

        There still is one behind `COMMIT AND CHAIN`, or where another was begun.
        """
        sent, self._sent = self._sent, part
        if not self._open or sent is None or (within and not _ends(sent)):
            return False
        self._open = False
        self.seen.append(_told(sent))
        return True


def _ends(part: SentPiece) -> bool:
    return not part.words.isdisjoint(_ENDS) and any(end_of(each.text) for each in statements_in(part.piece))


def _told(part: SentPiece) -> Seen:
    migration, statements = part.migration, list(statements_in(part.piece))
    ending = ((each, end) for each in statements if (end := end_of(each.text)) is not None)
    # The server says that it has ended, whatever the words say.
    by, end = next(ending, (statements[0] if statements else part.piece, End.KEPT))
    at = Location(migration.path, by.line)
    return Seen(migration.tag, at, shorten(by.text.strip()), "", TransactionEnded(end))
