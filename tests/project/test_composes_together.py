"""Compose files over each other, what they include, what services extend, and what `run` puts behind an entrypoint."""

import pytest

from migcheck.scripts.calls import FileCall, Push
from migcheck.scripts.images.compose import Composes
from migcheck.scripts.images.compose_calls import ComposeCall
from migcheck.scripts.included import lacking
from tests.project.test_commands import calls
from tests.project.test_reach import reached, scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

SAID = "`npx drizzle-kit push` changes the database past the migrations"
ENTRY = "services:\n  a:\n    entrypoint: [npx, drizzle-kit]\n"
COMMAND = "services:\n  a:\n    command: [push]\n"
PUSH = "services:\n  a:\n    command: npx drizzle-kit push\n"
SERVED = "services: {db: {image: 'postgres:17'}}\n"
UP = "docker compose up -d"


def run(files: dict[str, str], call: ComposeCall) -> list[str]:
    """What Compose runs for `call`, made at the top."""
    composes = Composes({path: content.encode() for path, content in files.items()}, tuple(files))
    return sorted(each.text for each in composes.asked(call, "."))


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ("entrypoint: [npx, drizzle-kit]", "command: [push]", ["npx drizzle-kit push"]),
        ("command: [push]", "entrypoint: npx drizzle-kit", ["npx drizzle-kit push"]),
        ("entrypoint: a, command: b", "command: c", ["a c"]),
        ("entrypoint: a, command: b", "entrypoint: [c]", ["c b"]),
        ("command: b", "image: node", ["b"]),
        ("command: b", "command: []", []),
        ("command: b", "command: null", []),
        ("entrypoint: a, command: b", "entrypoint: !reset null", ["b"]),
        ("entrypoint: a, command: b", "command: !override [c]", ["a c"]),
        ("entrypoint: /x.sh, command: b", "command: c", ["/x.sh", "c"]),
    ],
)
def test_of_each_key_what_lies_above_counts(below: str, above: str, expected: list[str]) -> None:
    files = {"a.yml": f"services: {{a: {{{below}}}}}", "b.yml": f"services: {{a: {{{above}}}}}"}
    assert run(files, ComposeCall(files=("a.yml", "b.yml"))) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.yml": "services: {a: {extends: b}, b: {command: c, profiles: [x]}}"}, []),
        ({"a.yml": "services: {a: {extends: {service: b}, command: d}, b: {command: c}}"}, ["c", "d"]),
        (
            {
                "a.yml": "services: {a: {extends: {file: x/b.yml, service: b}, command: d}}",
                "x/b.yml": "services: {b: {extends: {file: ../c.yml, service: c}}}",
                "c.yml": "services: {c: {entrypoint: e}, d: {command: f}}",
            },
            ["e d"],
        ),
        ({"a.yml": "services: {a: {extends: {file: ../b.yml, service: a}}}", "b.yml": COMMAND}, []),
        ({"a.yml": "services: {a: {extends: {file: $X, service: a}, command: b}}"}, ["b"]),
        ({"a.yml": "services: {a: {extends: b, command: c}, b: {extends: a}}"}, ["c", "c"]),
        ({"a.yml": "include: [b.yml]\nservices: {a: {extends: b, command: d}}", "b.yml": ENTRY.replace("a:", "b:")}, 2),
        ({"a.yml": "services: {a: {extends: {file: b.yml, service: x}}}", "b.yml": "include: [c.yml]"}, []),
    ],
)
def test_a_service_is_what_it_extends_and_what_it_says_itself(files: dict[str, str], expected: list[str] | int) -> None:
    found = run(files, ComposeCall(files=("a.yml",)))
    assert (len(found) if isinstance(expected, int) else found) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("include: [x/b.yml]", ["b"]),
        ("include: x/b.yml", ["b"]),
        ("include: [{path: x/b.yml}]", ["b"]),
        ("include: [{path: [x/b.yml, x/c.yml]}]", ["c"]),
        ("include: [x/c.yml, x/b.yml]", ["c"]),
        ("include: [x/b.yml]\nservices: {b: {command: d}}", ["d"]),
        ("include: [x/b.yml]\nservices: {b: {entrypoint: d}}", ["d b"]),
        ("include: [x/e.yml]", ["b"]),
        ("include: [{path: x/e.yml, project_directory: .}]", []),
        ("include: [x/none.yml, $X, '/x/b.yml', {}, [], 'https://a/b.git']", []),
    ],
)
def test_what_is_included_lies_below_the_file_that_includes_it(told: str, expected: list[str]) -> None:
    files = {
        "a.yml": told,
        "x/b.yml": "services: {b: {command: b}}",
        "x/c.yml": "services: {b: {command: c}}",
        "x/e.yml": "include: [b.yml]",
    }
    assert run(files, ComposeCall(files=("a.yml",))) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": ENTRY, "compose.override.yml": COMMAND, DEPLOY: workflow(UP)},
        {"docker-compose.yml": PUSH, "docker-compose.yaml": "services: {}", DEPLOY: workflow(UP)},
        {"x/compose.yml": ENTRY, "x/compose.override.yaml": COMMAND, DEPLOY: workflow(f"cd x && {UP}")},
        {"a.yml": ENTRY, "b.yml": COMMAND, DEPLOY: workflow("docker compose -f a.yml -f b.yml up a")},
        {"x/compose.yml": ENTRY + "    command: push\n", DEPLOY: workflow("docker compose --project-directory x up")},
        {"compose.yml": f"include: [x/a.yml]\n{COMMAND}", "x/a.yml": ENTRY, DEPLOY: workflow(UP)},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose run --rm -e X=y a push --force")},
        {"compose.yml": f"{ENTRY}    command: x\n", DEPLOY: workflow("docker compose run -T a push")},
        {
            "compose.yml": "services: {a: {}}",
            DEPLOY: workflow("docker compose run --entrypoint 'npx drizzle-kit' a push"),
        },
        {"compose.yml": PUSH, DEPLOY: workflow(UP), "Makefile": "DOCKER_COMPOSE_FILE = compose.yml # COMPOSE_FILE\n"},
        {"x.yml": ENTRY, "b/y.yml": COMMAND, ".env": "COMPOSE_FILE=./x.yml:b/y.yml # X\n", DEPLOY: workflow(UP)},
        {"b/x.yml": PUSH, "b/.env": 'COMPOSE_FILE="x.yml"', "compose.yml": "", DEPLOY: workflow(f"cd b; {UP}")},
        {"x.yml": ENTRY, "y.yml": COMMAND, DEPLOY: workflow(f"export COMPOSE_FILE=x.yml:y.yml\n{UP}")},
        {"x.yml": ENTRY, "y.yml": COMMAND, ".env": "COMPOSE_FILE='x.yml;y.yml'\r\n", DEPLOY: workflow(UP)},
        {"x.yml": ENTRY, "y.yml": COMMAND, DEPLOY: workflow(f"export COMPOSE_FILE='x.yml;y.yml'; {UP}")},
        {"x.yml": PUSH, ".env": "COMPOSE_FILE=z.yml", DEPLOY: workflow(UP, job="    env: {COMPOSE_FILE: x.yml}\n")},
        {DEPLOY: workflow("docker compose run --entrypoint \"/bin/sh -c 'npx drizzle-kit push'\" --rm a")},
    ],
)
def test_ci_comes_to_what_the_files_say_together(files: dict[str, str]) -> None:
    assert reached(files) is not None


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": ENTRY, "compose.override.yml": COMMAND, DEPLOY: workflow("docker compose -f compose.yaml up")},
        {"compose.yaml": ENTRY, "other.override.yml": COMMAND, DEPLOY: workflow(UP)},
        {"a.yml": ENTRY, "b.yml": COMMAND, DEPLOY: workflow("docker compose -f b.yml up")},
        {"compose.yml": PUSH, "b.yml": ENTRY, DEPLOY: workflow(f"COMPOSE_FILE=b.yml {UP}")},
        {"compose.yml": PUSH, ".env": "COMPOSE_FILE=b.yml", "b.yml": ENTRY, DEPLOY: workflow(UP)},
        {"compose.yml": PUSH, ".env": "COMPOSE_FILE=$X", DEPLOY: workflow(UP)},
        {"a.yml": PUSH, "b.yml": PUSH, ".env": "COMPOSE_FILE=a.yml,b.yml\n", DEPLOY: workflow(UP)},
        {"a.yml": PUSH, ".env": "COMPOSE_FILE='a.yml b.yml'", DEPLOY: workflow(UP)},
        {"x.yml": PUSH, ".env": "COMPOSE_FILE=x.yml\nCOMPOSE_FILE=$X\n", DEPLOY: workflow(UP)},
        {"x.yml": PUSH, ".env": "COMPOSE_FILE=x.yml", "a.sh": "export COMPOSE_FILE=$1", DEPLOY: workflow(UP)},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose run a generate")},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose run a")},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose run --entrypoint node a push")},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose run --entrypoint '' a push")},
        {"compose.yml": ENTRY, DEPLOY: workflow("docker compose exec a push")},
    ],
)
def test_ci_comes_to_no_more_than_that(files: dict[str, str]) -> None:
    found = scripts(files)
    assert [each for each in found.runs if isinstance(each.call, Push) and found.reach(each) is not None] == []


