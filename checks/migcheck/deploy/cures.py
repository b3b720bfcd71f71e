"""What to do where a deploy did not get through, in words."""

from collections.abc import Sequence

from migcheck.clearance import Clearance, Step
from migcheck.deploy.fate import Fate, Progress
from migcheck.deploy.order import AGAIN, Errand, Order
from migcheck.deploy.outcome import Refused
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.holders import relation_holder
from migcheck.sql_names import quoted_always

_ROWS = (
    "see which rows of the target are in the way and repair them, or change {migration} if no ledger has it "
    "(migcheck explain rollback failed)"
)
_THERE = (
    "see what of {migration} the target has already: where it is all there, `migcheck baseline` proves that and writes "
    "the row; else undo it, or finish it by hand and write its row (migcheck explain rollback schema-without-row)"
)
_GONE = (
    "find out why the target lacks what the migrations before {migration} made, and put it back "
    "(migcheck explain rollback row-without-schema)"
)
# What PL/pgSQL says of a row that it holds, and of no table: the code is at fault, whatever the target has.
_OF_CODE = 'record "'
_LEDGER = "see why {ledger} does not take the row that Drizzle writes: its columns, its constraints, a trigger on it"
_CODE = "fix {migration}, or the trigger or function that it calls"
# Nothing is wrong with what was sent: it wants another moment, another setting, role or URL.
_ASIDE = {
    "55P03": "end what holds the lock or wait for it, or raise retry_for",
    "57014": "raise statement_timeout, under [apply] or for it alone under [[migration]], or choose an hour when it is "
    "quicker; where somebody cancelled it, find out why",
    "40P01": "wait for what it met to end",
    "40001": "wait for what it met to end",
    "42501": "connect as a role that owns what is changed",
    "25006": "point the URL at a database that takes writes",
    "3F000": "make the schema that is missing, or let the role's search_path lead to one that is there",
}
_CURES = {
    **_ASIDE,
    # What the rehearsal had no rows for: not null, foreign key, unique, check, exclusion.
    "23502": _ROWS,
    "23503": _ROWS,
    "23505": _ROWS,
    "23514": _ROWS,
    "23P01": _ROWS,
    # What the rehearsal made from the ledger's rows alone: a column, relation, schema, object, function that is there.
    "42701": _THERE,
    "42P07": _THERE,
    "42P06": _THERE,
    "42710": _THERE,
    "42723": _THERE,
    # And a column, a relation that is not.
    "42703": _GONE,
    "42P01": _GONE,
}


def cure(failure: SqlFailure, ledger: LedgerName) -> str:
    """The way out of what the server refused; `ledger` is where the rows are written."""
    records = f"insert into {quoted_always(ledger.schema)}.{quoted_always(ledger.table)} ("
    if failure.statement.startswith(records) and not cure_aside(failure):
        return _LEDGER.format(ledger=ledger)
    told = _CODE if failure.message.startswith(_OF_CODE) else _CURES.get(failure.sqlstate, "fix {migration}")
    return told.format(migration=failure.migration)


def cure_aside(failure: SqlFailure) -> str:
    """The way out where nothing is wrong with what the server refused; empty where something may be."""
    return _ASIDE.get(failure.sqlstate, "")


def place(progress: Progress, failure: SqlFailure) -> str:
    """Where it failed. What COMMIT refuses (a deferred constraint) may be of any migration of the batch."""
    if not failure.at_commit:
        return f"{failure.at}"
    tags = [step.tag for step in progress.begun]
    return "COMMIT of " + " to ".join(dict.fromkeys((tags[0], tags[-1])))


def ledger_locked(connection: Connection, name: LedgerName) -> Refused:
    """What to say where another session kept the ledger from being read or locked in time."""
    who = f" by {holder}" if (holder := relation_holder(connection, name)) else ""
    return Refused(f"{name} is locked{who}", "wait for it to end, or raise lock_wait")


def not_kept(name: LedgerName, tags: Sequence[str]) -> str:
    """What to say where rows are gone that were committed."""
    return f"committed, but {name} did not keep the row of {', '.join(tags)}: a trigger or a rule on it?"


def ran_twice(name: LedgerName, tags: Sequence[str]) -> str:
    """What to say where another migrator, which had read the ledger before, recorded the same behind the commit."""
    return f"committed, but {name} has the row of {', '.join(tags)} more than once: did another migrator run it too?"


def look_at_both(name: LedgerName, plan: Sequence[Step], tags: Sequence[str]) -> tuple[str, ...]:
    """Where a person finds out what those with `tags` left that ran more than once."""
    whens = ", ".join(str(step.when) for step in plan if step.tag in tags)
    delete = "of each, delete" if len(tags) > 1 else "delete"
    return (
        f"what {', '.join(tags)} changes, which may be there twice",
        f"the rows of {name} with created_at {whens}: {delete} all but the first",
    )


def repair(clearance: Clearance) -> str:
    """What to do where a COMMIT inside a migration made part of the plan last."""
    return (
        "see what the statements before the COMMIT made, undo it or finish it by hand, and bring "
        f"{clearance.ledger} to what is there (migcheck explain rollback torn)"
    )


def run_again(errand: Errand, fate: Fate, error: Exception, again: str = AGAIN) -> str:
    """What to do where `error` cut off what left nothing."""
    if isinstance(error, UndecidableError):
        return error.remedy
    session = unseen(errand, fate)
    return f"{session}, then {again}" if session else f"see the server's log, then {again}"


def unseen(errand: Errand, fate: Fate) -> str:
    """What to do about a session that was not seen to end, though it leaves nothing; empty where it was."""
    if fate is not Fate.UNSENT:
        return ""
    session = f"where pg_stat_activity still has its session (application_name '{errand.command}'), end that"
    return f"COMMIT was never sent, so nothing of it stays: {session}"


def look_at(order: Order, plan: Sequence[Step], become: str = "there") -> tuple[str, ...]:
    """Where a person finds out whether `plan` took effect; what its rows are then."""
    whens = ", ".join(str(step.when) for step in plan)
    return (
        f"the rows of {order.clearance.ledger} with created_at {whens}: they are {become} if it took effect",
        f"the sessions of pg_stat_activity with application_name '{order.command}': one that is there is still running",
    )
