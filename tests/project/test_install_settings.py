"""What a package manager is told before an install, and what npm takes for true."""

import pytest

from migcheck.scripts.install_settings import is_true, told_by
from migcheck.scripts.reach import Starter
from tests.project.test_installs import PUSH, SAID, starter
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

SET = "npm config set ignore-scripts true"
CALLED = {
    "package.json": package(postinstall="drizzle-kit push", setup="./setup.sh", again="./again.sh"),
    "setup.sh": f"set -e\n{SET}\n",
    "again.sh": "npm config set ignore-scripts false\n",
    "unset.sh": "npm config delete ignore-scripts\n",
    "outer.sh": "./setup.sh\n",
    "install.sh": "npm ci\n",
    "a/action.yml": "runs: {using: composite, steps: [{run: ./setup.sh, shell: bash}, {run: x}]}\n",
    "Makefile": "setup:\n\t./setup.sh\ninstall:\n\tnpm ci\nboth: late install\nlate:\n\t./setup.sh\n",
}


def test_what_is_set_before_an_install_counts_for_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": PUSH, DEPLOY: workflow(SET, "npm ci")})
    assert project_findings(a_repo) == [f"MC601 warning package.json:4 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("npm ci", SET)})
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {SAID}, and the build runs it"]


@pytest.mark.parametrize(
    "commands",
    [
        (f"{SET} && npm ci",),
        (f"{SET}\nnpm ci\n",),
        ("npm set ignore-scripts=true", "npm install"),
        ("npm c set audit=false ignore-scripts=yes", "npm it"),
        ("npm config set fund false ignore-scripts true --location=user", "npm ci"),
        ("npm config set --location global ignore-scripts 1", "npm ci"),
        (SET, "pnpm install"),
        (SET, "bun install"),
        ("pnpm config set ignore-scripts true", "pnpm install"),
        ("pnpm config set ignoreScripts true", "pnpm it"),
        ("yarn config set ignore-scripts true", "yarn"),
        ("npm config set ignore-scripts false", SET, "npm ci"),
    ],
)
def test_every_way_to_set_it_is_read(commands: tuple[str, ...]) -> None:
    assert starter({"package.json": PUSH, DEPLOY: workflow(*commands)}) is None


@pytest.mark.parametrize(
    "commands",
    [
        ("npm ci", SET),
        (SET, "npm config set ignore-scripts false", "npm ci"),
        (SET, "npm config set ignore-scripts ''", "npm ci"),
        (SET, "npm config delete ignore-scripts", "npm ci"),
        (SET, "npm ci --no-ignore-scripts"),
        (SET, "npm_config_ignore_scripts=0 npm ci"),
        (SET, "yarn install"),
        ("pnpm config set ignore-scripts true", "npm ci"),
        ("yarn config set ignore-scripts true", "npm ci"),
        ("npm config set ignore-scripts $QUIET", "npm ci"),
        ("npm config get ignore-scripts true", "npm ci"),
        (f"echo {SET}", "npm ci"),
        # Yarn runs the scripts of a project's own packages all the same (yarnpkg/berry#4780).
        ("yarn config set enableScripts false", "yarn install --immutable"),
    ],
)
def test_what_is_not_set_for_an_install_says_nothing_of_it(commands: tuple[str, ...]) -> None:
    assert starter({"package.json": PUSH, DEPLOY: workflow(*commands)}) is Starter.BUILD


def test_what_one_job_sets_no_other_has() -> None:
    jobs = "on: push\njobs:\n"
    for name, command in (("a", SET), ("b", "npm ci")):
        jobs += f"  {name}:\n    runs-on: x\n    steps:\n      - run: {command}\n"
    assert starter({"package.json": PUSH, DEPLOY: jobs}) is Starter.BUILD


def test_what_the_file_of_the_project_says_goes_before_what_is_set() -> None:
    files = {"package.json": PUSH, ".npmrc": "ignore-scripts=false", DEPLOY: workflow(SET, "npm ci")}
    assert starter(files) is Starter.BUILD


@pytest.mark.parametrize(
    ("image", "quiet"),
    [
        (f"FROM node\nRUN {SET}\nRUN npm ci\n", True),
        (f"FROM node AS base\nRUN {SET}\nFROM base\nRUN npm ci\n", True),
        (f"FROM node AS base\nRUN {SET}\nFROM node\nRUN npm ci\n", False),
        (f"FROM node\nRUN npm ci\nRUN {SET}\n", False),
    ],
)
def test_an_image_keeps_what_is_set_in_it(image: str, *, quiet: bool) -> None:
    copied = image.replace("RUN npm ci", "COPY package.json .\nRUN npm ci")
    assert (starter({"package.json": PUSH, "Dockerfile": copied}) is None) == quiet


@pytest.mark.parametrize("value", ["true", "1", "yes", "no", "off", "FALSE", "False", "TRUE", "2", "-1", "nan", "00x"])
def test_npm_takes_every_word_for_true(value: str) -> None:
    assert is_true(value)
    files = {"package.json": PUSH, DEPLOY: workflow("npm ci"), ".npmrc": f"ignore-scripts={value}\n"}
    assert starter(files) is None
    assert starter({"package.json": PUSH, DEPLOY: workflow(f"npm_config_ignore_scripts={value} npm ci")}) is None


@pytest.mark.parametrize("value", ["false", "0", "00", "0x0", "0.0", "+0", "-0", ".0", "0e3", "null", "undefined"])
def test_npm_takes_no_more_than_these_for_false(value: str) -> None:
    assert not is_true(value)
    files = {"package.json": PUSH, DEPLOY: workflow("npm ci"), ".npmrc": f"ignore-scripts={value}\n"}
    assert starter(files) is Starter.BUILD
    assert (
        starter({"package.json": PUSH, DEPLOY: workflow(f"npm_config_ignore_scripts={value} npm ci")}) is Starter.BUILD
    )


def test_what_is_empty_is_true_in_a_file_and_nothing_in_the_environment() -> None:
    files = {"package.json": PUSH, DEPLOY: workflow("npm_config_ignore_scripts= npm ci")}
    assert starter(files) is Starter.BUILD
    assert starter({**files, ".npmrc": "ignore-scripts=\n"}) is None
    assert starter({**files, ".npmrc": "ignore-scripts=${QUIET}\n"}) is Starter.BUILD


@pytest.mark.parametrize(
    ("command", "quiet"),
    [
        ("npm ci --ignore-scripts=0", True),
        ("npm ci --ignore-scripts=null", True),
        ("npm ci --ignore-scripts true", True),
        ("npm ci --ignore-scripts false", False),
        ("npm ci --no-ignore-scripts false", True),
        ("npm ci --no-ignore-scripts --ignore-scripts", True),
        ("npm ci --ignore-scripts --no-ignore-scripts", False),
    ],
)
def test_behind_an_option_only_false_is_false(command: str, *, quiet: bool) -> None:
    assert (starter({"package.json": PUSH, DEPLOY: workflow(command)}) is None) == quiet


@pytest.mark.parametrize(
    "verb",
    [
        "npm it",
        "npm cit",
        "npm install-test",
        "npm install-ci-test",
        "npm clean-install-test",
        "npm sit",
        "npm in",
        "npm ic",
        "npm install-clean",
        "pnpm it",
        "pnpm install-test",
    ],
)
def test_an_install_that_tests_as_well_is_an_install(verb: str) -> None:
    files = {"package.json": PUSH, DEPLOY: workflow("npm ci --ignore-scripts", verb)}
    assert starter(files) is Starter.BUILD
    assert starter({**files, DEPLOY: workflow(f"{verb} --ignore-scripts")}) is None


@pytest.mark.parametrize("verb", ["yarn it", "bun it", "npm it pg", "pnpm sit"])
def test_what_another_manager_calls_so_is_none(verb: str) -> None:
    assert starter({"package.json": PUSH, DEPLOY: workflow("npm ci --ignore-scripts", verb)}) is None


@pytest.mark.parametrize("command", ["npm it", "npm cit --ignore-scripts", "npm it pg", "pnpm it", "pnpm install-test"])
def test_it_runs_the_tests(command: str) -> None:
    files = {"package.json": package(it="x", test="drizzle-kit push"), DEPLOY: workflow(command)}
    assert starter(files) is Starter.CI


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("npm set ignore-scripts", {"npm": None, "pnpm": None, "bun": None}),
        ("pnpm config set ignore-scripts=no", {"pnpm": True}),
        ("yarn config delete ignore-scripts", {"yarn": None}),
        ("yarn set version stable", {}),
        ("npm config list", {}),
        ("npm", {}),
    ],
)
def test_a_command_says_it_for_those_that_read_it(words: str, expected: dict[str, bool | None]) -> None:
    assert dict(told_by(tuple(words.split()))) == expected


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: workflow("./setup.sh", "npm ci")},
        {DEPLOY: workflow("sh setup.sh\nnpm ci")},
        {DEPLOY: workflow(SET, "sh install.sh")},
        {DEPLOY: workflow("npm run setup", "npm ci")},
        {DEPLOY: workflow("sh outer.sh", "make install")},
        {DEPLOY: workflow("make setup", "make install")},
        {DEPLOY: workflow(SET, "make install")},
        {".gitlab-ci.yml": "a:\n  before_script: [./setup.sh]\n  script: npm ci\n"},
        {"Dockerfile": "FROM node\nCOPY . .\nRUN ./setup.sh\nRUN npm ci\n"},
        {DEPLOY: workflow("", "npm ci").replace("run: ''", "uses: ./a").replace('run: ""', "uses: ./a")},
    ],
)
def test_what_a_script_sets_on_the_way_counts_for_what_is_run_after_it(files: dict[str, str]) -> None:
    assert starter({**CALLED, **files}) is None


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: workflow("npm ci", "./setup.sh")},
        {DEPLOY: workflow("./setup.sh", "./again.sh", "npm ci")},
        {DEPLOY: workflow("./setup.sh", "sh unset.sh", "npm ci")},
        {DEPLOY: workflow("./setup.sh", "yarn")},
        {DEPLOY: workflow("make both")},
        {DEPLOY: workflow("npx run-p setup again", "npm ci")},
        {DEPLOY: workflow("docker compose run a", "npm ci"), "compose.yml": "services: {a: {command: ./setup.sh}}\n"},
        {DEPLOY: workflow("./setup.sh") + "  b: {runs-on: x, steps: [{run: npm ci}]}\n"},
        {"Dockerfile": "FROM node\nCOPY . .\nRUN ./setup.sh\n", DEPLOY: workflow("npm ci")},
    ],
)
def test_what_a_script_sets_elsewhere_or_later_says_nothing(files: dict[str, str]) -> None:
    assert starter({**CALLED, **files}) is Starter.BUILD


def test_scripts_that_call_each_other_end() -> None:
    scripts = {f"{name}.sh": "./a.sh\n./b.sh\n./c.sh\n" for name in "abc"}
    files = {"package.json": PUSH, **scripts, DEPLOY: workflow(SET, "./a.sh", "npm ci")}
    assert starter(files) is None


def test_following_them_takes_no_longer_than_their_number() -> None:
    def found(size: int) -> object:
        scripts = {f"{number}.sh": f"./{number + 1}.sh\n./{number + 2}.sh\n" for number in range(size)}
        return starter({"package.json": PUSH, **scripts, DEPLOY: workflow(SET, "./0.sh", "npm ci")})

    assert growth(found, 20) < LINEAR
