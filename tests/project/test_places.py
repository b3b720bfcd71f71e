"""Where a package manager runs what it is told to run: the directory says which configuration drizzle-kit takes."""

import pytest

from migcheck.scripts.calls import FileCall, Push
from migcheck.scripts.scripts import Scripts
from tests.support.projects import CONFIG, DEPLOY, package, workflow

WORKSPACE = {
    "apps/x/drizzle.config.ts": CONFIG.replace("./", "../../"),
    "apps/x/package.json": package(name="app-x"),
    "apps/y/package.json": package(name="@acme/web"),
    "package.json": package(name="root"),
}


def scripts(command: str, **files: str) -> Scripts:
    told = WORKSPACE | files | {DEPLOY: workflow(command)}
    return Scripts({path: content.encode() for path, content in told.items()}, "drizzle")


def pushes(command: str) -> int:
    """How many pushes go to the folder's database."""
    found = scripts(command)
    return sum(
        found.configs.concern(each.directory, each.call.config) for each in found.runs if isinstance(each.call, Push)
    )


@pytest.mark.parametrize(
    "command",
    [
        "pnpm --filter=app-x exec drizzle-kit push",
        "pnpm -F app-x... drizzle-kit push",
        "pnpm --filter ./apps/x exec drizzle-kit push",
        "pnpm --filter '{apps/x}' exec drizzle-kit push",
        "cd apps && pnpm --filter ./x exec drizzle-kit push",
        "pnpm --filter './apps/*' --filter '!web' exec -- drizzle-kit push",
        "pnpm --filter '!web' exec drizzle-kit push",
        "pnpm --filter 'app-*' exec drizzle-kit push",
        "pnpm --filter $APP exec drizzle-kit push",
        "pnpm --filter '[origin/main]' exec drizzle-kit push",
        "pnpm -C $APP exec drizzle-kit push",
        "pnpm -C /app exec drizzle-kit push",
        "pnpm -C apps/x exec drizzle-kit push",
        "pnpm --dir apps/x drizzle-kit push",
        "pnpm -r exec drizzle-kit push",
        "npm exec -w app-x drizzle-kit push",
        "npm -w apps/x exec -- drizzle-kit push",
        "npx --workspace=app-x drizzle-kit push",
        "yarn workspace app-x drizzle-kit push",
        "yarn workspaces foreach -A exec drizzle-kit push",
        "bun --cwd apps/x drizzle-kit push",
        "dotenv -e .env -- pnpm --filter app-x exec drizzle-kit push",
        "cd apps/y && pnpm -w exec drizzle-kit push --config apps/x/drizzle.config.ts",
        "cd apps/y && npm exec -w apps/x drizzle-kit push",
        "cd apps/x && pnpm exec drizzle-kit push -r",
    ],
)
def test_drizzle_kit_runs_where_the_package_manager_puts_it(command: str) -> None:
    assert pushes(command) == 1


@pytest.mark.parametrize(
    "command",
    [
        "pnpm --filter=web exec drizzle-kit push",
        "pnpm --filter=gone exec drizzle-kit push",
        "pnpm --filter './apps/*' --filter '!app-x' exec drizzle-kit push",
        "pnpm -C apps/y exec drizzle-kit push",
        "cd apps/x && pnpm -w exec drizzle-kit push",
        "npm --prefix apps/x exec drizzle-kit push",
        "npm exec drizzle-kit push -w app-x",
        "yarn workspace web drizzle-kit push",
        "bun --cwd apps/y drizzle-kit push",
        "pnpm -C ../x exec drizzle-kit push",
    ],
)
def test_where_it_finds_no_configuration_of_the_folder_it_is_of_no_interest(command: str) -> None:
    assert pushes(command) == 0


@pytest.mark.parametrize(
    ("command", "directory"),
    [
        ("pnpm --filter app-x exec tsx src/migrate.ts", "apps/x"),
        ("bun --cwd apps/x src/migrate.ts", "apps/x"),
        ("pnpm -r exec tsx src/migrate.ts", None),
        ("tsx src/migrate.ts", "."),
    ],
)
def test_a_file_is_run_there_as_well(command: str, directory: str | None) -> None:
    (run,) = [each for each in scripts(command).runs if isinstance(each.call, FileCall)]
    assert run.directory == directory


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        ("pnpm --filter=root run db:push", ["apps/x/package.json", "package.json"]),
        ("pnpm --filter='r*' db:push", ["apps/x/package.json", "package.json"]),
        ("cd apps/x && pnpm -w db:push", ["package.json"]),
        ("cd apps/x && pnpm db:push", ["apps/x/package.json"]),
        ("pnpm --filter=web run db:push", []),
        ("pnpm --filter=$APP run db:push", []),
    ],
)
def test_of_packages_that_share_a_name_each_that_has_the_script_is_run(command: str, reached: list[str]) -> None:
    app = package(name="root", db__push="drizzle-kit push")
    found = scripts(command, **{"package.json": app, "apps/x/package.json": app})
    pushed = [each for each in found.runs if isinstance(each.call, Push) and found.reach(each)]
    assert sorted(each.script.path for each in pushed) == reached
