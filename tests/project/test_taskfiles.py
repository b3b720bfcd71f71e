"""Taskfiles: what their tasks run, and who comes to them."""

import pytest

from migcheck.scripts.tasks.runner_calls import TaskCall
from migcheck.scripts.tasks.task_runners import TaskRunners
from migcheck.scripts.tasks.taskfile import read_taskfile
from tests.project.test_commands import calls
from tests.project.test_reach import reached
from tests.support.projects import DEPLOY, a_project, package, placed, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

PUSH = "version: '3'\ntasks:\n  push: drizzle-kit push\n"


def test_ci_gets_to_a_task(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Taskfile.yml": PUSH})
    said = "`drizzle-kit push` changes the database past the migrations"
    assert project_findings(a_repo) == [f"MC601 warning Taskfile.yml:3 {said}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("task push")})
    way = f"{DEPLOY}:6: task push\nTaskfile.yml:3: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error Taskfile.yml:3 {said}, and CI runs it | {way}"]


TASKFILE = b"""\
tasks:
  default: {deps: [b, {task: c}], cmds: [x, {task: d}, {cmd: "y {{.Z}}", ignore_error: true}, {defer: z}]}
  b: [u, v]
  c:
    aliases: [short]
    dir: app
    ignore_error: true
    cmd: |
      m
      n
  d: {dir: "{{.ROOT_DIR}}", cmds: [w]}
"""


def test_a_task_has_its_commands_and_the_tasks_that_it_calls() -> None:
    made = read_taskfile("db/Taskfile.yml", TASKFILE)
    scripts = list(made.lines)
    assert placed(*scripts) == [(2, "x"), (2, "y $TEMPLATE"), (3, "u"), (3, "v"), (9, "m"), (10, "n"), (11, "w")]
    assert [each.directory for each in scripts] == ["db", "db", "db", "db", "db/app", None]
    assert [bool(each.goes_on) for each in scripts] == [False, True, False, False, True, False]
    assert {*made.targets["default"].needs} >= {"b", "c", "d"}
    assert made.targets["short"] is made.targets["c"]


@pytest.mark.parametrize(
    "content", [b"", b"tasks: [", b"tasks: x", b"- a", b"tasks: {a: 1, b: {cmds: {x: y}, deps: 3}}"]
)
def test_a_taskfile_that_cannot_be_read_has_nothing_that_pushes(content: bytes) -> None:
    assert all(each in ("1", "3") for _, each in placed(*read_taskfile("Taskfile.yml", content).lines))


def test_a_taskfile_that_holds_itself_comes_to_an_end() -> None:
    made = read_taskfile("Taskfile.yml", b"tasks: {a: {cmds: &c [x, *c, [*c, y]]}}")
    assert placed(*made.lines) == [(1, "x"), (1, "y")]
    many = ", ".join(f"t{each}: *c" for each in range(500))
    made = read_taskfile("Taskfile.yml", f"tasks: {{a: &c [{', '.join(['x'] * 20)}], {many}}}".encode())
    assert len(list(made.lines)) == 5_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task a b -- c", TaskCall(("a", "b"))),
        ("go-task", TaskCall(("default",))),
        ("task -d db a X=1", TaskCall(("a",), "db")),
        ("task --dir=db -o group a", TaskCall(("a",), "db")),
        ("task -t x.yml a", TaskCall(("a",), file="x.yml")),
        ("task -d db -t x.yml a", TaskCall(("a",), file="x.yml", place="db")),
        ("task --taskfile=db/x.yml a", TaskCall(("a",), file="db/x.yml")),
    ],
)
def test_a_task_is_asked_for(text: str, expected: TaskCall) -> None:
    assert calls(text) == [expected]


@pytest.mark.parametrize("text", ["task -g -t x.yml a", "task -g a", "task --list", "task --dry a"])
def test_what_runs_none_of_the_taskfile_at_hand_asks_for_nothing(text: str) -> None:
    assert calls(text) == []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("task push", "Taskfile.yml"),
        ("cd a/b && task push", "Taskfile.yml"),
        ("cd a/b && task push", "a/taskfile.yaml"),
        ("task -d a push", "a/Taskfile.dist.yml"),
    ],
)
def test_the_nearest_taskfile_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is not None


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("task push", "a/Taskfile.yml"),
        ("task -d a push", "Taskfile.yml"),
        ("cd ../x && task push", "Taskfile.yml"),
        ("cd $X && task push", "Taskfile.yml"),
        ("task other", "Taskfile.yml"),
    ],
)
def test_no_other_taskfile_is_taken(command: str, path: str) -> None:
    assert reached({path: PUSH, DEPLOY: workflow(command)}) is None


