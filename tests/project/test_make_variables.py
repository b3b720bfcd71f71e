"""Variables of a Makefile: which addresses make hands to a shell, and what the lines of a recipe are."""

import os
import subprocess
from pathlib import Path

import pytest

from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.makefile import read_makefile
from migcheck.scripts.tasks.makefiles import Makefiles
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

LOCAL = "postgres://localhost:5432/app"
OTHERS = "postgres://prod.example.com/x"
PUSH = "push:\n\tnpx drizzle-kit push\n"
EXPORT = f"export DATABASE_URL = {LOCAL}\n"
SAID = "`npx drizzle-kit push` changes the database past the migrations"


def lines(makefile: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What make runs of it where it is told nothing, each line with the addresses that it is given."""
    return [(each.text, each.settings) for each in read_makefile("Makefile", makefile.encode()).asked(MakeCall(()))]


def test_what_make_hands_on_says_which_database_it_is(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": f"{EXPORT}{PUSH}"})
    a_repo.commit({DEPLOY: workflow("make push")})
    assert project_findings(a_repo) == []
    a_repo.commit({"Makefile": f"{EXPORT}{PUSH}".replace(" =", " ?=")})
    found = [each.partition(" |")[0] for each in project_findings(a_repo)]
    assert found == [f"MC601 error Makefile:3 {SAID}, and CI runs it, from {DEPLOY}:6"]


@pytest.mark.parametrize(
    "makefile",
    [
        f"{EXPORT}{PUSH}",
        f"{EXPORT}{EXPORT}{PUSH}",
        f"DATABASE_URL := {LOCAL}\nexport DATABASE_URL OTHER # both\n{PUSH}",
        f"export\nHOST = localhost:5432\nDATABASE_URL = postgres://$(HOST)/app\n{PUSH}",
        f".EXPORT_ALL_VARIABLES:\nDATABASE_URL = {LOCAL}\n{PUSH}",
        f"ifdef X\nA = 1\nendif\n{EXPORT}{PUSH}",
        f"define HELP\nDATABASE_URL = {OTHERS}\nendef\n{EXPORT}{PUSH}",
    ],
)
def test_an_address_that_make_hands_on(makefile: str, tmp_path: Path) -> None:
    assert lines(makefile) == [("npx drizzle-kit push", (("DATABASE_URL", LOCAL),))]
    # So does make itself, whatever is around it.
    (tmp_path / "Makefile").write_text(makefile.replace("npx drizzle-kit push", "@echo $$DATABASE_URL"))
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": OTHERS}
    made = subprocess.run(["make", "push"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout == f"{LOCAL}\n"


@pytest.mark.parametrize(
    "makefile",
    [
        f"DATABASE_URL = {LOCAL}\n{PUSH}",
        f"export DATABASE_URL ?= {LOCAL}\n{PUSH}",
        f"export DATABASE_URL != x\n{PUSH}",
        f"# {EXPORT}{PUSH}",
        f"{EXPORT}DATABASE_URL = $(PRODUCTION)\n{PUSH}",
        f"{EXPORT}DATABASE_URL += x\n{PUSH}",
        f"ifndef CI\n{EXPORT}endif\n{PUSH}",
        f"{EXPORT}ifdef CI\n  DATABASE_URL = {OTHERS}\nendif\n{PUSH}",
        f"DATABASE_URL = {LOCAL}\nifndef CI\nexport DATABASE_URL\nendif\n{PUSH}",
        f"define HELP\n{EXPORT}endef\n{PUSH}",
        f"other: export DATABASE_URL = {LOCAL}\n{PUSH}",
    ],
)
def test_an_address_that_only_running_make_tells_is_handed_to_nothing(makefile: str) -> None:
    assert [given for text, given in lines(makefile) if "push" in text] == [()]


@pytest.mark.parametrize(
    ("makefile", "expected"),
    [
        (f"ifndef CI\nU = {LOCAL}\nendif\nx:\n\tDATABASE_URL=$(U) y\n", ["DATABASE_URL=$VARIABLE y"]),
        (f"U := {LOCAL}\nx:\n\tDATABASE_URL=$(U) y\n", [f"DATABASE_URL={LOCAL} y"]),
        ("ifdef CI\nT = npx\nelse\nT = pnpm\nendif\nx:\n\t$(T) y\n", ["npx y"]),
        ("ifeq ($(A),a:b)\nx:\nifdef CI\n\ty\nelse\n\tz\nendif\nendif\n", ["y", "z"]),
        ("define P\nx:\n\ta\nendef\ny:\n\tb\n", ["b"]),
        ("  x: ; y\n", ["y"]),
        ("a: b c\n\ta\nb: d\n\tb\nc:\n\tc\nd:\n\td\n", ["a", "b", "d", "c"]),
        ("T = a\nT += b\nx:\n\t$(T)\n", ["a b"]),
        ("T = a\nT ?= b\nx:\n\t$(T)\n", ["a"]),
        ("x:\n\t$(MAKE) y\n", ["make y"]),
    ],
)
def test_a_line_is_what_its_variables_make_of_it(makefile: str, expected: list[str]) -> None:
    assert [text for text, _ in lines(makefile)] == expected


RUN = f"and CI runs it, from {DEPLOY}:6"
DEPLOYED = "CMD = npx drizzle-kit push\ndeploy: ; $(CMD)\nsub: ; $(MAKE) deploy\nplain: ; make deploy\n"


@pytest.mark.parametrize("target", ["deploy", "sub", "plain"])
@pytest.mark.parametrize(
    ("said", "who", "run"),
    [
        ("", RUN, "npx drizzle-kit push"),
        ("OTHER=x", RUN, "npx drizzle-kit push"),
        ("CMD='echo none'", "when somebody runs it", "echo none"),
        ("CMD=true CMD='echo none'", "when somebody runs it", "echo none"),
    ],
)
def test_what_a_command_line_says_of_a_variable_takes_the_place_of_the_files(
    a_repo: GitRepository, target: str, said: str, who: str, run: str
) -> None:
    a_project(a_repo, {"Makefile": DEPLOYED})
    a_repo.commit({DEPLOY: workflow(f"make {target} {said}")})
    severity = "error" if who == RUN else "warning"
    found = [each.partition(" |")[0] for each in project_findings(a_repo)]
    assert found == [f"MC601 {severity} Makefile:2 {SAID}, {who}"]
    # So does make itself.
    a_repo.write({"Makefile": DEPLOYED.replace("; $(CMD)", "; @echo '$(CMD)'")})
    command = f"make --no-print-directory -s {target} {said}"
    made = subprocess.run(["sh", "-c", command], cwd=a_repo.top, capture_output=True, text=True, check=True)
    assert made.stdout == f"{run}\n"


@pytest.mark.parametrize(
    ("lines", "run"),
    [
        ("override CMD += -a\noverride CMD += -b", "x -a -b"),
        ("override CMD = y\noverride CMD += -b", "y -b"),
        ("override CMD ?= y", "x"),
        ("CMD += -a", "x"),
    ],
)
def test_a_file_that_insists_adds_to_what_a_command_line_says(tmp_path: Path, lines: str, run: str) -> None:
    (tmp_path / "Makefile").write_text(text := f"{lines}\ndeploy: ; @echo $(CMD)\n")
    (read,) = read_makefile("Makefile", text.encode(), given=[("CMD", "x")]).lines
    made = subprocess.run(["make", "CMD=x"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (read.text, made.stdout) == (f"echo {run}", f"{run}\n")


def test_what_only_a_command_line_says_may_push(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": "CMD = true\ndeploy: ; $(CMD)\n"})
    a_repo.commit({DEPLOY: workflow("make deploy CMD='drizzle-kit push'")})
    said = f"`drizzle-kit push` changes the database past the migrations, and CI runs it, from {DEPLOY}:6"
    way = f"{DEPLOY}:6: make deploy CMD=drizzle-kit push\nMakefile:2: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error Makefile:2 {said} | {way}"]
    # What only running tells pushes nothing that is known.
    a_repo.commit({DEPLOY: workflow('make deploy CMD="$COMMAND"')})
    assert project_findings(a_repo) == []


def test_an_address_on_the_command_line_is_another_unless_the_file_insists(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": f"{EXPORT}{PUSH}"})
    a_repo.commit({DEPLOY: workflow('make push DATABASE_URL="$PRODUCTION"')})
    found = [each.partition(" |")[0] for each in project_findings(a_repo)]
    assert found == [f"MC601 error Makefile:3 {SAID}, and CI runs it, from {DEPLOY}:6"]
    a_repo.commit({"Makefile": f"override {EXPORT}{PUSH}"})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize("part", ["x{}: T = a\n", "T = a\ninclude none.mk\n", "define T\nx\n", "T += a\n"])
def test_variables_take_no_longer_than_their_size(part: str) -> None:
    assert growth(lambda size: lines("".join(part.replace("{}", "1" * (n % 300)) for n in range(size))), 300) < LINEAR


def test_calls_that_say_something_each_have_no_more_read_than_anybody_writes() -> None:
    lines = 2_000
    makefiles = Makefiles({"Makefile": b"".join(b"t%d: ; $(X)\n" % number for number in range(lines))})

    def run(number: int) -> list[str]:
        return [each.text for each in makefiles.asked(MakeCall(("t1",), given=(("X", f"x{number}"),)), ".")]

    assert [run(number) for number in range(12)] == [[f"x{number}"] for number in range(10)] + [[], []]


YIELDING = "CMD ?= npx drizzle-kit push\ndeploy: ; $(CMD)\nsub: ; $(MAKE) deploy\n"
ENV = "    env:\n      CMD: {}\n"


@pytest.mark.parametrize("target", ["deploy", "sub"])
@pytest.mark.parametrize(
    ("makefile", "flow", "weight"),
    [
        (YIELDING, workflow("make {}"), "error"),
        (YIELDING, workflow("make {}", job=ENV.format("echo none")), "warning"),
        (YIELDING, workflow("make {}", job=ENV.format("${{ vars.COMMAND }}")), "warning"),
        (YIELDING, workflow("CMD='echo none' make {}"), "warning"),
        (YIELDING, workflow("export CMD='echo none'\nmake {}"), "warning"),
        (YIELDING, workflow("make {} OTHER=x", job=ENV.format("echo none")), "warning"),
        (YIELDING, workflow("make {}", job=ENV.format("echo none").replace("CMD", "OTHER")), "error"),
        (YIELDING.replace("?=", "="), workflow("make {}", job=ENV.format("echo none")), "error"),
        (f"{YIELDING}CMD = drizzle-kit push\n", workflow("make {}", job=ENV.format("echo none")), "error"),
        (
            YIELDING.replace("npx drizzle-kit push", "true"),
            workflow("make {}", job=ENV.format("drizzle-kit push")),
            "error",
        ),
    ],
)
def test_a_variable_that_gives_way_is_what_the_environment_says(
    a_repo: GitRepository, target: str, makefile: str, flow: str, weight: str
) -> None:
    a_project(a_repo)
    a_repo.commit({"Makefile": makefile, DEPLOY: flow.replace("{}", target)})
    assert [each.split()[1] for each in project_findings(a_repo)] == [weight]
