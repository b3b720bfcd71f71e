"""Calls of Drizzle's migrators are found as people write them, with the folder and the ledger they name."""

import pytest

from migcheck.sources.later import FILE, Holder
from migcheck.sources.migrators import MigrateCall, migrate_calls
from migcheck.sources.module import Module, read_module
from migcheck.sources.parsed import Parsed
from migcheck.typescript.plain import BesideFile, Unread
from migcheck.typescript.syntax import LARGEST, Patience
from tests.support.growth import LINEAR, growth

IMPORT = 'import { migrate } from "drizzle-orm/node-postgres/migrator";\n'


def calls(text: str, path: str = "src/migrate.ts") -> list[MigrateCall]:
    return list(migrate_calls(read_module(path, text.encode())))


def call(text: str) -> MigrateCall:
    found = calls(text)
    assert len(found) == 1
    return found[0]


def folder(written: str) -> str | BesideFile | Unread:
    """What a call of `migrate` takes `written` for."""
    return call(f"{IMPORT}{written}").folder


def test_the_runner_of_the_documentation() -> None:
    text = """
    import { migrate } from 'drizzle-orm/postgres-js/migrator';
    import postgres from 'postgres';
    import { drizzle } from 'drizzle-orm/postgres-js';

    const sql = postgres(process.env.DATABASE_URL!, { max: 1 });
    const main = async () => {
      await migrate(drizzle(sql), { migrationsFolder: './drizzle', migrationsTable: 'j', migrationsSchema: 'ops' });
      await sql.end();
    };
    void main();
    """
    assert call(text) == MigrateCall("src/migrate.ts", 8, "postgres-js", Holder("main"), "./drizzle", "j", "ops")


@pytest.mark.parametrize(
    "text",
    [
        'import { migrate as up } from "MODULE";\nawait up(db, CONFIG);',
        'import * as migrator from "MODULE.js";\nmigrator.migrate(db, CONFIG);',
        'import m from "MODULE";\nm.migrate(db, CONFIG);',
        'const { migrate } = require("MODULE");\nmigrate(db, CONFIG);',
        'const { migrate: up } = await import("MODULE");\nup(db, CONFIG);',
        'const m = require("MODULE");\nm.migrate(db, CONFIG);',
        '\n(await import("MODULE")).migrate(db, CONFIG);',
        'import { migrate } from "MODULE";\nawait (migrate as any)(db as never, CONFIG as const);',
        'import { migrate } from "MODULE";\nmigrate(db, "drizzle");',
    ],
)
def test_every_way_to_import_it(text: str) -> None:
    config = '{ migrationsFolder: "drizzle" }'
    written = text.replace("MODULE", "drizzle-orm/neon-http/migrator").replace("CONFIG", config)
    assert call(written) == MigrateCall("src/migrate.ts", 2, "neon-http", FILE, "drizzle", None, None)


@pytest.mark.parametrize(
    "text",
    [
        IMPORT,
        "migrate(db, { migrationsFolder: 'drizzle' });",
        'import { migrate } from "./migrate";\nmigrate(db, { migrationsFolder: "drizzle" });',
        'import type { migrate } from "drizzle-orm/node-postgres/migrator";\nmigrate(db, {});',
        'import { migrate } from "drizzle-orm/pglite/migrator";\nmigrate(db, { migrationsFolder: "drizzle" });',
        'import { migrate } from "drizzle-orm/libsql/migrator";\nmigrate(db, { migrationsFolder: "drizzle" });',
        'import { readMigrationFiles } from "drizzle-orm/migrator";\nreadMigrationFiles(config);',
        f"{IMPORT}// migrate(db, {{}})\nconst text = 'migrate(db, {{}})';",
        f"{IMPORT}user.migrate(db, {{}});",
    ],
)
def test_what_is_no_call_of_a_migrator_for_a_server(text: str) -> None:
    assert calls(text) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("migrate(db, { migrationsFolder: `./drizzle` });", "./drizzle"),
        ('const config = { migrationsFolder: "a/b" };\nmigrate(db, config);', "a/b"),
        ('const migrationsFolder = "a" + "/b";\nmigrate(db, { migrationsFolder });', "a/b"),
        ('const base = { out: "a/b" };\nmigrate(db, { migrationsFolder: base.out });', "a/b"),
        ('const base = { migrationsFolder: "a/b" };\nmigrate(db, { ...base, migrationsTable: "t" });', "a/b"),
        ('migrate(db, { migrationsFolder: path.join(__dirname, "../drizzle") });', BesideFile("../drizzle")),
        ("migrate(db, { migrationsFolder: `${__dirname}/drizzle` });", BesideFile("drizzle")),
        ('migrate(db, { migrationsFolder: __dirname + "/drizzle" });', BesideFile("drizzle")),
        ('migrate(db, { migrationsFolder: resolve(import.meta.dirname, "drizzle") });', BesideFile("drizzle")),
        ('migrate(db, { migrationsFolder: path.resolve(process.cwd(), "drizzle") });', "drizzle"),
        ("migrate(db, { migrationsFolder: `${process.cwd()}/drizzle` });", "./drizzle"),
        ('migrate(db, { migrationsFolder: process.cwd() + "/drizzle" });', "./drizzle"),
        (
            'const d = dirname(fileURLToPath(import.meta.url));\nmigrate(db, { migrationsFolder: join(d, "../out") });',
            BesideFile("../out"),
        ),
        (
            'migrate(db, { migrationsFolder: fileURLToPath(new URL("../drizzle", import.meta.url)) });',
            BesideFile("../drizzle"),
        ),
        (
            'migrate(db, { migrationsFolder: new URL("./drizzle", import.meta.url).pathname });',
            BesideFile("drizzle"),
        ),
        ('migrate(db, { migrationsFolder: fileURLToPath(new URL(".", import.meta.url)) + "a" });', BesideFile("./a")),
        ('migrate(db, { migrationsFolder: path.join("a", __dirname) });', Unread('path.join("a", __dirname)')),
        ('migrate(db, { migrationsFolder: __dirname + "a" });', Unread('__dirname + "a"')),
        ("migrate(db, { migrationsFolder: process.env.FOLDER });", Unread("process.env.FOLDER")),
        ("migrate(db, { migrationsFolder: `${prefix}/drizzle` });", Unread("`${prefix}/drizzle`")),
        ("migrate(db, options);", Unread("options")),
        ("migrate(db, { ...options });", Unread("...options")),
        ("migrate(db);", Unread("")),
        ("const a = b;\nconst b = a;\nmigrate(db, { migrationsFolder: a });", Unread("")),
        ('const f = "a";\nfunction g() { const f = "b"; migrate(db, { migrationsFolder: f }); }', Unread("f")),
    ],
)
def test_which_folder_it_names(written: str, expected: str | BesideFile | Unread) -> None:
    assert folder(written) == expected