def test_of_several_taskfiles_in_one_directory_task_takes_one() -> None:
    names = ("taskfile.dist.yaml", "Taskfile.dist.yml", "taskfile.yaml", "taskfile.yml", "Taskfile.yml")
    for more in range(1, len(names) + 1):
        files = dict.fromkeys(names[:more], PUSH.encode())
        assert TaskRunners(files).taskfiles["."].targets["push"].lines[0].path == names[more - 1]


@pytest.mark.parametrize(
    "where", ["env: {DATABASE_URL: 'postgres://localhost/x'}\ntasks: {push: drizzle-kit push}", ""]
)
def test_a_database_at_hand_that_a_taskfile_names_is_no_finding(a_repo: GitRepository, where: str) -> None:
    a_project(a_repo)
    own = "tasks:\n  push: {env: {DATABASE_URL: 'postgres://localhost/x'}, cmd: drizzle-kit push}\n"
    a_repo.commit({"Taskfile.yml": where or own})
    assert project_findings(a_repo) == []
    a_repo.commit({"Taskfile.yml": (where or own).replace("localhost", "db.example.org")})
    assert len(project_findings(a_repo)) == 1


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("{cmds: [{cmd: drizzle-kit migrate, ignore_error: true}, x]}", ["`ignore_error: true`"]),
        ("{cmds: [drizzle-kit migrate, x], ignore_error: true}", ["`ignore_error: true`"]),
        ("{cmds: [drizzle-kit migrate; x]}", []),
        ("{cmds: [drizzle-kit migrate, x]}", []),
        ("{cmds: [{task: m, ignore_error: true}]}", []),
    ],
)
def test_a_task_that_goes_on_is_told(a_repo: GitRepository, task: str, why: list[str]) -> None:
    a_project(a_repo)
    content = f"tasks:\n  deploy: {task}\n  m: drizzle-kit migrate\n"
    a_repo.commit({"Taskfile.yml": content, "package.json": package(deploy="task deploy")})
    assert [each.rpartition("goes on: ")[2].partition(" |")[0] for each in found(a_repo, "MC602")] == why


def test_names_of_needed_tasks_that_yaml_multiplies_come_to_an_end() -> None:
    many = ", ".join(f"t{each}: {{deps: *d}}" for each in range(250))
    needed = ", ".join(f"n{each}" for each in range(1_000))
    made = read_taskfile("Taskfile.yml", f"tasks: {{a: {{deps: &d [{needed}]}}, {many}}}".encode())
    assert len(made.targets["t0"].needs) == 1_000
    assert len({id(each) for target in made.targets.values() for each in target.needs}) <= 2_000


LONG = "n" * 100_000
MANY = ", ".join(["a"] * 5_000)


@pytest.mark.parametrize(
    "told",
    [
        f"tasks:\n  ? {LONG}\n  : {{cmds: [{MANY}]}}\n",
        f"tasks: {{t: {{dir: {LONG}, cmds: [{MANY}]}}}}\n",
        f"tasks: {{t: {{aliases: [{LONG}, b{LONG}], deps: [{LONG}], cmds: [{MANY}]}}}}\n",
        f"env: {{DATABASE_URL: {LONG}}}\ntasks: {{t: {{cmds: [{MANY}]}}}}\n",
        f"env: {{{', '.join(f'DATABASE_URL{at}: x' for at in range(5_000))}}}\ntasks: {{t: {{cmds: [{MANY}]}}}}\n",
    ],
)
def test_what_is_long_is_not_said_again_by_each_command(told: str) -> None:
    """Each of these once was half a gigabyte."""
    made = read_taskfile("Taskfile.yml", told.encode())
    said = sum(len(each.name) + len(each.text) + len(each.directory or "") for each in made.lines)
    assert said + sum(map(len, made.targets)) < 6_000_000


@pytest.mark.parametrize("length", [500, 501])
def test_a_name_that_a_person_may_write_is_kept(length: int) -> None:
    made = read_taskfile("Taskfile.yml", f"tasks:\n  ? {'n' * length}\n  : x\n".encode())
    assert bool(made.targets) is (length <= 500)
