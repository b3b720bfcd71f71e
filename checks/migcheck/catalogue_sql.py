"""Every rule of the gate `sql`: a new one is one new file, one line here and its test."""

from migcheck.facts.sql.judged import SqlFacts
from migcheck.rule import Rule
from migcheck.rules.sql.big_table_unknown import big_table_unknown
from migcheck.rules.sql.column_dropped import column_dropped
from migcheck.rules.sql.column_made_required import column_made_required
from migcheck.rules.sql.definer_without_search_path import definer_without_search_path
from migcheck.rules.sql.every_row_updated import every_row_updated
from migcheck.rules.sql.granted_to_everybody import granted_to_everybody
from migcheck.rules.sql.index_built_under_lock import index_built_under_lock
from migcheck.rules.sql.index_dropped_under_lock import index_dropped_under_lock
from migcheck.rules.sql.large_tables_locked_together import large_tables_locked_together
from migcheck.rules.sql.name_cut_off import name_cut_off
from migcheck.rules.sql.opinion_asked_for import opinion_asked_for
from migcheck.rules.sql.own_query_refused import own_query_refused
from migcheck.rules.sql.own_query_unplannable import own_query_unplannable
from migcheck.rules.sql.partition_detached import partition_detached
from migcheck.rules.sql.refused_in_a_transaction import refused_in_a_transaction
from migcheck.rules.sql.renamed_under_the_code import renamed_under_the_code
from migcheck.rules.sql.required_column_added import required_column_added
from migcheck.rules.sql.row_security_off import row_security_off
from migcheck.rules.sql.rows_checked_under_lock import rows_checked_under_lock
from migcheck.rules.sql.rows_refused import rows_refused
from migcheck.rules.sql.running_release_leaves_out import running_release_leaves_out
from migcheck.rules.sql.running_release_refused import running_release_refused
from migcheck.rules.sql.running_release_value_refused import running_release_value_refused
from migcheck.rules.sql.seed_refused import seed_refused
from migcheck.rules.sql.session_left_changed import session_left_changed
from migcheck.rules.sql.setting_handed_on import setting_handed_on
from migcheck.rules.sql.sql_not_parsed import sql_not_parsed
from migcheck.rules.sql.table_dropped import table_dropped
from migcheck.rules.sql.table_emptied import table_emptied
from migcheck.rules.sql.table_rewritten import table_rewritten
from migcheck.rules.sql.taken_along import taken_along
from migcheck.rules.sql.transaction_ended_inside import transaction_ended_inside
from migcheck.rules.sql.trigger_disabled import trigger_disabled
from migcheck.rules.sql.type_keeps_less import type_keeps_less
from migcheck.rules.sql.worked_through_under_lock import worked_through_under_lock

SQL_RULES: tuple[Rule[SqlFacts], ...] = (
    table_dropped,
    column_dropped,
    table_emptied,
    renamed_under_the_code,
    required_column_added,
    column_made_required,
    table_rewritten,
    rows_checked_under_lock,
    index_built_under_lock,
    row_security_off,
    refused_in_a_transaction,
    rows_refused,
    seed_refused,
    definer_without_search_path,
    granted_to_everybody,
    trigger_disabled,
    taken_along,
    name_cut_off,
    setting_handed_on,
    session_left_changed,
    partition_detached,
    worked_through_under_lock,
    large_tables_locked_together,
    every_row_updated,
    index_dropped_under_lock,
    type_keeps_less,
    big_table_unknown,
    transaction_ended_inside,
    sql_not_parsed,
    running_release_refused,
    running_release_leaves_out,
    running_release_value_refused,
    own_query_refused,
    own_query_unplannable,
    opinion_asked_for,
)
