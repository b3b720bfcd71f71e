"""Every rule, by gate: a new rule is one new file, one line here and its test."""

from migcheck.facts.folder import FolderFacts
from migcheck.facts.history import HistoryFacts
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.target import TargetFacts
from migcheck.rule import Rule

FOLDER_RULES: tuple[Rule[FolderFacts], ...] = ()

HISTORY_RULES: tuple[Rule[HistoryFacts], ...] = ()

REPLAY_RULES: tuple[Rule[ReplayFacts], ...] = ()

TARGET_RULES: tuple[Rule[TargetFacts], ...] = ()
