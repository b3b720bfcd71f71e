"""A cleared plan in which an earlier run was cut off: what of it is left, and what is no such run's doing."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from migcheck.clearance import Clearance, Step, folder_digest, plan_of
from migcheck.deploy.outcome import NothingToDo, Refused
from migcheck.deploy.plan import Agreed, agree
from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import Batching, LedgerName, LedgerRow, pending
from migcheck.evidence import Evidence
from tests.support.ledgers import a_ledger, a_pure_folder, rows_of

WHENS = {f"000{number}_step": 1000 * number for number in range(1, 6)}
FOLDER = a_pure_folder(WHENS)
# The first has landed when the rest is cleared.
ROWS = rows_of(FOLDER)
BASE, FIRST, SECOND, THIRD, LAST = ROWS
ANOTHER = LedgerRow(9, "f" * 64, 1500)


def cleared(
    batching: Batching = Batching.EACH, *outside: str, folder: Folder = FOLDER, base: Sequence[LedgerRow] = ROWS[:1]
) -> Clearance:
    plan = plan_of(pending(folder, a_ledger(base)))
    evidence = Evidence(rows=tuple((row.hash, row.created_at) for row in base))
    name, digest = LedgerName(), folder_digest(folder)
    return Clearance(folder.path, digest, name, plan, batching, "", (), evidence=evidence, outside=outside)


def numbered(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """The rows with ids in this order."""
    return [replace(row, id=number) for number, row in enumerate(rows, 1)]


def landed(clearance: Clearance, rows: Sequence[LedgerRow], folder: Folder = FOLDER) -> tuple[Step, ...] | None:
    """What of the plan had landed where the rest is run; None where nothing is."""
    agreed = agree(clearance, folder, a_ledger(numbered(rows)))
    if not isinstance(agreed, Agreed):
        assert isinstance(agreed, Refused), agreed
        return None
    assert (*agreed.earlier, *plan_of(agreed.due)) == clearance.plan
    return agreed.earlier


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_by_one_it_may_have_ended_behind_each(count: int) -> None:
    given = cleared()
    assert landed(given, ROWS[:count]) == given.plan[: count - 1]


def test_and_behind_the_last_there_is_nothing_to_do() -> None:
    assert agree(cleared(), FOLDER, a_ledger(ROWS)) == NothingToDo()


def test_what_a_squash_stands_for_is_no_lack() -> None:
    folder = a_pure_folder({"0000_squash": 3000, "0001_next": 4000})
    old = rows_of(a_pure_folder({"0000_a": 1000, "0001_b": 2000, "0002_c": 3000}))
    rows = [*old, rows_of(folder)[1], LedgerRow(9, "f" * 64, 5000)]
    given = replace(cleared(folder=folder, base=rows), known={old[2].hash: "0002_c"})
    ahead = NothingToDo(("the target is ahead of the folder by 1 migration",))
    assert agree(given, folder, a_ledger(numbered(rows))) == ahead


@pytest.mark.parametrize(
    ("batching", "outside", "ends"),
    [
        pytest.param(Batching.ALL, (), {0}, id="all"),
        pytest.param(Batching.ALL, ("0003_step",), {0, 1, 2}, id="all, around one outside"),
        pytest.param(Batching.ALL, ("0002_step",), {0, 1}, id="all, behind one outside"),
        pytest.param(Batching.ALL, ("0005_step",), {0, 3}, id="all, in front of one outside"),
        pytest.param(Batching.EACH, ("0003_step",), {0, 1, 2, 3}, id="each"),
    ],
)
def test_it_ends_where_a_transaction_does(batching: Batching, outside: tuple[str, ...], ends: set[int]) -> None:
    given = cleared(batching, *outside)
    found = {count: landed(given, ROWS[: 1 + count]) for count in range(4)}
    assert found == {count: given.plan[:count] if count in ends else None for count in range(4)}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([BASE, FIRST, ANOTHER], id="and a row of another's"),
        pytest.param([BASE, ANOTHER], id="a row of another's alone"),
        pytest.param([BASE, SECOND], id="one of the middle"),
        pytest.param([BASE, SECOND, FIRST], id="in another order"),
        pytest.param([BASE, FIRST, FIRST], id="twice"),
        pytest.param([FIRST], id="what was there is gone"),
        pytest.param([BASE, BASE, FIRST], id="what was there is there twice"),
        pytest.param([replace(BASE, created_at=999), FIRST], id="what was there has changed"),
        pytest.param([BASE, replace(FIRST, created_at=2001)], id="at another time"),
        pytest.param([BASE, replace(FIRST, hash="e" * 64)], id="of another file"),
        pytest.param([BASE, replace(FIRST, created_at=None)], id="without a time"),
        pytest.param([BASE, FIRST, LAST], id="and the last"),
    ],
)
def test_what_no_run_of_the_plan_leaves_is_refused(rows: list[LedgerRow]) -> None:
    assert landed(cleared(), rows) is None


def test_a_row_that_is_cleared_and_was_there_before_has_not_landed() -> None:
    """Of two empty files, say: whose row it is cannot be told."""
    base = [FIRST, BASE]
    given = replace(cleared(), evidence=Evidence(rows=tuple((row.hash, row.created_at) for row in base)))
    assert landed(given, [*base, FIRST]) is None


class TestIn10:
    FOLDER = a_pure_folder(WHENS, Layout.FOLDERS)
    ROWS = rows_of(FOLDER)

    def given(self) -> Clearance:
        return cleared(folder=self.FOLDER, base=self.ROWS[:1])

    def test_the_first_have_landed(self) -> None:
        assert landed(self.given(), self.ROWS[:3], self.FOLDER) == self.given().plan[:2]

    def test_one_of_the_middle_is_refused(self) -> None:
        assert landed(self.given(), [self.ROWS[0], self.ROWS[2]], self.FOLDER) is None

    def test_a_row_without_its_name_is_refused(self) -> None:
        assert landed(self.given(), [self.ROWS[0], replace(self.ROWS[1], name=None)], self.FOLDER) is None


def test_where_no_ledger_was_known_the_plan_tells_what_was_there() -> None:
    given = replace(cleared(), evidence=Evidence())
    assert landed(given, ROWS[:2]) == given.plan[:1]
    assert landed(given, [BASE, SECOND]) is None
    assert landed(given, [FIRST]) is None


def test_it_is_told_as_what_is_pending_where_it_is_refused() -> None:
    refused = agree(cleared(Batching.ALL), FOLDER, a_ledger(ROWS[:3]))
    assert isinstance(refused, Refused)
    assert refused.problem == (
        "what is pending on the target is not what was cleared: 0004_step, 0005_step, not 0002_step, 0003_step, "
        "0004_step, 0005_step"
    )
