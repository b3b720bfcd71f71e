"""Items of a `case` on the first argument of a script: reached where somebody who is reached chooses them."""

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.scripts import Scripts
from migcheck.scripts.shell.parsed import read_shell
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

ARMS = """case "$1" in
  migrate | m*) npx drizzle-kit generate ;;
  'push'|sync) npx drizzle-kit push ;;
  *) echo usage ;;
esac
"""


def severities(repo: GitRepository, call: str, script: str = ARMS, **scripts: str) -> list[str]:
    """How the push weighs, where CI runs `call` and bin/db.sh is `script`."""
    repo.stage({DEPLOY: workflow(call), "bin/db.sh": script, "package.json": package(**scripts)})
    return [each.split()[1] for each in project_findings(repo, staged=True)]


@pytest.mark.parametrize(
    ("text", "own", "before"),
    [
        ('case "$1" in a) n ;; b|"c d"x) m ;; esac', None, None),
        ('case "$1" in a) n ;; b|"c") m ;; esac', ("b", "c"), ("a",)),
        ("case ${1:-x} in (m) sh -c m ;; esac", ("m",), ()),
        ('A="${1:-}"\ncase "$A" in m) if n; then m; fi ;; esac', ("m",), ()),
        ('set -eu; case $1 in m) case "$2" in a) m ;; esac ;; esac', ("m",), ()),
        ("set -euo pipefail; case $1 in m) m ;; esac", ("m",), ()),
        ("set -e -o pipefail +o posix -x; case $1 in m) m ;; esac", ("m",), ()),
        ("set -o errexit\nset -o pipefail\ncase $1 in m) m ;; esac", ("m",), ()),
        ("set -o errexit a; case $1 in m) m ;; esac", None, None),
        ("set -euo pipefail -- a; case $1 in m) m ;; esac", None, None),
        ("set -eo; set a; case $1 in m) m ;; esac", None, None),
        ("set -- $X; case $1 in m) m ;; esac", None, None),
        ("case $2 in m) m ;; esac", None, None),
        ("shift; case $1 in m) m ;; esac", None, None),
        ("set -- a; case $1 in m) m ;; esac", None, None),
        ('eval set -- "$X"; case $1 in m) m ;; esac', None, None),
        ("while n; do case $1 in m) m ;; esac; done", None, None),
        ("f() { case $1 in m) m ;; esac; }", None, None),
        ("A=${1:-x}\ncase $A in m) m ;; esac", ("m",), ()),
        ("A=$1\nA=b\ncase $A in m) m ;; esac", None, None),
        ("case $1 in a) n ;& m) m ;; esac", None, None),
        ("case $1 in $X) n ;; m) m ;; esac", None, None),
        ("sh -c 'case $1 in m) m ;; esac' x m", None, None),
        ("case $1 in a) n ;; esac; m", None, None),
        (f"case $1 in {'a|' * 100}m) m ;; esac", None, None),
    ],
)
def test_what_leads_to_a_command(text: str, own: tuple[str, ...] | None, before: tuple[str, ...] | None) -> None:
    (arm,) = {each.arm for each in read_shell(text) if each.words == ("m",)}
    assert (arm.own if arm else None, arm.before if arm else None) == (own, before)


def test_the_one_that_is_chosen_is_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for call in (
        "./bin/db.sh push",
        "bash -e bin/db.sh sync now",
        './bin/db.sh "$1"',
        "./bin/db.sh ${{ inputs.what }}",
        "./bin/db.sh",
        "cd bin && ./db.sh push",
        "sh -c './bin/db.sh push'",
        "npm run db",
        ". ./bin/db.sh",
    ):
        assert severities(a_repo, call, db="./bin/db.sh") == ["error"], call
    assert severities(a_repo, "npm run db -- push", db="./bin/db.sh") == ["error"]
    assert severities(a_repo, "npm run db", db="./bin/db.sh push") == ["error"]
    assert severities(a_repo, "./bin/db.sh migrate; ./bin/db.sh push") == ["error"]
    assert severities(a_repo, "./bin/db.sh migrate", f"{ARMS}npx drizzle-kit push") == ["warning", "error"]


def test_one_that_only_a_person_chooses_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for call in ("./bin/db.sh migrate", "bash bin/db.sh mpush", "./bin/db.sh else", "npm run migrate"):
        assert severities(a_repo, call, migrate="./bin/db.sh migrate", db__push="./bin/db.sh push") == ["warning"], call


