"""`migcheck guide`: what it says of a real project, and the file that it is written into."""

import json
import os
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, a_folder_1_0, add_migration
from tests.support.repositories import GitRepository

CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"
RUNNER = """
import { migrate } from "drizzle-orm/node-postgres/migrator";
await migrate(db, { migrationsFolder: "./drizzle" });
"""
USERS = {"0000_users": "create table users (id int);"}


def a_project(repo: GitRepository, files: dict[str, str] | None = None, at: str = ".") -> GitRepository:
    a_folder(repo / at / "drizzle", USERS)
    repo.commit({f"{at}/drizzle.config.ts": CONFIG, **(files or {})})
    return repo


def test_the_variable_that_drizzle_config_reads_is_named_with_the_line_that_takes_it(
    a_repo: GitRepository, command: Command
) -> None:
    """Set as the page says, DATABASE_URL would be a second secret for one database, and soon of another one."""
    reads = CONFIG.replace(" }", ", dbCredentials: { url: process.env.POSTGRES_URL! } }")
    a_project(a_repo, {"drizzle.config.ts": reads})
    told = '`database_url = "POSTGRES_URL"`'
    assert told in command("guide", cwd=a_repo.top).out
    for name in ("apply", "status", "baseline"):
        ran = command(name, cwd=a_repo.top, env={"POSTGRES_URL": "postgres://127.0.0.1:1/d"})
        assert ran.code == 2
        assert ran.err == (
            "migcheck: DATABASE_URL is not set, but drizzle.config.ts reads POSTGRES_URL, so there is no target\n"
            "  remedy: set DATABASE_URL, or give --env-file FILE that sets it; where yours is POSTGRES_URL, say so in "
            f'migcheck.toml: [[folder]] with `path = "drizzle"` and {told}\n'
        )
    # One who has said it, is told of nothing else.
    a_repo.write({"migcheck.toml": '[[folder]]\npath = "drizzle"\ndatabase_url = "NEON_URL"\n'})
    assert "POSTGRES_URL" not in command("guide", cwd=a_repo.top).out + command("status", cwd=a_repo.top).err


def scripts(**named: str) -> str:
    return json.dumps({"scripts": {name.replace("_", ":"): text for name, text in named.items()}})


@pytest.mark.parametrize(
    ("lock", "told"),
    [
        ("package-lock.json", "npx drizzle-kit generate --name NAME"),
        ("pnpm-lock.yaml", "pnpm drizzle-kit generate --name NAME"),
        ("yarn.lock", "yarn drizzle-kit generate --name NAME"),
        ("bun.lock", "bunx drizzle-kit generate --name NAME"),
    ],
)
def test_the_package_manager_is_that_of_the_lockfile(
    a_repo: GitRepository, command: Command, lock: str, told: str
) -> None:
    a_project(a_repo, {"package.json": "{}", lock: ""})
    assert f"\n   {told}\n" in command("guide", cwd=a_repo.top).out


def test_the_packages_own_scripts_are_named(a_repo: GitRepository, command: Command) -> None:
    package = scripts(
        db_generate="dotenv -- drizzle-kit generate",
        db_migrate="tsx src/migrate.ts",
        again="drizzle-kit push --config other.config.ts",
        db_push="drizzle-kit push",
        also="drizzle-kit generate && echo done",
    )
    manager = json.dumps({"packageManager": "npm@10.1.0"})
    files = {"packages/db/package.json": package, "packages/db/src/migrate.ts": RUNNER, "package.json": manager}
    a_project(a_repo, {**files, "packages/db/other.config.ts": CONFIG.replace("drizzle'", "x'")}, at="packages/db")
    out = command("guide", cwd=a_repo.top).out
    assert "\n   (cd packages/db && npm run db:generate -- --custom --name NAME)\n" in out
    assert "The project has the script `(cd packages/db && npm run db:migrate)`, which nothing here\n" in out
    assert "(here: `(cd packages/db && npm run again)` and `(cd packages/db && npm run db:push)`)." in out


def test_of_two_databases_the_script_for_this_one_is_named(a_repo: GitRepository, command: Command) -> None:
    package = scripts(
        a_generate="drizzle-kit generate --config ./configs/mysql.config.ts",
        b_generate="drizzle-kit generate --config ./configs/pg.config.ts",
    )
    mysql = CONFIG.replace("postgresql", "mysql").replace("drizzle'", "mysql'")
    files = {"db/package.json": package, "db/configs/mysql.config.ts": mysql, "db/configs/pg.config.ts": CONFIG}
    a_folder(a_repo / "db" / "drizzle", USERS)
    a_repo.commit(files)
    out = command("guide", "db/drizzle", cwd=a_repo.top).out
    assert "\n   (cd db && npm run b:generate -- --name NAME)\n" in out


