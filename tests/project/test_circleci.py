"""CircleCI's jobs: what their steps run, what commands and executors give them, and who has to approve them."""

import pytest

from migcheck.scripts.ci.circleci import read_circleci
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, placed, project_findings
from tests.support.repositories import GitRepository

PATH = ".circleci/config.yml"
CONTINUED = ".circleci/continue_config.yml"
PUSH = "npx drizzle-kit push"
MIGRATE = "npx drizzle-kit migrate"
LOCAL = "{DATABASE_URL: 'postgres://a:b@localhost/x'}"
SWITCHES = "parameters: {on: {default: true}, off: {default: false}}\n"
SIDECAR = "docker: [{image: 'cimg/node:20'}, {image: 'cimg/postgres:16'}]"


def read(text: str, path: str = PATH) -> list[Script]:
    return list(read_circleci(path, text.encode()))


def job(*steps: str, more: str = "docker: [{image: 'cimg/node:20'}]", around: str = "") -> str:
    """A config with one job, which is run. The first step stands on line 5."""
    listed = "".join(f"      - {each}\n" for each in steps)
    return f"jobs:\n  build:\n    {more}\n    steps:\n{listed}{around}"


CONFIG = """\
version: 2.1
executors:
  node:
    parameters: {tag: {type: string}}
    working_directory: ~/app
    docker:
      - image: cimg/node:<< parameters.tag >>
commands:
  migrate:
    parameters:
      target: {type: string, default: staging}
      before: {type: string}
    steps:
      - run:
          command: |
            << parameters.before >>
            migrate << parameters.target >> << pipeline.number >>
          working_directory: packages/db
defaults: &defaults
  executor: {name: node, tag: "20"}
jobs:
  deploy:
    <<: *defaults
    parameters: {to: {type: string}}
    steps:
      - checkout
      - run: a
      - migrate: {before: "b\\nc", target: << parameters.to >>}
      - run: {name: D, command: d, working_directory: /home/circleci/app/web, shell: /bin/sh}
      - run: {command: e, working_directory: /tmp}
workflows:
  version: 2
  main:
    jobs:
      - deploy: {to: production, context: [prod, all]}
"""


def test_a_job_has_the_steps_of_commands_in_their_place() -> None:
    a, b, d, e = read(CONFIG)
    assert placed(a, b, d, e) == [
        (27, "a"),
        (16, "b"),
        (16, "c"),
        (17, "migrate production $pipeline_number"),
        (29, "d"),
        (30, "e"),
    ]
    assert [each.directory for each in (a, b, d, e)] == [".", "packages/db", "web", None]
    assert [each.options for each in (a, d)] == [ShellOptions(errexit=True, pipefail=True), ShellOptions()]
    assert [each.name for each in (a, e)] == ["main/deploy/2", "main/deploy/5"]
    assert {(each.started_by, each.given) for each in (a, b)} == {(Starter.CI, ("prod", "all"))}


@pytest.mark.parametrize(
    ("more", "steps", "directory"),
    [
        ("working_directory: ~/repo/db", ("{checkout: {path: ~/repo}}", "{run: m}"), "db"),
        ("working_directory: ~/repo/db", ("checkout", "{run: m}"), "."),
        ("working_directory: ~/project/db", ("{attach_workspace: {at: ~/project}}", "{run: m}"), "db"),
        ("working_directory: ~/project/db", ("{attach_workspace: {at: /tmp/x}}", "{run: m}"), "."),
        ("x: y", ("checkout", "{run: {command: m, working_directory: ./a/b/}}"), "a/b"),
        ("x: y", ("checkout", "{run: {command: m, working_directory: ~/project/a}}"), "a"),
        ("x: y", ("checkout", "{run: {command: m, working_directory: $X}}"), None),
        ("x: y", ("checkout", "{run: {command: m, working_directory: ../a}}"), None),
    ],
)
def test_a_step_runs_where_the_repository_was_put(more: str, steps: tuple[str, ...], directory: str | None) -> None:
    (script,) = read(job(*steps, more=more))
    assert script.directory == directory


