"""MC605 in TypeScript and JavaScript: programs that have another tool migrate the folder's database."""

import json

import pytest

from migcheck.scripts.packages import dependencies_of
from migcheck.sources.module import read_module
from migcheck.sources.tool_calls import may_migrate_otherwise, tool_calls
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

IMPORT = 'import { execSync } from "node:child_process";\n'
PRISMA = f'{IMPORT}execSync("npx prisma migrate deploy", {{ stdio: "inherit" }});\n'
KNEX = 'import knex from "knex";\nconst db = knex({ client: "pg" });\nawait db.migrate.latest();\n'
BY = "migrates the database by another tool"
URL = "    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}'}\n"


def package(*, dependencies: str = "knex prisma", **scripts: str) -> str:
    return json.dumps({"scripts": scripts, "dependencies": dict.fromkeys(dependencies.split(), "*")}, indent=2)


def called(text: str) -> list[tuple[str, str, int]]:
    content = text.encode()
    made = tool_calls(read_module("a.ts", content)) if may_migrate_otherwise(content) else ()
    return [(each.tool.name, each.command, each.line) for each in made]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KNEX, ("knex", "db.migrate.latest()", 3)),
        ('import knex from "./db";\nknex.migrate.up();', ("knex", "knex.migrate.up()", 2)),
        ('import { db } from "./knex";\ndb.migrate.latest();', ("knex", "db.migrate.latest()", 2)),
        ('const knex = require("knex")(x);\nknex.migrate.latest();', ("knex", "knex.migrate.latest()", 2)),
        ('import { Umzug } from "umzug";\nconst u = new Umzug({});\nu.up();', ("umzug", "Umzug.up()", 3)),
        ('import { umzug } from "./umzug";\numzug.up();', ("umzug", "umzug.up()", 2)),
        (
            'import migrate from "node-pg-migrate";\nmigrate({ direction: "up", dir: "m" });',
            ("node-pg-migrate", "migrate()", 2),
        ),
        (
            'import { runner } from "node-pg-migrate";\nconst o = { direction: "up" };\nrunner(o);',
            ("node-pg-migrate", "runner()", 3),
        ),
        (
            'import { DataSource } from "typeorm";\nconst d = new DataSource(options);\nd.runMigrations();',
            ("typeorm", "DataSource.runMigrations()", 3),
        ),
        (
            'import { AppDataSource } from "./typeorm";\nAppDataSource.runMigrations();',
            ("typeorm", "AppDataSource.runMigrations()", 2),
        ),
        (
            'const { Sequelize } = require("sequelize");\nconst s = new Sequelize(url);\ns.sync({ alter: true });',
            ("sequelize", "Sequelize.sync()", 3),
        ),
        (
            'import { Flyway } from "node-flyway";\nconst f = new Flyway(c);\nf.migrate();',
            ("flyway", "Flyway.migrate()", 3),
        ),
        ('import knex from "knex";\nawait knex(config).migrate.latest();', ("knex", "knex().migrate.latest()", 2)),
        ('import Knex from "knex";\nKnex({ client: "pg" }).migrate.up();', ("knex", "Knex().migrate.up()", 2)),
        ('import * as k from "knex";\nk.knex(x).migrate.latest();', ("knex", "k.knex().migrate.latest()", 2)),
        ('require("knex")(config).migrate.latest();', ("knex", "knex().migrate.latest()", 1)),
        (
            'const c = require("./knexfile");\nrequire("knex")(c.production).migrate.latest().then(end);',
            ("knex", "knex().migrate.latest()", 2),
        ),
        ('(await import("knex")).default(c).migrate.latest();', ("knex", "knex().migrate.latest()", 1)),
        ('import { Umzug } from "umzug";\nawait new Umzug({ storage }).up();', ("umzug", "Umzug.up()", 2)),
        ('import * as u from "umzug";\nawait (new u.Umzug({ storage })).up();', ("umzug", "u.Umzug.up()", 2)),
        (
            'const { Umzug } = require("umzug");\nnew Umzug({ storage }).up().catch(end);',
            ("umzug", "Umzug.up()", 2),
        ),
        (PRISMA, ("prisma", "npx prisma migrate deploy", 2)),
        (
            'import { spawn } from "child_process"; spawn("npx", ["prisma", "db", "push"]);',
            ("prisma", "npx prisma db push", 1),
        ),
        (
            'import { $ } from "zx"; await $`knex migrate:latest --env ${x}`;',
            ("knex", "knex migrate:latest --env $UNKNOWN", 1),
        ),
    ],
)
def test_what_a_tool_documents_is_found(text: str, expected: tuple[str, str, int]) -> None:
    assert called(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "db.migrate.latest(); // knex",
        'import knex from "knex";\nknex.migrate.make("x"); knex.migrate.rollback();',
        KNEX.replace('"pg"', '"better-sqlite3"'),
        f"{KNEX}import 'sqlite3';",
        KNEX.replace("{ client", "{ connection: 'postgres://localhost/x', client"),
        f"{KNEX}import 'pg-mem';",
        f"{KNEX}db.raw('PRAGMA foreign_keys = ON');",
        f"{PRISMA}process.env.DATABASE_URL = `file:${{path}}`;",
        f"{IMPORT}execSync(`dbmate --wait -u ${{url}} -d clickhouse/migrations up`);",
        'import { Umzug } from "umzug";\nnew Umzug({}); queue.up();',
        'import { Umzug } from "umzug";\nnew Umzug({}).down();',
        'import knex from "knex";\nknex(x).migrate.rollback(); knex(x).select(); y(x).z.latest();',
        'import y from "y"; // knex\ny(x).migrate.latest();',
        'require("knex")({ client: "sqlite3" }).migrate.latest();',
        'require("y")(knex).migrate.latest();',
        'import { Umzug } from "umzug";\nconst u = new Umzug({});\nu.down(); u.pending();',
        'import migrate from "node-pg-migrate";\nmigrate({ direction: "down" });',
        'import migrate from "node-pg-migrate";\nmigrate(options);',
        'import { runMigrations } from "./typeorm";\nrunMigrations();',
        'import { DataSource } from "./typeorm";\nconst d = make(); d.runMigrations();',
        'const { Sequelize } = require("sequelize");\nconst s = new Sequelize("sqlite::memory:");\ns.sync();',
        'const { Sequelize } = require("sequelize");\nfs.sync(); s.sync();',
        f'{IMPORT}execSync("npx prisma generate");',
        f'{IMPORT}execSync("prisma migrate deploy", {{ env: {{ DATABASE_URL: "postgres://localhost/x" }} }});',
        f'{IMPORT}execSync("DATABASE_URL=postgres://localhost/x prisma migrate deploy");',
        f"{IMPORT}if (process.env.NODE_ENV !== 'production') execSync('prisma migrate deploy');",
        'console.log("run npx prisma migrate deploy");',
        "import { PrismaClient } from '@prisma/client'; await prisma.user.update({});",
    ],
)
def test_what_is_not_certain_is_not(text: str) -> None:
    assert called(text) == []


