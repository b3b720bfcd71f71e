"""What Travis CI, Drone, Woodpecker and Buildkite run, and beside which database."""

import pytest

from migcheck.scripts.pipelines import read_pipeline
from migcheck.scripts.reach import Job
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository

PUSH = "npx drizzle-kit push"
MIGRATE = "npx drizzle-kit migrate"
TRAVIS, DRONE, WOODPECKER, BUILDKITE = ".travis.yml", ".drone.yml", ".woodpecker/d.yml", ".buildkite/pipeline.yml"
DRONES = "kind: pipeline\nname: d\n%ssteps:\n- name: x\n  commands:\n  - npm ci\n  - %s\n"
POSTGRES = "services:\n- {name: pg, image: 'postgres:17'}\n"
SECRET = "environment: {DATABASE_URL: {from_secret: url}}\n"
BESIDE = "CI does so to a database of its own, which then is not what a deploy makes"


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        (TRAVIS, f"language: node_js\nscript:\n  - npm test\n  - {PUSH}\n", 4),
        (TRAVIS, f"jobs:\n  include:\n    - stage: d\n      script: {PUSH}\n", 4),
        (TRAVIS, f"services: postgresql\ndeploy:\n  - provider: script\n    script: {PUSH}\n", 4),
        (DRONE, DRONES % ("", PUSH), 7),
        (DRONE, f"kind: secret\n---\n{DRONES % (POSTGRES + SECRET, PUSH)}", 12),
        (WOODPECKER, f"when: {{event: [push, manual]}}\nsteps:\n  x:\n    commands:\n      - {PUSH}\n", 5),
        (BUILDKITE, f"steps:\n  - wait\n  - group: g\n    steps:\n      - command:\n          - {PUSH}\n", 6),
        (BUILDKITE, f"- commands: {PUSH}\n", 1),
        (
            ".woodpecker.yml",
            f"variables:\n  d: &d\n    commands: ['{PUSH}']\nsteps:\n  x: {{<<: *d, image: node}}\n",
            3,
        ),
    ],
)
def test_a_push_of_each_is_an_error_where_it_is_new(a_repo: GitRepository, path: str, content: str, line: int) -> None:
    a_project(a_repo)
    a_repo.commit({path: content})
    assert project_findings(a_repo) == [
        f"MC601 error {path}:{line} `{PUSH}` changes the database past the migrations, and CI runs it"
    ]


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        (TRAVIS, f"services: [postgresql]\nscript: {PUSH}\n", BESIDE),
        (DRONE, DRONES % (POSTGRES, PUSH), BESIDE),
        (WOODPECKER, f"services: {{pg: {{image: postgis}}}}\nsteps: {{x: {{commands: ['{PUSH}']}}}}\n", BESIDE),
        (BUILDKITE, f"steps:\n- command: {PUSH}\n  plugins: [docker-compose#v5: {{run: app}}]\n", BESIDE),
        (BUILDKITE, f"steps:\n- block: Release?\n- command: {PUSH}\n", "when somebody runs it"),
        (DRONE, DRONES % ("trigger: {event: promote}\n", PUSH), "when somebody runs it"),
        (WOODPECKER, f"steps: {{x: {{when: [{{event: manual}}], commands: ['{PUSH}']}}}}\n", "when somebody runs it"),
    ],
)
def test_beside_a_database_of_its_own_or_by_hand_it_warns(
    a_repo: GitRepository, path: str, content: str, said: str
) -> None:
    a_project(a_repo)
    a_repo.commit({path: content})
    (found,) = project_findings(a_repo)
    assert found.startswith("MC601 warning ")
    assert found.endswith(said)


@pytest.mark.parametrize(
    ("path", "content", "goes_on"),
    [
        (TRAVIS, f"after_success: {MIGRATE}\n", True),
        (TRAVIS, f"before_deploy: {MIGRATE}\n", False),
        (DRONE, DRONES % ("", MIGRATE) + "  failure: ignore\n", True),
        (DRONE, DRONES % ("", f"{MIGRATE}\n  - deploy"), False),
        (BUILDKITE, f"steps:\n- command: {MIGRATE}\n  soft_fail: true\n", True),
        (BUILDKITE, f"steps:\n- command: {MIGRATE}\n  soft_fail: false\n", False),
        (BUILDKITE, f"steps:\n- command: {MIGRATE} || true\n", True),
    ],
)
def test_a_failure_that_counts_for_nothing_is_told(
    a_repo: GitRepository, path: str, content: str, *, goes_on: bool
) -> None:
    a_project(a_repo)
    a_repo.commit({path: content})
    assert [each.split()[:2] for each in project_findings(a_repo)] == [["MC602", "error"]] * goes_on


@pytest.mark.parametrize("content", ["a: [b\n", "steps: x\n", "", "- 1\n", "jobs: {include: 1}\n", "---\n" * 50])
@pytest.mark.parametrize("path", [TRAVIS, DRONE, WOODPECKER, BUILDKITE])
def test_what_is_no_pipeline_runs_nothing(path: str, content: str) -> None:
    assert list(read_pipeline(path, content.encode())) == []


def test_aliases_do_not_multiply_without_end() -> None:
    content = "steps:\n- &s {command: " + "x" * 200_000 + "}\n" + "- *s\n" * 1000
    assert list(read_pipeline(BUILDKITE, content.encode())) == []
    (script,) = read_pipeline(BUILDKITE, b"steps:\n- command: x\n")
    assert script.job == Job(BUILDKITE, "step")


@pytest.mark.parametrize("part", ["---\n", "- command: x\n", "- block: x\n", "- {steps: []}\n"])
def test_pipelines_take_no_longer_than_their_size(part: str) -> None:
    assert growth(lambda size: list(read_pipeline(BUILDKITE, (part * size).encode())), 1_000) < LINEAR
