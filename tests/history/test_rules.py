"""Each fault of history, injected into a real repository: one finding, with its own code, and nothing else."""

import shutil

import pytest

from migcheck.catalogue import FOLDER_RULES, HISTORY_RULES
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.drizzle.pieces import migration_hash
from migcheck.facts.folder import FolderFacts
from migcheck.facts.history import Proof
from migcheck.finding import Location, Severity
from migcheck.rule import judge
from tests.support.folders import (
    STEP,
    WHEN,
    a_folder,
    a_folder_1_0,
    add_entry,
    add_migration,
    change_entry,
    drop_entry,
    move_entry,
)
from tests.support.histories import LANDED, a_history, a_landed_folder, judged, told
from tests.support.repositories import GitRepository

NEWEST = WHEN + 2 * STEP


def a_ledger(*sqls: str, mark: int = 0) -> Ledger:
    rows = tuple(
        LedgerRow(number, migration_hash(sql.encode()), WHEN + number * STEP) for number, sql in enumerate(sqls)
    )
    return Ledger(LedgerName(), (*rows, LedgerRow(99, "0" * 64, mark)) if mark else rows)


def gate_of_the_folder(repo: GitRepository) -> list[tuple[str, str | None]]:
    """What gate `folder` says of the same change: each fault is told by one of the two."""
    history = a_history(repo)
    found = judge(FOLDER_RULES, FolderFacts(history.after, NEWEST, history.before))
    return [(each.code, each.migration) for each in found if each.severity is Severity.ERROR]