@pytest.mark.parametrize(
    "line",
    [
        '// client: "sqlite3"',
        'console.log("mysql");',
        'console.log("mysql: old tables are left alone");',
        'logger.info("sqlite");',
        'console.info("from " + "mysql://old/db");',
        'log.debug({ client: "sqlite3" });',
        'this.logger.warn("file:old.db");',
        'const sources = ["mysql", "oracle", "mongodb"];',
        'steps.push("clickhouse");',
        'const title = "file: the one with rows";',
        'const image = "mysql:8";',
        'db.table("mssql");',
        'if (name === "mysql") next();',
        'const row = { client: "Oracle Ltd" };',
        'row.name ??= "mysql";',
        'process.env.DB_CLIENT ??= "mysql"; const o = { name: process.env.DB_CLIENT };',
        'process.env.DB_CLIENT ??= "mysql"; const o = { client: process.env.CLIENT };',
        'process.env.DB_CLIENT ??= "pg"; const o = { client: process.env.DB_CLIENT };',
        'const o = { client: x() }; x() ??= "mysql";',
        'class A { name = "sqlite3"; }',
        'function f(name = "sqlite3") {}',
        'switch (name) { case "mysql": next(); }',
        'switch (client) { case "pg": log("mysql"); }',
        'new Sequelize(url, "mysql");',
        'new Image("mysql");',
        "const HOST = 'db.example.com'; const url = `postgres://u:p@${HOST}:5432/app`;",
    ],
)
def test_a_word_for_another_database_silences_nothing(line: str) -> None:
    assert called(f"{KNEX}{line}") == [("knex", "db.migrate.latest()", 3)]


