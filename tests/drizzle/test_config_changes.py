"""A drizzle.config that changes what it made, or what its functions are: what it was at first is no answer."""

from collections.abc import Callable

import pytest
from tests.support.drizzle_configs import read, unread
from tests.support.growth import LINEAR, growth

from migcheck.drizzle.config_file import DrizzleConfig, Unread
from migcheck.drizzle.ledger import LedgerName

PATH = "import path from 'node:path';\n"


# What changes the configuration after it was made, with the first key that can no longer be read.
OF = "const c = { dialect: 'postgresql', out: 'a', migrations: { table: 'x' } };\n"

CALL = "override(c.migrations)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (OF + "c.out = 'sub/real'\nexport default c", "`out`: c.out = …"),
        (OF + "c['out'] = 'sub/real'; export default defineConfig(c)", "`out`: c['out'] = …"),
        (OF + "c.out ??= 'b'; export default c", "`out`: c.out ??= …"),
        (OF + "(c as any).out = 'b'; export default c satisfies Config", "`out`: (c as any).out = …"),
        (OF + "c!.out = 'b'; export default c", "`out`: c!.out = …"),
        (OF + "export default c; if (process.env.X) { c.out = 'b' }", "`out`: c.out = …"),
        (OF + "delete c.out; export default c", "`out`: delete c.out"),
        (OF + "Reflect.deleteProperty(c, 'out'); export default c", "`out`: Reflect.deleteProperty(c, 'out')"),
        (OF + "Object.defineProperty(c, 'out', o); export default c", "`out`: Object.defineProperty(c, 'out', o)"),
        (OF + "c[key] = 'b'; export default c", "the configuration: c[key] = …"),
        (OF + "Object.assign(c, { out: 'b' })\nexport default c", "the configuration: Object.assign(c, { out: 'b' })"),
        (OF + "Object.assign(c as any, o)\nexport default c", "the configuration: Object.assign(c as any, o)"),
        (OF + "_.merge(c, {out: 'b'}); export default c", "the configuration: _.merge(c, {out: 'b'})"),
        (OF + "const d = c; new Wrap(d as any); export default c", "the configuration: new Wrap(d as any)"),
        (
            "import { override } from './o';\n" + OF + "override(c); export default { ...c, dialect: 'postgresql' }",
            "`out`: ...c",
        ),
        (
            OF + "(Object as any).assign(c, o); export default defineConfig(c)",
            "the configuration: (Object as any).assign(c, o)",
        ),
        (OF + "Object?.assign(c, o); export default c", "the configuration: Object?.assign(c, o)"),
        (OF + "Object['assign'](c, o); export default c", "the configuration: Object['assign'](c, o)"),
        (OF + "module.exports = c; override(module.exports)", "the configuration: override(module.exports)"),
        (OF + "const d: any = c; d.out = 'b'; export default c", "the configuration: d.out = …"),
        (OF + "const w = { c }; w.c.out = 'b'; export default c", "the configuration: w.c.out = …"),
        (OF + "const w = { d: c, e: 1 }; delete w.d.out; export default c", "the configuration: delete w.d.out"),
        (OF + "const w = { c }; Object.assign(w.c, o); export default c", "the configuration: Object.assign(w.c, o)"),
        (OF + "const w = { c }; override(w.c); export default c", "the configuration: override(w.c)"),
        (OF + "c.out = 'b'; export default { ...c, verbose: true }", "`out`: c.out = …"),
        (OF + "Object.assign(c, o); export default { ...c, dialect: 'postgresql' }", "`out`: ...c"),
        (OF + "module.exports = c; module.exports.out = 'b'", "the configuration: module.exports.out = …"),
        (OF + "module.exports = c; module.exports = { ...c, out: 'b' }", "the configuration: module.exports = …"),
        (
            OF + "module.exports = c; Object.assign(module.exports, o)",
            "the configuration: Object.assign(module.exports, o)",
        ),
        (OF + "export default c; exports.default.out = 'b'", "the configuration: exports.default.out = …"),
        (OF + "const defineConfig = () => ({}); export default defineConfig(c)", "the configuration: defineConfig(c)"),
    ],
)
def test_a_configuration_that_is_changed_after_it_was_made_is_not_guessed(text: str, shown: str) -> None:
    key, _, written = shown.partition(": ")
    assert unread(text).problem == f"{key} cannot be read without running the file: {written}"


