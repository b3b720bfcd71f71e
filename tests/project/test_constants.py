"""A variable that a script sets once, to words that it then runs."""

import pytest

from migcheck.scripts.shell.parsed import read_shell
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

KIT = 'KIT="npx drizzle-kit"\n'
RUN = ("npx", "drizzle-kit", "push")


def run(text: str) -> tuple[str, ...]:
    """The words of the last command."""
    return read_shell(text)[-1].words


@pytest.mark.parametrize(
    "text",
    [
        f"{KIT}$KIT push",
        f"{KIT}${{KIT}} push",
        "KIT='npx drizzle-kit'; $KIT push",
        "export KIT='npx drizzle-kit'; $KIT push",
        "readonly KIT='npx drizzle-kit'; $KIT push",
        "A=1\nKIT='npx drizzle-kit' B=2\nif true; then (cd db && A=2 $KIT push); fi",
        "KIT=npx\n$KIT drizzle-kit push",
        f"{KIT}n; f() {{ $KIT push; }}",
        f"{KIT}sh -c 'KIT=m'; $KIT push",
        f"{KIT}OTHER=$KIT; $KIT push",
        "KIT=${KIT:-npx drizzle-kit}\n$KIT push",
        'KIT="${KIT:-npx drizzle-kit}"\nif n; then $KIT push; fi',
        "export KIT=${DRIZZLE_KIT:-npx drizzle-kit}; $KIT push",
        "KIT=${KIT-npx drizzle-kit}; $KIT push",
        'KIT=(npx drizzle-kit)\n"${KIT[@]}" push',
    ],
)
def test_its_words_are_run(text: str) -> None:
    assert run(text) == RUN


@pytest.mark.parametrize(
    "text",
    [
        "$KIT push",
        f"{KIT}KIT=m\n$KIT push",
        f"{KIT}KIT+=' --help'\n$KIT push",
        f"{KIT}if n; then KIT=m; fi; $KIT push",
        f"{KIT}for KIT in a b; do $KIT push; done",
        f"{KIT}f() {{ local KIT=m; $KIT push; }}",
        f"{KIT}KIT=m $KIT push",
        f"{KIT}read KIT; $KIT push",
        f"{KIT}read -r A KIT; $KIT push",
        f"{KIT}unset KIT; $KIT push",
        f"{KIT}. ./env.sh; $KIT push",
        f"{KIT}source env.sh && $KIT push",
        f'{KIT}eval "$1"; $KIT push',
        f"{KIT}printf -v KIT m; $KIT push",
        f"{KIT}IFS=,; $KIT push",
        f"if n; then {KIT}fi; $KIT push",
        f"n && {KIT}$KIT push",
        f"({KIT}); $KIT push",
        f"f() {{ {KIT}}}; $KIT push",
        f"$KIT push\n{KIT}",
        f'{KIT}"$KIT" push',
        f"{KIT}$KITS push",
        f"{KIT}$KIT-x push",
        f"{KIT}${{KIT:-m}} push",
        f"#!/bin/zsh\n{KIT}$KIT push",
        'KIT="npx $TOOL"\n$KIT push',
        "KIT=$(which npx)\n$KIT push",
        "KIT=m\nKIT=${KIT:-npx drizzle-kit}\n$KIT push",
        "OTHER=m\nKIT=${OTHER:-npx drizzle-kit}\n$KIT push",
        ". ./env.sh; KIT=${KIT:-npx drizzle-kit}\n$KIT push",
        "KIT=${KIT:-$OTHER drizzle-kit}\n$KIT push",
        "KIT=${KIT:+npx drizzle-kit}\n$KIT push",
        'KIT=(npx drizzle-kit)\nKIT[1]=m\n"${KIT[@]}" push',
        'KIT=(npx drizzle-kit)\nKIT+=(m)\n"${KIT[@]}" push',
        'KIT=(npx $OTHER)\n"${KIT[@]}" push',
        "KIT='npx drizzle-*'\n$KIT push",
        "KIT=(npx drizzle-kit)\n$KIT push",
        "KIT=\n$KIT push",
    ],
)
def test_what_is_not_certain_is_left_as_it_is_written(text: str) -> None:
    assert RUN not in [each.words for each in read_shell(text)]


@pytest.mark.parametrize(
    "text",
    [
        "${KIT:-npx drizzle-kit} push",
        "${KIT-npx drizzle-kit} push",
        "${KIT:=npx drizzle-kit} push",
        '"${RUN:-npx}" drizzle-kit push',
        "OTHER=x; if m; then ${KIT:-npx drizzle-kit} push; fi",
        ": ${KIT:=npx drizzle-kit}\n$KIT push",
        ': "${KIT:=npx drizzle-kit}" "${OTHER:=m}"; f() { ${KIT} push; }',
    ],
)
def test_a_default_is_run_where_the_script_sets_nothing_else(text: str) -> None:
    assert run(text) == RUN


@pytest.mark.parametrize(
    "text",
    [
        "KIT=m\n${KIT:-npx drizzle-kit} push",
        "if n; then KIT=m; fi; ${KIT:-npx drizzle-kit} push",
        ". ./env.sh; ${KIT:-npx drizzle-kit} push",
        "read KIT; ${KIT:-npx drizzle-kit} push",
        "for KIT in a b; do ${KIT:-npx drizzle-kit} push; done",
        '"${KIT:-npx drizzle-kit}" push',
        "${KIT:+npx drizzle-kit} push",
        "${KIT:?npx drizzle-kit} push",
        "${KIT:-$OTHER drizzle-kit} push",
        "#!/bin/zsh\n${KIT:-npx drizzle-kit} push",
        ": ${KIT:-npx drizzle-kit}\n$KIT push",
        ": ${KIT:=npx drizzle-kit}\nKIT=m\n$KIT push",
        ": ${KIT:=npx drizzle-kit}\n. ./env.sh\n$KIT push",
        "n && : ${KIT:=npx drizzle-kit}\n$KIT push",
    ],
)
def test_a_default_that_is_not_certain_is_left_as_it_is_written(text: str) -> None:
    assert RUN not in [each.words for each in read_shell(text)]


def test_an_argument_is_left_as_it_is_written() -> None:
    assert run("URL=postgres://u:p@h/x\npsql $URL") == ("psql", "$URL")
    assert run("psql ${URL:-postgres://u:p@h/x}") == ("psql", "${URL:-postgres://u:p@h/x}")


def test_a_push_behind_a_variable_is_cis(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow(f"{KIT}$KIT generate")})
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: workflow(f"{KIT}$KIT push --force")})
    assert [each.split(" changes")[0] for each in project_findings(a_repo)] == [
        f"MC601 error {DEPLOY}:6 `npx drizzle-kit push --force`"
    ]


def test_a_script_that_sets_many_takes_no_longer_than_its_size() -> None:
    assert growth(lambda size: read_shell("".join(f"A{n}='m n'\n$A{n}\n" for n in range(size))), 300) < LINEAR
    places = "H=${0%%/*}\n%s"
    assert (
        growth(lambda size: read_shell(places % "".join(f"P{n}=$H/a\nm $P{n}/x\n" for n in range(size))), 100) < LINEAR
    )
