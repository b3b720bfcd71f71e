"""Variables of a Makefile: which addresses make hands to a shell for sure, and what the lines of a recipe are."""

import os
import subprocess
from pathlib import Path

import pytest

from migcheck.scripts.tasks.make_parts import Parts
from migcheck.scripts.tasks.makefile import read_makefile
from migcheck.scripts.tasks.runner_calls import MakeCall, runner_calls
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

LOCAL = "postgres://localhost:5432/app"
OTHERS = "postgres://prod.example.com/x"
PUSH = "push:\n\tnpx drizzle-kit push\n"
EXPORT = f"export DATABASE_URL = {LOCAL}\n"
SAID = "`npx drizzle-kit push` changes the database past the migrations"
AGAIN = "DATABASE_URL = $(PRODUCTION)\n"


def lines(makefile: str, command: str = "make", **parts: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What `command` has make run, each line with the addresses that it is given; `parts` may be included."""
    files = {f"{name}.mk": text.encode() for name, text in parts.items()}
    (call,) = runner_calls(command.split())
    assert isinstance(call, MakeCall)
    return [
        (each.text, each.settings) for each in read_makefile("Makefile", makefile.encode(), Parts(files)).asked(call)
    ]


def test_what_make_hands_on_says_which_database_it_is(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": f"{EXPORT}{PUSH}"})
    a_repo.commit({DEPLOY: workflow("make push")})
    assert project_findings(a_repo) == []
    a_repo.commit({"Makefile": f"{EXPORT}{PUSH}".replace(" =", " ?=")})
    found = [each.partition(" |")[0] for each in project_findings(a_repo)]
    assert found == [f"MC601 error Makefile:3 {SAID}, and CI runs it"]


@pytest.mark.parametrize(
    ("makefile", "command"),
    [
        (f"{EXPORT}{PUSH}", "make push"),
        (f"{EXPORT}{EXPORT}{PUSH}", "make -k push"),
        (f"{EXPORT}{PUSH}", "make MAKEFLAGS=-j4 push"),
        (f"DATABASE_URL := {LOCAL}\nexport DATABASE_URL OTHER # both\n{PUSH}", "make push"),
        (f"export\nHOST = localhost:5432\nDATABASE_URL = postgres://$(HOST)/app\n{PUSH}", "make push"),
        (f".EXPORT_ALL_VARIABLES:\nDATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"unexport DATABASE_URL\n{EXPORT}{PUSH}", "make push"),
        (f"include a.mk\n{EXPORT}{PUSH}", "make push"),
        (f"-include .env\n{EXPORT}{PUSH}", "make push"),
        (f"ifdef X\nA = 1\nendif\n{EXPORT}ifdef X\nexport DATABASE_URL\nendif\n{PUSH}", "make push"),
        (f"define HELP\nifdef X\n{AGAIN}endef\n{EXPORT}{PUSH}", "make push"),
        (PUSH, f"make push DATABASE_URL={LOCAL}"),
        (f"export DATABASE_URL = {OTHERS}\n{PUSH}", f"make DATABASE_URL:={LOCAL} push"),
        (f"export DATABASE_URL ?= {OTHERS}\n{PUSH}", f"make push -e DATABASE_URL={LOCAL}"),
        (f"U = x\nexport DATABASE_URL := $(U)\n{PUSH}", f"make push U={LOCAL}"),
    ],
)
def test_an_address_that_make_hands_on_for_sure(makefile: str, command: str, tmp_path: Path) -> None:
    (handed,) = lines(makefile, command, a="X = 1\n")
    assert handed[1] in ((("DATABASE_URL", LOCAL),), (("DATABASE_URL", LOCAL), ("U", LOCAL)))
    # So does make itself, whatever is around it.
    (tmp_path / "Makefile").write_text(makefile.replace("npx drizzle-kit push", "@echo $$DATABASE_URL"))
    (tmp_path / "a.mk").write_text("X = 1\n")
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": OTHERS}
    made = subprocess.run(command.split(), cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout == f"{LOCAL}\n"


@pytest.mark.parametrize(
    ("makefile", "command"),
    [
        (f"DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"export DATABASE_URL ?= {LOCAL}\n{PUSH}", "make push"),
        (f"export DATABASE_URL != x\n{PUSH}", "make push"),
        (f"{EXPORT}unexport DATABASE_URL\n{PUSH}", "make push"),
        (f"# {EXPORT}{PUSH}", "make push"),
        (f"{EXPORT}{AGAIN}{PUSH}", "make push"),
        (f"{EXPORT}DATABASE_URL += x\n{PUSH}", "make push"),
        (f"ifndef CI\n{EXPORT}endif\n{PUSH}", "make push"),
        (f"{EXPORT}ifdef CI\n  {AGAIN}endif\n{PUSH}", "make push"),
        (f"{EXPORT}ifdef CI\n\t{AGAIN}else\nendif\n{PUSH}", "make push"),
        (f"DATABASE_URL = {LOCAL}\nifndef CI\nexport DATABASE_URL\nendif\n{PUSH}", "make push"),
        (f"DATABASE_URL = {LOCAL}\nifndef CI\n.EXPORT_ALL_VARIABLES:\nendif\n{PUSH}", "make push"),
        (
            f"ifdef CI\nHOST = x\nelse\nHOST = db\nendif\nexport DATABASE_URL = postgres://$(HOST)/x\n{PUSH}",
            "make push",
        ),
        (f"U ?= {LOCAL}\nexport DATABASE_URL = $(U)\n{PUSH}", "make push"),
        (f"{EXPORT}-include .env\n{PUSH}", "make push"),
        (f"{EXPORT}include a.mk\n{PUSH}", "make push"),
        (f"{EXPORT}$(eval {AGAIN.strip()})\n{PUSH}", "make push"),
        (f"define HELP\n{EXPORT}endef\n{PUSH}", "make push"),
        (f"{EXPORT}define DATABASE_URL\n{LOCAL}/x\nendef\n{PUSH}", "make push"),
        (f"other: export DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"%: {AGAIN}{EXPORT}{PUSH}", "make push"),
        (f"{EXPORT}{PUSH}", "make -ke push"),
        (f"{EXPORT}{PUSH}", "make push DATABASE_URL=$PRODUCTION"),
        (f"{EXPORT}unexport DATABASE_URL\n{PUSH}", f"make push DATABASE_URL={LOCAL}"),
        (PUSH, f"make push URL={LOCAL}"),
    ],
)
def test_an_address_that_only_running_make_tells_is_handed_to_nothing(makefile: str, command: str) -> None:
    assert lines(makefile, command, a=AGAIN) == [("npx drizzle-kit push", ())]


def test_what_no_command_line_changes_is_handed_on() -> None:
    told = lines(f"override export DATABASE_URL = {OTHERS}\n{PUSH}", f"make push DATABASE_URL={LOCAL}")
    assert told == [("npx drizzle-kit push", (("DATABASE_URL", OTHERS),))]


@pytest.mark.parametrize(
    ("makefile", "command", "expected"),
    [
        (f"ifndef CI\nU = {LOCAL}\nendif\nx:\n\tDATABASE_URL=$(U) y\n", "make", ["DATABASE_URL=$VARIABLE y"]),
        ("ifndef CI\nH = localhost\nendif\nx:\n\tU=postgres://$(H)/x y\n", "make", ["U=postgres://$VARIABLE/x y"]),
        (f"U := {LOCAL}\nx:\n\tDATABASE_URL=$(U) y\n", "make", [f"DATABASE_URL={LOCAL} y"]),
        ("ifdef CI\nT = npx\nelse\nT = pnpm\nendif\nx:\n\t$(T) y\n", "make", ["pnpm y"]),
        ("define P\n# first\n\t@a b\n\t-c\nendef\nx:\n\t$(P)\n", "make", ["a b && c"]),
        ("define P\na; \\\nb\nendef\nx:\n\t$(P)\n", "make", ["$VARIABLE"]),
        ("ifeq ($(A),a:b)\nx:\nifdef CI\n\ty\nelse\n\tz\nendif\nendif\n", "make", ["y", "z"]),
        ("x:\n# ours\n\n\tA=1\n", "make", ["A=1"]),
        ("  x: ; y\n", "make", ["y"]),
        ("x: ; A=b c\n", "make", ["A=b c"]),
        ("a: b c\n\ta\nb: d\n\tb\nc:\n\tc\nd:\n\td\n", "make", ["a", "b", "d", "c"]),
        ("a: b c\nb: ; b\nc: ; c\nd: ; d\n", "make d a", ["d", "b", "c"]),
        ("T = a\nx:\n\t$(T)\n", "make T=b", ["b"]),
        ("T = a\nx:\n\t$(T)\n", "make U=b", ["a"]),
        ("override T = a\nx:\n\t$(T)\n", "make T=b", ["a"]),
        ("T = a\nT += b\nx:\n\t$(T)\n", "make", ["a b"]),
        ("T := a\nT := $(T) b\nx:\n\t$(T)\n", "make", ["a b"]),
        ("T = a\nT ?= b\nx:\n\t$(T)\n", "make", ["a"]),
        ("x: T = b\nx:\n\t$(T)\n", "make", ["b"]),
        ("x: T = b\nx:\n\t$(T)\n", "make T=c", ["c"]),
        ("T = a\nx: T = b\nx:\n\t$(T)\n", "make", ["$VARIABLE"]),
        ("y: T = a\nx: T = b\nx:\n\t$(T)\n", "make", ["$VARIABLE"]),
        ("x:\n\t$(MAKE) y\n", "make T=a", ["make T=a y"]),
        ("x:\n\t$(MAKE) y\n", "make -e", ["make -e y"]),
    ],
)
def test_a_line_is_what_its_variables_make_of_it(makefile: str, command: str, expected: list[str]) -> None:
    assert [text for text, _ in lines(makefile, command)] == expected


def test_a_line_is_told_once_whatever_it_is_called_with(a_repo: GitRepository) -> None:
    makefile = "push:\n\tnpx drizzle-kit push --config $(C)\n"
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({DEPLOY: workflow("make push C=drizzle.config.ts")})
    said = "`npx drizzle-kit push --config drizzle.config.ts` changes the database past the migrations, and CI runs it"
    way = f"{DEPLOY}:6: make push C=drizzle.config.ts\nMakefile:2: npx drizzle-kit push --config drizzle.config.ts"
    assert project_findings(a_repo) == [f"MC601 error Makefile:2 {said} | {way}"]


def test_what_is_too_long_is_no_value_that_was_cut() -> None:
    parts = f"D = postgres://localhost/{'x' * 300}\nexport DATABASE_URL = {'$(D)' * 9}\n{PUSH}"
    assert lines(parts) == [("npx drizzle-kit push", ())]
    letters = "".join(f"{name} = {f'$({other})' * 124}\n" for name, other in ("AB", "BC", "CD"))
    assert lines(f"{letters}D = x\nexport DATABASE_URL = $(A)\n{PUSH}") == [("npx drizzle-kit push", ())]


@pytest.mark.parametrize(
    "part",
    [
        ("x:", " export"),
        ("", "x: T = $(T)\n"),
        ("", "x: y\nx: T = z\n\ty\n"),
        ("", "T = a\ninclude none.mk\n"),
        ("T := a\n", "A{} := $(T)\nT += a\n"),
        ("", "define T\nx\n"),
        ("", "x{}: T = a\nx{}: x{}1\n\t$(T)\n"),
    ],
)
def test_variables_take_no_longer_than_their_size(part: tuple[str, str]) -> None:
    def read(size: int) -> object:
        text = part[0] + "".join(part[1].replace("{}", "1" * (number % 300)) for number in range(size))
        return lines(f"{text}\n", "make T=b")

    assert growth(read, 300) < LINEAR
