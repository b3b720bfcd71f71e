"""Waivers: what they accept, what they never accept, and what is said of those that serve no more."""

from datetime import date, timedelta

import pytest

from migcheck.catalogue import WAIVER_RULES, codes_of
from migcheck.config.config import WaiverConfig
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge
from migcheck.waiver import Scope, WaiverFacts, waive

TODAY = date(2026, 3, 1)
KNOWN = frozenset({"MC101", "MC201", "MC401"})


def a_waiver(code: str, migration: str, *, days: int = 30) -> WaiverConfig:
    return WaiverConfig(code=code, migration=migration, reason="agreed", until=TODAY + timedelta(days=days))


def a_finding(code: str, migration: str) -> Finding:
    return Finding(code, "a-rule", Severity.ERROR, Location("drizzle/x.sql"), "wrong", migration, "", "")


def facts(*waivers: WaiverConfig, used: frozenset[int] = frozenset()) -> WaiverFacts:
    return WaiverFacts(waivers, used, KNOWN, KNOWN, TODAY, "migcheck.toml", lines=lambda: (3, 9, 15))


def test_a_waiver_accepts_the_finding_it_names_and_no_other() -> None:
    findings = (a_finding("MC101", "0001_a"), a_finding("MC101", "0002_b"), a_finding("MC102", "0001_a"))
    marked, used = waive(findings, (a_waiver("MC101", "0001_a"),), TODAY, Scope())
    assert [finding.waived for finding in marked] == ["agreed", None, None]
    assert [finding.blocks for finding in marked] == [False, True, True]
    assert used == {0}


def test_a_waiver_holds_on_its_last_day_and_not_after_it() -> None:
    waiver = a_waiver("MC101", "0001_a", days=0)
    finding = (a_finding("MC101", "0001_a"),)
    assert waive(finding, (waiver,), TODAY, Scope())[0][0].waived == "agreed"
    assert waive(finding, (waiver,), TODAY + timedelta(days=1), Scope())[0][0].waived is None


@pytest.mark.parametrize(("code", "accepted"), [("MC101", "agreed"), ("MC201", None)])
def test_a_rewritten_past_is_never_accepted_for_a_whole_folder(code: str, accepted: str | None) -> None:
    marked, _used = waive((a_finding(code, "0001_a"),), (a_waiver(code, "*"),), TODAY, Scope())
    assert marked[0].waived == accepted


def test_what_no_one_migration_is_to_blame_for_is_accepted_by_its_path() -> None:
    differ = Finding("MC404", "replays-differ", Severity.ERROR, Location("db/drizzle"), "differ", None, "", "")
    waivers = (a_waiver("MC404", "*"), a_waiver("MC404", "other"), a_waiver("MC404", "db/drizzle"))
    marked, used = waive((differ,), waivers, TODAY, Scope())
    assert (marked[0].waived, set(used)) == ("agreed", {2})
    named = Finding("MC401", "a-rule", Severity.ERROR, Location("db/drizzle"), "wrong", "0001_a", "", "")
    assert waive((named,), (a_waiver("MC401", "db/drizzle"),), TODAY, Scope())[0][0].waived is None


@pytest.mark.parametrize("code", sorted(codes_of("project")))
def test_a_way_around_the_gate_is_accepted_by_its_path_alone(code: str) -> None:
    push = Finding(code, "a-rule", Severity.ERROR, Location("package.json"), "pushes", None, "", "")
    accepted = [waive((push,), (a_waiver(code, each),), TODAY, Scope())[0][0].waived for each in ("*", "package.json")]
    assert accepted == [None, "agreed"]


def test_waivers_that_serve_no_more_are_told() -> None:
    waivers = (a_waiver("MC101", "used"), a_waiver("MC101", "unused"), a_waiver("MC101", "old", days=-1))
    found = judge(WAIVER_RULES, facts(*waivers, used=frozenset({0})))
    assert [(each.code, each.severity, str(each.at), each.message) for each in found] == [
        ("MC001", Severity.WARNING, "migcheck.toml:9", "the waiver of MC101 for unused matches no finding"),
        ("MC002", Severity.WARNING, "migcheck.toml:15", "the waiver of MC101 for old ended on 2026-02-28"),
    ]


def test_a_waiver_of_a_gate_that_was_not_judged_is_not_called_unused() -> None:
    one = WaiverFacts((a_waiver("MC401", "x"),), frozenset(), frozenset({"MC101"}), KNOWN, TODAY, "migcheck.toml")
    assert judge(WAIVER_RULES, one) == ()


def test_a_code_that_no_rule_has_blocks() -> None:
    (found,) = judge(WAIVER_RULES, facts(a_waiver("MC999", "x")))
    assert (found.code, found.severity, str(found.at)) == ("MC003", Severity.ERROR, "migcheck.toml:3")
    assert found.message == "no rule has the code MC999"
    (found,) = judge(WAIVER_RULES, facts(a_waiver("MC1O1", "x")))
    assert found.message == "no rule has the code MC1O1; did you mean MC101?"
