"""Conditions of a Makefile: what CI does not come to is for whoever runs make by hand."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from migcheck.scripts.tasks.makefile import read_makefile
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

PUSH = "npx drizzle-kit push"
RECIPE = f"push:\n{{0}}\n\tm\n{{1}}\n\t{PUSH}\nendif\n"
"""Of a condition, one branch has `m` in it and the other one a push."""
_COMMAND = re.compile(r"^\t|; ", re.MULTILINE)


def severities(repo: GitRepository, makefile: str) -> list[str]:
    """What is said of the Makefile where CI runs `make push`."""
    repo.stage({"Makefile": makefile, DEPLOY: workflow("make push")})
    return [each.split()[1] for each in project_findings(repo, staged=True)]


def run_by_make(makefile: str, directory: Path) -> str:
    """What make itself runs in CI."""
    (directory / "Makefile").write_text(_COMMAND.sub(r"\g<0>@echo ", makefile))
    environment = {"PATH": os.environ["PATH"], "CI": "true", "GITHUB_ACTIONS": "true"}
    command = ("make", "--no-print-directory", "push")
    made = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=True)
    return made.stdout


@pytest.mark.parametrize(
    "makefile",
    [
        RECIPE.format("ifdef CI", "else"),
        RECIPE.format("ifndef CI\nelse", "endif\nifndef CI"),
        RECIPE.format("ifeq ($(CI),true)", "else"),
        RECIPE.format("ifeq (true, ${CI}) # in CI", "else"),
        RECIPE.format('ifneq "$(GITHUB_ACTIONS)" ""', "else"),
        RECIPE.format("ifdef CI", "else ifdef PUSHES"),
        RECIPE.format("ifdef NONE\n\tx\nelse ifdef CI", "else\nifdef CI\nelse").replace("endif", "endif\nendif"),
        f"ifneq ($(CI),)\npush: ; m\nelse\npush: ; {PUSH}\nendif\n",
        f"push: db\n\tm\nifndef CI\npush: dev\nendif\ndb:\ndev: ; {PUSH}\n",
        f"CMD = m\nifeq ($(CI),)\nCMD = {PUSH}\nendif\npush:\n\t$(CMD)\ndev: ; {PUSH}\n",
        f".ONESHELL:\npush:\nifdef CI\n\tm\nelse\n\t{PUSH}\nendif\ndev: ; {PUSH}\n",
    ],
)
def test_the_branch_that_ci_does_not_take_warns(a_repo: GitRepository, makefile: str, tmp_path: Path) -> None:
    a_project(a_repo)
    assert severities(a_repo, makefile) == ["warning"]
    assert run_by_make(makefile, tmp_path) == "m\n"


@pytest.mark.parametrize(
    "makefile",
    [
        RECIPE.format("ifndef CI", "else"),
        RECIPE.format("ifeq ($(CI),)", "else"),
        RECIPE.format("ifneq ($(CI),true)", "else ifdef CI"),
        # These only running make tells.
        RECIPE.format("ifdef CIRCLE", "else"),
        RECIPE.format("ifdef CI_JOB", "else"),
        RECIPE.format("ifeq ($(CI),1)", "else"),
        RECIPE.format("ifeq ($(CI)$(STAGE),true)", "else"),
        "CI = \n" + RECIPE.format("ifdef CI", "else"),
        f"ifdef STAGE\npush: ; m\nelse\npush: ; {PUSH}\nendif\n",
    ],
)
def test_a_branch_that_ci_may_take_is_judged(a_repo: GitRepository, makefile: str) -> None:
    a_project(a_repo)
    assert severities(a_repo, makefile) == ["error"]


def test_what_the_command_line_says_of_ci_is_what_make_asks(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": RECIPE.format("ifdef CI", "else")})
    a_repo.commit({DEPLOY: workflow("make push CI=")})
    assert [each.split()[1] for each in project_findings(a_repo)] == ["error"]


def test_an_address_that_make_hands_on_in_ci_alone_is_known_there(a_repo: GitRepository) -> None:
    a_project(a_repo)
    local = "export DATABASE_URL = postgres://localhost/x"
    assert severities(a_repo, f"ifdef CI\n{local}\nendif\npush:\n\t{PUSH}\n") == []
    assert severities(a_repo, f"ifndef CI\n{local}\nendif\npush:\n\t{PUSH}\n") == ["error"]
    hands_on, set_here = ".EXPORT_ALL_VARIABLES:\n", local.removeprefix("export ")
    assert severities(a_repo, f"ifdef CI\n{hands_on}endif\n{set_here}\npush:\n\t{PUSH}\n") == []
    assert severities(a_repo, f"ifndef CI\n{hands_on}endif\n{set_here}\npush:\n\t{PUSH}\n") == ["error"]


@pytest.mark.parametrize("part", ["ifdef CI\n", "else ifdef CI\n", "ifdef X\nelse\nendif\n", "endif\n", "ifeq (a,a)b"])
def test_conditions_take_no_longer_than_their_size(part: str) -> None:
    assert growth(lambda size: list(read_makefile("Makefile", part.encode() * size).lines), 300) < LINEAR
