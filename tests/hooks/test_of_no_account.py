"""What a hook passes over brings no finding: it asks little, and the whole gate would have come to the same."""

import json
import re
from pathlib import Path

import pytest

from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.tracked_text import LARGEST
from migcheck.facts.hook.staged_change import touches_migrations
from tests.support.command import Command, Ran
from tests.support.projects import DEPLOY, a_project, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import runner

HOOK = ("verify", "--offline", "--staged", "--if-changed")
RUNNER = "src/db/migrate.ts"
IMAGE = """\
FROM oven/bun:1 AS tools
FROM node:24 AS base
WORKDIR /app
COPY . .
RUN apt-get update
RUN npm run build
CMD ["node", "dist/app.js"]
"""
# What lies beside workflows and is read otherwise, or not at all.
OF_OTHERS = {
    ".github/Taskfile.yml": "version: '3'\ntasks:\n  a:\n    cmds: [pwd]\n",
    ".github/labels.yml": "bug: red\n",
    ".github/pod.yml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - args: [one]\n",
}
ELSEWHERE = "{uses: actions/checkout@v4, with: {repository: me/app}}"
SCRIPTS = {
    "build": "tsc -p tsconfig.build.json",
    "db:push": "drizzle-kit push",
    "lint": "eslint .",
    "dev": "next dev",
    "disabled": "echo no && exit 1",
    "test": "vitest run",
}
TSCONFIG = {"extends": "./base.json", "compilerOptions": {"outDir": "dist"}, "include": ["src"]}


def package(**changed: str | None) -> str:
    told = {**SCRIPTS, **{name.replace("__", ":"): text for name, text in changed.items()}}
    scripts = {name: text for name, text in told.items() if text is not None}
    return json.dumps({"name": "app", "scripts": scripts, "dependencies": {"prisma": "6"}}, indent=2)


