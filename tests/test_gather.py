"""Gathering: what one gate left out for speed is there for the gate that needs it."""

import json

from migcheck.config.config import Config, FolderConfig
from migcheck.facts.configuration.config import Loaded
from migcheck.facts.git.open_repository import open_repository
from migcheck.finding import Severity
from migcheck.project import Asked, Project
from migcheck.verify import verify
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository

BROKEN = "snapshot-chain-broken"


def _severities(repository: GitRepository, path: str = "drizzle", base: str = "HEAD") -> list[tuple[str, Severity]]:
    project = Project(repository.top, open_repository(repository.top), Loaded(Config()))
    verdict = verify(project, FolderConfig(path=path), Asked(base=base, offline="--offline"), print)
    return [(finding.rule, finding.severity) for finding in verdict.findings]


def _orphan(repository: GitRepository, prefix: str) -> None:
    """Let a snapshot follow one that nobody has, as a merge of two branches leaves it."""
    path = repository / "drizzle" / "meta" / f"{prefix}_snapshot.json"
    snapshot = json.loads(path.read_bytes())
    path.write_text(json.dumps(snapshot | {"prevId": f"9cb79f1e-14c2-4deb-b1ab-a1d03800{prefix}"}), "utf-8")


def test_a_chain_that_broke_long_ago_warns_and_one_that_breaks_now_blocks(a_repo: GitRepository) -> None:
    drizzle = a_folder(a_repo / "drizzle", {"0000_a": "SELECT 1;", "0001_b": "SELECT 2;"})
    _orphan(a_repo, "0001")
    a_repo.commit()
    add_migration(drizzle, "0002_c", "SELECT 3;")
    assert _severities(a_repo) == [(BROKEN, Severity.WARNING)]

    _orphan(a_repo, "0002")
    assert _severities(a_repo) == [(BROKEN, Severity.WARNING), (BROKEN, Severity.ERROR)]


def test_a_chain_that_broke_long_ago_is_old_wherever_the_folder_moves(a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", {"0000_a": "SELECT 1;", "0001_b": "SELECT 2;"})
    _orphan(a_repo, "0001")
    a_repo.commit()
    (a_repo / "db").mkdir()
    (a_repo / "drizzle").rename(a_repo / "db" / "drizzle")
    a_repo.stage()

    assert _severities(a_repo, "db/drizzle") == [(BROKEN, Severity.WARNING)]


def test_old_debts_warn_where_base_cannot_be_reached(a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", {"0000_a": "SELECT 1;", "0001_b": "SELECT 2;"})
    (a_repo / "drizzle" / "meta" / "0000_snapshot.json").unlink()
    _orphan(a_repo, "0001")
    a_repo.commit()

    assert {severity for _rule, severity in _severities(a_repo, base="nowhere")} == {Severity.WARNING}
