"""Makefiles: what they include, and how make goes on after a failure."""

import pytest

from migcheck.scripts.scripts import Scripts
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.makefile import Parts, read_makefile
from tests.support.projects import CONFIG, DEPLOY, a_project, package, placed, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

COMMON = "push:\n\tdrizzle-kit push\n"
MIGRATE = "deploy:\n\tdrizzle-kit migrate\n\tx\n"


def test_what_is_included_is_run_where_make_runs(a_repo: GitRepository) -> None:
    a_project(a_repo, {"db/drizzle.config.ts": CONFIG.replace("./", "../")})
    a_repo.write({"db/Makefile": "include ../make/common.mk\n", "make/common.mk": COMMON})
    a_repo.commit({"drizzle.config.ts": None, DEPLOY: workflow("make -C db push")})
    said = f"`drizzle-kit push` changes the database past the migrations, and CI runs it, from {DEPLOY}:6"
    way = f"{DEPLOY}:6: make -C db push\nmake/common.mk:2: drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error make/common.mk:2 {said} | {way}"]
    a_repo.commit({"db/Makefile": "# include ../make/common.mk\n"})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    "line",
    [
        "include make/db.mk",
        "-include none.mk make/db.mk # both",
        "sinclude make/db.mk",
        " include  make/db.mk",
        "include none.mk \\\n  make/db.mk",
        "include make/*.mk",
        "D = make\ninclude $(D)/db.mk",
        "include make/more.mk",
    ],
)
def test_every_way_to_include_is_followed(line: str) -> None:
    parts = {"make/db.mk": COMMON.encode(), "make/more.mk": b"include make/db.mk make/more.mk\n"}
    made = read_makefile("Makefile", f"{line}\n".encode(), Parts(parts))
    assert [(each.path, *placed(each)) for each in made.asked(MakeCall(("push",)))] == [
        ("make/db.mk", (2, "drizzle-kit push"))
    ]


@pytest.mark.parametrize("line", ["\tinclude db.mk", "include:\n", "include *x.mk", "include *.mk/x", "include ../x"])
def test_what_includes_nothing_of_the_repository_is_passed_over(line: str) -> None:
    made = read_makefile("Makefile", f"{line}\n".encode(), Parts({"db.mk": COMMON.encode(), "a/x.mk": COMMON.encode()}))
    assert "push" not in made.targets


def test_what_two_makefiles_include_is_run_in_both_places() -> None:
    files = {"a/Makefile": b"include ../x.mk", "b/Makefile": b"include ../x.mk", "x.mk": COMMON.encode()}
    runs = Scripts(files).runs
    assert [each.directory for each in runs] == ["a", "b"]
    assert len({each.script.key for each in runs}) == len(runs)


def test_what_is_included_over_and_over_comes_to_an_end() -> None:
    parts = {f"{each}.mk": f"include *.mk\nt{each}: {'x ' * 1_000}".encode() for each in range(500)}
    made = read_makefile("Makefile", b"include 0.mk\n", Parts(parts))
    assert 1 < len(made.targets) <= len(parts) / 5
    assert read_makefile("Makefile", b"include 0.mk\n", Parts(parts, left=10)).targets == {}


def test_to_look_for_a_pattern_uses_up_what_all_may_include() -> None:
    parts = Parts({"a.mk": b"", "b.mk": b""}, left=3)
    assert (list(parts.named("none.mk")), parts.left) == ([], 3)
    assert (list(parts.named("x*.mk")), parts.left) == ([], 1)
    assert (list(parts.named("*.mk")), list(parts.named("*.mk"))) == (["a.mk", "b.mk"], [])


def test_a_variable_that_is_made_to_hurt_is_not_filled_in() -> None:
    made = read_makefile("Makefile", b"X = " + b"x" * 100_000 + b"\na:\n\t" + b"$(X)" * 100_000)
    (script,) = made.asked(MakeCall(("a",)))
    assert len(script.text) < 10_000_000


@pytest.mark.parametrize(
    ("makefile", "command", "why"),
    [
        (f".IGNORE:\n{MIGRATE}", "make deploy", "make looks past every failure, as `.IGNORE` says"),
        (f"{MIGRATE}.IGNORE: x deploy\n", "make deploy", "make looks past every failure, as `.IGNORE` says"),
        (MIGRATE, "make -i deploy", "make looks past every failure, as `-i` says"),
        (MIGRATE, "make -ki", "make looks past every failure, as `-i` says"),
        (MIGRATE, "make deploy --ignore-errors", "make looks past every failure, as `-i` says"),
        (f".ONESHELL:\n{MIGRATE}", "make deploy", "there is no `set -e`"),
    ],
)
def test_every_way_in_which_make_goes_on_is_told(a_repo: GitRepository, makefile: str, command: str, why: str) -> None:
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({"package.json": package(build=command)})
    (finding,) = found(a_repo, "MC602")
    assert finding.startswith("error ")
    assert f"the build goes on: {why}" in finding


