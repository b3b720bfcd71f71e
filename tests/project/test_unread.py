"""What nobody read is told beside the verdict, and blocks nothing."""

import json

import pytest

from migcheck.facts.git.tracked_text import LARGEST
from migcheck.scripts.elsewhere import elsewhere
from migcheck.typescript.syntax import LARGEST as LARGEST_SOURCE
from tests.support.command import Command
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_facts, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import runner

PUSHES = {"package.json": package(push="drizzle-kit push")}


def unread(repo: GitRepository) -> list[str]:
    """What is told after the rules of the gate have looked at the scripts."""
    head = project_facts(repo).head
    assert head.scripts.runs is not None
    return list(head.unread)


OF_GITLAB = """\
include:
  - project: 'a/b'
    file: x.yml
  - local: y.yml
  - remote: https://x.org/z.yml
  - template: Jobs/Build.gitlab-ci.yml
- {component: $CI_SERVER_FQDN/a/b@1}
a:
  trigger: {project: c}
"""
INCLUDED = ["a/b", "https://x.org/z.yml", "Jobs/Build.gitlab-ci.yml", "$CI_SERVER_FQDN/a/b@1"]


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (
            ".github/workflows/x.yml",
            "jobs:\n  a:\n    uses: acme/ci/.github/workflows/deploy.yml@v1 # x\n",
            ["calls acme/ci/.github/workflows/deploy.yml@v1 (another repository)"],
        ),
        (
            ".circleci/config.yml",
            "orbs:\n  n: circleci/node@5.1\n\n  # x: a/b@1\njobs:\n  a: c/d@1\n",
            ["uses the orb circleci/node@5.1"],
        ),
        (".gitlab-ci.yml", OF_GITLAB, [f"includes {each} (not of this repository)" for each in INCLUDED]),
        (".gitlab-ci.yml", "include: https://x.org/z.yml\n", ["includes https://x.org/z.yml (not of this repository)"]),
        (
            "azure-pipelines.yml",
            "steps:\n- template: a/steps.yml@shared\n- template: b.yml@self\n",
            ["takes in a/steps.yml@shared (a template)", "takes in b.yml@self (a template)"],
        ),
        ("Taskfile.dist.yaml", "tasks: {a: npx drizzle-kit migrate}", ["(tasks of Task)"]),
        ("Justfile", "deploy:\n  npm run db:push\n", ["(recipes of just)"]),
        ("tools/db.just", "deploy:\n  npm run migrate\n", ["(recipes of just)"]),
        ("tools/deploy.ps1", "npx drizzle-kit push", ["(a script of PowerShell)"]),
        ("Jenkinsfile", "pipeline { }", ["(a pipeline of Jenkins)"]),
        ("ci/Jenkinsfile.deploy", "node { sh 'x' }", ["(a pipeline of Jenkins)"]),
        ("heroku.yml", "release: {command: [x]}", ["(a deployment of Heroku)"]),
        ("ci/buildspec-deploy.yml", "phases: {}", ["(a build of CodeBuild)"]),
        ("amplify.yml", "version: 1", ["(a build of Amplify)"]),
        ("ci/cloudbuild.prod.yaml", "steps: []", ["(a build of Cloud Build)"]),
        ("docker/docker-bake.hcl", 'target "app" {}', ["(a build of Docker Bake)"]),
        ("docker-bake.override.json", "{}", ["(a build of Docker Bake)"]),
        ("fly.production.toml", "", ["(a deployment of Fly)"]),
        ("deploy.jenkinsfile", "", ["(a pipeline of Jenkins)"]),
        (".travis.yml", "script: x", ["(a pipeline of Travis CI)"]),
        (".drone.yml", "steps: []", ["(a pipeline of Drone)"]),
        (".woodpecker.yaml", "steps: []", ["(a pipeline of Woodpecker)"]),
        (".woodpecker/deploy.yml", "steps: []", ["(a pipeline of Woodpecker)"]),
        (".buildkite/deploy.yaml", "steps: []", ["(a pipeline of Buildkite)"]),
    ],
)
def test_what_comes_from_elsewhere_is_told(path: str, text: str, told: list[str]) -> None:
    assert elsewhere({path: text.encode()}) == tuple(f"{path} {each}" for each in told)


