"""CircleCI, Azure Pipelines and Bitbucket: what they are plainly told to run, and what of that is left in doubt."""

import pytest

from migcheck.scripts.ci.pipelines import read_pipelines
from migcheck.scripts.reach import Job, Starter
from migcheck.scripts.script import Script
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository

CIRCLECI, AZURE, BITBUCKET = ".circleci/config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml"
PUSH = "npx drizzle-kit push"
OF_CIRCLECI = "version: 2.1\njobs:\n  build:\n    docker: [{image: 'cimg/node:20'}]\n    steps:\n      - checkout\n"
OF_A_GROUP = "job-groups: {g: {jobs: [build]}}\nworkflows: {w: {jobs: [g]}}"


def read(text: str, path: str = AZURE) -> list[Script]:
    return list(read_pipelines(path, text.encode()))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (CIRCLECI, f"{OF_CIRCLECI}      - run: {PUSH}\n", 7),
        (CIRCLECI, f"{OF_CIRCLECI}      - run:\n          name: x\n          command: |\n            {PUSH}\n", 10),
        (CIRCLECI, f"commands:\n  c:\n    steps:\n      - run: {PUSH}\n", 4),
        (CIRCLECI, f"{OF_CIRCLECI}      - run: {PUSH}\n{OF_A_GROUP}", 7),
        (".circleci/continue_config.yml", f"{OF_CIRCLECI}      - run: {PUSH}\n", 7),
        (AZURE, f"trigger: [main]\nsteps:\n  - script: {PUSH}\n", 3),
        (AZURE, (f"stages: [{{stage: x, jobs: [{{deployment: d, strategy: {{runOnce: {{deploy: {{steps: [\n"
         f"  bash: {PUSH}\n]}}}}}}}}]}}]"), 2),
        (AZURE, f"steps:\n  - ${{{{ if x }}}}:\n    - task: X@2\n      inputs:\n        inlineScript: {PUSH}\n", 5),
        (".azuredevops/deploy.yaml", f"steps:\n  - script: {PUSH}\n", 2),
        (BITBUCKET, f"pipelines:\n  default:\n    - step:\n        script:\n          - x\n          - {PUSH}\n", 6),
        (BITBUCKET, f"pipelines:\n  branches:\n    main: [parallel: {{steps: [step: {{script: [\n {PUSH}]}}]}}]\n", 4),
    ],
)  # fmt: skip
def test_a_push_that_stands_there_is_found(a_repo: GitRepository, path: str, text: str, line: int) -> None:
    a_project(a_repo)
    a_repo.commit({path: text})
    assert project_findings(a_repo) == [
        f"MC601 error {path}:{line} `{PUSH}` changes the database past the migrations, and CI runs it"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {a: {steps: [{run: m}]}, old: {steps: [{run: n}]}}\nworkflows: {w: {jobs: [a]}}",
        "jobs: {a: {steps: [{run: m}]}, old: {steps: [{run: n}]}}\nworkflows: {w: {jobs: [{a: {context: x}}]}}",
        "definitions: {a: &a {script: [m]}, b: &b {script: [n]}}\npipelines: {default: [step: *a]}",
        "definitions: {a: &a {script: [m]}, b: &b {script: [n]}}\npipelines: {default: [step: {<<: *a, name: x}]}",
    ],
)
def test_what_is_defined_and_named_by_nobody_is_not_run(text: str) -> None:
    assert [each.text for each in read(text)] == ["m"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CIRCLECI, "jobs: {a: {steps: [{run: PUSH}]}}\nworkflows: {w: {jobs: [{h: {type: approval}}, a]}}"),
        (CIRCLECI, "jobs: {a: {steps: [{run: PUSH}]}}\nworkflows: {w: {when: << pipeline.parameters.x >>, jobs: [a]}}"),
        (CIRCLECI, "jobs: {a: {docker: [{image: x}, {image: 'cimg/postgres:16'}], steps: [{run: PUSH}]}}"),
        (CIRCLECI, ("jobs: {a: {parameters: {v: {default: 'postgres:16'}}, docker: [{image: << parameters.v >>}],\n"
         "  steps: [{run: PUSH}]}}")),
        (CIRCLECI, "jobs: {a: {env: {PGHOST: localhost}, steps: [run: PUSH]}, b: {env: {PGHOST: $X}}}"),
        (CIRCLECI, "jobs: {a: {environment: {DATABASE_URL: 'postgres://localhost/x'}, steps: [{run: PUSH}]}}"),
        (CIRCLECI, ("commands: {c: {parameters: {on: {type: boolean, default: false}},\n"
         "  steps: [when: {condition: << parameters.on >>, steps: [run: PUSH]}]}}")),
        (AZURE, "trigger: none\nsteps: [{script: PUSH}]"),
        (AZURE, "parameters: [{name: x}]\nsteps: [{script: PUSH}]"),
        (AZURE, "steps: [{task: ManualValidation@1}, {script: PUSH}]"),
        (AZURE, "steps: [{script: PUSH, enabled: false}]"),
        (AZURE, "steps: [{script: docker run -d postgres}, {script: PUSH}]"),
        (AZURE, "variables: [{name: DATABASE_URL, value: 'postgres://postgres/x'}]\nsteps: [{script: PUSH}]"),
        (BITBUCKET, "pipelines: {custom: {x: [step: {script: [PUSH]}]}}"),
        (BITBUCKET, "pipelines: {default: [step: {trigger: manual, script: [PUSH]}]}"),
        (BITBUCKET, ("definitions: {services: {pg: {image: {name: postgis/postgis}}}}\n"
         "pipelines: {default: [step: {services: [pg], script: [PUSH]}]}")),
    ],
)  # fmt: skip
def test_a_sign_of_a_person_or_of_a_database_beside_it_leaves_a_warning(
    a_repo: GitRepository, path: str, text: str
) -> None:
    a_project(a_repo)
    a_repo.commit({path: text.replace("PUSH", PUSH)})
    assert [each.split()[:2] for each in project_findings(a_repo)] == [["MC601", "warning"]]


