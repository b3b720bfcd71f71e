"""Compose files that are not for production: what starts them, and whose database they go to."""

import pytest

from migcheck.scripts.images.compose import Composes
from migcheck.scripts.images.compose_calls import ComposeCall
from migcheck.scripts.scripts import Scripts
from tests.project.test_commands import calls
from tests.project.test_reach import reached
from tests.support.composes import read_compose
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

FILE = "docker-compose.yml"
PUSH = "services:\n  db-push:\n    command: npx drizzle-kit push\n"
SAID = "`npx drizzle-kit push` changes the database past the migrations"
SERVED = "  db: {image: 'postgres:17'}\n"


def compose(environment: str = "", more: str = "") -> str:
    """A compose file with a service that pushes."""
    return f"{PUSH}    environment: {{{environment}}}\n{more}"


def test_what_ci_starts_of_a_compose_file_is_an_error_and_the_rest_warns(a_repo: GitRepository) -> None:
    a_project(a_repo, {FILE: PUSH})
    assert project_findings(a_repo) == [f"MC601 warning {FILE}:3 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("docker compose run --rm db-push")})
    way = f"{DEPLOY}:6: docker compose run --rm db-push\n{FILE}:3: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error {FILE}:3 {SAID}, and CI runs it, from {DEPLOY}:6 | {way}"]


@pytest.mark.parametrize(
    "content",
    [
        compose("DATABASE_URL: 'postgres://u:p@localhost:5432/x'"),
        compose("DATABASE_URL: 'postgres://u:${P}@db:5432/x'"),
        compose("DATABASE_URL: '${DATABASE_URL:-postgres://u:p@store/x}'", SERVED),
        compose("DATABASE_URL: 'postgres://u:p@store/x'", SERVED),
        compose("", SERVED),
        PUSH + SERVED,
        f"{PUSH}    environment: ['DATABASE_URL=postgres://u:p@db:5432/x']\n",
    ],
)
def test_a_push_into_a_container_beside_it_is_nobodys_business(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo, {FILE: content})
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: workflow("docker compose run db-push")})
    told = f"{SAID}: CI does so to a database of its own, which then is not what a deploy makes"
    assert [each.partition(" |")[0] for each in project_findings(a_repo)] == [f"MC601 warning {FILE}:3 {told}"]


@pytest.mark.parametrize(
    "content",
    [
        compose("DATABASE_URL: '${DATABASE_URL}'", SERVED),
        compose("DATABASE_URL: 'postgres://u:p@db.example.org/x'", SERVED),
        compose("DATABASE_URL: '${DATABASE_URL:-postgres://u:p@db.example.org/x}'", SERVED),
        compose("PORT: '5432'"),
        compose("", "  cache: {image: redis}\n"),
    ],
)
def test_a_push_to_a_database_elsewhere_is_told(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo, {FILE: content})
    assert project_findings(a_repo) == [f"MC601 warning {FILE}:3 {SAID}, when somebody runs it"]


SEVERAL = b"""\
services:
  app: {command: a, depends_on: [job]}
  job: {entrypoint: [b, c], depends_on: {base: {condition: service_healthy}}}
  base: &base {command: d}
  extra: {profiles: [x], command: e}
  merged: {<<: *base, command: []}
  image: {image: node}
"""


@pytest.mark.parametrize(
    ("call", "run"),
    [
        (ComposeCall(), ["a", "b c", "d"]),
        (ComposeCall(("job",)), ["b c", "d"]),
        (ComposeCall(("job",), instead=True), ["d"]),
        (ComposeCall(("extra",)), ["e"]),
        (ComposeCall(("none",)), []),
        (ComposeCall(files=("compose.yml", "more.yml")), ["b c", "d", "f"]),
        (ComposeCall(files=("$X",)), []),
    ],
)
def test_what_is_started_is_what_is_asked_for_and_what_that_needs(call: ComposeCall, run: list[str]) -> None:
    more = {"compose.yml": SEVERAL, "more.yml": b"services: {app: {command: f}}"}
    composes = Composes(more, tuple(more))
    assert sorted(each.text for each in composes.asked(call, ".")) == run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker compose up -d", ComposeCall()),
        ("sudo docker-compose -f a.yml --file=b.yml up app --scale app=2", ComposeCall(("app",), ("a.yml", "b.yml"))),
        ("docker compose -p up up -d app", ComposeCall(("app",))),
        ("docker compose -p run run app npm test", ComposeCall(("app",), instead=True)),
        ("docker compose -p x --profile tools run --rm -e A=b app", ComposeCall(("app",))),
        ("docker compose run app npm test", ComposeCall(("app",), instead=True)),
        ("podman compose restart app", ComposeCall(("app",))),
        ("docker stack deploy -c a.yml -c b.yml app", ComposeCall(files=("a.yml", "b.yml"))),
    ],
)
def test_compose_is_asked(text: str, expected: ComposeCall) -> None:
    assert expected in calls(text)


