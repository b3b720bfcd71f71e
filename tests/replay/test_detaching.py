"""What is done to a partition in the piece that detaches it is told beside that."""

import pytest

from migcheck.facts.sql.observation import Change, LeftNotValid, PartitionDetached, Seen, Validated
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, upgraded

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create table users (id int primary key);
create table parts (id int references users, at int) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
"""
DETACH = "alter table parts detach partition parts_1;"
CHECK = "alter table parts_1 add constraint zz check (at > -1);"
CHECKED = [PartitionDetached(), Validated("zz", foreign=False)]


def seen(server: ScratchServer, sql: str, outside: tuple[str, ...] = ()) -> tuple[Seen, ...]:
    base = {"0000_base": BASE}
    found = upgraded(server, folder_of({**base, "0001_new": sql}), folder_of(base), outside=outside)
    assert found.failure is None, found.failure
    assert {each.table for each in found.seen} == {"public.parts_1"}
    return found.seen


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"{DETACH} {CHECK}", CHECKED),
        (f"do $$ begin {DETACH} {CHECK} end $$", CHECKED),
        (f"{DETACH}{BREAKPOINT}{CHECK}", CHECKED),
        (f"{DETACH} {CHECK.replace(';', ' not valid;')}", [*CHECKED[:1], LeftNotValid("zz", foreign=False)]),
        # The foreign key is its own now, and nobody looked at rows for it.
        (DETACH, CHECKED[:1]),
    ],
)
def test_a_check_is_told_with_the_detachment(server: ScratchServer, sql: str, expected: list[Change]) -> None:
    assert [each.change for each in seen(server, sql)] == expected


def test_concurrently_outside_of_a_transaction_is_told_alone_and_without_a_lock(server: ScratchServer) -> None:
    """The check that it puts on the partition says its bounds."""
    [one] = seen(server, "alter table parts detach partition parts_1 concurrently;", outside=("0001_new",))
    assert (one.change, one.lock, one.of) == (PartitionDetached(), "", "public.parts")
