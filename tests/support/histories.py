"""From a real repository to the base that is found in it, and to what gate `history` says of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from migcheck.catalogue import FOLDER_RULES, HISTORY_RULES
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.drizzle.pieces import migration_hash
from migcheck.facts.folder import FolderFacts
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.trees import GitTree
from migcheck.facts.history.base import BaseChoice
from migcheck.facts.history.history import Base, History, Proof
from migcheck.facts.history.judged import HistoryFacts
from migcheck.facts.history.read_history import read_history
from migcheck.facts.read_folder import read_folder
from migcheck.finding import Finding, Severity
from migcheck.rule import judge
from tests.support.folders import STEP, WHEN, a_folder, add_migration
from tests.support.repositories import GitRepository

FOLDER = "drizzle"
LANDED = {
    "0000_users": "create table users (id int);",
    "0001_posts": "create table posts (id int);",
    "0002_tags": "create table tags (id int);",
}
NEWEST = WHEN + (len(LANDED) - 1) * STEP
"""The greatest `when` of LANDED, in ms."""
NO_COMMIT = "0" * 40
"""What a CI system writes where there is no commit."""


def a_landed_folder(repo: GitRepository, folder: str = FOLDER) -> Path:
    """Commit a folder of three migrations on main, and switch to the branch `feature`; give the folder's place."""
    place = a_folder(repo / folder, LANDED, snapshots=False)
    repo.commit(message="Add migrations")
    repo.branch("feature")
    return place


def landed_ledger(*sqls: str, mark: int = 0) -> Ledger:
    """The rows that Drizzle leaves for these files; `mark` adds one of that time that nobody knows."""
    rows = tuple(
        LedgerRow(number, migration_hash(sql.encode()), WHEN + number * STEP) for number, sql in enumerate(sqls)
    )
    return Ledger(LedgerName(), (*rows, LedgerRow(99, "0" * 64, mark)) if mark else rows)


def add(repo: GitRepository, tag: str) -> str:
    """Commit one more migration; give the commit's id."""
    add_migration(repo / FOLDER, tag, f"select '{tag}';", snapshot=False)
    return repo.commit(message=f"Add {tag}")


@pytest.fixture
def landed(a_repo: GitRepository) -> str:
    """The commit that main has; `feature`, which is checked out, is one migration ahead of it."""
    a_landed_folder(a_repo)
    commit = a_repo.head
    add(a_repo, "0003_likes")
    return commit


def opened(place: Path, environ: Mapping[str, str] | None = None) -> Repository:
    """The repository around `place`, which must have one."""
    found = open_repository(place, environ or {})
    assert isinstance(found, Repository), found
    return found


def a_history(
    repo: GitRepository,
    folder: str = FOLDER,
    *,
    base: str | None = None,
    configured: str | None = None,
    environ: Mapping[str, str] | None = None,
    staged: bool = False,
    judge_paths: tuple[str, ...] = (),
) -> History:
    """What landed beside what lies in the work tree, or where `staged` in the index."""
    choice = BaseChoice(base, configured=configured, environ=environ or {})
    return history_in(opened(repo.top, environ), folder, choice, judge_paths=judge_paths, staged=staged)


def history_in(
    repository: Repository,
    folder: str = FOLDER,
    choice: BaseChoice | None = None,
    *,
    staged: bool = False,
    judge_paths: tuple[str, ...] = (),
) -> History:
    """The same in a repository that is open already."""
    tree: GitTree = repository.index() if staged else repository.worktree()
    head = read_folder(tree, folder)
    choice = choice or BaseChoice(None, configured=None, environ={})
    return read_history(repository, head, choice, judge_paths=judge_paths, staged=staged)


def base_of(
    repo: GitRepository,
    *,
    base: str | None = None,
    configured: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """The base that is found, and why it was taken; there must be one."""
    found = a_history(repo, base=base, configured=configured, environ=environ).base
    assert isinstance(found, Base), found
    return found.revision, found.why


def gate_of_the_folder(repo: GitRepository) -> list[tuple[str, str | None]]:
    """What gate `folder` says of the same change: each fault is told by one of the two."""
    history = a_history(repo)
    found = judge(FOLDER_RULES, FolderFacts(history.after, NEWEST, history.before))
    return [(each.code, each.migration) for each in found if each.severity is Severity.ERROR]


def judged(history: History, *ledgers: Ledger, proof: Proof | None = None) -> tuple[Finding, ...]:
    """Everything the rules of the gate find."""
    return judge(HISTORY_RULES, HistoryFacts(history, ledgers, proof, ledgers))


def told(history: History, *ledgers: Ledger, proof: Proof | None = None) -> list[tuple[str, str, str | None]]:
    """Everything the rules of the gate find, as code, severity and migration."""
    return [(each.code, each.severity.value, each.migration) for each in judged(history, *ledgers, proof=proof)]
