"""MC509."""

from collections.abc import Iterator, Sequence

from migcheck.drizzle.standing import Stray, StrayRow
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule
from migcheck.wording import counted, listed


@rule("MC509", Trait.BY_LEDGER)
def target_ahead_of_folder(facts: TargetFacts) -> Iterator[Violation]:
    """The target has nothing newer than the folder.

    ## Why it matters
    After a rollback of the application the database is ahead of the folder, and there is nothing to deploy: this only
    warns. It is told because the application that runs was not written for this schema, and because a migration
    generated from here would be skipped if its `when` fell before the newer rows.

    ## How to fix
    Nothing, where the application was rolled back on purpose. Else deploy from the branch that has these migrations.

    Where the code that was rolled back cannot live with this schema, see `migcheck explain rollback rolled-back`.

    A row that no revision of this clone has may be of a branch that was never fetched (`git fetch --all`), of work that
    was deployed and never committed, or of another repository that writes to the same ledger. Find out which before the
    next deploy: what it changed is in no file here.
    """
    ahead = [each for each in facts.standings.strays if each.kind is Stray.AHEAD]
    unknown = [each for each in ahead if not each.tag]
    if ahead:
        yield Violation(
            Location(facts.folder.path),
            f"{facts.target.name} is ahead of the folder by {counted(len(ahead), 'migration')}"
            + (f", and no revision of this clone has {_of_them(len(unknown), len(ahead))}" if unknown else ""),
            evidence="\n".join(map(_row, ahead)),
            severity=Severity.WARNING,
            fix=_find_out(unknown) if unknown else "",
        )


def _of_them(unknown: int, ahead: int) -> str:
    if unknown < ahead:
        return f"{unknown} of them"
    return "it" if ahead == 1 else "any of them"


def _row(stray: StrayRow) -> str:
    row = stray.row
    told = stray.tag or row.name or row.hash
    return f"row {row.id}: {told}, created_at {row.created_at}" + ("" if stray.tag else ", in no revision")


def _find_out(unknown: Sequence[StrayRow]) -> str:
    rows = f"row{'' if len(unknown) == 1 else 's'} {listed([str(each.row.id) for each in unknown])}"
    return (
        f"Find out who wrote {rows} before the next deploy: a branch that was never fetched (`git fetch --all`), a "
        "deploy of work that was never committed, or another repository that writes to this ledger."
    )
