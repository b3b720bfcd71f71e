"""Jobs that have a database of their own, in the spellings of the field."""

import pytest

from migcheck.scripts.ci.workflows import read_workflow
from migcheck.scripts.databases import names_a_database, starts_a_database
from migcheck.scripts.read_scripts import ScriptFiles
from tests.support.growth import LINEAR, growth
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

LOCAL = "DATABASE_URL=postgres://a:b@localhost:5432/x"
SECRET = "DATABASE_URL=${{ secrets.DATABASE_URL }}"


def own(*steps: str, job: str = "") -> bool:
    """Whether the last of a workflow's steps has such a database."""
    return last_is_own(workflow(*steps, job=job))


def last_is_own(text: str) -> bool:
    return list(read_workflow("x.yml", text.encode()))[-1].own_database


def on_a_branch(url: str, action: str = "neondatabase/create-branch-action@v6") -> str:
    """A workflow whose last step is given `url`, behind one with the id `b` that uses `action`."""
    return f"""\
on: pull_request
jobs:
  a:
    outputs: {{url: "${{{{ steps.b.outputs.db_url }}}}", time: "${{{{ steps.c.outputs.time }}}}"}}
    steps:
      - {{id: b, uses: {action}}}
  m:
    needs: a
    steps:
      - {{id: b, uses: {action}}}
      - {{id: c, run: ./address.sh}}
      - run: m
        env:
          DATABASE_URL: {url}
"""


@pytest.mark.parametrize(
    "steps",
    [
        (f'echo "{LOCAL}" >> $GITHUB_ENV', "m"),
        (f'echo {LOCAL} >> "$GITHUB_ENV"', "n", "m"),
        (f"echo '{LOCAL}' > .env", "m"),
        (f"echo {LOCAL} > .env && m",),
        ("docker compose up -d db", "cp .env.test .env", "m"),
        ("docker run -d \\\n  -p 5432:5432 \\\n  postgres:17", "m"),
        (f"docker run -d postgres\nexport {LOCAL}\nm",),
        (f"# as in {SECRET}\ndocker run -d postgres#1\nm",),
        (f'echo "{SECRET}" >> $GITHUB_ENV', f'echo "{LOCAL}" >> $GITHUB_ENV', "m"),
    ],
)
def test_a_step_may_give_the_next_one_a_database_of_its_own(steps: tuple[str, ...]) -> None:
    assert own(*steps)


@pytest.mark.parametrize(
    "steps",
    [
        (f'echo "{SECRET}" >> $GITHUB_ENV', "m"),
        ("docker compose up -d", f"echo {SECRET} >> .env", "m"),
        ("docker compose up -d", f"{SECRET} m"),
        (f'echo "{LOCAL}" >> $GITHUB_ENV', f'echo "{SECRET}" >> $GITHUB_ENV', "m"),
        (f'echo "{LOCAL}"', "m"),
        ("m", f'echo "{LOCAL}" >> $GITHUB_ENV; m'),
        ('echo "API_URL=http://localhost" >> $GITHUB_ENV', "m"),
        (f"cat > .env <<E\n# {LOCAL}\n#{LOCAL}\n  #\t{LOCAL}\n#  export {LOCAL}\n#X=1 {LOCAL}\nE", "m"),
        (f"# docker run -e {LOCAL} postgres\n\t# docker compose up \\\nm",),
    ],
)
def test_a_database_that_lasts_is_none_of_the_job(steps: tuple[str, ...]) -> None:
    assert not own(*steps)


@pytest.mark.parametrize(
    "url",
    [
        "${{ steps.b.outputs.db_url }}",
        "${{ steps.b.outputs.db_url_with_pooler }}?sslmode=require",
        "${{ needs.a.outputs.url }}",
    ],
)
def test_a_database_that_a_step_made_is_the_jobs_own(url: str) -> None:
    assert last_is_own(on_a_branch(url))
    assert last_is_own(on_a_branch(url, "neondatabase/reset-branch-action@v1"))
    assert not last_is_own(on_a_branch(url, "acme/address-action@v1"))


