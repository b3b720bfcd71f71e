"""What psql is told to run: the folder's files, a script, a text."""

import pytest

from migcheck.scripts.calls import Call, FileCall, SqlCall, calls_of
from migcheck.scripts.shell import read_shell
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

LOOP = 'for f in drizzle/*.sql; do psql "$DATABASE_URL" -f "$f"; done'
TRUNCATE = 'psql "$DATABASE_URL" -c "truncate drizzle.__drizzle_migrations"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psql $U -f a.sql", FileCall("a.sql")),
        ("psql -fa.sql", FileCall("a.sql")),
        ("psql --file=a.sql", FileCall("a.sql")),
        ("docker compose exec db psql -U x --file a.sql", FileCall("a.sql")),
        ("psql -qc 'select 1'", SqlCall("select 1")),
        ("psql --command='select 1' $U", SqlCall("select 1")),
        ("psql $U", SqlCall()),
        (LOOP, FileCall("drizzle/*.sql")),
        ('for f in $FILES; do psql -f "$f"; done', FileCall("$f")),
        ('for f in a/*.sql b/*.sql; do psql -f "$f"; done', FileCall("$f")),
        ('for f in a/*.sql; do true; done; psql -f "$f"', FileCall("$f")),
    ],
)
def test_what_it_runs(text: str, expected: Call) -> None:
    assert [call for each in read_shell(text) for call in calls_of(each.words)] == [expected]


def test_the_folders_files_beside_the_gate_are_a_second_program(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("uvx drizzle-migcheck apply")})
    a_repo.commit({".github/workflows/x.yml": workflow(LOOP)})
    (finding,) = found(a_repo, "MC605")
    assert finding.startswith(
        "error .github/workflows/x.yml:6 `psql $DATABASE_URL -f drizzle/*.sql` is a second program"
    )


@pytest.mark.parametrize(
    "content",
    [
        workflow(LOOP.replace("drizzle/", "seed/")),
        workflow(LOOP, job="    services: {db: {image: postgres}}\n"),
    ],
)
def test_other_files_and_a_jobs_own_database_are_none(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo, {DEPLOY: workflow("uvx drizzle-migcheck apply")})
    a_repo.commit({".github/workflows/x.yml": content})
    assert found(a_repo, "MC605") == []


def test_a_text_that_changes_the_ledger_is_an_error_where_ci_runs_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow(TRUNCATE), "package.json": package(reset=TRUNCATE)})
    said = [each.split(" | ")[0] for each in found(a_repo, "MC607")]
    changes = "TRUNCATE changes the ledger drizzle.__drizzle_migrations by hand"
    assert sorted(said) == [f"error {DEPLOY}:6 {changes}", f"warning package.json:4 {changes}"]
    a_repo.commit({DEPLOY: workflow(TRUNCATE.replace("truncate", "table"))})
    assert len(found(a_repo, "MC607")) == 1


def test_a_script_that_ci_hands_to_it_is_reached(a_repo: GitRepository) -> None:
    a_project(a_repo)
    sql = "delete from drizzle.__drizzle_migrations;\n"
    a_repo.commit({"scripts/base.sql": sql, DEPLOY: workflow("psql $DATABASE_URL -f scripts/base.sql")})
    assert [each.split(" DELETE")[0] for each in found(a_repo, "MC607")] == ["error scripts/base.sql:1"]
