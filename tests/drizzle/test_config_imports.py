"""What a drizzle.config takes from a file beside it is read as what it says itself, one step far."""

from collections.abc import Mapping

import pytest
from tests.support.growth import LINEAR, growth

from migcheck.drizzle.config_file import DrizzleConfig, OtherDialect, Unread, UnreadableConfig, read_config
from migcheck.drizzle.ledger import LedgerName
from migcheck.typescript.beside import may_import

PATH = "apps/db/drizzle.config.ts"
SAID = "base = { dialect: 'postgresql', out: './base', migrations: { table: 'mine' } } satisfies Config;"
CONSTANT = f"export const {SAID}"
LISTED = f"const {SAID}\nconst {SAID.replace('base', 'b', 1)}\nexport {{ b, base as default, b as c }};"
JSON = '{"dialect": "postgresql", "out": "x"}'
DEFAULT = "import type { Config } from 'drizzle-kit';\nexport default { dialect: 'postgresql' };"
NODE = "const out = './sql';\nmodule.exports = { base: { dialect: 'postgresql', out } };"
ENDS = ("ts", "mts", "cts", "js", "mjs", "cjs", "json")
SPREAD = "export default defineConfig({ ...base, out: './drizzle' });"


def read(text: str, files: Mapping[str, str]) -> DrizzleConfig | OtherDialect | UnreadableConfig:
    return read_config(PATH, text.encode(), {path: each.encode() for path, each in files.items()}.get)


def out(text: str, files: Mapping[str, str]) -> object:
    """What `out` is, or why that is not known."""
    match read(text, files):
        case DrizzleConfig(out=str() as found):
            return found
        case DrizzleConfig(out=Unread() as why) | UnreadableConfig(why=why):
            return why
        case found:
            return found


@pytest.mark.parametrize(
    ("text", "path", "other", "expected"),
    [
        (f"import {{ base }} from './base'\n{SPREAD}", "base.ts", CONSTANT, "./drizzle"),
        ("import { base } from './base'\nexport default base", "base.ts", CONSTANT, "./base"),
        ("import { base as b } from './base.js'\nexport default b", "base.ts", CONSTANT, "./base"),
        ("import { base } from '../base'\nexport default base", "../base.mjs", CONSTANT, "./base"),
        ("import { base } from './config'\nexport default base", "config/index.ts", CONSTANT, "./base"),
        (f"import base from './drizzle.base'\n{SPREAD}", "drizzle.base.ts", DEFAULT, "./drizzle"),
        (f"import base from './b.json' with {{ type: 'json' }}\n{SPREAD}", "b.json", JSON, "./drizzle"),
        ("import { out } from './b.json'\nexport default {dialect: 'postgresql', out}", "b.json", JSON, "x"),
        ("import b from './b.json'\nexport default {dialect: 'postgresql', out: b.out}", "b.json", JSON, "x"),
        ("import b from './b.json' with { type: 'json' }\nexport default {...b, out: b.out}", "b.json", JSON, "x"),
        ("import * as b from './b'\nexport default {...b.base, out: b.base2}", "b.ts", CONSTANT, None),
        ("import * as b from './b'\nexport default b.base", "b.ts", CONSTANT, "./base"),
        ("import b from './b'\nexport default b.base", "b.ts", f"{CONSTANT}\nexport default {{ base }}", "./base"),
        ("const b = require('./base')\nmodule.exports = b.base", "base.js", NODE, "./sql"),
        ("export { base as default } from './base'", "base.ts", CONSTANT, "./base"),
        ("import b from './b.json'\nexport default {dialect: 'postgresql', out: b.gone}", "b.json", JSON, "./drizzle"),
        ("import b from './b.json'\nexport default {dialect: 'postgresql', out: b.out.x}", "b.json", JSON, None),
        ("import b from './b.json'\nexport default {dialect: 'postgresql', out: b.out()}", "b.json", JSON, None),
        ("import b from './b.json'\nb.out = y\nexport default {...b, out: b.out}", "b.json", JSON, None),
        ("import b from './b.json'\nf(b)\nexport default {dialect: 'postgresql', out: b['out']}", "b.json", JSON, None),
        ("const { base } = require('./base')\nmodule.exports = base", "base.js", NODE, "./sql"),
        ("const all = require('./base')\nmodule.exports = { ...all.base, ...all }", "base.cjs", NODE, "./sql"),
        ("const all = require('./b')\nmodule.exports = { ...all }", "b.cjs", NODE.replace("base:", "..."), "./sql"),
        (f"import {{ c as base }} from './base'\n{SPREAD}", "base.ts", LISTED, "./drizzle"),
        (f"import base from './base'\n{SPREAD}", "base.ts", LISTED, "./drizzle"),
        ("import { base } from './base'\nexport default base", "base.ts", LISTED, None),
        ("import { base } from './base'\nexport default {...base}", "base.ts", "export const base = 'x'", None),
    ],
)  # fmt: skip
def test_a_constant_of_a_file_beside_it_is_read(text: str, path: str, other: str, expected: str | None) -> None:
    place = "apps/base.mjs" if path.startswith("../") else f"apps/db/{path}"
    found = out(text, {place: other})
    assert isinstance(found, Unread) if expected is None else found == expected


def test_all_that_it_says_is_read() -> None:
    found = read(f"import {{ base }} from './base'\n{SPREAD}", {"apps/db/base.ts": CONSTANT})
    assert found == DrizzleConfig(PATH, "./drizzle", LedgerName(table="mine"))


def test_a_path_that_begins_beside_the_other_file_begins_there() -> None:
    text = "import { out } from '../shared/out'\nexport default { dialect: 'postgresql', out }"
    files = {"apps/shared/out.ts": "export const out = `${__dirname}/sql`"}
    assert read(text, files) == DrizzleConfig(PATH, "../shared/sql", LedgerName(), beside=True)


