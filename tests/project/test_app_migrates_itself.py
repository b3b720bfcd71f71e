"""MC604: the start or the build of the app migrates."""

import pytest

from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, library, runner

RUNNER = "src/migrate.ts"
APPLIES = {DEPLOY: workflow("uvx drizzle-migcheck apply")}
BESIDE = f"beside `uvx drizzle-migcheck apply` ({DEPLOY}:6)"


def test_beside_the_gate_it_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {**APPLIES, RUNNER: runner()})
    a_repo.commit({"package.json": package(build=f"tsx {RUNNER} && next build")})
    way = f"package.json:4: tsx {RUNNER}"
    assert found(a_repo, "MC604") == [
        f"error {RUNNER}:3 migrate() of node-postgres is run by the build, {BESIDE} | {way}"
    ]


def test_where_nothing_else_migrates_it_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(), "package.json": package(start="node dist/migrate.js && node dist/server.js")})
    way = "package.json:4: node dist/migrate.js"
    assert found(a_repo, "MC604") == [f"warning {RUNNER}:3 migrate() of node-postgres is run by the start | {way}"]


FLAG = 'import { migrateDb } from "./migrate";\nif (process.env.RUN_MIGRATIONS === "true") {\n  await migrateDb();\n}\n'


def test_where_it_waits_for_a_variable_that_nothing_names_it_warns(a_repo: GitRepository) -> None:
    a_project(a_repo, {**APPLIES, RUNNER: library()})
    a_repo.commit({"src/index.ts": FLAG, "package.json": package(start="tsx src/index.ts")})
    way = "package.json:4: tsx src/index.ts\nsrc/index.ts:3: leads to the call"
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith("warning ")
    assert finding.endswith(f"is run by the start where RUN_MIGRATIONS says so, {BESIDE} | {way}")
    a_repo.commit({"package.json": package(start="RUN_MIGRATIONS=true tsx src/index.ts")})
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith("error ")
    # What goes on without it, it does not wait for.
    a_repo.commit({"package.json": package(start="tsx src/index.ts"), "src/index.ts": FLAG.replace("===", "!==")})
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith("error ")


@pytest.mark.parametrize(
    ("asked", "severity"),
    [
        ("process.env.SEED || process.env.RUN_MIGRATIONS", "error"),
        ("process.env.RUN_MIGRATIONS || process.env.SEED", "error"),
        ("process.env.SEED || process.env.RESET", "warning"),
        # No app goes without.
        ("process.env.DATABASE_URL", "error"),
        ("process.env.SEED || process.env.POSTGRES_URL", "error"),
    ],
)
def test_it_waits_for_nothing_where_one_variable_that_will_do_is_there(
    a_repo: GitRepository, asked: str, severity: str
) -> None:
    a_project(a_repo, {**APPLIES, RUNNER: library()})
    text = FLAG.replace('process.env.RUN_MIGRATIONS === "true"', asked)
    a_repo.commit({"src/index.ts": text, "package.json": package(start="RUN_MIGRATIONS=true tsx src/index.ts")})
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith(f"{severity} ")


def test_what_landed_warns_beside_the_gate(a_repo: GitRepository) -> None:
    a_project(a_repo, {**APPLIES, RUNNER: runner(), "package.json": package(build=f"tsx {RUNNER}")})
    a_repo.commit({RUNNER: runner() + "process.exit(0);\n"})
    assert [each.split(" | ")[0] for each in found(a_repo, "MC604")] == [
        f"warning {RUNNER}:3 migrate() of node-postgres is run by the build, {BESIDE}"
    ]


