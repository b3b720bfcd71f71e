"""MC609: what is to run outside of a transaction, where another program than `migcheck apply` runs it in one."""

import pytest

from tests.support.folders import add_migration
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import runner
from tests.support.runs import offline

RUNNER = "src/migrate.ts"
OWN = "    services: {db: {image: postgres}}\n"
INDEX = "create index concurrently if not exists by_name on users (name);"


def outside(repo: GitRepository, *tags: str) -> None:
    """Add `tags` on the branch, to be run outside of a transaction."""
    tables = "".join(f'[[migration]]\ntag = "{tag}"\ntransaction = "none"\n' for tag in tags)
    repo.write({"migcheck.toml": f'[[folder]]\npath = "drizzle"\n{tables}'})
    for tag in tags:
        add_migration(repo / "drizzle", tag, INDEX, snapshot=False)
    repo.commit()


def found(repo: GitRepository) -> list[str]:
    """What the whole gate says of MC609."""
    return [f"{each.severity} {each.at} {each.message}" for each in offline(repo).findings if each.code == "MC609"]


AGAINST = 'in a transaction, against `transaction = "none"`'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {DEPLOY: workflow("npx drizzle-kit migrate")},
            f"error {DEPLOY}:6 `npx drizzle-kit migrate` would run 0003_index {AGAINST}",
        ),
        (
            {DEPLOY: workflow(f"npx tsx {RUNNER}"), RUNNER: runner()},
            f"error {RUNNER}:3 migrate() of node-postgres would run 0003_index {AGAINST}",
        ),
    ],
)
def test_drizzles_migrators_run_it_in_a_transaction(a_repo: GitRepository, files: dict[str, str], said: str) -> None:
    a_project(a_repo, files)
    outside(a_repo, "0003_index")
    assert found(a_repo) == [said]


def test_several_are_counted(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate")})
    outside(a_repo, "0003_index", "0004_index")
    assert found(a_repo) == [f"error {DEPLOY}:6 `npx drizzle-kit migrate` would run 2 migrations {AGAINST}"]


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: workflow("migcheck apply")},
        {DEPLOY: workflow("npm test"), "package.json": package(db__migrate="drizzle-kit migrate")},
        {DEPLOY: workflow("npx drizzle-kit migrate", job=OWN)},
        {DEPLOY: workflow("psql -f drizzle/0003_index.sql")},
        {DEPLOY: workflow(f"npx tsx {RUNNER}"), RUNNER: runner("neon-http")},
    ],
)
def test_what_runs_it_so_or_by_hand_or_on_a_database_of_its_own_is_none(
    a_repo: GitRepository, files: dict[str, str]
) -> None:
    a_project(a_repo, files)
    outside(a_repo, "0003_index")
    assert found(a_repo) == []


def test_what_runs_in_a_transaction_or_has_landed_is_none(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate")})
    add_migration(a_repo / "drizzle", "0003_tags", "create table tags (id int);", snapshot=False)
    a_repo.commit({"migcheck.toml": '[[folder]]\npath = "drizzle"\n'})
    assert found(a_repo) == []
    outside(a_repo, "0004_index")
    a_repo.switch("main")
    a_repo.merge("feature")
    a_repo.branch("later")
    a_repo.commit({"other": "x"})
    assert found(a_repo) == []