def test_a_change_that_puts_a_push_together_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    command = "docker compose run a"
    a_project(a_repo, {"compose.yml": ENTRY, DEPLOY: workflow(command)})
    a_repo.commit(
        {"stack-compose.yml": ENTRY, "b/compose.yml": COMMAND, ".env": "COMPOSE_FILE=stack-compose.yml:b/compose.yml\n"}
    )
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 error b/compose.yml:3"]
    a_repo.commit({"b/compose.yml": None, ".env": None})
    assert project_findings(a_repo) == []
    # What Compose reads there may name other files.
    a_repo.commit({"compose.override.yml": COMMAND, ".env": "COMPOSE_FILE=dev.yml\n"})
    assert [each for each in project_findings(a_repo) if " error " in each] == []
    a_repo.commit({".env": "# COMPOSE_FILE=dev.yml\n"})
    way = f"{DEPLOY}:6: {command}\ncompose.override.yml:3: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error compose.override.yml:3 {SAID}, and CI runs it | {way}"]


def test_a_file_that_only_another_names_is_read(a_repo: GitRepository) -> None:
    includes = "include: [{path: [deploy/jobs.yaml]}]\n"
    jobs = COMMAND.replace("a:\n", "a:\n    extends: {file: base.yaml, service: b}\n")
    a_project(a_repo, {"deploy/jobs.yaml": jobs, "package.json": package()})
    a_repo.commit({"deploy/base.yaml": ENTRY.replace("a:", "b:"), "compose.yml": includes})
    assert project_findings(a_repo) == [f"MC601 warning deploy/jobs.yaml:4 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("docker compose run a")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 error deploy/jobs.yaml:4"]


