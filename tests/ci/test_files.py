"""What is true of the action, the workflows and the example for GitLab as they are written."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.actions.runner import ROOT
from tests.support.actions.steps import Data, Step, load_action, load_workflow, read_yaml
from tests.support.actions.workflow import WORKFLOWS

FILES = sorted(WORKFLOWS.glob("*.yml"))
ACTION = ROOT / "action.yml"
GITLAB = ROOT / "docs" / "gitlab-ci.yml"
SCHEMAS = {"github-actions": [ACTION], "github-workflows": FILES, "gitlab-ci": [GITLAB]}


def tool(name: str, *arguments: str | Path) -> tuple[int, str]:
    """Run a tool of the environment that runs the tests."""
    command = [Path(sys.executable).with_name(name), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_files_pass_their_published_schemas(schema: str) -> None:
    code, told = tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema])
    assert code == 0, told


def test_zizmor_finds_nothing_to_worry_about() -> None:
    code, told = tool("zizmor", "--offline", "--quiet", "--min-severity=medium", "action.yml", ".github")
    assert code == 0, told


def steps_of(path: Path) -> list[Step]:
    if path == ACTION:
        return list(load_action(ROOT).steps)
    return [step for job in load_workflow(path) for step in job.steps]


@pytest.mark.parametrize("path", [ACTION, *FILES], ids=lambda path: path.name)
def test_no_expression_is_pasted_into_a_shell(path: Path) -> None:
    assert [step.run for step in steps_of(path) if "${{" in step.run] == []


@pytest.mark.parametrize("path", [ACTION, *FILES, ROOT / "README.md"], ids=lambda path: path.name)
def test_every_action_of_others_is_pinned_to_a_commit(path: Path) -> None:
    uses = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    others = [each for each in uses if not each.startswith(("./", "<owner>/<repository>@"))]
    assert others
    pinned = r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert [each for each in others if not re.fullmatch(pinned, each)] == []


@pytest.mark.parametrize(
    ("file", "asked_by"), [("requirements", ("dependencies", "requires")), ("squawk", ("squawk",))]
)
def test_what_the_action_installs_is_pinned_and_is_what_migcheck_asks_for(file: str, asked_by: tuple[str, ...]) -> None:
    """`make lock` writes it. That it can be installed, and is all that is needed, is tried in CI."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = {**told["project"], **told["build-system"], **told["project"]["optional-dependencies"]}
    asked = [Requirement(each) for name in asked_by for each in lists[name]]
    text = (ROOT / ".github" / f"{file}.txt").read_text("utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==(\S+).*\\\n +--hash=sha256:", text, re.MULTILINE))
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE))
    assert [str(each) for each in asked if not each.specifier.contains(pins[canonicalize_name(each.name)])] == []


@pytest.mark.parametrize("fails", ["", "squawk.txt", "requirements.txt"])
def test_what_installs_without_squawk_says_so(tmp_path: Path, fails: str) -> None:
    """Whatever kept it from being installed: the gate `sql` is skipped offline, and a green job must say that."""
    (step,) = [step for step in steps_of(ACTION) if step.id == "dependencies"]
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/usr/bin/env bash\n[[ -z "{fails}" || $* != *"{fails}" ]]\n')
    python.chmod(0o755)
    env = {"PATH": os.environ["PATH"], "MIGCHECK_HOME": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT)}
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step.run], env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == (1 if fails == "requirements.txt" else 0), ran.stderr
    assert ("::warning title=migcheck::Squawk could not be installed" in ran.stdout) == (fails == "squawk.txt")


def test_one_action_has_one_pin() -> None:
    text = "".join(path.read_text("utf-8") for path in (ACTION, *FILES, ROOT / "README.md"))
    pins = set(re.findall(r"uses: (actions/[\w-]+)@(\S+ # \S+)", text))
    assert len(pins) == len({name for name, _ in pins})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_jobs_may_read_and_nothing_else(path: Path) -> None:
    workflow = read_yaml(path)
    assert workflow["permissions"] == {}
    assert {str(job["permissions"]) for job in workflow["jobs"].values()} == {str({"contents": "read"})}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_checked_out_keeps_no_credentials(path: Path) -> None:
    checkouts = [step for step in steps_of(path) if step.uses.startswith("actions/checkout@")]
    assert {step.given["persist-credentials"] for step in checkouts} == {"false"}


def test_secrets_are_where_they_are_needed() -> None:
    held = {path.stem: set(re.findall(r"secrets\.(\w+)", path.read_text("utf-8"))) for path in FILES}
    assert held == {"ci": set(), "gate": set(), "deploy": {"LEDGER_URL", "DATABASE_URL"}}
    deploys = [name for name, job in jobs_of("deploy").items() if "secrets.DATABASE_URL" in str(job)]
    assert deploys == [name for name, job in jobs_of("deploy").items() if "environment" in job] == ["deploy"]


def test_a_deploy_waits_for_its_turn_and_is_never_cut_off() -> None:
    whole, job = read_yaml(WORKFLOWS / "deploy.yml")["concurrency"], jobs_of("deploy")["deploy"]["concurrency"]
    assert whole["group"] != job["group"], "a job in its own workflow's group would wait for itself"
    assert (whole["cancel-in-progress"], job["cancel-in-progress"]) == ("false", "false")


def test_ci_runs_what_everybody_can_run() -> None:
    assert [step.run for step in steps_of(WORKFLOWS / "ci.yml") if step.run] == [".ci/run"]


def test_the_service_container_is_what_scratch_names() -> None:
    for name in ("gate", "deploy"):
        job = jobs_of(name)["verify"]
        service, (scratch,) = job["services"]["scratch"], [each for each in map(_scratch, job["steps"]) if each]
        port = service["ports"][0].split(":")[0]
        assert scratch == f"postgresql://postgres:{service['env']['POSTGRES_PASSWORD']}@localhost:{port}/postgres"


def jobs_of(name: str) -> Data:
    jobs: Data = read_yaml(WORKFLOWS / f"{name}.yml")["jobs"]
    return jobs


def _scratch(step: Data) -> str:
    return str(step.get("with", {}).get("scratch", ""))


def test_the_page_on_ci_names_all_that_a_copy_of_the_deploy_asks_of_a_repository() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    told = page[page.index("## A deploy on GitHub") :]
    asked = re.findall(r"\b(?:vars|secrets)\.(\w+)", (WORKFLOWS / "deploy.yml").read_text("utf-8"))
    assert {"DEPLOY", "LEDGER_URL", "DATABASE_URL"} == set(asked)
    assert [each for each in asked if f"`{each}`" not in told] == []
