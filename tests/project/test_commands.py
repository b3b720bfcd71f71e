"""What a command calls, in the spellings of the field."""

import shlex

import pytest
from msgspec.structs import replace

from migcheck.scripts.calls import Call, Compile, FileCall, Migrate, Push, calls_of
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.managers import ScriptCall

STRICT = ShellOptions(errexit=True)


def calls(text: str) -> list[Call]:
    return list(calls_of(shlex.split(text)))


def script(*names: str, directory: str = ".", packages: tuple[str, ...] = (), every: bool = False) -> ScriptCall:
    return ScriptCall(names, directory, packages, every=every)


def given(*arguments: str, hooks: bool = True) -> ScriptCall:
    return ScriptCall(("s",), hooks=hooks, arguments=arguments)


def task(*names: str, packages: tuple[str, ...] = (), every: bool = False) -> ScriptCall:
    return ScriptCall(names, packages=packages, every=every, turbo=True)


def nx(*names: str, packages: tuple[str, ...] = (), every: bool = False) -> ScriptCall:
    return ScriptCall(names, packages=packages, every=every, hooks=False, nx=True)


@pytest.mark.parametrize(
    "text",
    [
        "drizzle-kit push",
        "drizzle-kit push --force",
        "npx drizzle-kit push",
        "npx --yes drizzle-kit@latest push",
        "bunx drizzle-kit@0.31.4 push",
        "bun --bun drizzle-kit push",
        "dotenv -e ../../.env -- drizzle-kit push",
        "dotenvx run -f .env -- drizzle-kit push",
        "node_modules/.bin/drizzle-kit push",
        "tsx node_modules/drizzle-kit/bin.cjs push",
        "docker compose exec app ./node_modules/.bin/drizzle-kit push",
        "infisical run --env=dev -- drizzle-kit push",
        "deno run -A npm:drizzle-kit@0.31 push",
        "npx -p drizzle-kit --package pg drizzle-kit push",
        "yarn dlx -p drizzle-kit@0.31 -p pg drizzle-kit push",
    ],
)
def test_push_is_found_in_whatever_it_is_wrapped(text: str) -> None:
    assert Push() in calls(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drizzle-kit push --config=db/x.ts --url=postgres://a", Push("db/x.ts", "postgres://a")),
        ("drizzle-kit push --config db/x.ts --dialect postgresql", Push("db/x.ts", "", "postgresql")),
        ("drizzle-kit --config x.ts push", Push("x.ts")),
        ("drizzle-kit push:pg", Push(dialect="postgresql")),
        ("drizzle-kit push:mysql", Push(dialect="mysql")),
        ("drizzle-kit migrate --config x.ts", Migrate("x.ts")),
        ("uvx drizzle-migcheck apply --yes", Migrate(by_drizzle_kit=False)),
        ("uses acme/drizzle-migcheck@0a1b2c apply", Migrate(by_drizzle_kit=False)),
        ("make -C db push X=1", MakeCall(("push",), "db", given=(("X", "1"),))),
        ("make", MakeCall(())),
        ("tsx src/db/migrate.ts", FileCall("src/db/migrate.ts")),
        ("node --env-file .env --import tsx src/migrate.mts", FileCall("src/migrate.mts")),
        ("node dist/migrate", FileCall("dist/migrate")),
        ("tsx lib/db/migrate", FileCall("lib/db/migrate")),
        ("tsc", Compile()),
        ("npx tsc --build packages/db", Compile("packages/db")),
        ("tsc -p tsconfig.build.json", Compile("tsconfig.build.json")),
        ("./scripts/deploy.sh --all", FileCall("./scripts/deploy.sh")),
        ("bash -e scripts/deploy.sh", FileCall("scripts/deploy.sh", options=STRICT)),
        ("exec env bash -e -o pipefail a.sh", FileCall("a.sh", options=ShellOptions(errexit=True, pipefail=True))),
        ("bash -ec ./a.sh", FileCall("./a.sh")),
        ("bash -e bin/retry a.sh", FileCall("a.sh")),
        (". ./env.sh", FileCall("./env.sh")),
        ("dumb-init node /app/server.js", FileCall("/app/server.js")),
    ],
)
def test_what_else_is_called(text: str, expected: Call) -> None:
    assert calls(text) == [expected]


