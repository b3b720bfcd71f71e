"""Other tools that migrate the folder's database: Prisma, Knex, dbmate and the like."""

import pytest

from migcheck.scripts.other_tools import OtherTool
from tests.project.test_commands import calls
from tests.support.folders import a_folder
from tests.support.histories import FOLDER, LANDED
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

KNEX = "npx knex migrate:latest"
BY = "migrates the database by another tool"
URL = "    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}'}\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("npx prisma migrate deploy", "prisma"),
        ("pnpm prisma@6 db push --schema x", "prisma"),
        ("npx knex --knexfile db/knexfile.ts migrate:latest", "knex"),
        ("node-pg-migrate -m migrations up", "node-pg-migrate"),
        ("flyway -url=x migrate", "flyway"),
        ("docker run --rm flyway/flyway:11 migrate", "flyway"),
        ("dbmate --url $URL up", "dbmate"),
        ("docker run ghcr.io/amacneil/dbmate:2 -d ./db migrate", "dbmate"),
        ("sqitch deploy db:pg:x", "sqitch"),
        ("goose -dir db postgres $URL up", "goose"),
        ("atlas migrate apply --url $URL", "atlas"),
        ("liquibase update", "liquibase"),
        ("dotenv -- typeorm migration:run -d x.ts", "typeorm"),
        ("npx sequelize-cli db:migrate", "sequelize-cli"),
        ("pnpm --filter ./services/oracle-feed exec prisma migrate deploy", "prisma"),
        ("npx prisma migrate deploy --schema services/oracle-feed/prisma/schema.prisma", "prisma"),
        ("dbmate -d db/from-mysql/migrations up", "dbmate"),
        ("dotenv -e mysql/.env -- knex migrate:latest", "knex"),
        ("goose -dir oracle_import postgres $URL up", "goose"),
        ("goose postgres postgres://u:p@oracle-host/mysql?x=sqlite up", "goose"),
        ("docker run -v mysql:/data dbmate up", "dbmate"),
        ("alembic upgrade head", "alembic"),
        ("uv run alembic -c db/alembic.ini upgrade head", "alembic"),
        ("poetry run python -m alembic upgrade head", "alembic"),
        ("supabase db push", "supabase"),
        ("npx supabase@2 db push --linked --include-all", "supabase"),
        ('supabase db push --db-url "$DATABASE_URL"', "supabase"),
        ("supabase migration up --linked", "supabase"),
    ],
)
def test_another_tool_is_found_in_whatever_it_is_wrapped(text: str, name: str) -> None:
    assert [each.name for each in calls(text) if isinstance(each, OtherTool)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "npx prisma generate",
        "prisma migrate --help deploy",
        "prisma migrate status",
        "pnpm --filter prisma migrate deploy",
        "knex migrate:make x",
        "dbmate new up-x",
        "echo prisma migrate deploy",
        "npm install prisma",
        "goose status",
        "flyway info",
        "cp knex migrate:latest",
        "dbmate -d clickhouse/migrations up",
        "goose mysql $URL up",
        "atlas migrate apply --url sqlite://x.db",
        "atlas migrate apply --url=sqlite://x.db",
        "flyway -url=jdbc:mysql://x/y migrate",
        "liquibase --url=jdbc:oracle:thin:@x update",
        "cross-env DATABASE_URL=mysql://x dbmate up",
        "goose -dir x sqlite3 x.db up",
        "knex --client=mysql2 migrate:latest",
        "knex --client better-sqlite3 migrate:latest",
        "dbmate --migrations-dir ./db/clickhouse up",
        "sqitch deploy db:sqlite:x.db",
        "goose clickhouse tcp://x up",
        "alembic upgrade head --sql",
        "alembic revision --autogenerate -m upgrade",
        "alembic downgrade -1",
        "alembic -n upgrade",
        "alembic -x url=sqlite:///x.db upgrade head",
        "pip install --upgrade alembic",
        "atlas migrate apply --url $URL --dry-run",
        "node-pg-migrate up --dry-run",
        "flyway migrate -dryRunOutput=x.sql",
        "sqitch deploy --log-only",
        "supabase db push --local",
        "supabase db push --dry-run --linked",
        "supabase migration up",
        "supabase start",
        "supabase db pull",
        "pnpm --filter supabase db push",
    ],
)
def test_what_migrates_nothing_is_none(text: str) -> None:
    assert [each for each in calls(text) if isinstance(each, OtherTool)] == []


