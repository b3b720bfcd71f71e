"""Files of the repository that an image has elsewhere, or by another name."""

import pytest

from migcheck.scripts.calls import FileCall
from migcheck.scripts.images.dockerfile import read_dockerfile
from migcheck.scripts.images.image_files import Context, Stage
from tests.support.growth import LINEAR, growth
from tests.support.projects import a_project, package, project_findings
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

PUSH = "#!/bin/sh\nset -e\nnpx drizzle-kit push\nexec node server.js\n"
COPY = "COPY docker/prod.sh /usr/bin/entry\n"


def test_a_script_that_was_copied_is_run_by_its_name_in_the_image(a_repo: GitRepository) -> None:
    a_project(a_repo, {"docker/prod.sh": PUSH})
    a_repo.commit({"Dockerfile": f'FROM node\n{COPY}ENTRYPOINT ["/usr/bin/entry"]\n'})
    said = "`npx drizzle-kit push` changes the database past the migrations, and the start runs it"
    way = "Dockerfile:3: /usr/bin/entry\ndocker/prod.sh:3: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error docker/prod.sh:3 {said} | {way}"]
    a_repo.commit({"Dockerfile": 'FROM node\nENTRYPOINT ["/usr/bin/entry"]\n'})
    assert [each.split(" `")[0] for each in project_findings(a_repo)] == ["MC601 warning docker/prod.sh:3"]


@pytest.mark.parametrize(
    "text",
    [
        f'{COPY}CMD ["entry"]',
        f"{COPY}RUN set -e && sh /usr/bin/entry now",
        f"CMD tini -- /usr/bin/entry\n{COPY}",
        'ADD --chmod=755 ["docker/prod.sh", "/usr/bin/entry"]\nCMD /usr/bin/entry',
        "COPY a docker/prod.sh b /opt/\nCMD /opt/prod.sh",
        "COPY docker/prod.sh /opt\nCMD /opt/prod.sh",
        "COPY docker /opt\nCMD /opt/prod.sh",
        "COPY docker/*.sh /opt/\nCMD /opt/prod.sh",
        "COPY . /app\nCMD /app/docker/prod.sh",
        "WORKDIR /app\nCOPY docker/prod.sh ./start.sh\nCMD ./start.sh",
        "WORKDIR /app\nWORKDIR x\nCOPY docker/prod.sh .\nCMD /app/x/prod.sh",
        f"FROM a AS base\nWORKDIR /usr\n{COPY}FROM --platform=x base\nCMD bin/entry",
        f"FROM a AS base\n{COPY}FROM b\nCOPY --from=base /usr/bin /opt\nCMD /opt/entry",
        f"FROM a\n{COPY}FROM b AS c\nFROM d\nCOPY --from=0 /usr/bin/entry /x\nCMD /x",
        "WORKDIR $APP\nCOPY docker/prod.sh .\nCMD ./prod.sh",
        "COPY docker/prod.sh /opt[1]/entry\nCMD /opt[1]/entry",
        "COPY docker/prod.sh \\\n  /usr/bin/entry\nCMD /usr/bin/entry",
    ],
)
def test_every_way_to_copy_is_followed(text: str) -> None:
    assert told(text) == ["docker/prod.sh"]


def told(text: str, path: str = "Dockerfile", *packages: str) -> list[str]:
    """What the commands of a Dockerfile call, as the call names it, of the files `docker/prod.sh` and `x/y.sh`."""
    scripts = tuple(read_dockerfile(path, text.encode(), packages, {"docker/prod.sh", "x/y.sh"}))
    calls = (call for one in scripts for each in one.commands for call in one.calls(each))
    return [each.path.removeprefix("./") for each in calls if isinstance(each, FileCall)]


@pytest.mark.parametrize(
    "text",
    [
        f"{COPY}CMD node entry",
        f"{COPY}CMD /usr/bin/entry/x",
        f"{COPY}CMD other/entry",
        f"{COPY}WORKDIR $HOME\nCMD usr/bin/entry",
        "COPY --from=elsewhere docker/prod.sh /usr/bin/entry\nCMD /usr/bin/entry",
        "COPY $WHICH/prod.sh /usr/bin/entry\nCMD /usr/bin/entry",
        "COPY docker/prod.sh $TO\nCMD /usr/bin/entry",
        f"FROM a\n{COPY}FROM b\nCMD /usr/bin/entry",
        "COPY other.sh /usr/bin/entry\nCMD /usr/bin/entry",
        'COPY ["docker/prod.sh"\nCMD /usr/bin/entry',
        "COPY docker/prod.sh '/usr/bin/entry\nCMD /usr/bin/entry",
        "COPY\nCMD /usr/bin/entry",
        "COPY x\nCMD /usr/bin/entry",
    ],
)
def test_what_is_no_copy_of_the_repositorys_is_not_followed(text: str) -> None:
    assert told(text) == []


def test_what_was_copied_last_counts() -> None:
    assert told(f"{COPY}COPY x/y.sh /usr/bin/entry\nCMD entry") == ["x/y.sh"]
    assert told(f"COPY x/y.sh /usr/bin/entry\n{COPY}CMD entry") == ["docker/prod.sh"]


@pytest.mark.parametrize("path", ["x/Dockerfile", "x/docker/Dockerfile"])
def test_an_image_is_built_from_its_package_or_from_the_root(path: str) -> None:
    assert told("COPY y.sh /entry\nCMD /entry", path, "x") == ["../x/y.sh"]
    assert told("COPY x/y.sh /entry\nCMD /entry", path, "x") == ["../x/y.sh"]


def test_a_program_that_was_renamed_is_the_one_it_was_copied_from(a_repo: GitRepository) -> None:
    a_project(a_repo, {"src/migrate.ts": runner(), "package.json": package()})
    build = "FROM node AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npx tsc -p .\nFROM node\n"
    for content in (
        f"{build}COPY --from=build /app/dist/migrate.js /m.mjs\nCMD node /m.mjs; node x",
        f"{build}COPY --from=build /app/dist /app/dist\nCMD node /app/dist/migrate.js; node x",
    ):
        a_repo.commit({"Dockerfile": content})
        (finding,) = found(a_repo, "MC602")
        assert finding.startswith("error Dockerfile:7 ")


@pytest.mark.parametrize(
    "line", [b"FROM a AS b\n", b"COPY a b\n", b"FROM b AS b\n", b"COPY --from=b / /\n", b"RUN /a/b\n"]
)
def test_an_image_costs_in_proportion_to_its_length(line: bytes) -> None:
    def read(size: int) -> None:
        scripts = read_dockerfile("Dockerfile", b"FROM a AS b\nCOPY --from=b / /\n" + line * size + b"CMD /x", ())
        assert [call for one in scripts for each in one.commands for call in one.calls(each)] == []

    assert growth(read, 300, least=300) < LINEAR


def test_what_is_compiled_is_told_by_its_name_where_it_has_kept_that() -> None:
    assert told("COPY . /app\nCMD node /app/dist/m.js") == ["/app/dist/m.js"]
    assert told("COPY dist/m.js /x.js\nCMD node /x.js") == ["dist/m.js"]


def test_copies_without_end_come_to_one() -> None:
    context = Context((), (".",))
    stage = Stage(context)
    for _ in range(1_000):
        stage.copy("--from=x / / / /", {"x": stage})
    assert len(stage.copies) <= 100
    assert list(stage.calls(("/a.sh",), ".")) != []
    assert context.left <= 0