@pytest.mark.parametrize("path", ["Taskfile.yml", "db/taskfile.dist.yaml", ".justfile", "db/db.just", "x.ps1"])
def test_what_another_runner_of_tasks_is_told_is_found_in_a_repository(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo, {path: "npx drizzle-kit push"})
    assert [each.partition(" ")[0] for each in unread(a_repo)] == [path]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (DEPLOY, "jobs: {a: {steps: [{uses: actions/checkout@v4}, {uses: ./.github/workflows/x.yml}]}}"),
        (".circleci/config.yml", "version: 2.1\njobs:\n  a: c/d@1\n"),
        (
            ".gitlab-ci.yml",
            "include: [{local: /a.yml}, b.yml]\na: {image: {name: x}, script: ['curl https://x.org']}\n",
        ),
        ("Jenkins.md", "Jenkinsfile"),
        ("x/config.yml", "orbs:\n  n: circleci/node@5.1\n"),
        (".buildkite/docker-compose.yml", "services: {}"),
        (".buildkite/Dockerfile", "RUN x"),
        ("justfile", "lint:\n  npm run lint\n"),
        ("install.ps1", "iwr x | iex"),
    ],
)
def test_what_is_of_the_repository_is_not_told(path: str, text: str) -> None:
    assert elsewhere({path: text.encode()}) == ()


@pytest.mark.parametrize(
    "part", [b"include:\n", b"include:\n - project: a\n", b"orbs:\n a: b/c@1\n", b"\n", b" uses: a/b/"]
)
def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size(part: bytes) -> None:
    names = (".gitlab-ci.yml", ".circleci/config.yml", DEPLOY)
    assert growth(lambda size: elsewhere(dict.fromkeys(names, part * size)), 1_000) < LINEAR


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (DEPLOY, "jobs: ["),
        ("app/package.json", "{,}"),
        ("docker-compose.yml", "services: {"),
        ("deno.jsonc", '{"tasks": '),
        ("turbo.json", '{"tasks": {"build": {"dependsOn": ["db:push"] "cache": false}}}'),
        ("turbo.json", '<<<<<<< HEAD\n{"tasks": {}}\n=======\n{}\n>>>>>>> x\n'),
        ("apps/web/turbo.jsonc", "// nothing\n"),
    ],
)
def test_what_is_not_its_format_is_told(a_repo: GitRepository, path: str, content: str) -> None:
    a_project(a_repo, {**PUSHES, path: content})
    assert unread(a_repo) == [f"{path} (cannot be parsed)"]


def test_what_is_too_large_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo, {"x.sh": "x\n" * 150_000, "large.sh": "x" * (LARGEST + 1)})
    a_repo.commit({"src/large.ts": runner() + " " * LARGEST_SOURCE})
    assert unread(a_repo) == [
        "large.sh (larger than 1024 KiB, or not to be read)",
        "x.sh (larger than 256 KiB)",
        "src/large.ts (larger than 64 KiB)",
    ]


def test_a_pipeline_that_nobody_reads_is_told_wherever_it_is(a_repo: GitRepository) -> None:
    a_project(a_repo, {"ci/Jenkinsfile": "node { sh 'npx drizzle-kit push' }", "ci/buildspec.yml": "phases: {}"})
    a_repo.commit({"ci/cloudbuild.yaml": "steps: []", ".drone.yml": "kind: pipeline\n---\nkind: secret\n"})
    a_repo.commit({".buildkite/pipeline.yml": "steps: [{command: npx drizzle-kit push}]\n"})
    assert unread(a_repo) == [
        ".buildkite/pipeline.yml (a pipeline of Buildkite)",
        ".drone.yml (a pipeline of Drone)",
        "ci/Jenkinsfile (a pipeline of Jenkins)",
        "ci/buildspec.yml (a build of CodeBuild)",
        "ci/cloudbuild.yaml (a build of Cloud Build)",
    ]


def test_what_is_healthy_or_gone_is_not_told(a_repo: GitRepository) -> None:
    a_project(a_repo, {**PUSHES, "x.sh": "x", DEPLOY: workflow("x"), "compose.yml": "services: {db: {image: x}}"})
    a_repo.commit({".github/dependabot.yml": "# https://example.org {\nversion: 2\n"})
    a_repo.write({"x.sh": None})
    assert unread(a_repo) == []


def test_it_stands_in_every_report_and_blocks_nothing(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: "jobs: {a: {\n  uses: acme/ci/.github/workflows/x.yml@v1\n}}\n"})
    told = f"{DEPLOY} calls acme/ci/.github/workflows/x.yml@v1 (another repository)"
    done = command("verify", "--offline", "--format", "json", cwd=a_repo.top)
    gates = {each["name"]: each["not_read"] for each in json.loads(done.out)["gates"]}
    assert {name: each for name, each in gates.items() if each} == {"project": [told]}
    assert done.code == 0
    assert f"not read: {DEPLOY} calls" in command("verify", "--offline", cwd=a_repo.top).out
