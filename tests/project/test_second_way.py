"""MC605: a second program that runs the folder, and a second folder."""

import pytest
from msgspec.structs import replace

from migcheck.facts.project.judged import ProjectState
from migcheck.facts.project.runners import programs
from migcheck.facts.project.second_programs import before
from tests.support.folders import a_folder
from tests.support.growth import LINEAR, TIMES, growth
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_facts, workflow
from tests.support.repositories import GitRepository, init
from tests.support.runners import found, runner

RUNNER = "src/migrate.ts"
RELEASE = ".github/workflows/release.yml"
PREVIEW = "    environment: preview\n"
OF_A_PULL = "    environment: 'pr-${{ github.event.number }}'\n"
PRODUCTION = "    environment: {name: production}\n"
ITS_OWN = "    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}', DB_HOST: localhost}\n"
OWN = "    services: {db: {image: postgres}}\n"


def test_a_runner_that_ci_runs_beside_the_gate_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("migcheck apply"), RUNNER: runner()})
    a_repo.commit({RELEASE: workflow(f"npx tsx {RUNNER}")})
    said = f"is a second program that runs the migrations, beside `migcheck apply` ({DEPLOY}:6)"
    assert found(a_repo, "MC605") == [
        f"error {RUNNER}:3 migrate() of node-postgres {said} | {RELEASE}:6: npx tsx {RUNNER}"
    ]


def test_the_action_is_the_gate_where_it_applies(a_repo: GitRepository) -> None:
    step = "on: push\njobs: {a: {steps: [{uses: acme/migcheck@0a1b, with: {command: COMMAND}}]}}"
    for command, expected in (("apply", ["error"]), ("verify", [])):
        repo = a_project(init(a_repo.top / command), {DEPLOY: step.replace("COMMAND", command)})
        repo.commit({RELEASE: workflow("npx drizzle-kit migrate")})
        assert [each.partition(" ")[0] for each in found(repo, "MC605")] == expected


def test_drizzle_kit_that_ci_runs_beside_the_gate_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("migcheck apply")})
    a_repo.commit({RELEASE: workflow("npx drizzle-kit migrate")})
    said = f"is a second program that runs the migrations, beside `migcheck apply` ({DEPLOY}:6)"
    assert found(a_repo, "MC605") == [
        f"error {RELEASE}:6 `npx drizzle-kit migrate` {said} | {RELEASE}:6: npx drizzle-kit migrate"
    ]


def test_what_landed_beside_the_gate_warns(a_repo: GitRepository) -> None:
    files = {DEPLOY: workflow("migcheck apply"), RUNNER: runner(), RELEASE: workflow(f"npx tsx {RUNNER}")}
    a_project(a_repo, files)
    a_repo.commit()
    assert [each.split()[0] for each in found(a_repo, "MC605")] == ["warning"]


def test_another_spelling_of_what_landed_is_not_new_and_another_command_is(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("migcheck apply"), RELEASE: workflow("npx drizzle-kit migrate")})
    a_repo.commit({RELEASE: workflow("pnpm exec drizzle-kit migrate", "drizzle-kit migrate")})
    assert [each.split(" `")[0] for each in found(a_repo, "MC605")] == [
        f"warning {RELEASE}:6",
        f"error {RELEASE}:7",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {RELEASE: workflow(f"npx tsx {RUNNER}")},
        {RELEASE: workflow("npx drizzle-kit migrate"), DEPLOY: workflow("npx drizzle-kit migrate")},
        {DEPLOY: workflow("migcheck verify", "npx drizzle-kit migrate")},
        {DEPLOY: workflow("migcheck verify", f"npx tsx {RUNNER}")},
        {DEPLOY: workflow("migcheck apply"), "package.json": package(db__migrate=f"tsx {RUNNER}")},
        {DEPLOY: workflow("migcheck apply"), RELEASE: workflow(f"npx tsx {RUNNER}", job=OWN)},
        {DEPLOY: workflow("migcheck apply"), RELEASE: workflow("drizzle-kit migrate", job=OWN)},
        {DEPLOY: workflow("migcheck apply"), RELEASE: workflow("npm test"), "tests/setup.ts": runner()},
        {DEPLOY: workflow("migcheck apply", "migcheck apply")},
        {DEPLOY: workflow("migcheck apply"), "package.json": package(build=f"tsx {RUNNER}")},
        {DEPLOY: workflow("migcheck apply", job=PRODUCTION), RELEASE: workflow("drizzle-kit migrate", job=PREVIEW)},
        {DEPLOY: workflow("migcheck apply", job=PRODUCTION), RELEASE: workflow(f"npx tsx {RUNNER}", job=PREVIEW)},
        {
            DEPLOY: workflow("migcheck apply", job=f"{PRODUCTION}{ITS_OWN}"),
            RELEASE: workflow("drizzle-kit migrate", job=f"{PREVIEW}{ITS_OWN}"),
        },
        {DEPLOY: workflow("migcheck apply", job=PRODUCTION), RELEASE: workflow("drizzle-kit migrate", job=OF_A_PULL)},
    ],
)
def test_one_program_and_what_tests_and_people_run_is_no_finding(a_repo: GitRepository, files: dict[str, str]) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(), **files})
    assert found(a_repo, "MC605") == []


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: workflow("migcheck apply", job=PRODUCTION), RELEASE: workflow("drizzle-kit migrate")},
        {
            DEPLOY: workflow("migcheck apply", job=PRODUCTION),
            RELEASE: workflow("drizzle-kit migrate", job="    environment: github-pages\n"),
        },
        {
            DEPLOY: workflow("migcheck apply", job=PRODUCTION),
            RELEASE: workflow("drizzle-kit migrate", job="    environment: '${{ inputs.environment }}'\n"),
        },
        {
            ".github/workflows/a.yml": workflow("migcheck apply", job=PREVIEW),
            DEPLOY: workflow("migcheck apply", job=PRODUCTION),
            RELEASE: workflow("drizzle-kit migrate", job=PRODUCTION),
        },
        {
            "package.json": package(up=f"tsx {RUNNER}"),
            DEPLOY: workflow("migcheck apply", job=PRODUCTION),
            ".github/workflows/a.yml": workflow("npm run up", job=PREVIEW),
            RELEASE: workflow("npm run up", job=PRODUCTION),
        },
    ],
)
def test_a_program_of_one_environment_is_told_where_it_is_run_for_the_gates_as_well(
    a_repo: GitRepository, files: dict[str, str]
) -> None:
    a_project(a_repo, {RUNNER: runner()})
    a_repo.commit(files)
    (told,) = found(a_repo, "MC605")
    assert told.startswith("error")
    assert f"beside `migcheck apply` ({DEPLOY}:7)" in told


