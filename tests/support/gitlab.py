"""A job of GitLab CI: the scripts of docs/gitlab-ci.yml, executed as a runner would.

Facts: docs.gitlab.com "Predefined CI/CD variables reference", "CI/CD YAML syntax reference" (`extends`, `rules`),
"Merge request pipelines"; with GIT_DEPTH 0 a runner fetches every branch, and it checks out a commit, on no branch.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.actions.steps import Data, read_yaml
from tests.support.histories import NO_COMMIT
from tests.support.repositories import GitRepository, environment, init

FILE = Path(__file__).parents[2] / "docs" / "gitlab-ci.yml"
_RULE = re.compile(r'\$(\w+) == (?:"(.*)"|\$(\w+))')


def a_push(commit: str, before: str, branch: str = "main") -> dict[str, str]:
    """The variables of a branch pipeline."""
    return {
        **_any(commit),
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_BRANCH": branch,
        "CI_COMMIT_BEFORE_SHA": before,
        "CI_COMMIT_REF_PROTECTED": "true" if branch == "main" else "false",
    }


def a_merge_request(commit: str, base: str, branch: str = "feature") -> dict[str, str]:
    """The variables of a merge request pipeline: it has no CI_COMMIT_BRANCH."""
    return {
        **_any(commit),
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": branch,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_BEFORE_SHA": NO_COMMIT,
    }


def _any(commit: str) -> dict[str, str]:
    return {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_SHA": commit, "CI_DEFAULT_BRANCH": "main"}


def jobs_of(variables: Mapping[str, str]) -> list[str]:
    """The jobs that a pipeline with these variables has."""
    whole = read_yaml(FILE)
    return [name for name, job in whole.items() if "script" in job and _has(job["rules"], variables)]


def _has(rules: list[dict[str, str]], variables: Mapping[str, str]) -> bool:
    parsed = [_RULE.fullmatch(rule["if"]) for rule in rules]
    assert all(parsed), f"not known here: {rules}"
    wanted = [(each[1], each[2] or variables.get(each[3], "")) for each in parsed if each]
    return any(variables.get(name, "") == value for name, value in wanted)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with the predefined `variables`, on a runner whose places are below `home`.

    `services` are addresses of services, and where those are answered here.
    """

    home: Path
    origin: GitRepository
    variables: Mapping[str, str]
    services: Mapping[str, str]

    def run(self, name: str, **variables: str) -> tuple[int, str]:
        """Check out and run the scripts of a job, with `variables` of the project: the exit code and the log."""
        whole = read_yaml(FILE)
        job: Data = {**whole[whole[name]["extends"]], **whole[name]}
        place = self._check_out(name, depth=int(job["variables"]["GIT_DEPTH"]))
        for needed in job.get("needs", []):
            shutil.copytree(self.artifacts / needed, place, dirs_exist_ok=True)
        done = subprocess.run(
            ["bash"],
            input=self._script(job),
            cwd=place,
            env=environment(**{**whole["variables"], **self.variables, **variables}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._keep(name, job, place)
        return done.returncode, done.stdout

    @property
    def artifacts(self) -> Path:
        """What the jobs kept, in a directory for each."""
        return self.home / "artifacts"

    def _script(self, job: Data) -> str:
        script = "\n".join(["set -eo pipefail", *job["before_script"], *job["script"]])
        for address, answered in self.services.items():
            script = script.replace(address, answered)
        return script

    def _keep(self, name: str, job: Data, place: Path) -> None:
        (self.artifacts / name).mkdir(parents=True)
        for path in job.get("artifacts", {}).get("paths", []):
            if (place / path).exists():
                shutil.copy(place / path, self.artifacts / name)

    def _check_out(self, name: str, depth: int) -> Path:
        assert depth == 0, "a shallow clone would be undecided"
        here = init(self.home / name)
        here.git("remote", "add", "origin", self.origin.top.as_uri())
        here.git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        here.git("checkout", "--quiet", "--force", "--detach", self.variables["CI_COMMIT_SHA"])
        return here.top
