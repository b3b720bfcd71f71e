"""What GitLab's jobs take from other files and by `!reference`, and which jobs others follow however they end."""

from collections.abc import Mapping

import pytest

from migcheck.scripts.ci.gitlab import read_gitlab
from migcheck.scripts.ci.gitlab_includes import lacking
from migcheck.scripts.script import Script
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, project_findings
from tests.support.repositories import GitRepository

PATH = ".gitlab-ci.yml"
PUSH = "npx drizzle-kit push"
MIGRATE = "npx drizzle-kit migrate"
JOB = "a: {script: m}"
MORE = "ci/more.yml"


def read(text: str, files: Mapping[str, str] | None = None) -> list[Script]:
    return list(read_gitlab(PATH, text.encode(), {path: each.encode() for path, each in (files or {}).items()}))


def commands(text: str, files: Mapping[str, str] | None = None) -> list[tuple[str, str, int]]:
    """Each command of every job with the file and the line that it is told in."""
    return [(str(each), script.path, each.line) for script in read(text, files) for each in script.commands]


@pytest.mark.parametrize(
    "include",
    [
        MORE, f"/{MORE}", f"[{MORE}]", f"{{local: {MORE}}}", f"[{{local: /{MORE}, rules: [{{if: $X}}]}}]",
        "'/ci/*.yml'", "'**/more.yml'", "'ci/**/*.yml'", "{local: 'c*/m*e.yml'}",
    ],
)  # fmt: skip
def test_a_file_of_the_repository_is_included(include: str) -> None:
    assert commands(f"include: {include}", {MORE: JOB, "other.yaml": "b: {script: n}"}) == [("m", MORE, 1)]


@pytest.mark.parametrize(
    "include",
    [
        "https://example.org/ci/more.yml", "{remote: https://x/ci/more.yml}", f"{{project: x, file: {MORE}}}",
        "other.yml", f"{{template: {MORE}}}", f"{{component: {MORE}}}", "'*.yml'", "'c*i*/*m*o*r*e.yml'", "1", "{}",
        "[[]]",
    ],
)  # fmt: skip
def test_what_lies_elsewhere_is_not(include: str) -> None:
    assert commands(f"include: {include}", {MORE: JOB}) == []


def test_only_what_the_repository_may_have_is_looked_for() -> None:
    include = f"include: [https://example.org/x.yml, /{MORE}, 'a/*.yml', 'b?.yml', c.txt, here.yml]"
    files = {
        PATH: include.encode(),
        "here.yml": b"",
    }
    assert lacking(files) == {MORE, "a/*.yml"}


def test_what_a_file_says_itself_goes_before_what_it_includes() -> None:
    files = {
        "one.yml": "a: {script: one, before_script: b}\n.t: {script: t}\nvariables: {DATABASE_URL: $X}",
        "two.yml": "a: {script: two}\ninclude: three.yml\ndefault: {after_script: c}",
        "three.yml": "\na: {script: three}\nvariables: {DATABASE_URL: 'postgres://postgres/x'}\nd: {script: d}",
    }
    text = "include: [one.yml, two.yml]\n"
    assert commands(f"{text}a: {{stage: x}}\ne: {{extends: .t}}", files) == [
        ("b", "two.yml", 1),
        ("two", "two.yml", 1),
        ("c", "two.yml", 3),
        ("t", "one.yml", 2),
        ("c", "two.yml", 3),
        ("d", "three.yml", 4),
        ("c", "two.yml", 3),
    ]
    assert [each.own_database for each in read("include: three.yml", files)] == [True, True]


def test_a_line_of_another_file_is_told_as_the_first_of_the_jobs_own() -> None:
    files = {MORE: "default: {before_script: b}\n\n.t: {script: [n, o]}"}
    text = f"include: {MORE}\n\n\na:\n  script: [m, !reference [.t, script]]"
    assert commands(text, files) == [(each, PATH, 5) for each in ("b", "m", "n", "o")]


