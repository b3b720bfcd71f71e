"""MC607: SQL that writes to the ledger."""

import pytest

from tests.support.folders import add_migration
from tests.support.histories import FOLDER
from tests.support.projects import DEPLOY, a_project, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

SQL = "insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)"
SAID = "INSERT INTO changes the ledger drizzle.__drizzle_migrations by hand"
SCRIPT = "scripts/baseline.ts"


def test_code_that_a_person_runs_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({SCRIPT: f"\nawait sql`{SQL}`;"})
    assert found(a_repo, "MC607") == [f"warning {SCRIPT}:2 {SAID} | {SQL}"]


def test_code_that_ci_runs_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({SCRIPT: f"await sql`{SQL}`;", DEPLOY: workflow(f"npx tsx {SCRIPT}")})
    assert [each.split(" | ")[0] for each in found(a_repo, "MC607")] == [f"error {SCRIPT}:1 {SAID}"]


def test_code_that_ci_runs_on_a_database_of_its_own_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    job = "    services: {db: {image: postgres}}\n"
    a_repo.commit({SCRIPT: f"await sql`{SQL}`;", DEPLOY: workflow(f"npx tsx {SCRIPT}", job=job)})
    assert [each.split()[0] for each in found(a_repo, "MC607")] == ["warning"]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    a_project(a_repo, {SCRIPT: f"await sql`{SQL}`;", DEPLOY: workflow(f"npx tsx {SCRIPT}")})
    a_repo.commit({SCRIPT: None, "db/a.ts": f"\nawait sql`{SQL}`;", DEPLOY: workflow("npx tsx db/a.ts")})
    assert [each.split(" | ")[0] for each in found(a_repo, "MC607")] == [f"warning db/a.ts:2 {SAID}"]


def test_a_new_migration_is_an_error_and_one_that_landed_is_left(a_repo: GitRepository) -> None:
    a_project(a_repo)
    add_migration(a_repo / FOLDER, "0003_ledger", f"select 1;\n{SQL};", snapshot=False)
    a_repo.commit()
    assert found(a_repo, "MC607") == [f"error {FOLDER}/0003_ledger.sql:2 {SAID} | {SQL};"]
    a_repo.switch("main")
    a_repo.merge("feature")
    a_repo.branch("next")
    a_repo.commit()
    assert [each.split()[0] for each in found(a_repo, "MC607")] == ["warning"]


def test_a_migration_is_new_though_another_said_the_same(a_repo: GitRepository) -> None:
    a_project(a_repo)
    add_migration(a_repo / FOLDER, "0003_ledger", f"{SQL};", snapshot=False)
    a_repo.commit()
    a_repo.switch("main")
    a_repo.merge("feature")
    a_repo.branch("next")
    add_migration(a_repo / FOLDER, "0004_again", f"{SQL};", snapshot=False)
    a_repo.commit()
    assert [each.split()[0] for each in found(a_repo, "MC607")] == ["warning", "error"]


def test_a_script_of_sql_beside_the_folder(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"ops/fix.sql": f"{SQL};\nupdate drizzle.__drizzle_migrations set hash = '';"})
    assert [each.split(" changes")[0] for each in found(a_repo, "MC607")] == [
        "warning ops/fix.sql:1 INSERT INTO",
        "warning ops/fix.sql:2 UPDATE",
    ]


@pytest.mark.parametrize("path", ["tests/helper.ts", "src/ledger.test.ts", "fixtures/a.sql", "scripts/seed.ts"])
def test_what_serves_tests_is_no_finding(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: f"{SQL};" if path.endswith(".sql") else f"await sql`{SQL}`;"})
    assert found(a_repo, "MC607") == []