@pytest.mark.parametrize(
    ("makefile", "command"),
    [
        (f"{MIGRATE}.IGNORE: x\n", "make deploy"),
        (f"{MIGRATE}x: .IGNORE\n", "make deploy"),
        (MIGRATE, "make -k deploy"),
        (MIGRATE, "make -fci deploy"),
        (f".ONESHELL:\n.SHELLFLAGS = -ec\n{MIGRATE}", "make deploy"),
        (f".ONESHELL:\nSHELL = /bin/bash -e\n{MIGRATE}", "make deploy"),
        (f".POSIX:\n.ONESHELL:\n{MIGRATE}", "make deploy"),
        (f".SHELLFLAGS := -eu -o pipefail -c\n{MIGRATE.replace('migrate', 'migrate | tee log')}", "make deploy"),
        (f".SHELLFLAGS := -ec\n{MIGRATE.replace('migrate', 'migrate; x')}", "make deploy"),
    ],
)
def test_make_that_ends_at_a_failure_is_no_finding(a_repo: GitRepository, makefile: str, command: str) -> None:
    a_project(a_repo, {"Makefile": makefile})
    a_repo.commit({DEPLOY: workflow(command)})
    assert found(a_repo, "MC602") == []


def test_what_make_went_on_after_before_is_not_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": MIGRATE, DEPLOY: workflow("make deploy || true")})
    a_repo.commit({DEPLOY: workflow("make -i deploy")})
    assert [each.partition(" ")[0] for each in found(a_repo, "MC602")] == ["warning"]


def test_one_shell_has_the_lines_of_its_recipe_and_only_the_first_tells_it_to_go_on() -> None:
    text = b".ONESHELL:\na:\n\t@cd db\n# between\n\t-x \\\n\t  y\n\tz\nb:\n\t-x\n\ty\n"
    a, b = read_makefile("Makefile", text).lines
    assert placed(a) == [(3, "cd db"), (5, "x y"), (7, "z")]
    assert [each.directory for each in a.commands] == [".", "db", "db"]
    assert [each.goes_on for each in (a, b)] == ["", "a `-` before it"]


def test_a_variable_is_filled_in_when_its_recipe_is_run() -> None:
    assert placed(*read_makefile("Makefile", b"a:\n\t$(X) push\nX = drizzle-kit\n").lines) == [(2, "drizzle-kit push")]


@pytest.mark.parametrize(
    ("told", "run"),
    [
        ("T = drizzle-kit\nT ?= other", "drizzle-kit push"),
        ("T ?= drizzle-kit", "drizzle-kit push"),
        ("T = npx\nT += drizzle-kit", "npx drizzle-kit push"),
        ("T += drizzle-kit", "drizzle-kit push"),
        ("T = npx\nT := drizzle-kit", "drizzle-kit push"),
        ("export T = drizzle-kit", "drizzle-kit push"),
        ("override export T = drizzle-kit", "drizzle-kit push"),
        ("T != which drizzle-kit", "$VARIABLE push"),
    ],
)
def test_a_variable_is_what_make_makes_of_it(told: str, run: str) -> None:
    makefile = read_makefile("Makefile", f"{told}\npush:\n\t$(T) push\n".encode())
    assert [each.text for each in makefile.asked(MakeCall(()))] == [run]


def test_a_recipe_may_begin_on_the_line_of_its_rule() -> None:
    makefile = read_makefile("Makefile", b"build: ; @first\n\tsecond\nother: build # no recipe; of its own\n")
    assert [(each.line, each.text) for each in makefile.asked(MakeCall(()))] == [(1, "first"), (2, "second")]
    assert [each.text for each in makefile.asked(MakeCall(("other",)))] == ["first", "second"]


@pytest.mark.parametrize(
    "command",
    [
        "make -f rules push",
        "make --file=rules push",
        "make -C $X push",
        "make -C .. push",
        "make x",
        "cd a && make push",
    ],
)
def test_no_other_makefile_is_taken(a_repo: GitRepository, command: str) -> None:
    a_project(a_repo, {"rules": COMMON, "Makefile": COMMON})
    a_repo.commit({DEPLOY: workflow(command)})
    assert [each for each in project_findings(a_repo) if "CI runs" in each] == []


@pytest.mark.parametrize("line", ["$(error no drizzle-kit push here)", "$(info npx drizzle-kit push)"])
def test_what_make_only_says_runs_nothing(a_repo: GitRepository, line: str) -> None:
    a_project(a_repo)
    a_repo.commit({"Makefile": f"db-push:\n\t{line}\n", DEPLOY: workflow("make db-push")})
    assert project_findings(a_repo) == []


@pytest.mark.parametrize(
    ("command", "weight"),
    [
        ("make push DATABASE_URL=postgres://localhost/x", "warning"),
        ("make DATABASE_URL=postgres://localhost/x -C . push", "warning"),
        ("make push DATABASE_URL=postgres://db.example.org/x", "error"),
        ("make push STAGE=postgres://localhost/x", "error"),
    ],
)
def test_what_make_is_told_of_a_database_its_programs_find(a_repo: GitRepository, command: str, weight: str) -> None:
    a_project(a_repo)
    a_repo.commit({"Makefile": "push:\n\tnpx drizzle-kit push\n", DEPLOY: workflow(command)})
    assert [each.split()[1] for each in project_findings(a_repo)] == [weight]
