"""What a turbo.json has go before a task is run wherever turbo runs that one."""

import json
from collections.abc import Mapping

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.reach import Reached
from migcheck.scripts.scripts import Scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

DB = "packages/db/package.json"
WEB = "apps/web/package.json"
WORKSPACE = {"pnpm-workspace.yaml": "packages:\n  - apps/*\n  - 'packages/**' # x\n  - '!**/old'\n"}
PUSH = package(name="@acme/db", db__push="drizzle-kit push")


def depending(**versions: str) -> str:
    """The package.json of an application that depends on packages, `__` for `@acme/`."""
    named = {each.replace("__", "@acme/"): version for each, version in versions.items()}
    return json.dumps({"name": "web", "scripts": {"build": "next build"}, "dependencies": named})


def tasks(named: Mapping[str, list[str] | None], key: str = "tasks") -> str:
    """A turbo.json; None is a task without `dependsOn`."""
    return json.dumps({key: {name: {} if each is None else {"dependsOn": each} for name, each in named.items()}})


def reached(files: Mapping[str, str]) -> Reached | None:
    """How the only push among `files` is reached; of two the first."""
    found = Scripts({path: content.encode() for path, content in files.items()}, "drizzle")
    pushes = [each for each in found.runs if isinstance(each.call, Push)]
    return next((way for each in pushes if (way := found.reach(each)) is not None), None)


def monorepo(turbo: str, command: str = "turbo build") -> dict[str, str]:
    """A workspace of `web`, which depends on `@acme/db`, whose script `db:push` pushes; CI runs `command`."""
    web = depending(__db="workspace:*")
    return {**WORKSPACE, "package.json": package(), DB: PUSH, WEB: web, "turbo.json": turbo, DEPLOY: workflow(command)}


@pytest.mark.parametrize("key", ["tasks", "pipeline"])
@pytest.mark.parametrize(
    "named",
    [
        {"build": ["db:push"], "db:push": None},
        {"build": ["^build", "@acme/db#db:push"], "@acme/db#db:push": None},
        {"build": ["@acme/db#db:push"], "db:push": None},
        {"build": ["^db:push"], "db:push": []},
        {"build": ["generate"], "generate": ["^generate", "db:push"], "db:push": None},
        {"build": ["^build"], "@acme/db#build": ["db:push"], "db:push": None},
    ],
)
def test_what_goes_before_a_task_is_run(named: dict[str, list[str] | None], key: str) -> None:
    way = reached(monorepo(tasks(named, key)))
    assert way is not None
    assert [str(each) for each in way.steps] == [f"{DEPLOY}:6: turbo build", f"{DB}:4: drizzle-kit push"]


@pytest.mark.parametrize(
    "named",
    [
        {"build": ["^build"], "db:push": None},
        {"build": ["^build"], "db:push": ["build"]},
        {"build": ["db:push"]},
        {"build": ["@acme/db#db:push"]},
        {"build": ["web#db:push"], "db:push": None},
        {"build": ["^db:push"]},
        {"build": ["//#db:push"], "//#db:push": None, "db:push": None},
        {"web#build": ["db:push"], "db:push": None},
        {"build": ["$db:push"], "db:push": None},
        {"dev": ["db:push"], "db:push": None},
        {"build": ["db:push"], "@acme/db#build": [], "db:push": None},
    ],
)
def test_what_does_not_go_before_it_is_not(named: dict[str, list[str] | None]) -> None:
    assert reached(monorepo(tasks(named))) is None


BEFORE = tasks({"build": ["db:push"], "db:push": None})


@pytest.mark.parametrize(
    ("command", "runs_it"),
    [
        ("pnpm turbo run build test", True),
        ("npx turbo@2 build --filter=@acme/db", True),
        ("turbo run @acme/db#build", True),
        ("turbo run build --filter=web", False),
        ("turbo run web#build", False),
        ("turbo build --only", False),
        ("turbo build --dry=json", False),
        ("turbo build --dry-run", False),
        ("turbo build --graph", False),
        ("turbo test -- build", False),
        ("turbo build --filter=$APP", False),
        ("cd packages/db && turbo build", True),
        ("cd apps/web && turbo build", False),
        ("cd /app && turbo build", True),
        ("pnpm -r build", False),
    ],
)
def test_it_is_run_with_the_packages_that_are_chosen(command: str, *, runs_it: bool) -> None:
    assert (reached(monorepo(BEFORE, command)) is not None) == runs_it


@pytest.mark.parametrize(("command", "runs_it"), [("turbo build --filter=@acme/db...", True), ("turbo dev", False)])
def test_an_image_is_built_from_the_root_of_the_workspace(command: str, *, runs_it: bool) -> None:
    image = {"Dockerfile": f"WORKDIR /app\nCOPY . .\nRUN pnpm {command}", DEPLOY: ""}
    assert (reached({**monorepo(BEFORE), **image}) is not None) == runs_it


