"""MC332."""

from collections.abc import Iterator
from sys import maxsize

from migcheck.facts.sql.judged import SqlFacts, value_of
from migcheck.facts.sql.left_behind import SessionHolds, SettingLeft
from migcheck.facts.sql.observation import Seen
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.sql_names import quoted


@rule("MC332")
def session_left_changed(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration leaves something to its session: a lock, a setting, a temporary table, a channel.

    ## Why it matters
    A session is not over with the transaction. Where the application migrates as it starts, on its own pool, Drizzle
    gives that connection back to the pool as it is; and a pooler such as PgBouncer hands it on to anybody, in
    transaction mode without resetting it. What is left there meets queries that know nothing of the migration:

    - An advisory lock of `pg_advisory_lock` is held on. Whoever asks for it waits, the next deploy too, and only that
      connection could release it.
    - With another `search_path` or `role`, queries on it find other tables or rows than on the other connections; with
      `session_replication_role = replica` no trigger fires and no foreign key is checked; with `row_security = off` or
      a `statement_timeout` some are refused or ended: now and then, for no reason that the code shows. With another
      `timezone`, `datestyle`, `intervalstyle` or `standard_conforming_strings` they read and write other values, and
      with `default_transaction_read_only` or `default_transaction_isolation` each of its transactions is another.
    - A temporary table or view hides what has its name in every other schema, for who writes no schema before it, as
      Drizzle does. A temporary sequence does so as well.
    - `LISTEN` goes on. A cursor WITH HOLD keeps its rows. The names of cursors, prepared statements and temporary
      tables are taken: whether the next migration that uses one runs depends on whether both are deployed together.

    It only warns: `migcheck apply`, and a script that ends with its deploy, end the session, and all of this with it.
    Of several things of one kind, the first is told, how many more there are, and below its statement which. Judged is
    what is there when all new migrations have run, so what a later one gives back is no finding. Nor is what ends with
    the transaction: `pg_advisory_xact_lock`, `SET LOCAL`, `ON COMMIT DROP`. A setting with which the next migration
    begins is told there (MC318). It is seen in the rehearsal alone: offline nothing is read of it.

    ## How to fix
    Take what ends with the transaction, or give it back at the end of the migration: `pg_advisory_unlock`, `RESET`,
    `DROP TABLE`, `UNLISTEN`, `CLOSE`, `DEALLOCATE`.
    """
    for seen, setting in facts.of(SettingLeft):
        told = (
            f"leaves {setting.setting} at {value_of(setting)} when its transaction has ended: {_UNTIL} goes on with it"
        )
        yield facts.violation(seen, told, f"End it with `RESET {setting.setting};`.", severity=Severity.WARNING)
    several: dict[tuple[str, str], list[tuple[Seen, SessionHolds]]] = {}
    for seen, held in facts.of(SessionHolds):
        several.setdefault((seen.migration, held.kind), []).append((seen, held))
    for those in several.values():
        # In their order in the file: what no statement names comes last.
        (seen, held), *others = sorted(those, key=lambda each: each[0].at.line or maxsize)
        # Outside of a transaction each statement is one: what ends with it is gone before anything is done with it.
        told, fix = _of(held, alone=seen.migration in facts.outside)
        if others:
            told, fix = f"{told}; likewise {len(others)} more", f"{fix} The others likewise."
        violation = facts.violation(seen, told, fix, severity=Severity.WARNING)
        likewise = (f"likewise {_named(each)}" for _, each in others)
        yield violation.with_evidence(*likewise)


_UNTIL = "until the connection ends, whoever has it next"


def _named(held: SessionHolds) -> str:
    # A lock's key is a number, and no name.
    return held.name if held.kind in {"lock", "shared lock"} else quoted(held.name)


def _of(held: SessionHolds, *, alone: bool) -> tuple[str, str]:
    """What it says of a thing that is held, and how to give that back; `alone`, in no transaction."""
    name = _named(held)
    match held.kind:
        case "lock" | "shared lock":
            shared = "_shared" if held.kind == "shared lock" else ""
            told = (
                f"leaves the {'shared ' if shared else ''}advisory lock {name} held when its transaction has "
                f"ended: until the connection ends, whoever asks for it{' alone' if shared else ''} waits"
            )
            back = f"pg_advisory_unlock{shared}({name})"
            ends = f"Take it with `pg_advisory_xact_lock{shared}`, which ends with the transaction, or end"
            return told, f"{'End' if alone else ends} it with `SELECT {back};`, as often as it is taken."
        case "channel":
            told = f"leaves the session listening to {name}: {_UNTIL} gets what is sent there"
            return told, f"Let the application listen itself, or end it with `UNLISTEN {name};`."
        case "cursor":
            told = f"leaves the cursor {name} open, WITH HOLD: until the connection ends, its rows are kept"
            return told, f"End it with `CLOSE {name};`."
        case "statement":
            told = f"leaves the prepared statement {name}: until the connection ends, its name is taken there"
            return told, f"End it with `DEALLOCATE {name};`."
        case _:
            told = f"leaves the temporary {held.kind} {name}: {_UNTIL} finds it in place of any other {name}"
            or_else = "Make it with `ON COMMIT DROP`, or end" if held.kind == "table" and not alone else "End"
            return told, f"{or_else} it with `DROP {held.kind.upper()} pg_temp.{name};`."