def test_a_script_that_goes_on_or_has_an_odd_name_gets_no_options(a_repo: GitRepository, command: Command) -> None:
    package = json.dumps({"scripts": {"a": "drizzle-kit generate && b", "x`;id": "drizzle-kit generate", "n": 1}})
    a_project(a_repo, {"package.json": package})
    assert "\n   npx drizzle-kit generate --name NAME\n" in command("guide", cwd=a_repo.top).out


def test_what_a_script_only_says_is_not_what_it_does(a_repo: GitRepository, command: Command) -> None:
    package = scripts(db_push="echo 'drizzle-kit push is disabled' && exit 1", deploy="drizzle-kit migrate")
    make = "later:\n\techo one day we run migcheck apply\n"
    a_project(a_repo, {"package.json": package, "Makefile": make, "pnpm-lock.yaml": ""})
    out = command("guide", cwd=a_repo.top).out
    assert "db:push" not in out
    assert "The project has the script `pnpm run deploy`, which nothing here\n" in out


def test_who_applies_by_the_action_is_found(a_repo: GitRepository, command: Command) -> None:
    step = "{uses: acme/migcheck@v1, with: {command: apply}}"
    a_project(a_repo, {".github/workflows/deploy.yml": f"on: push\njobs: {{a: {{steps: [{step}]}}}}\n"})
    assert "`migcheck apply` deploys it: see `.github/workflows/deploy.yml`." in command("guide", cwd=a_repo.top).out


def test_a_configuration_by_another_name_is_given_to_drizzle_kit(a_repo: GitRepository, command: Command) -> None:
    a_folder(a_repo / "drizzle", USERS)
    a_repo.commit({"db/drizzle-pg.config.ts": CONFIG.replace("./drizzle", "drizzle"), "package.json": "[]"})
    out = command("guide", "drizzle", cwd=a_repo.top).out
    assert "\n   npx drizzle-kit generate --config db/drizzle-pg.config.ts --name NAME\n" in out
    assert "\n   migcheck verify drizzle\n" in out


def test_where_the_configuration_is_the_folders_are_proven(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"db/migcheck.toml": "[[folder]]\npath = 'drizzle'\n"}, at="db")
    assert "\n   (cd db && migcheck verify)\n" in command("guide", cwd=a_repo / "db").out
    out = command("guide", "drizzle", cwd=a_repo / "db").out
    assert "\n   (cd db && migcheck verify drizzle)\n" in out
    assert "**Land.** `(cd db && migcheck apply drizzle)`, with `DATABASE_URL` set, deploys" in out
    assert "Only\n  `(cd db && migcheck apply drizzle)` deploys that." in out


def test_folders_that_are_found_from_one_place_alone_are_proven_there(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, at="one")
    a_project(a_repo, at="two")
    assert "\n   (cd two && migcheck verify)\n" in command("guide", cwd=a_repo / "two").out
    assert "\n   migcheck verify\n" in command("guide", cwd=a_repo.top).out


def test_a_configuration_that_was_named_is_named_again(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"ci/migcheck.toml": "[[folder]]\npath = '../drizzle'\n"})
    for options, told in (([], ""), (["../drizzle"], " drizzle")):
        out = command("guide", *options, "--config", "migcheck.toml", cwd=a_repo / "ci").out
        assert f"\n   migcheck verify{told} --config ci/migcheck.toml\n" in out


def test_a_configuration_outside_of_the_repository_is_named_as_it_is_reached(
    a_repo: GitRepository, command: Command, tmp_path: Path
) -> None:
    a_project(a_repo)
    drizzle = os.path.relpath(a_repo / "drizzle", tmp_path)
    (tmp_path / "migcheck.toml").write_text(f"[[folder]]\npath = '{drizzle}'\n")
    out = command("guide", "--config", str(tmp_path / "migcheck.toml"), cwd=a_repo.top).out
    assert f"\n   migcheck verify --config {os.path.relpath(tmp_path, a_repo.top)}/migcheck.toml\n" in out


def test_who_applies_is_found_where_it_is_run(a_repo: GitRepository, command: Command) -> None:
    deploy = "on: push\njobs:\n  a:\n    steps:\n      - run: migcheck apply --format github\n"
    a_project(a_repo, {".github/workflows/deploy.yml": deploy, "ci.yml": "# migcheck apply\n"})
    assert "`migcheck apply` deploys it: see `.github/workflows/deploy.yml`." in command("guide", cwd=a_repo.top).out