@pytest.mark.parametrize("url", ["postgres://u@db.example.com/x", "${{ secrets.PRODUCTION_DATABASE_URL }}"])
def test_one_address_is_one_database_in_any_environment(a_repo: GitRepository, url: str) -> None:
    a_project(a_repo)
    gate, kit = (f"{each}    env: {{DATABASE_URL: '{url}'}}\n" for each in (PRODUCTION, PREVIEW))
    a_repo.commit({DEPLOY: workflow("migcheck apply", job=gate), RELEASE: workflow("drizzle-kit migrate", job=kit)})
    assert [each.split()[0] for each in found(a_repo, "MC605")] == ["error"]


def test_many_environments_cost_in_proportion_to_their_number(a_repo: GitRepository) -> None:
    states = dict[int, ProjectState]()
    for size in (6, 6 * TIMES):
        jobs = "".join(
            f"  {kind}{number}: {{environment: {kind}{number:03d}x, steps: [{{run: {step.format(number)!r}}}]}}\n"
            for kind, step in (("a", "migcheck apply # {}"), ("b", "npx tsx m{}.ts"))
            for number in range(size)
        )
        repo = a_project(init(a_repo.top / str(size)), {})
        runners = {f"m{number}.ts": runner() for number in range(size)}
        repo.commit({DEPLOY: f"on: push\njobs:\n{jobs}", **runners})
        states[size] = project_facts(repo).head

    def look(size: int) -> None:
        state = replace(states[size], found={})
        assert [each for each in programs(state) if before(state, each) is not None] == []

    assert growth(look, 6) < LINEAR


def test_two_runners_are_one_too_many_without_the_gate(a_repo: GitRepository) -> None:
    a_project(a_repo, {"a/migrate.ts": runner(), DEPLOY: workflow("npx tsx a/migrate.ts")})
    a_repo.commit({"b/migrate.ts": runner("postgres-js"), RELEASE: workflow("npx tsx b/migrate.ts")})
    said = "migrate() of postgres-js is a second program that runs the migrations"
    assert [each.split(" | ")[0] for each in found(a_repo, "MC605")] == [
        f"error b/migrate.ts:3 {said}, beside migrate() of node-postgres (a/migrate.ts:3)"
    ]


def test_a_folder_that_nothing_names_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_folder(a_repo / "drizzle/old", {"0000_x": "select 1;"}, snapshots=False)
    a_repo.commit()
    said = "drizzle/old is a second migrations folder beside drizzle, and no drizzle.config names it"
    assert found(a_repo, "MC605") == [f"warning drizzle/old/meta/_journal.json {said}"]


def test_a_new_folder_that_ci_runs_is_an_error_at_the_call(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_folder(a_repo / "more", {"0000_x": "select 1;"}, snapshots=False)
    a_repo.commit({RUNNER: runner(folder="./more"), DEPLOY: workflow(f"npx tsx {RUNNER}")})
    said = "more is a second migrations folder beside drizzle, and no drizzle.config names it"
    assert found(a_repo, "MC605") == [f"error {RUNNER}:3 {said} | {DEPLOY}:6: npx tsx {RUNNER}"]


def test_a_folder_that_landed_warns_though_ci_runs_it(a_repo: GitRepository) -> None:
    a_folder(a_repo / "more", {"0000_x": "select 1;"}, snapshots=False)
    a_project(a_repo, {RUNNER: runner(folder="./more"), DEPLOY: workflow(f"npx tsx {RUNNER}")})
    a_repo.commit()
    assert [each.split()[0] for each in found(a_repo, "MC605")] == ["warning"]


@pytest.mark.parametrize(
    ("folder", "dialect", "files"),
    [
        ("other", "postgresql", {"drizzle.other.config.ts": CONFIG.replace("./drizzle", "./other")}),
        ("other", "sqlite", {}),
        ("tests/drizzle", "postgresql", {}),
        ("other", "postgresql", {"drizzle.config.ts": None}),
        ("packages/b/drizzle", "postgresql", {"packages/b/package.json": package(name="b")}),
        ("other", "postgresql", {"drizzle.other.config.ts": CONFIG.replace('"./drizzle"', "process.env.OUT")}),
    ],
)
def test_a_folder_of_something_else_is_no_finding(
    a_repo: GitRepository, folder: str, dialect: str, files: dict[str, str | None]
) -> None:
    a_project(a_repo)
    a_folder(a_repo / folder, {"0000_x": "select 1;"}, snapshots=False, dialect=dialect)
    a_repo.commit(files)
    assert found(a_repo, "MC605") == []
