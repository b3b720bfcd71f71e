"""MC601 in TypeScript and JavaScript: programs that run `drizzle-kit push`, or do what it does."""

import pytest

from migcheck.sources.module import read_module
from migcheck.sources.pushes import PushCall, may_push, push_calls
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

IMPORT = 'import { execSync } from "node:child_process";\n'
SYNC = f'{IMPORT}execSync("npx drizzle-kit push", {{ stdio: "inherit" }});\n'
SAID = "`npx drizzle-kit push` changes the database past the migrations"
API = (
    'import { pushSchema } from "drizzle-kit/api";\n'
    "const { apply } = await pushSchema(schema, drizzle(process.env.DATABASE_URL));\n"
    "await apply();\n"
)


def test_a_program_that_pushes_when_somebody_runs_it_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"scripts/sync.ts": SYNC})
    assert project_findings(a_repo) == [f"MC601 warning scripts/sync.ts:2 {SAID}, when somebody runs it"]


def test_a_change_that_has_the_start_push_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo, {"src/db/sync.ts": SYNC.replace("execSync(", "export const sync = () => execSync(")})
    assert project_findings(a_repo) == []
    main = 'import { sync } from "./db/sync";\nsync();\n'
    a_repo.commit({"src/index.ts": main, "package.json": package(start="tsx src/index.ts")})
    way = "package.json:4: tsx src/index.ts\nsrc/index.ts:2: leads to the call"
    assert project_findings(a_repo) == [
        f"MC601 error src/db/sync.ts:2 {SAID}, and the start runs it, from package.json:4 | {way}"
    ]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    a_project(a_repo, {"a.ts": SYNC, "package.json": package(start="tsx a.ts")})
    a_repo.commit({"a.ts": None, "b.ts": SYNC.replace("npx ", ""), "package.json": package(start="tsx b.ts")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning b.ts:2"]


def test_what_a_script_pushed_before_is_not_new_in_a_program(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(start="drizzle-kit push")})
    a_repo.commit({"b.ts": SYNC, "package.json": package(start="tsx b.ts")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning b.ts:2"]
    a_repo.commit({"package.json": package(build="tsx b.ts")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 error b.ts:2"]


def test_what_drizzle_kit_does_as_a_library_counts_where_it_is_applied(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"push.ts": API, "package.json": package(build="tsx push.ts")})
    said = "pushSchema() changes the database past the migrations, and the build runs it, from package.json:4"
    assert project_findings(a_repo) == [f"MC601 error push.ts:2 {said} | package.json:4: tsx push.ts"]
    a_repo.commit({"push.ts": API.replace("await apply();", "")})
    assert project_findings(a_repo) == []


def test_a_library_call_in_another_package_is_of_another_database(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package()})
    a_repo.commit({"apps/x/push.ts": API, "apps/x/package.json": package(name="x", build="tsx push.ts")})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    "path",
    ["tests/setup.ts", "vitest.setup.ts", "src/db.test.ts", "e2e/global.ts", "scripts/seed.ts"],
)
def test_what_serves_tests_is_no_finding(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: SYNC, "package.json": package(start=f"tsx {path}")})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{IMPORT}export default async function setup() {{ execSync('drizzle-kit push'); }}",
        f"{IMPORT}export default async () => {{ execSync('drizzle-kit push'); }}",
    ],
)
def test_what_a_framework_of_tests_calls_is_no_finding(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo)
    a_repo.commit({"global-setup.ts": text})
    assert project_findings(a_repo) == []


def test_a_constant_address_of_this_machine_is_no_finding(a_repo: GitRepository) -> None:
    local = CONFIG.replace(" };", ', dbCredentials: { host: "localhost" } };')
    a_project(a_repo)
    a_repo.commit({"scripts/push.ts": SYNC, "drizzle.config.ts": local})
    assert project_findings(a_repo) == []
    a_repo.write({"scripts/push.ts": SYNC.replace("push", "push --url $PRODUCTION", 1)})
    assert len(project_findings(a_repo)) == 1


def test_a_job_with_a_database_of_its_own_is_not_held_to_be_a_deploy(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"a.ts": SYNC, DEPLOY: workflow("tsx a.ts", job="    services: {db: {image: postgres}}\n")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning a.ts:2"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('execSync("drizzle-kit push", { cwd: "apps/x" });', 0),
        ("execSync('drizzle-kit push', { cwd: __dirname });", 1),
        ("execSync('drizzle-kit push', { cwd: `${__dirname}/apps/x` });", 0),
        ("execSync('drizzle-kit push', { cwd: where });", 0),
        ('execSync("drizzle-kit push --config apps/x/drizzle.config.ts");', 0),
        ('execSync("drizzle-kit push --dialect sqlite");', 0),
    ],
)
def test_only_the_folders_configuration_concerns_it(a_repo: GitRepository, text: str, found: int) -> None:
    other = {"apps/x/drizzle.config.ts": CONFIG.replace("postgresql", "mysql"), "package.json": package()}
    a_project(a_repo, other)
    a_repo.commit({"a.ts": f"{IMPORT}{text}"})
    assert len(project_findings(a_repo)) == found


