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
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
        current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
        distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
        leading limit localtime localtimestamp not null offset on only or order placing primary references returning
        select session_user some symmetric system_user table then to trailing true union unique user using variadic when
        where window with

        between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
        integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
        json_serialize json_table json_value least merge_action national nchar none normalize nullif numeric out overlay
        position precision real row setof smallint substring time timestamp treat trim values varchar xmlattributes
        xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable

        also by columns copy cube escape exclude explain filter identity ilike include insert instead join key like
        materialized operator options over overlaps partition passing reindex reset return rollup set sets vacuum
        varying while within zone

        assert elseif elsif if perform query

        bpchar date geography geometry halfvec sparsevec timestamptz timetz varbit vector
        """,
    )
)
"""What has a parenthesis behind it and calls nothing.

Source: PostgreSQL's parser/kwlist.h (18): what is reserved, what is no name of a function, and of the rest what its
grammar has a parenthesis behind; then those of PL/pgSQL, and types.
"""
