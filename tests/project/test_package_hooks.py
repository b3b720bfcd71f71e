"""Git's hooks that a package.json holds. None of them is without a person, as no hook is."""

import json

import pytest

from migcheck.scripts.packages import read_package
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

SAID = "`npx drizzle-kit push` changes the database past the migrations, when somebody runs it"
PUSH = "npx drizzle-kit push"


def hooks(**blocks: object) -> list[tuple[str, str | None, int]]:
    """What hooks run of a package.json in `api`, where, and at which line."""
    text = json.dumps({name.replace("_", "-"): value for name, value in blocks.items()}, indent=1)
    found = read_package("api/package.json", text.encode())
    assert found is not None
    assert [each.started_by for each in found.hooks] == [None] * len(found.hooks)
    return [(each.text, each.directory, each.line) for each in found.hooks]


@pytest.mark.parametrize(
    "block",
    [
        {"husky": {"hooks": {"post-merge": f"npm ci && {PUSH}"}}},
        {"gitHooks": {"post-checkout": PUSH}},
        {"simple-git-hooks": {"pre-push": PUSH}},
        {"lint-staged": {"schema.ts": ["prettier --write", PUSH]}},
    ],
)
def test_a_hook_that_pushes_warns(a_repo: GitRepository, block: dict[str, object]) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": json.dumps(block)})
    assert project_findings(a_repo) == [f"MC601 warning package.json:1 {SAID}"]


def test_a_hook_runs_scripts_and_no_script_runs_a_hook(a_repo: GitRepository) -> None:
    a_project(a_repo)
    told = {"scripts": {"db": "drizzle-kit push"}, "simple-git-hooks": {"post-merge": "npm run db", "pre-push": PUSH}}
    steps = workflow("npm run post-merge", "npm run pre-push")
    a_repo.commit({"package.json": json.dumps(told, indent=2), DEPLOY: steps})
    assert [each.partition(" `")[0] for each in project_findings(a_repo)] == [
        "MC601 warning package.json:3",
        "MC601 warning package.json:7",
    ]


def test_a_hook_that_is_given_a_local_database_is_nobodys_business(a_repo: GitRepository) -> None:
    a_project(a_repo)
    local = f"DATABASE_URL=postgres://localhost/x {PUSH}"
    a_repo.commit({"package.json": json.dumps({"husky": {"hooks": {"post-merge": local}}})})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"husky": {"hooks": {"pre-commit": "a", "pre-push": "b"}}}, [("a", "api", 4), ("b", "api", 5)]),
        ({"gitHooks": {"pre-commit": "a"}}, [("a", ".", 3)]),
        ({"simple_git_hooks": {"pre-commit": "a", "preserveUnused": True}}, [("a", ".", 3)]),
        ({"lint_staged": {"*.ts": ["a", "b"], "*": "c"}}, [("a", "api", 3), ("b", "api", 3), ("c", "api", 7)]),
        ({"lint_staged": {"linters": {"*": "a"}, "ignore": ["b"]}}, [("a", "api", 4)]),
        ({"pre_commit": ["a", "b:c"]}, [("npm run a", ".", 2), ("npm run b:c", ".", 2)]),
        ({"precommit": "a, b"}, [("npm run a", ".", 2), ("npm run b", ".", 2)]),
        ({"pre_push": {"run": ["a"], "silent": True}}, [("npm run a", ".", 2)]),
        ({"pre_commit": ["a;rm", "$(y)"]}, []),
        ({"pre_commit": {}, "husky": [], "gitHooks": 1, "lint_staged": {"a": {"b": "c"}}}, []),
        ({"husky": {"hooks": {"a": 1}}, "simple_git_hooks": "x.js", "lint_staged": [["a"]]}, []),
        ({"lefthook": {"pre-commit": {"commands": {"a": {"run": "b"}}}}}, []),
    ],
)
def test_each_tool_has_its_own_place(block: dict[str, object], expected: list[tuple[str, str, int]]) -> None:
    assert hooks(**block) == expected


def test_a_package_without_hooks_is_what_it_was() -> None:
    found = read_package("package.json", package(build="next build").encode())
    assert found is not None
    assert found.hooks == ()


@pytest.mark.parametrize("name", ["husky", "lint_staged", "pre_commit"])
def test_hooks_without_end_are_no_more_than_a_person_writes(name: str) -> None:
    made = {"husky": {"hooks": {f"a{each}": "b" for each in range(5_000)}}, "lint_staged": {"a": ["b"] * 5_000}}
    assert len(hooks(**{name: made.get(name, ["c"] * 5_000)})) == 500


@pytest.mark.parametrize("part", ['"a{}": "b"', '"a{}": ["b", "c"]'])
def test_hooks_take_no_longer_than_their_size(part: str) -> None:
    def read(size: int) -> object:
        inner = ",\n".join(part.format(each) for each in range(size))
        told = f'{{"husky": {{"hooks": {{{inner}}}}}, "lint-staged": {{{inner}}}}}'
        return read_package("package.json", told.encode())

    assert growth(read, 200) < LINEAR
