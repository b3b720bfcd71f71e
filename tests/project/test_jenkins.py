"""The `sh` steps of a Jenkinsfile whose script is a literal."""

import pytest

from migcheck.scripts.jenkins import is_jenkinsfile, read_jenkinsfile
from migcheck.scripts.reach import Starter
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, package, placed, project_facts, project_findings
from tests.support.repositories import GitRepository

SAID = "`npx drizzle-kit push` changes the database past the migrations"


def pipeline(*lines: str, environment: str = "") -> str:
    """A declarative pipeline, its first step on line 5."""
    steps = "\n".join(lines)
    return f"pipeline {{ agent any\n{environment}\nstages {{ stage('a') {{\nsteps {{\n{steps}\n}} }} }}\n}}\n"


def read(text: str) -> list[tuple[int, str]]:
    return placed(*read_jenkinsfile("Jenkinsfile", text.encode()))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("sh 'a b'", [(5, "a b")]),
        ('sh "a b"', [(5, "a b")]),
        ("sh('a b')", [(5, "a b")]),
        ("sh(script: 'a b', returnStdout: true)", [(5, "a b")]),
        ("sh(label: 'x', script: \"a b\")", [(5, "a b")]),
        ("sh script: 'a b', label: 'x'", [(5, "a b")]),
        ("sh '''\n  a b\n  c \\\\\n d\n'''", [(6, "a b"), (7, "c d")]),
        ('sh """a "b"\nc"""', [(5, "a b"), (6, "c")]),
        ("sh(\n  script: 'a b'\n)", [(6, "a b")]),
        ("sh 'a \\'b\\'' // it's so", [(5, "a b")]),
        ('sh "a \\$b"', [(5, "a $b")]),
        ("sh 'a $b'", [(5, "a $b")]),
        ("nodejs('20') { sh 'a' }", [(5, "a")]),
        ("catchError { sh 'a'; sh 'b' }", [(5, "a"), (5, "b")]),
        ("sh(/a b/)", [(5, "a b")]),
        ("sh(script: /a \\/b/)", [(5, "a /b")]),
        ("def x = (a =~ /it's/)\nsh 'a'", [(6, "a")]),
        ("def x = a / b; sh 'a'; y = c / d", [(5, "a")]),
        ("def x = 'a' / 2; sh 'a/b'", [(5, "a/b")]),
        ("def s = sh(script: 'a', returnStatus: true)", [(5, "a")]),
        ("s = sh script: 'a', returnStatus: true", [(5, "a")]),
        ("if (sh(script: 'a', returnStatus: true) != 0) { error 'x' }", [(5, "a")]),
        ("return sh('a')", [(5, "a")]),
        ("if (x) { y() } else sh 'a'", [(5, "a")]),
        ("if (x) sh 'a'", [(5, "a")]),
        ("if (x && sh(script: 'a', returnStatus: true) == 0) { y() }", [(5, "a")]),
        ("assert x(sh('a'), sh('b'))", [(5, "a"), (5, "b")]),
        ("z.each { e -> sh 'a' }", [(5, "a")]),
        ("def x = 'it\nsh 'a'\ny = \"it\nsh 'b'", [(6, "a"), (8, "b")]),
        ("def out = x()\nsh 'https://x.org//y'", [(6, "https://x.org//y")]),
    ],
)
def test_a_literal_is_read(step: str, expected: list[tuple[int, str]]) -> None:
    assert read(pipeline(step)) == expected


@pytest.mark.parametrize(
    "step",
    [
        'sh "a ${b}"',
        'sh "a $b"',
        "sh(/a $b/)",
        "sh 'a ' + b",
        "sh('a ' + b)",
        "sh(script: \"a ${b}\", label: 'c')",
        "sh a",
        "sh(script: a, label: 'b')",
        "sh 'a'.trim()",
        "sh flag ? 'a' : 'b'",
        "// sh 'a'",
        "/* sh 'a' */",
        "echo \"sh 'a'\"",
        "x.sh 'a'",
        "sh: 'a'",
        "bat 'a'",
        "sh",
        "sh\necho 'a'",
        "x(sh, 'a')",
        "def x = sh + 'a'",
        "x { sh -> 'a' }",
        "[sh: 'a', b: sh]",
    ],
)
def test_what_is_no_literal_of_a_step_is_not(step: str) -> None:
    assert read(pipeline(step)) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("dir('db') { sh 'a' }\nsh 'b'", ["db", "."]),
        ("dir('db') { dir(\"x\") { sh 'a' } }", ["db/x"]),
        ("dir(where) { sh 'a' }", [None]),
        ("dir(\"${x}\") { sh 'a' }", [None]),
        ("dir(pick('a')) { sh 'a' }", [None]),
        ("dir('/srv') { sh 'a' }", [None]),
    ],
)
def test_it_is_run_where_the_block_around_it_leads(steps: str, expected: list[str | None]) -> None:
    assert [each.directory for each in read_jenkinsfile("Jenkinsfile", pipeline(steps).encode())] == expected


