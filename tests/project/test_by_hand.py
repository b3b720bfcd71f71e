"""What only a person starts, and what nobody does, blocks nothing."""

from collections.abc import Mapping

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.reach import Starter
from tests.project.test_reach import scripts
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

GITLAB = ".gitlab-ci.yml"
PUSH = "npx drizzle-kit push"
ON_PUSH = workflow(PUSH)


def starter(files: Mapping[str, str]) -> Starter | None:
    """Who begins what the only push among `files` is run by."""
    found = scripts(files)
    (push,) = [each for each in found.runs if isinstance(each.call, Push)]
    reached = found.reach(push)
    began = {each.started_by for each in found.ways(push)}
    assert began == ({reached.started_by} if reached is not None else set())
    return None if reached is None else reached.started_by


def severities(repo: GitRepository, path: str, content: str) -> list[str]:
    a_project(repo)
    repo.commit({path: content})
    return [each.split(" ")[1] for each in project_findings(repo)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (DEPLOY, ON_PUSH.replace("on: push", "on: workflow_dispatch")),
        (DEPLOY, ON_PUSH.replace("on: push", "on: [workflow_dispatch]")),
        (DEPLOY, ON_PUSH.replace("on: push", "on: {workflow_dispatch: {inputs: {}}}")),
        (DEPLOY, workflow(PUSH, job="    if: github.event_name == 'workflow_dispatch'\n")),
        (DEPLOY, f"{ON_PUSH}        if: ${{{{ github.event_name == 'workflow_dispatch' && inputs.push }}}}\n"),
        (DEPLOY, f"{ON_PUSH}        if: github.event.inputs.push == 'true'\n"),
        (DEPLOY, workflow(PUSH, job="    if: inputs.push\n")),
        (DEPLOY, workflow(PUSH, job="    if: success() && inputs.push\n")),
        (DEPLOY, f"{ON_PUSH}        if: ${{{{ !cancelled() && inputs.push && github.ref }}}}\n"),
        (DEPLOY, f"{ON_PUSH}        if: github.event.inputs.push && github.ref == 'refs/heads/main'\n"),
        (GITLAB, f"a: {{script: {PUSH}, when: manual}}"),
        (GITLAB, f"a: {{script: {PUSH}, rules: [{{if: $X, when: manual}}, {{when: never}}]}}"),
        (GITLAB, f"a: {{script: {PUSH}, when: manual, rules: [{{if: $X}}]}}"),
    ],
)
def test_what_a_person_starts_warns(a_repo: GitRepository, path: str, content: str) -> None:
    assert severities(a_repo, path, content) == ["warning"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (DEPLOY, ON_PUSH.replace("on: push", "on: [workflow_dispatch, push]")),
        (DEPLOY, ON_PUSH.replace("on: push", "on: {workflow_dispatch: , schedule: [{cron: '0 0 * * *'}]}")),
        (DEPLOY, workflow(PUSH, job="    if: github.event_name != 'workflow_dispatch'\n")),
        (DEPLOY, workflow(PUSH, job="    if: github.event.inputs.push != 'false'\n")),
        (DEPLOY, workflow(PUSH, job="    if: inputs.push == false\n")),
        (DEPLOY, workflow(PUSH, job="    if: success() && !inputs.push\n")),
        (DEPLOY, workflow(PUSH, job="    if: inputs.push\n").replace("on: push", "on: [push, workflow_call]")),
        (DEPLOY, workflow(PUSH, job="    if: github.event_name == 'workflow_dispatch' || inputs.push\n")),
        (GITLAB, f"a: {{script: {PUSH}, when: always}}"),
        (GITLAB, f"a: {{script: {PUSH}, rules: [{{if: $X, when: manual}}, {{if: $Y}}]}}"),
    ],
)
def test_what_begins_without_one_as_well_is_an_error(a_repo: GitRepository, path: str, content: str) -> None:
    assert severities(a_repo, path, content) == ["error"]


BY_HAND = "on: workflow_dispatch"
CALLS = "jobs: {a: {uses: ./.github/workflows/b.yml}}\n"
IN_FULL = CALLS.replace("./", "me/repo/").replace(".yml", ".yml@main")
OFF, OFF_IN_FULL = (each.replace("{uses", "{if: false, uses") for each in (CALLS, IN_FULL))
TO_1, TO_2 = (CALLS.replace("b.", f"{number}.") for number in (1, 2))
TO_0_AS_WELL = CALLS.replace("}}", "}, c: {uses: ./.github/workflows/0.yml}}")
ASKING = CALLS.replace("{uses", "{if: github.event_name == 'workflow_dispatch', uses")


