"""MC602 in code: a failure that is caught, told, and taken for success."""

from collections.abc import Sequence

from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, library

RUNNER = "scripts/m.ts"
CI = {DEPLOY: workflow(f"npx tsx {RUNNER}", "deploy")}
IMPORT = 'import { migrate } from "drizzle-orm/node-postgres/migrator";\n'
MIGRATE = 'migrate(db, { migrationsFolder: "./drizzle" })'
FUNCTION = f"async function main() {{\n  await {MIGRATE};\n}}\n"
SUCCESS = "where migrate() of node-postgres fails, CI takes it for success"
CATCH, TRY = "`.catch()` lets it pass", "`catch` lets it pass"
ENDING = f"async function main() {{\n  try {{ await {MIGRATE}; }} catch (e) {{ process.exit(1); }}\n}}\n"
RETRY = "const withRetry = async (f) => { try { await f(); } catch (e) { process.exit(1); } };\n"
RUN = "async function run() { await main(); }\n"
SEEDED = f"async function main() {{\n  await {MIGRATE}; if (!(await seed())) process.exit(1);\n}}\n"
STOPPED = SEEDED.replace("if (!(await seed()))", 'process.on("SIGTERM", () =>').replace("(1);", "(1));")
LOOKED_AT = SEEDED.replace("await migrate", "const ok = await settled(migrate").replace(
    "; if (!(await seed())", "); if (!ok"
)
ENDS = "async go(f) { try { await f(); } catch (e) { process.exit(1); } }"
DIE = "function die() { process.exit(1); }\n"
BY_DIE = RETRY.replace("process.exit(1)", "die(e)")
ON_DIE = "async function retry(f) { return f().catch(die); }\n"


def changed(repo: GitRepository, texts: Sequence[str]) -> list[str]:
    """What is found of programs that CI runs one by one, in one project: one for each took five seconds more."""
    runners = [f"scripts/{number}.ts" for number in range(len(texts))]
    a_project(repo, {DEPLOY: workflow(*(f"npx tsx {each}" for each in runners), "deploy")})
    repo.commit({path: IMPORT + text for path, text in zip(runners, texts, strict=True)})
    return found(repo, "MC602")


def error(number: int, line: int, why: str) -> str:
    """The finding of the program `number`."""
    return f"error scripts/{number}.ts:{line} {SUCCESS}: {why} | {DEPLOY}:{6 + number}: npx tsx scripts/{number}.ts"


def test_what_is_only_told_is_an_error(a_repo: GitRepository) -> None:
    told = [
        (f"{MIGRATE}.catch(console.error);", 2, CATCH),
        (f"await {MIGRATE}.catch((e) => console.error(e));", 2, CATCH),
        (f"{MIGRATE}.then(() => done()).catch((e) => {{ console.error(e); process.exit(0); }});", 2, CATCH),
        (f"{MIGRATE}.catch(() => {{}}).finally(() => db.end());", 2, CATCH),
        (f"try {{ await {MIGRATE}; }} catch (e) {{ console.error(e); }}", 2, TRY),
        (
            f"try {{ if (on) {{ const x = await {MIGRATE}; }} }} catch {{\n  // never mind\n}} finally {{ db.end(); }}",
            2,
            TRY,
        ),
        (f"{FUNCTION}main().catch(console.error);", 3, CATCH),
        (
            f"{FUNCTION}{RUN}run().catch((e) => {{ logger.error(e); return; }});",
            3,
            CATCH,
        ),
        (f"if (!url) {{ process.exit(1); }}\n{MIGRATE}.catch(console.error);", 3, CATCH),
        (f"try {{ await {MIGRATE}; }} catch (e) {{ if (e.x) {{ console.warn(e); }} else console.log(1); }}", 2, TRY),
        (f"withRetry(async () => {{ await {MIGRATE}; }}).catch(console.error);", 2, CATCH),
        (f"connect().then(() => {MIGRATE}).catch(console.error);", 2, CATCH),
        (f"(async () => {{ {'x(); ' * 50}return {MIGRATE}; }})().catch(console.error);", 2, CATCH),
        (f"try {{ await withRetry(5, () => {MIGRATE}); }} catch (e) {{ console.error(e); }}", 2, TRY),
        (f"{SEEDED}main().catch(console.error);", 3, CATCH),
        (f"{STOPPED}main().catch(console.error);", 3, CATCH),
        (f"const now = async (n, f) => {{ await f(); }};\nnow(1, () => {MIGRATE}).catch(console.error);", 3, CATCH),
        (f"const up = () => Promise.all(all.map((db) => {MIGRATE}));\nup().catch(console.error);", 2, CATCH),
        (f"on(async () => {{ {FUNCTION}main().catch(logger.error); }});", 3, CATCH),
        (f"class R {{ go = (f) => f(); }}\nnew R().go(() => {MIGRATE}).catch(console.error);", 3, CATCH),
    ]
    expected = [error(number, line, why) for number, (_, line, why) in enumerate(told)]
    assert sorted(changed(a_repo, [text for text, _, _ in told])) == sorted(expected)


