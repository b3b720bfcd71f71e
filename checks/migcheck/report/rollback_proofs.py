"""What a rehearsal says of each rollback, for people."""

from collections.abc import Sequence

from migcheck.facts.rollback import Proven, RollbackProof
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