def test_a_tool_of_the_package_that_ci_runs_beside_drizzle_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate", job=URL)})
    assert found(a_repo, "MC605") == []
    a_repo.commit({"package.json": package(prisma="prisma migrate deploy")})
    assert project_findings(a_repo) == [
        f"MC605 warning package.json:4 `prisma migrate deploy` {BY}, prisma, when somebody runs it"
    ]
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", "npm run prisma", job=URL)})
    beside = f"beside `npx drizzle-kit migrate` ({DEPLOY}:7)"
    way = f"{DEPLOY}:8: npm run prisma\npackage.json:4: prisma migrate deploy"
    assert project_findings(a_repo) == [
        f"MC605 error package.json:4 `prisma migrate deploy` {BY}, prisma, and CI runs it, {beside} | {way}"
    ]


def test_what_landed_warns(a_repo: GitRepository) -> None:
    steps = workflow("npx drizzle-kit migrate", "npx prisma migrate deploy", job=URL)
    a_project(a_repo, {DEPLOY: steps, "package.json": package()})
    a_repo.commit({"x": ""})
    assert [each.partition(" ")[0] for each in found(a_repo, "MC605")] == ["warning"]


def test_where_only_people_run_the_folder_the_other_tool_warns(a_repo: GitRepository) -> None:
    a_project(a_repo)
    scripts = package(migrate="drizzle-kit migrate", other="dbmate up")
    a_repo.commit({"package.json": scripts, DEPLOY: workflow(KNEX, job=URL)})
    assert found(a_repo, "MC605") == [
        f"warning package.json:5 `dbmate up` {BY}, dbmate, when somebody runs it",
        f"warning {DEPLOY}:7 `{KNEX}` {BY}, knex, and CI runs it | {DEPLOY}:7: {KNEX}",
    ]


PRISMA = "npx prisma migrate deploy"


def test_a_tool_that_comes_to_ci_where_nothing_that_is_seen_runs_the_folder_warns(a_repo: GitRepository) -> None:
    """A platform may run it, of which nothing is in the repository."""
    a_project(a_repo, {"package.json": package(), DEPLOY: workflow("npm test", job=URL)})
    a_repo.commit({DEPLOY: workflow("npm test", PRISMA, job=URL)})
    way = f"{DEPLOY}:8: {PRISMA}"
    assert found(a_repo, "MC605") == [
        f"warning {DEPLOY}:8 `{PRISMA}` {BY}, prisma, and CI runs it; what runs drizzle was not seen | {way}"
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({DEPLOY: workflow(PRISMA, job=URL)}, {DEPLOY: workflow("npm test", PRISMA, job=URL)}),
        ({"package.json": package(x="prisma generate")}, {}),
        ({"package.json": package().replace("{", '{"dependencies": {"@prisma/client": "6"},', 1)}, {}),
        ({}, {DEPLOY: workflow("npm test", job=URL), "package.json": package(other="prisma migrate deploy")}),
        ({}, {DEPLOY: workflow("DATABASE_URL=mysql://a/b " + PRISMA)}),
        (
            {},
            {"package.json": package(x="prisma generate"), "prisma/schema.prisma": 'url = env("LEGACY_DATABASE_URL")'},
        ),
    ],
    ids=["there", "script", "dependency", "person", "mysql", "unknown"],
)
def test_a_tool_that_the_project_has_may_be_all_that_migrates(
    a_repo: GitRepository, before: dict[str, str], after: dict[str, str]
) -> None:
    """The folder may be idle, or be what the schema of that tool was read into."""
    a_project(a_repo, {"package.json": package(), **before})
    a_repo.commit({DEPLOY: workflow("npm test", PRISMA, job=URL), **after})
    assert found(a_repo, "MC605") == []


