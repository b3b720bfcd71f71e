"""Images and their containers: what Dockerfiles and compose files say is run."""

import pytest

from migcheck.scripts.images.compose import is_compose
from migcheck.scripts.images.dockerfile import is_dockerfile, read_dockerfile
from migcheck.scripts.reach import Starter
from migcheck.scripts.shell.command import ShellOptions
from tests.project.test_reach import reached
from tests.support.composes import read_compose
from tests.support.growth import LINEAR, growth
from tests.support.projects import placed


def test_flags_of_an_instruction_cost_in_proportion_to_their_length() -> None:
    assert growth(lambda size: [*read_dockerfile("Dockerfile", b"RUN " + b"-" * size, ())], 5_000) < LINEAR


DOCKERFILE = b"""\
FROM node:22 AS build
WORKDIR /app/packages/db
RUN --mount=type=cache,target=/x npm ci \\
    # a comment
    && a
RUN <<EOF
set -e
b
EOF
WORKDIR /elsewhere
ENTRYPOINT ["/docker-entrypoint.sh", "a b"]
CMD c && d
"""


def test_an_image_runs_what_its_dockerfile_says() -> None:
    found = list(read_dockerfile("docker/Dockerfile", DOCKERFILE, {"packages/db"}))
    assert placed(*found) == [
        (3, "npm ci"),
        (5, "a"),
        (7, "set -e"),
        (8, "b"),
        (11, "/docker-entrypoint.sh a b"),
        (12, "c"),
        (12, "d"),
    ]
    assert [each.directory for each in found] == ["packages/db", "packages/db", "docker", "docker"]
    assert [each.started_by for each in found] == [Starter.IMAGE, Starter.IMAGE, Starter.START, Starter.START]


@pytest.mark.parametrize(
    ("path", "packages", "expected"),
    [
        ("docker/Dockerfile", {"."}, "."),
        ("docker/prod/Dockerfile", {"."}, "."),
        ("apps/api/docker/Dockerfile", {".", "apps/api"}, "apps/api"),
        ("apps/api/Dockerfile", {".", "apps/api"}, "apps/api"),
        ("docker/Dockerfile", {"apps/api"}, "docker"),
        ("Dockerfile", set[str](), "."),
    ],
)
def test_an_image_is_built_from_the_nearest_package(path: str, packages: set[str], expected: str) -> None:
    assert [each.directory for each in read_dockerfile(path, b"RUN a\nWORKDIR /x\nRUN b", packages)] == [expected] * 2


COMPOSE = b"""\
services:
  app:
    entrypoint: ["sh", "-c", "m && n"]
    command: npm start
  db: {image: postgres}
"""


def test_the_containers_of_a_compose_file_for_production_run_what_it_says() -> None:
    found = read_compose("deploy/compose.prod.yml", COMPOSE, {"."})
    assert [(each.text, each.line, each.directory, each.started_by) for each in found] == [
        ("sh -c 'm && n'", 3, ".", Starter.START),
        ("npm start", 4, ".", Starter.START),
    ]
    assert read_compose("compose.prod.yml", b"{", {"."}) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docker-compose.prod.yml", True),
        ("x/compose-production.yaml", True),
        ("docker-compose.yml", False),
        ("compose.dev.yml", False),
        ("compose.products.yml", False),
    ],
)
def test_any_other_compose_file_is_a_persons_own(path: str, *, expected: bool) -> None:
    assert is_compose(path)
    script = next(each for each in read_compose(path, COMPOSE, {"."}) if each.name == "app/command")
    assert (script.started_by is Starter.START, script.own_database) == (expected, not expected)


@pytest.mark.parametrize("path", ["compose.txt", "composer.json", "x.yml", "compose/x.yml"])
def test_what_is_called_otherwise_is_no_compose_file(path: str) -> None:
    assert not is_compose(path)


