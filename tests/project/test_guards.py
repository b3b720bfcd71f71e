"""A call that only development makes."""

import pytest

from migcheck.sources.module import read_module
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, library

GUARDED = [
    'if (process.env.NODE_ENV === "development") await m();',
    "if (process.env.NODE_ENV !== 'production') { await m(); }",
    'if ("test" == env.NODE_ENV) m();',
    "if (import.meta.env.DEV) m(); else other();",
    "if (import.meta.env.PROD) other(); else m();",
    'if (process.env.NODE_ENV === "production") { other(); } else { m(); }',
    'if (enabled && process.env.NODE_ENV !== "production") m();',
    'if (process.env.NODE_ENV === "production" || skip) other(); else m();',
    'if (process.env.NODE_ENV === "development" || process.env.NODE_ENV === "test") m();',
    'if (!(process.env.NODE_ENV === "production")) m();',
    'const isDev = process.env.NODE_ENV === "development";\nif (isDev) m();',
    'const isProd = process.env.NODE_ENV === "production";\nif (!isProd) m();',
    'import { dev } from "$app/environment";\nif (dev) m();',
    'process.env.NODE_ENV !== "production" && (await m());',
    'process.env.NODE_ENV === "production" || m();',
    'process.env.NODE_ENV === "production" ? other() : m();',
    'async function f() {\n  if (process.env.NODE_ENV === "production") return;\n  await m();\n}',
    'if (process.env.NODE_ENV === "production") { log(); process.exit(1); }\nm();',
    'if (process.env.NODE_ENV === "development") {\n  if (other) { n(); }\n  m();\n}',
]
OPEN = [
    'if (process.env.NODE_ENV === "production") m();',
    'if (process.env.NODE_ENV !== "development") m();',
    'if (process.env.NODE_ENV === "development") other(); else m();',
    'if (process.env.NODE_ENV !== "production" || force) m();',
    'if (force && process.env.NODE_ENV === "production") other(); else m();',
    'if (process.env.NODE_ENV === "staging") m();',
    'if (process.env.MODE === "development") m();',
    "if (import.meta.env.PROD) m();",
    "if (dev) m();",
    'process.env.NODE_ENV === "production" && m();',
    'if (process.env.NODE_ENV === "development") { other(); }\nm();',
    'if (process.env.NODE_ENV === "production") log();\nm();',
    'if (process.env.NODE_ENV === "development") return;\nm();',
    "const a = b;\nconst b = a;\nif (a) m();",
]


def calls_m(text: str) -> bool:
    return any(each.callee == "m" for each in read_module("a.ts", text.encode()).calls)


@pytest.mark.parametrize("text", GUARDED)
def test_what_production_never_calls_is_no_call(text: str) -> None:
    assert not calls_m(text)
    assert calls_m(text.replace("NODE_ENV", "OTHER").replace("meta", "other").replace("$app/environment", "other"))


@pytest.mark.parametrize("text", OPEN)
def test_what_production_may_call_is_one(text: str) -> None:
    assert calls_m(text)


def test_a_start_that_migrates_in_development_alone_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("uvx drizzle-migcheck apply"), "lib/migrate.ts": library()})
    hook = (
        'export async function register() {\n  if (process.env.NODE_ENV !== "production") {\n'
        '    const m = await import("./lib/migrate");\n    await m.migrateDb();\n  }\n}\n'
    )
    a_repo.commit({"instrumentation.ts": hook})
    assert found(a_repo, "MC604") == []
    a_repo.commit({"instrumentation.ts": hook.replace("!==", "===")})
    assert len(found(a_repo, "MC604")) == 1


def test_conditions_cost_in_proportion_to_their_number() -> None:
    one = 'if (process.env.NODE_ENV === "development") { m(); }\n'
    assert growth(lambda size: read_module("a.ts", (one * size).encode()), 100) < LINEAR
    cases = "switch (process.argv[2]) {{{}}}"
    assert growth(lambda size: read_module("a.ts", cases.format("case 'a': m();" * size).encode()), 300) < LINEAR
    assert growth(lambda size: read_module("a.ts", ("process.argv" + ".push()" * size).encode()), 100) < LINEAR
    assert growth(lambda size: read_module("a.ts", ("if (d && d) {" * size + "}" * size).encode()), 300) < LINEAR
