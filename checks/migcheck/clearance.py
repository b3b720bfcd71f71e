"""Clearance: what a clean verdict lets a deploy run, and nothing else."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Batching, LedgerName, pending
from migcheck.drizzle.rollback import Undo
from migcheck.evidence import Evidence, evidence_of
from migcheck.facts.history.history import Base
from migcheck.verdict import Answer, Judged, Verdict

NEEDED = ("history", "replay")
"""The gates that must have been judged: a skipped one proves nothing."""


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One migration of a plan, as its ledger row will have it."""

    tag: str
    hash: str
    when: int


def records_of(steps: Iterable[Step]) -> Counter[tuple[str, int | None]]:
    """What the ledger holds of `steps`, as `Ledger.records` counts it."""
    return Counter((step.hash, step.when) for step in steps)


class Clearance(Struct, frozen=True, forbid_unknown_fields=True):
    """The plan that was rehearsed, and of what. `folder` is the digest of all that Drizzle would read at `path`.

    `base` is the revision that history was judged against, empty where nothing has landed. `catalogue_change` are the
    lines by which the rehearsal saw the catalogue change. `known` are the hashes of what was applied, with the tag that
    git has for each: a deploy without git still knows a row whose file is gone. `evidence` is what it rests on.
    `outside` are the tags of the plan's migrations that run outside of a transaction.

    Made by `clear` and `clear_undo`, and by reading one that `clear` made.
    """

    path: str
    folder: str
    ledger: LedgerName
    plan: tuple[Step, ...]
    batching: Batching
    base: str
    catalogue_change: tuple[str, ...]
    known: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence = Evidence()
    outside: tuple[str, ...] = ()


class Withheld(Struct, frozen=True):
    """Why there is no clearance."""

    reason: str
    remedy: str


def clear(verdict: Verdict) -> Clearance | Withheld:
    """The clearance of a clean verdict, or why it gives none."""
    if verdict.answer is not Answer.CLEAR:
        return _unclear(verdict)
    judged = {gate.name for gate in verdict.gates if isinstance(gate.outcome, Judged)}
    missing = [name for name in NEEDED if name not in judged]
    rehearsal = verdict.rehearsal
    if missing or rehearsal is None:
        return _unjudged(missing or ["replay"])
    request = rehearsal.request
    plan = plan_of(request.new)
    if verdict.target is not None and plan_of(pending(verdict.folder, verdict.target.ledger)) != plan:
        return Withheld(
            "what was rehearsed is not what is pending on the target", "verify with the target's own ledger"
        )
    return Clearance(
        path=verdict.folder.path,
        folder=folder_digest(verdict.folder),
        ledger=request.name,
        plan=plan,
        batching=request.batching,
        base=_base(verdict),
        catalogue_change=rehearsal.catalogue_change,
        known={each.hash: each.tag for each in request.built},
        evidence=evidence_of(verdict),
        outside=request.runs_outside(),
    )


def clear_undo(verdict: Verdict, plan: Iterable[Undo], catalogue_change: tuple[str, ...]) -> Clearance | Withheld:
    """The clearance to undo `plan`, newest first, of a clean verdict, or why it gives none.

    `catalogue_change` is what the rehearsal of the undo saw.
    """
    if verdict.answer is not Answer.CLEAR:
        return _unclear(verdict)
    if verdict.rehearsal is None:
        return _unjudged(["replay"])
    return Clearance(
        path=verdict.folder.path,
        folder=folder_digest(verdict.folder),
        ledger=verdict.rehearsal.request.name,
        plan=tuple(Step(each.tag, *each.row) for each in plan),
        batching=Batching.ALL,
        base=_base(verdict),
        catalogue_change=catalogue_change,
        evidence=evidence_of(verdict),
    )


def _unclear(verdict: Verdict) -> Withheld:
    return Withheld(f"the verdict is {verdict.answer}", "settle what the report names, then run again")


def _unjudged(gates: Iterable[str]) -> Withheld:
    return Withheld(
        f"nothing was judged at the gate {' and '.join(gates)}",
        "run in the git repository, with a scratch server and without --offline",
    )


def _base(verdict: Verdict) -> str:
    return verdict.base.revision if isinstance(verdict.base, Base) else ""


def plan_of(migrations: Iterable[Migration]) -> tuple[Step, ...]:
    """The steps that running `migrations` would be."""
    return tuple(Step(each.tag, each.hash, each.when) for each in migrations)


def folder_digest(folder: Folder) -> str:
    """64 hex digits that stand for everything Drizzle would read of `folder`: layout, order, tags, times and hashes."""
    parts = [[each.tag, each.when, each.hash] for each in folder.migrations]
    return hashlib.sha256(json.dumps([folder.layout, parts]).encode()).hexdigest()
