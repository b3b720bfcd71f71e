"""What repairs the past only warns: what could not run, never had a file, or is back again."""

from itertools import chain

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.drizzle.pieces import migration_hash
from migcheck.facts.history.history import History, Proof
from tests.support.folders import (
    STEP,
    a_folder,
    add_migration,
    drop_entry,
)
from tests.support.histories import (
    LANDED,
    NEWEST,
    a_history,
    a_landed_folder,
    judged,
    landed_ledger,
    told,
)
from tests.support.repositories import GitRepository


def test_mending_what_base_cannot_run_warns(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0001_posts.sql": "create table posts (id integer);"})
    history = a_history(a_repo)

    assert told(history) == [("MC201", "error", "0001_posts")]
    assert told(history, proof=Proof(base_runs=True)) == [("MC201", "error", "0001_posts")]
    assert told(history, proof=Proof(base_runs=False)) == [("MC201", "error", "0001_posts")]
    elsewhere = Proof(base_runs=False, stuck=frozenset({"0002_tags"}))
    assert told(history, proof=elsewhere) == [("MC201", "error", "0001_posts")]
    stuck = Proof(base_runs=False, stuck=frozenset({"0000_users", "0001_posts"}))
    (found,) = judged(history, proof=stuck)
    assert (found.code, found.severity, found.migration) == ("MC201", "warning", "0001_posts")
    assert found.fix == "Nothing, if no database ran it by hand: the file in base cannot run."
    assert told(history, landed_ledger(*LANDED.values()), proof=stuck) == [("MC201", "error", "0001_posts")]


STUCK = Proof(base_runs=False, stuck=frozenset({"0004_stuck"}))


def landing(repo: GitRepository, *commits: tuple[str, ...]) -> History:
    """The history of a change that takes out again what landed, after the three of LANDED, in `commits`."""
    drizzle = a_landed_folder(repo)
    for tags in commits:
        for tag in tags:
            add_migration(drizzle, tag, f"select '{tag}';", snapshot=False)
        repo.commit()
    for tag in chain.from_iterable(commits):
        drop_entry(drizzle, tag)
        (drizzle / f"{tag}.sql").unlink()
    repo.commit()
    return a_history(repo, base="HEAD~1")


def test_removing_what_landed_together_with_what_cannot_run_warns(a_repo: GitRepository) -> None:
    history = landing(a_repo, ("0003_fine", "0004_stuck"))

    assert [each for _, each, _ in told(history)] == ["error", "error"]
    (fine, stuck) = judged(history, proof=STUCK)
    assert (fine.code, fine.severity, fine.migration) == ("MC202", "warning", "0003_fine")
    assert fine.fix == (
        "Nothing, if no database ran it by itself: it landed together with 0004_stuck, which cannot run."
    )
    assert (stuck.severity, stuck.migration) == ("warning", "0004_stuck")
    alone = replace(STUCK, batching=Batching.EACH)
    assert [each for _, each, _ in told(history, proof=alone)] == ["error", "warning"]
    held = Ledger(LedgerName(), (LedgerRow(1, migration_hash(b"select '0003_fine';"), NEWEST + STEP),))
    assert told(history, held, proof=STUCK)[0] == ("MC202", "error", "0003_fine")


@pytest.mark.parametrize(
    "commits",
    [(("0003_fine",), ("0004_stuck",)), (("0004_stuck", "0005_fine"),)],
    ids=["before it", "newer than it"],
)
def test_removing_what_may_have_run_without_what_cannot_is_an_error(
    a_repo: GitRepository, commits: tuple[tuple[str, ...], ...]
) -> None:
    found = told(landing(a_repo, *commits), proof=STUCK)

    assert sorted(each for _, each, _ in found) == ["error", "warning"]


@pytest.mark.parametrize("sql", ["select 1; COMMIT;", "rollback;", "select 1;--> statement-breakpoint\nend;"])
def test_what_ends_the_transaction_may_have_stayed(a_repo: GitRepository, sql: str) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_fine", sql, snapshot=False)
    add_migration(drizzle, "0004_stuck", "select '0004_stuck';", snapshot=False)
    a_repo.commit()
    a_repo.commit({"drizzle/0003_fine.sql": "select 2;"})

    assert told(a_history(a_repo, base="HEAD~1"), proof=STUCK) == [("MC201", "error", "0003_fine")]


def test_removing_an_entry_without_its_file_warns(a_repo: GitRepository) -> None:
    drizzle = a_folder(a_repo / "drizzle", LANDED, snapshots=False)
    a_repo.commit({"drizzle/0001_posts.sql": None})
    a_repo.branch("feature")
    drop_entry(drizzle, "0001_posts")
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC202", "warning", "0001_posts")]


def test_bringing_back_a_lost_file_warns(a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", LANDED, snapshots=False)
    a_repo.commit({"drizzle/0001_posts.sql": None})
    a_repo.branch("feature")
    a_repo.commit({"drizzle/0001_posts.sql": LANDED["0001_posts"]})

    assert told(a_history(a_repo)) == [("MC201", "warning", "0001_posts")]
