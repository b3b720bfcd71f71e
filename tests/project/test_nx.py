"""What Nx runs of a project's targets, and before them, by project.json, package.json and nx.json."""

import json
from collections.abc import Mapping

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.reach import Reached
from migcheck.scripts.scripts import Scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

DB = "libs/db/project.json"
WEB = "apps/web/project.json"
PUSH = {"command": "drizzle-kit push"}
COMMANDS = {"executor": "nx:run-commands", "options": {"commands": ["echo", {"command": "drizzle-kit push"}]}}


def project(name: str | None = None, implicit: tuple[str, ...] = (), **targets: object) -> str:
    """A project.json; in a target's name `__` stands for `:`."""
    named = {key.replace("__", ":"): each for key, each in targets.items()}
    said = {} if name is None else {"name": name}
    return json.dumps({**said, "implicitDependencies": implicit, "tags": ["scope:db"], "targets": named}, indent=2)


def steps(files: Mapping[str, str]) -> list[str] | None:
    """The way to a push among `files`; None where none is reached."""
    found = Scripts({path: content.encode() for path, content in files.items()}, "drizzle")
    pushes = [each for each in found.runs if isinstance(each.call, Push)]
    ways: list[Reached] = [way for each in pushes if (way := found.reach(each)) is not None]
    return [str(each) for each in ways[0].steps] if ways else None


def workspace(command: str, files: Mapping[str, str]) -> dict[str, str]:
    return {"nx.json": "{}", "package.json": package(), DEPLOY: workflow(command), **files}


@pytest.mark.parametrize(
    ("command", "runs_it"),
    [
        ("npx nx run db:migrate", True),
        ("nx run db:migrate:production", True),
        ("pnpm nx migrate db", True),
        ("nx run-many -t build migrate", True),
        ("nx run-many --target=migrate --projects=web,db", True),
        ("nx run-many -t migrate -p libs/db", True),
        ("nx run-many -t migrate -p 'd*'", True),
        ("nx run-many -t migrate -p tag:scope:*", False),
        ("nx affected -t migrate", True),
        ("nx run-many -t migrate -p '!web'", True),
        ("nx run-many -t migrate -p '!db'", False),
        ("cd libs/db && nx migrate-all && nx run db:migrate", True),
        ("nx run-many -t migrate -p web", False),
        ("nx run-many -t migrate --exclude db", False),
        ("nx run-many -t build", False),
        ("nx run web:migrate", False),
        ("nx run db:migrate --graph", False),
        ("nx migrate latest", False),
    ],
)
def test_a_target_is_run_with_the_projects_that_are_chosen(command: str, *, runs_it: bool) -> None:
    files = {DB: project("db", migrate=PUSH), WEB: project("web", build={"command": "x"}).replace("scope:db", "x")}
    assert (steps(workspace(command, files)) is not None) == runs_it


@pytest.mark.parametrize(
    "target",
    [
        PUSH,
        COMMANDS,
        {"executor": "@nrwl/workspace:run-commands", "options": {"command": "drizzle-kit push"}},
        {"options": {"command": "drizzle-kit push"}},
        {"options": {"commands": "drizzle-kit push"}},
    ],
)
def test_what_a_target_runs_is_read(target: object) -> None:
    scripts = package(name="@acme/db", other="drizzle-kit push")
    files = {DB: project("db", migrate=target), "libs/db/package.json": scripts}
    assert steps(workspace("nx run db:migrate", files)) is not None
    assert steps(workspace("nx run db:migrate", {"libs/db/package.json": scripts, DB: "{}"})) is None


@pytest.mark.parametrize(
    "target",
    [
        {**COMMANDS, "configurations": {"production": {"command": "x"}}},
        {**PUSH, "configurations": {"production": {"commands": ["x"]}}},
        {"executor": "@nx/js:tsc", "options": {"command": "drizzle-kit push"}},
        {"executor": "nx:run-script", "options": {"script": "push"}},
    ],
)
def test_what_another_may_run_in_its_place_accuses_nobody(target: object) -> None:
    scripts = {"libs/db/package.json": package(migrate="drizzle-kit push")}
    assert steps(workspace("nx run db:migrate:production", {DB: project("db", migrate=target), **scripts})) is None


