"""What a database ran that base does not have: mostly one's own, before a migration was made anew behind a merge."""

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerRow
from migcheck.drizzle.standing import other_line_ends
from migcheck.facts.history.history import History


def not_in_base(history: History | None, row: LedgerRow) -> Migration | None:
    """The file behind `row` of a ledger, where some revision has it, and base has nothing of it or in its place.

    With other line ends it is the same file.
    """
    if history is None or history.before is None:
        return None
    for each in history.before.migrations:
        if each.hash == row.hash or each.when == row.created_at or each.tag == row.name:
            return None
    here = (each for each in history.after.migrations if each.hash == row.hash)
    found = next(here, None) or history.lookup(row.hash)
    landed = {each.hash for each in history.before.migrations}
    return found if found and landed.isdisjoint(other_line_ends(found)) else None