def test_beside_drizzle_kit_it_is_an_error_as_well(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate"), RUNNER: runner()})
    a_repo.commit({"package.json": package(build=f"tsx {RUNNER}")})
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith(f"error {RUNNER}:3")
    assert f"beside `npx drizzle-kit migrate` ({DEPLOY}:6)" in finding


@pytest.mark.parametrize(
    ("path", "start", "expected"),
    [
        ("src/index.ts", "node dist/index.js", 1),
        ("src/index.ts", "node dist/src/index.js", 1),
        ("src/index.ts", "node build/index", 1),
        ("src/lib/index.ts", "node dist/index.js", 0),
        ("src/index.ts", "node other/index.js", 0),
        ("src/index.ts", "tsx src/index", 1),
    ],
)
def test_what_is_started_as_it_was_compiled(a_repo: GitRepository, path: str, start: str, expected: int) -> None:
    a_project(a_repo)
    a_repo.commit({path: runner(), "package.json": package(start=start)})
    assert len(found(a_repo, "MC604")) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(db__migrate=f"tsx {RUNNER}")},
        {DEPLOY: workflow("migcheck verify", f"npx tsx {RUNNER}")},
        {"Dockerfile": "CMD node dist/migrate.js"},
        {"package.json": package(build="echo tsx src/migrate.ts")},
    ],
)
def test_a_runner_of_ones_own_is_no_finding(a_repo: GitRepository, files: dict[str, str]) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(), **files})
    assert found(a_repo, "MC604") == []


def test_the_start_counts_where_ci_runs_it_as_well(a_repo: GitRepository) -> None:
    a_project(a_repo)
    server = 'import { migrateDb } from "./migrate";\nawait migrateDb();\n'
    script = 'import { migrateDb } from "../src/migrate";\nawait migrateDb();\n'
    files = {RUNNER: library(), "scripts/a.ts": script, "src/server.ts": server}
    a_repo.commit(
        {**files, DEPLOY: workflow("npx tsx scripts/a.ts"), "package.json": package(start="tsx src/server.ts")}
    )
    assert [each.split(" | ")[0] for each in found(a_repo, "MC604")] == [
        f"warning {RUNNER}:3 migrate() of node-postgres is run by the start"
    ]


def test_files_that_load_each_other_come_to_an_end(a_repo: GitRepository) -> None:
    a_project(a_repo)
    one = 'import { two } from "./two";\nimport { migrateDb } from "./migrate";\n'
    one += "export const one = async () => {\n  await migrateDb();\n  await two();\n};\n"
    two = 'import { one } from "./one";\nexport const two = async () => {\n  await one();\n};\n'
    a_repo.commit(
        {RUNNER: library(), "src/one.ts": one, "src/two.ts": two, "package.json": package(start="tsx src/two.ts")}
    )
    assert found(a_repo, "MC604") == []


def test_a_start_that_leads_to_it_through_other_files(a_repo: GitRepository) -> None:
    server = 'import { ready } from "./db";\nasync function main() {\n  await ready();\n}\nvoid main();\n'
    db = 'import { migrateDb } from "./migrate.js";\nexport const ready = async () => {\n  await migrateDb();\n};\n'
    a_project(a_repo)
    a_repo.commit(
        {
            "src/db/migrate.ts": library(),
            "src/db/index.ts": db,
            "src/main.ts": server,
            "package.json": package(start="tsx src/main.ts"),
        }
    )
    way = "package.json:4: tsx src/main.ts\nsrc/main.ts:3: leads to the call"
    assert found(a_repo, "MC604") == [
        f"warning src/db/migrate.ts:3 migrate() of node-postgres is run by the start | {way}"
    ]


def test_a_package_of_the_workspace_leads_to_it(a_repo: GitRepository) -> None:
    a_project(a_repo, {"packages/db/package.json": package(name="@acme/db")})
    a_repo.commit(
        {
            "packages/db/src/migrate.ts": library(folder="drizzle"),
            "apps/api/src/server.ts": 'import { migrateDb } from "@acme/db";\nawait migrateDb();\n',
            "apps/api/package.json": package(name="api", start="tsx src/server.ts"),
        }
    )
    (finding,) = found(a_repo, "MC604")
    assert finding.startswith("warning packages/db/src/migrate.ts:3 ")


