"""Justfiles: what their recipes run, and who comes to them."""

import pytest

from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.justfile import Justfile, read_justfile
from migcheck.scripts.tasks.runner_calls import JustCall
from tests.project.test_commands import calls
from tests.project.test_reach import reached
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, placed, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

PUSH = "push:\n  drizzle-kit push\n"
SAID = "`drizzle-kit push` changes the database past the migrations"


def read(text: str, path: str = "justfile") -> Justfile:
    return read_justfile(path, text.encode())


def asked(text: str, *words: str, yes: bool = False) -> list[str]:
    """What `just WORDS` runs."""
    return [told for _, told in placed(*read(text).asked(JustCall(words, yes=yes)))]


def test_ci_gets_to_a_recipe(a_repo: GitRepository) -> None:
    a_project(a_repo, {"justfile": f"default: lint\nlint:\n  eslint\n{PUSH}"})
    assert project_findings(a_repo) == [f"MC601 warning justfile:5 {SAID}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("just lint push")})
    way = f"{DEPLOY}:6: just lint push\njustfile:5: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error justfile:5 {SAID}, and CI runs it | {way}"]
    a_repo.commit({DEPLOY: workflow("just lint")})
    assert len(project_findings(a_repo)) == 1


JUSTFILE = """\
# x: y
set dotenv-load
set shell := ["bash", "-euo", "pipefail", "-c"]
tool := "drizzle-kit" # the tool
other := "drizzle" + '-kit'
host := `hostname`
alias p := push

[group('db'), doc("a: b")]
push env="prod" *more: (build "x" env) lint && tell
    @echo {{env}}
    -{{tool}} push --config {{ host }} \\
        --force

    echo "{{{{" {{tool}} {{other}}
build a b=("c" + "d:"): ; x
lint:
  #!/usr/bin/env bash
  cd db
  if true; then
    b
  fi
tell:
python:
  #!/usr/bin/env python3
  c
"""


def test_a_recipe_has_its_lines_and_the_recipes_that_it_needs() -> None:
    made = read(JUSTFILE)
    push = made.recipes["push"]
    assert placed(*push.lines) == [
        (11, "echo $VALUE"),
        (12, "drizzle-kit push --config $VALUE --force"),
        (15, "echo {{ drizzle-kit $VALUE"),
    ]
    assert [*push.needs] == ["build", "lint", "tell"]
    assert (push.most, made.recipes["build"].most, made.recipes["lint"].most) == (None, 2, 0)
    assert made.recipes["p"] is push
    assert [each.goes_on for each in push.lines] == ["", "just: -", ""]
    assert {each.options for each in push.lines} == {ShellOptions(errexit=True, pipefail=True)}
    (lint,) = made.recipes["lint"].lines
    assert placed(lint) == [(19, "cd db"), (20, "true"), (21, "b")]
    assert lint.options == ShellOptions()
    assert made.recipes["python"].lines == []


@pytest.mark.parametrize(
    ("words", "run"),
    [
        ((), ["a"]),
        (("b", "c"), ["b"]),
        (("b", "x", "c"), ["b", "c"]),
        (("c", "b"), ["b", "c"]),
        (("d", "b", "c"), ["d"]),
        (("x", "c"), []),
    ],
)
def test_a_recipe_takes_the_words_that_it_may(words: tuple[str, ...], run: list[str]) -> None:
    assert sorted(asked("a:\n a\nb x:\n b\nc:\n c\nd +x:\n d\n", *words)) == run


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("@a:\n x\n", ["x"]),
        ("a:\n\t@-x\n", ["x"]),
        ("[linux]\na:\n x\n[macos]\na:\n y\n", ["x", "y"]),
        ("a:\n x {{'y'}} {{z}}\nz := 'w'\n", ["x y w"]),
        ("a:\r\n  x\r\n  y\r\n", ["x", "y"]),
        ("a:\n  x \\\n    && y\n", ["x", "y"]),
        ("a:\n  x\n[private, default]\nb:\n  y\n", ["y"]),
        ("[script]\na:\n  x\n  y\n", []),
        ("[script('python3')]\na:\n  x\n", []),
        ("set shell := ['nu', '-c']\na:\n x\n", []),
        ("set shell := ['powershell.exe', '-Command']\na:\n x\n", []),
        ("a b='#:' c=(d / ':'):\n x\n", ["x"]),
        ("", []),
        ("a", []),
        (":::\n x\n", []),
        ("[\n'''", []),
    ],
)
def test_what_is_written_otherwise_is_read(text: str, run: list[str]) -> None:
    assert asked(text) == run


def test_what_asks_a_person_is_run_where_it_is_told_not_to() -> None:
    text = f"[confirm('sure?')]\n{PUSH}"
    assert asked(text, "push") == []
    assert asked(text, "push", yes=True) == ["drizzle-kit push"]


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        ("a:\n x\n", "db"),
        ("[working-directory: '../app']\na:\n x\n", None),
        ("set working-directory := 'in'\na:\n x\n", None),
        ("[no-cd]\na:\n x\n", None),
        ("set no-cd\na:\n x\n", None),
    ],
)
def test_a_recipe_is_run_where_its_justfile_lies_or_nobody_knows_where(text: str, directory: str | None) -> None:
    assert [each.directory for each in read(text, "db/justfile").lines] == [directory]