def test_what_the_other_file_does_not_tell_is_said_with_the_place_there() -> None:
    text = "import x from 'x'\nimport { base } from './base'\nexport default { ...base }"
    files = {"apps/db/base.ts": "export const base = {\n dialect: 'postgresql',\n out: process.env.OUT };"}
    said = "`out` cannot be read without running the file: process.env.OUT (apps/db/base.ts:3)"
    assert out(text, files) == Unread(3, said)
    said = "`out` cannot be read without running the file: the syntax of } (apps/db/base.ts:2)"
    text = "import { out } from './base'\nexport default { dialect: 'postgresql', out }"
    assert out(text, {"apps/db/base.ts": "export const out = 'a'\n}"}) == Unread(2, said)


def test_a_file_that_is_not_there_is_named() -> None:
    missing = 'import from "./b", which is not there or cannot be read'
    said = Unread(2, f"`out` cannot be read without running the file: {missing}")
    assert out("import { out } from './b'\nexport default { dialect: 'postgresql', out }", {}) == said
    assert out("import * as b from './b'\nexport default { dialect: 'postgresql', out: b.out }", {}) == said


UNKNOWN = Unread(2, "`dialect` cannot be read without running the file: ...base")


@pytest.mark.parametrize(
    ("files", "module"),
    [
        ({}, "./base"),
        ({"apps/db/base.ts": "export let base = { dialect: 'postgresql' }"}, "./base"),
        ({"apps/db/base.ts": CONSTANT.removeprefix("export ")}, "./base"),
        ({"apps/db/base.ts": CONSTANT[7:] + "export { base } from './other'"}, "./base"),
        ({"apps/db/base.ts": "export { base } from './other'", "apps/db/other.ts": CONSTANT}, "./base"),
        ({"apps/db/base.ts": "export const base = make();"}, "./base"),
        ({"apps/db/base.ts": CONSTANT, "apps/db/base.js": CONSTANT}, "./base"),
        ({"apps/db/base.ts": CONSTANT + " " * 300_000}, "./base"),
        ({"base.ts": CONSTANT}, "../../../base"),
        ({"apps/db/base.ts": CONSTANT}, "@/base"),
        ({"apps/db/base.ts": "import { c } from './c'\nexport const base = c", "apps/db/c.js": "x"}, "./base"),
    ],
)  # fmt: skip
def test_what_is_not_plain_to_see_there_is_not_guessed(files: Mapping[str, str], module: str) -> None:
    found = out(f"import {{ base }} from '{module}'\n{SPREAD}", files)
    assert isinstance(found, Unread)
    assert (found.line, found.problem.split(": ")[0]) == (2, UNKNOWN.problem.split(": ")[0])


@pytest.mark.parametrize(
    ("change", "where"),
    [("base.out = where()", "here"), ("base.out = where()", "there"), ("Object.assign(base, x)", "here")],
)
def test_what_either_file_changes_of_it_is_not_guessed(change: str, where: str) -> None:
    here, there = (change, "") if where == "here" else ("", change)
    text = f"import {{ base }} from './base'\n{here}\nexport default base"
    assert isinstance(out(text, {"apps/db/base.ts": f"{CONSTANT}\n{there}"}), Unread)


def test_a_glance_tells_what_may_be_asked_for() -> None:
    text = (
        "import 'a'; import b from './b.js'; const c = require(\"../c\"); import d from 'd'; import e from '../../../e'"
    )
    found = may_import(PATH, text.encode())
    assert {"apps/db/b.js", "apps/db/b.ts", "apps/c.ts", "apps/c/index.mjs"} <= found
    assert not any("../" in each or each.startswith(("d", "e")) for each in found)


@pytest.mark.parametrize(
    ("path", "module", "first"),
    [
        ("drizzle.config.ts", ".", "index.ts"),
        ("drizzle.config.ts", "./", "index.ts"),
        ("drizzle.config.ts", "..", None),
        ("drizzle.config.ts", "../", None),
        ("drizzle.config.ts", "./../..", None),
        ("db/drizzle.config.ts", "..", "index.ts"),
        ("db/drizzle.config.ts", "../", "index.ts"),
        ("db/drizzle.config.ts", "./a/", "db/a/index.ts"),
        ("db/drizzle.config.ts", "./a/..", "db/index.ts"),
        ("db/drizzle.config.ts", "../../", None),
    ],
)
def test_a_directory_is_its_index_and_none_outside_of_the_tree(path: str, module: str, first: str | None) -> None:
    found = may_import(path, f"import {{ base }} from '{module}'".encode())
    assert found == (frozenset() if first is None else {first[:-2] + each for each in ENDS})
    read_from = {} if first is None else {first: CONSTANT.encode()}
    config = read_config(path, f"import {{ base }} from '{module}'\n{SPREAD}".encode(), read_from.get)
    assert isinstance(config, UnreadableConfig if first is None else DrizzleConfig)


def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size() -> None:
    def doubling(size: int) -> object:
        names = "".join(f"const a{each} = [a{each + 1}, a{each + 1}];" for each in range(size // 20))
        return out("import { a0 } from './b'\nexport default a0", {"apps/db/b.ts": f"{names}export {{ a0 }}"})

    def lists(size: int) -> object:
        return out("import { b } from './b'\nexport default b", {"apps/db/b.ts": "export { x } " * (size // 10)})

    assert growth(doubling, 1_000) < LINEAR
    assert growth(lists, 2_000) < LINEAR
    assert growth(lambda size: may_import(PATH, b"from './" * size), 5_000) < LINEAR
