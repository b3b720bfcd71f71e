"""Functions of the server's own that read and write rows of no table but what they are given.

Source: PostgreSQL's manual, "Functions and Operators" (17), those that migrations call; any other may do anything.
"""

import re

BUILT_IN = frozenset(
    re.findall(
        r"\w+",
        """
        abs age any_value array_agg array_append array_cat array_length array_position array_positions array_prepend
        array_remove array_replace array_to_json array_to_string ascii avg bit_and bit_length bit_or bool_and bool_or
        btrim cardinality cbrt ceil ceiling char_length character_length chr clock_timestamp coalesce col_description
        concat concat_ws count cume_dist current_database current_schema current_schemas current_setting currval
        date_bin date_part date_trunc decode dense_rank digest div encode every exp extract first_value floor format
        format_type gen_random_bytes gen_random_uuid generate_series generate_subscripts greatest grouping initcap
        isfinite json_agg json_array_elements json_array_elements_text json_array_length json_build_array
        json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object json_object_agg
        json_object_keys json_strip_nulls json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text
        jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
        jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys jsonb_path_exists
        jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_populate_record jsonb_pretty jsonb_set
        jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days justify_hours
        justify_interval lag last_value lastval lead least left length ln log lower lpad ltrim make_date make_interval
        make_time make_timestamp make_timestamptz max md5 min mod mode nextval now nth_value ntile nullif num_nonnulls
        num_nulls obj_description octet_length percent_rank percentile_cont percentile_disc pg_advisory_lock
        pg_advisory_unlock pg_advisory_xact_lock pg_get_serial_sequence pg_notify pg_sleep pg_typeof plainto_tsquery
        position power quote_ident quote_literal quote_nullable random rank regexp_count regexp_instr regexp_like
        regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat
        replace reverse right round row_number row_to_json rpad rtrim set_config setseed setval setweight sha224 sha256
        sha384 sha512 sign split_part sqrt starts_with statement_timestamp stddev string_agg string_to_array
        string_to_table strpos substr substring sum timeofday timezone to_char to_date to_hex to_json to_jsonb to_number
        to_regclass to_regtype to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim trunc
        ts_headline ts_rank unnest upper uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7 variance
        version websearch_to_tsquery width_bucket
        """,
    )
)
WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        all and any array as between bit by case char character check date decimal else elsif except exists filter
        float from if ilike in intersect interval join key lateral like limit not numeric offset on or over partition
        return returning row select set some then time timestamp timestamptz union unique using values varbit varchar
        varying when where while within
        """,
    )
)
"""What has a parenthesis behind it and calls nothing."""
