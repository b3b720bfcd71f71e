"""An edit of what landed lately may only warn: in the time that base gives, and where no ledger holds the old file."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.catalogue import HISTORY_RULES
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.history.grace import read_grace
from migcheck.facts.history.history import Base, Grace, Proof
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Finding, Severity
from migcheck.rule import judge
from tests.support.folders import STEP, add_migration, change_entry
from tests.support.histories import FOLDER, LANDED, NEWEST, a_history, a_landed_folder, landed_ledger, opened
from tests.support.repositories import GitRepository

HOUR = 3600
EDITED = {"drizzle/0003_likes.sql": "select 'edited';"}
CONFIG = "[history]\ngrace = '36h'\n"


def land(repo: GitRepository, *, hours: float, message: str = "Land") -> str:
    """Commit all that lies in the work tree, so many hours ago; give the commit's id."""
    repo.git("add", "--all")
    date = f"{int(time.time() - hours * HOUR)} +0000"
    repo.git("commit", "--quiet", "--allow-empty", "-m", message, GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date)
    return repo.head


def landed(repo: GitRepository, *, hours: float, config: str = CONFIG) -> str:
    """A folder with a migration that landed so many hours ago, and which is edited now; give base."""
    a_landed_folder(repo)
    repo.write({"migcheck.toml": config})
    repo.commit(message="Configure")
    add_migration(repo / FOLDER, "0003_likes", "select 'likes';", snapshot=False)
    base = land(repo, hours=hours)
    repo.write(EDITED)
    return base


def grace_of(repo: GitRepository, base: str, wanted: str = "36h") -> Grace:
    history = a_history(repo, base=base)
    assert isinstance(history.base, Base)
    return read_grace(opened(repo.top), history, "migcheck.toml", wanted)


def found(repo: GitRepository, base: str, *ledgers: Ledger) -> Finding:
    history = replace(a_history(repo, base=base), grace=grace_of(repo, base))
    (one,) = judge(HISTORY_RULES, HistoryFacts(history, ledgers, None, ledgers))
    assert (one.code, one.migration) == ("MC201", "0003_likes")
    return one


def test_an_edit_within_the_grace_warns_and_says_what_it_costs(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=5.5)
    one = found(a_repo, base)
    assert (one.severity, one.message) == (
        Severity.WARNING,
        "0003_likes landed 5 hours ago, within the grace of 36h, and its SQL is not what landed",
    )
    assert one.fix.startswith(
        "Make sure that it was deployed nowhere: a database that has the old one will never get the edit, and nothing "
        f"will say so. Else put it back (`git checkout {base[:12]} -- :/drizzle/0003_likes.sql`)"
    )


def test_an_edit_at_once(a_repo: GitRepository) -> None:
    one = found(a_repo, landed(a_repo, hours=0.2))
    assert one.message.startswith("0003_likes landed less than an hour ago, within the grace of 36h")


@pytest.mark.parametrize(("hours", "told"), [(37, "37 hours"), (100, "4 days")])
def test_after_it_the_edit_is_what_it_always_was(a_repo: GitRepository, hours: int, told: str) -> None:
    one = found(a_repo, landed(a_repo, hours=hours))
    assert (one.severity, one.message) == (Severity.ERROR, "0003_likes has landed, and its SQL is not what landed")
    assert one.evidence.endswith(f"\nit landed {told} ago, and the grace is 36h")


def test_a_known_ledger_says_it_better(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=1)
    held = found(a_repo, base, landed_ledger(*LANDED.values(), "select 'likes';"))
    assert (held.severity, "grace" in held.message + held.evidence) == (Severity.ERROR, False)
    past = found(a_repo, base, landed_ledger(*LANDED.values()))
    assert (past.severity, "grace" in past.message + past.evidence) == (Severity.WARNING, False)


def test_a_change_cannot_give_itself_more_time(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=5, config="[history]\ngrace = '2h'\n")
    a_repo.write({"migcheck.toml": "[history]\ngrace = '90d'\n"})
    assert grace_of(a_repo, base, "90d").said == "2h"
    assert found(a_repo, base).severity is Severity.ERROR
    assert grace_of(a_repo, base, "1h").said == "1h"