def test_a_new_migration_at_the_end_is_clear(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", snapshot=False)
    a_repo.commit()

    history = a_history(a_repo)

    assert told(history) == []
    assert [each.tag for each in history.new()] == ["0003_likes"]


@pytest.mark.parametrize("sql", ["create table posts (id int);\n", "create table posts (id int);\n\n"])
def test_a_newline_at_the_end_is_an_edit_that_no_line_shows(a_repo: GitRepository, sql: str) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0001_posts.sql": sql})

    (found,) = judged(a_history(a_repo))

    assert found.code == "MC201"
    assert found.evidence.startswith("hash 8ab1bc2fb322 in base, ")
    assert found.evidence.endswith(" here: only the newline at the end differs")


def test_an_edited_migration(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    base = a_repo.head
    a_repo.commit({"drizzle/0001_posts.sql": "create table posts (id int);\n-- id is a number"})

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.rule, found.severity, found.migration) == (
        "MC201",
        "landed-migration-edited",
        "error",
        "0001_posts",
    )
    assert found.at == Location("drizzle/0001_posts.sql", 2)
    assert found.message == "0001_posts has landed, and its SQL is not what landed"
    assert found.evidence == ("hash 8ab1bc2fb322 in base, 102836a2aeeb here, from line 2 on:\n+ -- id is a number")
    assert found.fix == (
        f"Put it back (`git checkout {base[:12]} -- :/drizzle/0001_posts.sql`) and make the change in a new migration. "
        "If it was applied nowhere, or rolled back everywhere, let the ledgers say so (DATABASE_URL, or "
        "`--ledger FILE` written by `migcheck status --format json --output FILE`) or waive it in migcheck.toml: "
        'code = "MC201", migration = "0001_posts", reason = "never applied: ...", until = a date.'
    )
    assert gate_of_the_folder(a_repo) == []


def test_a_deleted_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    a_repo.commit({"drizzle/0001_posts.sql": None})

    assert told(a_history(a_repo)) == [("MC202", "error", "0001_posts")]
    assert gate_of_the_folder(a_repo) == []


def test_the_last_migration_replaced_is_a_deletion(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0002_tags")
    add_migration(drizzle, "0002_labels", "create table labels (id int);", when=NEWEST + 1, snapshot=False)
    a_repo.commit({"drizzle/0002_tags.sql": None})

    assert told(a_history(a_repo)) == [("MC202", "error", "0002_tags")]


def test_a_renamed_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (drizzle / "0001_posts.sql").rename(drizzle / "0001_articles.sql")
    change_entry(drizzle, "0001_posts", rename="0001_articles")
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC203", "0001_articles")
    assert found.message == "0001_posts has landed, and is now called 0001_articles"
    assert gate_of_the_folder(a_repo) == []


def test_a_migration_generated_again_under_another_name(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_people": LANDED["0000_users"]}, snapshots=False)
    a_repo.commit()
    base = a_repo.head
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_humans": LANDED["0000_users"]}, when={"0000_humans": NEWEST}, snapshots=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo, base=base))

    assert (found.code, found.migration) == ("MC203", "0000_humans")
    assert found.evidence.endswith(
        "its `when` was 1700000000000 (2023-11-14 22:13:20 UTC) and is 1700000120000 (2023-11-14 22:15:20 UTC)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"idx": 7}, "`idx` was 1 and is 7"),
        ({"when": NEWEST + 1}, f"`when` was {WHEN + STEP} (2023-11-14 22:14:20 UTC) and is"),
        ({"when": WHEN + 1}, "and is 1700000000001 (2023-11-14 22:13:20 UTC)"),
    ],
)
def test_a_changed_entry(a_repo: GitRepository, change: dict[str, int], message: str) -> None:
    drizzle = a_landed_folder(a_repo)
    change_entry(drizzle, "0001_posts", when=change.get("when"), idx=change.get("idx"))
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration, found.at.line) == ("MC204", "0001_posts", 12)
    assert found.severity == ("warning" if "idx" in change else "error")
    assert message in found.message
    assert found.evidence == (
        "Drizzle would run it again on every database that has base" if change.get("when") == NEWEST + 1 else ""
    )
    assert gate_of_the_folder(a_repo) == []


def test_reordered_entries(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    move_entry(drizzle, "0002_tags", 0)
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC205", "error", "0002_tags")]
    assert gate_of_the_folder(a_repo) == []


def test_a_migration_inserted_before_landed_ones(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (drizzle / "0001_early.sql").write_bytes(b"select 1;")
    add_entry(drizzle, "0001_early", when=WHEN + 1, idx=9)
    move_entry(drizzle, "0001_early", 1)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration, found.at) == (
        "MC206",
        "0001_early",
        Location("drizzle/meta/_journal.json", 12),
    )
    assert "skip it in silence" in found.evidence
    assert gate_of_the_folder(a_repo) == []


@pytest.mark.parametrize("when", [NEWEST, NEWEST - 1])
def test_a_migration_that_drizzle_will_skip_in_silence(a_repo: GitRepository, when: int) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=when, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC207", "error", "0003_likes")
    assert found.message == "0003_likes is new, but not newer than what has landed: Drizzle will skip it in silence"
    assert f"Set its `when` to {NEWEST + 1} in drizzle/meta/_journal.json" in found.fix
    assert gate_of_the_folder(a_repo) == []


def test_a_skip_is_seen_where_base_itself_is_out_of_order(a_repo: GitRepository) -> None:
    """The greatest `when` counts, not the last: a hand-edited future `when` hides everything after it."""
    a_folder(
        a_repo / "drizzle",
        LANDED,
        when={"0000_users": NEWEST * 2, "0001_posts": WHEN, "0002_tags": NEWEST},
        snapshots=False,
    )
    a_repo.commit()
    a_repo.branch("feature")
    add_migration(a_repo / "drizzle", "0003_likes", "select 1;", when=NEWEST + 5, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC207", "0003_likes")
    assert f"Set its `when` to {NEWEST * 2 + 1} " in found.fix


def test_the_way_out_of_a_skip_leaves_the_new_entries_in_order(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=NEWEST + STEP, snapshot=False)
    add_migration(drizzle, "0004_flags", "create table flags (id int);", when=NEWEST - 1, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC207", "0004_flags")
    assert f"Set its `when` to {NEWEST + STEP + 1} " in found.fix


def test_two_branches_that_both_made_the_next_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_mine", "create table mine (id int);", snapshot=False)
    a_repo.commit()
    a_repo.switch("main")
    add_migration(drizzle, "0003_theirs", "create table theirs (id int);", when=NEWEST + STEP * 2, snapshot=False)
    a_repo.commit()
    a_repo.switch("feature")
    a_repo.merge("main", strategy="theirs")
    add_entry(drizzle, "0003_mine", when=NEWEST + STEP, idx=3)
    a_repo.commit(message="Keep both")

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC208", "error", "0003_mine")
    assert found.message == (
        "two branches were merged that both made migration 3: 0003_theirs has landed, 0003_mine is new"
    )
    assert "skip it in silence" in found.evidence
    assert gate_of_the_folder(a_repo) == []


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
    ledger = a_ledger(LANDED["0000_users"], LANDED["0001_posts"])
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
    shutil.rmtree(drizzle)
    names = ("20231114221320_users", "20231114221420_posts", "20231114221520_tags")
    a_folder_1_0(drizzle, dict(zip(names, ("select 1;", *list(LANDED.values())[1:]), strict=True)))
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC201", "error", "20231114221320_users")]


def test_drizzle_1_0_runs_what_is_older_too(a_repo: GitRepository) -> None:
    folder = a_folder_1_0(a_repo / "drizzle", {"20240102000000_users": "select 1;"})
    a_repo.commit()
    a_repo.branch("feature")
    a_folder_1_0(folder, {"20240101000000_early": "select 2;"})
    a_repo.commit()

    assert told(a_history(a_repo)) == []


def test_what_no_ledger_holds_warns_and_what_one_holds_errs(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    history = a_history(a_repo)
    users, posts, _ = LANDED.values()

    assert told(history, a_ledger(users)) == [("MC201", "warning", "0001_posts")]
    assert told(history, a_ledger(users), a_ledger(users, posts)) == [("MC201", "error", "0001_posts")]


def test_a_new_entry_must_be_above_the_ledger_too(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=NEWEST + 1, snapshot=False)
    a_repo.commit()
    history = a_history(a_repo)

    assert told(history, a_ledger(*LANDED.values())) == []
    (found,) = judged(history, a_ledger(*LANDED.values(), mark=NEWEST + 5))
    assert (found.code, found.severity) == ("MC207", "error")
    assert f"Set its `when` to {NEWEST + 6} " in found.fix


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
    assert told(history, a_ledger(*LANDED.values()), proof=stuck) == [("MC201", "error", "0001_posts")]


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


def test_an_entry_removed_without_its_file(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC202", "error", "0001_posts")
    assert found.message == "0001_posts has landed, and its entry is gone from the journal"
    assert gate_of_the_folder(a_repo) == []


def test_a_file_removed_without_its_entry_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0002_tags.sql": None})

    assert told(a_history(a_repo)) == []
    assert gate_of_the_folder(a_repo) == [("MC101", "0002_tags")]


def test_an_entry_that_became_malformed_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    journal = (drizzle / "meta/_journal.json").read_text("utf-8")
    a_repo.commit({"drizzle/meta/_journal.json": journal.replace('"when": 1700000060000', '"when": "soon"')})

    assert told(a_history(a_repo)) == []
    assert gate_of_the_folder(a_repo) == [("MC103", "0001_posts")]


def test_a_broken_journal_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/meta/_journal.json": "{"})

    assert told(a_history(a_repo)) == []


def test_every_rule_has_a_case_here_that_fires() -> None:
    assert [rule.code for rule in HISTORY_RULES] == [f"MC20{number}" for number in range(1, 10)]