def test_a_ledger_or_a_dialect_that_is_changed_is_not_guessed() -> None:
    found = read(OF + "c.migrations.table = 'y'; export default c")
    problem = "`migrations` cannot be read without running the file: c.migrations.table = …"
    assert found == DrizzleConfig("drizzle.config.ts", "a", Unread(2, problem))
    found = read(OF + "override(c.migrations); export default c")
    assert found == DrizzleConfig("drizzle.config.ts", "a", Unread(2, problem.replace("c.migrations.table = …", CALL)))
    problem = "`dialect` cannot be read without running the file: c.dialect = …"
    assert unread(OF + "c.dialect = 'mysql'; export default c") == Unread(2, problem)


@pytest.mark.parametrize(
    "rest",
    [
        "console.log(c, c.out, JSON.stringify(c)); mkdirSync(c.out); export default c",
        "import { defineConfig as dc } from 'drizzle-kit'; const d = dc; export default d(c)",
        "if (c.out === 'b' || c.n <= 3 || c.n >= 4) throw new Error(c.out)\nexport default c",
        "const url = c.url ?? 'x'; export default c",
        "const other = { ...c }; other.out = 'b'; export default c",
        "const other = Object.assign({}, c); other.out = 'b'; export default c",
        "c.verbose = true; export default c",
        "const w = { c, e: {} }; w.c = 1; w.e.out = 'b'; override(w.e); export default c",
        "const w = { c: 'c', ...c }; w.c.out = 'b'; export default c",
        "if (process.env.CI) c.dbCredentials.url = process.env.URL\nexport default c",
        "Object.freeze(c); module.exports = c",
        "delete process.env.X; process.env.Y = c.out; process.env['Z'] ??= 'z'\nexport default c satisfies Config",
        "const d = { c: 1, out: 2 }; d.c = 3; export default defineConfig(c)",
    ],
)
def test_a_configuration_that_is_read_or_changed_elsewhere_is_read(rest: str) -> None:
    found = read(OF + rest)
    assert isinstance(found, DrizzleConfig)
    assert (found.out, found.ledger) == ("a", LedgerName(table="x"))


@pytest.mark.parametrize(
    "text",
    [
        PATH + "path.join = () => 'b'\n",
        PATH + "path['join'] = () => 'b'\n",
        PATH + "Object.assign(path, mine)\n",
        PATH + "const same = path; same.join = () => 'b'\n",
        PATH + "require('path').join = () => 'b'\n",
        "const path = require('path')\npath.join = () => 'b'\n",
        "const path = mine // import path from 'path'\n",
    ],
)
def test_a_function_of_paths_that_is_not_nodes_any_more_is_not_guessed(text: str) -> None:
    found = unread(text + "export default { dialect: 'postgresql', out: path.join('a', 'b') }")
    assert found.problem == "`out` cannot be read without running the file: path.join('a', 'b')"


@pytest.mark.parametrize(
    "text",
    [
        "let { join } = require('path'); join = () => 'b'\n",
        "var { join } = require('path'); function join() { return 'b' }\n",
        "/* import { join } from 'path' */ const join = () => 'b'\n",
        "import { join } from 'path'; let __dirname = cwd()\n",
        "import { join } from 'path'; __dirname = cwd()\n",
    ],
)
def test_a_name_that_is_made_another_is_not_guessed(text: str) -> None:
    found = unread(text + "export default { dialect: 'postgresql', out: join(__dirname, 'b') }")
    assert found.problem == "`out` cannot be read without running the file: join(__dirname, 'b')"


def test_a_path_whose_module_is_read_alone_is_read() -> None:
    text = PATH + "const p: path.ParsedPath = path.parse('a'); path.sep\n"
    found = read(text + "export default { dialect: 'postgresql', out: path.join('a', 'b') }")
    assert found == DrizzleConfig("drizzle.config.ts", "a/b", LedgerName())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: "a[" * (n // 2) + "]=" * (n // 2), id="places"),
        pytest.param(lambda n: "(a(" * (n // 3) + "))" * (n // 3) + ".b = 1", id="calls"),
        pytest.param(
            lambda n: "".join(f"const a{i} = a{i + 1}; a0.k{i} = 1;" for i in range(n // 20)),
            id="same",
        ),
        pytest.param(lambda n: "".join(f"a0.k{i}=1;" for i in range(n // 8)) + "const a0 = {}", id="keys"),
        pytest.param(lambda n: "let a: b" * (n // 8), id="types"),
        pytest.param(lambda n: "delete (" * (n // 8), id="deletes"),
        pytest.param(lambda n: "const a0 = {};" + "f(a0," * (n // 8) + "1" + ")" * (n // 8), id="handed"),
        pytest.param(lambda n: "const a0 = {};f(a0)" + ".g(a0)" * (n // 6), id="chained"),
    ],
)
def test_looking_for_changes_takes_linear_time(text: Callable[[int], str]) -> None:
    assert growth(lambda size: read(text(size) + "\nexport default a0"), 2_000) < LINEAR
