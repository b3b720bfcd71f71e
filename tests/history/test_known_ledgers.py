"""Where ledgers are known they win: what landed counts for a database only where its ledger holds it as it landed."""

import tomllib

import pytest

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.drizzle.pieces import migration_hash
from tests.support.folders import STEP, WHEN, add_migration, change_entry
from tests.support.histories import LANDED, NEWEST, a_history, a_landed_folder, judged, landed_ledger, told
from tests.support.repositories import GitRepository

USERS, POSTS, TAGS = LANDED.values()
EDITED = "select 'edited';"
KEEP_IT = (
    "Nothing, where no other database has it: no ledger that was read holds it as it landed. "
    "Where one may, put it back ("
)
HELD = " A ledger that was read holds it as it landed."


def rows(*of: tuple[str, int]) -> Ledger:
    """A ledger with these files at these times."""
    return Ledger(
        LedgerName(), tuple(LedgerRow(n, migration_hash(sql.encode()), when) for n, (sql, when) in enumerate(of))
    )


@pytest.fixture
def edited(a_repo: GitRepository) -> GitRepository:
    """The second of three landed files was edited."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0001_posts.sql": EDITED})
    return a_repo


def test_what_no_ledger_holds_warns_and_what_one_holds_errs(edited: GitRepository) -> None:
    history = a_history(edited)

    assert told(history) == [("MC201", "error", "0001_posts")]
    assert told(history, landed_ledger(USERS)) == [("MC201", "warning", "0001_posts")]
    assert told(history, landed_ledger(USERS), landed_ledger(USERS, POSTS)) == [("MC201", "error", "0001_posts")]


def test_an_edit_that_was_deployed_as_it_is_here_is_not_held_against_the_next_deploy(edited: GitRepository) -> None:
    (found,) = judged(a_history(edited), landed_ledger(USERS, EDITED, TAGS))

    assert (found.code, found.severity) == ("MC201", "warning")
    assert found.fix.startswith(KEEP_IT)


def test_no_waiver_is_suggested_for_what_a_ledger_holds(edited: GitRepository) -> None:
    (found,) = judged(a_history(edited), landed_ledger(USERS, POSTS))

    assert found.fix.endswith(HELD)
    assert "waiver" not in found.fix


def test_a_suggested_waiver_is_toml_whatever_the_name(a_repo: GitRepository) -> None:
    tag = '0003_o\'x "q" \\é'
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, tag, "select 1;", snapshot=False)
    a_repo.switch("main")
    a_repo.commit()
    a_repo.branch("later")
    a_repo.commit({f"drizzle/{tag}.sql": "select 2;"})
    (found,) = judged(a_history(a_repo))

    waiver = tomllib.loads(found.fix[found.fix.index("[[waiver]]") :].replace("YYYY-MM-DD", "2026-01-01"))["waiver"][0]
    assert (waiver["code"], waiver["migration"]) == ("MC201", tag)


def test_an_edit_of_which_a_ledger_has_a_third_text_errs(edited: GitRepository) -> None:
    assert told(a_history(edited), landed_ledger(USERS, "select 'before that';")) == [("MC201", "error", "0001_posts")]


def test_a_time_that_was_changed_before_the_first_deploy(a_repo: GitRepository) -> None:
    change_entry(a_landed_folder(a_repo), "0002_tags", when=NEWEST + 1)
    history = a_history(a_repo)
    before = ((USERS, WHEN), (POSTS, WHEN + STEP))

    assert told(history, rows(*before, (TAGS, NEWEST + 1))) == [("MC204", "warning", "0002_tags")]
    assert told(history, rows(*before, (TAGS, NEWEST))) == [("MC204", "error", "0002_tags")]
    assert told(history, rows(*before, (TAGS, NEWEST), (TAGS, NEWEST + 1))) == [("MC204", "error", "0002_tags")]


@pytest.mark.parametrize(
    ("when", "severity"), [(NEWEST + 1, "warning"), (NEWEST, "error")], ids=["new time", "old time"]
)
def test_a_name_that_was_changed_before_the_first_deploy(a_repo: GitRepository, when: int, severity: str) -> None:
    """With its old time the row that it has in a ledger is also that of the migration as it landed."""
    drizzle = a_landed_folder(a_repo)
    change_entry(drizzle, "0002_tags", rename="0002_labels", when=when)
    (drizzle / "0002_tags.sql").rename(drizzle / "0002_labels.sql")

    deployed = rows((USERS, WHEN), (POSTS, WHEN + STEP), (TAGS, when))
    assert told(a_history(a_repo), deployed) == [("MC203", severity, "0002_labels")]