@pytest.mark.parametrize(
    ("sql", "attributes", "told"),
    [
        ("select 1;\n", "", "drizzle/**/*.sql text eol=lf"),
        ("select 1;\r\n", "", "drizzle/**/*.sql -text"),
        ("select 1;\r\n", "*.sql eol=lf", "drizzle/**/*.sql -text"),
        ("select 1;\n", "*.sql eol=lf", "sees to that already"),
        ("select 1;\r\n", "* -text", "sees to that already"),
    ],
)
def test_the_advice_on_line_ends_is_what_the_files_bear(
    a_repo: GitRepository, command: Command, sql: str, attributes: str, told: str
) -> None:
    a_repo.git("config", "core.autocrlf", "false")
    a_folder(a_repo / "drizzle", {"0000_users": sql})
    a_repo.commit({"drizzle.config.ts": CONFIG})
    a_repo.write({".gitattributes": attributes})
    assert told in command("guide", cwd=a_repo.top).out


def test_the_cure_for_crlf_edits_nothing_that_landed_and_is_the_guides(a_repo: GitRepository, command: Command) -> None:
    a_repo.git("config", "core.autocrlf", "false")
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (\r\n  id int\r\n);\r\n"}, snapshots=False)
    a_repo.commit({"drizzle.config.ts": CONFIG})
    a_repo.branch("feature")
    add_migration(a_repo / "drizzle", "0001_posts", "create table posts (\r\n  id int\r\n);\r\n", snapshot=False)
    a_repo.commit()
    told = json.loads(command("verify", "--offline", "--format", "json", cwd=a_repo.top).out)["findings"]
    (new,) = (each for each in told if (each["code"], each["severity"]) == ("MC123", "error"))
    line = "drizzle/**/*.sql -text"
    assert new["fix"] == (
        f"Save the file with LF line ends, and put `{line}` into .gitattributes: files of it have landed with CR, and "
        "to turn those into LF now would be an edit."
    )
    assert f"\n{line}\n" in command("guide", cwd=a_repo.top).out

    a_repo.commit({".gitattributes": f"{line}\n", "drizzle/0001_posts.sql": "create table posts (\n  id int\n);\n"})
    a_repo.git("add", "--renormalize", ".")
    a_repo.commit()
    assert command("verify", "--offline", cwd=a_repo.top).code == 0


def test_it_is_written_beside_the_folder_and_once(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"AGENTS.md": "# Ours\n"}, at="db")
    printed = command("guide", cwd=a_repo.top).out
    first = command("guide", "--write", cwd=a_repo.top)
    assert (first.code, first.out, first.err.splitlines()) == (
        0,
        "",
        [
            "migcheck: db/MIGRATIONS.md was written",
            "migcheck: AGENTS.md does not name it: add a line that does, so that assistants find it",
        ],
    )
    text = (a_repo / "db/MIGRATIONS.md").read_text()
    assert printed in text
    a_repo.write({"AGENTS.md": "# Ours\nSee db/MIGRATIONS.md.\n"})
    again = command("guide", "--write", cwd=a_repo / "db/drizzle")
    assert (again.code, again.err) == (0, "migcheck: db/MIGRATIONS.md is up to date\n")
    assert (a_repo / "db/MIGRATIONS.md").read_text() == text


def test_a_file_that_is_there_keeps_what_people_wrote(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"AGENTS.md": "# Ours\n\nBe kind.\n"})
    (a_repo / "AGENTS.md").chmod(0o640)
    assert command("guide", "--file", "AGENTS.md", cwd=a_repo.top).err == "migcheck: AGENTS.md was brought up to date\n"
    assert (a_repo / "AGENTS.md").read_text().startswith("# Ours\n\nBe kind.\n\n<!-- migcheck guide ")
    assert (a_repo / "AGENTS.md").stat().st_mode & 0o777 == 0o640
    a_repo.write({"AGENTS.md": (a_repo / "AGENTS.md").read_text().replace("## Never", "## Never ever")})
    refused = command("guide", "--file", "AGENTS.md", cwd=a_repo.top)
    assert refused.code == 2
    assert refused.err.startswith("migcheck: AGENTS.md was left as it is: what stands between its marks was edited by")
    assert "## Never ever" in (a_repo / "AGENTS.md").read_text()
    assert list(a_repo.top.glob(".AGENTS*")) == []


