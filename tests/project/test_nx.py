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


def defaults(**named: object) -> str:
    return json.dumps({"targetDefaults": {key.replace("__", ":"): each for key, each in named.items()}})


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
        ("nx run-many -t migrate -p tag:scope:*", True),
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
    ("target", "default", "runs_it"),
    [
        ({}, {"executor": "nx:run-commands", "options": {"command": "drizzle-kit push"}}, True),
        ({"options": {"cwd": "x"}}, {"executor": "nx:run-commands", **COMMANDS}, True),
        ({"command": "x"}, COMMANDS, False),
        ({"executor": "nx:run-commands", "options": {"command": "x"}}, {"options": {"cwd": "x"}}, False),
        ({"executor": "@nx/js:tsc"}, COMMANDS, False),
    ],
)
def test_a_target_has_what_the_workspace_says_of_its_name(target: object, default: object, *, runs_it: bool) -> None:
    files = workspace("nx run db:migrate", {DB: project("db", migrate=target), "nx.json": defaults(migrate=default)})
    assert (steps(files) is not None) == runs_it


@pytest.mark.parametrize(
    "target",
    [
        PUSH,
        COMMANDS,
        {"executor": "@nrwl/workspace:run-commands", "options": {"command": "drizzle-kit push"}},
        {"executor": "nx:run-commands", "options": {"command": ["drizzle-kit", "push"]}},
        {"executor": "nx:run-script", "options": {"script": "other"}},
        {"dependsOn": ["other"]},
        {"dependsOn": [{"target": "other"}]},
        {"dependsOn": [{"target": "other", "projects": ["self"]}]},
        {"executor": "@nx/js:tsc", "dependsOn": ["other"]},
        {"dependsOn": ["db:other"]},
        {"dependsOn": [{"target": "other", "projects": "db"}]},
    ],
)
def test_what_a_target_runs_is_read(target: object) -> None:
    scripts = package(name="@acme/db", other="drizzle-kit push")
    files = {DB: project("db", migrate=target), "libs/db/package.json": scripts}
    assert steps(workspace("nx run db:migrate", files)) is not None
    assert steps(workspace("nx run db:migrate", {"libs/db/package.json": scripts, DB: "{}"})) is None


@pytest.mark.parametrize(
    ("command", "runs_it"),
    [
        ("nx run db:migrate:production", True),
        ("nx run db:migrate -c production", True),
        ("nx run db:migrate --configuration=production", True),
        ("nx migrate db --configuration production", True),
        ("nx run-many -t build migrate -c production", True),
        ("nx run db:migrate", False),
        ("nx run db:migrate:staging", False),
        ("nx run db:migrate -c staging", False),
        ("nx run db:migrate -c other", False),
    ],
)
@pytest.mark.parametrize("options", [{"command": "echo"}, {"commands": ["echo"]}, {}])
def test_a_configuration_has_commands_of_its_own(command: str, options: object, *, runs_it: bool) -> None:
    several = {"production": {**PUSH, "cwd": "libs/db"}, "staging": {"cwd": "libs/db"}}
    target = {"executor": "nx:run-commands", "options": options, "configurations": several}
    assert (steps(workspace(command, {DB: project("db", migrate=target)})) is not None) == runs_it


def test_one_that_nobody_asks_for_is_read(a_repo: GitRepository) -> None:
    several = {"configurations": {"production": PUSH}, "executor": "nx:run-commands"}
    a_project(a_repo, {"nx.json": "{}"}).stage({DB: project("db", migrate=several)})
    assert [each.split()[:3] for each in project_findings(a_repo, staged=True)] == [["MC601", "warning", f"{DB}:11"]]


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


MIGRATE = {"command": "npm run push", "options": {"cwd": "{projectRoot}"}}


