"""MC605: two folders that are deployed to one database."""

import pytest

from tests.support.folders import a_folder
from tests.support.histories import LANDED
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

SECOND = "drizzle-second.config.ts"
KIT = "npx drizzle-kit migrate"
LOCAL = "DATABASE_URL=postgres://localhost/x"
BOTH = workflow(KIT, f"{KIT} --config {SECOND}")


def config(out: str = "./drizzle", url: str = "process.env.DATABASE_URL!", more: str = "") -> str:
    return f'export default {{ dialect: "postgresql", out: "{out}", dbCredentials: {{ url: {url} }}, {more} }};'


def change(
    repo: GitRepository, *, second: str = config("./other"), deploy: str = BOTH, name: str = SECOND
) -> list[str]:
    """What is said of a second folder, its configuration and a deploy."""
    a_project(repo, {"drizzle.config.ts": config(), "package.json": package()})
    a_folder(repo / "other", LANDED, snapshots=False)
    repo.commit({name: second, DEPLOY: deploy})
    return found(repo, "MC605")


def test_two_folders_that_ci_deploys_to_one_database_are_an_error(a_repo: GitRepository) -> None:
    said = f"{SECOND} names the address and the ledger that drizzle.config.ts names"
    way = f"{DEPLOY}:7: {KIT} --config {SECOND}"
    assert change(a_repo) == [f"error {SECOND} other is deployed to the database of drizzle: {said} | {way}"]


def test_beside_the_gate_it_is_an_error_as_well(a_repo: GitRepository) -> None:
    (finding,) = change(a_repo, deploy=workflow("uvx drizzle-migcheck apply", f"{KIT} --config {SECOND}"))
    assert finding.startswith(f"error {SECOND} other is deployed")


@pytest.mark.parametrize("name", ["config/drizzle.ts", "drizzle2.config.ts"])
def test_a_configuration_is_read_by_the_name_that_a_command_has_for_it(a_repo: GitRepository, name: str) -> None:
    (finding,) = change(a_repo, name=name, deploy=workflow(KIT, f"{KIT} --config ./{name}"))
    assert finding.startswith(f"error {name} other is deployed")


@pytest.mark.parametrize(
    "second",
    [
        config("./other", "process.env.OTHER_URL!"),
        config("./other", more='migrations: { table: "other" }'),
        config("./other").replace("dbCredentials", "credentials"),
    ],
)
def test_another_address_or_another_ledger_is_another_matter(a_repo: GitRepository, second: str) -> None:
    assert change(a_repo, second=second) == []


@pytest.mark.parametrize(
    "deploy",
    [
        workflow(KIT),
        workflow(f"{KIT} --config {SECOND}"),
        workflow(f"DATABASE_URL=$ONE {KIT}", f"DATABASE_URL=$TWO {KIT} --config {SECOND}"),
        f"{BOTH}        env: {{DATABASE_URL: '${{{{ secrets.OTHER }}}}'}}\n",
    ],
)
def test_what_is_deployed_elsewhere_or_in_part_is_no_finding(a_repo: GitRepository, deploy: str) -> None:
    assert change(a_repo, deploy=deploy) == []


def by_people(repo: GitRepository, one: str, other: str) -> list[str]:
    """What is said of two scripts that only people run."""
    a_project(repo, {"drizzle.config.ts": config(), "package.json": package()})
    a_folder(repo / "other", LANDED, snapshots=False)
    repo.commit({SECOND: config("./other"), "package.json": package(one=one, other=other)})
    return found(repo, "MC605")


