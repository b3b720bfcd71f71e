"""Gate `target`, where a ledger in a file stands for a database that is out of reach: what its rows alone tell."""

from collections.abc import Sequence

from migcheck.catalogue import LEDGER_RULES, TARGET_RULES
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Finding
from migcheck.rule import judge
from migcheck.verdict import Judged

NEEDS_THE_DATABASE = frozenset(each.code for each in TARGET_RULES if each not in LEDGER_RULES)
"""The codes of what only the database itself tells: what may be written there, and what it holds beside the ledger."""
_TOLD_BY_HISTORY = {
    "MC507": frozenset({"MC201", "MC203", "MC204"}),
    "MC508": frozenset({"MC206", "MC207", "MC208"}),
    "MC511": frozenset({"MC209"}),
}
"""Gate `history` judges a file's ledger as well: by which of its codes it tells the same of a migration."""


def judge_given(facts: TargetFacts, history: Sequence[Finding]) -> Judged:
    """What the ledger in the file that `facts.target` names tells, without what blocks already by `history`.

    One that is waived there is told here: a waiver says that it was applied nowhere, and the ledger that it was.
    """
    blocking = {(each.code, each.migration) for each in history if each.blocks}
    found = judge(LEDGER_RULES, facts)
    told = frozenset(each for each in found if _is_told(each, blocking))
    return Judged(
        tuple(each for each in found if each not in told),
        unread=(f"what else is on the database: {facts.target.name} has its ledger alone",),
        unjudged=NEEDS_THE_DATABASE | {each.code for each in told},
    )


def _is_told(finding: Finding, blocking: set[tuple[str, str | None]]) -> bool:
    return any((code, finding.migration) in blocking for code in _TOLD_BY_HISTORY.get(finding.code, ()))