def test_what_an_item_comes_to_is_chosen_with_it(a_repo: GitRepository) -> None:
    a_project(a_repo, {"bin/x.sh": "npx drizzle-kit push\n"})
    f = "do_push() {\n  npx drizzle-kit push\n}\n"
    for script in (
        'case "$1" in\n  push) bash bin/x.sh ;;\n  migrate) m ;;\nesac\n',
        f'{f}case "$1" in\n  push) do_push ;;\n  migrate) m ;;\nesac\n',
        f'{f}x() {{\n  do_push\n}}\ncase "$1" in\n  push)\n    x\n    ;;\n  migrate) m ;;\nesac\n',
        f'{f.replace("do_push", "push")}case "$1" in\n  push)\n    push\n    ;;\n  migrate) m ;;\nesac\n',
        '. ./bin/lib.sh\ncase "$1" in\n  push) do_push ;;\n  migrate) m ;;\nesac\n',
        'case "$1" in\n  push) bash bin/db.sh again ;;\n  again) npx drizzle-kit push ;;\n  migrate) m ;;\nesac\n',
    ):
        a_repo.stage({"bin/lib.sh": f if "lib" in script else "m", "bin/x.sh": "npx drizzle-kit push\n"})
        ways = "./bin/db.sh push", "./bin/db.sh migrate"
        told = [severities(a_repo, each, script) for each in ways]
        assert [each[-1] for each in told] in (["error", "warning"], ["warning", "warning"]), script
        assert ("error" in told[0], "error" in told[1]) == (True, False), script


def test_what_another_script_needs_is_chosen_by_who_is_come_to(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.write({"bin/lib.sh": "db_push() { npx drizzle-kit push; }\nagain() { . bin/db.sh; }\n"})
    script = '. bin/lib.sh\ncase "$1" in\n  push) db_push; again ;;\n  migrate) m ;;\nesac\n'
    assert severities(a_repo, "bash bin/db.sh migrate", script, push="bash bin/db.sh push") == ["warning"]
    assert severities(a_repo, "bash bin/db.sh migrate; npm run push", script, push="bash bin/db.sh push") == ["error"]


def test_a_script_may_call_itself(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for call in ('"$0" push', 'bash "$0" push', 'exec "${BASH_SOURCE[0]}" push', '"$0" "$2"', '"$0" "$@"', "./$1 push"):
        again = ARMS.replace("npx drizzle-kit generate", call)
        expected = "warning" if call.startswith("./") else "error"
        assert severities(a_repo, "./bin/db.sh migrate", again) == [expected], call
    again = ARMS.replace("npx drizzle-kit generate", '"$0" else')
    assert severities(a_repo, "cd bin && ./db.sh migrate", again) == ["warning"]


def test_a_default_is_chosen_where_there_is_no_argument(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for default, call, reached in (
        ("migrate", "./bin/db.sh", "warning"),
        ("migrate", "bash -e bin/db.sh", "warning"),
        ("push", "./bin/db.sh", "error"),
        ("push", "./bin/db.sh migrate", "warning"),
        ("", "./bin/db.sh", "warning"),
        ("migrate", "npm run db", "error"),
        ("migrate", ". ./bin/db.sh", "error"),
        ("migrate", "echo push | xargs bash bin/db.sh", "error"),
        ("migrate", './bin/db.sh ""', "error"),
    ):
        script = ARMS.replace("$1", f"${{1:-{default}}}")
        assert severities(a_repo, call, script, db="./bin/db.sh") == [reached], (default, call)


def test_what_drizzle_kit_is_asked_for_may_be_a_default(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for script, call, reached in (
        ('npx drizzle-kit "${1:-push}"', "bash bin/db.sh", ["error"]),
        ("npx drizzle-kit ${1:-push} --force", "bash bin/db.sh push", ["error"]),
        ("CMD=${1:-push}\nnpx drizzle-kit $CMD", "bash bin/db.sh", ["error"]),
        ("npx drizzle-kit ${1:-push}", 'bash bin/db.sh "$1"', ["error"]),
        ("npx drizzle-kit ${1:-push}", "bash bin/db.sh generate", ["warning"]),
        ("npx drizzle-kit ${1:-generate}", "bash bin/db.sh", []),
        ("shift; npx drizzle-kit ${1:-push}", "bash bin/db.sh", []),
        ("f() { npx drizzle-kit ${1:-push}; }\nf migrate", "bash bin/db.sh", []),
        ("CMD=${1:-push}\nCMD=check\nnpx drizzle-kit $CMD", "bash bin/db.sh", []),
    ):
        assert severities(a_repo, call, script) == reached, (script, call)


def test_many_that_are_called_take_no_longer_than_their_size() -> None:
    def reached(size: int) -> None:
        items = "".join(f"  a{number}) npx drizzle-kit push ;;\n" for number in range(90))
        calls = workflow(*(f"bash d.sh b{number}" for number in range(size)))
        found = Scripts({DEPLOY: calls.encode(), "d.sh": f'case "$1" in\n{items}esac\n'.encode()}, "drizzle")
        assert all((found.reach(each) is None) is (size <= 100) for each in found.runs if isinstance(each.call, Push))
        assert sum(len(found.ways(each)) for each in found.runs if isinstance(each.call, Push)) == 90 * (size > 100)

    assert growth(reached, 100) < LINEAR


def test_the_way_is_that_of_who_chooses(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("./bin/db.sh migrate", "./bin/db.sh push"), "bin/db.sh": ARMS})
    (found,) = project_findings(a_repo)
    assert found.startswith("MC601 error bin/db.sh:3 ")
    assert f"{DEPLOY}:7: ./bin/db.sh push" in found