def test_the_targets_of_a_package_are_its_scripts_and_what_it_tells_nx() -> None:
    manifest = {"name": "@acme/db", "scripts": {"push": "drizzle-kit push"}}
    told = {**manifest, "nx": {"targets": {"migrate": MIGRATE}, "includedScripts": []}}
    files = {"libs/db/package.json": json.dumps(told)}
    assert steps(workspace("nx run @acme/db:migrate", files)) is not None
    assert steps(workspace("nx push db", files)) is None
    assert steps(workspace("nx push db", {"libs/db/package.json": json.dumps(manifest)})) is not None
    assert steps(workspace("nx run-many -t push", {"libs/db/package.json": json.dumps(manifest)})) is not None


MEMBERS = {
    "package.json": json.dumps({"workspaces": ["libs/*", "apps/*"]}),
    "libs/db/package.json": json.dumps({"name": "@acme/db"}),
    "apps/web/package.json": json.dumps({"name": "web", "dependencies": {"@acme/db": "*"}}),
}


def web(*implicit: str, other: object = None, **build: object) -> dict[str, str]:
    """A project that depends on others, by its file; its `build` is a compiler's."""
    targets = {"build": {"executor": "@nx/js:tsc", **build}, "other": other or {}}
    return {WEB: project("web", implicit, **targets)}


@pytest.mark.parametrize(
    ("files", "runs_it"),
    [
        (web("db", dependsOn=["^push"]), True),
        (web(dependsOn=["^push"]), False),
        ({**web("db"), "nx.json": defaults(build={"dependsOn": ["^push"]})}, True),
        ({**web("db"), "nx.json": "// x\n" + defaults(build={"dependsOn": ["^push"]}).replace("]}", "],}")}, True),
        ({**web("db"), "nx.json": defaults(**{"@nx/js:tsc": {"dependsOn": ["^push"]}})}, True),
        ({**web("db", dependsOn=[]), "nx.json": defaults(build={"dependsOn": ["^push"]})}, False),
        (web("db", dependsOn=[{"target": "push", "dependencies": True}]), True),
        (web("db", dependsOn=[{"target": "push", "projects": "dependencies"}]), True),
        ({**web("mid", dependsOn=["^push"]), "libs/mid/project.json": project("mid", ("db",))}, True),
        ({**web(dependsOn=["^push"]), **MEMBERS}, True),
        (web(dependsOn=["db:push"]), True),
        (web(dependsOn=["push"]), False),
        (web(dependsOn=["other"], other={"dependsOn": ["db:push"]}), True),
    ],
)
def test_what_goes_before_a_target_is_run(files: Mapping[str, str], *, runs_it: bool) -> None:
    both = {DB: project("db", push=PUSH), **files}
    assert (steps(workspace("nx build web", both)) is not None) == runs_it
    assert steps(workspace("nx build web --exclude-task-dependencies", both)) is None


def test_without_an_nx_json_a_project_json_is_of_something_else() -> None:
    files = workspace("nx run db:migrate", {DB: project("db", migrate=PUSH)})
    del files["nx.json"]
    assert steps(files) is None


def test_an_address_that_a_target_gives_its_command_counts(a_repo: GitRepository) -> None:
    local = {**PUSH, "options": {"env": {"DATABASE_URL": "postgres://localhost/x"}}}
    a_project(a_repo, {"nx.json": "{}", "package.json": package(), "project.json": project("app", push=PUSH)})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning project.json:9"]
    a_repo.commit({DEPLOY: workflow("npx nx push app")})
    said = "`drizzle-kit push` changes the database past the migrations, and CI runs it"
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
    targets = {f"t{each}": {"command": "x", "dependsOn": [f"^t{to}" for to in range(20)]} for each in range(20)}

    def read(size: int) -> object:
        names = tuple(f"p{each}" for each in range(size))
        files = {f"{name}/project.json": project(name, names[:9], **targets) for name in names}
        return steps(workspace("nx run-many -t t1", files))

    assert growth(read, 10) < LINEAR
