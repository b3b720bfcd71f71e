"""MC601: `drizzle-kit push` beside the migrations, by whom it is reached and who brought it."""

import pytest

from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

IDLE = "MC601 warning package.json:4 `drizzle-kit push` changes the database past the migrations, when somebody runs it"


def test_what_a_starter_has_and_nobody_runs_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": package(db__push="drizzle-kit push")})
    assert project_findings(a_repo) == [IDLE]


def test_a_change_that_has_ci_push_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="drizzle-kit push")})
    a_repo.commit({DEPLOY: workflow("pnpm install", "pnpm db:push")})
    said = "`drizzle-kit push` changes the database past the migrations, and CI runs it"
    way = f"{DEPLOY}:7: pnpm db:push\npackage.json:4: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {said} | {way}"]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit push")})
    a_repo.commit({DEPLOY: None, ".github/workflows/other.yaml": workflow("echo hello", "npx drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [
        "MC601 warning .github/workflows/other.yaml:7"
    ]


def test_a_second_way_to_push_is_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(build="drizzle-kit push")})
    a_repo.commit({DEPLOY: workflow("drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [
        "MC601 warning package.json:4",
        f"MC601 error {DEPLOY}:6",
    ]


@pytest.mark.parametrize(
    "script",
    [
        "echo 'drizzle-kit push is disabled: pnpm db:generate' && exit 1",
        "echo no; exit 1; drizzle-kit push",
        "drizzle-kit generate",
        "drizzle-kit check && git push",
        "drizzle-kit push:mysql",
        "drizzle-kit push --dialect=sqlite",
        "pnpm add -D drizzle-kit push",
        "rm -rf node_modules/drizzle-kit push",
    ],
)
def test_what_pushes_nothing_is_no_finding(a_repo: GitRepository, script: str) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": package(build=script)})
    assert project_findings(a_repo) == []