@pytest.mark.parametrize(
    ("path", "for_a_person"),
    [
        ("Dockerfile.dev", True),
        ("dev.Dockerfile", True),
        ("Dockerfile-development", True),
        ("Dockerfile_test", True),
        ("Dockerfile.ci", True),
        ("Dockerfile.Local", True),
        ("Dockerfile.latest", False),
        ("Dockerfile.attestation", False),
        ("devices.Dockerfile", False),
        ("test/Dockerfile", True),
        (".devcontainer/Dockerfile", True),
        ("docker/dev/Dockerfile", True),
        ("apps/local-first/Dockerfile", False),
        ("ci/Dockerfile", False),
    ],
)
def test_a_dockerfile_for_a_person_says_so_in_a_word_of_its_name_or_in_a_directory(
    path: str, *, for_a_person: bool
) -> None:
    found = read_dockerfile(path, b"RUN a", ())
    assert [each.started_by for each in found] == [None if for_a_person else Starter.IMAGE]


@pytest.mark.parametrize(
    ("more", "for_a_person"),
    [
        ("FROM a AS production\nCMD n", True),
        ("FROM development AS production\nCMD n", False),
        ("FROM a AS production\nCOPY --from=Development /x /x", False),
        ("FROM a AS production\nRUN --mount=type=bind,from=0,target=/x n", False),
        ("", False),
        ("FROM development AS test\nFROM a AS production\nCMD n", True),
        ("FROM development AS test\nFROM test AS production\nCMD n", False),
    ],
)
def test_a_stage_for_a_person_says_so_unless_the_image_is_made_of_it(more: str, *, for_a_person: bool) -> None:
    text = f"FROM --platform=x a AS development\nCMD m\n{more}"
    found = [each.started_by for each in read_dockerfile("Dockerfile", text.encode(), ())]
    assert found[0] == (None if for_a_person else Starter.START)
    assert None not in found[1:]


@pytest.mark.parametrize("named", ["/usr/bin/entry.sh", "/app/docker/entry.sh", "./entry.sh", "sh /entry.sh now"])
def test_a_script_of_the_image_is_the_only_one_of_that_name(named: str) -> None:
    files = {"Dockerfile": f"FROM node\nCOPY . /app\nCMD {named}", "docker/entry.sh": "npx drizzle-kit push"}
    assert reached(files) is not None
    # Of two, the one whose directory is named as well.
    assert (reached({**files, "b/entry.sh": "m"}) is not None) is ("docker/" in named)


@pytest.mark.parametrize(
    "run", ['ENTRYPOINT ["app-entry"]', "CMD tini -- /usr/local/bin/app-entry", "CMD sh app-entry"]
)
def test_a_script_that_was_copied_is_run_by_its_new_name(run: str) -> None:
    copy = "FROM node\nCOPY --chmod=755 docker/entry.sh /usr/local/bin/app-entry\n"
    files = {"docker/entry.sh": "npx drizzle-kit push", "Dockerfile": f"{copy}{run}"}
    assert reached(files) is not None
    assert (
        reached({**files, "Dockerfile": f"{copy}RUN chmod +x /usr/local/bin/app-entry; dos2unix /x/app-entry"}) is None
    )


def test_a_script_that_was_copied_is_run_in_place_of_another_of_its_new_name() -> None:
    run = "FROM node\nCOPY docker/prod.sh ./start.sh\nCMD sh start.sh"
    files = {"Dockerfile": run, "docker/prod.sh": "node x", "tools/start.sh": "npx drizzle-kit push"}
    assert reached(files) is None


@pytest.mark.parametrize(
    ("source", "is_ours"), [("postgres:17", False), ("build", True), ("0", True), ("BUILD", True), ("$IMAGE", False)]
)
@pytest.mark.parametrize("to", ["/usr/local/bin/", "/entry.sh"])
def test_a_script_of_another_image_is_not_the_one_of_its_name(source: str, to: str, *, is_ours: bool) -> None:
    copy = f"FROM node AS build\nFROM node\nCOPY --from={source} /usr/local/bin/entry.sh {to}\n"
    files = {"docker/entry.sh": "npx drizzle-kit push", "Dockerfile": f'{copy}ENTRYPOINT ["/entry.sh"]'}
    assert (reached(files) is not None) is is_ours


