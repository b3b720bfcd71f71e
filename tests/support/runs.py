"""Running the gates on a real repository, in this process."""

from dataclasses import replace
from pathlib import Path

from migcheck.facts.configuration.config import load_config
from migcheck.facts.configuration.place import Place
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.finding import Finding
from migcheck.project import Asked, Project
from migcheck.verdict import Verdict
from migcheck.verify import verify
from tests.support.repositories import GitRepository


def project_at(top: Path, folder: str = "drizzle") -> Project:
    """The project whose repository is at `top`, with one folder."""
    repository = open_repository(top, {})
    root = repository.top.resolve() if isinstance(repository, Repository) else top.resolve()
    return Project(root, repository, load_config(Place(root, root), folder=folder))


def verdict_on(repository: GitRepository, asked: Asked | None = None, folder: str = "drizzle") -> Verdict:
    """Every gate on the folder of `repository` as it lies in the work tree."""
    project = project_at(repository.top, folder)
    return verify(project, project.config.folder[0], asked or Asked(), print)


def offline(repository: GitRepository, asked: Asked | None = None, folder: str = "drizzle") -> Verdict:
    """The gates that need no server."""
    return verdict_on(repository, replace(asked or Asked(), offline="--offline"), folder)


def told(findings: tuple[Finding, ...]) -> list[str]:
    """The findings in short: `code severity migration`."""
    return [f"{each.code} {each.severity} {each.migration or '-'}" for each in findings]
