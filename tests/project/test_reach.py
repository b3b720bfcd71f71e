"""How one script comes to another, from CI, an image, a build, a start or a deploy to the command in the end."""

import json
from collections.abc import Mapping

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.reach import Reached, Starter
from migcheck.scripts.script import Script
from migcheck.scripts.scripts import Scripts
from migcheck.scripts.tasks.managers import ScriptCall
from migcheck.scripts.tasks.packages import Packages
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, package, workflow

DB = "packages/db/package.json"
PUSH = package(name="@acme/db", push="drizzle-kit push")


def scripts(files: Mapping[str, str]) -> Scripts:
    return Scripts({path: content.encode() for path, content in files.items()}, "drizzle")


def reached(files: Mapping[str, str]) -> Reached | None:
    """How the only push among `files` is reached."""
    found = scripts(files)
    (push,) = [each for each in found.runs if isinstance(each.call, Push)]
    return found.reach(push)


@pytest.mark.parametrize(
    "command",
    [
        "pnpm -F @acme/db push",
        "pnpm --filter ./packages/db run push",
        "pnpm --filter db push",
        "pnpm --filter '@acme/db[origin/main]' push",
        "pnpm --filter '{./packages/db}[main]' push",
        "pnpm -r push",
        "npm run push --workspace=packages/db",
        "npm --prefix packages/db run push",
        "yarn workspace @acme/db push",
        "bun run --filter '@acme/db' push",
        "turbo run push",
        "pnpm turbo push --filter=@acme/db...",
        "cd packages/db && npm run push",
        "cd packages/db && node --run push",
        "deno task --cwd packages/db push",
        "bash -c 'cd packages/db && npm run push'",
        "npx concurrently 'pnpm -F @acme/db push'",
        "pnpm all",
        "make",
        "make -C packages/db",
        "./scripts/deploy.sh",
        "sh scripts/deploy.sh",
        "nx run db:push",
    ],
)
def test_ci_gets_to_a_script_of_a_package(command: str) -> None:
    way = reached(
        {
            DB: PUSH,
            DEPLOY: workflow(command),
            "package.json": package(all="run-s 'p*'", part="pnpm -F @acme/db push"),
            "Makefile": "first: db\ndb:\n\tpnpm -F db push\n",
            "packages/db/Makefile": "push:\n\tnpm run push\n",
            "scripts/deploy.sh": "set -e\npnpm -F db push\n",
        }
    )
    assert way is not None
    assert (way.started_by, way.own_database) == (Starter.CI, False)
    assert (str(way.steps[0].at), way.steps[-1].command) == (f"{DEPLOY}:6", "drizzle-kit push")


@pytest.mark.parametrize(
    "command",
    [
        "pnpm push",
        "pnpm -F @acme/web push",
        "pnpm -F $APP push",
        "npm --prefix /app/packages/db run push",
        "npm --prefix / run push",
        "yarn --cwd /app push",
        "pnpm -C /app push",
        "npm --prefix $DIR run push",
        "npm --prefix ${{ matrix.dir }} run push",
        "npm --prefix `pwd` run push",
        "pnpm -C ../other push",
        "cd packages/web && npm --prefix ../other run push",
        "cd ../packages/db && pnpm push",
        "cd $APP && pnpm push",
        "cd packages/web && turbo run push",
        "pnpm -F @acme/db build",
        "make none",
        "./scripts/none.sh",
        "echo pnpm -F @acme/db push",
        "git push",
    ],
)
def test_what_does_not_get_there_or_cannot_be_told_is_no_way(command: str) -> None:
    files = {DB: PUSH, DEPLOY: workflow(command), "package.json": package(test="x"), "Makefile": "a:\n\tb\n"}
    assert reached(files) is None


@pytest.mark.parametrize(("command", "runs_it"), [("npm run all", True), ("node --run all", False)])
def test_node_runs_nothing_before_a_script(command: str, *, runs_it: bool) -> None:
    way = reached({"package.json": package(preall="drizzle-kit push", all="x"), DEPLOY: workflow(command)})
    assert (way is not None) == runs_it


