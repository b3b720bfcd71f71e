"""What a shell script holds in a function, or chooses by a `case`: run where that is sure."""

import pytest

from migcheck.scripts.shell.parsed import read_shell
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

F = "db_push() { npx drizzle-kit push; }\n"


def severities(repo: GitRepository, **scripts: str) -> list[str]:
    """How the push weighs, where CI runs bin/go.sh of these `scripts`."""
    files = {f"bin/{name}.sh": text for name, text in scripts.items()}
    repo.stage({DEPLOY: workflow("bash bin/go.sh push"), "bin/lib.sh": "m", **files})
    return [each.split()[1] for each in project_findings(repo, staged=True)]


@pytest.mark.parametrize(
    ("text", "function"),
    [("f() { m; }", "f"), ("function f { sh -c m; }", "f"), ("f() { g() { m; }; }", "g"), ("f() { n; }; m", "")],
)
def test_which_one_a_command_stands_in(text: str, function: str) -> None:
    assert {each.function for each in read_shell(text) if each.words == ("m",)} == {function}


def test_one_that_its_script_calls_is_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    calls = (
        "db_push",
        "if m; then db_push; fi",
        "m && db_push",
        "x=$(db_push)",
        "n; ! db_push",
        'main() { db_push; }\nmain "$@"',
        "x() {\n  y\n}\ny() {\n  db_push\n}\nm && x",
    )
    assert [severities(a_repo, go=F + each) for each in calls] == [["error"]] * len(calls)


def test_one_that_it_may_not_call_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    others = (
        "m",
        "echo db_push",
        "npx db_push",
        '"$@"',
        'db_"$1"',
        "trap db_push EXIT",
        "x() {\n  db_push\n}\nm",
        "x() {\n  y; db_push\n}\ny() {\n  if m; then x; fi\n}\nm",
    )
    assert [severities(a_repo, go=F + each) for each in others] == [["warning"]] * len(others)
    assert severities(a_repo, go="db_push() {\n  npx drizzle-kit push\n  db_push\n}\nm") == ["warning"]
    assert severities(a_repo, lib=F, go=". ./bin/lib.sh\ndb_push") == ["warning"]


def test_functions_that_exit_cost_in_proportion_to_their_number() -> None:
    assert growth(lambda size: read_shell("".join(f"f{n}() {{ exit; }}\n" for n in range(size))), 300) < LINEAR
    assert growth(lambda size: read_shell('[ "$CI" ] && exit\n' * size), 300) < LINEAR


def test_what_a_look_at_ci_decides_on_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    push = "npx drizzle-kit push"
    unsure = (
        f'if [ -n "$CI" ]; then\n  m\nelse\n  {push}\nfi',
        f'if test -z "${{CI:-}}"; then\n  {push}\nfi',
        f'[ "$GITHUB_ACTIONS" = true ] || {push}',
        f'if [[ "${{CI:-false}}" == true ]]; then m; else {push}; fi',
        f"if [[ $CI != true ]]; then {push}; fi",
        f'[ -n "$CI" ] && exit 0\n{push}',
        f'if [ "$CI" ]; then exit 0; fi\n{push}',
        f'if [ "${{CI:-false}}" = true ]; then exit 0; fi\n{push}',
        f'[ -n "$CI" ] && echo "skipped in $PWD" || {push}',
        f"$CI || {push}",
        # Twice not is so.
        f'if [ ! -z "$CI" ]; then exit 0; fi\n{push}',
        f'[ "$CI" != "" ] || {push}',
        f'echo "$CI" | grep -q true || {push}',
    )
    assert [severities(a_repo, go=each) for each in unsure] == [["warning"]] * len(unsure)
    sure = (
        f'echo "$CI"\n{push}',
        f'if [ -n "$CI" ]; then m; fi\n{push}',
        f'if m; then echo "$CI"; {push}; fi',
        f'[ -n "$CIRCLE" ] && exit 0\n{push}',
        f'if [ -n "$CI" ]; then {push}; fi',
        f'if [ -z "$CI" ]; then exit 1; fi\n{push}',
        f'[ "$CI" = true ] && {push}',
        f'f() {{ [ "$CI" ] && return; }}\n{push}',
        f'([ "$CI" ] && exit)\n{push}',
        f'if [ ! -z "$CI" ]; then {push}; fi',
        f'[ "$CI" != false ] && {push}',
        f'if [ "${{CI:-false}}" = true ]; then {push}; fi',
        # In CI what else is asked for decides.
        f'if [ -n "$CI" ] && [ -z "$SKIP" ]; then {push}; fi',
        f'if [ -n "$CI" ] && [ "$STAGE" = dev ]; then exit 0; fi\n{push}',
        f'if [ -n "$CI" -a -f skip ]; then m; else {push}; fi',
        f'if [ "$CI" = true ] && m; then exit 0; fi\n{push}',
        f'[ -n "$CI" ] && m || {push}',
        f'[ -z "$CI" ] && echo local || {push}',
        # What another program makes of it, nobody here knows.
        f'm --ci="$CI" || {push}',
        f'if m "$CI"; then exit 0; fi\n{push}',
    )
    assert [severities(a_repo, go=each) for each in sure] == [["error"]] * len(sure)
    a_repo.stage({DEPLOY: None, "package.json": package(postinstall=f'[ -n "$CI" ] || {push}'), "bin/go.sh": "m"})
    assert [each.split()[1] for each in project_findings(a_repo, staged=True)] == ["warning"]


def test_behind_one_that_always_exits_nothing_is_run(a_repo: GitRepository) -> None:
    a_project(a_repo)
    push = "\nnpx drizzle-kit push"
    disabled = "die() {\n  echo no\n  exit 1\n}\n"
    ends = ("die", "die 'push is disabled'", "m\n{ die; }", "end() { die; }\nend")
    assert [severities(a_repo, go=disabled + each + push) for each in ends] == [[]] * len(ends)
    others = ("m || die", "if m; then die; fi", "(die)", "x=$(die)", "echo die", "die() { m; }\ndie")
    beside = ("exec postgres &", "serve() { exec postgres; }\nserve &")
    assert [severities(a_repo, go=disabled + each + push) for each in others + beside] == [["error"]] * 8
    for may in ("if m; then return; fi", "m || exit 1; exit_if_m"):
        assert severities(a_repo, go=f"die() {{ {may}; m; }}\ndie{push}") == ["error"]
    assert severities(a_repo, go=f"die() {{ if m; then return; fi; exit 1; }}\ndie{push}") == ["error"]


def test_what_a_case_chooses_in_a_script_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    chosen = 'case "$1" in\n  push) npx drizzle-kit push ;;\n  up) m ;;\nesac\n'
    assert severities(a_repo, go=chosen) == ["warning"]
    assert severities(a_repo, go=f"{F}{chosen.replace('npx drizzle-kit push', 'sh -c db_push')}") == ["warning"]
    # A step has no argument that could choose another item.
    a_repo.stage({DEPLOY: workflow('case "$REF" in main) npx drizzle-kit push ;; esac'), "bin/go.sh": None})
    assert [each.split()[1] for each in project_findings(a_repo, staged=True)] == ["error"]


def test_many_take_no_longer_than_their_size() -> None:
    def read(size: int) -> object:
        functions = "".join(f"f{number}() {{ f{number + 1}; }}\n" for number in range(size))
        return len(read_shell(f"{functions}f0\n"))

    assert growth(read, 100) < LINEAR