def test_what_may_end_the_program_is_no_finding(a_repo: GitRepository) -> None:
    may_end = [
        f"{MIGRATE};",
        f"{MIGRATE}.catch((e) => {{ console.error(e); process.exit(1); }});",
        f"{MIGRATE}.catch((e) => {{ console.error(e); process.exitCode = 1; }});",
        f"{MIGRATE}.catch((e) => {{ throw e; }});",
        f"{MIGRATE}.catch(fail);",
        f"{MIGRATE}.catch((e) => {{ failed = e; }});",
        f"{MIGRATE}.catch(console.error);\nif (failed) process.exit(1);",
        f"try {{ await {MIGRATE}; }} catch (e) {{ console.error(e); throw e; }}",
        f"try {{ {MIGRATE}; }} catch (e) {{ console.error(e); }}",
        f"try {{ await {MIGRATE}; }} finally {{ db.end(); }}",
        f"try {{ app.get(async () => {{ await {MIGRATE}; }}); }} catch (e) {{ console.error(e); }}",
        f"try {{ await other(); }} catch (e) {{ console.error(e); }}\nawait {MIGRATE};",
        f"{FUNCTION}main();",
        f"withRetry(async () => {{ await {MIGRATE}; }});",
        f"withRetry(() => {MIGRATE}).catch(fail);",
        f"withRetry(async () => {{ try {{ await {MIGRATE}; }} catch {{ process.exit(1); }} }}).catch(console.error);",
        f"{ENDING}main().catch(console.error);",
        f"{RETRY}withRetry(() => {MIGRATE}).catch(console.error);",
        f"{RETRY}{FUNCTION}withRetry(main).catch(console.error);",
        f"class R {{ {ENDS} }}\nconst r = new R();\nr.go(async () => {{ await {MIGRATE}; }}).catch(console.error);",
        f"const h = {{ orExit: {ENDS.replace('go(f)', 'f =>')} }};\nh.orExit(() => {MIGRATE}).catch(console.error);",
        f"{DIE}{BY_DIE}withRetry(() => {MIGRATE}).catch(console.error);",
        f"{DIE}{ON_DIE}retry(() => {MIGRATE}).catch(console.error);",
        f"{DIE}{ENDING.replace('process.exit(1)', 'die(e)')}main().catch(console.error);",
        f"{LOOKED_AT}main().catch(console.error);",
        f"try {{ await app.listen(1, async () => {{ await {MIGRATE}; }}); }} catch (e) {{ console.error(e); }}",
        f"try {{ await app.listen(1, () => withRetry(() => {MIGRATE})); }} catch (e) {{ console.error(e); }}",
        f"{FUNCTION}try {{ await app.listen(1, main); }} catch (e) {{ console.error(e); }}",
        f"async function boot() {{ app.listen(1, async () => {{ await {MIGRATE}; }}); }}\nboot().catch(console.error);",
        f"{FUNCTION}const boot = async () => {{ await app.listen(1, main); }};\nboot().catch(console.error);",
        f"async function on() {{ app.use({{ async start() {{ await {MIGRATE}; }} }}); }}\non().catch(console.error);",
        f"{FUNCTION}main().catch(() => process.exit(1));",
        f"{FUNCTION}if (a) main().catch(console.error); else main();",
        f"{FUNCTION}{RUN}run().catch(console.error);\nawait main();",
    ]
    sure = f"{MIGRATE}.catch(console.error);"
    assert changed(a_repo, [*may_end, sure]) == [error(len(may_end), 2, CATCH)]


def test_who_calls_it_in_another_file_may_only_tell_as_well(a_repo: GitRepository) -> None:
    a_project(a_repo, CI)
    text = 'import { migrateDb } from "../src/db";\nmigrateDb().catch(console.error);\n'
    a_repo.commit({"src/db.ts": library(), RUNNER: text})
    (finding,) = found(a_repo, "MC602")
    assert finding.startswith(
        f"error {RUNNER}:2 where migrate() of node-postgres fails, CI takes it for success: {CATCH}"
    )
    ends = library().replace("  await", "  try { await").replace(";\n}", "; } catch (e) { process.exit(1); }\n}")
    a_repo.commit({"src/db.ts": ends})
    assert found(a_repo, "MC602") == []


def test_a_function_that_tells_no_one_is_told_where_it_is_called(a_repo: GitRepository) -> None:
    a_project(a_repo, CI)
    quiet = library().replace("  await", "  try { await").replace(";\n}", "; } catch (e) { console.log(e); }\n}")
    text = 'import { migrateDb } from "../src/db";\nawait migrateDb();\n'
    a_repo.commit({"src/db.ts": quiet, RUNNER: text})
    (finding,) = found(a_repo, "MC602")
    assert finding.startswith(
        f"error {RUNNER}:2 where migrate() of node-postgres fails, CI takes it for success: {TRY}"
    )


def test_what_a_person_runs_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: f"{IMPORT}{MIGRATE}.catch(console.error);", "package.json": package(up=f"tsx {RUNNER}")})
    assert found(a_repo, "MC602") == []


def test_what_landed_warns(a_repo: GitRepository) -> None:
    a_project(a_repo, {**CI, RUNNER: f"{IMPORT}{MIGRATE}.catch(console.error);"})
    a_repo.commit({RUNNER: f"{IMPORT}\n{MIGRATE}.catch((e) => console.error(e));"})
    assert [each.split(" ")[0] for each in found(a_repo, "MC602")] == ["warning"]


def test_a_jobs_own_database_is_no_deploy(a_repo: GitRepository) -> None:
    a_project(a_repo)
    ci = workflow(f"npx tsx {RUNNER}", job="    services: {db: {image: postgres}}\n")
    a_repo.commit({RUNNER: f"{IMPORT}{MIGRATE}.catch(console.error);", DEPLOY: ci})
    assert found(a_repo, "MC602") == []
