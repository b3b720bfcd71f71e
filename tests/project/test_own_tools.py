"""What a person's own tools run: development containers and git's hooks. None of it is without a person."""

import pytest

from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository

HOME = ".devcontainer/devcontainer.json"
SAID = "`npx drizzle-kit push` changes the database past the migrations, when somebody runs it"
PUSH = '{\n  // made once\n  "postCreateCommand": "npm ci && npx drizzle-kit push",\n}\n'


@pytest.mark.parametrize("path", [HOME, ".devcontainer.json", ".devcontainer/api/devcontainer.json"])
def test_what_a_development_container_pushes_to_warns(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: PUSH})
    assert project_findings(a_repo) == [f"MC601 warning {path}:3 {SAID}"]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ('{"onCreateCommand": ["npx", "drizzle-kit", "push"]}', 1),
        ('{"postStartCommand": {"a": "npm ci",\n "b": "npx drizzle-kit push"}}', 2),
        ('{"updateContentCommand": {"b": ["npx", "drizzle-kit", "push"]}}', 1),
    ],
)
def test_a_command_is_a_text_a_list_or_several(a_repo: GitRepository, told: str, line: int) -> None:
    a_project(a_repo)
    a_repo.commit({HOME: told})
    assert project_findings(a_repo) == [f"MC601 warning {HOME}:{line} {SAID}"]


@pytest.mark.parametrize(
    "more",
    [
        '"containerEnv": {"DATABASE_URL": "postgres://u:p@localhost:5432/x"}',
        '"remoteEnv": {"DATABASE_URL": "postgres://u:p@db/x"}',
        '"dockerComposeFile": ["../docker-compose.yml"]',
        '"features": {"ghcr.io/x/postgres:1": {}}',
        '"postStartCommand": "docker compose up -d"',
    ],
)
def test_a_database_that_goes_with_the_container_is_nobodys_business(a_repo: GitRepository, more: str) -> None:
    a_project(a_repo, {"docker-compose.yml": "services: {db: {image: 'postgres:17'}}"})
    a_repo.commit({HOME: PUSH.replace("}", f"{more}}}")})
    assert project_findings(a_repo) == []


def test_an_address_elsewhere_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo)
    elsewhere = '"containerEnv": {"DATABASE_URL": "${localEnv:DATABASE_URL}"}, "features": {"postgres": {}}'
    a_repo.commit({HOME: PUSH.replace("}", f"{elsewhere}}}")})
    assert len(project_findings(a_repo)) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"postCreateCommand": 1}', '{"postCreateCommand": [[]]}', "//"])
def test_what_cannot_be_read_runs_nothing(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo)
    a_repo.commit({HOME: content})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize("path", [".husky/post-merge", ".githooks/post-checkout", "hooks/pre-push"])
def test_a_hook_of_git_that_pushes_warns(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: "#!/bin/sh\nnpm ci\nnpx drizzle-kit push\n"})
    assert project_findings(a_repo) == [f"MC601 warning {path}:3 {SAID}"]


def test_a_hook_in_another_language_is_not_read_as_a_shells(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({".husky/post-merge": "#!/usr/bin/env python3\nnpx drizzle-kit push\n"})
    assert project_findings(a_repo) == []
    a_repo.commit({".husky/post-merge": "npx drizzle-kit push\n"})
    assert len(project_findings(a_repo)) == 1


@pytest.mark.parametrize("path", ["lefthook.yml", ".lefthook.yaml"])
def test_a_hook_of_lefthook_that_pushes_warns(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: "post-merge:\n  commands:\n    db:\n      run: npx drizzle-kit push\n"})
    assert project_findings(a_repo) == [f"MC601 warning {path}:4 {SAID}"]
    a_repo.commit({path: "post-merge:\n  jobs:\n    - run: DATABASE_URL=postgres://localhost/x npx drizzle-kit push\n"})
    assert project_findings(a_repo) == []
