"""What an undo runs on a ledger as it is now: the rollbacks of what was applied last, newest first. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from migcheck.deploy.outcome import NothingToDo, Refused
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger, LedgerRow
from migcheck.drizzle.rollback import Rollback, Undo, rollbacks_of
from migcheck.drizzle.standing import Standing, Standings, State, StrayRow
from migcheck.postgres.running.undoing import divides_its_transaction
from migcheck.wording import listed

_SEE = "`migcheck status` shows them"


def undo_plan(
    folder: Folder, ledger: Ledger, to: int, known: Mapping[str, str]
) -> tuple[Undo, ...] | NothingToDo | Refused:
    """What undoes everything that is applied behind the migration at position `to`; never empty.

    `known` maps the hash of what was applied to the tag that some revision had for it.
    """
    standings = Standings(folder, ledger, known)
    stays, *behind = standings.migrations[to:]
    if strays := _applied_behind(stays, standings.strays):
        return Refused(
            f"{listed([f'row {row.id}' for row in strays])} of {ledger.name} "
            f"{'belongs' if len(strays) == 1 else 'belong'} to no migration of {folder.path}",
            f"check out the release that was deployed last; {_SEE}",
        )
    if stays.state is not State.APPLIED:
        return Refused(f"{stays.migration.tag} is {stays.state} on the target", f"name one that is applied; {_SEE}")
    edited = [each.migration.tag for each in behind if each.state is State.EDITED]
    if edited:
        return Refused(f"{listed(edited)} was applied as it is no longer in {folder.path}", _SEE)
    applied = [each for each in behind if each.state is State.APPLIED]
    return _steps(folder, ledger, applied) if applied else NothingToDo()


def without_rollback(folder: Folder, ledger: Ledger, to: int) -> Refused | None:
    """What a plan back to position `to` is refused for, whatever was applied that the folder does not have."""
    behind = Standings(folder, ledger, {}).migrations[to + 1 :]
    return _missing(folder, [each for each in behind if each.state is State.APPLIED])


def _applied_behind(stays: Standing, strays: Iterable[StrayRow]) -> list[LedgerRow]:
    """The rows of no migration that an undo back to `stays` would leave without what they were built on."""
    since = stays.row.created_at if stays.row is not None else stays.migration.when
    rows = [each.row for each in strays]
    return [row for row in rows if since is None or row.created_at is None or row.created_at > since]


def _steps(folder: Folder, ledger: Ledger, applied: Sequence[Standing]) -> tuple[Undo, ...] | Refused:
    if refused := _missing(folder, applied):
        return refused
    found = {each.migration.tag: each for each in rollbacks_of(folder)}
    steps = tuple(_with_rows(found, applied))[::-1]
    # Rows that are alike are told apart by nothing: with the one, the other would go.
    if len({each.row for each in steps}) < len(applied) or any(ledger.records()[each.row] > 1 for each in steps):
        return Refused(
            f"not each of {listed([each.migration.tag for each in applied])} has a row of its own in {ledger.name}",
            f"undo it by hand (migcheck explain rollback); {_SEE}",
        )
    if divided := [each.rollback.script.path for each in steps if divides_its_transaction(each.rollback)]:
        return Refused(f"{listed(divided)} ends or divides its transaction", "take COMMIT and the like out of it")
    return steps


def _missing(folder: Folder, applied: Sequence[Standing]) -> Refused | None:
    found = {each.migration.tag for each in rollbacks_of(folder)}
    missing = [each.migration.tag for each in applied if each.migration.tag not in found]
    if not missing:
        return None
    return Refused(
        f"{listed(missing)} {'has' if len(missing) == 1 else 'have'} no rollback in {folder.path}",
        f"`migcheck rollback {missing[-1]} --write` proposes one",
    )


def _with_rows(found: dict[str, Rollback], applied: Sequence[Standing]) -> Iterator[Undo]:
    """Those that have a row, which need not be as Drizzle writes it today: other line ends, a time of 0.x in 1.0."""
    for each in applied:
        if each.row is not None and each.row.created_at is not None:
            yield Undo(found[each.migration.tag], (each.row.hash, each.row.created_at))
