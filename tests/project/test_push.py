"""MC601: `drizzle-kit push` beside the migrations, by whom it is reached and who brought it."""

import pytest

from migcheck.scripts.glance import may_be_asked
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

IDLE = "MC601 warning package.json:4 `drizzle-kit push` changes the database past the migrations, when somebody runs it"


def test_what_a_starter_has_and_nobody_runs_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": package(db__push="drizzle-kit push")})
    assert project_findings(a_repo) == [IDLE]


def test_a_change_that_has_ci_push_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="drizzle-kit push")})
    a_repo.commit({DEPLOY: workflow("pnpm install", "pnpm db:push")})
    said = f"`drizzle-kit push` changes the database past the migrations, and CI runs it, from {DEPLOY}:7"
    way = f"{DEPLOY}:7: pnpm db:push\npackage.json:4: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {said} | {way}"]


def test_a_script_that_ends_in_what_its_caller_appends_pushes_for_that_caller(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(drizzle="dotenv -- drizzle-kit", x="npm run drizzle generate")})
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: workflow("pnpm drizzle migrate || true", "npm run drizzle -- push --force")})
    pushes = "dotenv -- drizzle-kit push --force"
    said = f"`{pushes}` changes the database past the migrations, and CI runs it, from {DEPLOY}:7"
    way = f"{DEPLOY}:7: npm run drizzle -- push --force\npackage.json:4: {pushes}"
    goes_on = f"MC602 error {DEPLOY}:6 where `pnpm drizzle migrate` fails, CI goes on: `|| true`"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {said} | {way}", goes_on]
    # What is given to a script that only wraps it is seen where it stands, once.
    a_repo.commit({DEPLOY: None, "package.json": package(x="pnpm wrap drizzle-kit push", wrap="dotenv --")})
    assert project_findings(a_repo) == [IDLE.replace("`drizzle", "`pnpm wrap drizzle")]
    assert may_be_asked("package.json", b'{"scripts": {"drizzle": "drizzle-kit "}}')


