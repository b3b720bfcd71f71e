"""A clearance is what a clean verdict gives, and nothing else gives one."""

import pytest
from msgspec.structs import replace

from migcheck.clearance import Clearance, Step, Withheld, clear, clear_undo, folder_digest, plan_of
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.drizzle.rollback import as_recorded, rollback_by
from migcheck.evidence import evidence_of
from migcheck.verdict import GateResult, Outcome, Skipped, Undecided, Verdict
from tests.support import verdicts
from tests.support.ledgers import a_ledger, a_target, rows_of, with_sql


def with_gate(verdict: Verdict, name: str, outcome: Outcome) -> Verdict:
    gates = tuple(GateResult(name, outcome, 1) if gate.name == name else gate for gate in verdict.gates)
    return replace(verdict, gates=gates)


def test_a_clean_verdict_clears_what_was_rehearsed() -> None:
    verdict = verdicts.clear()
    third = verdict.folder.migrations[2]
    assert clear(verdict) == Clearance(
        path="migrations",
        folder=folder_digest(verdict.folder),
        ledger=LedgerName(),
        plan=(Step("0002_step", third.hash, third.when),),
        batching=Batching.ALL,
        base=verdicts.BASE.revision,
        catalogue_change=(),
        known={each.hash: each.tag for each in verdict.folder.migrations[:2]},
        evidence=evidence_of(verdict),
    )


def test_an_undo_is_cleared_by_the_same_verdict() -> None:
    verdict = verdicts.clear()
    second = verdict.folder.migrations[1]
    cleared = clear_undo(verdict, [as_recorded(rollback_by(second, "0001_step.down.sql", b""))], ("- table x",))
    assert cleared == Clearance(
        path="migrations",
        folder=folder_digest(verdict.folder),
        ledger=LedgerName(),
        plan=(Step("0001_step", second.hash, second.when),),
        batching=Batching.ALL,
        base=verdicts.BASE.revision,
        catalogue_change=("- table x",),
        evidence=evidence_of(verdict),
    )
    assert isinstance(clear_undo(replace(verdict, rehearsal=None), [], ()), Withheld)


def test_it_names_what_of_the_plan_runs_outside_of_a_transaction() -> None:
    given = clear(verdicts.outside(verdicts.clear(), "0001_step", "0002_step"))
    assert isinstance(given, Clearance)
    assert ([step.tag for step in given.plan], given.outside) == (["0002_step"], ("0002_step",))


def test_on_a_target_that_stands_where_it_was_rehearsed() -> None:
    verdict = verdicts.clear()
    target = a_target(a_ledger(rows_of(verdict.folder, 2)))
    assert isinstance(clear(replace(verdict, target=target)), Clearance)


def test_not_on_a_target_that_stands_elsewhere() -> None:
    verdict = verdicts.clear()
    target = a_target(a_ledger(rows_of(verdict.folder, 1)))
    assert clear(replace(verdict, target=target)) == Withheld(
        "what was rehearsed is not what is pending on the target", "verify with the target's own ledger"
    )


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [(verdicts.blocked(), "the verdict is blocked"), (verdicts.undecided(), "the verdict is undecided")],
    ids=["blocked", "undecided"],
)
def test_no_other_verdict_clears(verdict: Verdict, reason: str) -> None:
    withheld = clear(verdict)
    assert isinstance(withheld, Withheld)
    assert withheld.reason == reason
    assert clear_undo(verdict, [], ()) == withheld


@pytest.mark.parametrize("gate", ["folder", "history", "replay", "sql", "target", "waivers"])
def test_an_undecided_gate_clears_nothing(gate: str) -> None:
    assert isinstance(clear(with_gate(verdicts.clear(), gate, Undecided("no answer", "ask again"))), Withheld)


@pytest.mark.parametrize("gate", ["history", "replay"])
def test_a_gate_that_was_left_out_proves_nothing(gate: str) -> None:
    withheld = clear(with_gate(verdicts.clear(), gate, Skipped("--offline")))
    assert isinstance(withheld, Withheld)
    assert withheld.reason == f"nothing was judged at the gate {gate}"


def test_the_digest_stands_for_everything_drizzle_reads() -> None:
    folder = verdicts.folder()
    first, second, third = folder.migrations
    others = [
        with_sql(folder, "0001_step", b"select 2;"),
        replace(folder, migrations=(second, first, third)),
        replace(folder, migrations=(first, second)),
        replace(folder, migrations=(first, second, replace(third, when=third.when + 1))),
        replace(folder, migrations=(first, second, replace(third, tag="0002_other"))),
        replace(folder, layout=Layout.FOLDERS),
    ]
    digests = {folder_digest(folder), *map(folder_digest, others)}
    assert len(digests) == 7
    assert folder_digest(replace(folder, path="elsewhere")) == folder_digest(folder)


def test_a_plan_is_what_the_ledger_will_hold() -> None:
    (first, *_) = verdicts.folder().migrations
    assert plan_of([first]) == (Step(first.tag, first.hash, first.when),)
