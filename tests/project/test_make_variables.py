"""Variables of a Makefile that one target alone has, or that a command line says, and what is handed on from CI."""

import os
import subprocess
import tracemalloc
from pathlib import Path

import pytest

from migcheck.scripts.make_parts import Parts
from migcheck.scripts.makefile import read_makefile
from migcheck.scripts.runner_calls import MakeCall, runner_calls
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

LOCAL = "postgres://localhost:5432/app"
PUSH = "push:\n\tnpx drizzle-kit push\n"
SAID = "`npx drizzle-kit push` changes the database past the migrations"


def run(makefile: str, *targets: str, settings: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What make runs for `targets`."""
    made = read_makefile("Makefile", makefile.encode())
    return [each.text for each in made.asked(MakeCall(targets, settings=settings))]


@pytest.mark.parametrize(
    ("makefile", "command"),
    [
        (f"export DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"push: export DATABASE_URL={LOCAL}\n{PUSH}", "make push"),
        (f"push: DATABASE_URL := {LOCAL}\nexport DATABASE_URL\n{PUSH}", "make push"),
        (f"{PUSH}push: export override DATABASE_URL = {LOCAL} # mine\n", "make push"),
        (f"all: export DATABASE_URL = {LOCAL}\nall: push\n{PUSH}", "make all"),
        (f"all: export DATABASE_URL = {LOCAL}\nall: a\na: push\n{PUSH}", "make all"),
        (PUSH, f"make push DATABASE_URL={LOCAL}"),
        (f"export DATABASE_URL = postgres://prod.example.com/x\n{PUSH}", f"make DATABASE_URL={LOCAL} push"),
        (f"push: export DATABASE_URL = postgres://prod.example.com/x\n{PUSH}", f"make push DATABASE_URL:={LOCAL}"),
        (f"all:\n\t$(MAKE) push\n{PUSH}", f"make all DATABASE_URL={LOCAL}"),
        (f"export\nHOST = localhost\nDATABASE_URL = postgres://$(HOST)/x\n{PUSH}", "make push"),
    ],
)
def test_what_make_hands_on_says_which_database_it_is(a_repo: GitRepository, makefile: str, command: str) -> None:
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({DEPLOY: workflow(command)})
    assert [each for each in project_findings(a_repo) if "CI runs" in each] == []


@pytest.mark.parametrize(
    ("makefile", "command"),
    [
        (f"DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"export DATABASE_URL ?= {LOCAL}\n{PUSH}", "make push"),
        (f"push: DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (f"other: export DATABASE_URL = {LOCAL}\nother:\n\tx\n{PUSH}", "make push"),
        (f"all: private export DATABASE_URL = {LOCAL}\nall: push\n{PUSH}", "make all"),
        (f"export DATABASE_URL = {LOCAL}\n{PUSH}", "make push DATABASE_URL=$PRODUCTION"),
        (f"export DATABASE_URL = {LOCAL}\n{PUSH}", "make push DATABASE_URL=postgres://prod.example.com/x"),
        (f"override export DATABASE_URL = postgres://prod.example.com/x\n{PUSH}", f"make push DATABASE_URL={LOCAL}"),
        (f"export DATABASE_URL = {LOCAL}\nunexport DATABASE_URL\n{PUSH}", "make push"),
        (f"push: unexport DATABASE_URL = {LOCAL}\nexport\n{PUSH}", "make push"),
        (f"# push: export DATABASE_URL = {LOCAL}\n{PUSH}", "make push"),
        (PUSH, f"make push URL={LOCAL}"),
        (f"all: export DATABASE_URL = {LOCAL}\nall: push\n{PUSH}", "make push all"),
        (f"all: b a\na: export DATABASE_URL = {LOCAL}\na: push\nb: push\n{PUSH}", "make all"),
        (f"export DATABASE_URL = $(URL)\nURL ?= {LOCAL}\n{PUSH}", "make push"),
    ],
)
def test_what_is_not_handed_on_says_nothing(a_repo: GitRepository, makefile: str, command: str) -> None:
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({DEPLOY: workflow(command)})
    line = makefile.splitlines().index("\tnpx drizzle-kit push") + 1
    found = [each.partition(" |")[0] for each in project_findings(a_repo)]
    assert found == [f"MC601 error Makefile:{line} {SAID}, and CI runs it"]


EXPORT = f"export DATABASE_URL = {LOCAL}\n"
OTHER = "export DATABASE_URL = $(PRODUCTION)\n"
HERE = (("DATABASE_URL", LOCAL),)


def handed(makefile: str, command: str = "make push", **parts: str) -> tuple[tuple[str, str], ...]:
    """The variables that `push` is given; `parts` may be included."""
    files = {f"{name}.mk": text.encode() for name, text in parts.items()}
    (call,) = runner_calls(command.split())
    assert isinstance(call, MakeCall)
    (script,) = read_makefile("Makefile", makefile.encode(), Parts(files)).asked(call)
    return script.settings


@pytest.mark.parametrize(
    "makefile",
    [
        f"ifndef CI\n{EXPORT}endif\n{PUSH}",
        f"ifdef CI\n{OTHER}else\n{EXPORT}endif\n{PUSH}",
        f"ifeq ($(ENV),prod)\n{OTHER}else ifeq ($(ENV),x)\n{EXPORT}else\n{EXPORT}endif\n{PUSH}",
        f"{EXPORT}ifdef CI\n  {OTHER}endif\n{PUSH}",
        f"{EXPORT}ifdef CI\n\t{OTHER}endif\n{PUSH}",
        f"ifdef A\nifdef B\nendif\n{EXPORT}endif\n{PUSH}",
        f"ifdef A\n{PUSH}else\n{EXPORT}endif\n",
        f"{PUSH}ifndef CI\npush: export DATABASE_URL = {LOCAL}\nendif\n",
        f"push: export DATABASE_URL = {LOCAL}\n{PUSH}ifdef CI\n  push: DATABASE_URL = $(PRODUCTION)\nendif\n",
        f"DATABASE_URL = {LOCAL}\nifndef CI\nexport DATABASE_URL\nendif\n{PUSH}",
        f"{EXPORT}ifdef CI\nunexport DATABASE_URL\nelse\nexport DATABASE_URL\nendif\n{PUSH}",
        f"DATABASE_URL = {LOCAL}\nifndef CI\nexport\nendif\n{PUSH}",
        f"DATABASE_URL = {LOCAL}\nifndef CI\n.EXPORT_ALL_VARIABLES:\nendif\n{PUSH}",
        f"ifdef CI\nHOST = prod\nelse\nHOST = localhost\nendif\nexport DATABASE_URL = postgres://$(HOST)/x\n{PUSH}",
        f"ifdef CI\nDATABASE_URL = postgres://prod\nendif\nexport DATABASE_URL += x\n{PUSH}",
        f"{EXPORT}-include .env\n{PUSH}",
        f"{EXPORT}include none.mk a.mk\n{PUSH}",
        f"{EXPORT}ifdef CI\ninclude a.mk\nendif\n{PUSH}",
        f"include a.mk\n{EXPORT}include a.mk\n{PUSH}",
        f"{EXPORT}$(eval DATABASE_URL = $(PRODUCTION))\n{PUSH}",
        f"define HELP\n{EXPORT}endef\n{PUSH}",
        f"define HELP\ndefine X\nendef\n{EXPORT}endef\n{PUSH}",
        f"{EXPORT}define DATABASE_URL\n{LOCAL}/x\nendef\n{PUSH}",
        f"{EXPORT}undefine DATABASE_URL\n{PUSH}",
        f"{EXPORT}ifdef CI\noverride undefine DATABASE_URL\nendif\n{PUSH}",
        f"%: DATABASE_URL = $(PRODUCTION)\n{EXPORT}{PUSH}",
        f"-include none.mk\n{EXPORT}{PUSH}",
        f"$(foreach t,a b,$(eval $(t): DATABASE_URL = x))\n{EXPORT}{PUSH}",
        f"push: export DATABASE_URL = {LOCAL}\n-include none.mk\n{PUSH}",
        f"MAKEFLAGS += -e\n{EXPORT}{PUSH}",
        f"MAKEFLAGS += -rRe\n{EXPORT}{PUSH}",
        f"{EXPORT}{PUSH}ifdef CI\nMAKEFLAGS := --environment-overrides\nendif\n",
        f"MAKEFLAGS += e\npush: export DATABASE_URL = {LOCAL}\n{PUSH}",
        f"export DATABASE_URL := $(U)\nU = {LOCAL}\n{PUSH}",
        f"U = $(PRODUCTION)\nexport DATABASE_URL := $(U)\nU = {LOCAL}\n{PUSH}",
        f"U = $(PRODUCTION)\nexport DATABASE_URL := y\nDATABASE_URL += $(U)\nU = {LOCAL}\n{PUSH}",
        f"U = $(P)\nexport DATABASE_URL := $(U)\nP = {LOCAL}\n{PUSH}",
        f"U ?= {LOCAL}\nexport DATABASE_URL := $(U)\nU = x\n{PUSH}",
        f"ifdef CI\nU = x\nelse\nU = {LOCAL}\nendif\nexport DATABASE_URL := $(U)\nU = {LOCAL}\n{PUSH}",
        f"U = {LOCAL}\nexport DATABASE_URL = $(U)\nU = $(PRODUCTION)\n{PUSH}",
        f"export DATABASE_URL := $(U)\nundefine U\nU = {LOCAL}\n{PUSH}",
    ],
)
def test_an_address_that_only_running_make_tells_is_handed_to_nothing(makefile: str) -> None:
    assert handed(makefile, a=OTHER) == ()


@pytest.mark.parametrize(
    "makefile",
    [
        f"ifdef CI\nX = 1\nendif\n{EXPORT}{PUSH}",
        f"{EXPORT}ifdef CI\n{EXPORT}endif\n{PUSH}",
        f"ifdef CI\n{OTHER}endif\n{EXPORT}{PUSH}",
        f"{EXPORT}ifdef CI\nDATABASE_URL ?= x\nendif\n{PUSH}",
        f"ifdef CI\n{OTHER}endif\npush: export DATABASE_URL = {LOCAL}\n{PUSH}",
        f"ifdef X\nexport DATABASE_URL\nendif\n{EXPORT}{PUSH}",
        f"-include .env\n  {EXPORT}{PUSH}",
        f"include a.mk\n{EXPORT}{PUSH}",
        f"define HELP\nifdef CI\n{OTHER}endef\n{EXPORT}{PUSH}",
        f"define HELP\nx\n endef # x\n{EXPORT}{PUSH}",
        f"%: DATABASE_URL = $(PRODUCTION)\npush: export DATABASE_URL = {LOCAL}\n{PUSH}",
        f"-include none.mk\npush: export DATABASE_URL = {LOCAL}\n{PUSH}",
        f"-include env/local.env .env.local\n{EXPORT}{PUSH}",
        f"MAKEFLAGS += -rR --no-print-directory --silent -j4\n{EXPORT}{PUSH}",
        f"U = {LOCAL}\nexport DATABASE_URL := $(U)\nU = $(PRODUCTION)\n{PUSH}",
        f"P = {LOCAL}\nU = $(P)\nexport DATABASE_URL := $(U)\nP = x\n{PUSH}",
        f"P = {LOCAL}\nU := $(P)\nexport DATABASE_URL = $(U)\nP = x\n{PUSH}",
        f"U = {LOCAL}\nexport DATABASE_URL := $(U)\npush: U = x\n{PUSH}",
        f"U = x\nexport DATABASE_URL = $(U)\nU = {LOCAL}\n{PUSH}",
    ],
)
def test_what_no_condition_changes_is_handed_on(makefile: str) -> None:
    assert handed(makefile, a=OTHER) == HERE


def test_with_e_the_environment_goes_before_the_makefile_and_not_before_the_command_line() -> None:
    makefile = f"{EXPORT}{PUSH}"
    for option in ("-e", "-ke", "--environment-overrides"):
        assert handed(makefile, f"make {option} push") == ()
        assert handed(makefile, f"make {option} push DATABASE_URL={LOCAL}") == HERE
    assert [handed(makefile, f"make {each} push") for each in ("-k", "-fMakefile.e", "--trace")] == [HERE] * 3
    (script,) = read_makefile("Makefile", b"x:\n\t$(MAKE) y\n").asked(MakeCall((), environment_first=True))
    assert script.text == "make -e y"


# MAKEFLAGS as GNU make takes it, and whether the environment goes before the Makefile then.
FLAGS = {
    **dict.fromkeys(("-e", "e", "-ke", "ke", "-Be", "--environment-overrides", "--env", "-k -e", "x=1 -e"), True),
    **dict.fromkeys(("-e=1", "-hem", "-j 4 -e", "-C. -e", "$(MAKEFLAGS) e", "-eO line", "-Oline -e"), True),
    **dict.fromkeys(("-Otarget", "-Oline", "--no-print-directory", "-f deploy.mk", "release=1", "-j4"), False),
    **dict.fromkeys(("", "ke=1", "k e", "-k e", "-I deps", "-Ideps", "-We", "-oe", "-l4e", "-s -- -e"), False),
    **dict.fromkeys(("-j 4 e", "--output-sync=line", "--warn-undefined-variables", "--include-dir=e"), False),
}


@pytest.mark.parametrize(("flags", "first"), FLAGS.items())
def test_what_makeflags_says_of_the_environment_is_what_make_takes_it_for(
    flags: str, tmp_path: Path, *, first: bool
) -> None:
    (tmp_path / "Makefile").write_text("U = file\n.PHONY: push\npush:\n\t@echo $(U)\n")
    (tmp_path / "deploy.mk").symlink_to("Makefile")
    environment = {"PATH": os.environ["PATH"], "U": "environment", "MAKEFLAGS": flags.replace("$(MAKEFLAGS)", "")}
    made = subprocess.run(["make", "push"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout == ("environment\n" if first else "file\n")

    assert handed(f"MAKEFLAGS += {flags}\n{EXPORT}{PUSH}") == (() if first else HERE)


@pytest.mark.parametrize(("how", "told"), [("=", "$(A)"), (":=", "$(A)"), ("+=", "$(A)"), (":=", "$(U)$(A)")])
@pytest.mark.parametrize("before", ["", "A = a\n", "A = a\nU := u\n", "A := a\nU = u\n"])
def test_what_is_handed_on_is_what_make_hands_on(how: str, told: str, before: str, tmp_path: Path) -> None:
    for after in ("", "A = c\n", "push: A = c\n", "A = c\nU := $(U)d\n"):
        makefile = f"{before}U {how} {told}\n{after}export DATABASE_URL = $(U)\n{PUSH}"
        (tmp_path / "Makefile").write_text(makefile.replace("npx drizzle-kit push", "@echo $$DATABASE_URL"))
        if found := dict(handed(makefile)):
            made = subprocess.run(["make", "push"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
            assert (makefile, f"{found['DATABASE_URL']}\n") == (makefile, made)


@pytest.mark.parametrize(
    ("makefile", "command", "expected"),
    [
        (f"U = x\nexport DATABASE_URL := $(U)\n{PUSH}", f"make push U={LOCAL}", HERE),
        (f"U = {LOCAL}\nexport DATABASE_URL := $(U)\nU = x\n{PUSH}", "make push U=$PRODUCTION", ()),
        (f"MAKEFLAGS += -e\n{EXPORT}{PUSH}", f"make push DATABASE_URL={LOCAL}", HERE),
    ],
)
def test_what_make_is_told_was_so_before_the_makefile_was_read(
    makefile: str, command: str, expected: tuple[tuple[str, str], ...]
) -> None:
    assert handed(makefile, command) == expected


def test_what_make_is_told_is_exported_whatever_a_condition_exports() -> None:
    said = f"make push DATABASE_URL={LOCAL}"
    assert handed(f"export DATABASE_URL\n-include .env\n{PUSH}", said) == HERE
    assert handed(f"ifdef CI\nunexport DATABASE_URL\nelse\nexport DATABASE_URL\nendif\n{PUSH}", said) == ()


@pytest.mark.parametrize(
    ("makefile", "expected"),
    [
        (f"ifndef CI\nU = {LOCAL}\nendif\nx:\n\tDATABASE_URL=$(U) y\n", ["DATABASE_URL=$VARIABLE y"]),
        ("ifndef CI\nH = localhost\nendif\nx:\n\tU=postgres://$(H)/x y\n", ["U=postgres://$VARIABLE/x y"]),
        ("ifdef CI\nT = npx\nelse\nT = pnpm\nendif\nx:\n\t$(T) y\n", ["pnpm y"]),
        ("define P\n# first\n\t@a b\n\t-c\nendef\nx:\n\t$(P)\n", ["a b && c"]),
        ("define P\na; \\\nb\nendef\nx:\n\t$(P)\n", ["$VARIABLE"]),
        ("ifeq ($(A),a:b)\nx:\nifdef CI\n\ty\nelse\n\tz\nendif\nendif\n", ["y", "z"]),
        ("x:\n# ours\n\n\tA=1\n", ["A=1"]),
        ("  x: ; y\n", ["y"]),
    ],
)
def test_of_conditions_every_branch_counts_for_what_is_run(makefile: str, expected: list[str]) -> None:
    assert run(makefile) == expected


@pytest.mark.parametrize(
    ("makefile", "targets", "expected"),
    [
        ("a: b c\n\ta\nb: d\n\tb\nc:\n\tc\nd:\n\td\n", (), ["a", "b", "d", "c"]),
        ("a: b c\nb: ; b\nc: ; c\nd: ; d\n", ("d", "a"), ["d", "b", "c"]),
        ("a: T = 1\na: c\nb: T = 2\nb: c\nc:\n\t$(T)\n", ("b", "a"), ["2"]),
    ],
)
def test_goals_are_made_in_their_order_each_with_what_it_needs(
    makefile: str, targets: tuple[str, ...], expected: list[str]
) -> None:
    assert run(makefile, *targets) == expected


@pytest.mark.parametrize(
    ("makefile", "targets", "settings", "expected"),
    [
        ("T = a\nx:\n\t$(T)\n", ("x",), (("T", "b"),), ["b"]),
        ("T = a\nx:\n\t$(T)\n", ("x",), (("U", "b"),), ["a"]),
        ("override T = a\nx:\n\t$(T)\n", ("x",), (("T", "b"),), ["a"]),
        ("T = a\nx: T = b\nx:\n\t$(T)\ny:\n\t$(T)\n", ("x", "y"), (), ["b", "a"]),
        ("x: T = b\nx:\n\t$(T)\n", ("x",), (("T", "c"),), ["c"]),
        ("x: override T = b\nx:\n\t$(T)\n", ("x",), (("T", "c"),), ["b"]),
        ("T = a\nx: T += b\nx:\n\t$(T)\n", ("x",), (), ["a b"]),
        ("T = a\nx: T ?= b\nx:\n\t$(T)\n", ("x",), (), ["a"]),
        ("x y: T = b\nx y:\n\t$(T)\nz:\n\t$(T)\n", ("x", "y", "z"), (), ["b", "b", "$VARIABLE"]),
        ("x: T = b\nx: y\ny:\n\t$(T)\n", ("x",), (), ["b"]),
        ("x: private T = b\nx: y\n\t$(T)\ny:\n\t$(T)\n", ("x",), (), ["b", "$VARIABLE"]),
        ("x: T = b\ny: T = c\nx: y\ny:\n\t$(T)\n", ("x",), (), ["c"]),
        ("x:\n\t$(MAKE) y\n", ("x",), (("T", "a b"),), ["make 'T=a b' y"]),
        ("x: ; A=b c\n", ("x",), (), ["A=b c"]),
        ("x: T = b\ny:\n\tz\n", (), (), ["z"]),
    ],
)
def test_a_variable_is_what_the_target_and_the_command_line_make_of_it(
    makefile: str, targets: tuple[str, ...], settings: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    assert run(makefile, *targets, settings=settings) == expected


def test_a_line_is_told_once_whatever_it_is_called_with(a_repo: GitRepository) -> None:
    makefile = "push:\n\tnpx drizzle-kit push --config $(C)\n"
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({DEPLOY: workflow("make push C=drizzle.config.ts")})
    said = "`npx drizzle-kit push --config drizzle.config.ts` changes the database past the migrations, and CI runs it"
    way = f"{DEPLOY}:6: make push C=drizzle.config.ts\nMakefile:2: npx drizzle-kit push --config drizzle.config.ts"
    assert project_findings(a_repo) == [f"MC601 error Makefile:2 {said} | {way}"]


def test_what_is_expanded_at_once_is_bounded_on_the_way() -> None:
    letters = {name: f"$({other})" * 124 for name, other in ("AB", "BC", "CD")}
    many = "".join(f"{name} = {value}\n" for name, value in letters.items())
    makefile = f"{many}D = x\nexport DATABASE_URL := $(A)\nB = y\n{PUSH}"
    tracemalloc.start()
    assert handed(makefile) == ()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000
    # What is too long is no value that was cut.
    parts = f"D = postgres://localhost/{'x' * 300}\nexport DATABASE_URL := {'$(D)' * 9}\nD = y\n{PUSH}"
    assert handed(parts) == ()
    assert handed(parts.replace(":=", "=").replace("D = y\n", "")) == ()
    assert handed(parts.replace("$(D)" * 9, "$(D)")) == (("DATABASE_URL", f"postgres://localhost/{'x' * 300}"),)


@pytest.mark.parametrize(
    "part",
    [
        ("x:", " export"),
        ("", "x: T = $(T)\n"),
        ("", "x: y\nx: T = z\n\ty\n"),
        ("x: y\n", "a: export DB_URL = $(X)\n"),
        ("x: T ", " "),
        ("", "T = a\ninclude none.mk\n"),
        ("", "A{} := $(X)\nX = 1\n"),
        ("T := a\n", "A{} := $(T)\nT += a\n"),
        ("", "ifdef T\nexport T\n"),
        ("", "define T\nx\n"),
        ("define T", " "),
        ("", "x{}: T = a\nx{}: x{}1\n\t$(T)\n"),
    ],
)
def test_variables_of_targets_take_no_longer_than_their_size(part: tuple[str, str]) -> None:
    def read(size: int) -> object:
        text = part[0] + "".join(part[1].replace("{}", "1" * (number % 300)) for number in range(size))
        made = read_makefile("Makefile", f"{text}\n".encode())
        return list(made.asked(MakeCall((), settings=(("T", "b"),))))

    assert growth(read, 300) < LINEAR
