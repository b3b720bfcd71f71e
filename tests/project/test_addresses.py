"""MC605: another tool whose address is that of another database, as far as variables tell."""

import pytest

from migcheck.sources.addresses import imported_by, is_another, names_another_kind, variables_in
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

CONFIG = 'export default {{ dialect: "postgresql", out: "./drizzle", dbCredentials: {{ url: {} }} }};'
OURS = CONFIG.format("process.env.DATABASE_URL!")
STEPS = ("npx drizzle-kit migrate", "npx knex migrate:latest")


def knex(address: str) -> str:
    """A knexfile."""
    return f'export default {{ client: "pg", {address} }};\n'


def weights(repo: GitRepository, files: dict[str, str], *, config: str = OURS, job: str = "") -> list[str]:
    """The weight of what a change brings that has CI run another tool."""
    a_project(repo, {"drizzle.config.ts": config, DEPLOY: workflow(STEPS[0]), "package.json": package()})
    repo.commit({DEPLOY: workflow(*STEPS, job=job), **files})
    return [each.partition(" ")[0] for each in found(repo, "MC605")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("connection: process.env.DATABASE_URL", ["error"]),
        ("connection: { connectionString: process.env.DATABASE_URL }", ["error"]),
        ("connection: url", ["error"]),
        ("connection: process.env.DIRECT_URL", ["error"]),
        ("connection: { host: process.env.DB_HOST, user: process.env.DB_USER }", ["error"]),
        ("connection: process.env.LEGACY_URL ?? process.env.DATABASE_URL", ["error"]),
        ("connection: process.env.LEGACY_DATABASE_URL", []),
        ("connection: process.env.BILLING_URL", []),
        ("connection: process.env['LEGACY_DATABASE_URL']", []),
        ("connection: { connectionString: env.LEGACY_PG }", []),
        ("connection: { host: env.LEGACY_DB_HOST }", []),
        ("connection: url // not process.env.DATABASE_URL\n, x: process.env.LEGACY_DATABASE_URL", []),
    ],
)
def test_a_variable_of_another_name_is_of_another_database(
    a_repo: GitRepository, address: str, expected: list[str]
) -> None:
    assert weights(a_repo, {"knexfile.ts": knex(address)}) == expected


def test_an_address_is_looked_for_in_what_a_file_imports(a_repo: GitRepository) -> None:
    text = 'import config from "./old/knex";\nexport default config;\n'
    inner = 'import config from "./config.js";\nexport default { client: "pg", ...config };\n'
    config = "export default { connection: process.env.LEGACY_DATABASE_URL };\n"
    assert weights(a_repo, {"knexfile.ts": text, "old/knex/index.ts": inner, "old/knex/config.ts": config}) == []
    a_repo.commit({"old/knex/config.ts": config.replace("LEGACY_", "")})
    assert len(found(a_repo, "MC605")) == 1


@pytest.mark.parametrize(
    ("path", "content", "command"),
    [
        ("knexfile.ts", "export default { client: 'pg', connection: process.env.OLD_URL };", "npx knex migrate:latest"),
        ("src/data-source.ts", "new DataSource({ url: process.env.OLD_URL })", "typeorm migration:run -d x"),
        ("prisma/schema.prisma", 'datasource db {\n  url = env("OLD_DB_URL")\n}', "prisma migrate deploy"),
        ("config/config.json", '{"production": {"use_env_variable": "OLD_URL"}}', "sequelize-cli db:migrate"),
    ],
)
def test_a_command_has_its_address_from_its_configuration(
    a_repo: GitRepository, path: str, content: str, command: str
) -> None:
    a_project(a_repo, {"drizzle.config.ts": OURS, DEPLOY: workflow(STEPS[0]), "package.json": package()})
    a_repo.commit({DEPLOY: workflow(STEPS[0], command), path: content})
    assert found(a_repo, "MC605") == []
    a_repo.commit({path: content.replace("OLD_URL", "DATABASE_URL").replace("OLD_DB_URL", "DATABASE_URL")})
    assert [each.partition(" ")[0] for each in found(a_repo, "MC605")] == ["error"]
    a_repo.commit({path: None, f"other/{path}": content, "other/package.json": package()})
    assert [each.partition(" ")[0] for each in found(a_repo, "MC605")] == ["error"]


