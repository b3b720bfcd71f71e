"""Manifests of Kubernetes: what their containers run, and which files are read for it."""

import json
from itertools import count

import pytest

from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.hook.staged_change import touches_migrations
from migcheck.scripts.images.kubernetes import is_manifest, read_manifest
from migcheck.scripts.reach import Starter
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, package, placed, project_facts, project_findings
from tests.support.repositories import GitRepository

PATH = "deploy/job.yaml"
PUSHES = '["npx", "drizzle-kit", "push"]'
SAID = "`npx drizzle-kit push` changes the database past the migrations"


def manifest(kind: str = "Job", container: str = f"command: {PUSHES}", group: str = "containers") -> str:
    """A manifest whose first container's first key is on line 10."""
    spec = f"{group}:\n        - name: x\n          {container}\n"
    return (
        f"apiVersion: batch/v1\nkind: {kind}\nmetadata:\n  name: migrate\nspec:\n  template:\n    spec:\n      {spec}"
    )


def read(text: str, path: str = PATH) -> list[tuple[int, str, Starter | None]]:
    scripts = list(read_manifest(path, text.encode(), {"."})) if is_manifest(path, text.encode()) else []
    return [(*each, script.started_by) for script in scripts for each in placed(script)]


SHELL = 'command: ["sh", "-c"]\n          args: ["npx drizzle-kit push"]'
STARTED = f"lifecycle:\n            postStart:\n              exec:\n                command: {PUSHES}"
BLOCK = (
    "command: [sh, -c]\n          args:\n            - |\n              set -e\n\n              npx drizzle-kit push\n"
)
LISTED = f"kind: Pod\n  spec:\n    containers: [command: {PUSHES}]\n- {{kind: Pod}}\n- x\n"
TWO = 'command: [npx]\n          args: ["drizzle-kit", "push"]'
POD = f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command: {PUSHES}\n"
CRON = "kind: CronJob\napiVersion: v1\nspec: {jobTemplate: {spec: {template: {spec: {containers: [command: %s]}}}}}"


@pytest.mark.parametrize(
    ("text", "at", "starter"),
    [
        (manifest(), 10, Starter.DEPLOY),
        (manifest("Deployment"), 10, Starter.START),
        (manifest("StatefulSet", group="initContainers"), 10, Starter.DEPLOY),
        (manifest(container=TWO), 10, Starter.DEPLOY),
        (manifest(container="args: [npx, drizzle-kit, push]"), 10, Starter.DEPLOY),
        (manifest(container=SHELL), 10, Starter.DEPLOY),
        (POD, 5, Starter.START),
        (f"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  {LISTED}", 7, Starter.START),
        (manifest(container=STARTED), 13, Starter.DEPLOY),
        (manifest(container=BLOCK), 15, Starter.DEPLOY),
        (manifest(container=BLOCK.replace("|", ">")), 10, Starter.DEPLOY),
        (CRON % PUSHES, 3, Starter.START),
        (f"apiVersion: v1\nkind: ConfigMap\n---\n{manifest()}", 13, Starter.DEPLOY),
    ],
)
def test_what_a_container_is_told_is_read(text: str, at: int, starter: Starter) -> None:
    assert (at, "npx drizzle-kit push", starter) in read(text)


@pytest.mark.parametrize(
    "text",
    [
        manifest("ConfigMap"),
        manifest().replace("apiVersion", "version"),
        manifest(container="image: x"),
        manifest(container="command: {a: b}"),
        manifest().replace("  name: migrate", "  name: {{ .Release.Name }}-migrate"),
        "{{- if .Values.migrate }}\n" + manifest() + "{{- end }}\n",
        manifest().replace("template:", "other:"),
        "apiVersion: v1\nkind: Job\nspec: [",
        "a: |\n  kind: Job\n  apiVersion: v1\n",
    ],
)
def test_what_is_no_manifest_or_no_yaml_runs_nothing(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "path", ["k8s/overlays/dev/job.yaml", "local/job.yml", "examples/k8s/job.yaml", "job.test.yaml"]
)
def test_what_is_for_a_cluster_at_hand_is_started_by_people(path: str) -> None:
    assert {starter for _, _, starter in read(manifest(), path)} == {None}


def test_a_job_that_pushes_is_an_error_and_a_script_is_followed(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="npx drizzle-kit push")})
    a_repo.commit({PATH: manifest()})
    assert f"MC601 error {PATH}:10 {SAID}, and the deploy runs it" in project_findings(a_repo)
    a_repo.commit({PATH: manifest(container='command: ["pnpm", "db:push"]')})
    way = f"{PATH}:10: pnpm db:push\npackage.json:4: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {SAID}, and the deploy runs it | {way}"]


def test_a_charts_template_is_left_alone(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="npx drizzle-kit push")})
    a_repo.commit({"chart/templates/job.yaml": "{{- if x }}\n" + manifest() + "{{ end }}\n", "x.yml": "a: [npm"})
    head = project_facts(a_repo).head
    assert head.scripts.runs
    assert (list(head.unread), sorted(each for each in head.scripts.files if "yml" in each)) == ([], [])


def test_only_so_many_files_are_looked_at(a_repo: GitRepository) -> None:
    a_project(a_repo, {"k8s/0000.yaml": manifest(), "helm/0000.yaml": "replicas: 1"})

    def passed_over(numbers: range, directory: str = "k8s") -> tuple[str, ...]:
        blob = a_repo.git("rev-parse", f"HEAD:{directory}/0000.yaml")
        staged = (part for each in numbers for part in ("--cacheinfo", f"100644,{blob},{directory}/{each:04}.yaml"))
        a_repo.git("update-index", "--add", *staged)
        return project_facts(a_repo, staged=True).head.passed_over

    assert passed_over(range(1, 2_001), "helm") == ()
    assert [each.split()[:2] for each in project_findings(a_repo, staged=True)] == [["MC601", "warning"]]
    assert passed_over(range(1, 200)) == ()
    assert passed_over(range(200, 202)) == ("k8s/0200.yaml (one of more than 200 manifests of Kubernetes)",)
    said = "2001 YAML files, such as k8s/0000.yaml (too many to look for manifests of Kubernetes)"
    assert passed_over(range(202, 2_001)) == (said,)


def test_a_commit_of_a_manifest_that_runs_drizzle_is_judged(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.stage(
        {
            "k8s/other.yaml": manifest(container="image: x").replace("migrate", "x"),
            "pnpm-lock.yaml": "drizzle-kit@0.31.4",
        }
    )
    assert not touches_migrations(open_repository(a_repo.top, {}))
    a_repo.stage({PATH: manifest()})
    assert touches_migrations(open_repository(a_repo.top, {}))


def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size() -> None:
    numbers = count()
    many = manifest() + "---\n"
    assert growth(lambda size: read(f"# {next(numbers)}\n" + many * size), 20) < LINEAR
    assert growth(lambda size: is_manifest(PATH, b"kind: \napiVersion" * size), 2_000) < LINEAR
    assert json.dumps(read("apiVersion: v1\nkind: Job\nspec: " + "[" * 1_000)) == "[]"