def test_what_a_runtime_loads_before_the_program_is_run_as_well() -> None:
    both = [FileCall("./a.mjs"), FileCall("dist/b.js")]
    assert calls("node --import ./a.mjs dist/b.js") == both
    assert calls("dotenv -- tsx --require ./a.mjs dist/b.js") == both
    assert calls("bun --preload ./a.mjs dist/b.js")[1:] == both
    assert calls("node -r ./a.mjs dist/b") == [both[0], FileCall("dist/b")]
    assert calls("node -r ./a dist/b.js") == calls("node -r dotenv/config dist/b.js") == both[1:]
    assert calls("node --import ./a.mjs") == both[:1]
    assert calls("node --import=./a.mjs dist/b.js") == both
    for program in ("tsx dist/b.js", "node dist/b.js", "deno run -r dist/b.js", "bash -r dist/b.js"):
        assert calls(f"{program} --import ./a.mjs --require=./a.mjs -r ./a.mjs") == both[1:]
    assert calls("tsx dist/b --import ./a.mjs") == [FileCall("dist/b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npm run s", script("s")),
        ("npm run s -w @acme/db --flag", script("s", packages=("@acme/db",))),
        ("npm run s push --flag -- --force", given("push", "--force")),
        ("pnpm s push --force", given("push", "--force")),
        ("pnpm s -- push", given()),
        ("pnpm s push -- --force", given("push")),
        ("pnpm npm run s -- push", given("push")),
        ("pnpm -w exec turbo run s --filter=web", task("s", packages=("web",))),
        ("pnpm -w exec npm run s", script("s", packages=("/",))),
        ("pnpm --filter s s push", replace(given("push"), packages=("s",))),
        ("yarn workspace s s push", replace(given("push"), packages=("s",))),
        ("npm run -- s push", given("push")),
        ("npm run run push", replace(given("push"), names=("run",))),
        ("npm it s", script("test")),
        ("yarn run s -- push", given("push")),
        ("npm --prefix db run s", script("s", directory="db")),
        ("npm start", script("start")),
        ("pnpm s", script("s")),
        ("pnpm run s", script("s")),
        ("pnpm -F @acme/db s", script("s", packages=("@acme/db",))),
        ("pnpm --filter=@acme/db run s", script("s", packages=("@acme/db",))),
        ("pnpm --filter link s", script("s", packages=("link",))),
        ("npm -w list run s", script("s", packages=("list",))),
        ("pnpm -r s", script("s", every=True)),
        ("pnpm -w s", script("s", packages=("/",))),
        ("pnpm run -w s", script("s", packages=("/",))),
        ("pnpm --dir db s", script("s", directory="db")),
        ("yarn s", script("s")),
        ("yarn workspace db s", script("s", packages=("db",))),
        ("yarn workspaces foreach -A run s", script("s", every=True)),
        ("bun run s", script("s")),
        ("bun run --filter @acme/db s", script("s", packages=("@acme/db",))),
        ("bun s", script("s")),
        ("node --run s", ScriptCall(("s",), hooks=False)),
        ("node --run=s", ScriptCall(("s",), hooks=False)),
        ("node --env-file .env --run s -- --flag", given("--flag", hooks=False)),
        ("node node_modules/.bin/turbo run s", task("s", every=True)),
        ("deno run -A node_modules/.bin/turbo run s", task("s", every=True)),
        ("turbo run s", task("s", every=True)),
        ("turbo s y --filter=web", task("s", "y", packages=("web",))),
        ("npx turbo@2 run s", task("s", every=True)),
        ("nx run db:s", nx("s", packages=("db",))),
        ("nx run-many -t s", nx("s", every=True)),
        ("pnpm nx run-many -t s y --parallel=3", nx("s", "y", every=True)),
        ("nx run-many --target=s -p=db,web -p api --exclude old", nx("s", packages=("db", "web", "api", "!old"))),
        ("npx nx@20 affected --target=s --base=main", nx("s", every=True)),
        ("nx affected -t s --exclude-task-dependencies", nx("s", every=True)),
        ("nx s db -c production", nx("s", packages=("db",))),
        ("run-s s y:*", script("s", "y:*")),
        ("npm-run-all2 -c s y", script("s", "y")),
        ("run-s 's -- --force' --npm-path x y", given("--force")),
        ("run-s 's push' --npm-path x y z", script("y", "z")),
        ("run-s 's push' y", given("push")),
        ("npm-run-all -p s y --max-parallel 2 -s z", script("s", "y", "z")),
        ("run-p 's --port {1}' '' -- 80", given("{1}")),
        ("npm -f run s", script("s")),
        ("pnpm run -c s", script("s")),
        ("yarn -f s", script("s")),
        ("cross-env CI=1 npm run s", script("s")),
    ],
)
def test_a_script_of_a_package_is_asked_for(text: str, expected: ScriptCall) -> None:
    assert expected in calls(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deno task s", script("s")),
        ("deno task --config x.json --cwd db s", script("s", directory="db")),
        ("deno task --filter @acme/db s", script("s", packages=("@acme/db",))),
        ("deno task -r s", script("s", every=True)),
        ("deno task s push", given("push")),
        ("deno task s -- push", given()),
    ],
)
def test_a_task_of_deno_is_asked_for(text: str, expected: ScriptCall) -> None:
    assert replace(expected, deno=True) in calls(text)


@pytest.mark.parametrize(
    "text",
    [
        "echo drizzle-kit push",
        "npm install drizzle-kit push",
        "pnpm add -D drizzle-kit push",
        "pnpm -w add drizzle-kit push",
        "npm -w push install drizzle-kit push",
        "yarn",
        "command -v drizzle-kit",
        "git commit -m drizzle-kit push",
        "drizzle-kit generate push",
        "drizzle-kit",
        "tsc src/migrate.ts",
        "tsc --noEmit -p .",
        "eslint scripts/migrate.ts",
        "node --run",
        "node server --run s",
        "deno task",
        "pnpm run",
        "bun run -e s",
        "next build",
        "uses acme/release@v1 apply",
        "uses acme/migcheck@v1 verify",
        "uses acme/migcheck@v1 apply what is there",
        "uses",
        "uses actions/checkout@v4",
    ],
)
def test_what_runs_nothing_of_the_project_calls_nothing(text: str) -> None:
    assert calls(text) == []
