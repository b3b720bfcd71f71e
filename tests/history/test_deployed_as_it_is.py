"""What every known ledger has as it stands here is no error: the next deploy has nothing to do with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.facts.history.history import History
from tests.support.folders import WHEN, add_entry, add_migration, change_entry, drop_entry, move_entry
from tests.support.histories import LANDED, NEWEST, a_history, a_landed_folder, judged, landed_ledger, told
from tests.support.repositories import GitRepository

ELSEWHERE = landed_ledger(*LANDED.values())
"""The ledger of a database that has base and nothing else."""


def inserted(drizzle: Path) -> None:
    (drizzle / "0001_early.sql").write_bytes(b"select 1;")
    add_entry(drizzle, "0001_early", when=WHEN + 1, idx=9)
    move_entry(drizzle, "0001_early", 1)


def twice_one_idx(drizzle: Path) -> None:
    (drizzle / "0002_mine.sql").write_bytes(b"select 1;")
    add_entry(drizzle, "0002_mine", idx=2)


def behind(drizzle: Path) -> None:
    add_migration(drizzle, "0003_late", "select 1;", when=WHEN + 1, snapshot=False)


def edited(drizzle: Path) -> None:
    (drizzle / "0002_tags.sql").write_bytes(b"select 1;")


def deleted(drizzle: Path) -> None:
    drop_entry(drizzle, "0002_tags")
    (drizzle / "0002_tags.sql").unlink()


def renamed(drizzle: Path) -> None:
    change_entry(drizzle, "0002_tags", rename="0002_labels", when=NEWEST + 1)
    (drizzle / "0002_tags.sql").rename(drizzle / "0002_labels.sql")


def redated(drizzle: Path) -> None:
    change_entry(drizzle, "0002_tags", when=NEWEST + 1)


def reordered(drizzle: Path) -> None:
    move_entry(drizzle, "0002_tags", 0)


def deployed(history: History) -> Ledger:
    """The ledger of a database that ran the folder as it is here, from top to bottom."""
    ran = enumerate(history.after.migrations, 1)
    return Ledger(LedgerName(), tuple(LedgerRow(number, each.hash, each.when) for number, each in ran))


def change(repo: GitRepository, what: Callable[[Path], None]) -> History:
    what(a_landed_folder(repo))
    repo.commit()
    return a_history(repo)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (edited, "MC201"),
        (deleted, "MC202"),
        (renamed, "MC203"),
        (redated, "MC204"),
        (reordered, "MC205"),
        (inserted, "MC206"),
        (behind, "MC207"),
        (twice_one_idx, "MC208"),
    ],
)
def test_a_fault_that_was_deployed_as_it_is_warns(
    a_repo: GitRepository, what: Callable[[Path], None], code: str
) -> None:
    history = change(a_repo, what)

    assert [(found, severity) for found, severity, _ in told(history)] == [(code, "error")]
    assert [(found, severity) for found, severity, _ in told(history, deployed(history))] == [(code, "warning")]
    assert "error" in [severity for _, severity, _ in told(history, deployed(history), ELSEWHERE)]


@pytest.mark.parametrize("what", [inserted, twice_one_idx, behind])
def test_what_was_deployed_is_not_to_be_made_anew(a_repo: GitRepository, what: Callable[[Path], None]) -> None:
    history = change(a_repo, what)

    (found,) = judged(history, deployed(history))
    assert found.fix == "Nothing, if the ledgers that were read are all: each has it as it is here."


def test_what_one_ledger_has_with_another_text_is_not_what_is_here(a_repo: GitRepository) -> None:
    history = change(a_repo, inserted)
    rows = [replace(row, hash="0" * 64) if row.created_at == WHEN + 1 else row for row in deployed(history).rows]

    assert told(history, Ledger(LedgerName(), tuple(rows))) == [("MC206", "error", "0001_early")]


def test_a_row_of_another_migration_with_the_same_text_is_not_its_own(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_again", LANDED["0002_tags"], when=NEWEST - 1, snapshot=False)
    a_repo.commit()

    assert told(a_history(a_repo), ELSEWHERE) == [("MC207", "error", "0003_again")]


def test_what_is_older_than_a_ledger_was_not_seen_to_run(a_repo: GitRepository) -> None:
    history = change(a_repo, inserted)
    begun = [row for row in deployed(history).rows if (row.created_at or 0) > WHEN + 1]

    assert told(history, Ledger(LedgerName(), tuple(begun))) == [("MC206", "error", "0001_early")]


def test_an_order_in_which_no_ledger_ran_them_errs(a_repo: GitRepository) -> None:
    history = change(a_repo, reordered)
    last_first = [replace(row, id=9 - row.id) for row in deployed(history).rows]

    assert told(history, ELSEWHERE) == [("MC205", "error", "0002_tags")]
    assert told(history, Ledger(LedgerName(), tuple(last_first))) == [("MC205", "error", "0002_tags")]