def test_what_a_shell_was_told_before_holds_for_every_stage_behind() -> None:
    text = b'FROM a\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nFROM b\nRUN m | tee log'
    assert [each.options for each in read_dockerfile("Dockerfile", text, ())] == [
        ShellOptions(errexit=True, pipefail=True)
    ]


def test_a_dockerfile_is_known_by_its_name() -> None:
    names = ("Dockerfile", "a/Dockerfile.prod", "web.dockerfile", "Containerfile", "docker.md", "a/dockerfiles/x.ts")
    assert [is_dockerfile(each) for each in names] == [True, True, True, True, False, False]
    assert is_dockerfile("dockerfile.ts") is False


@pytest.mark.parametrize(
    "content",
    [b"", b"RUN", b"RUN \\", b"RUN <<EOF\nx", b"CMD [", b"CMD [1, {}]", b"\xff\x00", b"CMD " + b"[" * 100_000],
)
def test_a_dockerfile_that_is_none_comes_to_an_end(content: bytes) -> None:
    assert all(script.text for script in read_dockerfile("Dockerfile", content, ()))


def commands_of(text: str) -> list[tuple[int, str]]:
    """What the image of a Dockerfile runs, with its lines."""
    return placed(*read_dockerfile("Dockerfile", text.encode(), ()))


@pytest.mark.parametrize(
    "line",
    [
        'RUN node -e "console.log(1<<4)"',
        "RUN node -e 'console.log(1 <<n)'",
        "RUN echo $((1<<2))",
        'RUN echo "see <<EOF"',
        "RUN cat <<<foo",
        "RUN echo it's <<EOF",
        "RUN a <<",
        "RUN a <<EOF",
        "ENV X=a <<b",
        "CMD a <<EOF",
        "RUN a \\\n\n  # c\n  b",
    ],
)
def test_only_a_word_of_its_own_begins_a_document(line: str) -> None:
    text = f"{line}\nRUN m"
    assert commands_of(text)[-1] == (text.count("\n") + 1, "m")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN cat <<A && bash <<B\nx\nA\nm\nB\nRUN n", [(1, "cat"), (1, "bash"), (4, "m"), (6, "n")]),
        ("RUN <<E-F\nm\nE-F\nRUN n", [(2, "m"), (4, "n")]),
        ("RUN --mount=type=cache <<-'E F'\n\tm\n\tE F\nRUN n", [(2, "m"), (4, "n")]),
        ("RUN 3<<E\nm\nE", [(2, "m")]),
        ('RUN <<"E"\n# RUN x\nm \\\nE\nRUN n', [(3, "m"), (5, "n")]),
        ("RUN a && \\\n  bash <<E\nm\nE\nRUN n", [(1, "a"), (2, "bash"), (3, "m"), (5, "n")]),
        ("RUN <<E\n#!/usr/bin/env python3\nm\nE\nRUN n", [(5, "n")]),
        ("RUN <<E\n#!/bin/bash -e\nm\nE", [(3, "m")]),
        ("COPY <<E /x\nRUN m\nE\nRUN n", [(4, "n")]),
    ],
)
def test_the_documents_of_an_instruction(text: str, expected: list[tuple[int, str]]) -> None:
    assert commands_of(text) == expected


def test_documents_of_a_dockerfile_cost_in_proportion_to_their_length() -> None:
    def read(text: str) -> list[object]:
        return [*read_dockerfile("Dockerfile", text.encode(), ())]

    assert growth(lambda size: read("RUN <<E\n" * size), 2_000) < LINEAR
    assert growth(lambda size: read("RUN <<E\nE\n" * size), 2_000) < LINEAR
    assert growth(lambda size: read('RUN <<E "' + "\\\n" * size), 5_000) < LINEAR
    assert growth(lambda size: read("RUN " + "<<E'" * size), 5_000) < LINEAR