def test_a_folder_that_comes_with_the_tool_may_be_all_idle(a_repo: GitRepository) -> None:
    a_repo.commit({"package.json": package()})
    a_repo.branch("feature")
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit({"drizzle.config.ts": CONFIG, DEPLOY: workflow(PRISMA, job=URL)})
    assert found(a_repo, "MC605") == []


@pytest.mark.parametrize("same", [True, False])
def test_a_tool_of_no_package_counts_where_it_is_given_the_same_address(a_repo: GitRepository, *, same: bool) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": package()})
    other = "" if same else "\n        env: {DATABASE_URL: '${{ secrets.OTHER_URL }}'}"
    steps = workflow("npx drizzle-kit migrate", "dbmate up", job=URL).replace('"dbmate up"', f'"dbmate up"{other}')
    a_repo.commit({DEPLOY: steps})
    assert len(found(a_repo, "MC605")) == same


SECRET = "${{ secrets.DATABASE_URL }}"
OTHER = "${{ secrets.OTHER_URL }}"


@pytest.mark.parametrize(
    ("variable", "command", "env", "count"),
    [
        ("DATABASE_URL", f'dbmate --url "{SECRET}" up', "", 1),
        ("DB_URL", f"npx dbmate -u={SECRET} up", "", 1),
        ("DATABASE_URL", f'dbmate --url "{OTHER}" up', "", 0),
        ("DATABASE_URL", f'dbmate --url "{OTHER}" up', f"DATABASE_URL: '{SECRET}'", 0),
        ("DATABASE_URL", f'echo --url "{SECRET}"; dbmate up', "", 0),
        ("DATABASE_URL", "flyway migrate", f"FLYWAY_URL: '{SECRET}'", 1),
        ("DATABASE_URL", "flyway migrate", f"FLYWAY_URL: '{OTHER}'", 0),
        ("DATABASE_URL", "flyway migrate", f"FLYWAY_URL: '{OTHER}', DATABASE_URL: '{SECRET}'", 0),
        ("DATABASE_URL", "flyway migrate", f"FLYWAY_URL: '{SECRET}', DATABASE_URL: '{SECRET}'", 1),
    ],
)
def test_an_address_in_the_tools_own_way_is_read(
    a_repo: GitRepository, variable: str, command: str, env: str, count: int
) -> None:
    a_project(a_repo, {"package.json": package()})
    steps = "".join(
        f"      - run: |\n          {run}\n        env: {{{given}}}\n"
        for run, given in (("npx drizzle-kit migrate", f"{variable}: '{SECRET}'"), (command, env))
    )
    a_repo.commit({DEPLOY: f"on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"})
    assert len(found(a_repo, "MC605")) == count


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(other="prisma migrate deploy")},
        {
            "package.json": package(migrate="drizzle-kit migrate"),
            "api/package.json": package(x="prisma migrate deploy"),
        },
        {"package.json": package(migrate="drizzle-kit migrate"), DEPLOY: workflow("dbmate up")},
        {"package.json": package(migrate="drizzle-kit migrate", x="DATABASE_URL=postgres://localhost/x dbmate up")},
        {"package.json": package(migrate="drizzle-kit migrate", x="DATABASE_URL=mysql://x/y dbmate up")},
        {"package.json": package(migrate="drizzle-kit migrate", x="DATABASE_URL=file:./dev.db prisma db push")},
        {
            "package.json": package(migrate="drizzle-kit migrate"),
            DEPLOY: workflow("npx prisma db push", job="    services: {db: {image: postgres}}\n"),
        },
    ],
)
def test_what_goes_to_another_database_or_is_alone_is_no_finding(a_repo: GitRepository, files: dict[str, str]) -> None:
    a_project(a_repo)
    a_repo.commit(files)
    assert found(a_repo, "MC605") == []