@pytest.mark.parametrize(
    "text", ["docker compose build", "docker compose exec app a", "docker run app", "docker stack rm x"]
)
def test_what_starts_nothing_asks_for_nothing(text: str) -> None:
    assert [each for each in calls(text) if isinstance(each, ComposeCall)] == []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("docker compose run db-push", "compose.yaml"),
        ("cd a/b && docker compose run db-push", "compose.yml"),
        ("docker compose -f deploy/compose.app.yml run db-push", "deploy/compose.app.yml"),
        ("docker stack deploy --compose-file deploy/docker-compose.swarm.yml app", "deploy/docker-compose.swarm.yml"),
        ("docker compose run db-push", "docker-compose.override.yml"),
    ],
)
def test_the_compose_file_at_hand_or_named_is_taken(command: str, path: str) -> None:
    assert reached({"docker-compose.yml": "services: {}", path: PUSH, DEPLOY: workflow(command)}) is not None


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("docker compose run db-push", "a/compose.yml"),
        ("docker compose run db-push", "docker-compose.dev.yml"),
        ("docker compose run other", "compose.yml"),
        ("ssh host 'cd /srv/app && docker compose run db-push'", "compose.yml"),
        ("docker compose build", "compose.yml"),
        ("docker compose -f other.yml run db-push", "compose.yml"),
        ("docker compose run --entrypoint sh db-push", "compose.yml"),
        ("COMPOSE_FILE=deploy/compose.yml docker compose run db-push", "compose.yml"),
    ],
)
def test_no_other_compose_file_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is None


def test_a_service_is_run_where_its_image_is_built_from() -> None:
    content = b"services: {a: {build: ../api, command: x}, b: {build: {context: ./none}, command: y}, c: {command: z}}"
    assert [each.directory for each in read_compose("docker/compose.yml", content, {".", "api"})] == ["api", ".", "."]


@pytest.mark.parametrize("content", ["", "{", "services: []", "services: {a: []}", "services: {a: {command: {}}}"])
def test_a_compose_file_that_cannot_be_read_runs_nothing(content: str) -> None:
    assert Scripts({FILE: content.encode()}).runs == ()


@pytest.mark.parametrize(
    "part",
    ["a: {command: x, depends_on: [a, b]}, ", "'a': {environment: ['B=c']}, ", "a: {entrypoint: [b, c], command: d}, "],
)
def test_a_compose_file_that_is_made_to_hurt_takes_no_longer_than_its_size(part: str) -> None:
    composes = Composes({FILE: f"services: {{{part * 100}}}".encode()}, (FILE,))
    assert list(composes.asked(ComposeCall(files=(FILE,) * 100), ".")) is not None
    assert growth(lambda size: read_compose(FILE, f"services: {{{part * size}}}".encode(), ()), 30) < LINEAR


@pytest.mark.parametrize(
    ("told", "run"),
    [
        ("entrypoint: [npx, drizzle-kit], command: [push]", ["npx drizzle-kit push"]),
        ("entrypoint: npx drizzle-kit, command: push --force", ["npx drizzle-kit push --force"]),
        ("entrypoint: [sh, -c], command: ['a && b']", ["sh -c 'a && b'"]),
        ("entrypoint: [bash, -euc], command: ['a']", ["bash -euc a"]),
        ("entrypoint: [], command: a", ["a"]),
        ("entrypoint: a, command: []", ["a"]),
        ("entrypoint: /docker-entrypoint.sh, command: a", ["/docker-entrypoint.sh", "a"]),
        ("entrypoint: [tini, --, ./x.bash], command: a", ["tini -- ./x.bash", "a"]),
        ("entrypoint: [sh, -c, 'm && exec \"$@\"'], command: a", ["sh -c 'm && exec \"$@\"'", "a"]),
        ("entrypoint: [sh, /start], command: a", ["sh /start", "a"]),
        ("entrypoint: 'a \"', command: b", ['a " b']),
    ],
)
def test_a_command_stands_behind_its_entrypoint(told: str, run: list[str]) -> None:
    assert [each.text for each in read_compose(FILE, f"services: {{a: {{{told}}}}}".encode(), ())] == run