def test_what_run_puts_behind_an_entrypoint_is_told_where_the_entrypoint_stands(a_repo: GitRepository) -> None:
    a_project(a_repo, {"compose.yml": ENTRY})
    a_repo.commit({DEPLOY: workflow("docker compose run --rm a push")})
    way = f"{DEPLOY}:6: docker compose run --rm a push\ncompose.yml:3: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error compose.yml:3 {SAID}, and CI runs it | {way}"]


@pytest.mark.parametrize("words", ["npx drizzle-kit push", "drizzle-kit push"])
def test_words_that_say_it_by_themselves_are_told_once(a_repo: GitRepository, words: str) -> None:
    a_project(a_repo, {"compose.yml": "services: {a: {entrypoint: [dotenv, --]}}"})
    a_repo.commit({DEPLOY: workflow(f"docker compose run a {words}")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [f"MC601 error {DEPLOY}:6"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"compose.yml": SERVED, "compose.override.yml": PUSH}, UP),
        ({"compose.yml": f"include: [db.yml]\n{PUSH}", "db.yml": SERVED}, UP),
        ({"compose.yml": f"{PUSH}    extends: b\n  b: {{environment: {{DATABASE_URL: 'postgres://db/x'}}}}\n"}, UP),
    ],
)
def test_a_database_of_another_file_goes_with_a_push(
    a_repo: GitRepository, files: dict[str, str], command: str
) -> None:
    a_project(a_repo, files)
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: workflow(command)})
    (found,) = project_findings(a_repo)
    assert "CI does so to a database of its own" in found


def test_a_database_beside_it_counts_where_the_files_are_named_together(a_repo: GitRepository) -> None:
    a_project(a_repo, {"a.compose.yml": SERVED, "b.compose.yml": PUSH})
    assert project_findings(a_repo) == [f"MC601 warning b.compose.yml:3 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("docker compose -f a.compose.yml -f b.compose.yml up")})
    (found,) = project_findings(a_repo)
    assert "CI does so to a database of its own" in found


def test_what_compose_yml_for_production_extends_starts_by_itself(a_repo: GitRepository) -> None:
    a_project(a_repo, {"base.yml": PUSH})
    a_repo.commit({"compose.prod.yml": "services: {a: {extends: {file: base.yml, service: a}}}"})
    (found,) = project_findings(a_repo)
    assert found.startswith(f"MC601 error base.yml:3 {SAID}, and the start runs it")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker compose run --entrypoint=npx a drizzle-kit push", Push()),
        ("docker-compose run --rm --entrypoint 'npx drizzle-kit' a push", Push()),
        ("docker compose run --entrypoint ./push.sh a", FileCall("./push.sh")),
        ("docker compose run a --x y", ComposeCall(("a",), instead=True, words=("--x", "y"))),
        ("docker compose run --entrypoint x a y", ComposeCall(("a",), instead=True)),
        ("docker compose --project-directory x -f a.yml up", ComposeCall(files=("a.yml",), directory="x")),
    ],
)
def test_another_entrypoint_stands_for_the_services(text: str, expected: object) -> None:
    assert [each for each in calls(text) if each == expected] == [expected]


