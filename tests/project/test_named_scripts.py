"""Shell scripts without an ending: read where a command names them, and where they are for a shell."""

from functools import partial

import pytest

from migcheck.scripts.named_scripts import given_to_shells, is_script, named_in_texts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

PUSHES = "#!/usr/bin/env bash\nset -e\nnpx drizzle-kit push\n"


def test_whatever_names_one_has_it_read(a_repo: GitRepository) -> None:
    a_project(a_repo)
    ways: tuple[dict[str, str | bytes | None], ...] = (
        {DEPLOY: workflow("./bin/release")},
        {DEPLOY: workflow("bash bin/release")},
        {DEPLOY: workflow("sh -e ./bin/release")},
        {DEPLOY: workflow("cd bin && ./release")},
        {DEPLOY: workflow('cd "$HERE" && ./bin/release')},
        {DEPLOY: None, "Dockerfile": 'FROM node\nCOPY . /app\nWORKDIR /app\nCMD ["./bin/release"]\n'},
        {"Dockerfile": None, "Procfile": "release: bin/release\n"},
        {"Procfile": None, "package.json": package(deploy="bin/release"), DEPLOY: workflow("npm run deploy")},
        {DEPLOY: workflow("./bin/begin"), "bin/begin": "#!/bin/sh\nexec ./bin/release\n"},
    )
    told = []
    for files in ways:
        a_repo.stage({"bin/release": PUSHES, **files})
        told.append(project_findings(a_repo, staged=True))
    assert [[each.split()[:3] for each in one] for one in told] == [[["MC601", "error", "bin/release:3"]]] * len(ways)


def test_what_is_for_no_shell_or_that_nobody_runs_is_not_read(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(start="node bin/www")})
    for_node = {"bin/www": "#!/usr/bin/env node\n`npx drizzle-kit push`\n", DEPLOY: workflow("./bin/www", "./docs/HOW")}
    a_repo.stage({**for_node, "docs/HOW": "npx drizzle-kit push\n", "bin/release": PUSHES, "bin/idle": PUSHES})
    assert project_findings(a_repo, staged=True) == []


@pytest.mark.parametrize(
    ("text", "names", "given"),
    [
        ("run: ./bin/release", {"release"}, set()),
        ('CMD ["bash", "-e", "bin/start"]', {"start"}, {"start"}),
        ('"deploy": "sh ./bin/deploy --now"', {"deploy"}, {"deploy"}),
        ("zsh bin/a-b && bin/c", {"a-b", "c"}, {"a-b"}),
        ("bin/x.sh bin/x/", set(), set()),
        ("crash bin/x", {"x"}, set()),
    ],
)
def test_what_texts_name(text: str, names: set[str], given: set[str]) -> None:
    assert (named_in_texts([text.encode()]), given_to_shells([text.encode()])) == (frozenset(names), frozenset(given))


@pytest.mark.parametrize(
    ("content", "given", "told"),
    [
        (b"#!/bin/sh -e\n", False, True),
        (b"#!/usr/bin/env bash\n", False, True),
        (b"#!/usr/bin/env node\n", True, False),
        (b"#!/usr/share/node\n", True, False),
        (b"echo\n", False, False),
        (b"echo\n", True, True),
        (b"\x7fELF\0", True, False),
    ],
)
def test_what_is_a_script(content: bytes, *, given: bool, told: bool) -> None:
    assert is_script("bin/x", content, frozenset({"x"} if given else ())) is told
    assert not is_script("bin/x.txt", content, frozenset({"x"}))


def given(text: bytes, size: int) -> frozenset[str]:
    return given_to_shells([text * size])


def test_the_time_it_takes_grows_with_the_text() -> None:
    for text in ("sh ", "/a", "sh -e ", "/", "sh a/"):
        assert growth(partial(given, text.encode()), 2_000) < LINEAR
