"""What CI's environment tells package managers: to run no script of an install, and none before and after another."""

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.install_settings import told_by_environment
from migcheck.scripts.managers import heeds_settings
from migcheck.scripts.reach import Starter
from migcheck.scripts.scripts import Scripts
from tests.project.test_installs import PUSH, SAID, starter
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

QUIET = "npm_config_ignore_scripts"
IN_JOB = "    env: {{{}: '{}'}}\n"
GITLAB = "a:\n  script: npm ci\n"
CIRCLE = "version: 2.1\njobs: {build: {docker: [{image: node}], ENV steps: [checkout, {run: npm ci}]}}\n"
AZURE = "pool: x\nsteps: [{script: npm ci, env: {NAME: VALUE}}]\n"
BEFORE = package(preall="drizzle-kit push", all="x")


def in_job(command: str, name: str = QUIET, value: str = "true") -> str:
    return workflow(command, job=IN_JOB.format(name, value))


def test_no_install_of_a_job_that_is_told_so_runs_a_script(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": PUSH, DEPLOY: in_job("npm ci")})
    assert project_findings(a_repo) == [f"MC601 warning package.json:4 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: in_job("npm ci", value="false")})
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {SAID}, and the build runs it"]


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: f"env: {{{QUIET}: 1}}\n{workflow('npm ci')}"},
        {DEPLOY: f"{workflow('npm ci')}        env: {{NPM_CONFIG_IGNORE_SCRIPTS: true}}\n"},
        {DEPLOY: f"{in_job('npm ci', value='false')}        env: {{{QUIET}: true}}\n"},
        {".gitlab-ci.yml": f"variables: {{{QUIET}: 'true'}}\n{GITLAB}"},
        {".gitlab-ci.yml": f"{GITLAB}  variables: {{NPM_CONFIG_IGNORE_SCRIPTS: {{value: 'true'}}}}\n"},
        {".circleci/config.yml": CIRCLE.replace("ENV", f"environment: {{{QUIET}: 'true'}},")},
        {"azure-pipelines.yml": AZURE.replace("NAME: VALUE", f"{QUIET}: true")},
        {"azure-pipelines.yml": f"variables: {{{QUIET}: true}}\n{AZURE}"},
        {DEPLOY: in_job("pnpm i")},
        {DEPLOY: in_job("pnpm i", "PNPM_CONFIG_IGNORE_SCRIPTS")},
        {DEPLOY: in_job("yarn", "YARN_IGNORE_SCRIPTS")},
        {DEPLOY: in_job("bun install")},
        {DEPLOY: in_job("make"), "Makefile": "all:\n\tnpm ci\n"},
        {DEPLOY: in_job("make"), "Makefile": f"{QUIET} ?= false\nall:\n\tnpm ci\n"},
        {DEPLOY: workflow("make"), "Makefile": f"export {QUIET} = true\nall:\n\tnpm ci\n"},
        {DEPLOY: in_job("task x"), "Taskfile.yml": f"env: {{{QUIET}: 'false'}}\ntasks: {{x: npm ci}}\n"},
        {DEPLOY: in_job("just"), "justfile": "x:\n\tnpm ci\n"},
    ],
)
def test_every_place_of_a_variable_is_read(files: dict[str, str]) -> None:
    assert starter({"package.json": PUSH, **files}) is None


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: in_job("npm ci", value="${{ inputs.quiet }}")},
        {DEPLOY: in_job("npm ci", value="")},
        {DEPLOY: in_job("npm_config_ignore_scripts=false npm ci")},
        {DEPLOY: in_job("npm ci --no-ignore-scripts")},
        {DEPLOY: f"{in_job('npm ci')}  b: {{runs-on: x, steps: [{{run: npm ci}}]}}\n"},
        {DEPLOY: in_job("npm ci", "PNPM_CONFIG_IGNORE_SCRIPTS")},
        {DEPLOY: f"{in_job('npm ci')}        env: {{NPM_CONFIG_IGNORE_SCRIPTS: false}}\n"},
        {DEPLOY: in_job("yarn install")},
        {DEPLOY: in_job("yarn install", "YARN_ENABLE_SCRIPTS", "false")},
        {".gitlab-ci.yml": f"variables: {{{QUIET}: 'true'}}\n{GITLAB}  variables: {{{QUIET}: 'false'}}\n"},
        {".gitlab-ci.yml": f"{GITLAB}b:\n  script: x\n  variables: {{{QUIET}: 'true'}}\n"},
        {DEPLOY: in_job("make"), "Makefile": f"unexport {QUIET}\nall:\n\tnpm ci\n"},
        {DEPLOY: workflow("make"), "Makefile": f"ifdef CI\nexport {QUIET} = true\nendif\nall:\n\tnpm ci\n"},
        {DEPLOY: in_job("make"), "Makefile": f"ifdef CI\n{QUIET} = false\nendif\nall:\n\tnpm ci\n"},
    ],
)
def test_what_no_variable_says_for_sure_is_run(files: dict[str, str]) -> None:
    assert starter({"package.json": PUSH, **files}) is Starter.BUILD