def test_a_table_that_only_running_tells() -> None:
    found = call(IMPORT + "migrate(db, { migrationsFolder: 'd', migrationsTable: `t_${name}` });")
    assert (found.table, found.schema) == (Unread("`t_${name}`"), None)


@pytest.mark.parametrize("path", ["a.js", "a.mjs", "a.cjs", "a.tsx", "a.jsx", "a.mts", "a.cts"])
def test_every_kind_of_source_file(path: str) -> None:
    assert [each.line for each in calls(IMPORT + "migrate(db, { migrationsFolder: 'd' });", path)] == [2]


def test_a_file_that_takes_too_long_is_left_out_and_the_next_is_read() -> None:
    content = (IMPORT + "migrate(db, 'd');").encode()
    patience = Patience(one=0)
    assert list(migrate_calls(read_module("a.ts", content * 300, patience))) == []
    patience.one = 1
    assert [each.folder for each in migrate_calls(read_module("a.ts", content, patience))] == ["d"]
    patience.left = 0
    assert list(migrate_calls(read_module("a.ts", content * 300, patience))) == []


def test_what_no_time_was_left_for_is_left_out_there_alone() -> None:
    content = (IMPORT + "migrate(db, 'd');").encode() * 300
    known: dict[tuple[str, bytes], Module] = {}
    spent = Parsed(known, Patience(left=0))
    left_out = spent.module("a.ts", content)
    assert (left_out.calls, spent.module("a.ts", content), known) == ((), left_out, {})
    parsed = Parsed(known).module("a.ts", content)
    assert len(list(migrate_calls(parsed))) == 300
    assert spent.module("a.ts", content) is Parsed(known).module("a.ts", content) is parsed


def test_a_file_that_is_too_large_is_left_out() -> None:
    text = IMPORT + "migrate(db, 'd');"
    assert len(calls(text + " " * (LARGEST - len(text)))) == 1
    assert calls(text + " " * (LARGEST - len(text) + 1)) == []


def test_what_is_parsed_is_counted() -> None:
    patience = Patience()
    read_module("a.ts", IMPORT.encode() * 300, patience)
    assert patience.left < Patience().left


@pytest.mark.parametrize(
    "worth",
    [
        "`${NEXT}${NEXT}${NEXT}${NEXT}`",
        "NEXT + NEXT",
        "path.join(NEXT, NEXT, NEXT)",
        "{ migrationsFolder: NEXT.migrationsFolder + NEXT.migrationsFolder, a: NEXT, b: NEXT }",
        "{ ...NEXT, ...NEXT, ...NEXT }",
    ],
)
def test_constants_of_constants_are_each_worked_out_once(worth: str) -> None:
    chain = "".join(f"const a{each} = {worth.replace('NEXT', f'a{each + 1}')};\n" for each in range(26))
    end = 'const a26 = { migrationsFolder: "drizzle" };\n' if worth.startswith("{") else 'const a26 = "drizzle";\n'
    assert len(calls(f"{IMPORT}{chain}{end}migrate(db, {{ migrationsFolder: a0 }});\nsql`${{a0}}${{a0}}`;")) == 1


def test_bytes_that_are_no_text_are_passed_over() -> None:
    content = b"// \xff\xfe\n" + (IMPORT + "migrate(db, 'd');").encode() + b"\0\xff"
    assert [each.folder for each in migrate_calls(read_module("a.ts", content))] == ["d"]


def test_what_cannot_be_parsed_is_left_out_and_the_rest_is_read() -> None:
    text = IMPORT + "const = = {;\nmigrate(db, { migrationsFolder: 'drizzle' });\n"
    assert [each.folder for each in calls(text)] == ["drizzle"]


@pytest.mark.parametrize(
    "part", ["migrate(", "() => ", "const a = {", "`${", "a?b:", "migrate(db, {a: [", "<div>", ".a()", "()", "a.b(c)."]
)
def test_a_hostile_file_takes_time_in_proportion(part: str) -> None:
    assert growth(lambda size: calls(IMPORT + part * size), 1_000) < LINEAR
