"""Azure's pipelines: what the steps of their jobs run, by which shell, and which of them a person starts."""

import pytest

from migcheck.scripts.reach import Starter
from tests.support.azure import LOCAL, POSTGRES, read, steps
from tests.support.growth import LINEAR, growth
from tests.support.projects import placed

PIPELINE = """\
parameters:
- {name: app, default: web}
variables:
- group: production
- {name: Folder, value: packages/db}
- {name: DATABASE_URL, value: $(PRODUCTION_URL)}
stages:
- stage: build
  jobs:
  - job: test
    steps:
    - checkout: self
    - script: a
      workingDirectory: $(Build.SourcesDirectory)/${{ parameters.app }}
    - bash: |
        b $(folder) ${{ variables.folder }} $(Build.BuildId)

        c
      workingDirectory: ./$(folder)/
    - ${{ if eq(variables['Build.SourceBranch'], 'refs/heads/main') }}:
      - script: d $(Build.SourcesDirectory)/x.sh
    - script: cd y && d $(Build.SourcesDirectory)/x.sh
- stage: deploy
  jobs:
  - deployment: out
    environment: {name: prod}
    strategy:
      runOnce:
        preDeploy: {steps: [script: e]}
        deploy: {steps: [checkout: self, pwsh: f]}
        on: {failure: {steps: [powershell: g]}}
"""


def test_a_pipeline_has_the_steps_of_its_jobs() -> None:
    a, b, d, y, e, f, g = read(PIPELINE)
    assert placed(a, b, d, y) == [
        (13, "a"),
        (16, "b packages/db packages/db $Build_BuildId"),
        (18, "c"),
        (21, "d ./x.sh"),
        (22, "cd y"),
        (22, "d $Build_SourcesDirectory/x.sh"),
    ]
    assert placed(e, f, g) == [(29, "e"), (30, "f"), (31, "g")]
    assert [each.directory for each in (a, b, d, e)] == ["web", "packages/db", ".", "."]
    assert [each.name for each in (a, e)] == ["build/test/2", "deploy/out/1"]
    assert {each.started_by for each in (a, e, g)} == {Starter.CI}
    assert a.given == ("", "production", "DATABASE_URL=$PRODUCTION_URL")
    assert e.given == ("prod", "production", "DATABASE_URL=$PRODUCTION_URL")


@pytest.mark.parametrize(
    ("step", "told", "directory"),
    [
        ("{task: Bash@3, inputs: {targetType: inline, script: m, workingDirectory: db}}", "m", "db"),
        ("{task: bash@3, inputs: {FilePath: ./m.sh, arguments: x}}", "./m.sh x", "."),
        ("{task: CmdLine@2, inputs: {script: m}}", "m", "."),
        ("{task: PowerShell@2, inputs: {targetType: inline, script: m}}", "m", "."),
        ("{task: AzureCLI@2, inputs: {scriptType: bash, inlineScript: m, workingDirectory: 'a\\b'}}", "m", "a/b"),
        ("{task: AzureCLI@2, inputs: {scriptPath: m.sh}}", "m.sh", "."),
        ("{task: AzurePowerShell@5, inputs: {Inline: m}}", "m", "."),
        ("{task: ShellScript@2, inputs: {scriptPath: m.sh, cwd: db}}", "m.sh", "db"),
        ("{task: Npm@1, inputs: {command: custom, customCommand: run m, workingDir: db}}", "npm run m", "db"),
        ("{task: Yarn@3, inputs: {arguments: m, projectDirectory: db}}", "yarn m", "db"),
        ("{script: m, workingDirectory: $(Pipeline.Workspace)/drop}", "m", None),
        ("{script: m, workingDirectory: $(Pipeline.Workspace)/s/db}", "m", "db"),
        ("{script: m, workingDirectory: /tmp}", "m", None),
        ("{script: m, enabled: true}", "m", "."),
    ],
)
def test_every_kind_of_step_is_run(step: str, told: str, directory: str | None) -> None:
    assert [(each.text, each.directory) for each in read(steps(step))] == [(told, directory)]


@pytest.mark.parametrize(
    "step",
    [
        "{script: m, condition: false}",
        "{script: m, enabled: false}",
        "checkout: self",
        "{task: Npm@1, inputs: {command: ci}}",
        "{task: Docker@2, inputs: {script: m}}",
        "{task: Bash@3}",
        "{task: Bash@3, inputs: {script: ''}}",
    ],
)
def test_what_is_switched_off_or_runs_nothing_is_none(step: str) -> None:
    assert read(steps(step)) == []


def test_what_is_switched_off_as_a_whole_is_none() -> None:
    assert read("jobs: [{job: a, condition: False, steps: [script: m]}]") == []
    assert read("stages: [{stage: a, condition: false, jobs: [{job: a, steps: [script: m]}]}]") == []


@pytest.mark.parametrize(
    ("job", "directory"),
    [
        ("{job: a, steps: [script: m]}", "."),
        ("{job: a, steps: [checkout: none, script: m]}", None),
        ("{job: a, steps: [checkout: self, checkout: other, script: m]}", None),
        ("{deployment: a, strategy: {runOnce: {deploy: {steps: [script: m]}}}}", None),
        ("{deployment: a, strategy: {canary: {deploy: {steps: [checkout: self, script: m]}}}}", "."),
    ],
)
def test_a_job_runs_where_the_repository_is(job: str, directory: str | None) -> None:
    assert [each.directory for each in read(f"jobs: [{job}]")] == [directory]