def test_the_configuration_may_name_its_file(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"migcheck.toml": 'guide = "docs/database.md"\n', "docs/x": ""})
    assert command("guide", "--write", cwd=a_repo.top).err == "migcheck: docs/database.md was written\n"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("../out.md", "--file ../out.md lies outside "),
        ("folder.md", "folder.md is a directory"),
        ("src/index.ts", "src/index.ts is no Markdown by its name"),
        (".git/hooks/x.md", ".git/hooks/x.md leads to "),
        ("none/guide.md", "there is no directory none"),
        ("binary.md", "binary.md is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_used(a_repo: GitRepository, command: Command, file: str, told: str) -> None:
    a_project(a_repo)
    (a_repo / "binary.md").write_bytes(b"\xff\xfe")
    (a_repo / "folder.md").mkdir()
    (a_repo / ".git/hooks").mkdir(exist_ok=True)
    ran = command("guide", "--file", file, cwd=a_repo.top)
    assert (ran.code, ran.err.startswith(f"migcheck: {told}")) == (2, True), ran.err


def test_a_link_that_leaves_the_repository_is_not_followed(
    a_repo: GitRepository, command: Command, tmp_path: Path
) -> None:
    a_project(a_repo)
    (tmp_path / "outside").write_text("mine")
    (a_repo / "MIGRATIONS.md").symlink_to(tmp_path / "outside")
    ran = command("guide", "--write", cwd=a_repo.top)
    assert (ran.code, ran.err.startswith("migcheck: MIGRATIONS.md cannot be read: it is a symbolic link")) == (2, True)
    assert (tmp_path / "outside").read_text() == "mine"


def test_a_pipe_is_not_waited_for(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo)
    os.mkfifo(a_repo / "AGENTS.md")
    os.mkfifo(a_repo / "package.json")
    assert command("guide", "--write", cwd=a_repo.top).err == "migcheck: MIGRATIONS.md was written\n"
    (a_repo / "MIGRATIONS.md").unlink()
    os.mkfifo(a_repo / "MIGRATIONS.md")
    ran = command("guide", "--write", cwd=a_repo.top)
    assert (ran.code, ran.err.startswith("migcheck: MIGRATIONS.md cannot be read: it is not a regular file")) == (
        2,
        True,
    )


def test_what_assistants_read_is_not_looked_for_outside(
    a_repo: GitRepository, command: Command, tmp_path: Path
) -> None:
    a_project(a_repo)
    (tmp_path / "outside").write_text("mine")
    (a_repo / "AGENTS.md").symlink_to(tmp_path / "outside")
    assert command("guide", "--write", cwd=a_repo.top).err == "migcheck: MIGRATIONS.md was written\n"


def test_a_link_inside_of_it_is(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"AGENTS.md": "# Ours\n"})
    (a_repo / "CLAUDE.md").symlink_to("AGENTS.md")
    assert command("guide", "--file", "CLAUDE.md", cwd=a_repo.top).code == 0
    assert (a_repo / "CLAUDE.md").is_symlink()
    assert "migcheck guide" in (a_repo / "AGENTS.md").read_text()


def test_where_nothing_may_be_written_the_old_file_stays(a_repo: GitRepository, command: Command) -> None:
    a_project(a_repo, {"MIGRATIONS.md": "# Ours\n"})
    (a_repo / f".MIGRATIONS.md.{os.getpid()}.new").write_text("somebody's")
    ran = command("guide", "--write", cwd=a_repo.top)
    assert (ran.code, ran.err.startswith("migcheck: MIGRATIONS.md cannot be written: File exists")) == (3, True)
    assert (a_repo / "MIGRATIONS.md").read_text() == "# Ours\n"
    assert (a_repo / f".MIGRATIONS.md.{os.getpid()}.new").read_text() == "somebody's"


@pytest.mark.parametrize("layout", ["0.x", "1.0"])
def test_the_page_is_no_foreign_file_for_the_gate(a_repo: GitRepository, command: Command, layout: str) -> None:
    if layout == "0.x":
        a_folder(a_repo.top, USERS)
    else:
        a_folder_1_0(a_repo.top, {"20250101000000_users": "create table users (id int);"})
    a_repo.commit({"migcheck.toml": "[[folder]]\npath = '.'\n"})
    before = command("verify", "--offline", cwd=a_repo.top)
    assert command("guide", "--write", cwd=a_repo.top).err == "migcheck: MIGRATIONS.md was written\n"
    after = command("verify", "--offline", cwd=a_repo.top)
    assert (before.code, after.code) == (0, 0)
    assert [each.split(" ")[:3] for each in after.out.splitlines()] == [
        each.split(" ")[:3] for each in before.out.splitlines()
    ]


def test_without_a_repository_it_says_so(command: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    place: Path = tmp_path_factory.mktemp("nowhere")
    a_folder(place / "drizzle", USERS)
    ran = command("guide", "drizzle", cwd=place)
    assert (ran.code, "is in no git repository" in ran.err) == (3, True)