def test_what_is_lacking_is_what_compose_files_take_in() -> None:
    files = {
        "x/compose.yml": b"include: [a.yml]\nservices: {a: {extends: {file: ../b.yml, service: a}}}",
        "b.yml": b"services: {a: {extends: {file: c.yml, service: a}}}",
        "other.yml": b"include: [d.yml]",
    }
    assert lacking(files) == {"x/a.yml", "c.yml"}


@pytest.mark.parametrize(
    "files",
    [
        {"a.yml": f"include: [a.yml, a.yml]\n{PUSH}"},
        {f"{each}.yml": f"include: [{', '.join([f'{each + 1}.yml'] * 40)}]\n{PUSH}" for each in range(9)},
        {"a.yml": "include: &a [{path: *a}]"},
        {"a.yml": "services: {a: {extends: {file: [], service: {}}}, b: {extends: []}}\ninclude: {path: {}}"},
    ],
)
def test_files_that_take_each_other_in_come_to_an_end(files: dict[str, str]) -> None:
    run(files, ComposeCall(files=tuple(files)))
    assert set(lacking({path: content.encode() for path, content in files.items()})) <= {"9.yml"}


@pytest.mark.parametrize(
    "part",
    [
        "a{at}: {{extends: a{below}, command: b}}, ",
        "a{at}: {{extends: a{at}}}, ",
        "a{at}: {{extends: {{file: b.yml, service: b}}}}, ",
        "a{at}: {{environment: {{DB_URL: x}}, build: a, depends_on: [a{below}]}}, ",
    ],
)
def test_services_that_are_made_to_hurt_take_no_longer_than_they_are(part: str) -> None:
    def read(size: int) -> object:
        services = "".join(part.format(at=at, below=at + 1) for at in range(size))
        return run(
            {"a.yml": f"services: {{{services}}}", "b.yml": PUSH}, ComposeCall(files=("a.yml", "a.yml", "b.yml"))
        )

    assert growth(read, 30) < LINEAR


def test_many_calls_take_no_longer_than_they_are() -> None:
    files = {f"{each}.yml": PUSH for each in range(40)} | {"compose.yml": ENTRY}

    def read(size: int) -> object:
        steps = [f"docker compose -f {each}.yml -f compose.yml run a x{each}" for each in range(size)]
        return scripts({**files, DEPLOY: workflow(*steps)}).runs

    assert growth(read, 20) < LINEAR


@pytest.mark.parametrize("name", ["infra/migrate.yml", "infra/compose.yml"])
@pytest.mark.parametrize("place", ["", "app/"])
def test_what_is_included_is_followed_without_a_package_beside_it(a_repo: GitRepository, name: str, place: str) -> None:
    a_project(a_repo)
    a_repo.commit(
        {"drizzle.config.ts": None, f"{place}drizzle.config.ts": CONFIG.replace("./d", "../d" if place else "./d")}
    )
    files = {f"{place}package.json": package()} if place else {}
    included = "services:\n  migrate:\n    image: node\n    command: npx drizzle-kit push\n"
    a_repo.commit(
        {**files, "compose.yml": f"include: [{name}]\n", name: included, DEPLOY: workflow("docker compose run migrate")}
    )
    assert [each.partition(" `")[0] for each in project_findings(a_repo)] == [f"MC601 error {name}:4"]


def test_of_several_configurations_nobody_knows_which_such_a_container_has(a_repo: GitRepository) -> None:
    a_project(a_repo)
    other = CONFIG.replace("./drizzle", "./other")
    included = "services: {migrate: {image: node, command: npx drizzle-kit push}}"
    a_repo.commit(
        {
            "api/drizzle.config.ts": other,
            "compose.yml": "include: [infra/a.yml]\n",
            "infra/a.yml": included,
            DEPLOY: workflow("docker compose run migrate"),
        }
    )
    assert project_findings(a_repo) == []
