"""Gate `project` in a whole run: where it stands, how it is waived, and when it is left out."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.catalogue import PROJECT_RULES, RULES
from migcheck.clearance import Clearance
from migcheck.config.config import WaiverConfig
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.git import client as git
from migcheck.facts.git.command import Answer as GitAnswer
from migcheck.facts.git.command import run_git
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.revision import at_revision
from migcheck.facts.project.read_project import read_project
from migcheck.project import Asked, Project
from migcheck.rule import judge
from migcheck.verdict import Answer, Judged, Outcome, Skipped, Verdict
from migcheck.verify import verify
from tests.support.folders import a_folder
from tests.support.histories import LANDED, a_history, opened
from tests.support.projects import CONFIG, DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runs import offline, project_at


def outcome(verdict: Verdict) -> Outcome:
    """What the gate says."""
    return next(each.outcome for each in verdict.gates if each.name == "project")


@pytest.fixture
def pushing(a_repo: GitRepository) -> GitRepository:
    """A change that has CI push."""
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    return a_repo


def test_a_run_without_a_server_judges_it(pushing: GitRepository) -> None:
    judged = outcome(offline(pushing))
    assert isinstance(judged, Judged)
    assert [(each.code, each.blocks, str(each.at)) for each in judged.findings] == [("MC601", True, f"{DEPLOY}:6")]


def test_it_comes_before_what_needs_a_server(pushing: GitRepository) -> None:
    gates = [each.name for each in offline(pushing).gates]
    assert sorted(gates) == sorted(RULES)
    assert gates.index("project") < gates.index("replay")


def test_a_finding_is_waived_by_its_path(pushing: GitRepository) -> None:
    project = project_at(pushing.top)
    waiver = WaiverConfig("MC601", DEPLOY, "a preview database", date(9999, 1, 1))
    waived = Project(
        project.root,
        project.repository,
        replace(project.loaded, config=replace(project.config, waiver=(waiver,))),
    )
    verdict = verify(waived, project.config.folder[0], Asked(offline="--offline"), print)
    assert [(each.code, each.waived) for each in verdict.findings if each.code.startswith("MC6")] == [
        ("MC601", "a preview database")
    ]
    assert verdict.answer is Answer.CLEAR


def test_a_hook_judges_what_is_staged(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.stage({DEPLOY: workflow("npx drizzle-kit push")})
    a_repo.write({DEPLOY: workflow("echo hello")})
    (staged, lying) = (outcome(offline(a_repo, Asked(staged=staged))) for staged in (True, False))
    assert isinstance(staged, Judged)
    assert [each.severity for each in staged.findings] == ["error"]
    assert lying == Judged(())


def test_a_revision_is_judged_by_what_it_has_itself(pushing: GitRepository) -> None:
    def at(revision: str) -> Outcome:
        project = project_at(pushing.top)
        assert isinstance(project.repository, Repository)
        with at_revision(project.repository, revision) as pinned:
            alone = replace(project, repository=pinned)
            return outcome(
                verify(alone, project.config.folder[0], Asked(offline="--offline", base="main", staged=True), print)
            )

    assert at("main") == Judged(())
    pushing.write({DEPLOY: workflow("echo hello")})
    judged = at(pushing.head)
    assert isinstance(judged, Judged)
    assert [each.severity for each in judged.findings] == ["error"]


def test_without_git_it_is_left_out_and_blocks_nobody(tmp_path: Path) -> None:
    a_folder(tmp_path / "drizzle", LANDED)
    project = project_at(tmp_path)
    left_out = outcome(verify(project, project.config.folder[0], Asked(offline="--offline"), print))
    assert isinstance(left_out, Skipped)
    assert "no git repository" in left_out.reason


def test_where_base_cannot_be_reached_nothing_is_called_new(pushing: GitRepository) -> None:
    judged = outcome(offline(pushing, Asked(base="gone")))
    assert isinstance(judged, Judged)
    assert [each.severity for each in judged.findings] == ["warning"]


def test_where_nothing_is_of_interest_git_lists_once_and_searches_once_and_nothing_is_parsed(
    a_repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_project(a_repo, {"package.json": package(db__migrate="drizzle-kit migrate"), DEPLOY: workflow("npm test")})
    history, repository, asked = a_history(a_repo), opened(a_repo.top), []

    def counted(place: Path, words: Sequence[str], stdin: bytes, index: Path | None, objects: Path | None) -> GitAnswer:
        asked.append(words)
        return run_git(place, words, stdin, index, objects)

    monkeypatch.setattr(git, "run_git", counted)
    facts = read_project(repository, "drizzle", LedgerName(), history)
    assert judge(PROJECT_RULES, facts) == ()
    assert [arguments[0] for arguments in asked] == ["ls-files", "grep"]
    assert "runs" not in vars(facts.head.scripts)


def test_where_a_clone_lacks_what_landed_nothing_is_called_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("echo hello")})
    blob = a_repo.git("rev-parse", f"HEAD:{DEPLOY}")
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    (a_repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    judged = outcome(offline(a_repo))
    assert isinstance(judged, Judged)
    assert [each.severity for each in judged.findings] == ["warning"]


def test_where_a_clearance_was_given_it_was_judged_before(pushing: GitRepository) -> None:
    clearance = Clearance("drizzle", "", LedgerName(), (), Batching.ALL, "", ())
    left_out = outcome(offline(pushing, Asked(clearance=clearance)))
    assert left_out == Skipped("judged when the clearance was given")


def test_what_the_first_commit_brings_is_new(a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", LANDED)
    a_repo.commit({"drizzle.config.ts": CONFIG, DEPLOY: workflow("drizzle-kit push")})
    judged = outcome(offline(a_repo))
    assert isinstance(judged, Judged)
    assert [each.severity for each in judged.findings] == ["error"]