ALEMBIC = "alembic upgrade head"
SUPABASE = "npx supabase db push"


def test_alembic_beside_drizzle_with_one_address_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(), DEPLOY: workflow("npx drizzle-kit migrate", job=URL)})
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", ALEMBIC, job=URL)})
    beside = f"beside `npx drizzle-kit migrate` ({DEPLOY}:7)"
    assert found(a_repo, "MC605") == [
        f"error {DEPLOY}:8 `{ALEMBIC}` {BY}, alembic, and CI runs it, {beside} | {DEPLOY}:8: {ALEMBIC}"
    ]


@pytest.mark.parametrize(
    "files",
    [
        {DEPLOY: workflow("npx drizzle-kit migrate", ALEMBIC)},
        {DEPLOY: workflow("npx drizzle-kit migrate", f"cd api && {ALEMBIC}")},
        {
            "api/Makefile": f"migrate:\n\t{ALEMBIC}\n",
            DEPLOY: workflow("npx drizzle-kit migrate", "make -C api migrate"),
        },
        {DEPLOY: workflow("npx drizzle-kit migrate", f"DATABASE_URL=postgres://localhost/x {ALEMBIC}")},
    ],
    ids=["no-address", "directory", "make", "local"],
)
def test_alembic_of_another_program_is_no_finding(a_repo: GitRepository, files: dict[str, str]) -> None:
    a_project(a_repo, {"package.json": package(), DEPLOY: workflow("npx drizzle-kit migrate")})
    a_repo.commit(files)
    assert found(a_repo, "MC605") == []


def test_supabase_beside_drizzle_warns_for_nothing_tells_where_it_goes(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(), DEPLOY: workflow("npx drizzle-kit migrate", job=URL)})
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", SUPABASE, job=URL)})
    beside = f"beside `npx drizzle-kit migrate` ({DEPLOY}:7)"
    assert found(a_repo, "MC605") == [
        f"warning {DEPLOY}:8 `{SUPABASE}` {BY}, supabase, and CI runs it, {beside} | {DEPLOY}:8: {SUPABASE}"
    ]
    told = f"{SUPABASE} --db-url $DATABASE_URL"
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit migrate", told, job=URL)})
    assert [each.partition(" ")[0] for each in found(a_repo, "MC605")] == ["error"]


OF_SUPABASE = "supabase/migrations"


def of_supabase(repo: GitRepository, *, before: str, after: str) -> list[str]:
    """What comes of a change of CI, where drizzle-kit writes what Supabase's own tool runs."""
    a_folder(repo / OF_SUPABASE, LANDED, snapshots=False)
    config = CONFIG.replace("./drizzle", f"./{OF_SUPABASE}")
    scripts = package(migrate="drizzle-kit migrate")
    repo.commit({"package.json": scripts, "drizzle.config.ts": config, DEPLOY: before})
    repo.branch("feature")
    repo.commit({DEPLOY: after})
    return [each for each in project_findings(repo, OF_SUPABASE) if each.startswith("MC605")]


@pytest.mark.parametrize("before", [workflow("npm test"), workflow(SUPABASE)])
def test_supabase_may_be_the_one_program_that_runs_the_folder(a_repo: GitRepository, before: str) -> None:
    assert of_supabase(a_repo, before=before, after=workflow(SUPABASE, "npm test")) == []


def test_supabase_is_a_second_program_beside_one_that_runs_the_same_folder(a_repo: GitRepository) -> None:
    """Each keeps a ledger of its own, and runs what the other ran."""
    steps = workflow("npx drizzle-kit migrate", SUPABASE)
    (told,) = of_supabase(a_repo, before=workflow("npx drizzle-kit migrate"), after=steps)
    assert told.startswith(f"MC605 error {DEPLOY}:")
    assert f"`{SUPABASE}` {BY}, supabase, and CI runs it, beside `npx drizzle-kit migrate`" in told