def test_the_directory_of_a_justfile_may_be_named() -> None:
    (script,) = read("a:\n cd {{justfile_directory()}}/db && x\n").lines
    assert [each.directory for each in script.commands] == [".", "db"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("just", JustCall(())),
        ("just a b", JustCall(("a", "b"))),
        ("just --yes --set x y a --z", JustCall(("a", "--z"), yes=True)),
        ("just x=1 a", JustCall(("a",))),
        ("just db/a b", JustCall(("a", "b"), "db")),
        ("just db/", JustCall((), "db")),
        ("just -f db/x.just a", JustCall(("a",), file="db/x.just")),
        ("just --justfile=x a", JustCall(("a",), file="x")),
        ("just -f x -d . a", JustCall(("a",), file="x", place=".")),
        ("just --working-directory=db --justfile x a", JustCall(("a",), file="x", place="db")),
    ],
)
def test_a_recipe_is_asked_for(text: str, expected: JustCall) -> None:
    assert calls(text) == [expected]


@pytest.mark.parametrize("text", ["just --list", "just -n a", "just -d . a", "just -c a", "just -g a"])
def test_what_runs_no_recipe_at_hand_asks_for_nothing(text: str) -> None:
    assert calls(text) == []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("just push", "justfile"),
        ("just push", "Justfile"),
        ("just push", ".justfile"),
        ("cd a/b && just push", "justfile"),
        ("cd a/b && just push", "a/justfile"),
        ("just a/push", "a/justfile"),
        ("just -f a/tasks push", "a/tasks"),
        ("cd a && just --justfile ../b/tasks push", "b/tasks"),
    ],
)
def test_the_nearest_justfile_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is not None


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("just push", "a/justfile"),
        ("just a/push", "justfile"),
        ("cd $X && just push", "justfile"),
        ("just other", "justfile"),
        ("cd .. && just push", "justfile"),
    ],
)
def test_no_other_justfile_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is None


@pytest.mark.parametrize(
    "text",
    [
        "export DATABASE_URL := 'postgres://localhost/x'\n",
        "set export\nDATABASE_URL := 'postgres://localhost/x'\n",
    ],
)
def test_a_database_at_hand_that_a_justfile_names_is_no_finding(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo, {"justfile": text + PUSH})
    assert project_findings(a_repo) == []
    a_repo.commit({"justfile": text + "push:\n  #!/bin/sh\n  drizzle-kit push\n"})
    assert project_findings(a_repo) == []
    a_repo.commit({"justfile": text.replace("localhost", "db.example.org") + PUSH})
    assert len(project_findings(a_repo)) == 1


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("  -drizzle-kit migrate\n  x\n", ["just looks past a line that begins with `-`"]),
        ("  drizzle-kit migrate\n  x\n", []),
        ("  #!/bin/sh\n  drizzle-kit migrate\n  x\n", ["there is no `set -e`"]),
        ("  #!/bin/sh -e\n  drizzle-kit migrate\n  x\n", []),
    ],
)
def test_a_recipe_that_goes_on_is_told(a_repo: GitRepository, lines: str, why: list[str]) -> None:
    a_project(a_repo)
    a_repo.commit({"justfile": f"deploy:\n{lines}", "package.json": package(deploy="just deploy")})
    assert [each.rpartition("goes on: ")[2].partition(" |")[0] for each in found(a_repo, "MC602")] == why


@pytest.mark.parametrize(
    "part",
    [
        *(
            "a",
            "a: b ",
            "'x' + ",
            "'''",
            "a:\n x {{",
            "[a]\n",
            "a:\n x\n",
            "::a",
            "a b(",
            "import 'a'\n",
            "mod a\n",
            '"\\',
        ),
        *("a := '''\n", "a\\\n"),
    ],
)
def test_a_justfile_that_is_made_to_hurt_takes_no_longer_than_its_size(part: str) -> None:
    assert growth(lambda size: list(read(part * size).asked(JustCall(("a",)))), 300) < LINEAR


@pytest.mark.parametrize("part", ["{{ ", "{{{{ ", "{{}} ", "{{ '"])
def test_a_line_of_interpolations_takes_no_longer_than_its_size(part: str) -> None:
    assert growth(lambda size: asked("a:\n x " + part * size, "a"), 300) < LINEAR


def test_what_opens_behind_the_last_interpolation_stays_as_it_is() -> None:
    assert asked("b := 'c'\na:\n  echo {{b}} {{{{ }} {{b}}} {{{{b {{b\n", "a") == ["echo c {{ }} c} {{b {{b"]


@pytest.mark.parametrize(
    "told",
    [
        f"{'a' * 100_000}:\n",
        f"export DATABASE_URL{'a' * 100_000} := 'x'\na:\n",
        "set export\n" + "".join(f"DATABASE_URL{at} := 'x'\n" for at in range(5_000)) + "a:\n",
    ],
)
def test_what_is_long_is_not_said_again_by_each_line(told: str) -> None:
    made = read_justfile("justfile", f"{told}{'  b' + chr(10)}".encode() + b"  b\n" * 5_000)
    assert sum(len(each.name) + len(each.text) for each in made.lines) < 6_000_000


def test_what_is_exported_takes_no_longer_than_it_is() -> None:
    def read(size: int) -> object:
        told = "set export\n" + "".join(f"DATABASE_URL{at} := 'x'\n" for at in range(size)) + "a:\n" + "  b\n" * size
        return list(read_justfile("justfile", told.encode()).lines)

    assert growth(read, 100) < LINEAR