def test_what_the_start_keeps_for_later_is_not_run_by_it(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate")})
    later = (
        "program.command('up').action(async () => { await migrateDb(); });",
        "if (process.argv[2] === 'up') await migrateDb(); else app.listen(3);",
        "app.post('/admin/migrate', async () => { await migrateDb(); });",
        "process.on('SIGUSR2', async () => { await migrateDb(); });",
        "switch (process.argv[2]) { case 'x': case 'up': await migrateDb(); break; default: app.listen(3); }",
        "yargs(hideBin(argv)).command('up', 'all', (y) => y, async () => { await migrateDb(); }).parse();",
        "const [, , cmd] = process.argv; if (cmd === 'up') await migrateDb(); else app.listen(3);",
        f"{PARSED}if (p({{ options: {{ up: {{ type: 'boolean', short: 'u' }} }} }}).values.up) await migrateDb();",
        "app.route('/admin/migrate').get(seen).post(async () => { await migrateDb(); });",
    )
    apps = {f"src/app{at}.ts": f"{IMPORT}\n{text}\n" for at, text in enumerate(later)}
    starts = [f"node dist/app{at}.js serve" for at in range(len(later))]
    files = {RUNNER: library(), **apps, "tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}'}
    a_repo.commit({**files, "package.json": package(start=" & ".join(starts))})
    assert [*found(a_repo, "MC604"), *found(a_repo, "MC608")] == []
    for start in (
        "node dist/app0.js up",
        'node dist/app1.js "$@"',
        "npm run cli -- up",
        "node dist/app4.js x",
        "node dist/app5.js up",
        "node dist/app6.js up",
        "node dist/app7.js -vu",
    ):
        a_repo.commit({"package.json": package(cli="node dist/app0.js", start=start)})
        (finding,) = found(a_repo, "MC604")
        assert finding.startswith(f"error {RUNNER}:3 migrate() of node-postgres is run by the start")
    # A default is what a case goes on to that does not end, and what is asked for by nothing.
    for cases in ("case 'up': x(); default: await migrateDb();", "default: x(); case 'up': await migrateDb();"):
        a_repo.write({"src/app4.ts": f"{IMPORT}\nswitch (process.argv[2]) {{ {cases} }}\n"})
        a_repo.write({"package.json": package(start="node dist/app4.js serve")})
        assert len(found(a_repo, "MC604")) == 1


PARSED = "import { parseArgs as p } from 'util';\n"
IMPORT = 'import { migrateDb } from "@/migrate";'
HOOK = "export async function register() {"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/instrumentation.ts", f"{IMPORT}\n{HOOK}\n  await migrateDb();\n}}"),
        (
            "instrumentation.ts",
            f'{HOOK}\n  const {{ migrateDb }} = await import("./src/migrate");\n  await migrateDb();\n}}',
        ),
        ("src/hooks.server.ts", f"{IMPORT}\n\nawait migrateDb();"),
        (
            "server/plugins/db.ts",
            f"{IMPORT}\nexport default defineNitroPlugin(async () => {{\n  await migrateDb();\n}});",
        ),
        ("src/app/layout.tsx", f"{IMPORT}\n\nawait migrateDb();\nexport default () => <p />;"),
    ],
)
def test_what_a_framework_runs_when_the_app_starts(a_repo: GitRepository, path: str, text: str) -> None:
    a_project(a_repo, APPLIES)
    a_repo.commit({RUNNER: library(), path: text})
    way = f"{path}:3: is run by the framework when the app starts, or is first asked for it"
    assert found(a_repo, "MC604") == [
        f"error {RUNNER}:3 migrate() of node-postgres is run by the start, {BESIDE} | {way}"
    ]


def test_one_file_with_a_call_for_each_driver_is_one_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    text = (
        'import { migrate } from "drizzle-orm/neon-serverless/migrator";\n'
        'import { migrate as other } from "drizzle-orm/node-postgres/migrator";\n'
        'if (neon) await migrate(db, { migrationsFolder: "drizzle" });\n'
        'else await other(db, { migrationsFolder: "drizzle" });\n'
    )
    a_repo.commit({RUNNER: text, "package.json": package(build=f"tsx {RUNNER}")})
    assert [each.split(" | ")[0] for each in found(a_repo, "MC604")] == [
        f"warning {RUNNER}:3 migrate() of neon-serverless is run by the build"
    ]


@pytest.mark.parametrize("driver", ["pglite", "better-sqlite3", "mysql2"])
def test_no_server_of_postgres_is_migrated(a_repo: GitRepository, driver: str) -> None:
    a_project(a_repo, APPLIES)
    a_repo.commit({RUNNER: runner(driver), "package.json": package(build=f"tsx {RUNNER}")})
    assert found(a_repo, "MC604") == []
