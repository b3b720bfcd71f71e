"""Bitbucket's pipelines: what the scripts of their steps run, and which of them a person starts."""

import pytest

from migcheck.scripts.ci.bitbucket import read_bitbucket
from migcheck.scripts.reach import Job, Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository

PATH = "bitbucket-pipelines.yml"
PUSH = "npx drizzle-kit push"
MIGRATE = "npx drizzle-kit migrate"
SERVICES = (
    "definitions: {services: {pg: {image: 'postgres:16'}, db: {image: {name: postgis/postgis}}, r: {image: redis}}}\n"
)


def read(text: str) -> list[Script]:
    return list(read_bitbucket(PATH, text.encode()))


def default(*steps: str) -> str:
    """A file whose default pipeline has `steps`, the first on line 3."""
    return "pipelines:\n  default:\n" + "".join(f"    - step: {{{each}}}\n" for each in steps)


def entries(text: str) -> list[tuple[str, Starter | None]]:
    return [(each.text, each.started_by) for each in read(text)]


STEPS = """\
pipelines:
  default:
    - step:
        name: Deploy
        deployment: production
        script:
          - cd db
          - |
            m
            n
          - pipe: atlassian/slack-notify:2.0.0
            variables: {MESSAGE: x}
          - o
        after-script:
          - p
"""


def test_one_shell_runs_the_lines_of_a_script() -> None:
    script, after = read(STEPS)
    found = [(str(each), each.directory, each.line) for each in script.commands]
    assert found == [("cd db", ".", 7), ("m", "db", 9), ("n", "db", 10), ("o", "db", 13)]
    assert (script.job, script.options, script.given) == (
        Job("", "default"),
        ShellOptions(errexit=True),
        ("production",),
    )
    assert after.job == script.job
    assert [(str(each), each.directory, each.line, each.goes_on) for each in after.commands] == [
        ("p", ".", 15, "after-script")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "default: [step: {script: [m]}]",
        "branches: {main: [step: {script: [m]}]}",
        "pull-requests: {'**': [step: {script: [m]}]}",
        "tags: {'v*': [step: {script: [m]}]}",
        "default: [parallel: [step: {script: [m]}]]",
        "default: [parallel: {fail-fast: true, steps: [step: {script: [m]}]}]",
        "default: [stage: {name: x, steps: [step: {script: [m]}]}]",
        "default: [stage: {steps: [parallel: [step: {script: [m]}]]}]",
        "default: [step: {script: m}]",
        "default: [step: &s {script: [m]}]\n  branches: {main: [step: *s, step: {<<: *s, name: x}]}",
        "custom: {x: [step: &s {script: [m]}]}\n  branches: {main: [step: *s]}",
    ],
)
def test_the_steps_of_every_pipeline_are_run(text: str) -> None:
    assert entries(f"pipelines:\n  {text}") == [("m", Starter.CI)]


@pytest.mark.parametrize(
    ("text", "waiting"),
    [
        ("custom: {x: [step: {script: [m]}]}", ["m"]),
        ("default: [step: {script: [m]}, step: {script: [n], trigger: manual}, step: {script: [o]}]", ["n", "o"]),
        ("default: [stage: {trigger: manual, steps: [step: {script: [m]}]}, step: {script: [n]}]", ["m", "n"]),
        ("default: [parallel: [step: {script: [m], trigger: manual}], step: {script: [n]}]", ["m", "n"]),
        ("default: [step: {script: [m], trigger: automatic}]", []),
    ],
)
def test_what_waits_for_a_person_begins_nothing(text: str, waiting: list[str]) -> None:
    assert [told for told, starter in entries(f"pipelines:\n  {text}") if starter is None] == waiting


@pytest.mark.parametrize(
    "step",
    [
        "services: [pg], script: [m]",
        "services: [r, db], script: [m]",
        "services: pg, script: [m]",
        "script: [docker run -d postgres, m]",
        "script: ['echo DATABASE_URL=postgres://localhost/x > .env', m]",
    ],
)
def test_a_step_may_have_a_database_of_its_own(step: str) -> None:
    assert read(SERVICES + default(step))[0].own_database


