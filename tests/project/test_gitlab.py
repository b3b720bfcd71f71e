"""GitLab's jobs: what their shells run, what templates and defaults give them, and databases of their own."""

import pytest

from migcheck.scripts.ci.gitlab import read_gitlab
from migcheck.scripts.reach import Job
from migcheck.scripts.script import Script
from tests.support.growth import LINEAR, growth

LOCAL = "variables: {DATABASE_URL: 'postgres://a:b@postgres/x'}\n"
JOB = "a:\n  script: m\n"


def read(text: str) -> list[Script]:
    return list(read_gitlab(".gitlab-ci.yml", text.encode()))


def commands(text: str) -> list[tuple[str, str | None, int]]:
    """Each command of every job with where it runs and its line."""
    return [(str(each), each.directory, each.line) for script in read(text) for each in script.commands]


def test_one_shell_runs_before_script_and_script() -> None:
    text = "a:\n  script:\n    - |\n      m\n      n\n    - [o, p]\n  before_script:\n    - cd db\n  after_script: q\n"
    assert {each.job for each in read(text.replace("a:", "a/1:", 1))} == {Job("", "a/1")}
    assert commands(text) == [("cd db", ".", 8), ("m", "db", 4), ("n", "db", 5), *_at("db", 6, "op"), ("q", ".", 9)]


def _at(directory: str, line: int, names: str) -> list[tuple[str, str, int]]:
    return [(each, directory, line) for each in names]


def test_what_one_line_sets_holds_for_the_next() -> None:
    (script,) = read("a: {script: [set +e, m, n]}")
    assert [each.goes_on for each in script.commands] == ["", "no `set -e`", ""]


def test_a_failure_that_is_allowed_is_so_on_every_line() -> None:
    (script,) = read("a: {script: [m, n], allow_failure: true}")
    assert {each.goes_on for each in script.commands} == {"allow_failure: true"}


@pytest.mark.parametrize(
    "text",
    [
        ".t: {script: m}\na: {extends: .t}",
        ".t: {script: m}\n.u: {extends: .t}\na: {extends: [.u, .none]}",
        ".t: {script: n}\n.u: {script: m}\na: {extends: [.t, .u]}",
        ".t: &t {script: m}\na: {<<: *t}",
        ".t: &t {script: m}\na: {<<: [*t]}",
        ".t: {script: n}\na: {extends: .t, script: m}",
        ".t: {script: m}\na: {extends: .t}\nb: {extends: .t}",
        ".t: {script: n}\na: {script: m}",
        "default: {before_script: m}\na: {script: []}",
        "before_script: m\na: {script: []}",
        "default: {script: n}\nvariables: {script: n}\na: {script: m}",
        ".a: &a {extends: .b, script: m}\n.b: {extends: .a}\na: {extends: .b}",
    ],
)
def test_a_job_has_what_its_templates_give_it_and_no_template_is_run(text: str) -> None:
    assert [name for name, _, _ in commands(text)] == ["m"]


@pytest.mark.parametrize(
    "text",
    [
        "default: {services: ['postgres:16']}\nvariables: {DATABASE_URL: 'postgres://a@postgres/x'}\n" + JOB,
        "default: {services: ['postgres:16']}\n" + JOB,
        ".db: {services: [{name: 'postgis/postgis:16'}]}\na: {extends: .db, script: m}",
        "a: {script: m, variables: {DATABASE_URL: 'postgresql://localhost/x'}}",
        "a: {script: m, variables: {DATABASE_URL: {value: 'postgresql://localhost/x'}}}",
        LOCAL + JOB,
        LOCAL + JOB + "  environment: test\n",
        ".db: {variables: {PGHOST_URL: 'postgres://db/x'}}\na: {extends: .db, script: m}",
        "a: {script: ['docker compose up -d', m]}",
    ],
)
def test_a_job_may_have_a_database_of_its_own(text: str) -> None:
    assert {each.own_database for each in read(text)} == {True}


@pytest.mark.parametrize(
    "text",
    [
        JOB,
        "services: ['postgres:16']\n" + JOB + "  environment: production\n",
        "services: ['postgres:16']\n" + JOB + "  variables: {DATABASE_URL: $PRODUCTION_URL}\n",
        LOCAL + JOB + "  variables: {DATABASE_URL: 'postgres://db.example.org/x'}\n",
        "services: ['postgres:16']\na: {script: m, services: []}",
        ".db: {services: ['postgres:16']}\na: {script: m}",
    ],
)
def test_a_database_that_lasts_is_none_of_the_job(text: str) -> None:
    assert {each.own_database for each in read(text)} == {False}


def test_jobs_of_one_template_cost_in_proportion_to_their_number() -> None:
    def pipeline(jobs: int) -> str:
        return ".t: {script: [m, n, o]}\n" + "".join(f"a{each}: {{extends: .t}}\n" for each in range(jobs))

    def with_templates_of_templates(jobs: int) -> str:
        chained = "".join(f".t{each}: {{extends: .t{each + 1}}}\n" for each in range(jobs))
        return chained + "a: {extends: .t0, script: m}"

    assert growth(lambda size: read(pipeline(size)), 100) < LINEAR
    assert growth(lambda size: read(with_templates_of_templates(size)), 100) < LINEAR


def test_jobs_that_multiply_a_long_script_come_to_an_end() -> None:
    long = f".t: {{script: '{'m ' * 15_000}'}}\n"
    assert len(read(long + "".join(f"a{each}: {{extends: .t, before_script: x}}\n" for each in range(1_000)))) < 50
