"""MC603: the migrator of neon-http, which knows no transaction."""

import pytest

from tests.support.folders import a_folder
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

SAID = "migrate() of neon-http runs without a transaction, and records nothing until all is done"
RUNNER = "src/migrate.ts"


def test_one_that_ci_runs_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner("neon-http"), DEPLOY: workflow("npx tsx src/migrate.ts")})
    assert found(a_repo, "MC603") == [f"error {RUNNER}:3 {SAID} | {DEPLOY}:6: npx tsx src/migrate.ts"]


def test_one_that_a_person_runs_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner("neon-http"), "package.json": package(db__migrate=f"tsx {RUNNER}")})
    assert found(a_repo, "MC603") == [f"warning {RUNNER}:3 {SAID}"]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    a_project(a_repo, {RUNNER: runner("neon-http"), DEPLOY: workflow(f"npx tsx {RUNNER}")})
    a_repo.commit({RUNNER: None, "db/up.ts": "\n" + runner("neon-http"), DEPLOY: workflow("npx tsx db/up.ts")})
    assert found(a_repo, "MC603") == [f"warning db/up.ts:4 {SAID} | {DEPLOY}:6: npx tsx db/up.ts"]


def test_a_runner_that_begins_to_go_over_http_is_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {RUNNER: runner(), DEPLOY: workflow(f"npx tsx {RUNNER}")})
    assert found(a_repo, "MC603") == []
    a_repo.commit({RUNNER: runner("neon-http")})
    assert [each.split()[0] for each in found(a_repo, "MC603")] == ["error"]


@pytest.mark.parametrize("driver", ["neon-serverless", "node-postgres", "postgres-js", "vercel-postgres"])
def test_a_migrator_with_transactions_is_no_finding(a_repo: GitRepository, driver: str) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(driver), DEPLOY: workflow(f"npx tsx {RUNNER}")})
    assert found(a_repo, "MC603") == []


def test_a_job_with_a_database_of_its_own_does_not_make_it_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo)
    job = "    services: {db: {image: postgres}}\n"
    a_repo.commit({RUNNER: runner("neon-http"), DEPLOY: workflow(f"npx tsx {RUNNER}", job=job)})
    assert found(a_repo, "MC603") == [f"warning {RUNNER}:3 {SAID}"]


def test_what_serves_tests_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"tests/setup.ts": runner("neon-http"), DEPLOY: workflow("npx tsx tests/setup.ts")})
    assert found(a_repo, "MC603") == []


def test_another_projects_runner_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_folder(a_repo / "apps/other/drizzle", {"0000_x": "select 1;"}, snapshots=False)
    config = 'export default { dialect: "postgresql", out: "./drizzle" };'
    a_repo.commit({"apps/other/drizzle.config.ts": config, "apps/other/migrate.ts": runner("neon-http")})
    assert found(a_repo, "MC603") == []


@pytest.mark.parametrize(("others", "expected"), [(0, 1), (1, 0)])
def test_a_folder_that_only_running_tells_is_the_only_one(a_repo: GitRepository, others: int, expected: int) -> None:
    a_project(a_repo)
    for number in range(others):
        a_folder(a_repo / f"apps/{number}/drizzle", {"0000_x": "select 1;"}, snapshots=False)
    a_repo.commit({RUNNER: runner("neon-http").replace('"./drizzle"', "process.env.FOLDER")})
    assert len(found(a_repo, "MC603")) == expected


def test_drizzle_1_0_sends_one_transaction_and_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo, {RUNNER: runner("neon-http")})
    assert found(a_repo, "MC603") != []
    a_repo.commit(
        {
            "drizzle/meta/_journal.json": None,
            "drizzle/20240101000000_first/migration.sql": "select 1;",
        }
    )
    assert found(a_repo, "MC603") == []