@pytest.mark.parametrize(
    ("on", "callers", "expected"),
    [
        ("workflow_call", [f"{BY_HAND}\n{CALLS}"], None),
        ("[workflow_dispatch, workflow_call]", [f"{BY_HAND}\n{CALLS}"], None),
        ("{workflow_call: {inputs: {}}}", [f"on: push\n{ASKING}", f"{BY_HAND}\n{CALLS}"], None),
        ("workflow_call", [f"{BY_HAND}\n{CALLS.replace('b.', '1.')}", f"on: workflow_call\n{CALLS}"], None),
        ("workflow_call", [f"on: push\n{CALLS.replace('b.', '1.')}", f"on: workflow_call\n{CALLS}"], Starter.CI),
        ("workflow_call", [f"{BY_HAND}\n{CALLS}", f"on: push\n{CALLS}"], Starter.CI),
        ("workflow_call", [f"{BY_HAND}\n{CALLS}", f"on: push\n{IN_FULL}"], Starter.CI),
        ("workflow_call", [f"{BY_HAND}\n{IN_FULL}"], Starter.CI),
        ("workflow_call", [f"{BY_HAND}\n{CALLS}", f"on: push\n{OFF}", f"on: push\n{OFF_IN_FULL}"], None),
        ("workflow_call", [f"{BY_HAND}\n{TO_1}", f"on: workflow_call\n{TO_2}", f"on: workflow_call\n{CALLS}"], None),
        ("workflow_call", [f"on: workflow_call\n{TO_1}", f"on: workflow_call\n{TO_0_AS_WELL}"], Starter.CI),
        ("[push, workflow_call]", [f"{BY_HAND}\n{CALLS}"], Starter.CI),
        ("workflow_call", [], None),
        ("workflow_call\nenv: {repository: me/app}", [], None),
    ],
)
def test_what_another_workflow_calls_is_started_as_that_is(
    on: str, callers: list[str], expected: Starter | None
) -> None:
    files = {f".github/workflows/{number}.yml": content for number, content in enumerate(callers)}
    assert starter({**files, ".github/workflows/b.yml": ON_PUSH.replace("push", on, 1)}) is expected


@pytest.mark.parametrize(
    ("default", "callers", "expected"),
    [
        ("false", [CALLS], None),
        ("false", [CALLS, CALLS.replace("}", ", with: {push: false, other: true}}", 1)], None),
        ("false", [CALLS, CALLS.replace("}", ", with: {push: true}}", 1)], Starter.CI),
        ("false", [CALLS.replace("}", ", with: {push: '${{ inputs.push }}'}}", 1)], Starter.CI),
        ("false", [CALLS, IN_FULL], Starter.CI),
        ("true", [CALLS], Starter.CI),
    ],
)
def test_what_an_input_asks_for_that_no_caller_gives_is_run_by_nobody(
    default: str, callers: list[str], expected: Starter | None
) -> None:
    files = {f".github/workflows/{number}.yml": f"on: push\n{content}" for number, content in enumerate(callers)}
    on = f"{{workflow_call: {{inputs: {{push: {{type: boolean, default: {default}}}}}}}}}"
    called = ON_PUSH.replace("push", on, 1) + "        if: inputs.push\n"
    assert starter({**files, ".github/workflows/b.yml": called}) is expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("uses: actions/checkout@v4", None),
        ("uses: peter-evans/repository-dispatch@v3, with: {repository: me/app}", None),
        ("uses: actions/checkout@v4, with: {repository: me/app}", Starter.CI),
    ],
)
def test_what_nobody_calls_is_cis_where_it_says_what_it_checks_out(step: str, expected: Starter | None) -> None:
    assert starter({DEPLOY: ON_PUSH.replace("push", "workflow_call", 1) + f"      - {{{step}}}\n"}) is expected


@pytest.mark.parametrize("directory", [".gitea", ".forgejo"])
@pytest.mark.parametrize(
    ("caller", "expected"),
    [(f"on: push\n{CALLS}", Starter.CI), (f"on: push\n{IN_FULL}", Starter.CI), (f"{BY_HAND}\n{CALLS}", None)],
)
def test_so_it_is_with_workflows_of_gitea_and_forgejo(directory: str, caller: str, expected: Starter | None) -> None:
    called = ON_PUSH.replace("push", "workflow_call", 1)
    files = {
        f"{directory}/workflows/a.yml": caller.replace(".github", directory),
        f"{directory}/workflows/b.yml": called,
    }
    assert starter(files) is expected


@pytest.mark.parametrize(
    "content",
    [
        workflow(PUSH, job="    if: false\n"),
        workflow(PUSH, job="    if: ${{ false }}\n"),
        f"{ON_PUSH}        if: false\n",
        workflow(f"{PUSH} --help"),
        workflow(f"{PUSH} -h"),
    ],
)
def test_what_is_never_run_is_no_finding(a_repo: GitRepository, content: str) -> None:
    assert severities(a_repo, DEPLOY, content) == []