@pytest.mark.parametrize(
    ("value", "is_own"),
    [
        ("${{ vars.PROD_DATABASE_URL }}", False),
        ("postgres://${{ vars.PG_USER }}@${{vars.PG_HOST}}/x", False),
        ("postgres://u@ep-x.neon.tech/db", False),
        ("${{ secrets.TEST_DATABASE_URL }}", False),
        ("${{ vars.LATEST_DATABASE_URL }}", False),
        ("${{ vars.LOCALIZATION_DATABASE_URL }}", False),
        ("${{ vars.TEST_DATABASE_URL }}", True),
        ("${{ vars.DATABASE_URL_TESTING }}", True),
        ("${{ vars.TESTDB_URL }}", True),
        ("${{ vars.UNITTEST_DB }}", True),
        ("${{ vars.LOCALHOST_URL }}", True),
        ("${{ vars.CI_DB_URL }}", True),
        ("${{ vars.DATABASE_URL || 'postgres://a@localhost/x' }}", True),
        ("postgres://${{ vars.PG_USER }}@localhost:5432/x", True),
        ("postgres://u:${{ secrets.PW }}@localhost:5432/x", True),
        ("postgres://u:${{ secrets.PW }}@${{ secrets.HOST }}/x", False),
        ("postgres://u@$HOST/x", True),
        ("${{ env.X }}", True),
        ("https://x.supabase.co", True),
    ],
)
def test_an_address_tells_more_than_a_service_beside_the_job(value: str, *, is_own: bool) -> None:
    service = "    services: {db: {image: postgres:17}}\n"
    assert own("m", job=f'{service}    env: {{DATABASE_URL: "{value}"}}\n') is is_own
    assert own(f"DATABASE_URL={value} m", job=service) is is_own
    if "secrets." in value:
        # Without a service, `localhost` may be the end of a tunnel.
        assert not own("m", job=f'    env: {{DATABASE_URL: "{value}"}}\n')


def test_a_host_alone_is_an_address_where_no_url_beside_it_says_more() -> None:
    assert own("m", job="    env: {DB_HOST: 127.0.0.1}\n")
    assert not own("m", job="    env: {DB_HOST: db.example.com}\n")
    assert not own("m", job="    env: {DB_HOST: localhost, DATABASE_URL: 'postgres://db.example.com/x'}\n")


@pytest.mark.parametrize(
    ("first", "files", "weight"),
    [
        ("npm run db:up", {"package.json": package(db__up="docker compose up -d")}, "warning"),
        ("npm run e2e", {"package.json": package(pree2e="npm run up", e2e="tap", up="docker run postgres")}, "warning"),
        ("npm run e2e", {"package.json": package(e2e="npm run up", up="docker run redis")}, "error"),
        ("make up", {"Makefile": "up:\n\tdocker compose up -d\n"}, "warning"),
        ("bash ./ci.sh", {"ci.sh": "docker compose up -d\n"}, "warning"),
        ("ssh host bash ./ci.sh", {"ci.sh": "docker compose up -d\n"}, "error"),
        ("./ci", {"ci/action.yml": "runs: {steps: [{run: docker compose up}]}"}, "warning"),
        ("./ci", {"ci/action.yml": "runs: {steps: [{uses: x/setup-postgres@v1}]}"}, "warning"),
        ("./ci", {"ci/action.yml": "runs: {steps: [{run: docker compose down}]}"}, "error"),
        ("hoverkraft-tech/compose-action@v2.0.1", {}, "warning"),
        ('echo "DATABASE_URL=$(neonctl branches create --name x)" >> $GITHUB_ENV', {}, "warning"),
        ("neonctl branches create --name backup", {}, "error"),
    ],
)
def test_what_a_step_calls_may_start_the_database(
    a_repo: GitRepository, first: str, files: dict[str, str], weight: str
) -> None:
    a_project(a_repo, {"compose.yml": "services: {db: {image: postgres}}"})
    steps = workflow(first, "npx drizzle-kit push")
    a_repo.commit({DEPLOY: steps if " " in first else steps.replace("run:", "uses:", 1), **files})
    assert [each.split()[1] for each in project_findings(a_repo)] == [weight]


def test_another_packages_script_by_that_name_starts_nothing() -> None:
    packages = {
        "package.json": package(test="vitest"),
        "web/package.json": package(name="web", build="vite build"),
        "e2e/package.json": package(name="e2e", build="npm test", test="docker run postgres"),
    }
    for step, is_own in {
        "pnpm -F web build": False,
        "npm test": False,
        "pnpm -F e2e build": True,
        "cd e2e && npm test": True,
        "cd $X && npm test": True,
        "npm test --workspaces": True,
    }.items():
        files = {DEPLOY: workflow(step, "m"), **packages}
        found = ScriptFiles({path: text.encode() for path, text in files.items()}).all
        assert found[-1].own_database is is_own, step