@pytest.mark.parametrize(
    ("path", "content", "command"),
    [
        ("prisma/schema.prisma", 'datasource db {\n  provider = "mysql"\n  url = env("X")\n}', "prisma migrate deploy"),
        ("prisma/schema.prisma", 'datasource db {\n  provider = "sqlite"\n  url = "file:./a.db"\n}', "prisma db push"),
        ("knexfile.js", "module.exports = { client: 'mysql2', connection: c };", "npx knex migrate:latest"),
        ("config/config.json", '{"production": {"dialect": "mariadb"}}', "sequelize-cli db:migrate"),
        ("knexfile.ts", "export default { client: 'pg', connection: process.env.OLD_URL };", "npx knex migrate:latest"),
    ],
)
def test_a_configuration_says_which_kind_and_which_database_a_tool_has(
    a_repo: GitRepository, path: str, content: str, command: str
) -> None:
    a_project(a_repo, {"drizzle.config.ts": OURS, DEPLOY: workflow(STEPS[0]), "package.json": package()})
    a_repo.commit({DEPLOY: workflow(STEPS[0], command), path: content})
    assert found(a_repo, "MC605") == []
    a_repo.commit(
        {path: content.replace("OLD_URL", "DATABASE_URL") + "\n// ours: {client: 'pg'}\nx = {type: 'postgres'}"}
    )
    assert [each.partition(" ")[0] for each in found(a_repo, "MC605")] == ["error"]


def test_what_only_a_comment_names_is_no_kind() -> None:
    assert names_another_kind(b"// client: 'mysql'\nexport default { client: 'pg' }") is False
    assert names_another_kind(b"// client: 'mysql'\nexport default { client }") is None


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("    env: {OLD_DB_URL: '${{ secrets.URL }}', DATABASE_URL: '${{ secrets.URL }}'}\n", ["error"]),
        ("    env: {OLD_DB_URL: '${{ secrets.OLD }}', DATABASE_URL: '${{ secrets.URL }}'}\n", []),
    ],
)
def test_two_variables_that_are_given_one_value_are_one_database(
    a_repo: GitRepository, job: str, expected: list[str]
) -> None:
    assert weights(a_repo, {"knexfile.ts": knex("connection: process.env.OLD_DB_URL")}, job=job) == expected


@pytest.mark.parametrize(("variable", "weight"), [("LEGACY_DATABASE_URL", "warning"), ("POSTGRES_URL", "error")])
def test_where_nobody_says_which_ours_is_another_name_warns(a_repo: GitRepository, variable: str, weight: str) -> None:
    text = knex(f"connection: process.env.{variable}")
    assert weights(a_repo, {"knexfile.ts": text}, config=CONFIG.format("url")) == [weight]


def test_a_program_that_migrates_says_which_ours_is(a_repo: GitRepository) -> None:
    steps = {DEPLOY: workflow("npx tsx migrate.ts", STEPS[1]), "migrate.ts": runner()}
    text = knex("connection: process.env.LEGACY_DATABASE_URL")
    assert weights(a_repo, {"knexfile.ts": text, **steps}, config=CONFIG.format("url")) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("DATABASE_URL",), ("POSTGRES_URL_NON_POOLING",), False),
        (("OLD_DATABASE_URL",), ("DATABASE_URL",), True),
        (("OLD_DATABASE_URL",), ("OLD_DB_HOST",), False),
        (("OLD_DATABASE_URL", "DATABASE_URL"), ("DIRECT_URL",), False),
        ((), ("DATABASE_URL",), False),
        (("OLD_URL",), (), False),
    ],
)
def test_names_tell_of_two_databases(one: tuple[str, ...], other: tuple[str, ...], *, expected: bool) -> None:
    assert is_another(one, other) == expected


def test_what_a_file_reads_of_other_things_is_no_address() -> None:
    text = "fetch(process.env.API_URL); redis(process.env.REDIS_URL); x(process.env.DB_POOL)"
    assert variables_in(text.encode()) == frozenset()


def test_imports_lead_to_files_of_the_package() -> None:
    assert "src/db/index.ts" in imported_by("src/a.ts", b'import x from "./db";\nimport y from "knex";')
    assert "db.ts" in imported_by("src/a.ts", b"const x = require('../db.js')")


@pytest.mark.parametrize(
    "part", ["connection: ", "process.env.A_", "env.", "new Pool(", "url:  ", "a.", "// x\n", "  "]
)
def test_addresses_take_no_longer_than_their_size(part: str) -> None:
    assert growth(lambda size: variables_in((part * size).encode()), 2_000) < LINEAR