def test_two_folders_that_people_deploy_to_one_database_warn(a_repo: GitRepository) -> None:
    said = f"{SECOND} names the address and the ledger that drizzle.config.ts names"
    assert by_people(a_repo, "drizzle-kit migrate", f"drizzle-kit migrate --config {SECOND}") == [
        f"warning {SECOND} other goes, when somebody runs it, to the database of drizzle: {said}"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("drizzle-kit generate", f"drizzle-kit migrate --config {SECOND}"),
        ("dotenv -e .env -- drizzle-kit migrate", f"dotenv -e .env.other -- drizzle-kit migrate --config {SECOND}"),
        ("DATABASE_URL=$ONE drizzle-kit migrate", f"DATABASE_URL=$TWO drizzle-kit migrate --config {SECOND}"),
        (f"{LOCAL} drizzle-kit migrate", f"{LOCAL} drizzle-kit migrate --config {SECOND}"),
    ],
)
def test_two_that_people_run_elsewhere_are_no_finding(a_repo: GitRepository, one: str, other: str) -> None:
    assert by_people(a_repo, one, other) == []


IDLE = config("./other")


def by_nobody(repo: GitRepository, second: str = IDLE, name: str = SECOND, **more: str) -> list[str]:
    """What is said of two drizzle.configs and two folders."""
    a_project(repo, {"drizzle.config.ts": config(), "package.json": package(db__generate="drizzle-kit generate")})
    a_folder(repo / "other", LANDED, snapshots=False)
    repo.commit({name: second, **{path.replace("__", "/") + ".ts": text for path, text in more.items()}})
    return found(repo, "MC605")


def test_two_folders_of_one_database_that_nobody_runs_warn_as_one_that_nothing_names(a_repo: GitRepository) -> None:
    said = f"{SECOND} names the address and the ledger that drizzle.config.ts names"
    assert by_nobody(a_repo) == [
        f"warning {SECOND} other goes, when somebody runs it, to the database of drizzle: {said}"
    ]


@pytest.mark.parametrize(
    "second",
    [
        config("./other", "process.env.OTHER_URL!"),
        config("./other", more='migrations: { table: "other" }'),
        f"dotenv.config({{ path: '.env.other' }});\n{IDLE}",
    ],
)
def test_two_that_nobody_runs_and_that_go_elsewhere_are_no_finding(a_repo: GitRepository, second: str) -> None:
    assert by_nobody(a_repo, second) == []


def test_a_configuration_in_another_directory_may_have_another_environment(a_repo: GitRepository) -> None:
    assert by_nobody(a_repo, config("../other"), "db/drizzle.config.ts") == []


def test_who_runs_a_folder_in_code_has_its_address_there(a_repo: GitRepository) -> None:
    assert by_nobody(a_repo, src__migrate=runner()) == []


def test_who_pushes_with_a_configuration_has_an_environment_for_it(a_repo: GitRepository) -> None:
    assert (
        by_people(a_repo, "drizzle-kit generate", f"dotenv -e .env.other -- drizzle-kit push --config {SECOND}") == []
    )


def test_folders_of_two_packages_have_each_their_own_environment(a_repo: GitRepository) -> None:
    a_project(a_repo, {"drizzle.config.ts": config(), "package.json": package()})
    a_folder(a_repo / "apps/x/drizzle", LANDED, snapshots=False)
    step = f"{KIT} --config apps/x/drizzle.config.ts"
    files = {"apps/x/package.json": package(name="x"), "apps/x/drizzle.config.ts": config()}
    a_repo.commit({**files, DEPLOY: workflow(KIT, step)})
    assert found(a_repo, "MC605") == []
    # Nor where a job gives both one address: it may be the variable of each that is meant.
    job = "    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}'}\n"
    a_repo.commit({DEPLOY: workflow(KIT, step, step.replace("migrate", "push"), job=job)})
    assert [*found(a_repo, "MC605"), *found(a_repo, "MC601")] == []


def test_what_landed_warns(a_repo: GitRepository) -> None:
    a_folder(a_repo / "other", LANDED, snapshots=False)
    a_project(
        a_repo, {"drizzle.config.ts": config(), "package.json": package(), SECOND: config("./other"), DEPLOY: BOTH}
    )
    a_repo.commit({SECOND: f"// as it was\n{config('./other')}"})
    assert [each.split(" ")[0] for each in found(a_repo, "MC605")] == ["warning"]
