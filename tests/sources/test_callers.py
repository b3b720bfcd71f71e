"""Which function of which file a call belongs to, and who calls that from elsewhere."""

import pytest

from migcheck.sources.callers import Use, Work, hook_in, may_lead, may_use, uses, work_at
from migcheck.sources.failures import CATCH
from migcheck.sources.later import Holder
from migcheck.sources.migrators import migrate_calls
from migcheck.sources.module import read_module
from migcheck.typescript.syntax import HANDED_ON

IMPORT = 'import { migrate } from "drizzle-orm/postgres-js/migrator";\n'
TARGET = "src/db/migrate.ts"
FILE = frozenset({""})


def work(text: str) -> Work:
    """What migrates in a file that holds one call."""
    content = (IMPORT + text).encode()
    module = read_module(TARGET, content)
    (call,) = migrate_calls(module)
    return work_at(module, call.holder, content)


def used(text: str, of: Work, *, path: str = "src/app.ts", package: str = "") -> list[tuple[int, frozenset[str]]]:
    """The lines of a file at which it uses what migrates, and the functions that then do."""
    found = list(uses(read_module(path, text.encode()), text.encode(), of, package))
    assert not found or may_lead(text.encode(), path, of, package)
    return [(each.line, frozenset(one.name for one in each.then.names)) for each in found]


@pytest.mark.parametrize(
    ("text", "names", "loading"),
    [
        ("await migrate(db, {});", {""}, True),
        ("export async function up() { await migrate(db, {}); }", {"up"}, False),
        ("export const up = async () => migrate(db, {});", {"up"}, False),
        ("const up = async () => { await migrate(db, {}); };\nup().catch(console.error);", {"up", ""}, True),
        ("async function main() { await migrate(db, {}); }\nmain().then(() => process.exit(0));", {"main", ""}, True),
        ("(async () => { await migrate(db, {}); })();", {""}, True),
        ("(async function main() { await migrate(db, {}); })();", {"main", ""}, True),
        ("connect().then(async (db) => { await migrate(db, {}); });", {""}, True),
        (
            "class Db { async up() { await migrate(db, {}); } go() { this.up(); } }",
            {"up", "go", "Db.up", "Db.go"},
            False,
        ),
        ("export default plugin(async () => { await migrate(db, {}); });", {HANDED_ON}, False),
        ("export const o = { up: async () => { await migrate(db, {}); } };", {"up", "o.up"}, False),
        (
            "function a() { migrate(db, {}); }\nfunction b() { a(); }\nexport function c() { b(); }",
            {"a", "b", "c"},
            False,
        ),
        ("const up = () => migrate(db, {});\nif (require.main === module) up();", {"up", ""}, False),
        ("const up = () => migrate(db, {});\nif (import.meta.main) up();", {"up", ""}, False),
    ],
)
def test_what_migrates_and_when(text: str, names: set[str], loading: bool) -> None:  # noqa: FBT001
    assert work(text) == Work(TARGET, frozenset(map(Holder, names)), loading)


