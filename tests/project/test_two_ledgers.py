"""MC606: one folder, two ledgers."""

import pytest

from migcheck.catalogue import PROJECT_RULES
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.read_project import read_project
from migcheck.rule import judge
from tests.support.folders import a_folder
from tests.support.histories import LANDED, a_history, opened
from tests.support.judging import told
from tests.support.projects import CONFIG, DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

RUNNER = "src/migrate.ts"
FOLDERS = "and the folder's ledger is drizzle.__drizzle_migrations"
OTHER = CONFIG.replace("};", ', migrations: { schema: "ops", table: "journal" } };')


def test_a_call_that_ci_runs_and_that_names_another_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow(f"npx tsx {RUNNER}"), RUNNER: runner()})
    a_repo.commit({RUNNER: runner(migrationsTable="mine", migrationsSchema="ops")})
    assert found(a_repo, "MC606") == [
        f"error {RUNNER}:3 migrate() records in ops.mine, {FOLDERS} | {DEPLOY}:6: npx tsx {RUNNER}"
    ]


def test_a_call_that_a_person_makes_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(migrationsTable="mine"), "package.json": package(up=f"tsx {RUNNER}")})
    assert found(a_repo, "MC606") == [f"warning {RUNNER}:3 migrate() records in drizzle.mine, {FOLDERS}"]


def test_what_landed_warns_wherever_it_was_moved(a_repo: GitRepository) -> None:
    mine = runner(migrationsTable="mine")
    a_project(a_repo, {DEPLOY: workflow(f"npx tsx {RUNNER}"), RUNNER: mine})
    a_repo.commit({RUNNER: None, "db/up.ts": mine, DEPLOY: workflow("npx tsx db/up.ts")})
    assert [each.split(" | ")[0] for each in found(a_repo, "MC606")] == [
        f"warning db/up.ts:3 migrate() records in drizzle.mine, {FOLDERS}"
    ]


def test_a_configuration_that_names_another_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"drizzle.production.config.ts": OTHER})
    assert found(a_repo, "MC606") == [
        f"warning drizzle.production.config.ts drizzle-kit records in ops.journal, {FOLDERS}"
    ]
    # One whose own folder, beside it, is not made yet names no other's.
    beside = 'import path from "path";\n' + OTHER.replace('"./drizzle"', 'path.join(__dirname, "drizzle")')
    deploy = package(name="db", deploy="drizzle-kit migrate")
    a_repo.commit({"drizzle.production.config.ts": None, "db/drizzle.config.ts": beside, "db/package.json": deploy})
    assert found(a_repo, "MC606") == []


def test_a_configuration_that_ci_runs_and_that_names_another_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo)
    kit = "npx drizzle-kit migrate --config drizzle.production.config.ts"
    a_repo.commit({"drizzle.production.config.ts": OTHER, DEPLOY: workflow(kit)})
    assert found(a_repo, "MC606") == [
        f"error drizzle.production.config.ts drizzle-kit records in ops.journal, {FOLDERS} | {DEPLOY}:6: {kit}"
    ]


MOVED = "drizzle.config.ts drizzle-kit records in {} from now on, and what landed is in {}"


def ledger_findings(repo: GitRepository, ledger: LedgerName) -> list[str]:
    facts = read_project(opened(repo.top), "drizzle", ledger, a_history(repo))
    return [told(each) for each in judge(PROJECT_RULES, facts) if each.code == "MC606"]


@pytest.mark.parametrize("command", ["npx drizzle-kit migrate", "uvx drizzle-migcheck apply"])
def test_a_ledger_that_moves_while_ci_migrates_is_an_error(a_repo: GitRepository, command: str) -> None:
    a_project(a_repo, {DEPLOY: workflow(command)})
    a_repo.commit({"drizzle.config.ts": OTHER})
    moved = MOVED.format("ops.journal", "drizzle.__drizzle_migrations")
    assert ledger_findings(a_repo, LedgerName("ops", "journal")) == [
        f"MC606 error {moved} | {DEPLOY}:6: {command}",
    ]


@pytest.mark.parametrize(
    ("job", "config", "weight"),
    [(f"npx tsx {RUNNER}", CONFIG, "error"), ("true", CONFIG, "warning"), (f"npx tsx {RUNNER}", OTHER, "warning")],
)
def test_a_ledger_that_moves_away_from_a_call_makes_two(
    a_repo: GitRepository, job: str, config: str, weight: str
) -> None:
    a_project(a_repo, {DEPLOY: workflow(job), RUNNER: runner(), "drizzle.config.ts": config})
    a_repo.commit({"drizzle.config.ts": f"// the ledger\n{OTHER}"})
    told_of = "migrate() records in drizzle.__drizzle_migrations, and the folder's ledger is ops.journal"
    assert [each.partition(" | ")[0] for each in ledger_findings(a_repo, LedgerName("ops", "journal"))] == [
        f"MC606 {weight} {RUNNER}:3 {told_of}"
    ]


def test_a_ledger_that_moves_where_people_migrate_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"drizzle.config.ts": OTHER})
    assert ledger_findings(a_repo, LedgerName("ops", "journal")) == []


def test_where_nothing_landed_no_ledger_moves(a_repo: GitRepository) -> None:
    a_repo.commit({"drizzle.config.ts": CONFIG, DEPLOY: workflow("npx drizzle-kit migrate")})
    a_repo.branch("feature")
    a_folder(a_repo / "drizzle", LANDED, snapshots=False)
    a_repo.commit({"drizzle.config.ts": OTHER})
    assert ledger_findings(a_repo, LedgerName("ops", "journal")) == []


def test_a_configuration_that_landed_as_it_is_moves_nothing(a_repo: GitRepository) -> None:
    a_project(a_repo, {"drizzle.config.ts": OTHER, DEPLOY: workflow("npx drizzle-kit migrate")})
    a_repo.commit({"drizzle.config.ts": f"// the ledger\n{OTHER}"})
    assert ledger_findings(a_repo, LedgerName("ops", "journal")) == []


@pytest.mark.parametrize(
    "files",
    [
        {RUNNER: runner()},
        {RUNNER: runner(migrationsTable="__drizzle_migrations", migrationsSchema="drizzle")},
        {RUNNER: runner().replace('"./drizzle"}', '"./drizzle", migrationsTable: process.env.TABLE}')},
        {RUNNER: runner(folder="./elsewhere", migrationsTable="mine")},
        {"tests/setup.ts": runner(migrationsTable="mine")},
        {"drizzle.production.config.ts": CONFIG},
        {"drizzle.other.config.ts": OTHER.replace("./drizzle", "./other")},
        {
            "drizzle.config.ts": CONFIG.replace("};", ", migrations: { table: process.env.TABLE } };"),
            RUNNER: runner(migrationsTable="mine"),
        },
    ],
)
def test_one_ledger_or_none_that_can_be_told_is_no_finding(a_repo: GitRepository, files: dict[str, str]) -> None:
    a_project(a_repo)
    a_repo.commit(files)
    assert found(a_repo, "MC606") == []
