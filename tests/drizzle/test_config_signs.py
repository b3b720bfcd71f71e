"""Where a value or a type ends in drizzle.config: signs that are brackets in one place compare in another."""

import pytest

from migcheck.drizzle.config_file import DrizzleConfig, Unread, UnreadableConfig, read_config
from migcheck.drizzle.ledger import LedgerName


def read(text: str) -> DrizzleConfig:
    found = read_config("drizzle.config.ts", text.encode())
    assert isinstance(found, DrizzleConfig)
    return found


COMPARING = [
    "verbose: n < 3",
    "hook(a, b) { if (a > b) { return [a >> 1, a << 2] } }",
    "bits: a << 2",
    "tablesFilter: all.filter(t => t.length < 3)",
    "verbose: n as number < 3",
    "verbose: n! < 3",
    "schema: load() as Map<string, Array<'out' | 'dialect'>>",
    "hook: (<T>(a: T) => a) satisfies <T>(a: T) => Promise<T>",
    "schema: of.as < 3",
    "get verbose() { return n < 3 }",
    "async hook() { await x }",
]


@pytest.mark.parametrize("member", COMPARING)
def test_what_compares_hides_no_key(member: str) -> None:
    text = (
        f"export default {{ dialect: 'postgresql', {member}, out: './src/migrations', migrations: {{ table: 'x' }} }}"
    )
    assert (read(text).out, read(text).ledger) == ("./src/migrations", LedgerName(table="x"))


@pytest.mark.parametrize(
    "text",
    [
        "const c: Record<string, { a: 1; b: 2 }> = { dialect: 'postgresql', out: 'a' };\nexport default c",
        "const c = { dialect: 'postgresql', out: 'a' } satisfies Config\nif (n < 3) stop()\nexport default c",
        "const c = { dialect: 'postgresql', out: 'a' } as Config<A, B>\nseen ??= c\nexport default c",
    ],
)
def test_a_type_ends_where_the_statement_does(text: str) -> None:
    assert read(text).out == "a"


@pytest.mark.parametrize(
    ("members", "shown"),
    [
        ("get out() { return 'a' }", "out"),
        ("out: 'a', get out() { return 'b' }", "out"),
        ("out: 'a', set 'out'(a) { }", "out"),
        ("out: 'a', async out() { }", "out"),
        ("out: 'a', get [key]() { return 'b' }", "get [key]() { return 'b' }"),
        ("out: 'a', [key]: 'b'", "[key]: 'b'"),
        ("out: 'a', async *[key]() { }", "async *[key]() { }"),
        ("out: a as boolean ? 'b' : 'c'", "a as boolean ? 'b' : 'c'"),
    ],
)
def test_a_value_that_is_computed_is_not_guessed(members: str, shown: str) -> None:
    problem = f"`out` cannot be read without running the file: {shown}"
    assert read(f"export default {{ {members}, dialect: 'postgresql' }}").out == Unread(1, problem)


@pytest.mark.parametrize(
    "text",
    [
        "export default { dialect: 'postgresql', hook(a) { return /}/.test(a) }, out: 'a' }",
        "export default defineConfig({ dialect: 'postgresql', hook(a) { return /}/.test(a) }, out: 'a' })",
        "export default { dialect: 'postgresql', hook(a) { return /['{]/.test(a) },\n out: 'a' }",
        "if (x) /`/.test(y);\nexport default { dialect: 'postgresql', out: 'a' }",
        "export default { dialect: 'postgresql', out: '' as string + 'a' }",
        "const c = { dialect: 'postgresql', out: 'a' };\nexport { c as default }",
    ],
)
def test_what_looks_like_a_bracket_or_a_quote_is_none_where_it_is_no_sign(text: str) -> None:
    assert read(text).out == "a"


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("export default { dialect: 'postgresql', out: 'a' }\n}", 2, "}"),
        ("export default { dialect: 'postgresql', out: 'a' ", 1, "export default { dialect: 'postgresql', out: 'a'"),
        ("export default {dialect: 'postgresql',\no\\u0075t: './db/m'}", 2, "o\\u0075t"),
        ("const c = {dialect: 'postgresql', out: 'a'}\nc.o\\u0075t = 'b'\nexport default c", 2, "o\\u0075t"),
        ("const c = {dialect: 'postgresql', out: 'a'}\n\\u{63}.out = 'b'\nexport default c", 2, "\\u{63}"),
        ("const o\\u0075t = 'a'\nexport default {dialect: 'postgresql', o\\u0075t}", 1, "o\\u0075t"),
        ("const a = 'x\nexport default { dialect: 'postgresql', out: a }", 1, "'x export default"),
    ],
)
def test_what_is_no_typescript_or_escapes_a_name_leaves_nothing_to_guess(text: str, line: int, shown: str) -> None:
    found = read_config("drizzle.config.ts", text.encode())
    problem = f"the configuration cannot be read without running the file: the syntax of {shown}"
    assert found == UnreadableConfig("drizzle.config.ts", Unread(line, problem))
