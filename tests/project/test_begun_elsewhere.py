"""Shell scripts that are begun in another directory than the root: what they call is run from there."""

import pytest

from migcheck.scripts.scripts import Scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

PUSH = "npx drizzle-kit push\n"
UP = f"cd ..\n{PUSH}"
GO = f"n\n{PUSH}"
AT_X = "x/d.sh:2"


def found(repo: GitRepository, call: str = "", step: str = "", **files: str | None) -> list[str]:
    """How a push weighs and where, where CI runs `call`; of the names of `files`, `__` is a slash and `_` a dot."""
    named = {each.replace("__", "/").replace("_", "."): text for each, text in files.items()}
    steps = workflow(call or "n") if not step else workflow("n").replace('- run: "n"', step)
    repo.stage({DEPLOY: steps, **named})
    return [" ".join(each.split()[1:3]) for each in project_findings(repo, staged=True)]


@pytest.mark.parametrize(
    "script",
    [
        UP,
        f"pushd ..\n{PUSH}",
        f"set -e\ncd .. && {PUSH}",
        "cd ..\nbash root.sh",
        "cd ..; npm run p",
        f"(cd ..; {PUSH})",
    ],
)
def test_a_push_above_where_it_is_begun_is_found(a_repo: GitRepository, script: str) -> None:
    a_project(a_repo, {"root.sh": "m\n", "package.json": package(p="m")})
    others = {"root_sh": PUSH if "root" in script else "m\n", "package_json": package(p=PUSH.strip())}
    told = found(a_repo, "cd x && bash d.sh", x__d_sh=script, **others)
    assert [each for each in told if each.startswith("error")], script


def test_whoever_begins_it_there(a_repo: GitRepository) -> None:
    a_project(a_repo)
    assert found(a_repo, "cd x; ./d.sh", x__d_sh=UP) == [f"error {AT_X}"]
    assert found(a_repo, "cd x; ./c.sh", x__c_sh="bash d.sh", x__d_sh=UP) == [f"error {AT_X}"]
    assert found(a_repo, "cd x && npm run p", x__package_json=package(p="bash d.sh")) == [f"error {AT_X}"]
    assert found(a_repo, step="- run: ./d.sh\n        working-directory: x") == [f"error {AT_X}"]
    assert found(a_repo, "cd x && . ./d.sh", x__package_json=None, x__c_sh=None) == [f"error {AT_X}"]


def test_one_that_nobody_begins_warns_wherever_it_goes(a_repo: GitRepository) -> None:
    a_project(a_repo)
    assert found(a_repo, x__d_sh=UP) == [f"warning {AT_X}"]
    assert found(a_repo, x__d_sh=None, d_sh=UP) == ["warning d.sh:2"]
    assert found(a_repo, d_sh=None, x__d_sh=f"cd ../..\n{PUSH}") == [f"warning {AT_X}"]


def test_it_is_told_once_and_where_it_goes_to_another_database_not_at_all(a_repo: GitRepository) -> None:
    a_project(a_repo, {"y/drizzle.config.ts": CONFIG.replace("./drizzle", "./other"), "y/z/n": "n"})
    calls = "cd x && bash d.sh; cd ../y && bash ../x/d.sh; cd z; bash ../../x/d.sh; cd $Z; bash x/d.sh"
    assert found(a_repo, calls, x__d_sh=UP) == [f"error {AT_X}"]
    assert found(a_repo, "cd y/z && bash d.sh", x__d_sh=None, y__z__d_sh=UP) == []
    assert found(a_repo, "bash d.sh", y__z__d_sh=None, d_sh=UP) == []


def test_what_one_takes_in_from_there_is_read(a_repo: GitRepository) -> None:
    a_project(a_repo)
    go = "set -e\n. ./lib\n"
    assert found(a_repo, "cd x && ./d.sh", x__d_sh=go, x__lib=GO) == ["error x/lib:2"]
    assert found(a_repo, step="- run: bash d.sh\n        working-directory: x") == ["error x/lib:2"]
    assert found(a_repo, "cd x && npm run d", x__package_json=package(d="bash d.sh")) == ["error x/lib:2"]
    base = f"cd ../..\n{PUSH}"
    assert found(a_repo, "bash p/x/e.sh", p__x__e_sh='cd "$(dirname "$0")"\n. ./lib2', p__x__lib2=base) == [
        "error p/x/lib2:2",
        "warning x/lib:2",
    ]


def test_many_directories_take_no_longer_than_their_size() -> None:
    def reached(size: int) -> None:
        calls = workflow(*(f"cd a{number} && ../d.sh" for number in range(size)))
        files = {DEPLOY: calls, "d.sh": f"{UP}npm run x\n" * 3, "drizzle.config.ts": CONFIG}
        assert Scripts({path: text.encode() for path, text in files.items()}, "drizzle").runs

    assert growth(reached, 50) < LINEAR