def tsconfig(**changed: object) -> str:
    return json.dumps({**TSCONFIG, **changed})


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A project with something to find in it, and CI that runs two of its scripts."""
    return a_project(
        a_repo,
        {
            RUNNER: runner(),
            "tsconfig.build.json": tsconfig(),
            "base.json": "{}",
            "package.json": package(),
            "bin/release": "#!/bin/sh\nnpx drizzle-kit push\n",
            ".gitignore": "node_modules\n",
            "Dockerfile": IMAGE,
            **OF_OTHERS,
            DEPLOY: workflow("npm run lint", "npm run disabled"),
        },
    )


def findings(repo: GitRepository, command: Command) -> list[str]:
    ran = command("verify", "--offline", "--staged", "--format", "json", cwd=repo.top)
    told = [(each["code"], each["severity"], each["message"]) for each in json.loads(ran.out)["findings"]]
    return sorted(re.sub(r":\d+\b", "", " ".join(each)) for each in told)


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": "*.sql\nmeta\ndrizzle*\n"},
        {".gitignore": None},
        {"package.json": package(lint="eslint . --fix --ignore-path .x && biome check .", dev="next dev --turbo")},
        {"package.json": package(lint=None, format="prettier --write 'src/**/*.ts'", start="next start -p 3000")},
        {"package.json": package(disabled=None, test="vitest run && echo done; exit 1")},
        {"tsconfig.build.json": tsconfig(compilerOptions={"outDir": "dist", "strict": True, "paths": {}})},
        {"tsconfig.build.json": f"// the app\n{tsconfig()}"},
        {"tsconfig.build.json": tsconfig(include=["src", "lib"])},
        {"tsconfig.build.json": tsconfig(include=["src/db/**/*", "types"])},
        {DEPLOY: workflow("echo hello", "npm run lint", "npm run disabled")},
        {DEPLOY: workflow("npm run lint", "npm run disabled").replace("runs-on:", "timeout-minutes: 9\n    runs-on:")},
        {"Dockerfile": IMAGE.replace("bun:1", "bun:2-slim").replace("node:24", "node@sha256:26")},
        {"Dockerfile": IMAGE.replace("update", "update && apt-get install -y jq")},
        {"Dockerfile": IMAGE.replace("RUN apt-get update\n", "# none\nENV A=1\nRUN echo hello\n")},
    ],
    ids=[
        "ignored", "no longer ignored", "other words", "others", "no longer disabled", "strict", "a comment",
        "more is compiled", "less is compiled", "a step", "of a job", "an image", "a package", "a line of an image",
    ],
)  # fmt: skip
def test_what_is_passed_over_brings_nothing(
    repo: GitRepository, command: Command, files: dict[str, str | None]
) -> None:
    before = findings(repo, command)
    assert {each[:5] for each in before} == {"MC110", "MC601", "MC608"}
    repo.stage(files)
    assert not touches_migrations(open_repository(repo.top, {}))
    assert findings(repo, command) == before


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(disabled="drizzle-kit push")},
        {"package.json": package(lint="npm run db:push")},
        {"package.json": package(lint="eslint . && ./bin/release")},
        {"package.json": package(postinstall="prisma migrate deploy")},
        {"tsconfig.build.json": tsconfig(include=["lib"])},
        {"tsconfig.build.json": tsconfig(exclude=["src/db"])},
        {DEPLOY: workflow("npm run lint", "npm run db:push")},
        {DEPLOY: workflow("npm run lint", "bin/release")},
        {"Dockerfile": IMAGE.replace("npm run build", "npx drizzle-kit push")},
        {"Dockerfile": IMAGE.replace("RUN apt-get update", "RUN npx tsx src/db/migrate.ts")},
        {"Dockerfile": IMAGE.replace("dist/app.js", "dist/db/migrate.js")},
        {"tsconfig.build.json": tsconfig(compilerOptions={"outDir": "build"})},
        {"tsconfig.build.json": tsconfig(compilerOptions={"noEmit": True})},
    ],
)
def test_what_changes_a_finding_is_judged(repo: GitRepository, command: Command, files: dict[str, str | None]) -> None:
    before = findings(repo, command)
    repo.stage(files)
    assert findings(repo, command) != before
    assert touches_migrations(open_repository(repo.top, {}))


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(lint="echo bin/release")},
        {"package.json": package(setup="npm ci")},
        {"package.json": package(lint="docker run postgres")},
        {"package.json": package(gen="drizzle-kit generate --config=other.ts")},
        {"package.json": json.dumps({"name": "app", "scripts": []})},
        {"package.json": package(lint="tsc")},
        {"package.json": package(lint="tsx src/db/migrate.ts")},
        {"tsconfig.build.json": tsconfig(extends="./other.json")},
        {"tsconfig.build.json": "[]"},
        {"tsconfig.build.json": None},
        {"tsconfig.app.json": tsconfig()},
        {DEPLOY: "on: push\njobs: [\n"},
        {DEPLOY: workflow("npm run lint", "sh bin/release")},
        {DEPLOY: workflow("npm run lint", "echo bin/release", "npm run disabled")},
        {DEPLOY: workflow("npm run disabled", "npm run lint")},
        {DEPLOY: workflow("npm run lint", "npm run disabled") + f"      - {ELSEWHERE}\n"},
        {DEPLOY: workflow("npm run lint", "npm run disabled") + "  b:\n    uses: ./.github/workflows/b.yml\n"},
        {"Dockerfile": IMAGE.replace("WORKDIR /app", "WORKDIR /srv")},
        {"Dockerfile": IMAGE.replace("COPY . .", "COPY bin/release /usr/bin/\nRUN release")},
        {"Dockerfile": IMAGE + "RUN ./bin/release\n"},
        {"Dockerfile": IMAGE.replace("WORKDIR", 'SHELL ["bash", "-ec"]\nWORKDIR', 1)},
        {"Dockerfile": None},
        {"Dockerfile": IMAGE.replace("node:24", "flyway/flyway:24")},
        {"Dockerfile": IMAGE.replace("FROM node:24 AS", "FROM tools AS")},
        {".github/Taskfile.yml": OF_OTHERS[".github/Taskfile.yml"].replace("pwd", "date")},
        {".github/labels.yml": "bug: [\n"},
        {".github/pod.yml": OF_OTHERS[".github/pod.yml"].replace("one", "other")},
        {"Dockerfile": f'{IMAGE}ENTRYPOINT ["one"]\n'},
        {"Dockerfile": f"{IMAGE}#{'.' * LARGEST}\n"},
        {".forgejo/workflows/x.yml": workflow("npm run db:push")},
    ],
)
def test_where_more_would_have_to_be_read_it_is_judged(repo: GitRepository, files: dict[str, str | None]) -> None:
    repo.stage(files)
    assert touches_migrations(open_repository(repo.top, {}))


@pytest.mark.parametrize(
    ("content", "matters"),
    [("npx drizzle-kit push\n", True), ("sh bin/release\n", True), ("echo hello there\n", False)],
)
def test_a_script_that_only_a_shell_is_given(
    repo: GitRepository, command: Command, content: str, *, matters: bool
) -> None:
    """Neither executable nor with a first line that names a shell."""
    repo.commit({DEPLOY: workflow("sh bin/helper"), "bin/helper": "echo hello\n"})
    before = findings(repo, command)
    repo.stage({"bin/helper": content})
    assert touches_migrations(open_repository(repo.top, {})) is matters
    assert (findings(repo, command) != before) is matters


PATHS = 'export const out = "./drizzle";\n'
TAKES_IN = 'import { out } from "./kit/paths"; export default { dialect: "postgresql", out };'


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("ci/jobs.yml", "publish:\n  script: sh bin/release\n"),
        ("kit/paths.ts", PATHS.replace("./drizzle", "./other")),
    ],
)
def test_what_something_else_takes_in_is_judged(repo: GitRepository, command: Command, path: str, content: str) -> None:
    included = {".gitlab-ci.yml": "include: {local: ci/jobs.yml}\n", "ci/jobs.yml": "publish:\n  script: date\n"}
    configured = {"drizzle.config.ts": TAKES_IN, "kit/paths.ts": PATHS}
    repo.commit({**included, **configured})
    before = findings(repo, command)
    repo.stage({path: content})
    assert touches_migrations(open_repository(repo.top, {}))
    assert findings(repo, command) != before


def test_what_a_config_does_not_take_in_is_passed_over(repo: GitRepository) -> None:
    repo.commit({"drizzle.config.ts": TAKES_IN, "kit/paths.ts": PATHS})
    repo.stage({"kit/other.ts": "export const a = 1;\n", "locales/en.yml": "greeting: hello\nscripts: some\n"})
    assert not touches_migrations(open_repository(repo.top, {}))


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        ({"README.md": "# app\n", "logo.svg": "<svg/>"}, ["rev-parse", "diff-index"]),
        ({f"src/{number}.ts": "export {};\n" for number in range(50)}, ["rev-parse", "diff-index", "grep", "grep"]),
    ],
)
def test_a_commit_of_something_else_is_not_waited_for(
    repo: GitRepository, command: Command, calls: Path, files: dict[str, str], asked: list[str]
) -> None:
    """A process of git takes 5 to 30 ms of the 300 that a hook may take, which `make bench` measures."""
    repo.stage(files)
    calls.write_text("")
    assert command(*HOOK, cwd=repo.top) == Ran(0, "", "")
    assert calls.read_text().split() == asked
