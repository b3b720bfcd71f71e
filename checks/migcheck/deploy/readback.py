"""Reading back after the commit: the ledger must be the journal, the catalogue's change the rehearsal's."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import psycopg
from msgspec import Struct, field
from psycopg import sql

from migcheck.clearance import Clearance, Step
from migcheck.deploy.earlier import change_of, there_before
from migcheck.deploy.order import Order
from migcheck.deploy.reconnecting import learn
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.postgres.catalogue import Catalogue, Key, head, read_catalogue
from migcheck.postgres.running.ledger import Connection, read_settled_ledger
from migcheck.postgres.target.holders import relation_holder
from migcheck.postgres.target.timeouts import patience
from migcheck.redact import said_by
from migcheck.regex import regex
from migcheck.wording import first_of

Records = Counter[tuple[str, int | None]]
"""How often a ledger has each `(hash, created_at)`."""

_LONGEST = 20
_WHY_BESIDES = (
    "That is as it should be where one migration makes what a later one takes away: rehearsed was the plan as a whole"
)
# Any word by which a migration may take away what a later one makes again.
_TAKES_AWAY = regex(rb"\b(?:drop|rename|set\s+schema|revoke|comment|do|call|select|execute)\b", re.IGNORECASE)
# A deploy builds anew what one that was cut off has left half built.
_WHOLE_NOW = (": - invalid", ": - not ready")


class Unread(Struct, frozen=True):
    """The catalogue could not be read, and why: a reason to compare nothing, none to deploy nothing."""

    reason: str


class ReadBack(Struct, frozen=True):
    """Warnings, and what the ledger holds; None where it could not be read. `notes` ask for nothing.

    `foreign` is what it holds more than was expected.
    """

    warnings: tuple[str, ...]
    records: Records | None = None
    notes: tuple[str, ...] = ()
    foreign: Records = field(default_factory=Counter)

    def lacking(self, steps: Sequence[Step]) -> list[str]:
        """The tags of those whose rows the ledger did not keep: something on it takes them away."""
        return [each.tag for each in steps if self.records is not None and not self.records[each.hash, each.when]]

    def repeating(self, steps: Sequence[Step]) -> list[str]:
        """The tags of those whose rows the ledger has more often than it should: another migrator ran them as well.

        Two entries with one text and one `when` have two rows that are alike.
        """
        return [each.tag for each in steps if self.foreign[each.hash, each.when]]

    def keeping(self, steps: Sequence[Step]) -> list[str]:
        """The tags of those whose rows the ledger has."""
        return [each.tag for each in steps if self.records is not None and self.records[each.hash, each.when]]


def catalogue_of(connection: Connection, order: Order) -> Catalogue | Unread:
    """The target's catalogue as the rehearsal's was read: without the ledger, the deploying role as `$owner`.

    It waits for a table that somebody keeps locked no longer than a migration would.
    """
    return catalogue_within(connection, order.clearance.ledger, order.settings.lock_timeout)


def catalogue_within(connection: Connection, name: LedgerName, seconds: float) -> Catalogue | Unread:
    """The same without the ledger `name`, where no table is locked for longer than `seconds`."""
    try:
        return read_catalogue(connection, leave_out=name, lock_timeout=seconds)
    except psycopg.errors.LockNotAvailable:
        return Unread(f"a table was locked for longer than lock_timeout ({seconds:g} s)")
    except psycopg.errors.QueryCanceled:
        return Unread("reading all that the target has took too long")


class ReadingBack(Struct, frozen=True):
    """What is held against what: the ledger is to hold `expected`, and the catalogue was `before` when nothing had run.

    `earlier` is what an earlier run had left of the plan: the deploy goes on behind it.
    """

    order: Order
    expected: Records
    before: Catalogue | Unread
    earlier: tuple[Migration, ...] = ()

    def over(self, connection: Connection) -> ReadBack:
        """What is not as it was cleared, asked over the deploy's `connection`; where that is lost, over another."""
        try:
            return self._look(connection)
        except psycopg.Error as lost:
            return self.over_another(lost)

    def over_another(self, lost: Exception) -> ReadBack:
        """The same where the deploy's connection is `lost`."""
        order = self.order
        order.tell("the connection was lost: reading back over another")
        return learn(order, self._look) or _unread(said_by(lost))

    def _look(self, connection: Connection) -> ReadBack:
        """Raises psycopg.Error where the link is lost."""
        clearance, bound = self.order.clearance, patience(self.order.settings.lock_wait)
        try:
            # A migration may have left settings and a role behind.
            default = sql.SQL("set session authorization default"), sql.SQL("reset all")
            after = read_settled_ledger(connection, clearance.ledger, *default, *bound)
            now = catalogue_of(connection, self.order)
            changed, notes = _changed(clearance, self.before, now, self.earlier)
            found = after.records()
            lost, foreign = self.expected - found, found - self.expected
            return ReadBack((*_ledger_warnings(lost, foreign), *changed), found, notes, foreign)
        except psycopg.errors.LockNotAvailable:
            who = relation_holder(connection, clearance.ledger) or "another session"
            return _unread(f"{clearance.ledger} is locked by {who}")
        except UndecidableError as error:
            return _unread(said_by(error))
        except psycopg.Error as error:
            if connection.closed:
                raise
            return _unread(said_by(error))