@pytest.mark.parametrize("place", ["/app", "/", "$DIR", "${{ matrix.dir }}", "../other", "other", "packages/.."])
def test_a_directory_that_is_none_of_the_repository_is_not_the_root(place: str) -> None:
    root = {"package.json": package(push="drizzle-kit push")}
    way = reached({**root, DEPLOY: workflow(f"npm --prefix {place} run push")})
    assert (way is not None) == (place == "packages/..")
    way = reached({**root, "Dockerfile": f"CMD npm --prefix {place} run push"})
    assert (way is not None) == (place == "packages/..")


@pytest.mark.parametrize(
    ("path", "content", "starter"),
    [
        ("package.json", package(build="pnpm -F @acme/db push && next build"), Starter.BUILD),
        ("package.json", package(build="next build", postbuild="pnpm -F @acme/db push"), Starter.BUILD),
        ("package.json", package(prestart="pnpm -F @acme/db push", start="x"), Starter.START),
        ("package.json", package(postinstall="pnpm -F @acme/db push"), Starter.BUILD),
        ("package.json", package(deploy="pnpm -F @acme/db push"), Starter.DEPLOY),
        ("package.json", package(dev="pnpm -F @acme/db push"), None),
        ("package.json", package(test="pnpm -F @acme/db push"), None),
        ("vercel.json", '{"buildCommand": "pnpm -F @acme/db push"}', Starter.BUILD),
        ("Procfile", "release: pnpm -F @acme/db push", Starter.DEPLOY),
        ("Dockerfile", "RUN pnpm -F @acme/db push", Starter.IMAGE),
        ("Dockerfile", "WORKDIR /app/packages/db\nCMD npm run push", Starter.START),
        ("Dockerfile.dev", "RUN pnpm -F @acme/db push", None),
        (".gitlab-ci.yml", "deploy: {script: [pnpm -F @acme/db push]}", Starter.CI),
        (".github/actions/x/action.yml", "runs: {steps: [{run: pnpm -F @acme/db push}]}", None),
    ],
)
def test_whoever_begins_is_told(path: str, content: str, starter: Starter | None) -> None:
    way = reached({DB: PUSH, path: content})
    assert (None if way is None else way.started_by) == starter


def test_an_entrypoint_is_found_by_its_name() -> None:
    files = {DB: PUSH, "Dockerfile": 'ENTRYPOINT ["/entry.sh"]', "docker/entry.sh": "pnpm -F db push\nexec node x"}
    way = reached(files)
    assert way is not None
    assert [str(each) for each in way.steps] == [
        "Dockerfile:1: /entry.sh",
        "docker/entry.sh:1: pnpm -F db push",
        f"{DB}:4: drizzle-kit push",
    ]


@pytest.mark.parametrize("directory", ["", ".github/actions/x", "actions/x"])
def test_a_workflow_uses_the_actions_of_its_repository(directory: str) -> None:
    action = "runs: {using: composite, steps: [{run: pnpm -F @acme/db push, shell: bash}]}"
    for uses in (f"./{directory}", f"./{directory}/"):
        files = {DEPLOY: f"on: push\njobs: {{a: {{steps: [{{uses: {uses}}}]}}}}", f"{directory}/action.yml": action}
        way = reached({DB: PUSH, **{path.removeprefix("/"): content for path, content in files.items()}})
        assert way is not None
        assert way.started_by is Starter.CI


def test_a_filter_costs_in_proportion_to_its_length() -> None:
    def asked(size: int) -> list[Script]:
        return list(Packages({}).asked(ScriptCall(("x",), packages=("[" * size,)), "."))

    assert growth(asked, 5_000) < LINEAR


def test_scripts_that_call_each_other_in_two_ways_cost_in_proportion_to_their_number() -> None:
    def followed(size: int) -> None:
        chain = {f"s{n}": f"npm run s{n + 1} && npm run s{n + 1} -- a" for n in range(size)}
        assert scripts({"package.json": json.dumps({"scripts": chain})}).runs

    assert growth(followed, 50) < LINEAR


