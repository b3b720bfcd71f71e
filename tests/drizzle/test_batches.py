"""What of the pending migrations runs in one transaction, and what in none."""

import pytest

from migcheck.drizzle.batches import Outside, Together, batches
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching

M = [Migration(f"m{number}", number, f"drizzle/m{number}.sql", b"") for number in range(4)]


@pytest.mark.parametrize(
    ("outside", "all_", "each"),
    [
        ("", ["m0 m1 m2 m3"], ["m0", "m1", "m2", "m3"]),
        ("m1", ["m0", "(m1)", "m2 m3"], ["m0", "(m1)", "m2", "m3"]),
        ("m0", ["(m0)", "m1 m2 m3"], ["(m0)", "m1", "m2", "m3"]),
        ("m3", ["m0 m1 m2", "(m3)"], ["m0", "m1", "m2", "(m3)"]),
        ("m1 m2", ["m0", "(m1)", "(m2)", "m3"], ["m0", "(m1)", "(m2)", "m3"]),
        ("m0 m1 m2 m3", ["(m0)", "(m1)", "(m2)", "(m3)"], ["(m0)", "(m1)", "(m2)", "(m3)"]),
        ("other", ["m0 m1 m2 m3"], ["m0", "m1", "m2", "m3"]),
    ],
)
def test_what_runs_outside_parts_the_others(outside: str, all_: list[str], each: list[str]) -> None:
    assert told(M, Batching.ALL, outside) == all_
    assert told(M, Batching.EACH, outside) == each


def test_drizzle_begins_and_commits_where_nothing_is_to_run() -> None:
    assert list(batches([], Batching.ALL, ())) == [Together(())]
    assert list(batches([], Batching.EACH, ())) == []
    assert list(batches(M[:1], Batching.ALL, {"m0"})) == [Outside(M[0])]


def told(migrations: list[Migration], batching: Batching, outside: str) -> list[str]:
    """Each batch by its tags, in parentheses what runs in no transaction."""
    found = []
    for batch in batches(migrations, batching, outside.split()):
        tags = " ".join(each.tag for each in batch.migrations)
        found.append(f"({tags})" if isinstance(batch, Outside) else tags)
    return found
