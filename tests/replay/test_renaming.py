"""What a constraint or an index that is new is called in the end, where what is new gives it another name."""

import pytest

from migcheck.facts.replay.with_rows.renaming import names_of
from tests.support.rehearsals import folder_of

LONG = "of_all_the_names_that_drizzle_kit_puts_together_this_is_the_longest_one_there_is"
RENAMED = [
    ("alter index a rename to b", ["a", "b"]),
    ('alter index if exists public."a" rename to "B"', ["a", "B"]),
    ("alter table a rename to b", ["a", "b"]),
    ("alter table t add constraint b unique using index a", ["a", "b"]),
    ("alter table only t rename constraint a to b", ["a", "b"]),
    ('ALTER TABLE "public"."t" RENAME CONSTRAINT "a" TO "b"; alter table u rename constraint b to c', ["a", "b", "c"]),
    (f'alter table t rename constraint a to "{LONG}"', ["a", LONG[:63]]),
    # Of another table, or none at all.
    ("alter table v rename constraint a to b", ["a"]),
    ("alter table t rename column a to b; alter table t rename a to b; alter table t rename to b", ["a"]),
]


@pytest.mark.parametrize(("says", "names"), RENAMED)
def test_it_is_followed_from_name_to_name(says: str, names: list[str]) -> None:
    assert list(names_of("a", folder_of({"0001_new": says}).migrations, {"t", "u"})) == names