@pytest.mark.parametrize(
    "step",
    [
        "script: [m]",
        "services: [r], script: [m]",
        "services: [other], script: [m]",
        "services: [pg], script: [m], deployment: production",
        "services: [pg], script: ['export DATABASE_URL=$PRODUCTION_URL', m]",
    ],
)
def test_a_database_that_lasts_is_none_of_the_step(step: str) -> None:
    assert not read(SERVICES + default(step))[0].own_database


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("script: [m], on-fail: {strategy: ignore}", "on-fail: ignore"),
        ("script: [m], on-fail: {strategy: fail}", ""),
        ("script: [m], after-script: [fly deploy]", "after-script"),
        ("script: [m], after-script: [./notify]", ""),
    ],
)
def test_a_step_may_go_on_after_a_failure(step: str, why: str) -> None:
    assert read(default(step))[0].goes_on == why


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (default(f"script: [{PUSH}]"), f"MC601 error {PATH}:3 `{PUSH}` changes the database past the migrations"),
        (f"{SERVICES}{default(f'services: [pg], script: [{PUSH}]')}", "to a database of its own, which then is not"),
        (default(f"trigger: manual, script: [{PUSH}]"), "when somebody runs it"),
        (default(f"script: [{MIGRATE} || true]"), f"MC602 error {PATH}:3 where `{MIGRATE}` fails, CI"),
        (default(f"script: [{MIGRATE} | tee log]"), "CI goes on: `| tee log`"),
        (default(f"script: [m], after-script: [{MIGRATE}]"), "CI goes on: `after-script`"),
        (default(f"script: [{MIGRATE}], on-fail: {{strategy: ignore}}"), "CI goes on: `on-fail: ignore`"),
    ],
)  # fmt: skip
def test_the_gate_hears_of_it(a_repo: GitRepository, content: str, said: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: content})
    (finding,) = project_findings(a_repo)
    assert said in finding


@pytest.mark.parametrize("script", [f"{MIGRATE}, m", f"set -o pipefail, {MIGRATE} | tee log", "drizzle-kit generate"])
def test_a_healthy_step_is_no_finding(a_repo: GitRepository, script: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: default(f"script: [{script}]")})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    "content",
    [
        "", "[", "- x", "pipelines: 1", "pipelines: {default: 1}", "a: *b",
        "pipelines: {default: {step: {script: [m]}}}",
        "pipelines: {default: [step: , parallel: 1, stage: [], {}, [], 1, step: {script: }]}",
        "pipelines: {branches: [x], custom: x, tags: {v: }, default: [step: {script: {a: b}, services: {c: d}}]}",
        "pipelines: {default: &d [parallel: *d, stage: {steps: *d}]}",
        "pipelines: &p {<<: *p, branches: *p}",
    ],
)  # fmt: skip
def test_what_is_no_pipeline_has_none(content: str) -> None:
    assert [each for each in read(content) if each.commands] == []


def test_steps_that_multiply_come_to_an_end() -> None:
    chained = "".join(f"p{at}: &p{at} [{', '.join([f'parallel: *p{at - 1}'] * 20)}]\n" for at in range(1, 9))
    assert read(f"p0: &p0 [step: {{name: x}}]\n{chained}pipelines: {{default: *p8}}") == []
    long = f"s: &s ['{'m ' * 15_000}']\n"
    steps = "".join(
        f"    - step: {{<<: *s, on-fail: {{strategy: ignore}}, after-script: [n{at}]}}\n" for at in range(500)
    )
    assert sum(len(each.text) for each in read(f"{long}pipelines:\n  default:\n{steps}")) < 2_000_000


def test_steps_of_one_template_cost_in_proportion_to_their_number() -> None:
    def file(steps: int) -> str:
        return "s: &s {script: [m, n, o]}\npipelines:\n  default:\n" + "    - step: {<<: *s}\n" * steps

    assert growth(lambda size: read(file(size)), 100) < LINEAR