def test_an_address_of_the_step_itself_says_more_than_a_sign() -> None:
    text = "steps: [{bash: docker run postgres}, {bash: m, env: {DATABASE_URL: URL}}]"
    assert read(text.replace("URL}", "$(PROD)}"))[1].own_database is False
    assert read(text.replace("URL}", "'postgres://localhost/x'}"))[1].own_database is True


@pytest.mark.parametrize("taken", ["steps: [{template: push.yml}]", "extends: {template: /.azuredevops/push.yml}"])
def test_who_takes_in_a_template_begins_it_and_nobody_follows_that(a_repo: GitRepository, taken: str) -> None:
    a_project(a_repo)
    a_repo.commit({".azuredevops/ci.yml": taken, ".azuredevops/push.yml": f"steps: [{{script: {PUSH}}}]"})
    assert [each.split()[:2] for each in project_findings(a_repo)] == [["MC601", "warning"]]


@pytest.mark.parametrize(
    ("variables", "value"),
    [
        ("variables: {DATABASE_URL: URL}", "$(DATABASE_URL)"),
        ("variables: [{name: test-url, value: x}, {name: url, value: URL}]", "'${{ variables.url }}'"),
        ("variables: {url: URL}", "\"${{ variables['url'] }}\""),
        ("jobs: {a: {parameters: {url: {default: URL}}}}", "<< parameters.url >>"),
        ("stages: [{variables: {url: URL}}, {variables: {url: $(PROD)}}]", "$(url)"),
    ],
)
def test_an_address_that_the_file_says_elsewhere_is_the_steps_own(variables: str, value: str) -> None:
    text = f"{variables}\nsteps: [{{script: m, env: {{DATABASE_URL: {value}}}}}]"
    assert read(text.replace("URL}", "'postgres://localhost/x'}", 1))[-1].own_database is True
    assert read(text.replace("URL}", "'postgres://db.example.com/x'}", 1))[-1].own_database is False


def test_one_shell_runs_the_lines_of_a_script() -> None:
    text = "pipelines:\n  default:\n    - step:\n        script:\n          - cd db\n          - |\n            m\n"
    (script,) = read(f"{text}            n\n          - pipe: x\n          - 'o'\n", BITBUCKET)
    found = [(str(each), each.directory, each.line) for each in script.commands]
    assert found == [("cd db", ".", 5), ("m", "db", 7), ("n", "db", 8), ("o", "db", 10)]
    assert (script.job, script.started_by) == (Job("", "pipeline"), Starter.CI)


def test_what_the_system_puts_in_is_a_variable() -> None:
    text = "steps: [{script: 'm $(x) ${{ parameters.y }}'}, {run: 'm << parameters.z >>'}]"
    assert [each.commands[0].words for each in read(text)] == [("m", "$VALUE", "$VALUE"), ("m", "$VALUE")]


@pytest.mark.parametrize(
    ("step", "directory"),
    [
        ("{script: m}", "."),
        ("{script: m, workingDirectory: ./a/b/}", "a/b"),
        ("{run: {command: m, working_directory: a}}", "a"),
        ("{run: {command: m, working_directory: ~/project/a}}", None),
        ("{script: m, workingDirectory: $(Build.SourcesDirectory)/a}", "a"),
        ("{script: m, workingDirectory: $(system.defaultWorkingDirectory)}", "."),
        ("{script: m, workingDirectory: $(Pipeline.Workspace)/a}", None),
    ],
)
def test_where_a_step_runs_is_what_it_says_in_plain_words(step: str, directory: str | None) -> None:
    assert [each.directory for each in read(f"steps: [{step}]")] == [directory]


@pytest.mark.parametrize(
    ("job", "directory"),
    [
        ("{working_directory: ~/x, steps: [checkout, {run: m}]}", "."),
        ("{working_directory: /home/circleci/x/, steps: [checkout, {run: m}]}", "."),
        ("{steps: [checkout, {run: m}, {run: {name: x, command: '', working_directory: db}}]}", "."),
        ("{working_directory: ~/x/db, steps: [{run: m}]}", None),
        ("{working_directory: db, steps: [{run: m}]}", None),
        ("{steps: [{checkout: {path: x}}, {run: m}]}", None),
    ],
)
def test_a_job_runs_where_it_puts_the_repository(job: str, directory: str | None) -> None:
    assert [each.directory for each in read(job)] == [directory]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{task: Npm@1, inputs: {command: custom, customCommand: run m}}", "npm run m"),
        ("{task: Bash@3, inputs: {filePath: a/m.sh}}", "a/m.sh"),
        ("{pwsh: 'npx m $(y)'}", "npx m $VALUE"),
        ("{script: [x], after-script: [m]}", "m"),
    ],
)
def test_what_a_step_runs_is_said_in_several_ways(step: str, words: str) -> None:
    assert str(read(f"steps: [{step}]")[-1].commands[0]) == words


def test_what_is_no_yaml_runs_nothing() -> None:
    assert read("steps: [") == []


@pytest.mark.parametrize("part", ["- script: m\n", "- &a {script: m}\n- *a\n", "- {run: {command: m}}\n"])
def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size(part: str) -> None:
    def read_all(size: int) -> list[Script]:
        steps = (part.replace("&a", f"&a{at}").replace("*a", f"*a{at}") for at in range(size))
        return read(f"steps:\n{''.join(steps)}")

    assert len(read_all(5)) == 5
    assert growth(read_all, 500) < LINEAR
