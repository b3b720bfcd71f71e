"""drizzle.config is read as people write it, and never run."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.drizzle_configs import read, unread
from tests.support.growth import LINEAR, growth

from migcheck.drizzle.config_file import (
    DrizzleConfig,
    OtherDialect,
    Unread,
    UnreadableConfig,
    is_config_name,
    read_config,
)
from migcheck.drizzle.ledger import LedgerName


def config(
    out: str = "./drizzle",
    ledger: LedgerName = LedgerName(),  # noqa: B008 - frozen
    provider: str | None = None,
) -> DrizzleConfig:
    return DrizzleConfig("drizzle.config.ts", out, ledger, provider)


def test_the_configuration_of_the_documentation() -> None:
    text = """
    import 'dotenv/config';
    import { defineConfig } from 'drizzle-kit';

    export default defineConfig({
      out: './migrations', // where they go
      schema: ['./src/db/schema.ts', "./src/db/more.ts"],
      dialect: 'postgresql',
      dbCredentials: { url: process.env.DATABASE_URL!, },
      migrations: { table: `journal`, schema: 'ops' },
      entities: { roles: { provider: 'neon', include: ['admin'] } },
      verbose: true, strict: true,
    });
    """
    expected = config("./migrations", LedgerName("ops", "journal"), "neon")
    assert read(text) == replace(expected, address="process.env.DATABASE_URL")


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("export default { dialect: 'postgresql' } satisfies Config", "./drizzle"),
        ("export default { dialect: 'postgresql', out: 'a' } as Partial<Record<string, Config>>;", "a"),
        ("const config: Config = { dialect: 'postgresql', out: 'a' };\nexport default config;", "a"),
        ("const config = { dialect: 'postgresql', out: 'a' } as const\nexport default config", "a"),
        ("const out = 'a'\nexport default defineConfig({ dialect: 'postgresql', out })", "a"),
        ("module.exports = { dialect: 'postgresql', out: 'a' }", "a"),
        ("exports = module.exports = { dialect: 'postgresql', out: 'a' }", "a"),
        ("const c: Config = { dialect: 'postgresql', out: 'a' }\nexport = c", "a"),
        ("export default { driver: 'pg', out: 'a' }", "a"),
        ("const c = { out: 'a' }; export default { ...c, dialect: 'postgresql' }", "a"),
        ("export default { ...base, dialect: 'postgresql', out: 'a', migrations: {}, entities: {} }", "a"),
        ("export default { url: `${HOST}/x`, dialect: 'postgresql', out: 'a' }", "a"),
        ("export default { dialect: 'postgresql', out: 'a', tablesFilter: ['}', ']', ','] }", "a"),
        ("if (!process.env.X) throw new Error('}{');\nexport default { dialect: 'postgresql', out: 'a' }", "a"),
        ("/* export default {} */ export default { dialect: ('postgresql'), 'out': \"\\u0061\" }", "a"),
        ("\ufeffexport default { dialect: 'postgresql', out: 'a', hook() { return { out: 'b' } } }", "a"),
    ],
)
def test_the_ways_people_write_it(text: str, out: str) -> None:
    assert read(text) == config(out)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (
            "export default {\n dialect: 'postgresql',\n out: process.env.OUT ?? './x' }",
            3,
            "`out` cannot be read without running the file: process.env.OUT ?? './x'",
        ),
        (
            "export default {\n ...base,\n dialect: 'postgresql' }",
            2,
            "`out` cannot be read without running the file: ...base",
        ),
        (
            "import base from './base'\nexport default base",
            2,
            "the configuration cannot be read without running the file: base",
        ),
        ("let out = 'a'\nexport default { dialect: 'postgresql', out }", 2, None),
        ("const a = b, b = a\nexport default { dialect: 'postgresql', out: a }", 1, None),
        (
            "export default { dialect: 'postgresql', out: './a' + b }",
            1,
            "`out` cannot be read without running the file: './a' + b",
        ),
        ("export default { dialect: 'postgresql', out: 7 }", 1, "`out` is not a string"),
        ("export default { out: 'a' }", 1, "neither `dialect` nor `driver` is given"),
        ("const x = 1", 1, None),
        (
            "\nexport { default } from './base'",
            2,
            "the configuration cannot be read without running the file: export { default } from './base'",
        ),
        (
            "export default function config() { return {} }",
            1,
            "the configuration cannot be read without running the file: export default function config() { return {} }",
        ),
        ("", 1, None),
    ],
)
def test_what_only_running_it_would_tell_is_said_with_its_line(text: str, line: int, problem: str | None) -> None:
    found = unread(text)
    assert found.line == line
    assert problem is None or found.problem == problem


@pytest.mark.parametrize(
    ("url", "variable"),
    [
        ("process.env.POSTGRES_URL!", "POSTGRES_URL"),
        ("process.env['POSTGRES_URL'] as string", "POSTGRES_URL"),
        ('env("NEON_URL")', "NEON_URL"),
        ("Deno.env.get('NEON_URL') ?? ''", "NEON_URL"),
        ("env.NEON_URL || 'postgres://localhost/d'", "NEON_URL"),
        ('process.env?.["NEON_URL"]', "NEON_URL"),
        ("process.env.NEON_URL! as string", "NEON_URL"),
        ("process.env.A_URL ?? process.env.B_URL", ""),
        ('process.env.NODE_ENV === "production" ? "postgres://db/a" : "postgres://db/b"', ""),
        ('process.env.NODE_ENV! !== "production" ? "postgres://db/a" : "postgres://db/b"', ""),
        ('process.env.CI ? "postgres://db/a" : "postgres://db/b"', ""),
        ('process.env.DB_HOST + "/db"', ""),
        ('process.env["DB_" + stage]', ""),
        ("`postgres://app:${process.env.PGPASSWORD}@db/d`", ""),
        ("urlOf(process.env.STAGE)", ""),
        ("'postgres://localhost/d'", ""),
    ],
)
def test_the_variable_that_has_the_url_is_read_where_it_is_plain(url: str, variable: str) -> None:
    found = read(f"export default {{ dialect: 'postgresql', out: 'a', dbCredentials: {{ url: {url} }} }}")
    assert isinstance(found, DrizzleConfig)
    assert found.variable == variable


PATH = "import path from 'node:path';\nimport { join, resolve, dirname } from 'path';\n"
BASE = "const base = './driz'; const __filename = fileURLToPath(import.meta.url);\n"


@pytest.mark.parametrize(
    ("out", "read_as"),
    [
        ("'./a' + '/b'", "./a/b"),
        ("base + 'zle'", "./drizzle"),
        ("(base + 'z') + `le`", "./drizzle"),
        ("`${base}`", "./driz"),
        (r"`${ base }zle/\${x}\u0061`", "./drizzle/${x}a"),
        ("path.join(base + 'zle', '..', 'sql')", "sql"),
        ("path.resolve('drizzle')", "drizzle"),
    ],
)
def test_a_text_that_is_made_of_constants_is_read(out: str, read_as: str) -> None:
    assert read(f"{PATH}{BASE}export default {{ dialect: 'postgresql', out: {out}, verbose: true }}") == config(read_as)


@pytest.mark.parametrize(
    ("out", "read_as"),
    [
        ("path.join(__dirname, 'drizzle')", "drizzle"),
        ("join(__dirname, '..', 'db', `${base}`)", "../db/driz"),
        ("path.resolve(import.meta.dirname, './db', 'sql/')", "db/sql"),
        ("resolve(path.dirname(fileURLToPath(import.meta.url)), 'sql')", "sql"),
        ("`${__dirname}/sql`", "sql"),
        ("`${import.meta.dirname}/sql`", "sql"),
        ("__dirname + '/sql' as string", "sql"),
    ],
)
def test_a_path_that_begins_beside_the_configuration_is_read(out: str, read_as: str) -> None:
    text = f"{PATH}{BASE}export default {{ dialect: 'postgresql', out: {out}, verbose: true }}"
    assert read(text) == replace(config(read_as), beside=True)
    here = "const __dirname = dirname(fileURLToPath(import.meta.url))\n"
    assert read(here + text) == replace(config(read_as), beside=True)


@pytest.mark.parametrize(
    "text",
    [
        # Another `join` than that of Node, or one that nobody knows.
        "export default { dialect: 'postgresql', out: join(__dirname, 'drizzle') }",
        "const path = mine\nexport default { dialect: 'postgresql', out: path.join(__dirname, 'drizzle') }",
        "import path from 'path'\nimport { join } from './a'\nexport default { dialect: 'postgresql', out: join('a') }",
        # Neither is made of constants, nor is where it begins.
        PATH + "const __dirname = cwd()\nexport default { dialect: 'postgresql', out: join(__dirname, 'a') }",
        PATH + "export default { dialect: 'postgresql', out: join(process.cwd(), 'a') }",
        PATH + "export default { dialect: 'postgresql', out: join(__dirname, process.env.OUT) }",
        PATH + "export default { dialect: 'postgresql', out: join(__dirname, ...parts) }",
        PATH + "export default { dialect: 'postgresql', out: join(__dirname) + x }",
        PATH + "export default { dialect: 'postgresql', out: join('a', __dirname) }",
        PATH + "export default { dialect: 'postgresql', out: resolve(__dirname, '/etc') }",
        PATH + "export default { dialect: 'postgresql', out: join(__dirname, 'a').replace('a', 'b') }",
        PATH + "export default { dialect: 'postgresql', out: 'a' + __dirname }",
        PATH + "export default { dialect: 'postgresql', out: __dirname.slice(1) }",
        PATH + "export default { dialect: 'postgresql', out: __dirname + 'x' }",
        PATH + "export default { dialect: 'postgresql', out: `${__dirname}x` }",
        "export default { dialect: 'postgresql', out: 'a' + 1 }",
        "export default { dialect: 'postgresql', out: 'a' + 'b' || 'c' }",
        "export default { dialect: 'postgresql', out: `${a.b}` }",
        "const a = 'x'\nexport default { dialect: 'postgresql', out: `${a}${b}` }",
        "const a = 'x'\nexport default { dialect: 'postgresql', out: tag`${a}` }",
        "const a = `${a}`\nexport default { dialect: 'postgresql', out: a }",
        "".join(f"const a{each} = a{each + 1} + a{each + 1};" for each in range(40))
        + "const a40 = 'x'; export default { dialect: 'postgresql', out: a0 }",
    ],
)
def test_what_is_not_made_of_constants_alone_is_not_guessed(text: str) -> None:
    assert "cannot be read without running the file" in unread(text).problem


def test_of_values_between_commas_the_last_is_taken() -> None:
    text = "export default { dialect: ('mysql', 'postgresql'), out: ('real', ('x', 'sub/') + 'real') }"
    assert read(text) == config("sub/real")
    assert unread("export default { dialect: 'postgresql', out: ('a', process.env.OUT) }").line == 1
    assert unread("export default { dialect: 'postgresql', out: ('a', b) => 'c' }").line == 1


def test_what_cannot_be_read_leaves_the_rest_readable() -> None:
    found = read("export default { dialect: 'postgresql', out: 'a', migrations: { table: process.env.T } }")
    problem = "`migrations.table` cannot be read without running the file: process.env.T"
    assert found == DrizzleConfig("drizzle.config.ts", "a", Unread(1, problem))
    spread = read("export default { ...base,\ndialect: 'postgresql', out: 'a' }")
    unknown = "cannot be read without running the file: ...base"
    assert spread == DrizzleConfig(
        "drizzle.config.ts",
        "a",
        Unread(1, f"`migrations` {unknown}"),
        Unread(1, f"`entities` {unknown}"),
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("relative( process.cwd(),\n  new URL('x') )", "relative( process.cwd(), new URL('x') )"),
        (
            "relative(process.cwd(), fileURLToPath(new URL('./drizzle', import.meta.url))).replaceAll('\\\\', '/')",
            "relative(process.cwd(), fileURLToPath(new URL('./drizzle', import.meta.url))).…",
        ),
        ("`${" + "x" * 200 + "}`", "`${" + "x" * 77 + "…"),
        ("...f(a, b)", None),
    ],
)
def test_what_cannot_be_read_is_shown_as_it_is_written(written: str, shown: str | None) -> None:
    text = f"export default {{ {'' if shown is None else 'out: '}{written}, dialect: 'postgresql' }}"
    assert unread(text).problem == f"`out` cannot be read without running the file: {shown or written}"


def test_the_names_of_configurations() -> None:
    named = ("drizzle.config.ts", "drizzle.admin.config.mjs", "drizzle-admin.config.ts", "drizzle.config.prod.json")
    assert [each for each in named if not is_config_name(each)] == []
    others = ("drizzle.ts", "mydrizzle.config.ts", "drizzle.config.ts.bak", "drizzleconfig.ts", "drizzle.config.md")
    assert [each for each in others if is_config_name(each)] == []


def test_json_is_what_it_says_and_no_more() -> None:
    def said(text: str) -> DrizzleConfig | OtherDialect | UnreadableConfig:
        return read_config("drizzle.config.json", text.encode())

    assert said('\ufeff{ "dialect": "postgresql", "out": "a", "strict": null, "n": [1] }') == replace(
        config("a"), path="drizzle.config.json"
    )
    assert said('{ "dialect": "postgresql", "out": "\\ud800", "\\udfff": 1 }') == replace(
        config("\ufffd"), path="drizzle.config.json"
    )
    too_large = '{ "dialect": "postgresql", "n": ' + "1" * 310 + " }"
    for text in ('{ "dialect": "postgresql",\n"out": "a" + "b" }', '{"a":' * 10_000, "", '["postgresql"]', too_large):
        assert isinstance(said(text), UnreadableConfig)
    whole = "the configuration cannot be read without running the file: "
    told = UnreadableConfig("drizzle.config.json", Unread(2, f"{whole}the syntax of JSON: Expecting value"))
    assert said("{\n}}") != told
    assert said('{ "out":\n}') == told


def test_another_dialect_is_named() -> None:
    assert read("export default defineConfig({ dialect: 'mysql' })") == OtherDialect("drizzle.config.ts", "mysql")
    assert read("export default { driver: 'better-sqlite' }") == OtherDialect("drizzle.config.ts", "better-sqlite")
    said = read("export default { dialect: 'mysql', out: `${__dirname}/my` }")
    assert said == OtherDialect("drizzle.config.ts", "mysql", "my", beside=True)


def declared(size: int, rest: str) -> str:
    """Many constants that never end, all of them asked for."""
    names = [f"a{each}" for each in range(size // 20)]
    return "".join(f"const {each}{rest}" for each in names) + "\nexport default [" + ",".join(names) + "]"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: "export default " + "[" * n, id="lists"),
        pytest.param(lambda n: "export default {" + "a:{" * (n // 3), id="objects"),
        pytest.param(lambda n: "export default {a:" + "'\\" * n, id="quotes"),
        pytest.param(lambda n: "export default `" * (n // 6), id="templates"),
        pytest.param(
            lambda n: (
                "".join(f"const a{each} = [a{each + 1}, a{each + 1}];" for each in range(n // 20)) + "export default a0"
            ),
            id="doubling",
        ),
        pytest.param(lambda n: "export default {" + ",".join(f"k{each}:1" for each in range(n // 4)) + "}", id="keys"),
        pytest.param(lambda n: "/*" * n, id="comment"),
        pytest.param(lambda n: declared(n, ":X<"), id="types"),
        pytest.param(lambda n: declared(n, "=x+"), id="sums"),
        pytest.param(lambda n: PATH + "export default " + "join(" * (n // 5), id="joins"),
        pytest.param(lambda n: PATH + "export default " + "join('a'+" * (n // 9) + ")" * (n // 9), id="joined"),
        pytest.param(lambda n: "export default `" + "${a}" * (n // 4) + "`", id="gaps"),
        pytest.param(lambda n: "export default {} " + "import {" * (n // 8), id="imports"),
        pytest.param(lambda n: "export default {} " + "a<b," * (n // 4), id="generics"),
        pytest.param(lambda n: "export default {out:" + "'a'+" * (n // 4) + "'b'}", id="texts"),
    ],
)
def test_a_hostile_file_takes_linear_time(text: Callable[[int], str]) -> None:
    assert unread(text(2_000)).problem
    assert growth(lambda size: read(text(size)), 2_000) < LINEAR


def test_a_file_that_is_no_configuration_of_a_person_is_not_read() -> None:
    assert read("x" * 300_000) == UnreadableConfig("drizzle.config.ts", Unread(1, "the file is larger than 64 KiB"))
    assert unread("export default a<" + "b<" * 2_000).problem.endswith("the file: to read it takes too long")


def test_a_regular_expression_hides_nothing() -> None:
    text = "export default { dialect: 'postgresql', tablesFilter: /[/]{'\\//.source, migrations: { table: 'mine' } }"
    assert read(text) == config(ledger=LedgerName(table="mine"))
    assert read("export default { dialect: 'postgresql', limit: 4 / 2, out: './sql' }") == config("./sql")


SIGNS = [
    "=",
    "<",
    ">",
    "=>",
    "*",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "...",
    "`",
    "${",
    '"',
    "!",
    ".",
    ";",
    "//",
    "/*",
    "\\",
    "\n",
]
TOKENS = [
    *SIGNS,
    "export",
    "default",
    "const",
    "a",
    "'x'",
    "1",
    "defineConfig",
    "as",
    "satisfies",
    "get",
    "delete",
    "Object.assign(",
    "module",
    "out",
    "dialect",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=60).map(" ".join) | st.binary(max_size=200).map(repr))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert read(text) is not None
    assert read("export default {" + text) is not None


@pytest.mark.parametrize("key", ["__proto__", "'__proto__'"])
def test_what_is_absent_may_be_in_a_prototype(key: str) -> None:
    text = f"export default {{ {key}: {{ out: './x' }}, dialect: 'postgresql' "
    assert unread(f"{text}}}").problem == "`out` cannot be read without running the file: __proto__: …"
    found = read(f"{text}, out: './db' }}")
    assert isinstance(found, DrizzleConfig)
    assert (found.out, isinstance(found.ledger, Unread)) == ("./db", True)
