"""A column that gets a time zone, or loses it: told, unless the migration says itself that its values are of UTC."""

import pytest

from migcheck.facts.sql.observation import Change, Rezoned
from migcheck.facts.sql.zones import as_set
from tests.lint.shop import TABLES, read
from tests.support.rehearsals import folder_of

RETYPED = "alter table users alter at type timestamptz;"
TOLD = [Rezoned("at was timestamp without time zone, and is timestamp with time zone")]


def told(sql: str) -> list[Change]:
    [*_, new] = folder_of({"0000_base": "select 1;", "0010_new": sql}).migrations
    return [each.change for each in as_set(read(sql, tables=TABLES), [new]) if isinstance(each.change, Rezoned)]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (RETYPED, TOLD),
        ("set time zone 'Asia/Tokyo'; " + RETYPED, TOLD),
        (RETYPED + "\nset local timezone = 'UTC';", TOLD),
        ("set time zone default;\n" + RETYPED, TOLD),
        ("set local timezone = 'UTC';\n" + RETYPED, []),
        ("SET LOCAL TIME ZONE 'utc';\n" + RETYPED, []),
        ("set timezone to UTC; set time zone 0; " + RETYPED, []),
        ("select set_config('TimeZone', 'Etc/UTC', true);\n" + RETYPED, []),
        ("alter table users alter at type timestamp(6);", []),
        ("alter table users alter at type timestamptz using at at time zone 'UTC';", []),
        ("alter table users alter at type date;", []),
    ],
)
def test_what_says_nothing_of_the_zone_is_told(sql: str, found: list[Change]) -> None:
    assert told(sql) == found