@pytest.mark.parametrize(
    "step",
    [
        "{run: m}",
        "{deploy: {command: m}}",
        "{when: {condition: << pipeline.parameters.on >>, steps: [{run: m}]}}",
        "{unless: {condition: << pipeline.parameters.off >>, steps: [{run: m}]}}",
        "{when: {condition: {equal: [a, << pipeline.git.branch >>]}, steps: [{run: m}]}}",
        "c",
        "c: {x: y}",
        "run: {<<: *m}",
    ],
)
def test_every_kind_of_step_is_run(step: str) -> None:
    more = (
        "parameters: {on: {default: true}, off: {default: false}}\ncommands: {c: {steps: [{run: &m {command: m}}]}}\n"
    )
    assert [str(each) for script in read(f"{more}{job(step)}") for each in script.commands] == ["m"]


@pytest.mark.parametrize(
    "step",
    [
        "{when: {condition: << pipeline.parameters.off >>, steps: [{run: m}]}}",
        "{unless: {condition: << pipeline.parameters.on >>, steps: [{run: m}]}}",
        "checkout",
        "{save_cache: {paths: [m]}}",
        "slack/notify: {command: m}",
    ],
)
def test_what_is_switched_off_or_runs_nothing_is_none(step: str) -> None:
    assert read(f"{SWITCHES}{job(step)}") == []


def test_a_workflow_may_put_steps_around_those_of_a_job() -> None:
    around = "pre-steps: [run: a], post-steps: [run: b]"
    text = job("run: m", around=f"workflows: {{w: {{jobs: [build: {{{around}}}, x/y: {{{around}}}]}}}}")
    assert [(each.text, each.directory) for each in read(text)] == [(each, ".") for each in "amb"] + [
        ("a", None),
        ("b", None),
    ]


def test_a_job_that_no_workflow_names_is_not_run() -> None:
    text = "jobs: {a: {steps: [{run: m}]}, build: {steps: [{run: n}]}}\n"
    assert [each.text for each in read(text)] == ["n"]
    assert [each.text for each in read(f"{text}workflows: {{version: 2, w: {{jobs: [a, x/y]}}}}")] == ["m"]


@pytest.mark.parametrize(
    ("more", "steps"),
    [
        (SIDECAR, ("{run: m}",)),
        (f"executor: db\n    environment: {LOCAL}", ("{run: m}",)),
        ("executor: db", ("{run: m}",)),
        ("executor: {name: db}", ("{run: m}",)),
        (f"docker: [{{image: x, environment: {LOCAL}}}]", ("{run: m}",)),
        ("environment: ['DATABASE_URL=postgres://localhost/x']", ("{run: m}",)),
        (f"environment: [{LOCAL}]", ("{run: m}",)),
        ("x: y", (f"{{run: {{command: m, environment: {LOCAL}}}}}",)),
        ("machine: true", ("{run: docker compose up -d}", "{run: m}")),
        ("x: y", ("{run: 'echo export DATABASE_URL=postgres://localhost/x >> $BASH_ENV'}", "{run: m}")),
        (f"{SIDECAR}\n    environment: {{POSTGRES_HOST_AUTH_METHOD: trust}}", ("{run: m}",)),
        (f"{SIDECAR}\n    environment: {{PGHOST: 127.0.0.1, X_DB_URL: 'postgres://u:p.w@pg:5432/x'}}", ("{run: m}",)),
        (f"environment: {LOCAL}", ("{run: echo DATABASE_URL=$DATABASE_URL > .env}", "{run: m}")),
    ],
)
def test_a_job_may_have_a_database_of_its_own(more: str, steps: tuple[str, ...]) -> None:
    executors = "executors: {db: {docker: [{image: x}, {image: postgres}]}}\n"
    assert read(executors + job(*steps, more=more))[-1].own_database


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ("docker: [{image: 'cimg/postgres:16'}]", "{run: m}"),
        ("docker: [{image: x}, {image: redis}]", "{run: m}"),
        (f"{SIDECAR}\n    environment: {{DATABASE_URL: 'postgres://a@db.example.org/x'}}", "{run: m}"),
        (SIDECAR, "{run: DATABASE_URL=$PRODUCTION_URL m}"),
        ("x: y", "{run: DATABASE_URL=postgres://localhost/x m}"),
        (f"environment: {LOCAL}", "{run: DATABASE_URL=$PRODUCTION_URL m}"),
        (f"environment: {LOCAL}", "{run: {command: m, environment: {DATABASE_URL: 'postgres://db.x.org/x'}}}"),
    ],
)
def test_a_database_that_lasts_is_none_of_the_job(more: str, step: str) -> None:
    assert not read(job(step, more=more))[-1].own_database


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (("{run: {command: m, background: true}}",), "background: true"),
        (("{run: m}", "{run: {command: fly deploy, when: always}}"), "when: always"),
        (("{run: m}", "{run: {command: ./notify, when: always}}"), ""),
        (("{run: m}", "{run: {command: fly deploy, when: on_fail}}"), ""),
        (("{run: m}", "{run: fly deploy}"), ""),
    ],
)
def test_a_job_may_go_on_after_a_failure(steps: tuple[str, ...], why: str) -> None:
    assert read(job(*steps))[0].goes_on == why


