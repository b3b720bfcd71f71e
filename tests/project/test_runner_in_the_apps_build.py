"""MC608: a script that migrates, compiled into the app."""

import pytest

from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, library, runner

RUNNER = "src/db/migrate.ts"
TSCONFIG = '{ "compilerOptions": { "outDir": "dist" }, "include": ["src"] }'
BUILD = package(build="tsc", db__migrate=f"tsx {RUNNER}")
SAID = f"{RUNNER} migrates when it is run, and tsconfig.json compiles it into dist"
FILES = {RUNNER: runner(), "tsconfig.json": TSCONFIG, "package.json": BUILD}


def test_it_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit(FILES)
    assert found(a_repo, "MC608") == [f"warning {RUNNER}:3 {SAID}"]
    a_repo.commit({DEPLOY: workflow(f"npx tsx {RUNNER}")})
    assert found(a_repo, "MC608") == [f"warning {RUNNER}:3 {SAID}"]


def test_beside_the_gate_it_warns_as_well(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("migcheck apply")})
    a_repo.commit(FILES)
    assert found(a_repo, "MC608") == [f"warning {RUNNER}:3 {SAID}"]


@pytest.mark.parametrize(
    ("tsconfig", "script"),
    [
        ("tsconfig.build.json", "tsc -p tsconfig.build.json"),
        ("tsconfig.build.json", "tsc --project ./tsconfig.build.json && cp -r x dist"),
        ("tsconfig.json", "npx tsc -b"),
        ("tsconfig.json", "tsc --project ."),
    ],
)
def test_every_way_to_name_the_tsconfig(a_repo: GitRepository, tsconfig: str, script: str) -> None:
    a_project(a_repo)
    a_repo.commit({RUNNER: runner(), tsconfig: TSCONFIG, "package.json": package(build=script)})
    assert len(found(a_repo, "MC608")) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(build="next build")},
        {"package.json": package(build="tsc --noEmit")},
        {"package.json": package(build="tsc -p other.json")},
        {"package.json": package(build="tsc", db__migrate="node dist/db/migrate.js")},
        {"package.json": package(build="tsc", start="node dist/db/migrate.js && node dist/server.js")},
        {"tsconfig.json": TSCONFIG.replace('["src"]', '["src"], "exclude": ["src/db/migrate.ts"]')},
        {"tsconfig.json": '{ "compilerOptions": { "noEmit": true } }'},
        {"tsconfig.json": None},
        {RUNNER: library()},
        {"package.json": package(build=f"tsc && tsx {RUNNER}")},
        {RUNNER: None, "scripts/migrate.ts": runner()},
    ],
)
def test_what_is_not_compiled_or_meant_to_be_is_no_finding(a_repo: GitRepository, files: dict[str, str | None]) -> None:
    a_project(a_repo, FILES)
    a_repo.commit(files)
    assert found(a_repo, "MC608") == []
