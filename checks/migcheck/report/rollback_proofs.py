"""What a rehearsal says of each rollback, for people."""

from collections.abc import Sequence

from migcheck.facts.rollback import (
    AgainOtherwise,
    LeftOtherwise,
    NotAgain,
    NotReached,
    Proven,
    Refused,
    RollbackProof,
    Unproven,
)
from migcheck.report.page import Page
from migcheck.wording import listed


def write_rollbacks(page: Page, proofs: Sequence[RollbackProof]) -> None:
    """Write a row for each; why one is not proven, MC409 tells."""
    for proof in proofs:
        told = "; ".join(["proven", *remarks(proof)]) if isinstance(proof, Proven) else "not proven"
        page.text(f"of {proof.migration}: {told}", indent=2, lead=f"{'rollback':<9} ", style="quiet")


def remarks(proof: Proven) -> tuple[str, ...]:
    """What it costs: `it loses column public.users.nick`."""
    loses = (f"it loses {listed(proof.loses)}",) if proof.loses else ()
    lacks = (f"it brings back {listed(proof.lacks)} without what was there",) if proof.lacks else ()
    needs = (f"it needs {listed(proof.needs)}",) if proof.needs else ()
    writes = (f"it writes or deletes rows of {listed(proof.writes)}",) if proof.writes else ()
    rows = (f"it leaves alone the rows that {proof.migration} wrote in {listed(proof.untouched)}",)
    return (*loses, *lacks, *needs, *writes, *(rows if proof.untouched else ()))


def why_not(proof: Unproven) -> str:
    """Why it is not proven."""
    match proof:
        case Refused(failure=failure):
            return f"it fails: {failure.said}"
        case NotAgain(failure=failure):
            return f"the migration cannot run again: {failure.said}"
        case LeftOtherwise():
            return "it leaves something else behind"
        case AgainOtherwise():
            return "the migration does not build the same again"
        case NotReached(reason=reason):
            return reason