@pytest.mark.parametrize(
    "line",
    [
        'import mysql from "mysql2/promise";',
        'const x = require("oracledb");',
        'const x = await import("node:sqlite");',
        'import { createClient } from "@libsql/client/http";',
        'const o = { client: process.env.CI ? "sqlite3" : "pg" };',
        'const CLIENT = "mysql2"; const o = { client: CLIENT };',
        'const client = "mssql"; const o = { client };',
        'config.client = "better-sqlite3";',
        'const o = { "dialect": "mariadb" };',
        'if (config.client === "mysql") next();',
        'if ("mysql" === dialect) next();',
        'new DataSource({ type: "mongodb" });',
        'connect("mysql://root@db/x");',
        "connect(`mongodb+srv://${host}/x`);",
        'connect("sqlite:x.db");',
        'open(":memory:");',
        'config.client ??= "sqlite3";',
        'config.client ||= process.env.CI ? "sqlite3" : "pg";',
        'class A { client = "sqlite3"; }',
        'class A { static readonly dialect: string = "mysql"; }',
        'function f(client = "sqlite3") {}',
        'const f = (dialect: string = "sqlite3") => dialect;',
        'const { client = "mysql2" } = options;',
        'const { client: c = "mysql2" } = options;',
        'const dialect = "sqlite";',
        'switch (client) { case "pg": break; case "mysql": next(); }',
        'switch (config.client) { case "mysql": { next(); } }',
        'new Sequelize("mysql", "u", "p");',
        'process.env.DB_CLIENT ??= "mysql"; const o = { client: process.env.DB_CLIENT };',
        'const o = { client: process.env.DB_CLIENT! }; process.env.DB_CLIENT ||= x ? "pg" : "mysql2";',
        'let kind = process.env.DB_CLIENT; kind ??= "sqlite3"; const o = { client: kind as string };',
        "const KIND = 'sqlite'; const o = { client: `${KIND}3` };",
        "const HOST = 'localhost'; const url = `postgres://u:p@${HOST}:5432/app`;",
        "const KIND = 'mysql'; connect(`${KIND}://${host}/x`);",
    ],
)
def test_a_driver_an_option_or_an_address_tells_of_another_database(line: str) -> None:
    assert called(f"{KNEX}{line}") == []


def test_what_a_program_logs_hides_no_migration(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate", job=URL), "package.json": package()})
    steps = workflow("npx drizzle-kit migrate", "npx tsx old.ts", job=URL)
    a_repo.commit({"old.ts": f'{KNEX}console.log("mysql");\n', DEPLOY: steps})
    assert [each.partition(" `")[0] for each in found(a_repo, "MC605")] == ["error old.ts:3"]
    a_repo.commit({"old.ts": KNEX.replace('"pg"', '"mysql"')})
    assert found(a_repo, "MC605") == []


def test_a_program_of_ci_beside_drizzle_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate", job=URL), "package.json": package()})
    a_repo.commit({"scripts/old.ts": KNEX})
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", "npx tsx scripts/old.ts", job=URL)})
    beside = f"beside `npx drizzle-kit migrate` ({DEPLOY}:7)"
    way = f"{DEPLOY}:8: npx tsx scripts/old.ts"
    assert project_findings(a_repo) == [
        f"MC605 error scripts/old.ts:3 `db.migrate.latest()` {BY}, knex, and CI runs it, {beside} | {way}"
    ]


def test_what_the_start_comes_to_through_another_file_is_told(a_repo: GitRepository) -> None:
    library = PRISMA.replace("execSync(", "export const migrate = () => execSync(")
    a_project(a_repo, {"src/migrate.ts": library})
    a_repo.commit(
        {
            "src/index.ts": 'import { migrate } from "./migrate";\nmigrate();\n',
            "package.json": package(start="tsx src/index.ts", db="drizzle-kit migrate"),
        }
    )
    said = f"`npx prisma migrate deploy` {BY}, prisma, and the start runs it"
    way = "package.json:3: tsx src/index.ts\nsrc/index.ts:2: leads to the call"
    assert project_findings(a_repo) == [f"MC605 warning src/migrate.ts:2 {said} | {way}"]


def test_what_landed_warns_whether_a_script_or_a_program_says_it(a_repo: GitRepository) -> None:
    steps = ("npx drizzle-kit migrate", "npx prisma migrate deploy")
    a_project(a_repo, {DEPLOY: workflow(*steps, job=URL), "package.json": package()})
    a_repo.commit({"a.ts": PRISMA, DEPLOY: workflow(steps[0], "tsx a.ts", job=URL)})
    assert [each.partition(" `")[0] for each in found(a_repo, "MC605")] == ["warning a.ts:2"]


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(start="tsx a.ts")},
        {"package.json": package(db="drizzle-kit migrate", other="tsx a.ts")},
        {"package.json": package(dependencies="pg", db="drizzle-kit migrate", start="tsx a.ts")},
        {
            "package.json": package(db="drizzle-kit migrate"),
            "x/package.json": package(start="tsx a.ts"),
            "x/a.ts": KNEX,
        },
        {"package.json": package(db="drizzle-kit migrate", start="tsx a.test.ts"), "a.ts": None, "a.test.ts": KNEX},
        {
            "package.json": package(db="drizzle-kit migrate"),
            DEPLOY: workflow("tsx a.ts", job="    services: {db: {image: postgres}}\n"),
        },
        {
            "package.json": package(db="drizzle-kit migrate", start="tsx a.ts"),
            "a.ts": PRISMA.replace('{ stdio: "inherit" }', '{ cwd: "x" }'),
            "x/package.json": package(),
        },
    ],
)
def test_what_is_alone_or_a_persons_or_of_another_database_is_no_finding(
    a_repo: GitRepository, files: dict[str, str | None]
) -> None:
    a_project(a_repo, {"a.ts": KNEX})
    a_repo.commit(files)
    assert found(a_repo, "MC605") == []


