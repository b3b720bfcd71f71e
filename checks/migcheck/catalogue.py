"""Every rule, by gate: a new rule is one new file, one line here and its test."""

from migcheck.facts.folder import FolderFacts
from migcheck.facts.history import HistoryFacts
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.target import TargetFacts
from migcheck.rule import Rule
from migcheck.rules.waivers.waiver_expired import waiver_expired
from migcheck.rules.waivers.waiver_of_unknown_code import waiver_of_unknown_code
from migcheck.rules.waivers.waiver_unused import waiver_unused
from migcheck.waiver import WaiverFacts

WAIVER_RULES: tuple[Rule[WaiverFacts], ...] = (waiver_unused, waiver_expired, waiver_of_unknown_code)

FOLDER_RULES: tuple[Rule[FolderFacts], ...] = ()

HISTORY_RULES: tuple[Rule[HistoryFacts], ...] = ()

REPLAY_RULES: tuple[Rule[ReplayFacts], ...] = ()

TARGET_RULES: tuple[Rule[TargetFacts], ...] = ()