def test_a_secret_by_another_name_is_none() -> None:
    job = "    services: {db: {image: postgres:17}}\n    env: {LIVE: '${{ secrets.LIVE }}', OF_SERVICE: $X}\n"
    assert not own("DATABASE_URL=$LIVE m", job=job)
    assert own("DATABASE_URL=$OF_SERVICE m", job=job)


def test_what_the_configuration_takes_its_address_from_tells_of_a_push_and_no_secret_beside_it(
    a_repo: GitRepository,
) -> None:
    config = CONFIG.replace(" };", ", dbCredentials: { url: process.env.DATABASE_URL! } };")
    a_project(a_repo, {"drizzle.config.ts": config})
    served = "    services: {db: {image: postgres}}\n"
    job = (
        f"{served}    env: {{{LOCAL.replace('=', ': ')}, PROD_DATABASE_URL: '${{{{ secrets.PROD_DATABASE_URL }}}}'}}\n"
    )
    push = "DATABASE_URL=$PROD_DATABASE_URL npm run push"
    deploy = workflow("echo", "npm run push", job="    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}'}\n")
    a_repo.commit({"package.json": package(push="drizzle-kit push")})
    idle = workflow("echo")
    for test, also, weight in (
        (workflow("npm run push", job=job), idle, "warning"),
        (workflow("npm run push", job=job), deploy, "error"),
        (workflow(push, job=job), idle, "error"),
        (workflow(f"npm run push; {push}", job=job), idle, "error"),
        (workflow('echo "DATABASE_URL=$PROD_DATABASE_URL" >> $GITHUB_ENV', "npm run push", job=job), idle, "error"),
        (workflow("set -a; . ./.env.prod; set +a; npm run push", job=job), idle, "warning"),
        (workflow("doppler run -- npm run push", job=job), idle, "warning"),
    ):
        a_repo.commit({DEPLOY: test, DEPLOY.replace("deploy", "other"): also})
        assert [each.split()[1] for each in project_findings(a_repo)] == [weight], (test, also)
    a_repo.write({DEPLOY: workflow("npm run push", job=job), "drizzle.config.ts": config.replace("env.", "env.PROD_")})
    assert [each.split()[1] for each in project_findings(a_repo)] == ["error"]


def test_a_step_that_made_one_may_hand_it_on() -> None:
    made = "DATABASE_URL=${{ steps.b.outputs.db_url }}"
    job = "    env: {X: y}\n"
    text = workflow(f'echo "{made}" >> $GITHUB_ENV', "m", job=job)
    branch = "    steps:\n      - {id: b, uses: neondatabase/create-branch-action@v6}\n"
    assert last_is_own(text.replace("    steps:\n", branch))
    assert last_is_own(workflow(f"{made} m").replace("    steps:\n", branch))
    assert not last_is_own(text)


@pytest.mark.parametrize(
    "url",
    [
        "${{ steps.c.outputs.url }}",
        "${{ needs.a.outputs.time }}",
        "${{ steps.b.outputs.db_url || secrets.DATABASE_URL }}",
        "${{ secrets.DATABASE_URL }}",
        "${{ vars.DATABASE_URL }}",
    ],
)
def test_a_branch_beside_the_database_that_lasts_makes_it_no_preview(url: str) -> None:
    assert not last_is_own(on_a_branch(url))


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("DATABASE_URL", True),
        ("PGHOST", True),
        ("TEST_DB_DSN", True),
        ("POSTGRES_PRISMA_URL", True),
        ("POSTGRES_URL_NON_POOLING", True),
        ("SUPABASE_DB_URL", True),
        ("DB2_URL", True),
        ("PGHOSTADDR", True),
        ("NEXT_PUBLIC_SUPABASE_URL", False),
        ("FEEDBACK_URL", False),
        ("PGP_KEY_URL", False),
        ("MONGODB_URI", False),
        ("FIREBASE_DATABASE_URL", False),
        ("DATABASE_SECURITY_GROUP", False),
        ("URL_DB", False),
        ("DATABASE_NAME", False),
        ("API_URL", False),
    ],
)
def test_a_variable_that_holds_an_address_is_known_by_its_name(name: str, *, holds: bool) -> None:
    assert names_a_database(name) is holds


def test_a_name_and_a_step_cost_in_proportion_to_their_length() -> None:
    assert growth(lambda size: names_a_database("_DB" * size), 20_000) < LINEAR
    assert growth(lambda size: starts_a_database("docker compose " * size), 500) < LINEAR
    assert growth(lambda size: own("${{} }" * size), 500) < LINEAR