@pytest.mark.parametrize(
    ("before", "step", "strict"),
    [
        ("", "bash: m", False),
        ("", "script: m", False),
        ("", "pwsh: m", True),
        ("", "{task: Bash@3, inputs: {script: m}}", False),
        ("", "{task: AzureCLI@2, inputs: {scriptType: bash, inlineScript: m}}", False),
        ("", "{task: AzureCLI@2, inputs: {scriptType: pscore, inlineScript: m}}", True),
        ("", "{task: Bash@3, inputs: {script: m, failOnStderr: true}}", True),
        ("", "{bash: m, failOnStderr: true}", True),
        ("pool: {vmImage: ubuntu-latest}\n", "script: m", False),
        ("pool: {vmImage: windows-latest}\n", "script: m", True),
        ("pool: {vmImage: $(image)}\n", "script: m", True),
        ("pool: mine\n", "script: m", True),
        ("pool: mine\n", "bash: m", False),
        ("variables: {SHELLOPTS: errexit}\n", "bash: m", True),
        ("variables: [{name: ShellOpts, value: errexit}]\n", "bash: m", True),
    ],
)
def test_bash_is_not_told_to_end_where_a_command_fails(before: str, step: str, *, strict: bool) -> None:
    assert [each.options.errexit for each in read(steps(step, before=before))] == [strict]


def test_on_which_machine_a_template_is_run_is_not_known() -> None:
    assert [each.options.errexit for each in read(steps("script: m", "bash: m"), is_template=True)] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        POSTGRES + "jobs: [{job: a, services: {db: pg}, steps: [script: m]}]",
        "jobs: [{job: a, services: {db: {image: 'postgres:16'}}, steps: [script: m]}]",
        steps(f"{{script: m, env: {LOCAL}}}"),
        steps("script: m", before=f"variables: {LOCAL}\n"),
        steps("{script: m, env: {DATABASE_URL: $(local)}}", before="variables: {local: 'postgres://localhost/x'}\n"),
        steps("script: docker compose up -d", "script: m"),
        steps("script: docker compose up -d", "{task: Npm@1, inputs: {customCommand: run m}}"),
    ],
)
def test_a_job_may_have_a_database_of_its_own(text: str) -> None:
    assert read(text)[-1].own_database


@pytest.mark.parametrize(
    "text",
    [
        steps("script: m"),
        POSTGRES + "jobs: [{job: a, steps: [script: m]}]",
        "jobs: [{job: a, services: {db: redis}, steps: [script: m]}]",
        POSTGRES + "jobs: [{job: a, services: {db: pg}, steps: [{script: m, env: {DATABASE_URL: $(PROD_URL)}}]}]",
        POSTGRES + "jobs: [{deployment: a, environment: prod, services: {db: pg}, steps: [script: m]}]",
        steps("{script: m, env: {DATABASE_URL: $(DATABASE_URL)}}"),
    ],
)
def test_a_database_that_lasts_is_none_of_the_job(text: str) -> None:
    assert not read(text)[-1].own_database


@pytest.mark.parametrize(
    "content",
    [
        "", "[", "- x", "steps: 1", "a: *b", "jobs: {job: x}", "stages: [x, 1, {}, [], {stage: [], jobs: [{}]}]",
        "steps: [{script: {a: b}}, {bash: []}, {task: [x]}, {task: Bash@3, inputs: [x]}, {template: [x]}]",
        "variables: x\nparameters: 1\npool: []\nresources: x\ntrigger: {}\njobs: [{job: a, services: [x], steps: x}]",
        "jobs: &j [*j, {job: a, dependsOn: {x: y}, strategy: [x], environment: [y]}, {job: b, dependsOn: b}]",
        "steps: &s [{'${{ if x }}': *s}, {'${{ if y }}': {'${{ if z }}': *s}}]",
        "stages: &s [{stage: a, jobs: *s}]",
        "steps: [template: '../../x', template: 'x@y@z', template: '${{ x }}']",
    ],
)  # fmt: skip
def test_what_is_no_pipeline_has_none(content: str) -> None:
    assert read(content) == []


def test_steps_that_multiply_come_to_an_end() -> None:
    chained = "".join(f"s{at}: &s{at} [{', '.join([f'${{{{ if a }}}}: *s{at - 1}'] * 20)}]\n" for at in range(1, 9))
    assert read(f"s0: &s0 [checkout: self]\n{chained}steps: *s8") == []
    long = f"s: &s [script: '{'m ' * 15_000}']\n"
    jobs = "".join(f"- {{job: a{at}, steps: *s}}\n" for at in range(400))
    assert sum(len(each.text) for each in read(f"{long}jobs:\n{jobs}")) < 2_000_000


def test_jobs_cost_in_proportion_to_their_number() -> None:
    def pipeline(jobs: int) -> str:
        listed = "".join(f"- {{job: a{at}, dependsOn: a{at - 1}, steps: [script: m]}}\n" for at in range(jobs))
        return f"jobs:\n{listed}"

    assert growth(lambda size: read(pipeline(size)), 20) < LINEAR
