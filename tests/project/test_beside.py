"""What a shell script names from where it lies, and what it takes in."""

import pytest

from migcheck.scripts.named_scripts import given_to_shells
from migcheck.scripts.shell.beside import beside
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

PUSHES = "npx drizzle-kit push\n"


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ('$(dirname "$0")', "."),
        ('$(dirname "$0")/lib', "lib"),
        ("$(dirname -- $0)/../lib.sh", "../lib.sh"),
        ("`dirname $0`/a/b", "a/b"),
        ("${0%/*}/lib", "lib"),
        ("${BASH_SOURCE[0]%/*}/lib", "lib"),
        ('$(dirname "${BASH_SOURCE[0]:-$0}")/lib', "lib"),
        ('$(dirname "$(readlink -f "$0")")/lib', "lib"),
        ('$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)', "."),
        ('$(cd -- "$(dirname "$BASH_SOURCE")/.." >/dev/null 2>&1 ; pwd -P)/x', "../x"),
        ("$HERE/lib", "bin/lib"),
        ("${HERE}/lib", "bin/lib"),
        ('$(cd "$HERE/.." && pwd)/lib', "lib"),
        ("$OTHER/lib", None),
        ("$HERES/lib", None),
        ("$HERE-x/lib", None),
        ("$(dirname $1)/lib", None),
        ("$(pwd)/lib", None),
        ("./lib", None),
        ("$HERE/$X", None),
    ],
)
def test_where_a_word_leads(word: str, path: str | None) -> None:
    assert beside(word, {"HERE": "bin"}) == path


@pytest.mark.parametrize(
    "text",
    [
        ". ./bin/lib",
        "source bin/lib",
        '. "$(dirname "$0")/lib"',
        "source `dirname $0`/lib",
        ". ${0%/*}/lib || exit 1",
        'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\n. "$HERE/lib"',
        'readonly HERE=$(dirname "$0")\nROOT="$HERE/.."\n. "$ROOT"/bin/lib',
        'cd /srv && . "$(dirname "$0")/lib"',
        "f() { . ./bin/lib; }\nf",
    ],
)
@pytest.mark.parametrize("lib", [PUSHES, f"#!/bin/sh\n{PUSHES}"])
def test_what_it_takes_in_is_read(a_repo: GitRepository, text: str, lib: str) -> None:
    a_project(a_repo)
    a_repo.stage({DEPLOY: workflow("bash bin/go.sh"), "bin/go.sh": text, "bin/lib": lib, "lib": "m"})
    line = 1 + lib.startswith("#!")
    assert [each.split()[:3] for each in project_findings(a_repo, staged=True)] == [
        ["MC601", "error", f"bin/lib:{line}"]
    ]


@pytest.mark.parametrize(
    "text", ['"$(dirname "$0")/go"', '"$(dirname "$0")"/go.sh', "bash ${0%/*}/go", 'H=${0%/*}; exec sh "$H/go.sh" x']
)
def test_what_it_runs_is_read(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo)
    name = "bin/go.sh" if ".sh" in text else "bin/go"
    idle = {f"old/{name}": "#!/bin/sh\nm\n", "go": "#!/bin/sh\nm\n"}
    a_repo.stage({DEPLOY: workflow("./bin/a.sh"), "bin/a.sh": text, name: f"#!/bin/sh\n{PUSHES}", **idle})
    assert [each.split()[:3] for each in project_findings(a_repo, staged=True)] == [["MC601", "error", f"{name}:2"]]


@pytest.mark.parametrize(
    "text",
    [
        "H=${0%/*}; H=x; . $H/lib",
        'if m; then H=${0%/*}; fi; . "$H/lib"',
        '. "$OTHER/lib"',
        'echo . "./bin/lib"',
        "cat ./bin/lib",
        "docker cp $X/. ./bin/lib",
    ],
)
def test_what_is_not_certain_or_only_named_is_not(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo)
    a_repo.stage({DEPLOY: workflow("bash bin/go.sh"), "bin/go.sh": text, "bin/lib": f"#!/bin/sh\n{PUSHES}"})
    assert [each.split()[:2] for each in project_findings(a_repo, staged=True)] == [["MC601", "warning"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (". ./lib", {"lib"}),
        ("x\n\tsource 'a/b-c' && m", {"b-c"}),
        ("(. $HERE/lib)", {"lib"}),
        ('. "${HERE}"/lib', {"lib"}),
        ('. "$(cd "$(dirname "$0")" && pwd)/lib"', {"lib"}),
        ("'. ./lib'", {"lib"}),
        ("See x. ./docs/HOW", set()),
        ("source ./lib.sh", set()),
        ("resource ./lib", set()),
        (". ./a/", set()),
        ("source lib", set()),
    ],
)
def test_what_texts_take_in(text: str, names: set[str]) -> None:
    assert given_to_shells([text.encode()]) == frozenset(names)


@pytest.mark.parametrize("text", [". ", ". $(", "source ", ". a/", ". ${", ' . "$(a)'])
def test_the_time_it_takes_grows_with_the_text(text: str) -> None:
    assert growth(lambda size: given_to_shells([text.encode() * size]), 2_000) < LINEAR
