"""What is read stands for what nobody saw: behind the end of a transaction, and before it in the same piece."""

import pytest

from migcheck.facts.sql.behind import is_blind, with_read
from migcheck.facts.sql.observation import Seen, TransactionEnded
from migcheck.postgres.scratch.contract import ScratchServer
from tests.lint.shop import BASE, BREAKPOINT, read
from tests.support.rehearsals import folder_of, rehearsed

pytestmark = pytest.mark.server


def found(server: ScratchServer, sql: str) -> list[Seen]:
    base = {"0000_base": BASE}
    rehearsal = rehearsed(server, folder_of({**base, "0010_new": sql}), folder_of(base))
    assert is_blind(rehearsal) is ("commit" in sql)
    return [each for each in with_read(rehearsal, read(sql)) if not isinstance(each.change, TransactionEnded)]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "begin;\ntruncate teams;\ndelete from users;\nalter table stock.items alter id type bigint;\ncommit;",
            [
                ("Rewritten", "stock.items", 4, "ACCESS EXCLUSIVE"),
                ("Emptied", "public.teams", 2, "ACCESS EXCLUSIVE"),
                ("Deleted", "public.users", 3, ""),
            ],
        ),
        (
            # What was seen before is told once, as it was seen.
            "truncate teams;"
            + BREAKPOINT
            + "commit;"
            + BREAKPOINT
            + "truncate teams; create index by_age on users (age); delete from stock.items;"
            + BREAKPOINT
            + "create table n (id int); delete from n; truncate n; drop table teams",
            [
                ("Emptied", "public.teams", 1, "ACCESS EXCLUSIVE"),
                ("TableDropped", "public.teams", 7, "ACCESS EXCLUSIVE"),
                ("IndexBuilt", "public.users", 5, "SHARE"),
                ("Deleted", "stock.items", 5, ""),
            ],
        ),
        ("commit; begin; truncate teams; delete from users; rollback;", []),
        ("begin; truncate teams", [("Emptied", "public.teams", 1, "ACCESS EXCLUSIVE")]),
    ],
)
def test_it_has_the_place_and_the_lock_of_what_is_read(
    server: ScratchServer, sql: str, told: list[tuple[str, str, int, str]]
) -> None:
    seen = found(server, sql)
    assert [(type(each.change).__name__, each.table, each.at.line, each.lock) for each in seen] == told
