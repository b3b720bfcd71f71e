"""Azure's pipelines: who starts their jobs, what goes on after a failure, and what the gate says of both."""

import pytest

from migcheck.scripts.reach import Starter
from tests.support.azure import MIGRATE, PATH, PUSH, read, steps
from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (("{script: m, continueOnError: true}",), "continueOnError: true"),
        (("{script: m, continueOnError: false}",), ""),
        (("script: m", "{script: fly deploy, condition: always()}"), "condition: always()"),
        (("script: m", "{script: fly deploy, condition: succeededOrFailed()}"), "condition: succeededOrFailed()"),
        (("script: m", "{task: AzureWebApp@1, condition: always()}"), "condition: always()"),
        (("script: m", "{task: AzureWebApp@1, condition: succeeded()}"), ""),
        (("script: m", "{script: ./notify, condition: always()}"), ""),
        (("script: m", "script: fly deploy"), ""),
        (
            ("{script: m, continueOnError: true}", "{script: n, condition: \"ne(variables['Agent.JobStatus'],1)\"}"),
            "",
        ),
    ],
)
def test_a_job_may_go_on_after_a_failure(listed: tuple[str, ...], why: str) -> None:
    assert read(steps(*listed))[0].goes_on == why


STAGE = "{stage: a, jobs: [{job: x, steps: [script: m]}]}"
FLIES = "jobs: [{job: x, steps: [script: fly deploy]}]"
DEPLOYS = "condition: always(), steps: [script: fly deploy]"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jobs: [{job: a, continueOnError: true, steps: [script: m]}]", "continueOnError: true"),
        (f"jobs: [{{job: a, steps: [script: m]}}, {{job: b, dependsOn: a, {DEPLOYS}}}]", "condition: always()"),
        (f"jobs: [{{job: a, steps: [script: m]}}, {{job: b, {DEPLOYS}}}]", ""),
        ("jobs: [{job: a, steps: [script: m]}, {job: b, dependsOn: a, condition: always(), steps: [script: n]}]", ""),
        (f"stages: [{STAGE}, {{stage: b, condition: always(), {FLIES}}}]", "condition: always()"),
        (f"stages: [{STAGE}, {{stage: b, condition: always(), dependsOn: [], {FLIES}}}]", ""),
        (f"stages: [{STAGE}, {{stage: b, {FLIES}}}]", ""),
    ],
)
def test_a_job_may_be_followed_whatever_became_of_it(text: str, why: str) -> None:
    assert read(text)[0].goes_on == why


MANUAL = "{job: h, pool: server, steps: [task: ManualValidation@1]}"


@pytest.mark.parametrize(
    "text",
    [
        steps("script: m", before="trigger: none\n"),
        steps("script: m", before="trigger: none\npr: none\n"),
        steps("{script: m, condition: \"eq(variables['Build.Reason'], 'Manual')\"}"),
        "jobs: [{job: a, condition: \"and(true, eq(variables['build.reason'],'manual'))\", steps: [script: m]}]",
        f"jobs: [{MANUAL}, {{job: b, dependsOn: [h], steps: [script: m]}}]",
        f"jobs: [{MANUAL}, {{job: b, dependsOn: h, steps: []}}, {{job: c, dependsOn: b, steps: [script: m]}}]",
        f"stages: [{{stage: a, jobs: [{MANUAL}]}}, {{stage: b, jobs: [{{job: x, steps: [script: m]}}]}}]",
        "stages: [{stage: a, trigger: manual, jobs: [{job: x, steps: [script: m]}]}]",
        "stages: [{stage: a, trigger: manual, jobs: []}, {stage: b, jobs: [{job: x, steps: [script: m]}]}]",
    ],
)
def test_what_waits_for_a_person_begins_nothing(text: str) -> None:
    assert [(each.text, each.started_by) for each in read(text)] == [("m", None)]


