"""Which files a tsconfig takes into the app, and whether something is written of them."""

from collections.abc import Mapping

import pytest

from migcheck.sources.tsconfig import Compilation, read_tsconfig
from tests.support.growth import LINEAR, growth

EMITS = '"compilerOptions": { "outDir": "dist" }'


def compilation(text: str, others: Mapping[str, str] | None = None, path: str = "tsconfig.json") -> Compilation:
    files = {path: text, **(others or {})}
    found = read_tsconfig(path, lambda one: files[one].encode() if one in files else None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        ("", "src/migrate.ts", True),
        ("", "node_modules/pkg/index.ts", False),
        ("", "apps/web/node_modules/pkg/index.ts", False),
        ("", "dist/migrate.ts", False),
        ("", "src/migrate.js", False),
        ("", "src/types.d.ts", False),
        ('"include": ["src"]', "src/db/migrate.ts", True),
        ('"include": ["src"]', "scripts/migrate.ts", False),
        ('"include": ["src"]', "srcs/migrate.ts", False),
        ('"include": ["./src/**/*"]', "src/db/migrate.ts", True),
        ('"include": ["**/*.ts"]', "scripts/migrate.mts", False),
        ('"include": ["src/*.ts"]', "src/db/migrate.ts", False),
        ('"include": ["src/d?"]', "src/db/migrate.ts", True),
        ('"include": ["src"], "exclude": ["src/db"]', "src/db/migrate.ts", False),
        ('"include": ["src"], "exclude": ["**/migrate.ts"]', "src/db/migrate.ts", False),
        ('"include": ["src"], "exclude": []', "src/db/migrate.ts", True),
        ('"files": ["src/index.ts"]', "src/migrate.ts", False),
        ('"files": ["src/migrate.ts"], "exclude": ["src"]', "src/migrate.ts", True),
        ('"include": ["**/**/**/**/**/*"]', "src/migrate.ts", False),
    ],
)
def test_which_files_it_takes(patterns: str, path: str, expected: bool) -> None:  # noqa: FBT001
    text = "{" + ", ".join(each for each in (EMITS, patterns) if each) + "}"
    assert compilation(text).takes(path) is expected


def test_javascript_where_it_is_allowed() -> None:
    assert compilation('{ "compilerOptions": { "allowJs": true } }').takes("src/migrate.mjs")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ('{ "outDir": "dist" }', True),
        ('{ "outDir": "dist", "noEmit": false }', True),
        ('{ "outDir": "dist", "noEmit": true }', False),
        ('{ "outDir": "dist", "emitDeclarationOnly": true }', False),
        ('{ "noEmit": true }', False),
        ("{}", False),
    ],
)
def test_whether_it_writes(options: str, expected: bool) -> None:  # noqa: FBT001
    assert compilation(f'{{ "compilerOptions": {options} }}').writes is expected


def test_comments_commas_and_a_byte_order_mark() -> None:
    text = '\ufeff{ // the app\n  "include": ["src",], /* not */ "exclude": ["src/db",],\n}'
    assert [compilation(text).takes(each) for each in ("src/a.ts", "src/db/a.ts")] == [True, False]


def test_what_it_extends_counts_where_it_says_nothing() -> None:
    base = '{ "compilerOptions": { "outDir": "build", "noEmit": true }, "include": ["lib"], "exclude": ["lib/db"] }'
    text = '{ "extends": "../base", "compilerOptions": { "noEmit": false }, "include": ["src"] }'
    found = compilation(text, {"base.json": base}, "app/tsconfig.json")
    assert (found.path, found.out, found.writes) == ("app/tsconfig.json", "build", True)
    assert [found.takes(each) for each in ("app/src/a.ts", "lib/a.ts")] == [True, False]


def test_the_last_of_several_wins() -> None:
    others = {
        "a.json": '{ "compilerOptions": { "outDir": "a" } }',
        "b/tsconfig.json": '{ "compilerOptions": { "outDir": "b" } }',
    }
    assert compilation('{ "extends": ["./a.json", "./b", "@tsconfig/node20"] }', others).out == "b/b"


def test_one_that_extends_itself_ends() -> None:
    assert compilation(f'{{ "extends": "./tsconfig.json", {EMITS} }}').out == "dist"


@pytest.mark.parametrize("text", ["", "[]", "not json", '"text"', "{ include: [src] }", '{"a":' * 100_000])
def test_what_is_no_tsconfig(text: str) -> None:
    assert read_tsconfig("tsconfig.json", lambda _one: text.encode()) is None


@pytest.mark.parametrize(
    "text", ['{ "include": 3 }', '{ "include": [3, null], "files": "a" }', '{ "compilerOptions": [] }']
)
def test_what_is_of_another_kind_is_passed_over(text: str) -> None:
    assert compilation(text).writes is False


def test_a_hostile_pattern_takes_time_in_proportion() -> None:
    found = compilation('{ "include": ["**/a*a*a/**/b"] }')
    assert growth(lambda size: found.takes("a/" * size + "b.ts"), 500) < LINEAR * LINEAR
