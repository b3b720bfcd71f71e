"""What is old debt, and what stands in the way of accepting the rest."""

from datetime import date

import pytest
from msgspec.structs import replace

from migcheck.config.config import WaiverConfig
from migcheck.debt import Debt, Sides, Terms, debt_of
from migcheck.finding import Finding, Location, Severity
from migcheck.verdict import GateResult, Judged, Skipped, Verdict
from migcheck.waiver import Scope, WaiverFacts
from tests.support.verdicts import BASE, clear

TODAY = date(2026, 3, 1)
TERMS = Terms(None, date(2027, 3, 1), TODAY)


def skipped_on_target(migration: str | None, message: str = "will never run") -> Finding:
    at = Location("migrations/meta/_journal.json", 7)
    return Finding("MC508", "entry-will-be-skipped", Severity.ERROR, at, message, migration, "", "")


def verdict(*findings: Finding) -> Verdict:
    one = clear()
    return replace(one, gates=(*one.gates[:5], GateResult("target", Judged(findings), 1), *one.gates[6:]))


def debt(today: Verdict, landed: Verdict | None, terms: Terms = TERMS) -> Debt:
    return debt_of([Sides(today, landed)], terms)


def why(found: Debt) -> list[str]:
    assert found.waivers == ()
    return [each.why for each in found.kept]


def test_what_base_has_in_the_same_words_is_waived_once() -> None:
    old = skipped_on_target("0001_step")
    moved = replace(old, at=Location("elsewhere", 3))
    reason = f"old debt, landed in {BASE.revision[:12]} or before: entry will be skipped"
    assert debt(verdict(old, moved), verdict(old)) == Debt(
        (WaiverConfig("MC508", "0001_step", reason, TERMS.until),), ()
    )
    (waiver,) = debt(verdict(old), verdict(old), replace(TERMS, reason="agreed")).waivers
    assert waiver.reason == "agreed"


def test_a_tag_that_other_folders_have_is_waived_in_its_own_alone() -> None:
    def of(folder: str, *others: str) -> Verdict:
        scope = Scope(folder, lambda tag: others if tag == "0001_step" else ())
        facts = WaiverFacts((), frozenset(), frozenset(), frozenset(), TODAY, "migcheck.toml", scope)
        return replace(verdict(skipped_on_target("0001_step"), skipped_on_target("0002_step")), waivers=facts)

    one, other = of("a/drizzle", "b/drizzle"), of("b/drizzle", "a/drizzle")
    found = debt_of([Sides(one, one), Sides(other, other)], TERMS)
    told = [(each.migration, each.folder) for each in found.waivers]
    assert (told, found.kept) == (
        [("0001_step", "a/drizzle"), ("0002_step", None), ("0001_step", "b/drizzle")],
        (),
    )
    # What is new in one folder is hidden by no waiver that is of the other's.
    new = debt_of([Sides(one, one), Sides(other, verdict(skipped_on_target("0002_step")))], TERMS)
    assert [(each.migration, each.folder) for each in new.waivers] == [("0001_step", "a/drizzle"), ("0002_step", None)]


def test_what_does_not_block_is_left_alone() -> None:
    warns = replace(skipped_on_target("0001_step"), severity=Severity.WARNING)
    waived = replace(skipped_on_target("0001_step"), waived="agreed")
    assert debt(verdict(warns, waived), verdict(warns, waived)) == Debt((), ())


@pytest.mark.parametrize(
    "landed",
    [
        skipped_on_target("0002_step"),
        skipped_on_target("0001_step", "other words"),
        replace(skipped_on_target("0001_step"), code="MC507"),
        replace(skipped_on_target("0001_step"), severity=Severity.WARNING),
    ],
)
def test_what_base_does_not_have_came_with_this_change(landed: Finding) -> None:
    (told,) = why(debt(verdict(skipped_on_target("0001_step")), verdict(landed)))
    assert told.startswith("base alone does not have it")


def test_where_nothing_has_landed_nothing_is_old() -> None:
    (told,) = why(debt(verdict(skipped_on_target("0001_step")), None))
    assert told.endswith("say so: `--base HEAD`")


def test_what_could_not_be_judged_of_base_is_not_called_new() -> None:
    unjudged = replace(verdict(), gates=(GateResult("target", Skipped("no"), 0),))
    (told,) = why(debt(verdict(skipped_on_target("0001_step")), unjudged))
    assert told.startswith("its gate could not judge base")

    # Where base was not rehearsed, its SQL was read, which tells less.
    dropped, here = replace(skipped_on_target("0001_step"), code="MC302"), clear()
    gates = {gate.name: gate for gate in here.gates}
    today = replace(here, gates=(gates["replay"], GateResult("sql", Judged((dropped,)), 1)))
    read = GateResult("replay", Skipped("no"), 0)
    (told,) = why(debt(today, replace(here, gates=(read, gates["sql"]))))
    assert told.startswith("its gate could not judge base")
    assert debt(today, replace(today, gates=(read, today.gates[1]))).kept == ()


def test_a_waiver_of_no_one_migration_would_accept_the_next() -> None:
    difference = replace(skipped_on_target(None), code="MC404")
    judged = replace(verdict(), gates=(GateResult("replay", Judged((difference,)), 0),))
    (told,) = why(debt(judged, judged))
    assert told.startswith("it is of no one migration")


@pytest.mark.parametrize("code", ["MC101", "MC120", "MC142", "MC401", "MC504", "MC513"])
def test_what_a_deploy_would_meet_is_never_waived(code: str) -> None:
    meets = verdict(replace(skipped_on_target("0001_step"), code=code))
    assert why(debt(meets, meets)) == ["a deploy would meet it, whoever had accepted it"]


def test_a_fault_of_the_waivers_is_put_right_and_not_waived() -> None:
    unknown = verdict(replace(skipped_on_target("0001_step"), code="MC003"))
    (told,) = why(debt(unknown, unknown))
    assert told.startswith("it is a fault of the waivers themselves")


def test_a_waiver_that_would_accept_what_is_new_in_another_folder_is_not_given() -> None:
    old = verdict(skipped_on_target("0001_step"))
    found = debt_of([Sides(old, old), Sides(old, verdict())], TERMS)
    assert [each.partition(" ")[0] for each in why(found)] == ["the", "base"]


@pytest.mark.parametrize("name", ["*", " ", "0001_step "])
def test_a_name_that_no_waiver_can_say(name: str) -> None:
    odd = verdict(skipped_on_target(name))
    assert why(debt(odd, odd)) == ["no waiver can say its name"]