def test_a_byte_order_mark_hides_no_script(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.write({"package.json": b"\xef\xbb\xbf" + package(db__push="drizzle-kit push").encode()})
    a_repo.commit()
    assert project_findings(a_repo) == [IDLE]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit push")})
    a_repo.commit({DEPLOY: None, ".github/workflows/other.yaml": workflow("echo hello", "npx drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [
        "MC601 warning .github/workflows/other.yaml:7"
    ]
    # Gitea's and Forgejo's are GitHub's syntax.
    a_repo.commit({".github/workflows/other.yaml": None, ".gitea/workflows/x.yml": workflow("npx drizzle-kit push")})
    assert codes(a_repo) == ["MC601 warning .gitea/workflows/x.yml:6"]


def test_another_spelling_is_not_new_and_another_push_is(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit push")})
    a_repo.commit({DEPLOY: workflow("pnpm exec drizzle-kit push --force", "drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [
        f"MC601 warning {DEPLOY}:6",
        f"MC601 error {DEPLOY}:7",
    ]


def test_a_folder_that_moves_with_its_configuration_makes_nothing_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit push")})
    a_repo.git("mv", "drizzle", "db")
    a_repo.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./db")})
    assert [each.split(" `")[0] for each in project_findings(a_repo, "db")] == [f"MC601 warning {DEPLOY}:6"]


def test_a_second_way_to_push_is_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(build="drizzle-kit push")})
    a_repo.commit({DEPLOY: workflow("drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [
        "MC601 warning package.json:4",
        f"MC601 error {DEPLOY}:6",
    ]


def test_a_binary_that_a_script_runs_in_another_package_warns(a_repo: GitRepository) -> None:
    files = {"drizzle.config.ts": "", "apps/x/drizzle.config.ts": CONFIG.replace("./", "../../")}
    a_project(a_repo, {**files, "apps/x/package.json": package(name="x")})
    a_repo.commit({"package.json": package(db__push="pnpm --filter=x exec drizzle-kit push")})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning package.json:4"]


def codes(repo: GitRepository, folder: str = "drizzle") -> list[str]:
    return [each.split(" `")[0] for each in project_findings(repo, folder)]


def test_a_configuration_that_moves_makes_nothing_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(build="drizzle-kit push --config ./drizzle.config.ts --force && x")})
    a_repo.write({"server/db/drizzle.config.mts": CONFIG})
    moved = "drizzle-kit push --config=server/db/drizzle.config.mts && x"
    a_repo.commit({"drizzle.config.ts": None, "package.json": package(build=moved)})
    assert codes(a_repo) == ["MC601 warning package.json:4"]


@pytest.mark.parametrize(
    "command",
    [
        "drizzle-kit push --config drizzle.prod.config.ts",
        "drizzle-kit push --url $PRODUCTION",
        "drizzle-kit push; drizzle-kit push --config ./drizzle.config.ts",
    ],
)
def test_another_configuration_database_or_a_second_push_is_new(a_repo: GitRepository, command: str) -> None:
    a_project(a_repo, {"package.json": package(build="drizzle-kit push"), "drizzle.prod.config.ts": CONFIG})
    a_repo.commit({"package.json": package(build=command)})
    assert codes(a_repo)[-1] == "MC601 error package.json:4"


def test_what_was_idle_and_is_reached_now_is_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="drizzle-kit push")})
    a_repo.commit({"package.json": package(db__push="drizzle-kit push", build="npm run db:push")})
    assert codes(a_repo) == ["MC601 error package.json:4"]


MOVED = ".github/workflows/moved.yml"


def two_jobs(one: str, other: str) -> str:
    """A workflow of two jobs, with a command on lines 3 and 4."""
    jobs = (("preview", one), ("deploy", other))
    return "jobs:\n  # two\n" + "".join(f"  {name}: {{steps: [{{run: {each}}}]}}\n" for name, each in jobs)


def test_another_job_that_comes_to_a_push_is_new_and_the_way_is_its_own(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: two_jobs("pnpm db:push", "x"), "package.json": package(db__push="drizzle-kit push")})
    a_repo.commit({DEPLOY: two_jobs("pnpm db:push", "pnpm db:push")})
    (finding,) = project_findings(a_repo)
    assert finding.startswith("MC601 error package.json:4")
    assert f"{DEPLOY}:4: pnpm db:push" in finding
    a_repo.commit({DEPLOY: two_jobs("x", "drizzle-kit push"), "package.json": "{}"})
    assert codes(a_repo) == [f"MC601 error {DEPLOY}:4"]


def test_a_job_that_stays_is_not_new_where_another_goes_or_it_names_the_script_otherwise(a_repo: GitRepository) -> None:
    script = package(db__push="drizzle-kit push")
    a_project(a_repo, {DEPLOY: two_jobs("pnpm db:push", "pnpm db:push"), "package.json": script})
    a_repo.commit({DEPLOY: two_jobs("x", "pnpm db:push")})
    assert codes(a_repo) == ["MC601 warning package.json:4"]
    a_repo.commit({DEPLOY: two_jobs("x", "pnpm db:sync"), "package.json": package(db__sync="drizzle-kit push")})
    assert codes(a_repo) == ["MC601 warning package.json:4"]
    a_repo.commit({DEPLOY: two_jobs("x", "drizzle-kit push --force")})
    assert codes(a_repo) == ["MC601 warning package.json:4", f"MC601 warning {DEPLOY}:4"]


def test_a_job_that_is_renamed_is_not_new_and_a_second_one_is(a_repo: GitRepository) -> None:
    old = two_jobs("drizzle-kit push", "x")
    a_project(a_repo, {DEPLOY: old, ".github/workflows/other.yml": "jobs: {staging: {steps: [{run: x}]}}"})
    a_repo.commit({DEPLOY: old.replace("preview", "staging")})
    assert codes(a_repo) == [f"MC601 warning {DEPLOY}:3"]
    a_repo.commit({DEPLOY: old.replace("  preview:", "  staging: {steps: [{run: drizzle-kit push}]}\n  preview:")})
    assert codes(a_repo) == [f"MC601 error {DEPLOY}:3", f"MC601 warning {DEPLOY}:4"]
    a_repo.commit({DEPLOY: None, MOVED: old})
    assert codes(a_repo) == [f"MC601 warning {MOVED}:3"]


