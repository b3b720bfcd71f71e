"""A migration that ends the transaction that it runs in: told by the server's state, with its place; once for each."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.replay.watching.ending import end_of
from migcheck.facts.sql.observation import End, RequiredColumnAdded, Seen, TableRenamed, TransactionEnded
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.lint.shop import BASE, BREAKPOINT, read
from tests.support.rehearsals import folder_of, upgraded


@pytest.mark.parametrize(
    ("statement", "end"),
    [
        ("commit", End.KEPT),
        ("-- done\nCOMMIT WORK;", End.KEPT),
        ("commit and chain", End.KEPT),
        ("END", End.KEPT),
        ("end transaction and no chain", End.KEPT),
        ("rollback", End.UNDONE),
        ("ROLLBACK WORK AND CHAIN", End.UNDONE),
        ("abort transaction", End.UNDONE),
        ("prepare transaction 'half'", End.SET_ASIDE),
        ("prepare half as select 1", None),
        ("commit prepared 'half'", None),
        ("rollback prepared 'half'", None),
        ("rollback to half", None),
        ("rollback work to savepoint half", None),
        ("rollback transaction to half", None),
        ("begin", None),
        ("start transaction", None),
        ("savepoint half", None),
        ("release half", None),
        ("select 'commit'", None),
        ("", None),
    ],
)
def test_how_a_statement_ends_a_transaction_its_words_tell(statement: str, end: End | None) -> None:
    assert end_of(statement) == end


def ended(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()
) -> list[Seen]:
    base = {"0000_base": BASE}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 10)}})
    found = upgraded(server, head, folder_of(base), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return [each for each in found.seen if isinstance(each.change, TransactionEnded)]


@pytest.mark.server
def test_it_is_told_with_its_place(server: ScratchServer) -> None:
    sql = f"select 1;{BREAKPOINT}alter table teams add a int;\n-- enough\nCOMMIT;\nalter table teams add b int;"
    at = Location("drizzle/0010_new.sql", 5)
    assert ended(server, sql) == [Seen("0010_new", at, "COMMIT;", "", TransactionEnded(End.KEPT))]


@pytest.mark.server
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("alter table teams add a int; end", [(1, End.KEPT)]),
        ("commit and chain" + BREAKPOINT + "alter table teams add a int", [(1, End.KEPT)]),
        ("commit; begin", [(1, End.KEPT)]),
        ("begin;\nalter table teams add a int;\ncommit", [(3, End.KEPT)]),
        ("begin" + BREAKPOINT + "alter table teams add a int" + BREAKPOINT + "commit", [(5, End.KEPT)]),
        ("alter table teams add a int; abort", [(1, End.UNDONE)]),
        ("rollback and chain" + BREAKPOINT + "alter table teams add a int", [(1, End.UNDONE)]),
        ("commit" + BREAKPOINT + "begin" + BREAKPOINT + "select 1" + BREAKPOINT + "rollback", [(1, End.KEPT)]),
        ("begin" + BREAKPOINT + "alter table teams add a int", []),
        ("savepoint a; alter table teams add a int; rollback to a" + BREAKPOINT + "release a", []),
        ("prepare half as select 1" + BREAKPOINT + "deallocate half", []),
        ("do $$ begin perform 1; end $$" + BREAKPOINT + "select 'commit;'", []),
    ],
)
def test_what_is_read_is_what_is_seen(server: ScratchServer, sql: str, told: list[tuple[int, End]]) -> None:
    for found in (ended(server, sql), [each for each in read(sql) if isinstance(each.change, TransactionEnded)]):
        assert [(each.at.line, each.change.end) for each in found if isinstance(each.change, TransactionEnded)] == told


TWICE = ("alter table teams add a int; commit", "commit", "alter table teams add b int; commit")


@pytest.mark.server
@pytest.mark.parametrize(
    ("batching", "outside", "told"),
    [
        (Batching.ALL, (), ["0010_new"]),
        (Batching.EACH, (), ["0010_new", "0011_new", "0012_new"]),
        (Batching.ALL, ("0010_new",), ["0011_new"]),
        (Batching.ALL, ("0011_new",), ["0010_new", "0012_new"]),
    ],
)
def test_it_is_told_once_of_each_transaction(
    server: ScratchServer, batching: Batching, outside: tuple[str, ...], told: list[str]
) -> None:
    assert [each.migration for each in ended(server, *TWICE, batching=batching, outside=outside)] == told
    if batching is Batching.ALL:
        found = read(*TWICE, outside=outside)
        assert [each.migration for each in found if isinstance(each.change, TransactionEnded)] == told


REQUIRED = "alter table teams add required int not null"


@pytest.mark.server
@pytest.mark.parametrize("first", ["commit", "alter table teams add a int; commit", "rollback"])
def test_what_comes_in_the_next_transaction_is_told_of_that_one(server: ScratchServer, first: str) -> None:
    base = {"0000_base": BASE}
    new = {"0010_new": first, "0011_new": f"select 1;{BREAKPOINT}{REQUIRED}"}
    found = upgraded(server, folder_of({**base, **new}), folder_of(base), batching=Batching.EACH)
    told = [each for each in found.seen if isinstance(each.change, RequiredColumnAdded)]
    at = Location("drizzle/0011_new.sql", 3)
    change = RequiredColumnAdded("required", "integer")
    assert told == [Seen("0011_new", at, REQUIRED, "public.teams", change, "ACCESS EXCLUSIVE", read=True)]


@pytest.mark.server
def test_what_nobody_saw_is_told_of_its_own_transaction(server: ScratchServer) -> None:
    base = {"0000_base": BASE}
    new = {
        "0010_new": f"commit{BREAKPOINT}{REQUIRED}",
        "0011_new": "delete from teams",
        "0012_new": "alter table teams rename to folk",
    }
    found = upgraded(server, folder_of({**base, **new}), folder_of(base), batching=Batching.EACH)
    told = [(each.migration, type(each.change), each.at.line) for each in found.seen if each.table == "public.teams"]
    assert told == [("0010_new", RequiredColumnAdded, None), ("0012_new", TableRenamed, 1)]
