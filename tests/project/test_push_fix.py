"""MC601: what to do about a push, said of the place that it is to be taken out of."""

import tomllib

import pytest

from migcheck.catalogue import PROJECT_RULES
from migcheck.finding import Finding
from migcheck.rule import judge
from tests.support.projects import DEPLOY, a_project, package, project_facts, workflow
from tests.support.repositories import GitRepository


def finding(repo: GitRepository) -> Finding:
    (found,) = judge(PROJECT_RULES, project_facts(repo))
    return found


INSTEAD = "run `drizzle-kit generate`, commit the migration and deploy with `migcheck apply`."


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({DEPLOY: workflow("npx drizzle-kit push")}, f"`npx drizzle-kit push` out of {DEPLOY}:6"),
        ({"package.json": package(build="drizzle-kit push && x")}, "`drizzle-kit push` out of package.json:4"),
        (
            {DEPLOY: workflow("pnpm db:push"), "package.json": package(db__push="drizzle-kit push")},
            f"`pnpm db:push` out of {DEPLOY}:6",
        ),
        (
            {DEPLOY: workflow("sh deploy.sh"), "deploy.sh": "set -e\nx\ndrizzle-kit push\n"},
            "`drizzle-kit push` out of deploy.sh:3",
        ),
    ],
)
def test_it_is_taken_out_of_what_is_reached(a_repo: GitRepository, files: dict[str, str], taken: str) -> None:
    a_project(a_repo)
    a_repo.commit(files)
    assert finding(a_repo).fix.partition("\n")[0] == f"Take {taken}: {INSTEAD}"


def test_an_error_ends_with_the_waiver_that_accepts_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    said = finding(a_repo).fix.partition("migcheck.toml:\n")[2]
    (waiver,) = tomllib.loads(said.replace("YYYY-MM-DD", "2030-01-31"))["waiver"]
    assert (waiver["code"], waiver["migration"]) == ("MC601", DEPLOY)


def test_a_script_that_people_run_is_removed_and_needs_no_waiver(a_repo: GitRepository) -> None:
    a_project(a_repo)
    said = "Run `drizzle-kit generate` in its place. Remove {}, or let it say so and end with `exit 1`."
    for scripts, what in (
        ({"db__push": "drizzle-kit push"}, "the script"),
        ({"up": "npm run push -- --force", "push": "drizzle-kit push"}, "the script"),
        ({"up": "npm run kit -- push", "kit": "drizzle-kit"}, "what asks this script for it"),
        ({"up": "A=b npm run kit -- push", "kit": "docker compose up -d; drizzle-kit"}, "what asks this script for it"),
    ):
        a_repo.commit({"package.json": package(**scripts)})
        assert finding(a_repo).fix == said.format(what)
