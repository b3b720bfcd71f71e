"""What Drizzle makes of one SQL file: its text, its pieces and its hash.

Source: drizzle-orm 0.45 migrator.js `readMigrationFiles`.
"""

import hashlib

from msgspec import Struct

BREAKPOINT = "--> statement-breakpoint"


class Piece(Struct, frozen=True):
    """One piece as it is sent to the server. `line` is the 1-based line of the file where it begins."""

    text: str
    line: int


def decode(sql: bytes) -> str:
    """The file as Node reads it: UTF-8, each invalid sequence a U+FFFD, a byte order mark and CRs kept."""
    return sql.decode("utf-8", "replace")


def migration_hash(sql: bytes) -> str:
    """The 64 hex digits that Drizzle stores: SHA-256 of the decoded text, so not of the bytes if they are not UTF-8."""
    return hashlib.sha256(decode(sql).encode()).hexdigest()


def split_pieces(sql: bytes) -> tuple[Piece, ...]:
    """Split as Drizzle does: on the bare marker, inside strings and comments too; nothing trimmed, nothing dropped."""
    pieces = []
    line = 1
    for text in decode(sql).split(BREAKPOINT):
        pieces.append(Piece(text, line))
        line += text.count("\n")
    return tuple(pieces)
