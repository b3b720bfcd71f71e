"""Tasks of deno.json: what they run, and who comes to them."""

import pytest

from migcheck.scripts.tasks.json_tasks import read_deno
from migcheck.scripts.tasks.managers import ScriptCall
from tests.project.test_reach import reached
from tests.support.projects import DEPLOY, a_project, package, placed, project_findings, workflow
from tests.support.repositories import GitRepository

PUSH = '{\n  // the database\n  "tasks": {\n    "push": "deno run -A npm:drizzle-kit push",\n  },\n}\n'


def test_ci_gets_to_a_task(a_repo: GitRepository) -> None:
    a_project(a_repo, {"deno.jsonc": PUSH})
    said = "`deno run -A npm:drizzle-kit push` changes the database past the migrations"
    assert project_findings(a_repo) == [f"MC601 warning deno.jsonc:4 {said}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("deno task push")})
    way = f"{DEPLOY}:6: deno task push\ndeno.jsonc:4: deno run -A npm:drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error deno.jsonc:4 {said}, and CI runs it, from {DEPLOY}:6 | {way}"]


def test_a_task_is_a_text_or_has_a_command() -> None:
    tasks = (
        b'"a": {"command": "x", "dependencies": ["b"]}, /* "z": "z", */\n"b": "y // z", "c": {"dependencies": ["b"]}'
    )
    made = read_deno(
        {"db/deno.json": b'\xef\xbb\xbf{"tasks": {' + tasks + b"}}", "db/deno.jsonc": b'{"tasks": {"a": "w"}}'}
    )
    assert placed(*made.asked(ScriptCall(("a",), "db"), ".")) == [(1, "x")]
    assert placed(*made.asked(ScriptCall(("b",)), "db/x")) == [(2, "y // z")]
    assert list(made.asked(ScriptCall(("c",)), "db")) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"tasks": []}', b'{"tasks": {"push": [1]}}', b"\xff", b'"'])
def test_a_deno_json_that_cannot_be_read_has_no_task(content: bytes) -> None:
    assert not read_deno({"deno.json": content}).by_directory["."].scripts


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("cd a/b && deno task push", "deno.json"),
        ("cd a/b && deno task push", "a/deno.jsonc"),
        ("deno task --cwd a push", "a/deno.json"),
        ("deno task --recursive push", "a/deno.json"),
        ("deno task 'pu*'", "deno.json"),
    ],
)
def test_the_nearest_deno_json_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is not None


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("deno task push", "a/deno.json"),
        ("deno task other", "deno.json"),
        ("cd $X && deno task push", "deno.json"),
        ("deno task --filter x push", "deno.json"),
        ("npm run push", "deno.json"),
        ("cd ../x && deno task push", "deno.json"),
    ],
)
def test_no_other_deno_json_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is None


def test_a_task_goes_before_the_script_of_that_name() -> None:
    files = {"deno.json": PUSH.replace("push", "x"), "package.json": package(x="drizzle-kit push")}
    assert reached({**files, DEPLOY: workflow("npm run x")}) is not None
    files["deno.json"] = '{"tasks": {"x": "y"}}'
    assert reached({**files, DEPLOY: workflow("deno task x")}) is None
    files["deno.json"] = '{"tasks": {}}'
    assert reached({**files, DEPLOY: workflow("deno task x")}) is not None