@pytest.mark.parametrize(("dependencies", "weight"), [("pg", "warning"), ("knex", "error"), ("pg-knex", "warning")])
def test_what_is_only_called_as_a_tool_warns(a_repo: GitRepository, dependencies: str, weight: str) -> None:
    """A package.json that speaks of knex and does not depend on it: `knex` may be something of the project's own."""
    files = {DEPLOY: workflow("npx drizzle-kit migrate", job=URL), "package.json": package(dependencies=dependencies)}
    named = files["package.json"].replace("{", '{"keywords": ["knex"],', 1)
    a_project(a_repo, {**files, "package.json": named, "db.ts": "export const knex = { migrate: { latest() {} } };"})
    steps = workflow("npx drizzle-kit migrate", "npx tsx a.ts", job=URL)
    a_repo.commit({"a.ts": 'import { knex } from "./db";\nknex.migrate.latest();\n', DEPLOY: steps})
    assert [each.partition(" `")[0] for each in found(a_repo, "MC605")] == [f"{weight} a.ts:2"]


@pytest.mark.parametrize(
    "text", [KNEX, 'require("knex")(c).migrate.latest();', '(await import("knex")).default(c).migrate.latest();']
)
def test_what_loads_the_tool_is_not_only_called_so(text: str) -> None:
    assert [each.by_name for each in tool_calls(read_module("a.ts", text.encode()))] == [False]


@pytest.mark.parametrize("content", ["{", "[]", '{"dependencies": ["knex"]}'])
def test_a_package_that_cannot_be_read_depends_on_nothing(content: str) -> None:
    assert dependencies_of(content.encode()) == frozenset()


def test_only_the_command_of_supabase_is_worth_parsing() -> None:
    assert not may_migrate_otherwise(b'import { createClient } from "@supabase/supabase-js"; all.push(1);')
    assert called(f'{IMPORT}execSync("npx supabase db push");') == [("supabase", "npx supabase db push", 2)]
    assert called(f'{IMPORT}execFileSync("supabase", ["db", "push"]);'.replace("execSync", "execFileSync"))


@pytest.mark.parametrize(
    "text",
    [
        "knex" * 50_000,
        "supabase -" * 20_000,
        "supabase,    " * 20_000,
        "prisma " + "deploy" * 50_000,
        "knex.migrate." * 20_000,
    ],
)
def test_a_glance_at_what_is_made_to_hurt_comes_to_an_end(text: str) -> None:
    assert may_migrate_otherwise(text.encode()) in (True, False)


@pytest.mark.parametrize(
    "part",
    [
        "knex.migrate.latest();\n",
        "x(y).migrate.up().",
        "x.migrate.latest();\n",
        "execSync('prisma db push');\n",
        "'sqlite';\n",
        "x = { client: y ? 'a' : 'b' };\n",
        "console.log(':memory:');\n",
        "const a = b; const b = a; x = { client: a };\n",
    ],
)
def test_calls_without_end_take_no_longer_than_they_are(part: str) -> None:
    def read(size: int) -> object:
        content = f"{IMPORT}import 'knex';\n{part * size}".encode()
        return list(tool_calls(read_module("a.ts", content)))

    assert growth(read, 60) < LINEAR