@pytest.mark.parametrize(
    ("requires", "deploy", "why"),
    [
        ("{m: [success, failed]}", "fly deploy", "requires: failed"),
        ("{m: terminal}", "fly deploy", "requires: failed"),
        ("{m: terminal}", "./notify", ""),
        ("{m: [failed]}", "fly deploy", ""),
        ("{m: [success]}", "fly deploy", ""),
        ("m", "fly deploy", ""),
    ],
)
def test_a_job_may_be_followed_whatever_became_of_it(requires: str, deploy: str, why: str) -> None:
    jobs = f"jobs: {{m: {{steps: [{{run: m}}]}}, d: {{steps: [{{run: {deploy}}}]}}}}\n"
    assert read(f"{jobs}workflows: {{w: {{jobs: [m, {{d: {{requires: [{requires}]}}}}]}}}}")[0].goes_on == why


APPROVED = "[h: {type: approval}, t: {requires: [h]}, {build: {requires: [t]}}]"


@pytest.mark.parametrize(
    ("path", "around", "starter"),
    [
        (PATH, "", Starter.CI),
        (PATH, "workflows: {w: {jobs: [build]}}", Starter.CI),
        (PATH, f"workflows: {{w: {{jobs: {APPROVED}}}}}", None),
        (PATH, f"workflows: {{w: {{jobs: {APPROVED}}}, v: {{jobs: [build]}}}}", Starter.CI),
        (PATH, "workflows: {w: {jobs: [h: {type: approval}, build]}}", Starter.CI),
        (PATH, f"{SWITCHES}workflows: {{w: {{when: << pipeline.parameters.off >>, jobs: [build]}}}}", None),
        (PATH, f"{SWITCHES}workflows: {{w: {{when: << pipeline.parameters.on >>, jobs: [build]}}}}", Starter.CI),
        (CONTINUED, f"{SWITCHES}workflows: {{w: {{when: << pipeline.parameters.off >>, jobs: [build]}}}}", Starter.CI),
    ],
)
def test_what_waits_for_a_person_begins_nothing(path: str, around: str, starter: Starter | None) -> None:
    assert [each.started_by for each in read(job("{run: m}", around=around), path)] == [starter]


