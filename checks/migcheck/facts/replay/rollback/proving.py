"""Rollbacks, proven: a migration up, its rollback, the migration again; and what is there after each."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.ledger import Batching
from migcheck.drizzle.rollback import Rollback
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.changes import ledger_change
from migcheck.facts.replay.rollback.remade import values_changed
from migcheck.facts.replay.stage import Contents, Stage
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.rollback import (
    AgainOtherwise,
    LeftOtherwise,
    NotAgain,
    NotReached,
    Proven,
    Refused,
    RollbackProof,
)
from migcheck.facts.sql.observation import (
    Cause,
    ColumnDropped,
    ColumnMadeRequired,
    Deleted,
    DomainChecked,
    Emptied,
    IndexBuilt,
    RequiredColumnAdded,
    Rewritten,
    Seen,
    TableDropped,
    Validated,
)
from migcheck.postgres.catalogue.compare import ORDER
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.undoing import divides_its_transaction
from migcheck.postgres.scratch.contract import OutOfBoundsError

ROLLBACK = "rollback"
"""Where rollbacks are tried."""


def prove_from_files(stage: Stage, request: Request) -> tuple[RollbackProof, ...]:
    """Prove each rollback that this change brings, or that belongs to what is new, on what the folder builds."""
    wanted = request.rollbacks()
    if not wanted:
        return ()
    migrations, failure = request.head.migrations, None
    first = migrations.index(wanted[0].migration)
    for batching in dict.fromkeys((request.batching, Batching.EACH)):
        failure = stage.build(ROLLBACK, migrations[:first], request.head.layout, batching)
        if failure is None:
            return prove(stage, request.head.layout, migrations[first:], wanted)
    return tuple(_not_reached(wanted, _fails(failure) if failure else ""))


def prove(
    stage: Stage, layout: Layout, migrations: Sequence[Migration], wanted: Sequence[Rollback]
) -> tuple[RollbackProof, ...]:
    """Prove the rollbacks `wanted`, in their order, while `migrations` run one by one in ROLLBACK.

    That stands where they begin. It ends with the first that leaves something else behind, or where a session is lost.
    Raises OutOfBoundsError where a server's time, memory or disk were over.
    """
    found: list[RollbackProof] = []
    if not wanted:
        return ()
    try:
        for proof in _walk(stage, layout, migrations, wanted):
            found.append(proof)  # noqa: PERF402 - what was found before the session is lost counts
    except OutOfBoundsError:
        raise
    except UndecidableError as error:
        found.extend(_not_reached(wanted[len(found) :], error.problem))
    return tuple(found)


def _walk(
    stage: Stage, layout: Layout, migrations: Sequence[Migration], wanted: Sequence[Rollback]
) -> Iterator[RollbackProof]:
    due = {each.migration.tag: each for each in wanted}
    before: Contents | None = None
    with stage.looking(ROLLBACK) as look:
        for migration in migrations:
            rollback = due.get(migration.tag)
            if rollback is not None and before is None:
                before = look()
            done = stage.run_observed(ROLLBACK, migration, layout)
            if done.failure is not None:
                yield from _not_reached(due.values(), _fails(done.failure), done.failure)
                return
            if rollback is None or before is None:
                before = None
                continue
            after = look()
            proof = RollbackTrial(stage, look, layout, rollback).outcome(before, done, after)
            yield proof
            del due[migration.tag]
            if isinstance(proof, LeftOtherwise | NotAgain | AgainOtherwise):
                yield from _not_reached(due.values(), f"the rollback of {migration.tag} left something else behind")
                return
            if not due:
                return
            before = after


class RollbackTrial(Struct, frozen=True):
    """One rollback, tried in ROLLBACK where its migration has run last.

    Not in a copy: a role is dropped where no database needs it, and the copied one would.
    """

    stage: Stage
    look: Callable[[], Contents]
    layout: Layout
    rollback: Rollback

    def outcome(self, before: Contents, done: Observed, after: Contents) -> RollbackProof:
        """What becomes of it. The migration was seen to have `done` what made `before` into `after`."""
        tag, path = self.rollback.migration.tag, self.rollback.script.path
        if divides_its_transaction(self.rollback):
            return NotReached(tag, path, "it ends or divides its transaction: take COMMIT and the like out of it")
        undone = self.stage.undo_observed(ROLLBACK, [self.rollback])
        if undone.failure is not None:
            return Refused(tag, path, undone.failure)
        back = self.look()
        if lines := otherwise(before, back):
            return LeftOtherwise(tag, path, lines)
        if refused := self.stage.run_batch(ROLLBACK, [self.rollback.migration], self.layout):
            return NotAgain(tag, path, refused)
        if lines := otherwise(after, self.look()):
            return AgainOtherwise(tag, path, lines)
        return Proven(
            tag,
            path,
            loses=_told(undone.seen, _lost),
            lacks=(
                *_told(done.seen, _lost),
                *values_changed(self.rollback.migration, done.seen),
                *_begun_anew(before, after),
            ),
            needs=_told(undone.seen, _needed),
            writes=tuple(sorted(undone.written)),
            untouched=tuple(sorted(done.written - undone.written)),
            order=tuple(line for line in before.unlike(back) if _is_order(line)),
        )


def otherwise(before: Contents, after: Contents) -> tuple[str, ...]:
    """What is other than before, the ledger included; not the order of columns, which nothing can move."""
    lines = (line for line in before.unlike(after) if not _is_order(line))
    return (*lines, *(f"{line[0]} ledger{line[1:]}" for line in ledger_change(before, after, ())))


def _is_order(line: str) -> bool:
    """Whether it tells of the order of columns alone: one that comes back stands last, and nothing can move it."""
    return line.startswith(f"~ {ORDER} ")


def _begun_anew(before: Contents, after: Contents) -> tuple[str, ...]:
    """Sequences that the migration takes away: where they stood, nobody knows behind it."""
    gone = before.catalogue.things.keys() - after.catalogue.things.keys()
    return tuple(f"the position of sequence {key.identity}" for key in sorted(gone) if key.kind == "sequence")


def _fails(failure: SqlFailure) -> str:
    return f"{failure.migration} fails: {failure.said}"


def _not_reached(rollbacks: Iterable[Rollback], reason: str, met: SqlFailure | None = None) -> Iterator[NotReached]:
    return (NotReached(each.migration.tag, each.script.path, reason, met) for each in rollbacks)


def _told(seen: Sequence[Seen], by: Callable[[Seen], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(by, seen))))


def _lost(seen: Seen) -> str:
    """What went with the values that were in it."""
    match seen.change:
        case TableDropped():
            return f"table {seen.table}"
        case ColumnDropped(column=column, generated=False):
            return f"column {seen.table}.{column}"
        case Emptied() | Deleted():
            return f"the rows of {seen.table}"
        case _:
            return ""


def _needed(seen: Seen) -> str:
    """What a table with rows refuses, or may: nothing of it is felt where there are none."""
    match seen.change:
        case RequiredColumnAdded(column=column):
            return f"no row in {seen.table}, which gets {column} with NOT NULL and no default"
        case ColumnMadeRequired(column=column):
            return f"no NULL in {seen.table}.{column}"
        case Validated(constraint=constraint) | DomainChecked(constraint=constraint):
            return f"rows of {seen.table} that hold {constraint}"
        case IndexBuilt(index=index, unique=True):
            return f"rows of {seen.table} that are unique by {index}"
        # A view is filled from what it is of, and there is a text of each value.
        case Rewritten(why, cause, _, to) if cause is not Cause.REFRESHED and {each.now for each in to} != {"text"}:
            return f"values in {seen.table} that fit, or are rounded: {why}"
        case _:
            return ""