@pytest.mark.parametrize("config", ["", "[history]\n", "[history]\ngrace = '0d'\n"])
def test_there_is_none_where_base_gives_none(a_repo: GitRepository, config: str) -> None:
    base = landed(a_repo, hours=1, config=config)
    assert grace_of(a_repo, base).seconds == 0
    assert found(a_repo, base).severity is Severity.ERROR


def test_an_edit_gives_no_time_for_the_next_one(a_repo: GitRepository) -> None:
    landed(a_repo, hours=40)
    base = land(a_repo, hours=1, message="Edit")
    a_repo.write({"drizzle/0003_likes.sql": "select 'edited again';"})
    assert found(a_repo, base).severity is Severity.ERROR


def test_what_was_merged_landed_with_the_merge(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"migcheck.toml": CONFIG})
    a_repo.branch("topic")
    add_migration(a_repo / FOLDER, "0003_likes", "select 'likes';", snapshot=False)
    land(a_repo, hours=500)
    a_repo.switch("feature")
    date = f"{int(time.time()) - HOUR} +0000"
    a_repo.git("merge", "--quiet", "--no-ff", "--no-edit", "topic", GIT_COMMITTER_DATE=date)
    a_repo.write(EDITED)
    assert grace_of(a_repo, "HEAD").ages["0003_likes"] // HOUR == 1


def test_a_folder_that_was_moved_has_landed_before(a_repo: GitRepository) -> None:
    landed(a_repo, hours=500)
    a_repo.git("checkout", "--quiet", "--", "drizzle")
    (a_repo / "db").mkdir()
    a_repo.git("mv", "drizzle", "db/drizzle")
    base = land(a_repo, hours=1)
    a_repo.write({"db/drizzle/0003_likes.sql": "select 'edited';"})
    history = a_history(a_repo, "db/drizzle", base=base)
    grace = read_grace(opened(a_repo.top), history, "migcheck.toml", "36h")
    assert grace.ages["0003_likes"] // HOUR == 500


def test_where_nobody_can_tell_when_it_landed_there_is_none(a_repo: GitRepository, tmp_path: Path) -> None:
    landed(a_repo, hours=100)
    a_repo.git("checkout", "--quiet", "--", "drizzle")
    land(a_repo, hours=1, message="Something else")
    clone = a_repo.clone(tmp_path / "clone", depth=1)
    clone.write(EDITED)
    one = found(clone, "HEAD")
    assert (one.severity, one.evidence.splitlines()[-1]) == (
        Severity.ERROR,
        "when it landed cannot be told in this clone, so the grace of 36h does not count",
    )


def test_a_commit_from_the_future_gives_none(a_repo: GitRepository) -> None:
    assert grace_of(a_repo, landed(a_repo, hours=-30)).ages == {}


def test_a_time_that_was_changed_as_well_is_not_forgiven(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=1)
    change_entry(a_repo / FOLDER, "0003_likes", when=NEWEST + 2 * STEP)
    one = found(a_repo, base)
    assert (one.severity, one.evidence.splitlines()[-1]) == (
        Severity.ERROR,
        "its `when` was changed as well: the grace of 36h is for the file alone",
    )


def test_what_base_could_never_run_needs_none(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=100)
    history = replace(a_history(a_repo, base=base), grace=grace_of(a_repo, base))
    proof = Proof(base_runs=False, stuck=frozenset({"0003_likes"}))
    (one,) = judge(HISTORY_RULES, HistoryFacts(history, (), proof))
    assert (one.severity, "grace" in one.evidence) == (Severity.WARNING, False)


def test_of_other_faults_it_forgives_none(a_repo: GitRepository) -> None:
    base = landed(a_repo, hours=1)
    a_repo.write({"drizzle/0003_likes.sql": None})
    history = replace(a_history(a_repo, base=base), grace=grace_of(a_repo, base))
    assert {each.severity for each in judge(HISTORY_RULES, HistoryFacts(history))} <= {Severity.ERROR}