def told(text: str) -> list[PushCall]:
    content = text.encode()
    return list(push_calls(read_module("a.ts", content))) if may_push(content) else []


@pytest.mark.parametrize(
    "text",
    [
        SYNC,
        'require("child_process").execSync("drizzle-kit push");',
        'import cp from "child_process"; cp.exec(`drizzle-kit push --config=${config}`, done);',
        'import { spawn } from "child_process"; spawn("npx", ["drizzle-kit", "push", `--config=${x}`]);',
        'import { spawn } from "child_process"; spawn("npx drizzle-kit push", { shell: true });',
        'import { spawnSync } from "child_process"; spawnSync("npx", [\n  "drizzle-kit",\n  "push",\n  ...rest\n]);',
        'import { exec } from "child_process"; const run = promisify(exec); await run("drizzle-kit push");',
        'import cp from "child_process"; const run = util.promisify(cp.exec); await run("drizzle-kit push");',
        'import { execa } from "execa"; await execa("drizzle-kit", ["push"]);',
        'import { $ } from "execa"; await $`drizzle-kit push --config ${x}`;',
        "await Bun.$`cd db && drizzle-kit push`.quiet();",
        'Bun.spawn(["bunx", "drizzle-kit", "push"]);',
        'import spawn from "cross-spawn"; spawn.sync("drizzle-kit", ["push"]);',
        'import { execSync } from "child_process"; const c = "drizzle-kit" + " push"; execSync(c);',
        f'{IMPORT}execSync("it && drizzle-kit push", {{ env: {{ ...process.env, A: "b" }} }});',
        'import { execa } from "execa"; execa("drizzle-kit", ["push", "it\'s"]);',
        API,
        API.replace("/api", "/api-postgres"),
    ],
)
def test_every_way_to_push_is_found(text: str) -> None:
    assert len(told(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'execSync("drizzle-kit push");',
        'import { execSync } from "./mine"; execSync("drizzle-kit push");',
        f'{IMPORT}const run = wrap(execSync); run("drizzle-kit push");',
        'const run = promisify(mine); run("drizzle-kit push");',
        "const run = promisify(); run('drizzle-kit push');",
        f"{IMPORT}execSync(); execSync('drizzle-kit generate'); list.push(1);",
        f"{IMPORT}execSync('echo drizzle-kit push');",
        f"{IMPORT}console.log('drizzle-kit push');",
        f"{IMPORT}execSync(`${{tool}} push`); 'drizzle-kit push'",
        f"{IMPORT}execSync('drizzle-kit push --url postgres://localhost/x');",
        f"{IMPORT}execSync('DATABASE_URL=postgres://localhost/x drizzle-kit push');",
        f"{IMPORT}execSync('drizzle-kit push', {{ env: {{ ...x, DATABASE_URL: 'postgres://localhost/x' }} }});",
        f"{IMPORT}if (process.env.NODE_ENV !== 'production') execSync('drizzle-kit push');",
        f"{IMPORT}import {{ PostgreSqlContainer }} from '@testcontainers/postgresql'; execSync('drizzle-kit push');",
        f"import {{ PGlite }} from '@electric-sql/pglite';\n{API}",
        f"import {{ drizzle }} from 'drizzle-orm/pglite';\n{API}",
        API.replace("drizzle-kit/api", "./drizzle-kit/api"),
        API.replace("pushSchema", "pushSQLiteSchema"),
    ],
)
def test_what_pushes_nothing_that_lasts_is_not_found(text: str) -> None:
    assert told(text) == []


def test_a_file_that_names_the_tool_far_from_a_push_is_not_parsed(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"a.ts": f"{IMPORT}const tool = 'drizzle-kit'; // {'x' * 200}\nexecSync(`${{tool}} push`);"})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize("text", ["drizzle-kit" * 20_000, "drizzle-kit " + "push" * 90_000, "pushSchem" * 50_000])
def test_a_glance_at_what_is_made_to_hurt_comes_to_an_end(text: str) -> None:
    assert may_push(text.encode()) is False
