"""MC401."""

import re
from collections.abc import Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching
from migcheck.drizzle.pieces import decode
from migcheck.facts.history.not_in_base import not_in_base
from migcheck.facts.rehearsal import Failed, ReplayFacts, Request, Way, made_for_the_ledger
from migcheck.finding import Location, Violation
from migcheck.regex import regex
from migcheck.rule import Trait, rule
from migcheck.wording import listed, undone_there

_FIXES = {
    "55P04": "A new enum value cannot be used in the transaction that adds it, and Drizzle runs all in one. Deploy ADD "
    "VALUE first. Use the value in a migration of the next deploy.",
    "08P01": "Remove the NUL byte from the file.",
}

_LATE = "End the loop or the wait in {}. Where it is only slow, raise `timeout` under [scratch] in migcheck.toml."
_OWN_TIMEOUT = (
    "This migration sets `statement_timeout`, or one before it in the same deploy does. Give this statement more time "
    "there. Or do less in it."
)
_OTHERS_TIMEOUT = (
    "None of these migrations sets `statement_timeout`. Look at the role, the database and the server: ALTER ROLE or "
    "ALTER DATABASE may stand in a prelude or in what ran before. Give more time there. Or do less in this statement."
)

# What sets a transaction's modes has the SQLSTATE of what cannot be in one.
_MODE = regex(r"(?:set|begin|start)\b", re.IGNORECASE)

_OUTSIDE = (
    "Drizzle runs every migration in a transaction, where this statement cannot run. {instead}.\nOr deploy with "
    "`migcheck apply`. {anew}Say in migcheck.toml that it runs outside of a transaction:\n\n"
    '[[migration]]\ntag = "{tag}"\ntransaction = "none"'
)
_INDEX = regex(r"\bcreate\s+(?:unique\s+)?index\s+concurrently\b", re.IGNORECASE)
_CONCURRENTLY = regex(r"\bconcurrently\b", re.IGNORECASE)
_BEGINS_ANEW = "Write it so that it can begin anew: `CREATE INDEX CONCURRENTLY IF NOT EXISTS`, with a name. "
_BY_HAND = "Take it out and run it by hand, where it changes nothing of the schema (VACUUM, CLUSTER, ALTER SYSTEM)"

_ALONE = (
    "This migration runs outside of a transaction, each statement alone. Take BEGIN and COMMIT out. Take such a "
    "statement out of functions and DO blocks as well."
)

_NO_SCHEMA = (
    "The search_path is empty. This migration empties it, or one before it in the same deploy: the header of a pg_dump "
    "does that. Name the schema (`create table public.users`). Or put `reset search_path;` after what empties it."
)

_NOT_THE_FIRST = (
    "A transaction's isolation level is set before its first query, and Drizzle runs everything pending in one. Take "
    "the statement out. Or put it at the top of the migration, and deploy nothing else before that."
)

_NO_DATA = "Drizzle's drivers send no data after COPY ... FROM STDIN: write the rows as INSERT."

_AT_COMMIT = (
    "A deferred constraint is looked at when all is committed: see which of these migrations writes what it refuses."
)

_AT_ITS_COMMIT = (
    "A deferred constraint is looked at when all is committed: see which statement of this migration writes what it "
    "refuses."
)

_LANDED = (
    "It has landed as it is. Which of these is it?\n"
    "- This change makes it fail, by an edit or an entry before it: undo that.\n"
    "- It could never run: fix it in its own file. That only warns (MC201).\n"
    "- Production has what scratch lacks: name that under [scratch] in migcheck.toml."
)

_DRIFT = (
    "The target has it otherwise. If somebody changed that by hand or by `drizzle-kit push`, bring it in line. Or "
    "write the migration for what is there. If nobody did, fix the statement."
)
_ITSELF = "Fix the statement that is named."
_AGAIN = "It makes again what has landed. Put {back} back, as {code} says: then this is gone, too."
_NAMES = regex(r'"([^"]+)"')
_IS_THERE = frozenset({"42701", "42710", "42P06", "42P07"})
_OF_DRIFT = _IS_THERE | {"42703", "42704", "42883", "42P01", "3F000"}


