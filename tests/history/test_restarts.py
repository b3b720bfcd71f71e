"""A folder that begins anew: squashed, restarted, or upgraded by drizzle-kit."""

import shutil

import pytest
from msgspec.structs import replace

from migcheck.drizzle.upgrade import as_upgraded
from migcheck.facts.history.history import Proof
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from tests.support.folders import (
    a_folder,
    a_folder_1_0,
)
from tests.support.histories import (
    FOLDER,
    LANDED,
    NEWEST,
    a_history,
    a_landed_folder,
    gate_of_the_folder,
    judged,
    landed_ledger,
    told,
)
from tests.support.repositories import GitRepository


@pytest.mark.parametrize(
    ("proof", "severity", "message"),
    [
        (None, "warning", "is still to be proven"),
        (Proof(base_runs=True, squash_equal=True), "warning", "and builds the same schema; databases"),
        (
            Proof(base_runs=True, squash_equal=True, squash_rows=("~ rows public.a: 1 -> 0",)),
            "warning",
            "and builds the same schema, but other rows; databases",
        ),
        (Proof(base_runs=True, squash_equal=False), "error", "does not build the same"),
        (Proof(base_runs=True), "error", "could not be proven"),
        (Proof(base_runs=False), "error", "could not be proven"),
        (Proof(base_runs=False, stuck=frozenset({"0001_posts"})), "warning", "(0001_posts cannot run)"),
    ],
)
def test_a_squashed_folder(a_repo: GitRepository, proof: Proof | None, severity: str, message: str) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_all": "create table everything (id int);"}, when={"0000_all": NEWEST}, snapshots=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo), proof=proof)

    assert (found.code, found.severity, found.migration) == ("MC209", severity, "0000_all")
    assert message in found.message
    assert gate_of_the_folder(a_repo) == []


def test_a_squash_that_a_given_ledger_is_behind(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    ledger = landed_ledger(LANDED["0000_users"], LANDED["0001_posts"])
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_all": "create table everything (id int);"}, when={"0000_all": NEWEST}, snapshots=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo), ledger)

    assert (found.code, found.severity) == ("MC209", "error")
    assert found.message.endswith("and drizzle.__drizzle_migrations, as it was given, has only part of them")


def test_a_squash_that_has_the_text_of_the_first_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_all": LANDED["0000_users"]}, when={"0000_all": NEWEST}, snapshots=False)
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC209", "warning", "0000_all")]


def test_a_squash_that_keeps_the_name_of_the_first_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_users": "create table all_of_it ();"}, when={"0000_users": NEWEST}, snapshots=False)
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC209", "warning", "0000_users")]


@pytest.mark.parametrize(
    "migrations",
    [
        {"0000_anew": "create table anew (id int);"},
        {"0000_anew": "select 1;", "0001_more": "select 2;"},
        {"0000_anew": "select 1;", "0002_tags": LANDED["0002_tags"]},
        {},
    ],
    ids=["one entry with another time", "several entries", "the first ones replaced", "emptied"],
)
def test_any_other_restart_is_one_error(a_repo: GitRepository, migrations: dict[str, str]) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, migrations, when={"0000_anew": NEWEST + 1, "0002_tags": NEWEST}, snapshots=False)
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC209", "error", next(iter(migrations), None))]


def test_a_restart_of_a_single_migration_names_it_once(a_repo: GitRepository) -> None:
    drizzle = a_folder(a_repo / FOLDER, {"0000_first": "select 1;"}, snapshots=False)
    a_repo.commit()
    a_repo.branch("feature")
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_anew": "select 2;"}, when={"0000_anew": NEWEST}, snapshots=False)
    a_repo.commit()
    (found,) = judged(a_history(a_repo))
    assert found.message == (
        "the folder was restarted: of 1 migration that has landed 1 is gone, and 0000_anew stands first"
    )
    assert found.evidence.startswith("gone is 0000_first; the greatest `when` in base is ")


def test_an_upgraded_folder_is_no_edit(a_repo: GitRepository) -> None:
    """`drizzle-kit up`: same files, same order, names made of the entry's time."""
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    names = ("20231114221320_users", "20231114221420_posts", "20231114221520_tags")
    a_folder_1_0(drizzle, dict(zip(names, LANDED.values(), strict=True)))
    a_repo.commit()

    history = a_history(a_repo)

    assert told(history) == []
    assert history.new() == ()


def test_an_upgrade_that_edits_is_one_edit(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    landed = read_folder(DiskTree(a_repo.top), "drizzle")
    shutil.rmtree(drizzle)
    names = ("20231114221320_users", "20231114221420_posts", "20231114221520_tags")
    a_folder_1_0(drizzle, dict(zip(names, ("select 1;", *list(LANDED.values())[1:]), strict=True)))
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC201", "error", "20231114221320_users")]
    # No time of a file's name: the year 55840 of microseconds.
    late = replace(landed, migrations=(replace(landed.migrations[0], when=1_700_000_000_000_000),))
    assert as_upgraded(late, read_folder(DiskTree(a_repo.top), "drizzle")).migrations == late.migrations