def test_of_a_line_that_two_jobs_run_the_first_that_nobody_waits_for_stands_for_all() -> None:
    both = "workflows: {w: {jobs: [h: {type: approval}, {build: {requires: [h], name: a}}, {build: {name: b}}]}}"
    assert [(each.name, each.started_by) for each in read(job("{run: m}", around=both))] == [("w/b/1", Starter.CI)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            job(f"run: {PUSH}"),
            f"MC601 error {PATH}:5 `{PUSH}` changes the database past the migrations, and CI runs it",
        ),
        (job(f"run: {PUSH}", more=SIDECAR), "to a database of its own, which then is not what a deploy makes"),
        (job(f"run: {PUSH}", around=f"workflows: {{w: {{jobs: {APPROVED}}}}}"), "when somebody runs it"),
        (job(f"run: {MIGRATE} || true"), f"MC602 error {PATH}:5 where `{MIGRATE}` fails, CI goes on: `|| true`"),
        (job(f"run: {{command: {MIGRATE}, background: true}}"), "CI goes on: `background: true`"),
        (job(f"run: {MIGRATE}", "run: {command: fly deploy, when: always}"), "CI goes on: `when: always`"),
        (job(f'run: {{command: "{MIGRATE}\\nm", shell: bash}}'), "CI goes on: there is no `set -e`"),
    ],
)
def test_the_gate_hears_of_it(a_repo: GitRepository, content: str, said: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: content})
    (finding,) = project_findings(a_repo)
    assert said in finding


@pytest.mark.parametrize("step", [f"run: {MIGRATE}", f"run: {MIGRATE} | tee log", "run: npx drizzle-kit generate"])
def test_a_healthy_job_is_no_finding(a_repo: GitRepository, step: str) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: job(step)})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    "content",
    [
        "", "[", "- x", "jobs: 1", "jobs: {build: 1}", "jobs: {build: {steps: {run: {command: [m]}}}}", "a: *b",
        "jobs: {build: {docker: 1, environment: 1, executor: [x], steps: [[], {}, {run: }, 1, {run: []}]}}",
        "commands: [x]\nexecutors: x\nparameters: [y]\njobs: {build: {steps: [x]}}\nworkflows: {w: {jobs: {build: 1}}}",
        "jobs: {b: {steps: [x]}}\nworkflows: {w: {jobs: [{b: {requires: {x: y}, context: {}, name: [], matrix: 1}}]}}",
        "commands: {c: {steps: [c, c]}}\njobs: {build: {steps: [c]}}",
        "commands: &c {<<: *c, a: {<<: [*c, 1], steps: &s [a, *s]}}\njobs: {build: {steps: [a]}}",
        "workflows: &w {w: {jobs: &j [*j, a: {requires: [a]}]}, v: *w}",
    ],
)  # fmt: skip
def test_what_is_no_config_has_none(content: str) -> None:
    assert read(content) == []


def test_commands_that_multiply_come_to_an_end() -> None:
    chained = "".join(f"  c{at}: {{steps: [{', '.join([f'c{at + 1}'] * 20)}]}}\n" for at in range(9))
    assert len(read(f"commands:\n{chained}  c9: {{steps: [run: m]}}\n{job('c0')}")) < 2
    wide = f"  c9: {{steps: [{{{', '.join(f'k{at}: 1' for at in range(2_000))}}}]}}\n"
    assert read(f"commands:\n{chained}{wide}{job('c0')}") == []
    long = f"commands: {{c: {{parameters: {{x: {{}}}}, steps: [run: '{'<< parameters.x >> ' * 500}']}}}}\n"
    many = job(*(f"c: {{x: {at}{'m' * 5_000}}}" for at in range(80)))
    assert sum(len(each.text) for each in read(long + many)) < 1_000_000


def test_jobs_of_one_command_cost_in_proportion_to_their_number() -> None:
    def config(jobs: int) -> str:
        uses = "".join(f"      - build: {{name: b{at}, requires: [b{at - 1}]}}\n      - x\n" for at in range(jobs))
        return f"{job('run: m')}workflows:\n  w:\n    jobs:\n{uses}"

    assert growth(lambda size: read(config(size)), 100) < LINEAR