def test_one_that_nobody_asks_for_is_read(a_repo: GitRepository) -> None:
    a_project(a_repo, {"nx.json": "{}"}).stage({DB: project("db", migrate=COMMANDS)})
    assert [each.split()[:3] for each in project_findings(a_repo, staged=True)] == [["MC601", "warning", f"{DB}:14"]]


def test_the_way_there_names_the_line_of_the_command() -> None:
    files = {DB: project("db", a={"command": "x"}, db__push=COMMANDS)}
    way = steps(workspace("nx run db:db:push", files))
    assert way == [f"{DEPLOY}:6: nx run db:db:push", f"{DB}:17: drizzle-kit push"]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({}, "."),
        ({"cwd": "libs/db"}, "libs/db"),
        ({"cwd": "{projectRoot}"}, "libs/db"),
        ({"cwd": "{workspaceRoot}/libs/db"}, "libs/db"),
        ({"cwd": "$HOME"}, None),
    ],
)
def test_a_command_is_run_at_the_root_or_where_it_says(options: Mapping[str, str], place: str | None) -> None:
    target = {"executor": "nx:run-commands", "options": {"command": "drizzle-kit push", **options}}
    files = workspace("nx migrate db", {DB: project("db", migrate=target)})
    found = Scripts({path: content.encode() for path, content in files.items()}, "drizzle")
    assert {each.directory for each in found.runs if isinstance(each.call, Push)} == {place}


def test_the_scripts_of_a_package_are_targets_unless_its_project_says_otherwise() -> None:
    files = {"libs/db/package.json": package(name="@acme/db", push="drizzle-kit push")}
    assert steps(workspace("nx push db", files)) is not None
    assert steps(workspace("nx run-many -t push", files)) is not None
    assert steps(workspace("nx push db", {**files, DB: project(push={"dependsOn": ["x"]})})) is not None
    assert steps(workspace("nx push db", {**files, DB: project(push={"command": "x"})})) is None


def test_what_goes_before_a_target_is_not_read() -> None:
    both = {DB: project("db", push=PUSH), WEB: project("web", ("db",), build={"dependsOn": ["^push", "db:push"]})}
    assert steps(workspace("nx build web", both)) is None


def test_without_an_nx_json_a_project_json_is_of_something_else() -> None:
    files = workspace("nx run db:migrate", {DB: project("db", migrate=PUSH)})
    del files["nx.json"]
    assert steps(files) is None


def test_an_address_that_a_target_gives_its_command_counts(a_repo: GitRepository) -> None:
    local = {**PUSH, "options": {"env": {"DATABASE_URL": "postgres://localhost/x"}}}
    a_project(a_repo, {"nx.json": "{}", "package.json": package(), "project.json": project("app", push=PUSH)})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning project.json:9"]
    a_repo.commit({DEPLOY: workflow("npx nx push app")})
    said = f"`drizzle-kit push` changes the database past the migrations, and CI runs it, from {DEPLOY}:6"
    way = f"{DEPLOY}:6: npx nx push app\nproject.json:9: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error project.json:9 {said} | {way}"]
    a_repo.commit({"project.json": project("app", push=local)})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize("used", [True, False])
def test_a_project_json_that_cannot_be_read_is_told_where_it_is_of_nx(*, used: bool) -> None:
    files = {DB: b"{", "package.json": package(push="drizzle-kit push").encode()}
    found = Scripts({**files, "nx.json": b"{}"} if used else files, "drizzle")
    assert found.runs
    assert list(found.unread) == ([f"{DB} (cannot be parsed)"] if used else [])


def test_files_that_are_made_to_hurt_take_no_longer_than_their_size() -> None:
    targets: dict[str, Mapping[str, str]] = {f"t{each}": {"command": "x"} for each in range(20)}

    def read(size: int) -> object:
        files = {f"p{each}/project.json": project(f"p{each}", (), **targets) for each in range(size)}
        return steps(workspace("nx run-many -t t1", files))

    assert growth(read, 10) < LINEAR