@pytest.mark.parametrize(
    "asked",
    [
        "def x = input(message: 'x')",
        "x = input message: 'x'",
        "input 'Deploy?'",
        "input(message: 'x')",
        "input { message 'x' }",
    ],
)
def test_what_a_person_lets_run_is_run_by_nobody_else(asked: str) -> None:
    found = read_jenkinsfile("Jenkinsfile", pipeline("sh 'a'", asked, "sh 'b'").encode())
    assert [each.started_by for each in found] == [Starter.CI, None]


@pytest.mark.parametrize(
    ("steps", "environment", "own"),
    [
        ("sh 'a'", "environment { DATABASE_URL = 'postgres://localhost/x' }", True),
        ("docker.image('postgres:17').withRun { sh 'a' }", "", True),
        ("sh 'docker run -d postgres:17'\nsh 'a'", "", True),
        ("withEnv(['DATABASE_URL=x']) { sh 'a' }", "environment { DATABASE_URL = credentials('db') }", False),
        ("docker.image('node:22').inside { sh 'a' }", "environment { API_URL = 'postgres://localhost/x' }", False),
    ],
)
def test_a_pipeline_may_have_a_database_of_its_own(steps: str, environment: str, *, own: bool) -> None:
    found = read_jenkinsfile("Jenkinsfile", pipeline(steps, environment=environment).encode())
    assert {each.own_database for each in found} == {own}


def test_a_push_of_a_pipeline_is_an_error_and_the_rest_of_it_stays_unread(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__push="npx drizzle-kit push")})
    a_repo.commit({"ci/Jenkinsfile": pipeline("sh 'npm ci'", "sh 'npm run db:push'")})
    way = "ci/Jenkinsfile:6: npm run db:push\npackage.json:4: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error package.json:4 {SAID}, and CI runs it | {way}"]
    head = project_facts(a_repo).head
    assert head.scripts.runs
    assert head.unread == ("ci/Jenkinsfile (a pipeline of Jenkins)",)


def test_it_is_known_by_its_name() -> None:
    assert all(map(is_jenkinsfile, ("Jenkinsfile", "ci/Jenkinsfile.deploy", "x.jenkinsfile")))
    assert not any(map(is_jenkinsfile, ("jenkins.md", "Jenkins", "Jenkinsfile/x")))


@pytest.mark.parametrize(
    "part", ["sh '", "'''\\", "'''\\'", '"""', "sh(", "dir(", "dir(a)){", "sh 'a' {", "/*", "\\", "sh script: "]
)
def test_a_file_that_is_made_to_hurt_takes_no_longer_than_its_size(part: str) -> None:
    assert growth(lambda size: read(part * size), 400) < LINEAR


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("sh '''#!/bin/bash\nm\nn\n'''", "no `set -e`"),
        ("sh '''#!/bin/bash -e\nm\nn\n'''", ""),
        ("sh '''\n#!/bin/bash\nm\nn\n'''", ""),
        ("catchError(buildResult: 'SUCCESS') { sh 'm' }", "catchError(buildResult: 'SUCCESS')"),
        (
            "catchError(message: 'x', buildResult: 'UNSTABLE') {\nx(y) { sh 'm' }\n}",
            "catchError(buildResult: 'UNSTABLE')",
        ),
        ("catchError(buildResult: 'FAILURE') { sh 'm' }", ""),
        ("catchError(stageResult: 'SUCCESS') { sh 'm' }", ""),
        ("catchError { sh 'm' }", ""),
        ("catchError(buildResult: 'SUCCESS') { sh 'n' }\nsh 'm'", ""),
        ("sh(script: 'm', returnStatus: true)", "returnStatus: true"),
        ("sh script: 'm', returnStatus: true", "returnStatus: true"),
        ("sh(returnStatus: true, script: 'm')", "returnStatus: true"),
        ("sh(script: 'm', returnStatus: false)", ""),
        ("if (sh(script: 'm', returnStatus: true) != 0) { error 'x' }", ""),
        ("def code = sh(script: 'm', returnStatus: true)\nif (code != 0) { error 'x' }", ""),
        ("def code = sh(script: 'm', returnStatus: true)", "returnStatus: true"),
        ("return sh(script: 'm', returnStatus: true)", ""),
        ("if (x) { y() } else sh script: 'm', returnStatus: true", "returnStatus: true"),
        ("sh script: 'm'\nx(returnStatus: true)", ""),
    ],
)
def test_what_has_it_go_on(step: str, why: str) -> None:
    found = [each for script in read_jenkinsfile("Jenkinsfile", pipeline(step).encode()) for each in script.commands]
    assert [each.goes_on for each in found if each.words == ("m",)] == [why]


def test_a_migration_whose_status_is_looked_past_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo).stage({"Jenkinsfile": pipeline("sh(script: 'npx drizzle-kit migrate', returnStatus: true)")})
    (found,) = project_findings(a_repo, staged=True)
    said = "where `npx drizzle-kit migrate` fails, CI goes on: `returnStatus: true`"
    assert found.startswith(f"MC602 error Jenkinsfile:5 {said}")


def test_slashes_take_no_longer_than_their_number() -> None:
    assert growth(lambda size: read("a / b\n" * size + "= /" * size), 500) < LINEAR
