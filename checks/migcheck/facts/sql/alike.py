"""What else of a migration does to a table what one finding tells of it: mended or waived, all of it is meant."""

from collections.abc import Sequence

from migcheck.facts.sql.observation import (
    Change,
    ColumnMadeRequired,
    DomainChecked,
    IndexBuilt,
    Rewritten,
    Rezoned,
    Seen,
    Validated,
)

_SHOWN = 3


def so_do(seen: Seen, others: Sequence[Seen]) -> str:
    """`; so do line 3 (by_name), line 5 (by_age)`: `others` as well as what was `seen`; empty where there are none."""
    # Its own statement may have made two of a kind, and a piece that nobody could take apart has one line for all.
    told = dict.fromkeys(_told(each, seen.lock) for each in others)
    if not told:
        return ""
    more = len(told) - _SHOWN
    names = ", ".join(list(told)[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"; so {'does' if len(told) == 1 else 'do'} {names}"


def _told(seen: Seen, lock: str) -> str:
    # A key takes the table from everybody, which the plain index before it does not.
    inside = ", ".join(filter(None, (_subject(seen.change), seen.lock if seen.lock != lock else "")))
    where = "another statement" if seen.at.line is None else f"line {seen.at.line}"
    return f"{where} ({inside})" if inside else where


def _subject(change: Change) -> str:
    match change:
        case IndexBuilt(index=name):
            return name
        case Validated(constraint=name) | DomainChecked(constraint=name):
            return name
        case ColumnMadeRequired(column=name):
            return name
        case Rewritten(why=why) | Rezoned(why=why):
            return why
        case _:
            return ""
