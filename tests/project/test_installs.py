"""Scripts that a package manager runs when it installs, and installs that are told to run none."""

from collections.abc import Mapping

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.install_settings import says_nothing_is_run
from migcheck.scripts.installs import Install, installs_of
from migcheck.scripts.reach import Starter
from migcheck.scripts.scripts import Scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

PUSH = package(postinstall="drizzle-kit push", prepare="husky")
SAID = "`drizzle-kit push` changes the database past the migrations"
QUIET = "npm ci --ignore-scripts"


def starter(files: Mapping[str, str]) -> Starter | None:
    """Who begins what the only push among `files` is run by."""
    found = Scripts({path: content.encode() for path, content in files.items()}, "drizzle")
    (push,) = [each for each in found.runs if isinstance(each.call, Push)]
    reached = found.reach(push)
    began = {each.started_by for each in found.ways(push)}
    assert began == ({reached.started_by} if reached is not None else set())
    return None if reached is None else reached.started_by


def test_what_no_install_runs_only_a_person_does(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": PUSH, DEPLOY: workflow(QUIET)})
    assert project_findings(a_repo) == [f"MC601 warning package.json:4 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("npm ci")})
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {SAID}, and the build runs it"]


@pytest.mark.parametrize(
    "command",
    [
        QUIET,
        "npm install --ignore-scripts --omit=dev",
        "npm i --ignore-scripts=true",
        "pnpm install --frozen-lockfile --ignore-scripts",
        "corepack pnpm i --ignore-scripts",
        "yarn --frozen-lockfile --ignore-scripts",
        "yarn install --immutable --mode=skip-build",
        "yarn install --mode skip-build",
        "bun install --ignore-scripts",
        "npm_config_ignore_scripts=true npm ci",
        "NPM_CONFIG_IGNORE_SCRIPTS=1 npm ci",
        f"{QUIET}\nnpm install -g vercel\nnpm install pg",
        "make",
        "sh scripts/setup.sh",
    ],
)
def test_an_install_can_be_told_to_run_nothing(command: str) -> None:
    others = {"Makefile": f"all:\n\t{QUIET}\n", "scripts/setup.sh": f"set -e\n{QUIET}\n"}
    assert starter({"package.json": PUSH, DEPLOY: workflow(command), **others}) is None


@pytest.mark.parametrize(
    "commands",
    [
        (),
        ("npm ci",),
        (QUIET, "npm ci"),
        ("npm ci --ignore-scripts=false",),
        ("npm ci --no-ignore-scripts", "echo --ignore-scripts"),
        ("npm install pg --ignore-scripts",),
        ("pnpm install --lockfile-only --ignore-scripts",),
        ("yarn --version --ignore-scripts",),
        ("npm run build --ignore-scripts",),
        (f"echo {QUIET}",),
        ("npm_config_ignore_scripts=false npm ci", "echo ignore-scripts"),
        (f"{QUIET} --prefix other",),
        (f"cd other && {QUIET}",),
    ],
)
def test_any_other_install_runs_what_the_package_says(commands: tuple[str, ...]) -> None:
    assert starter({"package.json": PUSH, DEPLOY: workflow(*commands)}) is Starter.BUILD


@pytest.mark.parametrize("path", ["vercel.json", "railway.json", "apps/web/vercel.json"])
def test_a_platform_installs_unasked(path: str) -> None:
    files = {"apps/web/package.json": PUSH, DEPLOY: workflow(QUIET)}
    assert starter(files) is None
    assert starter({**files, path: '{"buildCommand": "next build"}'}) is Starter.BUILD
    assert starter({**files, path: f'{{"installCommand": "{QUIET}"}}'}) is None


def test_an_image_that_is_told_so_runs_nothing() -> None:
    image = "FROM node\nWORKDIR /app\nCOPY package.json .\nRUN --mount=type=cache,target=/x npm ci --ignore-scripts\n"
    assert starter({"package.json": PUSH, "Dockerfile": image}) is None
    assert starter({"package.json": PUSH, "Dockerfile": image, DEPLOY: workflow("npm ci")}) is Starter.BUILD


@pytest.mark.parametrize(("directory", "runs_it"), [("web", False), ("api", True), (".", False), ("we", True)])
def test_an_install_is_of_the_packages_in_and_below_its_directory(directory: str, *, runs_it: bool) -> None:
    files = {"web/package.json": PUSH, DEPLOY: workflow(f"npm ci --ignore-scripts --prefix {directory}")}
    assert (starter(files) is not None) == runs_it


def test_what_is_run_by_name_is_run_all_the_same() -> None:
    assert starter({"package.json": PUSH, DEPLOY: workflow(QUIET, "npm run postinstall")}) is Starter.CI


def test_what_a_person_installs_by_hand_says_nothing() -> None:
    files = {"package.json": PUSH, DEPLOY: workflow(QUIET), "dev.sh": "npm ci\n", "Makefile": "dev:\n\tnpm ci\n"}
    assert starter(files) is None


@pytest.mark.parametrize(("command", "runs_it"), [("npm run all", True), ("npm run all --ignore-scripts", False)])
def test_npm_that_is_told_so_runs_nothing_before_a_script(command: str, *, runs_it: bool) -> None:
    files = {"package.json": package(preall="drizzle-kit push", all="x"), DEPLOY: workflow(command)}
    assert (starter(files) is not None) == runs_it


def test_a_script_that_is_no_installs_is_not_asked_for() -> None:
    push = package(build="drizzle-kit push", postinstall="husky")
    assert starter({"package.json": push, DEPLOY: workflow(QUIET)}) is Starter.BUILD


@pytest.mark.parametrize(
    ("text", "runs_it"),
    [
        ("ignore-scripts=true\n", False),
        ("registry = x\n  ignore-scripts = true  \n", False),
        ("ignore-scripts\n", False),
        ('ignore-scripts="true"\n', False),
        ("ignore-scripts=true # as the security team says\n", False),
        ("ignore-scripts=1;\r\n", False),
        ("ignore-scripts=false\n", True),
        ("ignore-scripts=0 # true\n", True),
        ("; ignore-scripts=true\n# ignore-scripts=true\n", True),
        ("ignore-scripts=true\nignore-scripts=false\n", True),
        ("//x/:ignore-scripts=true\n", True),
        ("", True),
    ],
)
def test_the_file_of_npm_says_so_for_every_install(text: str, *, runs_it: bool) -> None:
    files = {"package.json": PUSH, ".npmrc": text}
    assert (starter(files) is not None) == runs_it
    assert (starter({**files, DEPLOY: workflow("npm ci")}) is not None) == runs_it
    assert starter({**files, DEPLOY: workflow("yarn install")}) is Starter.BUILD
    assert starter({**files, DEPLOY: workflow("npm ci --no-ignore-scripts")}) is Starter.BUILD


def test_the_nearest_file_of_npm_counts() -> None:
    files = {"web/package.json": PUSH, ".npmrc": "ignore-scripts=true", "api/.npmrc": "ignore-scripts=false"}
    assert starter(files) is None
    assert starter({**files, "web/.npmrc": "ignore-scripts=false"}) is Starter.BUILD


def test_the_file_of_npm_is_read_of_what_git_tracks(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": PUSH, ".npmrc": "ignore-scripts=true\n"})
    assert project_findings(a_repo) == [f"MC601 warning package.json:4 {SAID}, when somebody runs it"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("npm ci", Install(".", "npm")),
        ("yarn", Install(".", "yarn")),
        ("pnpm -C web i --ignore-scripts", Install("web", "pnpm", told=True)),
        ("npm i -g pnpm", None),
        ("npm", None),
        ("pnpm add pg", None),
        ("yarn husky install", None),
    ],
)
def test_a_command_is_an_install_where_it_names_no_package(words: str, expected: Install | None) -> None:
    assert installs_of(tuple(words.split())) == expected


@pytest.mark.parametrize("part", [" ", "ignore-scripts", "ignore-scripts=", "a\n", "ignore-scripts =  "])
def test_the_file_of_npm_takes_no_longer_than_its_size(part: str) -> None:
    assert growth(lambda size: says_nothing_is_run((part * size).encode()), 2_000) < LINEAR