def test_a_push_in_an_entrypoint_and_its_command_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo, {FILE: "services:\n  a:\n    entrypoint: [npx, drizzle-kit]\n    command: [push]\n"})
    assert project_findings(a_repo) == [f"MC601 warning {FILE}:4 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("docker compose run --rm a")})
    way = f"{DEPLOY}:6: docker compose run --rm a\n{FILE}:4: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error {FILE}:4 {SAID}, and CI runs it, from {DEPLOY}:6 | {way}"]


def test_an_entrypoint_of_one_long_word_takes_no_longer_than_its_size() -> None:
    def read(size: int) -> object:
        return read_compose(FILE, f"services: {{a: {{entrypoint: {'b' * size}, command: c}}}}".encode(), ())

    assert growth(read, 20_000) < LINEAR


@pytest.mark.parametrize("call", ["docker compose up db-push", "docker compose up", "docker compose run db-push"])
@pytest.mark.parametrize(
    ("database", "weight"),
    [
        ("", "error"),
        ("  cache:\n    image: redis\n", "error"),
        ("  x:\n    image: postgres:17\n", "warning"),
        ("  db:\n    build: ./db\n", "warning"),
        ("  pg:\n    image: $IMAGE\n", "warning"),
        ("  feedback:\n    build: .\n", "error"),
        ("  db:\n    image: mysql\n", "error"),
    ],
)
def test_what_compose_starts_has_a_database_of_its_own_where_its_files_have_one(
    a_repo: GitRepository, call: str, database: str, weight: str
) -> None:
    a_project(a_repo)
    a_repo.commit({FILE: f"{PUSH}{database}", DEPLOY: workflow(call)})
    assert [each.split()[1] for each in project_findings(a_repo)] == [weight]


@pytest.mark.parametrize(
    "reader",
    [
        {DEPLOY: "on: push\njobs: {a: {steps: [{run: docker compose up -d}, {run: npx drizzle-kit push}]}}"},
        {".gitlab-ci.yml": "a: {script: [docker compose up -d, npx drizzle-kit push]}"},
        {"azure-pipelines.yml": "steps: [{bash: docker compose up -d}, {bash: npx drizzle-kit push}]"},
    ],
)
def test_a_job_that_starts_compose_has_a_database_where_a_compose_file_has_one(
    a_repo: GitRepository, reader: dict[str, str]
) -> None:
    a_project(a_repo)
    for file, weight in (("cache: {image: redis}", "error"), ("db: {image: postgis}", "warning")):
        a_repo.stage({**reader, "compose.yml": f"services: {{{file}}}"})
        assert [each.split()[1] for each in project_findings(a_repo, staged=True)] == [weight]


@pytest.mark.parametrize(
    "beside",
    [
        {"compose.override.yml": "services: {db: {image: postgres}}"},
        {"compose.db.yml": "services: {pg: {build: .}}"},
        {FILE: f"include: [db.yml]\n{PUSH}"},
        {FILE: f"{PUSH}    extends: {{file: base.yml, service: app}}\n"},
    ],
)
def test_what_may_lie_over_a_file_or_is_taken_in_may_have_the_database(
    a_repo: GitRepository, beside: dict[str, str]
) -> None:
    a_project(a_repo)
    a_repo.commit({FILE: PUSH, DEPLOY: workflow("docker compose up -d"), **beside})
    assert [each.split()[1] for each in project_findings(a_repo)] == ["warning"]


@pytest.mark.parametrize(
    ("over", "is_started"),
    [
        ("command: node server.js", False),
        ("entrypoint: node server.js", False),
        ("profiles: [off]", False),
        ("ports: ['80:80']", True),
        ("environment: {NODE_ENV: production}", True),
    ],
)
@pytest.mark.parametrize(
    ("call", "later"),
    [
        ("docker compose up -d", "docker-compose.override.yml"),
        (f"docker compose -f {FILE} -f docker-compose.eu.yml up -d", "docker-compose.eu.yml"),
        (f"docker stack deploy -c {FILE} -c docker-compose.eu.yml app", "docker-compose.eu.yml"),
    ],
)
def test_what_a_later_file_gives_other_words_or_a_profile_is_not_started(
    call: str, later: str, over: str, *, is_started: bool
) -> None:
    files = {FILE: PUSH, later: f"services:\n  db-push:\n    {over}\n", DEPLOY: workflow(call)}
    assert (reached(files) is not None) == is_started


def test_where_no_compose_file_is_there_what_is_started_is_taken_for_a_database(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("docker compose up -d", "npx drizzle-kit push")})
    assert [each.split()[1] for each in project_findings(a_repo)] == ["warning"]