def _unread(why: str) -> ReadBack:
    return ReadBack((f"committed, but it could not be read back: {why}",))


def _ledger_warnings(lost: Records, foreign: Records) -> Iterator[str]:
    yield from (f"the ledger lacks the row (hash {digest}, created_at {at})" for digest, at in lost)
    yield from (f"the ledger has a row of another's (hash {digest}, created_at {at})" for digest, at in foreign)


def _changed(
    clearance: Clearance, before: Catalogue | Unread, after: Catalogue | Unread, earlier: Sequence[Migration]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The warnings of what changed otherwise than it was rehearsed, and the notes."""
    match before, after:
        case (Unread(reason=reason), _) | (_, Unread(reason=reason)):
            return (f"what changed was not compared with the rehearsal: {reason}",), ()
        case Catalogue() as was, Catalogue() as now:
            return _differences(*_unlike(clearance, was, now, resumed=bool(earlier)), earlier)
    raise AssertionError  # Nothing else is of those types.


def _differences(
    missing: Sequence[str], more: Sequence[str], earlier: Sequence[Migration]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines = [f"rehearsed, but not seen on the target: {line}" for line in missing]
    notes: tuple[str, ...] = ()
    # What one step makes and a later one takes away, or the other way round, the whole plan's change does not have.
    takes = any(_TAKES_AWAY.search(each.sql) for each in earlier)
    perhaps = dict.fromkeys(line for line in more if earlier and (takes or line[:1] != "+"))
    lines += [f"seen on the target, but not rehearsed: {line}" for line in more if line not in perhaps]
    if perhaps:
        also = "; ".join(first_of(list(perhaps), _LONGEST))
        notes = (
            f"this run went on behind what an earlier run had applied, and changed besides: {also}. {_WHY_BESIDES}",
        )
    return tuple(first_of(lines, _LONGEST, rest="more differences between the target and the rehearsal")), notes


def _unlike(clearance: Clearance, before: Catalogue, after: Catalogue, *, resumed: bool) -> tuple[list[str], list[str]]:
    """What was rehearsed and not seen, and what was seen and not rehearsed."""
    by_itself = tuple(_by_default_privileges(clearance.catalogue_change, before, after))
    rehearsed, seen = (
        dict.fromkeys(line for line in lines if not (line.startswith(by_itself) or line.endswith(_WHOLE_NOW)))
        for lines in (clearance.catalogue_change, change_of(clearance, before, after, resumed=resumed))
    )
    missing = [line for line in rehearsed if line not in seen]
    passed_over = there_before(missing, before, after)
    return [line for line in missing if line not in passed_over], [line for line in seen if line not in rehearsed]


def _by_default_privileges(rehearsed: Sequence[str], before: Catalogue, after: Catalogue) -> Iterator[str]:
    """How lines begin that tell of rights on new things: as rehearsed, and beside that as the target's defaults are.

    Providers have ALTER DEFAULT PRIVILEGES for roles of their own; scratch has the roles at most.
    """
    defaults = dict[tuple[str, str], frozenset[str]]()
    for key, parts in before.things.items():
        kind, _, role = _right(key)
        if " on future " in kind:
            defaults[kind, role] = _rights(parts) | defaults.get((kind, role), frozenset())
    old = {key.identity for key in before.things}
    for key, parts in after.things.items():
        kind, thing, role = _right(key)
        brings = defaults.get((kind.replace(" on ", " on future ") + "s", role))
        if brings and thing not in old:
            begins = f"+ {head(key)} "
            given = _rights(line.removeprefix(begins) for line in rehearsed if line.startswith(begins))
            if given <= _rights(parts) <= given | brings:
                yield begins


def _rights(parts: Iterable[str]) -> frozenset[str]:
    return frozenset(right for part in parts for right in part.split(", "))


def _right(key: Key) -> tuple[str, str, str]:
    """`grant on table`, `public.users` and `reader` of `grant on table public.users to reader`."""
    thing, _, role = key.identity.rpartition(" from " if key.kind.startswith("revoke") else " to ")
    return key.kind, thing, role
