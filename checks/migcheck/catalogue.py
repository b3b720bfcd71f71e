"""Every rule, by gate: a new rule is one new file, one line here and its test."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from migcheck.catalogue_sql import SQL_RULES
from migcheck.facts.folder import FolderFacts
from migcheck.facts.history.judged import HistoryFacts
from migcheck.facts.project.judged import ProjectFacts
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.target.judged import TargetFacts
from migcheck.rule import Facts, Rule, RulePage, Trait, page_of
from migcheck.rules.folder.breakpoint_in_quotes import breakpoint_in_quotes
from migcheck.rules.folder.breakpoint_near_miss import breakpoint_near_miss
from migcheck.rules.folder.byte_order_mark import byte_order_mark
from migcheck.rules.folder.carriage_return import carriage_return
from migcheck.rules.folder.conflict_markers import conflict_markers
from migcheck.rules.folder.entry_malformed import entry_malformed
from migcheck.rules.folder.entry_without_file import entry_without_file
from migcheck.rules.folder.file_unreadable import file_unreadable
from migcheck.rules.folder.file_without_entry import file_without_entry
from migcheck.rules.folder.folder_without_time import folder_without_time
from migcheck.rules.folder.idx_duplicated import idx_duplicated
from migcheck.rules.folder.invalid_utf8 import invalid_utf8
from migcheck.rules.folder.journal_unusable import journal_unusable
from migcheck.rules.folder.layouts_mixed import layouts_mixed
from migcheck.rules.folder.nothing_but_comments import nothing_but_comments
from migcheck.rules.folder.nul_byte import nul_byte
from migcheck.rules.folder.psql_command import psql_command
from migcheck.rules.folder.snapshot_chain_broken import snapshot_chain_broken
from migcheck.rules.folder.snapshot_malformed import snapshot_malformed
from migcheck.rules.folder.snapshot_missing import snapshot_missing
from migcheck.rules.folder.snapshot_orphaned import snapshot_orphaned
from migcheck.rules.folder.snapshots_share_parent import snapshots_share_parent
from migcheck.rules.folder.sql_ignored import sql_ignored
from migcheck.rules.folder.sql_on_comment_line import sql_on_comment_line
from migcheck.rules.folder.tag_duplicated import tag_duplicated
from migcheck.rules.folder.tag_leaves_folder import tag_leaves_folder
from migcheck.rules.folder.text_after_breakpoint import text_after_breakpoint
from migcheck.rules.folder.when_in_future import when_in_future
from migcheck.rules.folder.when_not_increasing import when_not_increasing
from migcheck.rules.history.branches_merged_with_one_idx import branches_merged_with_one_idx
from migcheck.rules.history.entry_behind_base import entry_behind_base
from migcheck.rules.history.entry_inserted_before_landed import entry_inserted_before_landed
from migcheck.rules.history.folder_restarted import folder_restarted
from migcheck.rules.history.landed_entries_reordered import landed_entries_reordered
from migcheck.rules.history.landed_entry_changed import landed_entry_changed
from migcheck.rules.history.landed_migration_deleted import landed_migration_deleted
from migcheck.rules.history.landed_migration_edited import landed_migration_edited
from migcheck.rules.history.landed_migration_renamed import landed_migration_renamed
from migcheck.rules.project.app_migrates_itself import app_migrates_itself
from migcheck.rules.project.deploy_goes_on_after_failure import deploy_goes_on_after_failure
from migcheck.rules.project.ledger_written_by_hand import ledger_written_by_hand
from migcheck.rules.project.migrator_over_http import migrator_over_http
from migcheck.rules.project.outside_by_another import outside_by_another
from migcheck.rules.project.push_reachable import push_reachable
from migcheck.rules.project.runner_in_the_apps_build import runner_in_the_apps_build
from migcheck.rules.project.second_way import second_way
from migcheck.rules.project.two_ledgers import two_ledgers
from migcheck.rules.replay.migration_fails import migration_fails
from migcheck.rules.replay.migration_writes_to_the_ledger import migration_writes_to_the_ledger
from migcheck.rules.replay.new_database_needs_several_batches import new_database_needs_several_batches
from migcheck.rules.replay.other_major_than_target import other_major_than_target
from migcheck.rules.replay.raw_sql_not_repeatable import raw_sql_not_repeatable
from migcheck.rules.replay.replays_differ import replays_differ
from migcheck.rules.replay.rollback_not_proven import rollback_not_proven
from migcheck.rules.replay.scratch_on_the_targets_server import scratch_on_the_targets_server
from migcheck.rules.replay.second_run_not_a_no_op import second_run_not_a_no_op
from migcheck.rules.target.another_tool_migrated import another_tool_migrated
from migcheck.rules.target.applied_migration_edited import applied_migration_edited
from migcheck.rules.target.entry_will_be_skipped import entry_will_be_skipped
from migcheck.rules.target.ledger_begins_late import ledger_begins_late
from migcheck.rules.target.ledger_is_not_a_table import ledger_is_not_a_table
from migcheck.rules.target.ledger_of_another_layout import ledger_of_another_layout
from migcheck.rules.target.ledger_row_duplicated import ledger_row_duplicated
from migcheck.rules.target.ledger_row_unknown import ledger_row_unknown
from migcheck.rules.target.ledger_row_without_time import ledger_row_without_time
from migcheck.rules.target.pending_table_exists import pending_table_exists
from migcheck.rules.target.restart_on_a_target_behind import restart_on_a_target_behind
from migcheck.rules.target.role_may_not_deploy import role_may_not_deploy
from migcheck.rules.target.rows_in_another_ledger import rows_in_another_ledger
from migcheck.rules.target.target_ahead_of_folder import target_ahead_of_folder
from migcheck.rules.target.target_is_read_only import target_is_read_only
from migcheck.rules.waivers.waiver_expired import waiver_expired
from migcheck.rules.waivers.waiver_of_unknown_code import waiver_of_unknown_code
from migcheck.rules.waivers.waiver_unused import waiver_unused
from migcheck.verdict import Judged, Outcome
from migcheck.waiver import WaiverFacts

WAIVER_RULES: tuple[Rule[WaiverFacts], ...] = (waiver_unused, waiver_expired, waiver_of_unknown_code)

FOLDER_RULES: tuple[Rule[FolderFacts], ...] = (
    journal_unusable,
    entry_without_file,
    file_without_entry,
    entry_malformed,
    tag_duplicated,
    idx_duplicated,
    when_not_increasing,
    when_in_future,
    tag_leaves_folder,
    file_unreadable,
    snapshot_missing,
    snapshot_orphaned,
    snapshot_malformed,
    snapshots_share_parent,
    snapshot_chain_broken,
    byte_order_mark,
    invalid_utf8,
    nul_byte,
    carriage_return,
    conflict_markers,
    nothing_but_comments,
    sql_on_comment_line,
    psql_command,
    breakpoint_near_miss,
    breakpoint_in_quotes,
    text_after_breakpoint,
    sql_ignored,
    layouts_mixed,
    folder_without_time,
)

HISTORY_RULES: tuple[Rule[HistoryFacts], ...] = (
    landed_migration_edited,
    landed_migration_deleted,
    landed_migration_renamed,
    landed_entry_changed,
    landed_entries_reordered,
    entry_inserted_before_landed,
    entry_behind_base,
    branches_merged_with_one_idx,
    folder_restarted,
)

PROJECT_RULES: tuple[Rule[ProjectFacts], ...] = (
    push_reachable,
    deploy_goes_on_after_failure,
    migrator_over_http,
    app_migrates_itself,
    second_way,
    two_ledgers,
    ledger_written_by_hand,
    runner_in_the_apps_build,
    outside_by_another,
)

REPLAY_RULES: tuple[Rule[ReplayFacts], ...] = (
    migration_fails,
    new_database_needs_several_batches,
    second_run_not_a_no_op,
    replays_differ,
    raw_sql_not_repeatable,
    other_major_than_target,
    scratch_on_the_targets_server,
    migration_writes_to_the_ledger,
    rollback_not_proven,
)

TARGET_RULES: tuple[Rule[TargetFacts], ...] = (
    target_is_read_only,
    ledger_is_not_a_table,
    ledger_of_another_layout,
    ledger_row_without_time,
    ledger_row_duplicated,
    ledger_row_unknown,
    applied_migration_edited,
    entry_will_be_skipped,
    target_ahead_of_folder,
    role_may_not_deploy,
    restart_on_a_target_behind,
    ledger_begins_late,
    # That follows from this where both are told, and who mends this need not ask about that.
    rows_in_another_ledger,
    pending_table_exists,
    another_tool_migrated,
)

RULES: Mapping[str, tuple[Rule[Any], ...]] = {
    "folder": FOLDER_RULES,
    "history": HISTORY_RULES,
    "replay": REPLAY_RULES,
    "sql": SQL_RULES,
    "target": TARGET_RULES,
    "project": PROJECT_RULES,
    "waivers": WAIVER_RULES,
}
"""The rules of every gate, in the order in which a person reads them."""


def _with(rules: Iterable[Rule[Facts]], *traits: Trait) -> tuple[Rule[Facts], ...]:
    return tuple(each for each in rules if not each.traits.isdisjoint(traits))


UNREADABLE = _with(FOLDER_RULES, Trait.UNREADABLE)
"""What Drizzle cannot get past: it reads all of the folder before it runs any of it."""
NEVER_RUNS = _with(FOLDER_RULES, Trait.UNREADABLE, Trait.NEVER_RUNS)
"""What leaves nothing to replay."""
LEDGER_RULES = _with(TARGET_RULES, Trait.BY_LEDGER)
"""What a ledger's rows are enough for, without the target that they are of."""
NO_START = _with(TARGET_RULES, Trait.NO_START)
"""What leaves no start for an upgrade."""
MEETS_A_DEPLOY = frozenset(
    each.code
    for rules in RULES.values()
    for each in _with(rules, Trait.UNREADABLE, Trait.NEVER_RUNS, Trait.NO_START, Trait.MEETS_A_DEPLOY)
)
"""The codes of what a deploy would meet, whoever had accepted it: no debt that one can live with."""


def rule_pages() -> Iterator[RulePage]:
    """Every rule, gate by gate."""
    return (page_of(gate, each) for gate, rules in RULES.items() for each in rules)


def codes_of(*gates: str) -> frozenset[str]:
    """The codes of all rules of `gates`."""
    return frozenset(each.code for gate in gates for each in RULES[gate])


def judged_codes(outcomes: Mapping[str, Outcome]) -> frozenset[str]:
    """The codes of which all was told that there is: what is only read of new SQL may be less than a rehearsal sees."""
    judged = {name: each for name, each in outcomes.items() if isinstance(each, Judged)}
    if "replay" not in judged:
        judged.pop("sql", None)
    return frozenset().union(*(codes_of(name) - each.unjudged for name, each in judged.items()))