SERVED = "    services: {db: {image: postgres}}\n"


def test_a_push_into_a_database_of_the_job_itself_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push", job=SERVED)})
    said = "CI does so to a database of its own, which then is not what a deploy makes"
    assert project_findings(a_repo) == [
        f"MC601 warning {DEPLOY}:7 `npx drizzle-kit push` changes the database past the migrations: {said}"
    ]


def test_what_tests_did_before_is_new_in_a_deploy(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit push", job=SERVED)})
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    said = "`npx drizzle-kit push` changes the database past the migrations, and CI runs it"
    assert project_findings(a_repo) == [f"MC601 error {DEPLOY}:6 {said}"]


@pytest.mark.parametrize(
    "script",
    [
        "echo 'drizzle-kit push is disabled: pnpm db:generate' && exit 1",
        "echo no; exit 1; drizzle-kit push",
        "drizzle-kit generate",
        "drizzle-kit check && git push",
        "drizzle-kit push --explain",
        "drizzle-kit push --explain --output json",
        "drizzle-kit push:mysql",
        "drizzle-kit push --dialect=sqlite",
        "pnpm add -D drizzle-kit push",
        "rm -rf node_modules/drizzle-kit push",
        "DATABASE_URL=postgres://me@localhost:5432/dev drizzle-kit push",
        "cross-env DATABASE_URL=postgres://me@localhost:5432/dev drizzle-kit push",
        "export DATABASE_URL=postgres://me@localhost:5432/dev; drizzle-kit push",
        "drizzle-kit push --url=postgresql://127.0.0.1/dev",
        "drizzle-kit push --dialect postgresql --driver pglite --url ./pgdata",
        "drizzle-kit push --config drizzle.pglite.config.ts",
        "drizzle-kit push --config=other.config.ts",
        "cd apps/other && drizzle-kit push",
    ],
)
def test_what_pushes_nothing_is_no_finding(a_repo: GitRepository, script: str) -> None:
    a_project(a_repo, {"drizzle.pglite.config.ts": CONFIG.replace(" };", ', driver: "pglite" };')})
    a_repo.commit({"package.json": package(build=script)})
    assert project_findings(a_repo) == []


LOCAL = CONFIG.replace(" };", ', dbCredentials: { url: "postgres://localhost/test" } };')
OF_TESTS = "drizzle-kit push --config drizzle.test.config.ts"


def test_a_configuration_whose_address_is_this_machine_reaches_no_other_database(
    a_repo: GitRepository,
) -> None:
    a_project(a_repo)
    scripts = package(test=f"{OF_TESTS} && vitest", db__push=OF_TESTS)
    a_repo.commit({"package.json": scripts, "drizzle.test.config.ts": LOCAL, DEPLOY: workflow("pnpm test")})
    assert codes(a_repo) == []
    a_repo.write({"drizzle.test.config.ts": LOCAL.replace('"postgres://', 'process.env.DATABASE_URL ?? "postgres://')})
    assert codes(a_repo) == ["MC601 error package.json:4", "MC601 warning package.json:5"]
    other = f"{OF_TESTS} --url=$PRODUCTION"
    a_repo.write({"drizzle.test.config.ts": LOCAL, "package.json": package(test=other)})
    assert codes(a_repo) == ["MC601 error package.json:4"]
    # The address of the configuration that is taken counts, and no other.
    a_repo.write({"package.json": package(test="drizzle-kit push")})
    assert codes(a_repo) == ["MC601 error package.json:4"]
    a_repo.write({"drizzle.config.ts": LOCAL})
    assert codes(a_repo) == []