@rule("MC401", Trait.MEETS_A_DEPLOY)
def migration_fails(facts: ReplayFacts) -> Iterator[Violation]:
    """Every migration runs, where a deploy will run it.

    ## Why it matters
    A deploy would meet the same refusal. Drizzle rolls everything pending back and the release stands still; where a
    piece has a COMMIT of its own, the database is left half way.

    ## How to fix
    Fix the statement that is named.

    If the migration has landed as it is, see which of these it is. This change makes it fail, by an edit or an entry
    before it: undo that. It could never run, so it was applied nowhere: fix it in its own file, which only warns
    (MC201). Production has what scratch lacks: name that under [scratch] in the configuration.

    A statement that cannot run in a transaction (CREATE INDEX CONCURRENTLY, VACUUM) goes into a migration of its own.
    Say `transaction = "none"` of that under [[migration]]: `migcheck apply` then runs it outside of one.
    """
    alike: dict[tuple[str, int, str], list[Failed]] = {}
    for outcome in facts.rehearsal.ways:
        if isinstance(outcome, Failed) and outcome.way is not Way.AGAIN and outcome.unless_apart is None:
            failure = outcome.failure
            alike.setdefault((failure.path, failure.line, failure.sqlstate), []).append(outcome)
    placed = {each[0].failure.message for each in alike.values() if not each[0].failure.at_commit}
    for failed in alike.values():
        # One way may meet at a statement, or alone, what another meets at the COMMIT of all.
        if not failed[0].failure.at_commit or failed[0].failure.message not in placed:
            yield _violation(failed, facts)


def _violation(failed: Sequence[Failed], facts: ReplayFacts) -> Violation:
    """One refusal, told once for all the ways that met it."""
    request = facts.rehearsal.request
    failure, ledger = failed[0].failure, request.name
    ways = _ways(failed, request)
    if failure.misses(ledger):
        # What fails is the row that Drizzle writes next: it is at no line of the file.
        return Violation(
            Location(failure.path),
            f"{failure.migration} takes away the ledger {ledger}, where Drizzle is about to record it: fails "
            f"{ways}: {failure.said}",
            migration=failure.migration,
            fix=f"Take out what drops or renames {ledger} or its schema: a migration cannot remove its own ledger.",
        )
    batch = _batch(failed[-1], request)
    if failure.at_commit and failed[0].batching is Batching.ALL and len(batch) > 1:
        on, by = _named([each for each in failed if _batch(each, request) == batch])
        return Violation(
            Location(request.head.path),
            f"the COMMIT of {batch[0].tag} to {batch[-1].tag} fails {on} ({by}): {failure.said}",
            evidence=failure.evidence,
            fix=_AT_COMMIT,
        )
    what = f"the COMMIT of {failure.migration}" if failure.at_commit else failure.migration
    return Violation(
        failure.at,
        f"{failure.place if failure.is_of_several else what} fails {ways}: {failure.said}",
        migration=None if failure.is_of_several else failure.migration,
        evidence=failure.evidence,
        fix=_AT_ITS_COMMIT if failure.at_commit else _fix(failed[0], facts),
    )


def _batch(failed: Failed, request: Request) -> Sequence[Migration]:
    """What that way runs in one transaction, where it runs all in one."""
    return request.new if failed.way is Way.UPGRADE else request.head.migrations


def _ways(failed: Sequence[Failed], request: Request) -> str:
    """Where these ways met it, and in which transactions."""
    if len({_how(each, request) for each in failed}) > 1:
        return " and ".join(f"{each.way.on} ({each.way}, {_how(each, request)})" for each in failed)
    on, by = _named(failed)
    return f"{on} ({by}, {_how(failed[0], request)})"


def _named(failed: Sequence[Failed]) -> tuple[str, str]:
    return " and ".join(each.way.on for each in failed), " and ".join(each.way for each in failed)


def _how(failed: Failed, request: Request) -> str:
    if failed.failure.migration in request.outside:
        return "outside of a transaction"
    return "all in one transaction" if failed.batching is Batching.ALL else "one transaction each"


