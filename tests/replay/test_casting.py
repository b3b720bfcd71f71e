"""Whether a statement that gives a column another type does no more than cast its values."""

import pytest

from migcheck.facts.replay.watching.casting import is_plain

PLAIN = [
    "type varchar(300)",
    "type varchar(300) using a::varchar(300)",
    "type varchar(300) using a::text",
    "type varchar(300) using a::character varying",
    'set data type "public"."st" using "a"::"public"."st"',
    'set data type "public"."st" using (a::text::st);',
    "type timestamp (3) with time zone using (a)::timestamp(3) with time zone",
    "type int using a::integer, alter b type int8 using b::bigint",
    "type numeric ( 6 , 2 ) using A :: decimal(6,2)",
    "type timestamp using a::timestamp without time zone",
    "type timestamptz(3) using a::timestamp (3) with time zone",
    "type char(3) using a::character(3)",
    "type real[] using a::float4[]",
    'type citext using a::"public"."citext"',
    'type varchar(3) using CAST("a" AS varchar(3))',
    'set data type numeric(12,0) using cast ( "t"."a" as numeric(12, 0) );',
    'type integer using "public"."t"."a"::integer',
    "type varchar(3) using a::pg_catalog.varchar(3)",
    # As a cast cuts and rounds.
    'type varchar(3) using left("a", 3)',
    "type character varying(3) using (substring(t.a from 1 for 3)::varchar(3)), alter b type text",
    "type varchar(3) using SUBSTR(a, 1, 3)::varchar",
    "type numeric(10, 2) using round(a, 2)",
    "type numeric(10,2) using (round(a, 2)::numeric(10,2))",
    "type integer using round(a)::integer",
]
MORE = [
    "type text using left(a, 3)",
    "type varchar(3) using left(a, 2)",
    "type varchar(3) using left(b, 3)",
    "type varchar(3) using left(a, 3) || ''",
    "type varchar(3) using substring(a from 2 for 3)",
    "type numeric(10,2) using round(a, 1)",
    "type numeric(10,2) using (round(a, 2) * 100)",
    "type integer using round(a * 100)",
    "type integer using round(a, 2)",
    "type text using a::varchar(3)",
    "type text using cast(a as varchar(3))",
    "type text using cast(lower(a) as text)",
    "type text using cast(b as text)",
    "type text using a::varchar(3)::text",
    "type text using a::text || 'b'",
    "type text using b::text",
    'type text using "A"::text',
    "type integer using a::numeric",
    "type integer using a::text",
    "type timestamp using a::timestamptz",
    "type timestamp(3) using a::timestamp(0)",
    'type text collate "C" using lower(a)',
    "type int using a::int, alter b type int using b + 1",
    "type varchar(3) using a::varchar(3), alter a type text using a::text",
]


@pytest.mark.parametrize(("says", "plain"), [*((each, True) for each in PLAIN), *((each, False) for each in MORE)])
def test_a_cast_is_of_the_same_column_to_the_type_that_it_gets(says: str, *, plain: bool) -> None:
    assert is_plain(f"alter table t alter column a {says}") is plain
