"""What a clearance rests on: where the target stood, on what it was rehearsed, what each gate said."""

from collections import Counter
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from migcheck.drizzle.ledger import Ledger
from migcheck.facts.history.history import Proof
from migcheck.finding import Severity
from migcheck.postgres.target.database import DatabaseIdentity
from migcheck.verdict import GateResult, Judged, Outcome, Skipped, Undecided, Verdict
from migcheck.wording import counted

Record = tuple[str, int | None]
"""A row of a ledger: its hash and its `created_at`. Whoever restores a row by hand may give it another `id`."""
_SHOWN_DIGITS = 12


class Said(StrEnum):
    """What a gate said, in a word."""

    JUDGED = "judged"
    SKIPPED = "skipped"
    UNDECIDED = "undecided"


class GateSaid(Struct, frozen=True, forbid_unknown_fields=True):
    """One gate's outcome: how many of its findings warn and how many are waived, or why it was skipped."""

    gate: str
    outcome: Said
    warnings: int = 0
    waived: int = 0
    reason: str = ""


class Scratch(Struct, frozen=True, forbid_unknown_fields=True):
    """The server that it was rehearsed on. `version` is `server_version_num`."""

    kind: str
    version: int
    origin: str

    def __str__(self) -> str:
        """`PostgreSQL 17 (embedded)`."""
        return f"PostgreSQL {self.version // 10_000} ({self.kind})"


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """What was proven, and of what.

    `rows` are the ledger's that the rehearsal began from, None where it began from base: no ledger was known. `target`
    is None where no target was read. `scratch` is None where there was nothing to rehearse. `history` is what the gate
    `history` needs of the rehearsal to judge again.
    """

    gates: tuple[GateSaid, ...] = ()
    rows: tuple[Record, ...] | None = None
    target: DatabaseIdentity | None = None
    scratch: Scratch | None = None
    history: Proof | None = None

    def moved(self, ledger: Ledger) -> str:
        """How `ledger` differs from the one that was rehearsed from, in words; empty where it does not."""
        if self.rows is None:
            return ""
        before, now = Counter(self.rows), ledger.records()
        gone, new = list((before - now).elements()), list((now - before).elements())
        parts = [*([f"lacks {_told(gone)}"] if gone else []), *([f"has {_told(new)} more"] if new else [])]
        return f"{ledger.name} {' and '.join(parts)}" if parts else ""


def evidence_of(verdict: Verdict) -> Evidence:
    """What `verdict` rests on."""
    rehearsal, target = verdict.rehearsal, verdict.target
    ledger = rehearsal.request.ledger if rehearsal else None
    server = rehearsal.server if rehearsal else None
    return Evidence(
        gates=tuple(_said(each) for each in verdict.gates),
        rows=None if ledger is None else tuple((row.hash, row.created_at) for row in ledger.rows),
        target=target.identity if target else None,
        scratch=Scratch(server.kind, server.version, server.origin) if server else None,
        history=rehearsal.proof if rehearsal else None,
    )


def _said(gate: GateResult) -> GateSaid:
    outcome: Outcome = gate.outcome
    match outcome:
        case Judged(findings=findings):
            waived = sum(each.waived is not None for each in findings)
            warnings = sum(each.waived is None and each.severity is Severity.WARNING for each in findings)
            return GateSaid(gate.name, Said.JUDGED, warnings, waived)
        case Skipped(reason=reason):
            return GateSaid(gate.name, Said.SKIPPED, reason=reason)
        case Undecided(cause=cause):
            return GateSaid(gate.name, Said.UNDECIDED, reason=cause)
        case _:
            assert_never(outcome)


def _told(records: list[Record]) -> str:
    digest, at = records[0]
    first = f"hash {digest[:_SHOWN_DIGITS]}…, created_at {'NULL' if at is None else at}"
    return f"{counted(len(records), 'row')} ({first})" if len(records) == 1 else f"{len(records)} rows (one: {first})"
