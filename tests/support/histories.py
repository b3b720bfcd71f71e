"""From a real repository to what gate `history` says of it."""

from collections.abc import Mapping
from pathlib import Path

from migcheck.catalogue import HISTORY_RULES
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.base import BaseChoice
from migcheck.facts.git_trees import GitTree
from migcheck.facts.history import History, HistoryFacts, Proof
from migcheck.facts.read_folder import read_folder
from migcheck.facts.read_history import read_history
from migcheck.facts.repository import Repository, open_repository
from migcheck.finding import Finding
from migcheck.rule import judge
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository

FOLDER = "drizzle"
LANDED = {
    "0000_users": "create table users (id int);",
    "0001_posts": "create table posts (id int);",
    "0002_tags": "create table tags (id int);",
}


def a_landed_folder(repo: GitRepository, folder: str = FOLDER) -> Path:
    """Commit a folder of three migrations on main, and switch to the branch `feature`; give the folder's place."""
    place = a_folder(repo / folder, LANDED, snapshots=False)
    repo.commit(message="Add migrations")
    repo.branch("feature")
    return place


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
    repository = opened(repo.top, environ)
    tree: GitTree = repository.index() if staged else repository.worktree()
    head = read_folder(tree, folder)
    choice = BaseChoice(base, configured, environ or {})
    return read_history(repository, head, choice, judge_paths=judge_paths, staged=staged)


def judged(history: History, *ledgers: Ledger, proof: Proof | None = None) -> tuple[Finding, ...]:
    """Everything the rules of the gate find."""
    return judge(HISTORY_RULES, HistoryFacts(history, ledgers, proof, ledgers))


def told(history: History, *ledgers: Ledger, proof: Proof | None = None) -> list[tuple[str, str, str | None]]:
    """Everything the rules of the gate find, as code, severity and migration."""
    return [(each.code, each.severity.value, each.migration) for each in judged(history, *ledgers, proof=proof)]