@pytest.mark.parametrize(
    "text",
    [
        ".t: {script: [m]}\na: {script: !reference [.t, script]}",
        ".t: {script: [m]}\na: {script: [!reference [.t, script]]}",
        ".t: {script: [m]}\n.u: {extends: .t}\na: {script: [!reference [.u, script]]}",
        ".t: {script: [m]}\n.u: {script: [!reference [.t, script]]}\na: {script: [[!reference [.u, script]]]}",
        ".t: {x: {y: m}}\na: {script: [!reference [.t, x, y]]}",
        ".t: [m]\na: {script: !reference [.t]}",
    ],
)
def test_a_reference_is_what_stands_there(text: str) -> None:
    assert [name for name, _, _ in commands(text)] == ["m"]


@pytest.mark.parametrize(
    "reference",
    ["[]", "[.none, script]", "[.t, none]", "[.t, script, none]", "[a, script]", "[[]]", "x", "{x: y}", "[.t]"],
)
def test_a_reference_to_nothing_is_nothing(reference: str) -> None:
    assert [name for name, _, _ in commands(f".t: {{script: []}}\na: {{script: [m, !reference {reference}]}}")][:1] == [
        "m"
    ]


def test_rules_and_services_are_referred_to_as_well() -> None:
    text = ".r: {rules: [{when: manual}], services: ['postgres:16']}\na: {script: m, NAME: !reference [.r, NAME]}"
    assert [each.started_by for each in read(text.replace("NAME", "rules"))] == [None]
    assert [each.own_database for each in read(text.replace("NAME", "services"))] == [True]


def test_references_that_multiply_come_to_an_end() -> None:
    chained = "".join(f".t{at}: [{', '.join([f'!reference [.t{at + 1}]'] * 20)}]\n" for at in range(20))
    assert len(read(f"{chained}a: {{script: [m, !reference [.t0]]}}")) == 1


def test_includes_cost_in_proportion_to_their_number() -> None:
    def included(number: int) -> list[Script]:
        files = {f"{at}.yml": f"include: ['*.yml', {at}.yml]\na{at}: {{script: m}}" for at in range(number)}
        return read("include: '*.yml'", files)

    assert growth(included, 8) < LINEAR * 2


def test_what_comes_of_an_after_script_counts_for_nothing() -> None:
    assert [each.goes_on for each in read("a: {script: m, after_script: fly deploy}")] == ["", "after_script"]


@pytest.mark.parametrize(
    "text",
    [
        JOB + "\nvariables: {POSTGRES_HOST_AUTH_METHOD: trust}\nservices: [postgres]",
        "a: {script: m, services: [{name: 'postgres:16', alias: pg}], variables: {DATABASE_URL: 'postgres://u@pg/x'}}",
    ],
)
def test_a_service_that_no_address_contradicts_is_the_jobs_own(text: str) -> None:
    assert [each.own_database for each in read(text)] == [True]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({PATH: f"include: {MORE}", MORE: f"a: {{script: {PUSH}}}"}, f"MC601 error {MORE}:1 `{PUSH}`"),
        ({PATH: "include: 'ci/*.yml'", MORE: "include: x/y.yml", "x/y.yml": f"a: {{script: {PUSH}}}"}, "x/y.yml:1"),
        ({PATH: f"a: {{script: {MIGRATE}, allow_failure: true}}"}, "on: `allow_failure: true`"),
    ],
)  # fmt: skip
def test_the_gate_hears_of_it(a_repo: GitRepository, files: Mapping[str, str], said: str) -> None:
    a_project(a_repo)
    a_repo.commit(files)
    (finding,) = project_findings(a_repo)
    assert said in finding


def test_what_landed_in_an_included_file_warns(a_repo: GitRepository) -> None:
    a_project(a_repo, {PATH: f"include: {MORE}", MORE: f"a: {{script: {PUSH}}}"})
    a_repo.commit({MORE: f"\na: {{script: {PUSH}}}"})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == [f"MC601 warning {MORE}:2"]


def test_a_file_that_nobody_includes_is_no_finding(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({PATH: "include: other.yml", MORE: f"a: {{script: {PUSH}}}"})
    assert project_findings(a_repo) == []