@pytest.mark.parametrize(
    "text",
    [
        steps("script: m"),
        steps("script: m", before="trigger: none\npr: [main]\n"),
        steps("script: m", before="trigger: none\nschedules: [{cron: 0 0 * * *}]\n"),
        steps("script: m", before="trigger: none\nresources: {pipelines: [{pipeline: x, trigger: true}]}\n"),
        steps("script: m", before="pr: none\n"),
        steps("{script: m, condition: \"or(eq(variables['Build.Reason'], 'Manual'), always())\"}"),
        steps("{script: m, condition: \"not(eq(variables['Build.Reason'], 'Manual'))\"}"),
        f"jobs: [{MANUAL}, {{job: b, steps: [script: m]}}]",
        f"stages: [{{stage: a, jobs: [{MANUAL}]}}, {{stage: b, dependsOn: [], jobs: [{{job: x, steps: [bash: m]}}]}}]",
    ],
)
def test_what_begins_without_one_as_well_is_run_by_ci(text: str) -> None:
    assert [(each.text, each.started_by) for each in read(text)] == [("m", Starter.CI)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (steps(f"script: {PUSH}"), f"MC601 error {PATH}:2 `{PUSH}` changes the database past the migrations, and CI"),
        (steps("script: docker compose up -d", f"script: {PUSH}"), "to a database of its own, which then is not"),
        (steps(f"script: {PUSH}", before="trigger: none\n"), "when somebody runs it"),
        (steps(f"script: {MIGRATE} || true"), f"MC602 error {PATH}:2 where `{MIGRATE}` fails, CI goes on: `|| true`"),
        (steps(f'bash: "{MIGRATE}\\nm"'), "CI goes on: there is no `set -e`"),
        (steps(f"{{script: {MIGRATE}, continueOnError: true}}"), "CI goes on: `continueOnError: true`"),
        (steps(f"script: {MIGRATE}", "{task: HelmDeploy@1, condition: always()}"), "CI goes on: `condition: always()`"),
    ],
)
def test_the_gate_hears_of_it(a_repo: GitRepository, content: str, said: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: content})
    (finding,) = project_findings(a_repo)
    assert said in finding


@pytest.mark.parametrize(
    "step",
    [f"script: {MIGRATE}", f'bash: "set -e\\n{MIGRATE}\\nm"', f'bash: "{MIGRATE} && m"', f'pwsh: "{MIGRATE}\\nm"'],
)
def test_a_healthy_step_is_no_finding(a_repo: GitRepository, step: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: steps(step)})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize("path", ["ci/azure-pipelines.pr.yaml", ".azure-pipelines/any.yml", "azure-pipelines/any.yml"])
def test_a_pipeline_is_one_by_its_name_or_its_place(a_repo: GitRepository, path: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: steps(f"script: {PUSH}")})
    assert len(project_findings(a_repo)) == 1


TEMPLATE = "build/templates/steps.yml"


@pytest.mark.parametrize(
    ("pipeline", "template"),
    [
        (steps("template: build/templates/steps.yml"), steps(f"script: {PUSH}")),
        (steps("template: /build/templates/steps.yml@self"), steps(f"script: {PUSH}")),
        ("jobs: [template: build/templates/steps.yml]", f"jobs: [{{job: a, steps: [script: {PUSH}]}}]"),
        ("stages: [template: build/templates/steps.yml]", f"stages: [{{jobs: [{{job: a, steps: [script: {PUSH}]}}]}}]"),
        ("extends: {template: build/templates/steps.yml}", steps(f"script: {PUSH}")),
        (steps("{template: build/inner.yml}"), steps(f"script: {PUSH}")),
    ],
)  # fmt: skip
def test_a_template_is_run_where_it_is_taken_in(a_repo: GitRepository, pipeline: str, template: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: pipeline, TEMPLATE: template, "build/inner.yml": steps("template: templates/steps.yml")})
    (finding,) = project_findings(a_repo)
    assert finding.startswith(f"MC601 error {TEMPLATE}:")
    assert "uses ./build/templates/steps.yml" in finding


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        (steps("template: other.yml"), []),
        (steps("template: build/templates/steps.yml@others"), []),
        (steps("template: build/templates/steps.yml", before="trigger: none\n"), ["MC601 warning"]),
        (steps("script: docker compose up -d", "template: build/templates/steps.yml"), ["MC601 warning"]),
    ],
)
def test_a_template_is_run_as_who_takes_it_in(a_repo: GitRepository, pipeline: str, said: list[str]) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: pipeline, TEMPLATE: steps(f"script: {PUSH}")})
    assert [" ".join(each.split(" ")[:2]) for each in project_findings(a_repo)] == said
