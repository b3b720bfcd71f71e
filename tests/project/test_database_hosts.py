"""Which hosts a database's address leads to."""

import pytest

from migcheck.scripts.ci.own_database import leads_to_own
from migcheck.scripts.database_hosts import hosts_of
from migcheck.scripts.databases import is_local_address, is_local_url
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

REMOTE = "postgresql://postgres:pw@db.abc.supabase.co:5432/postgres"


@pytest.mark.parametrize(
    "url",
    [
        "postgres://localhost/app",
        "postgres://localhost",
        "postgres://LOCALHOST:5433",
        "postgres://localhost?sslmode=disable",
        "postgresql://u:p@127.0.0.1:5432/app",
        "postgres://u:p@[::1]:5432/app",
        "postgres://u:p@ss@localhost/app",
        "postgres://${USER:-a/b}:${{ secrets.PW }}@localhost:5432/app",
        "postgres://u:$PW@db:${PORT:-5432}/app",
        "postgres://localhost,127.0.0.1:5433/app",
        "postgres:///app?host=localhost",
        "postgres://localhost/app?host=127.0.0.1&user=x",
        "postgres://u:p@host.docker.internal:5432/app",
        "postgres://db.x:p@postgres/app?schema=db.example.com\n",
    ],
)
def test_it_leads_to_this_machine(url: str) -> None:
    assert is_local_url(url)
    assert is_local_address(url)
    assert leads_to_own([url]) is True


@pytest.mark.parametrize(
    "url",
    [
        REMOTE,
        "postgres://localhost:p@db.example.com",
        "postgres://database:localhost@h.com/app",
        "postgres://postgres:localhost@db.prod.com/app",
        "postgres://db:a@localhost:b@h.com/app",
        "postgres://db:pa/ss@h.com/app",
        "postgres://db:pa?ss@h.com/app",
        "postgres://localhost/app?host=db.example.com",
        "postgres://localhost/app?x=1&hostaddr=10.0.0.1",
        "postgres://h.com/app?host=localhost",
        "postgres://localhost,h.com:5432/app",
        "postgres://h.com:5432,localhost/app",
        "postgres://localhost.h.com/app",
        "postgres://$HOST/app",
        "postgres://${DB_HOST:-localhost}.h.com/app",
        "postgres:///app?host=/cloudsql/project:region:instance",
        "postgres:///app?host=db.host.docker.internal",
    ],
)
def test_it_leads_to_another_machine(url: str) -> None:
    assert not is_local_url(url)
    assert not is_local_address(url)
    assert leads_to_own([url]) is False


@pytest.mark.parametrize(
    "url", ["", "trust", "postgres://", "postgres:///", "postgres:///?a=/b", "http://localhost/", "localhost/app"]
)
def test_what_names_no_host_leads_nowhere(url: str) -> None:
    assert not is_local_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgres:///app",
        "postgres://u@/$DB?sslmode=disable",
        "postgres:///app?host=/var/run/postgresql",
        "postgresql://%2Fvar%2Frun%2Fpostgresql/app",
    ],
)
def test_no_host_and_a_socket_lead_where_only_what_is_beside_them_tells(url: str) -> None:
    assert not is_local_url(url)
    assert not is_local_url(url, "h.com")
    assert is_local_url(url, "localhost")
    assert leads_to_own([url]) is None


def test_a_url_that_names_no_host_leads_where_another_variable_says(a_repo: GitRepository) -> None:
    a_project(a_repo)
    step = "DATABASE_URL=postgres:///test npx drizzle-kit push"
    socket = step.replace("///test", "///test?host=/run/postgresql")
    given = "    env: {DATABASE_URL: 'postgres:///test', PGHOST: h.com}\n"
    for expected, path, content in (
        ([], DEPLOY, workflow("createdb test", step)),
        ([], DEPLOY, workflow("sudo systemctl start postgresql", socket)),
        ([], "package.json", package(push=socket)),
        (["error"], DEPLOY, workflow(f"PGHOST=h.com {step}")),
        (["error"], DEPLOY, workflow(step, job="    env: {PGHOST: '${{ secrets.PGHOST }}'}\n")),
        (["error"], DEPLOY, workflow("createdb test", "npx drizzle-kit push", job=given)),
        (["error"], DEPLOY, workflow("createdb test", "echo PGHOST=$PROD >> $GITHUB_ENV", step)),
        (["error"], DEPLOY, workflow("createdb -h h.com test", step)),
        (["error"], ".gitlab-ci.yml", f"deploy: {{script: [createdb test, {step}]}}\n"),
        (["error"], "package.json", package(start=f"{socket} && node x")),
        (
            ["warning"],
            DEPLOY,
            workflow("createdb test", "npx drizzle-kit push", job=given.replace(", PGHOST: h.com", "")),
        ),
    ):
        a_repo.commit({DEPLOY: "", ".gitlab-ci.yml": "", "package.json": "{}", path: content})
        assert [each.split()[0] for each in found(a_repo, "MC601")] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("u:p@h.com", ()),
        ("jdbc:postgresql://A.com:1,b/x", ("a.com", "b")),
        ("pg://u@[::1]:5432/x?host=c,%64", ("[::1]", "c", "d")),
    ],
)
def test_its_hosts(url: str, expected: tuple[str, ...]) -> None:
    assert hosts_of(url) == expected


@pytest.mark.parametrize(
    "step",
    [
        "npx drizzle-kit push --config drizzle.p.config.ts",
        f"DATABASE_URL={REMOTE} npx drizzle-kit push",
        f"npx drizzle-kit push --dialect postgresql --schema x.ts --url {REMOTE}",
    ],
)
def test_a_user_called_as_a_machine_is_none(a_repo: GitRepository, step: str) -> None:
    config = f'export default {{ dialect: "postgresql", out: "./drizzle", dbCredentials: {{ url: "{REMOTE}" }} }};'
    a_project(a_repo, {"drizzle.p.config.ts": config})
    a_repo.commit({DEPLOY: workflow(step)})
    assert len(found(a_repo, "MC601")) == 1


def test_an_address_costs_in_proportion_to_its_length() -> None:
    assert growth(lambda size: is_local_url("postgres://" + "${" * size), 5_000) < LINEAR
    assert growth(lambda size: is_local_url("postgres://" + "a@" * size), 20_000) < LINEAR
    assert growth(lambda size: is_local_url("postgres://localhost," * size), 5_000) < LINEAR
