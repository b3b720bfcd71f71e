"""make, Task and just with files that lead up from where a command stands, or that are run elsewhere than they lie."""

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.scripts import Scripts
from tests.project.test_reach import scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

MAKE = "push:\n\tdrizzle-kit push\n"
TASK = "tasks: {push: drizzle-kit push}\n"
JUST = "push:\n  drizzle-kit push\n"


def places(files: dict[str, str]) -> set[str | None]:
    """The directories in which CI pushes."""
    found = scripts(files)
    return {each.directory for each in found.runs if isinstance(each.call, Push) and found.reach(each) is not None}


@pytest.mark.parametrize(
    ("command", "path", "content", "place"),
    [
        ("cd a && make -C .. push", "Makefile", MAKE, "."),
        ("cd a/b && make -C ../../c push", "c/Makefile", MAKE, "c"),
        ("cd a && make -f ../Makefile push", "Makefile", MAKE, "a"),
        ("cd a && make -f ../x/rules push", "x/rules", MAKE, "a"),
        ("cd a && make -C .. -f x/rules push", "x/rules", MAKE, "."),
        ("make -C a --file=../rules push", "rules", MAKE, "a"),
        ("cd a && make -f ../b/../rules push", "rules", MAKE, "a"),
        ("cd a && task -d .. push", "Taskfile.yml", TASK, "."),
        ("cd a && task -t ../Taskfile.yml push", "Taskfile.yml", TASK, "."),
        ("cd a && task -t .. push", "Taskfile.yml", TASK, "."),
        ("cd a && task -t ../t.yml -d ../b push", "t.yml", TASK, "b"),
        ("task -d b --taskfile t.yml push", "t.yml", TASK, "b"),
        ("cd a && task -d . -t ../x push", "x/Taskfile.dist.yaml", TASK, "a"),
        ("cd a && just -f ../justfile push", "justfile", JUST, "."),
        ("cd a && just ../push", "justfile", JUST, "."),
        ("cd a && just -f ../justfile -d . push", "justfile", JUST, "a"),
        ("cd a && just -d ../b --justfile ../tasks push", "tasks", JUST, "b"),
    ],
)
def test_what_leads_up_within_the_repository_is_followed(command: str, path: str, content: str, place: str) -> None:
    assert places({path: content, DEPLOY: workflow(command)}) == {place}


@pytest.mark.parametrize(
    ("command", "path", "content"),
    [
        ("cd a && make -C ../.. push", "Makefile", MAKE),
        ("cd a && make -f ../../Makefile push", "Makefile", MAKE),
        ("make -C .. -f Makefile push", "Makefile", MAKE),
        ("cd $X && make -f ../Makefile push", "Makefile", MAKE),
        ("cd a && make -f ../Makefile other", "Makefile", MAKE),
        ("cd a && make -f ../none push", "Makefile", MAKE),
        ("task -d .. -t Taskfile.yml push", "Taskfile.yml", TASK),
        ("task -d $X -t Taskfile.yml push", "Taskfile.yml", TASK),
        ("cd a && task -t b push", "Taskfile.yml", TASK),
        ("just -d .. push", "justfile", JUST),
        ("just -d .. -f justfile push", "justfile", JUST),
        ("just -d $X -f justfile push", "justfile", JUST),
    ],
)
def test_what_leaves_it_or_is_not_known_is_not(command: str, path: str, content: str) -> None:
    assert places({path: content, DEPLOY: workflow(command)}) == set()


@pytest.mark.parametrize(
    ("name", "content", "inner"),
    [
        ("rules", "up:\n\t$(MAKE) -f ../other push\n", "other"),
        ("rules", "include ../other\nup: push\n", "other"),
    ],
)
def test_what_is_run_elsewhere_leads_on(name: str, content: str, inner: str) -> None:
    files = {name: content, inner: MAKE, DEPLOY: workflow(f"cd a && make -f ../{name} up")}
    assert places(files) == {"a"}


def test_a_change_that_leads_up_to_a_push_is_an_error_with_the_way_there(a_repo: GitRepository) -> None:
    a_project(a_repo, {"build/rules": MAKE, "package.json": package()})
    a_repo.commit({DEPLOY: workflow("cd app && make -C .. -f build/rules push")})
    way = f"{DEPLOY}:6: make -C .. -f build/rules push\nbuild/rules:2: drizzle-kit push"
    said = "`drizzle-kit push` changes the database past the migrations, and CI runs it"
    assert project_findings(a_repo) == [f"MC601 error build/rules:2 {said} | {way}"]


def test_another_tool_in_a_file_that_is_run_elsewhere_is_told_as_it_is_reached(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(), "rules": "up:\n\tprisma migrate deploy\n"})
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", "cd app && make -f ../rules up")})
    (found,) = project_findings(a_repo)
    assert found.startswith("MC605 error rules:2 `prisma migrate deploy` migrates the database by another tool, prisma")


def test_a_makefile_that_is_run_in_two_places_is_told_once(a_repo: GitRepository) -> None:
    a_project(a_repo, {"drizzle/x": "", "Makefile": MAKE})
    a_repo.commit({DEPLOY: workflow("cd packages && make -f ../Makefile push", "make push")})
    assert [each.partition(" `")[0] for each in project_findings(a_repo)] == ["MC601 error Makefile:2"]


@pytest.mark.parametrize(
    ("command", "name", "content"),
    [
        ("make -C a{} -f ../rules push", "rules", MAKE),
        ("task -d a{} -t t.yml push", "t.yml", TASK),
        ("just -d a{} -f tasks push", "tasks", JUST),
    ],
)
def test_a_file_that_is_run_in_many_places_takes_no_longer_than_they_are(command: str, name: str, content: str) -> None:
    def read(size: int) -> object:
        steps = workflow(*(command.format(each) for each in range(size)))
        files = {name: content * 50, DEPLOY: steps}
        return len(Scripts({path: told.encode() for path, told in files.items()}, "drizzle").runs)

    assert growth(read, 10) < LINEAR