@pytest.mark.parametrize("command", ["npm it", "npm cit", "npm it pg", "pnpm it", "pnpm install-test"])
def test_an_install_that_tests_as_well_runs_the_tests(command: str) -> None:
    assert reached({"package.json": package(it="x", test="drizzle-kit push"), DEPLOY: workflow(command)}) is not None


SERVED = "    services: {db: {image: 'postgres:17'}}\n"


def test_a_database_of_the_job_itself_is_told_and_another_way_goes_before_it() -> None:
    test, deploy = workflow("pnpm -F @acme/db push", job=SERVED), workflow("pnpm -F @acme/db push")
    files = {DB: PUSH, ".github/workflows/a.yml": test}
    alone, both = reached(files), reached({**files, ".github/workflows/b.yml": deploy})
    assert alone is not None
    assert both is not None
    assert (alone.own_database, both.own_database) == (True, False)
    local = reached({DB: PUSH, DEPLOY: workflow("DATABASE_URL=postgres://a@localhost/x pnpm -F @acme/db push")})
    assert local is not None
    assert local.own_database
    # The shorter way is a test's, and the longer one a deploy's.
    files = {"package.json": package(m="drizzle-kit push", ship="npm run m")}
    way = reached({**files, DEPLOY: workflow(f"{LOCAL} npm run m", "npm run ship")})
    assert way is not None
    assert (way.own_database, len(way.steps)) == (False, 3)


LOCAL = "DATABASE_URL=postgres://a@localhost/x"


@pytest.mark.parametrize(
    ("command", "own"),
    [
        (f"export {LOCAL}; npm run push", True),
        (f"env {LOCAL} npm run push", True),
        (f"cross-env {LOCAL} npm run push", True),
        (f"export {LOCAL}; DATABASE_URL=$URL npm run push", False),
        (f"export {LOCAL}; export DATABASE_URL=$URL; npm run push", False),
        ("export DATABASE_URL=${URL:-postgres://a@localhost/x}; npm run push", False),
        (f"if [ -z $DATABASE_URL ]; then export {LOCAL}; fi; npm run push", False),
    ],
)
def test_a_script_may_set_the_address_of_a_database_of_its_own(command: str, *, own: bool) -> None:
    way = reached({"package.json": package(push="drizzle-kit push"), DEPLOY: workflow(command)})
    assert way is not None
    assert way.own_database is own


def test_scripts_that_call_each_other_come_to_an_end() -> None:
    files = {"package.json": package(build="npm run a", a="npm run b && drizzle-kit push", b="npm run a"), DB: "{}"}
    way = reached(files)
    assert way is not None
    assert len(way.steps) == 2


@pytest.mark.parametrize(
    ("command", "path", "found"),
    [
        ("tsx src/db/migrate.ts", "src/db/migrate.ts", True),
        ("node dist/db/migrate.js", "src/db/migrate.ts", True),
        ("node dist/migrate.mjs", "src/db/migrate.ts", True),
        ("node dist/migrate", "src/migrate.ts", True),
        ("cd packages/db && tsx src/migrate.ts", "packages/db/src/migrate.ts", True),
        ("node /app/dist/migrate.js", "src/migrate.ts", True),
        ("node dist/index.js", "src/db/index.ts", False),
        ("node scripts/migrate.js", "src/migrate.ts", False),
        ("tsx src/seed.ts", "src/migrate.ts", False),
        ("cd packages/db && node dist/migrate.js", "packages/web/src/migrate.ts", False),
        ("tsc src/db/migrate.ts", "src/db/migrate.ts", False),
    ],
)
def test_a_source_file_is_reached_as_it_is_or_compiled(command: str, path: str, *, found: bool) -> None:
    files = {
        "package.json": package(start=command),
        DB: PUSH,
        "packages/web/package.json": package(name="web"),
    }
    assert (scripts(files).reached(path) is not None) == found
