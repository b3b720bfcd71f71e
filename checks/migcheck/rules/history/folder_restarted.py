"""MC209."""

from collections.abc import Iterator, Sequence

from migcheck.drizzle.change import Restart
from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.names import moment
from migcheck.facts.history.history import Base, Proof
from migcheck.facts.history.judged import HistoryFacts, ledgers_say_so
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import counted, held_nowhere, listed


@rule("MC209")
def folder_restarted(facts: HistoryFacts) -> Iterator[Violation]:
    """A folder goes on from what has landed; one that was squashed builds what had landed, and nothing runs it twice.

    ## Why it matters
    Databases that ran the old migrations keep them in their ledgers. A folder that starts anew is run on top of that,
    or skipped in silence, as its `when` has it.

    ## How to fix
    Put the landed migrations back. To squash them, make one migration that builds the same schema, give its entry the
    greatest `when` that had landed, and let it be the only one of its change: databases that have base skip it.

    Where the restart has landed itself, as in an old commit, `--base` with the commit that it came with judges what is
    there now; the target's ledger is judged all the same. To put the old ones back is then a restart as well, unless
    it is judged with a base from before. Where a ledger is known (DATABASE_URL, `--ledger`), and none holds the old
    ones as they landed, it warns.

    Whether the squash builds the same is proven by rehearsing both on a scratch server: `migcheck verify`, without
    `--offline`. Where base cannot be built at all, that cannot be proven, and it warns. A target that is behind the
    squash is refused.
    """
    before, restart = facts.history.before, facts.change.restart
    if restart is None or before is None:
        return
    if restart.squash is not None:
        yield _of_squash(facts, before, restart.squash)
        return
    severity = facts.weight(*restart.lost)
    yield Violation(
        Location(restart.first.path) if restart.first else facts.entry_at(""),
        f"the folder was restarted: of {_landed(len(before.migrations))} "
        f"{_number(len(restart.lost))} gone, and {_successor(restart)}",
        migration=restart.first.tag if restart.first else None,
        evidence=f"gone {_which(restart.lost)}; the greatest `when` in base is "
        f"{moment(max(each.when for each in before.migrations))}",
        severity=severity,
        fix=_way_out(facts, before, severity),
    )


def _of_squash(facts: HistoryFacts, before: Folder, squash: Migration) -> Violation:
    def told(says: str, severity: Severity, fix: str, rows: tuple[str, ...] = ()) -> Violation:
        message = f"{squash.tag} stands for all {len(before.migrations)} migrations that have landed{says}"
        at, evidence = Location(squash.path), "\n".join(rows[:_SHOWN])
        return Violation(at, message, migration=squash.tag, severity=severity, fix=fix, evidence=evidence)

    if behind := next((each for each in facts.given if each.rows and (each.mark or 0) < squash.when), None):
        says = f", and {behind.name}, as it was given, has only part of them"
        return told(says, Severity.ERROR, _BASE_FIRST)
    match facts.proof:
        case None:
            says = "; that it builds the same is still to be proven, by a rehearsal (gate `replay`)"
            return told(says, Severity.WARNING, _BASE_FIRST)
        case Proof(squash_equal=True, squash_rows=rows):
            also = ", but other rows" if rows else ""
            says = f" and builds the same schema{also}; databases that have base will skip it"
            return told(says, Severity.WARNING, _BASE_FIRST + (_ROWS if rows else ""), rows)
        case Proof(squash_equal=False):
            says = ", but does not build the same schema"
            return told(says, Severity.ERROR, _way_out(facts, before, Severity.ERROR))
        case Proof(base_runs=False, stuck=stuck) if stuck:
            says = (
                "; whether it builds the same nobody can prove, because base cannot be built on an empty "
                f"database ({listed(sorted(stuck))} cannot run): whatever production has was made in another way"
            )
            return told(says, Severity.WARNING, _COMPARE)
        case _:
            says = ", but whether it builds the same could not be proven"
            return told(says, Severity.ERROR, _way_out(facts, before, Severity.ERROR))


_BASE_FIRST = "Deploy base everywhere first: a database that is behind it cannot take the squashed folder."
_ROWS = " A new database will not have the rows that the old migrations made: add those that it needs."
_SHOWN = 5
_COMPARE = (
    "Before it lands, compare `pg_dump --schema-only` of production with that of a database built from the new folder."
)


def _way_out(facts: HistoryFacts, before: Folder, severity: Severity) -> str:
    """What to do about a restart; of one that has landed itself, how to say so."""
    base = facts.history.base
    back = f"Put the landed migrations back{_command(facts, before)} and make the change in a new migration. {_SQUASH}"
    if facts.ledgers and severity is Severity.WARNING:
        return held_nowhere(back, "them", "they")
    if isinstance(base, Base) and not base.unlanded:
        back += _OLD.format(before=base.revision[:12])
    if facts.ledgers:
        return f"{back}\nA ledger that was read holds them as they landed."
    return f"{back}\nIf they were applied nowhere, or rolled back everywhere, {ledgers_say_so(facts.variable)}."


def _command(facts: HistoryFacts, before: Folder) -> str:
    """The command that puts them back, in brackets; none where the folder was moved."""
    return f" ({facts.restore(before.path)})" if before.path == facts.history.after.path else ""


_SQUASH = (
    "To squash them, make one migration that builds the same schema, give its entry the greatest `when` that had "
    "landed, and let it be the only one of its change: databases that have base skip it."
)
_OLD = (
    "\nIf the restart has landed itself, as in an old commit, name the commit that it came with: `--base HEAD`, and "
    "what is put back is a restart of that, unless it is judged with `--base {before}`."
)


def _landed(count: int) -> str:
    return f"{counted(count, 'migration')} that {'has' if count == 1 else 'have'} landed"


def _which(lost: Sequence[Migration]) -> str:
    return f"is {lost[0].tag}" if len(lost) == 1 else f"from {lost[0].tag} to {lost[-1].tag}"


def _number(count: int) -> str:
    return "1 is" if count == 1 else f"{count} are"


def _successor(restart: Restart) -> str:
    return f"{restart.first.tag} stands first" if restart.first else "nothing is left"
