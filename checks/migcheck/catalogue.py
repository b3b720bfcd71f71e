"""Every rule, by gate: a new rule is one new file, one line here and its test."""

from collections.abc import Iterator
from dataclasses import dataclass

from migcheck.facts.folder import FolderFacts
from migcheck.facts.history import HistoryFacts
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.target import TargetFacts
from migcheck.rule import Facts, Rule
from migcheck.rules.target.applied_migration_edited import applied_migration_edited
from migcheck.rules.target.entry_will_be_skipped import entry_will_be_skipped
from migcheck.rules.target.ledger_begins_late import ledger_begins_late
from migcheck.rules.target.ledger_is_not_a_table import ledger_is_not_a_table
from migcheck.rules.target.ledger_of_another_layout import ledger_of_another_layout
from migcheck.rules.target.ledger_row_twice import ledger_row_twice
from migcheck.rules.target.ledger_row_unknown import ledger_row_unknown
from migcheck.rules.target.ledger_row_without_time import ledger_row_without_time
from migcheck.rules.target.restart_on_a_target_behind import restart_on_a_target_behind
from migcheck.rules.target.role_may_not_deploy import role_may_not_deploy
from migcheck.rules.target.target_ahead_of_folder import target_ahead_of_folder
from migcheck.rules.target.target_is_read_only import target_is_read_only
from migcheck.rules.waivers.waiver_expired import waiver_expired
from migcheck.rules.waivers.waiver_of_unknown_code import waiver_of_unknown_code
from migcheck.rules.waivers.waiver_unused import waiver_unused
from migcheck.waiver import WaiverFacts

WAIVER_RULES: tuple[Rule[WaiverFacts], ...] = (waiver_unused, waiver_expired, waiver_of_unknown_code)

FOLDER_RULES: tuple[Rule[FolderFacts], ...] = ()

HISTORY_RULES: tuple[Rule[HistoryFacts], ...] = ()

REPLAY_RULES: tuple[Rule[ReplayFacts], ...] = ()

TARGET_RULES: tuple[Rule[TargetFacts], ...] = (
    target_is_read_only,
    ledger_is_not_a_table,
    ledger_of_another_layout,
    ledger_row_without_time,
    ledger_row_twice,
    ledger_row_unknown,
    applied_migration_edited,
    entry_will_be_skipped,
    target_ahead_of_folder,
    role_may_not_deploy,
    restart_on_a_target_behind,
    ledger_begins_late,
)


@dataclass(frozen=True, slots=True)
class RulePage:
    """What there is to say about one rule, whatever facts it judges."""

    gate: str
    code: str
    name: str
    summary: str
    why: str
    how: str


def rule_pages() -> Iterator[RulePage]:
    """Every rule, gate by gate."""
    yield from (_page("folder", each) for each in FOLDER_RULES)
    yield from (_page("history", each) for each in HISTORY_RULES)
    yield from (_page("replay", each) for each in REPLAY_RULES)
    yield from (_page("target", each) for each in TARGET_RULES)
    yield from (_page("waivers", each) for each in WAIVER_RULES)


def _page(gate: str, rule: Rule[Facts]) -> RulePage:
    return RulePage(gate, rule.code, rule.name, rule.summary, rule.why, rule.how)


GATES = ("folder", "history", "replay", "target", "waivers")
"""The gates of this version, in their order."""


def codes_of(*gates: str) -> frozenset[str]:
    """The codes of all rules of `gates`."""
    return frozenset(page.code for page in rule_pages() if page.gate in gates)