@pytest.mark.parametrize(
    ("version", "there", "runs_it"),
    [
        ("workspace:*", "", True),
        ("*", "", True),
        ("file:../../packages/db", "", True),
        ("^1.2.0", "1.2.0", False),
        ("^1.2.0", "", False),
        ("npm:@other/db@1", "", False),
    ],
)
def test_a_package_depends_on_what_its_workspace_has(version: str, there: str, *, runs_it: bool) -> None:
    db = json.dumps({"name": "@acme/db", "version": there, "scripts": {"db:push": "drizzle-kit push"}})
    files = monorepo(tasks({"build": ["^db:push"], "db:push": None}), "turbo build --filter=web")
    assert (reached({**files, DB: db, WEB: depending(__db=version)}) is not None) == runs_it


def test_a_package_that_another_only_goes_beside_is_none_that_it_depends_on() -> None:
    files = monorepo(tasks({"build": ["^db:push"], "db:push": None}), "turbo build --filter=web")
    assert reached({**files, WEB: files[WEB].replace("dependencies", "peerDependencies")}) is None


def own(**named: object) -> str:
    """The turbo.json of a package."""
    return json.dumps({"extends": ["//"], "tasks": {name.replace("__", ":"): each for name, each in named.items()}})


@pytest.mark.parametrize(
    ("root", "told", "runs_it"),
    [
        (tasks({"build": None}), own(build={"dependsOn": ["db:push"]}, db__push={}), True),
        (BEFORE, own(build={"outputs": []}), True),
        (BEFORE, own(build={"dependsOn": ["^build"]}), False),
        (BEFORE, own(build={"dependsOn": []}), False),
        (BEFORE, own(build={"extends": False}), False),
        (BEFORE, own(build={"extends": True, "outputs": []}), True),
        (BEFORE, own(build={"dependsOn": ["$TURBO_EXTENDS$", "gen"]}), False),
        (tasks({"build": None}), own(build={"dependsOn": ["$TURBO_EXTENDS$", "db:push"]}, db__push={}), True),
    ],
)
def test_a_package_says_otherwise_in_a_file_of_its_own(root: str, told: str, *, runs_it: bool) -> None:
    assert (reached({**monorepo(root), "packages/db/turbo.json": told}) is not None) == runs_it


@pytest.mark.parametrize(
    ("turbo", "runs_it"), [("// x\n" + BEFORE.replace("}}}", "},}}"), True), ("{", False), ("[]", False)]
)
def test_a_turbo_json_may_have_comments_and_has_no_task_where_it_cannot_be_read(turbo: str, *, runs_it: bool) -> None:
    assert (reached(monorepo(turbo)) is not None) == runs_it


@pytest.mark.parametrize(
    ("root", "turbo", "runs_it"),
    [
        (WORKSPACE, tasks({"build": ["//#push"], "//#push": None}), True),
        (WORKSPACE, tasks({"build": ["//#push"], "push": None}), False),
        (WORKSPACE, tasks({"//#build": ["push"], "//#push": None}), True),
        (WORKSPACE, tasks({"build": ["push"], "push": None}), False),
        ({}, tasks({"build": ["push"], "push": None}), True),
        ({}, tasks({"build": None, "push": None}), False),
    ],
)
def test_the_package_at_the_root_has_tasks_of_its_own_unless_it_is_the_only_one(
    root: Mapping[str, str], turbo: str, *, runs_it: bool
) -> None:
    files = {"package.json": package(push="drizzle-kit push"), "turbo.json": turbo, DEPLOY: workflow("turbo build")}
    web = {WEB: package(name="web")} if root else {}
    assert (reached({**root, **files, **web}) is not None) == runs_it


def test_of_two_packages_of_one_name_none_is_meant() -> None:
    files = monorepo(tasks({"build": ["@acme/db#db:push"], "db:push": None}))
    assert reached({"packages/a/package.json": package(name="@acme/db"), **files}) is None


def test_a_push_that_goes_before_the_build_is_an_error_and_one_that_nothing_needs_warns(a_repo: GitRepository) -> None:
    files = {
        **monorepo(tasks({"build": ["^build"], "db:push": None})),
        "package.json": package(db__push="drizzle-kit push"),
    }
    a_project(a_repo, {**files, DB: package(name="@acme/db")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning package.json:4"]
    a_repo.commit({"turbo.json": tasks({"build": ["//#db:push"], "//#db:push": None})})
    said = f"`drizzle-kit push` changes the database past the migrations, and CI runs it, from {DEPLOY}:6"
    way = f"{DEPLOY}:6: turbo build\npackage.json:4: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {said} | {way}"]


def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size() -> None:
    def read(size: int) -> Reached | None:
        named = {f"t{number}": [f"t{each}" for each in range(number)] for number in range(30)}
        packages = {f"packages/p{each}/package.json": package(name=f"p{each}") for each in range(size)}
        return reached({**monorepo(tasks(named), "turbo t29"), **packages})

    assert growth(read, 20) < LINEAR