def _of_transactions(failed: Failed, request: Request) -> str:
    """Of what does not go with the transaction that it ran in, or with running in none."""
    failure = failed.failure
    if failure.migration in request.outside:
        return _ALONE
    if _MODE.match(failure.statement):
        return _NOT_THE_FIRST
    if _INDEX.search(failure.statement):
        instead, anew = "Create the index without CONCURRENTLY", _BEGINS_ANEW
    else:
        instead, anew = "Leave CONCURRENTLY out" if _CONCURRENTLY.search(failure.statement) else _BY_HAND, ""
    return _OUTSIDE.format(instead=instead, anew=anew, tag=failure.migration)


def _fix(failed: Failed, facts: ReplayFacts) -> str:
    """What to do; empty where the rule's own first paragraph says it."""
    request = facts.rehearsal.request
    usual = _usual_fix(failed, request, landed=_has_landed(failed, facts))
    if failed.way is Way.UPGRADE and failed.failure.sqlstate in _OF_DRIFT and (ran := _in_the_way(failed, facts)):
        return (
            f"{usual or _ITSELF}\nOr is {ran} in the way, which base does not have? If no database ran it but that of "
            f"{request.name}: {undone_there('what it did')}"
        )
    return usual


def _has_landed(failed: Failed, facts: ReplayFacts) -> bool:
    request, tag = facts.rehearsal.request, failed.failure.migration
    if tag in request.changed():
        return False
    # Made anew with the text that ran, it is no change of what that ledger holds, and has not landed either.
    here = request.head.by_tag().get(tag)
    rows = request.ledger.rows if request.ledger and here else ()
    return not any(here and row.hash == here.hash and not_in_base(facts.history, row) for row in rows)


def _usual_fix(failed: Failed, request: Request, *, landed: bool) -> str:
    """What to do, whatever the database ran before."""
    failure = failed.failure
    if failure.sqlstate == "25001":
        return _of_transactions(failed, request)
    if failure.lacks_search_path:
        return _NO_SCHEMA
    if failure.sqlstate == "57014" and (fix := _of_what_was_ended(failed, request)):
        return fix
    if request.copy is not None and failure.sqlstate in _OF_DRIFT:
        return _DRIFT
    if told := made_for_the_ledger(failure, request.name.schema):
        return f"{told}."
    return _FIXES.get(failure.sqlstate, _LANDED if landed else _of_what_landed(failed, request))


def _of_what_landed(failed: Failed, request: Request) -> str:
    """Of one that meets what base made under its name, or under those that this change takes away."""
    if failed.way is not Way.UPGRADE or failed.failure.sqlstate not in _IS_THERE or request.base is None:
        return ""
    if request.restarts():
        return _AGAIN.format(back="the landed migrations", code="MC209")
    edited = failed.failure.migration in request.base.by_tag()
    return _AGAIN.format(back="the file", code="MC201") if edited else ""


def _of_what_was_ended(failed: Failed, request: Request) -> str:
    """Of a statement that was cancelled: by our own clock, by the driver, or by a time that somebody has set."""
    if failed.failure.late:
        return _LATE.format("the statement that goes on" if failed.failure.until else "this statement")
    if "COPY from stdin" in failed.failure.message:
        return _NO_DATA
    if "statement timeout" not in failed.failure.message:
        return ""
    sets_it = any(_has_all(decode(each.sql), ["statement_timeout"]) for each in _batch(failed, request))
    return _OWN_TIMEOUT if sets_it else _OTHERS_TIMEOUT


def _in_the_way(failed: Failed, facts: ReplayFacts) -> str:
    """What the ledger has that base does not, and that names what the refusal does. Empty for nothing."""
    request = facts.rehearsal.request
    names = [each.rpartition(".")[2] for each in _NAMES.findall(failed.failure.message)]
    if request.ledger is None or not names:
        return ""
    # With the text that ran, a migration that was made anew has another time.
    here = {(each.hash, each.when) for each in request.head.migrations}
    rows = (row for row in request.ledger.rows if (row.hash, row.created_at) not in here)
    ran = ((each, row) for row in rows if (each := not_in_base(facts.history, row)))
    return listed([f"{each.tag} (row {row.id})" for each, row in ran if _has_all(decode(each.sql), names)])


def _has_all(sql: str, names: Sequence[str]) -> bool:
    # The server folds a name that is not quoted.
    return all(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", sql, re.IGNORECASE) for each in names)