LATER = "const up = async () => { await migrate(db, {}); };\n"
UP = "async () => { await migrate(db, {}); }"
PARSED = """import { parseArgs } from "node:util";
const { values, positionals: words } = parseArgs({ options: { up: { type: "boolean", short: "u" } } });
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (LATER + "retry(up);", {"up", HANDED_ON}),
        (LATER + "app.listen(3000, up);", {"up", HANDED_ON}),
        (LATER + "connect().then(up);", {"up", ""}),
        (LATER + "prep({ up });", {"up", HANDED_ON}),
        (LATER + "prep({ hooks: [{ start: up.bind(null) }] });", {"up", HANDED_ON}),
        (LATER + "new Server({ start: ready ? up : null }).start();", {"up", HANDED_ON}),
        (LATER + "async function main() { await prep({ up }); }\nmain();", {"up", "main", ""}),
        (LATER + "const tasks = [up];\nfor (const each of tasks) await each();", {"up", "tasks", ""}),
        (LATER + "const tasks = [up];\nawait Promise.all(tasks.map((each) => each()));", {"up", "tasks", ""}),
        (LATER + "const options = { start: up };\nprep(options);", {"up", "options", "options.start", HANDED_ON}),
        (LATER + "const ways = { up };\nways.up();", {"up", "ways", "ways.up", ""}),
        (LATER + "const start = up;\nstart();", {"up", "start", ""}),
        (f"const options = {{ start: {UP} }};\nprep(options);", {"start", "options", "options.start", HANDED_ON}),
        (f"prep({{ start: {UP} }});", {HANDED_ON}),
        ("prep({ async start() { await migrate(db, {}); } });", {HANDED_ON}),
        ("start({ onStart: () => migrate(db, {}) });", {HANDED_ON}),
        (f"async function main() {{ await prep({{ start: {UP} }}); }}\nmain();", {"main", ""}),
        ("class Db { async up() { await migrate(db, {}); } go() { later(this.up); } }", {"up", "go", "Db.up", "Db.go"}),
        (LATER + "prep(ready && up);", {"up", HANDED_ON}),
        (LATER + "prep(up ?? noop);", {"up", HANDED_ON}),
        (LATER + "prep(Object.freeze({ up } as const));", {"up", HANDED_ON}),
        (f"const ways = Object.freeze({{ up: {UP} }});\nways.up();", {"up", "ways", "ways.up", ""}),
        # Nothing begins what is only there, another thing of its name, or of an object that others call one by one.
        (LATER + "export { up };\nexport default up;\nmodule.exports = { up };", {"up"}),
        (LATER + "type Up = typeof up;\nconst other = later<typeof up>();", {"up"}),
        (LATER + "if (process.env.NODE_ENV !== 'production') prep({ up });", {"up"}),
        (LATER + "prep(process.env.NODE_ENV === 'development' ? up : down);", {"up"}),
        (LATER + "const prep = (db) => db;\nprep({ up: 1, down });\nprep(other.up);", {"up"}),
        ("class Db { async up() { await migrate(db, {}); } }\nfunction go(up) { later(up); }\ngo();", {"up", "Db.up"}),
        (LATER + "export const ways = { up, down };\nserve(ways);", {"up", "ways.up"}),
        (LATER + "export const ways = { up } as const satisfies Ways;", {"up", "ways.up"}),
        (
            LATER + "export const ways = Object.freeze({ up });\nexport default Object.freeze({ up });",
            {"up", "ways.up"},
        ),
        (f"export const ways = Object.freeze({{ up: {UP} }} satisfies Ways);", {"up", "ways.up"}),
        (LATER + "prep(up && ready);\nprep(process.env.NODE_ENV !== 'production' && up);", {"up"}),
    ],
)
def test_a_function_that_is_handed_on_by_name_or_in_an_object(text: str, names: set[str]) -> None:
    assert work(text) == Work(TARGET, frozenset(map(Holder, names)), loading="" in names)


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        (f"app.post('/admin/migrate', {UP});", []),
        (LATER + "router.get('/up', auth, wrapped(up)).all(`/all/${x}`, up);", []),
        (f"app.route({{}}).post('/a', handled(async (c) => {{ await other(); await retry({UP}); }}));", []),
        (f"async function main() {{ process.on('SIGUSR2', {UP}); }}\nmain();", []),
        (f"program.command('up <folder>').description('x').action({UP});\nprogram.parse();", [{"up"}]),
        (LATER + "cli.command('serve').action(go).command('up').alias('m').action(wrapped(up));", [{"m", "up"}]),
        (f"function main() {{ new Command().command('up').action({UP}); }}\nmain();", [{"up"}]),
        (LATER + "if (process.argv[2] === 'up') { await up(); } else app.listen(3);", [{"up"}]),
        (
            LATER + "const [a] = b;\nconst asked = process.argv[2];\nif (asked == 'a' || asked == 'b') up();",
            [{"a", "b"}],
        ),
        (
            LATER + "async function main() {\n  if (!process.argv.includes('--up')) return;\n  await up();\n}\nmain();",
            [{"--up"}],
        ),
        (f"await yargs(hideBin(process.argv)).help().command('up', 'x', {{}}, {UP}).parse();", [{"up"}]),
        (f"yargs(argv).command({{ command: 'up <to>', handler: {UP} }}).parse();", [{"up"}]),
        (f"yargs(argv).command({{ command: 'up', aliases: ['m', 'go <to>'], handler: {UP} }});", [{"go", "m", "up"}]),
        (f"yargs(argv).command({{ command: 'up', aliases: 'm', handler: {UP} }});", [{"m", "up"}]),
        (f"app.route({{ method: 'POST', url: '/up', handler: {UP} }});", []),
        (LATER + "app.on(['PUT'], '/up', up);\nserver.route({ method: 'POST', path: '/up', handler: up });", []),
        (LATER + "const [, , a, ...more] = process.argv;\nif (a === 'up' || more[0] === 'all') up();", [{"all", "up"}]),
        (LATER + "const args = process.argv.slice(2);\nconst [a = 'x'] = args;\nif (a === 'up') up();", [{"up"}]),
        (LATER + "const args = process.argv.slice(2);\nif ((args[0] ?? 'x') === 'up') up();", [{"up"}]),
        (LATER + PARSED + "if (!values.up) return;\nup();", [{"--up", "-u"}]),
        # A variable says less than what a person gives.
        (LATER + "if (process.env.A && process.argv[2] === 'up') up();", [{"up"}]),
        (LATER + "if (process.argv[2] === 'up' && process.env.A) up();", [{"up"}]),
        (LATER + "if (process.env.A) {\n  if (process.argv[2] === 'up') up();\n}", [{"up"}]),
        (LATER + "if (!process.env.A) return;\nif (process.argv[2] === 'up') up();", [{"up"}]),
        (LATER + "if (process.env.A === 'true') up();", [{"$A"}]),
        (LATER + "if (process.env['A'] !== 'false') up();", [set()]),
        (LATER + "if (process.env.A === 'false') return;\nup();", [set()]),
        (LATER + PARSED + "switch (words[0]) { case 'up': up(); }", [{"up"}]),
        # What is run at once, at the start or where nothing is asked for.
        (LATER + PARSED + "if (!values.down) up();", [set()]),
        (LATER + PARSED.replace("node:util", "./args") + "if (values.up) up();", [set()]),
        (LATER + PARSED.replace("short", "default: true, short") + "if (values.up) up();", [set()]),
        (LATER + "const [, a, b = 'up'] = process.argv;\nif (a === 'up' || b === 'up') up();", [set()]),
        (LATER + "const [, , a = or()] = process.argv;\nif (a === 'up') up();", [set()]),
        (LATER + "const a = process.argv[2] ?? process.env.CMD ?? 'serve';\nif (a === 'up') up();", [set()]),
        # A constant that is changed, or that a parameter of its name stands for.
        (
            LATER + "const a = process.argv.slice(2);\nif (!a.length) a.push('up');\nif (a.includes('up')) up();",
            [set()],
        ),
        (LATER + "const a = process.argv.slice(2);\na.unshift('up');\nif (a[0] === 'up') up();", [set()]),
        (LATER + "const a = process.argv;\na[2] = 'up';\nconst [, , b] = a;\nif (b === 'up') up();", [set()]),
        (LATER + "process.argv.splice(2, 0, 'up');\nif (process.argv.includes('up')) up();", [set()]),
        (LATER + "process.env.A = 'b';\nif (process.argv.includes('up')) up();", [{"up"}]),
        (LATER + PARSED + "values.up ??= production;\nif (values.up) up();", [set()]),
        (LATER + PARSED.replace("{ options", "{ args: ['--up'], options") + "if (values.up) up();", [set()]),
        (LATER + PARSED.replace("{ options", "{ args, options") + "if (words[0] === 'up') up();", [set()]),
        (LATER + "const [, , a] = process.argv;\nfunction main(a) { if (a === 'up') up(); }\nmain('up');", [set()]),
        (
            LATER
            + "const a = process.argv;\nconst main = async ([...a]) => { if (a.includes('up')) up(); };\nmain(b);",
            [set()],
        ),
        (LATER + "const [, , a] = process.argv;\nfor (const { a } of b) { if (a === 'up') up(); }", [set()]),
        (LATER + "let [, , a] = process.argv;\na ??= 'up';\nif (a === 'up') up();", [set()]),
        (f"yargs(argv).command({{ command: '$0', handler: {UP} }});", [set()]),
        (f"yargs(argv).command({{ command: 'up', aliases: ['m', '$0'], handler: {UP} }});", [set()]),
        (f"yargs(argv).command({{ command: 'up', aliases: '*', handler: {UP} }});", [set()]),
        (f"yargs(argv).command({{ command: 'up', aliases, handler: {UP} }});", [set()]),
        (f"yargs(argv).command({{ command: 'up', aliases: others, handler: {UP} }});", [set()]),
        (f"yargs(argv).command('up', 'x', {{ aliases: ['$0'], builder: {{}}, handler: {UP} }});", [set()]),
        (f"bus.on('ready', '/x', {UP});", [set()]),
        (f"bus.on('READY', '/x', {UP});", [set()]),
        (f"bus.on(['PUT', 'READY'], '/x', {UP});", [set()]),
        (f"app.route({{ handler: {UP} }});", [set()]),
        (f"app.listen(3, {UP});", [set()]),
        (f"server.on('listening', {UP});", [set()]),
        (f"emitter.once('ready', {UP});", [set()]),
        (f"process.nextTick({UP});", [set()]),
        (f"app.use('/', {UP});", [set()]),
        (f"http.get('/ready', {UP});", [set()]),
        (f"app.get({UP});", [set()]),
        (f"app.post('/up', other);\nretry({UP});", [set()]),
        (f"app.post('/up', ready.then({UP}));", [set()]),
        (f"app.post('/up', other).listen(3, {UP});", [set()]),
        (f"program.action({UP});", [set()]),
        (f"program.command('up', {{ isDefault: true }}).action({UP});", [set()]),
        (f"cli.command('', 'Begin').action({UP});", [set()]),
        (f"await bus.command('up', {UP});", [set()]),
        (f"await bus.of(yargs(argv)).command('up', {UP});", [set()]),
        (f"yargs(['up']).help().command('up', 'x', {{}}, {UP}).parse();", [set()]),
        (LATER + "app.post('/up', up);\nawait up();", [set()]),
        (LATER + "if (process.argv[2] === 'serve') serve(); else await up();", [set()]),
        (LATER + "if (process.argv[2] === 'up' || true) await up();", [set()]),
        (LATER + "if (process.argv[1] === 'up') await up();", [set()]),
        (LATER + "let asked = process.argv[2];\nasked ??= 'up';\nif (asked === 'up') await up();", [set()]),
    ],
)
def test_what_is_kept_for_later_is_not_begun_when_its_file_is_run(text: str, begun: list[set[str]]) -> None:
    assert list(work(text).begun_for()) == begun


def test_what_is_asked_for_is_so_through_other_files() -> None:
    of = work(f"export const add = (cli) => {{ cli.command('up').action({UP}); }};")
    text = b'import { add } from "./db/migrate";\nadd(program);\napp.post("/a", () => add(program));'
    found = uses(read_module("src/app.ts", text), text, of, "")
    assert [list(each.then.begun_for()) for each in found] == [[{"up"}], []]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new Server({ beforeStart: up }).start();", [(2, {HANDED_ON}, "")]),
        ("retry(up).catch(console.error);", [(2, {HANDED_ON}, CATCH)]),
        (
            "const main = async () => up();\nmain().catch(console.error);\nexport const ways = { main };",
            [(2, {"main", "", "ways.main"}, CATCH)],
        ),
        ("const tasks = [up];\nfor (const each of tasks) await each();", [(2, {"tasks", ""}, "")]),
        ("export { up };", []),
    ],
)
def test_a_function_of_another_file_that_is_handed_on(text: str, expected: list[tuple[int, set[str], str]]) -> None:
    content = ('import { up } from "./db/migrate";\n' + text).encode()
    found = uses(read_module("src/app.ts", content), content, work("export " + LATER), "")
    assert [(each.line, {one.name for one in each.then.names}, each.goes_on) for each in found] == expected


@pytest.mark.parametrize(
    "source",
    [
        "./db/migrate",
        "./db/migrate.js",
        "./db/migrate.ts",
        "./db",
        "./db/index.js",
        "@/db/migrate",
        "~/db/migrate",
        "#/db",
    ],
)
def test_a_call_from_another_file(source: str) -> None:
    of = work("export async function up() { await migrate(db, {}); }")
    text = f'import {{ up }} from "{source}";\nasync function main() {{\n  await up();\n}}\nmain();'
    assert used(text, of) == [(3, frozenset({"main", ""}))]


def test_a_call_by_the_name_of_the_package() -> None:
    of = work("export async function up() { await migrate(db, {}); }")
    text = 'import { up } from "@acme/db";\nawait up();'
    assert used(text, of, path="apps/api/src/index.ts", package="@acme/db") == [(2, FILE)]
    assert used(text, of, path="apps/api/src/index.ts", package="@acme/other") == []


@pytest.mark.parametrize(
    "text",
    [
        'import { up } from "./other";\nup();',
        'import { up } from "umzug";\nup();',
        'import { down } from "./db/migrate";\ndown();',
        'import { up } from "./db/migrate";\nexport { up };',
        "up();",
        'import "./db/migrate";',
    ],
)
def test_what_calls_something_else_or_nothing(text: str) -> None:
    assert used(text, work("export async function up() { await migrate(db, {}); }")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import "./db/migrate";', [(1, FILE)]),
        ('const { db } = await import("./db/migrate.js");', [(1, FILE)]),
        ('require("./db/migrate");', [(1, FILE)]),
        ('import { db } from "./db";', []),
        ('import "./db/other";', []),
    ],
)
def test_loading_a_file_that_migrates_when_it_is_loaded(text: str, expected: list[tuple[int, frozenset[str]]]) -> None:
    assert used(text, work("await migrate(db, {});")) == expected


def test_a_file_does_not_use_itself() -> None:
    of = work("await migrate(db, {});")
    assert used('import "./migrate";', of, path=TARGET) == []


def test_most_files_are_passed_over_unparsed() -> None:
    of = work("const up = () => migrate(db, {});\nup();")
    assert [may_use(each, of) for each in (b"up()", b'import "./db/migrate"', b"nothing")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import { up } from "./db/migrate";', True),
        ("const { up } = require('./db');", True),
        ('import { up } from "@acme/db";', True),
        ('// it isn\'t "so"\nimport { up } from "./db/migrate.js";', True),
        # Of a string that is escaped, a module is named by the rest.
        (r'import { up } from "./db/mi\u0067grate";', True),
        (r'import { up } from "./d\u{62}b/mig\x72rate";', True),
        ('import { up } from "./other";\n// see db/migrate', False),
        ("up();", False),
    ],
)
def test_a_file_that_names_no_module_which_leads_there_is_passed_over_as_well(text: str, *, expected: bool) -> None:
    of = work("const up = () => migrate(db, {});\nup();")
    assert may_lead(text.encode(), "src/app.ts", of, "@acme/db") is expected


def test_what_uses_it_migrates_at_its_turn() -> None:
    of = work("export const up = () => migrate(db, {});")
    text = b'import { up } from "./db/migrate"; up();'
    assert list(uses(read_module("src/app.ts", text), text, of, "")) == [
        Use("src/app.ts", 1, Work("src/app.ts", frozenset({Holder()}), loading=True))
    ]


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("instrumentation.ts", "register", True),
        ("apps/web/src/instrumentation.ts", "register", True),
        ("apps/web/src/instrumentation.ts", "other", False),
        ("src/hooks.server.ts", "init", True),
        ("src/hooks.server.ts", "handle", False),
        ("server/plugins/migrate.ts", HANDED_ON, True),
        ("src/app/layout.tsx", "", True),
        ("src/app/api/users/route.ts", "GET", False),
        ("src/lib/db.ts", "", False),
    ],
)
def test_what_a_framework_runs_at_the_start(path: str, name: str, expected: bool) -> None:  # noqa: FBT001
    assert hook_in(path, frozenset({Holder(name)})) is expected