@pytest.mark.parametrize(
    ("files", "runs_it"),
    [
        ({DEPLOY: in_job("npm run all")}, False),
        ({DEPLOY: f"env: {{{QUIET}: 1}}\n{in_job('npm run all', value='false')}"}, True),
        ({DEPLOY: in_job("npm run all --no-ignore-scripts")}, True),
        ({DEPLOY: in_job("npm run all -- --no-ignore-scripts")}, False),
        ({DEPLOY: workflow("npm run all -- --ignore-scripts")}, True),
        ({DEPLOY: workflow(f"{QUIET}=true npm run all")}, False),
        # The other managers run them all the same (tried: pnpm 10, yarn 1.22, bun 1.4).
        ({DEPLOY: in_job("pnpm run all")}, True),
        ({DEPLOY: in_job("yarn run all", "YARN_IGNORE_SCRIPTS")}, True),
        ({DEPLOY: in_job("npx run-s all")}, True),
        ({DEPLOY: workflow("npm run all"), ".npmrc": "ignore-scripts=true\n"}, False),
        ({DEPLOY: workflow("yarn run all"), ".npmrc": "ignore-scripts=true\n"}, True),
        ({DEPLOY: in_job("npm run all", value="false"), ".npmrc": "ignore-scripts=true\n"}, True),
        ({DEPLOY: in_job("npm run all"), ".npmrc": "ignore-scripts=false\n"}, False),
    ],
)
def test_npm_runs_nothing_before_a_script_where_it_is_told_so(files: dict[str, str], *, runs_it: bool) -> None:
    assert (starter({"package.json": BEFORE, **files}) is not None) == runs_it


@pytest.mark.parametrize(("command", "runs_it"), [("npm test", False), ("npm it", False), ("npm run x -w a", False)])
def test_the_same_holds_for_every_verb_of_npm(command: str, *, runs_it: bool) -> None:
    test = package(name="a", pretest="drizzle-kit push", test="x", prex="npm run pretest", x="y")
    files = {"package.json": '{"workspaces": ["a"]}', "a/package.json": test}
    assert (starter({**files, DEPLOY: in_job(f"cd a && {command}")}) is not None) == runs_it
    assert starter({**files, DEPLOY: workflow(f"cd a && {command}")}) is Starter.CI


@pytest.mark.parametrize(
    ("settings", "manager", "expected"),
    [
        ((("npm_config_ignore_scripts", "1"),), "npm", True),
        ((("npm_config_ignore_scripts", "false"),), "npm", False),
        ((("npm_config_ignore_scripts", "$X"),), "npm", False),
        ((("npm_config_ignore_scripts", ""),), "npm", None),
        ((("npm_config_ignore_scripts", "1"),), "deno", None),
        ((("npm_config_ignore_scripts", "1"), ("NPM_CONFIG_IGNORE_SCRIPTS", "0")), "npm", False),
        ((("npm_config_ignore_scripts", "0"), ("npm_config_ignore_scripts", "1")), "npm", True),
    ],
)
def test_a_variable_is_read_as_its_manager_reads_it(
    settings: tuple[tuple[str, str], ...], manager: str, *, expected: bool | None
) -> None:
    assert told_by_environment(settings, manager) is expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [("npm run x", True), ("npm exec x", False), ("npx x", False), ("npm run x --ignore-scripts=false", False)],
)
def test_npm_alone_heeds_its_settings(command: str, *, expected: bool) -> None:
    assert heeds_settings(command.split()) is expected


@pytest.mark.parametrize("name", [QUIET, "COMPOSE_FILE"])
def test_a_script_that_is_given_one_is_the_same_file(name: str) -> None:
    here, push = '"$(dirname "$0")/lib/x.sh"', "npx drizzle-kit push"
    called = in_job("./bin/go.sh push", name)
    for files in (
        {DEPLOY: called, "bin/go.sh": f". {here}; f", "bin/lib/x.sh": f"f() {{ {push}; }}"},
        {DEPLOY: called, "bin/go.sh": here, "bin/lib/x.sh": push, "x.sh": "m"},
        {DEPLOY: in_job("npm run s -- --url postgres://h/x", name), "package.json": package(s=push)},
        {DEPLOY: called, "bin/go.sh": f"f() {{ {push}; }}\ncase $1 in push) f ;; esac"},
    ):
        assert starter(files) is Starter.CI
        assert starter({**files, DEPLOY: in_job("x", name)}) is None
    assert starter({**files, DEPLOY: in_job("./bin/go.sh m", name)}) is None
    both = f"{workflow('./bin/go.sh m', './bin/go.sh push')}        env: {{{name}: 'true'}}\n"
    for text in (files["bin/go.sh"], f"case $1 in push) {push} ;; esac"):
        found = Scripts({DEPLOY: both.encode(), "bin/go.sh": text.encode()})
        pushes = [each for each in found.runs if isinstance(each.call, Push)]
        assert [(found.reach(each) is not None, bool(found.ways(each))) for each in pushes] == [
            (False,) * 2,
            (True,) * 2,
        ]
