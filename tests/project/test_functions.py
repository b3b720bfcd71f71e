"""Functions of shell scripts: what stands in one that nobody calls is not run."""

import pytest

from migcheck.scripts.script import Script
from migcheck.scripts.shell.functions import NOBODY, Functions
from migcheck.scripts.shell.parsed import read_shell
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

F = "db_push() { npx drizzle-kit push; }\n"


def severities(repo: GitRepository, **scripts: str) -> list[str]:
    """How the push weighs, where CI runs bin/go.sh of these `scripts`."""
    files = {f"bin/{name}.sh": text for name, text in scripts.items()}
    repo.stage({DEPLOY: workflow("bash bin/go.sh"), "bin/lib.sh": "m", "bin/hook.sh": "m", **files})
    return [each.split()[1] for each in project_findings(repo, staged=True)]


@pytest.mark.parametrize(
    ("text", "function"),
    [("f() { m; }", "f"), ("function f { sh -c m; }", "f"), ("f() { g() { m; }; }", "g"), ("f() { n; }; m", "")],
)
def test_which_one_a_command_stands_in(text: str, function: str) -> None:
    assert {each.function for each in read_shell(text) if each.words == ("m",)} == {function}


def test_one_that_is_called_is_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    calls = (
        "db_push",
        "if m; then db_push; fi",
        "m && db_push",
        "x=$(db_push)",
        "trap db_push EXIT",
        "retry 3 db_push",
        "trap 'm; db_push' EXIT",
        "export -f db_push; xargs sh -c db_push",
        "main() { db_push; }\nmain",
        '"$@"',
        '"$1"',
        'db_"$1"',
        'eval "$1"',
        'exec "$@"',
        '"db_$1"',
        "case $1 in push) db_push ;; esac",
        "for f in db_push; do $f; done",
        "if n; then db_push; fi",
        "n; ! db_push",
        'ssh host "$(declare -f db_push); db_push"',
    )
    assert [severities(a_repo, go=F + each) for each in calls] == [["error"]] * len(calls)


def test_one_that_nobody_calls_is_not_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    others = (
        "m",
        "db_push_all",
        "echo db_push",
        "# db_push",
        "npx db_push",
        "m; . ~/.nvm/nvm.sh; . ./.env",
        "m || exit 1",
    )
    assert [severities(a_repo, go=F + each) for each in others] == [["warning"]] * len(others)
    assert severities(a_repo, go="function push {\n  npx drizzle-kit push\n}\nm") == ["warning"]
    assert severities(
        a_repo, go=f"{F.replace('npx drizzle-kit push', './bin/lib.sh')}m", lib="npx drizzle-kit push"
    ) == ["warning"]


def test_one_that_only_such_call_is_not_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    several = (
        "x() {\n  db_push\n}\nm",
        "x() {\n  y; db_push\n}\ny() {\n  if m; then x; fi\n}\nm",
        'x() {\n  "$@"\n}\nm',
    )
    assert [severities(a_repo, go=F + each) for each in several] == [["warning"]] * 3
    assert severities(a_repo, go="db_push() {\n  npx drizzle-kit push\n  db_push\n}\nm") == ["warning"]
    called = (
        "x() {\n  db_push\n}\nx",
        "x() {\n  y\n}\ny() {\n  db_push\n}\nm && x",
        'x() {\n  "$@"\n}\nx m',
        "x() {\n  m\n}; db_push",
        "x() { m; }; [[ db_push ]] && db_push",
        "x() {\n  db_push\n}\ny() {\n  m\n}\n$(cat y)",
        "cat > y.sh <<E\ndb_push\nE\nbash y.sh",
    )
    assert [severities(a_repo, go=F + each) for each in called] == [["error"]] * len(called)
    lib = "x() {\n  db_push\n}\n"
    assert severities(a_repo, lib=F, hook=lib, go=". ./bin/lib.sh; . ./bin/hook.sh; m")[0] == "warning"
    assert severities(a_repo, lib=F, hook=lib, go=". ./bin/lib.sh; . ./bin/hook.sh; x")[0] == "error"


def test_what_takes_it_in_may_call_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    for take in (". ./bin/lib.sh", 'source "$HERE/lib.sh"', 'for f in bin/*; do . "$f"; done'):
        assert severities(a_repo, lib=F, go=f"{take}\nm")[0] == "warning"
        reached = "warning" if "$f" in take else "error"
        assert severities(a_repo, lib=F, go=f"{take}\ndb_push")[0] == reached
        assert severities(a_repo, lib="before; m", go=f"before() {{ npx drizzle-kit push; }}\n{take}")[0] == "error"
    assert severities(a_repo, lib=f". ./bin/hook.sh\n{F}", hook="db_push", go=". ./bin/lib.sh")[0] == "error"
    a_repo.stage({DEPLOY: workflow(". ./bin/lib.sh && db_push"), "bin/lib.sh": F, "bin/go.sh": None})
    assert [each.split()[1] for each in project_findings(a_repo, staged=True)] == ["error"]


def test_many_take_no_longer_than_their_size() -> None:
    def asked(size: int) -> None:
        text = "".join(f"f{number}() {{ m; }}\n" for number in range(size))
        script = Script("a.sh", "", 1, text, ".")
        functions = Functions((script,))
        assert {functions.needs(each, script) for each in script.commands} == {NOBODY}

    assert growth(asked, 500) < LINEAR


def test_many_that_call_one_another_take_no_longer_than_their_size() -> None:
    def asked(size: int) -> None:
        text = "".join(f"f{number}() {{\n  f{number + 1}; m\n}}\n" for number in range(size))
        script = Script("a.sh", "", 1, f"case $1 in a) f0 ;; b) f1 ;; esac\n{text}", ".")
        functions = Functions((script,))
        assert {len(functions.needs(each, script) or ()) for each in script.commands if each.function} == {1, 2}

    assert growth(asked, 100) < LINEAR


def test_a_finding_says_so(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("bash bin/go.sh"), "bin/go.sh": f"{F}m"})
    (found,) = project_findings(a_repo)
    said = "`npx drizzle-kit push` changes the database past the migrations, when somebody runs it"
    assert found.startswith(f"MC601 warning bin/go.sh:1 {said}")
