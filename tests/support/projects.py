"""A repository with a migrations folder in it, and what gate `project` says of what is around."""

import json
from collections.abc import Mapping

from migcheck.catalogue import PROJECT_RULES
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectFacts
from migcheck.facts.project.read_project import read_project
from migcheck.rule import judge
from migcheck.scripts.script import Script
from tests.support.folders import a_folder
from tests.support.histories import FOLDER, LANDED, history_in, opened
from tests.support.judging import told
from tests.support.repositories import GitRepository

CONFIG = 'export default { dialect: "postgresql", out: "./drizzle" };'
DEPLOY = ".github/workflows/deploy.yml"


def package(*, name: str = "app", **scripts: str) -> str:
    """A package.json, one script a line, the first on line 4. In a script's name `__` stands for `:`."""
    named = {key.replace("__", ":"): script for key, script in scripts.items()}
    return json.dumps({"name": name, "scripts": named}, indent=2)


def workflow(*commands: str, job: str = "") -> str:
    """A workflow that runs `commands`, the first on line 6 or below what `job` adds, one a step."""
    steps = "".join(f"      - run: {json.dumps(each)}\n" for each in commands)
    return f"on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n{job}    steps:\n{steps}"


def a_project(repo: GitRepository, files: Mapping[str, str | bytes | None] | None = None) -> GitRepository:
    """Commit a folder of three migrations, its drizzle.config and `files` on main, and switch to `feature`."""
    a_folder(repo / FOLDER, LANDED, snapshots=False)
    repo.commit({"drizzle.config.ts": CONFIG, **(files or {})})
    repo.branch("feature")
    return repo


def project_facts(repo: GitRepository, folder: str = FOLDER, *, staged: bool = False) -> ProjectFacts:
    """What is around the folder, beside what main has."""
    # Opened once, as a run does: each question to git is a process, and two thousand tests ask.
    repository = opened(repo.top)
    history = history_in(repository, folder, staged=staged)
    return read_project(repository, folder, LedgerName(), history, staged=staged)


def project_findings(repo: GitRepository, folder: str = FOLDER, *, staged: bool = False) -> list[str]:
    """What all rules of the gate find, by line."""
    return [told(each) for each in judge(PROJECT_RULES, project_facts(repo, folder, staged=staged))]


def placed(*scripts: Script) -> list[tuple[int, str]]:
    """Each command with its line."""
    return [(command.line, str(command)) for script in scripts for command in script.commands]
