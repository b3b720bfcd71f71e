"""What a database ran that never landed: one's own, before a migration was made anew behind a merge."""

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerRow
from migcheck.drizzle.standing import other_line_ends
from migcheck.facts.history.history import History


def never_landed(history: History | None, row: LedgerRow) -> Migration | None:
    """The file behind `row` of a ledger, where it is known that it never landed.

    None where it did, with whatever line ends, or in that place another text did; and where nobody knows.
    """
    if history is None or history.before is None:
        return None
    for each in history.before.migrations:
        if each.hash == row.hash or each.when == row.created_at or each.tag == row.name:
            return None
    here = (each for each in history.after.migrations if each.hash == row.hash)
    found = next(here, None) or history.lookup(row.hash)
    if found is None or any(history.may_have_landed(each) for each in {row.hash, *other_line_ends(found)}):
        return None
    return found
