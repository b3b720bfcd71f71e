"""`migcheck baseline` as it is typed."""

import json
import shutil
from collections.abc import Sequence

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder, a_folder_1_0
from tests.support.repositories import GitRepository
from tests.support.target_server import Database, TargetServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

SQL = {
    "0000_users": "create table if not exists users (id int);",
    "0001_posts": "create table if not exists posts (id int); alter table posts add body text;",
    "0002_tags": "create table tags (id int);",
}
LEDGER = "select from pg_tables where tablename = '__drizzle_migrations'"


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    a_folder(a_repo / "drizzle", SQL)
    a_repo.commit(message="Add migrations")
    return a_repo


@pytest.fixture
def run(command: Command, target_server: TargetServer, app: Database, repo: GitRepository) -> Command:
    """Run a command in `repo` on `app`. Scratch is the server that runs already, which is of the same major."""
    env = {"DATABASE_URL": app.url, "MIGCHECK_SCRATCH_URL": target_server.admin.url}
    return lambda *arguments, **options: command(*arguments, **{"cwd": repo.top, "env": env, **options})


KINDS = "create table kinds (id int primary key);"


def end(ran: Ran) -> Sequence[str]:
    """From the line that begins what came of it."""
    lines = ran.out.splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith("baseline ")) :]


def test_a_type_that_is_there_beside_tables_that_are_looked_for_ends_the_deploy_before_it_begins(
    run: Command, app: Database, repo: GitRepository
) -> None:
    pushed = "create type mood as enum ('a');\ncreate table if not exists people (id int, mood mood);"
    more = "create index by_mood on people (mood);\ncreate view moods as select 1;"
    a_folder(repo / "drizzle", {"0000_people": f"{pushed}\n{more}"})
    repo.commit(message="People")
    app.run(*pushed.split("\n"), "create index by_mood on people (id)", "create table moods (id int)")
    met = run("apply", "drizzle", "--base", "HEAD")
    text = " ".join(met.out.split())
    assert (met.code, "error MC513" in text, "migcheck baseline" in text) == (1, True, True), met
    told = "already has 1 of the tables and 1 of the types and 1 of the indexes that pending migrations make and has"
    assert f"{told} something else by the name of what pending migrations make" in text
    assert "public.people, public.mood, public.by_mood, public.moods (a table)" in text
    assert app.ask(LEDGER) == []


def test_where_rows_alone_are_missing_they_are_named_as_what_is_to_be_done(
    run: Command, app: Database, a_repo: GitRepository
) -> None:
    sql = {"0000_kinds": f"{KINDS} insert into kinds values (1);", "0001_tags": SQL["0002_tags"]}
    a_folder(a_repo / "seeded", sql, snapshots=False)
    a_repo.commit()
    app.run(KINDS)
    ran = run("baseline", "seeded")
    assert ran.code == 1, ran
    assert (
        "the tables of the target are as they are after 0000_kinds, but rows are missing that migrations insert "
        "remedy: insert them as the migrations do, then migcheck baseline seeded --to 0000_kinds"
    ) in " ".join(ran.out.split())
    app.run("insert into kinds values (1)")
    assert run("baseline", "seeded", "--to", "0000_kinds").code == 0


def test_from_a_database_that_was_pushed_to_one_that_is_deployed(run: Command, app: Database) -> None:
    where = f"127.0.0.1:{app.port}/{app.name}"
    app.run(SQL["0000_users"], SQL["0001_posts"])

    met = run("apply", "drizzle")
    assert (met.code, "MC513" in met.out, "migcheck baseline" in met.out) == (1, True, True), met

    ran = run("baseline", "drizzle")
    assert ran.code == 1, ran
    head, compared, *_, legend = end(ran)[:-3]
    command_line = "migcheck baseline drizzle --to 0001_posts"
    assert head == f"baseline  drizzle  of {where}"
    assert compared.startswith("  compared with what the migrations up to 0002_tags build on PostgreSQL ")
    assert legend == "  - the target lacks it, + it has more, ~ it has otherwise: folder -> target"
    assert end(ran)[-3:] == [
        "  │ - table public.tags",
        "",
        f"different: nothing was written: the target is as it is after 0001_posts. Next: {command_line}",
    ]
    assert app.ask(LEDGER) == []

    looked = run("baseline", "--to", "1", "--dry-run")
    assert looked.code == 0, looked
    assert end(looked)[3:] == [
        "  0000_users  would be recorded",
        "  0001_posts  would be recorded",
        "",
        f"dry run: 2 rows for {where} would be written, and nothing run. Next: migcheck baseline --to 0001_posts",
    ]
    assert app.ask(LEDGER) == []

    done = run("baseline", "--to", "1")
    assert done.code == 0, done
    assert end(done)[3:6] == ["  0000_users  recorded", "  0001_posts  recorded", ""]
    assert end(done)[-1].startswith(f"recorded: 2 rows for {where} in ")
    assert end(done)[-1].endswith(" ms, and read back; nothing was run. Next: migcheck status")

    again = run("baseline", "--to", "0001")
    assert (again.code, again.out.splitlines()[-1]) == (
        0,
        f"nothing to do: no row up to 0001_posts is missing on {where}",
    )

    status = run("status")
    assert "2 applied, 1 pending" in status.out
    deployed = run("apply")
    assert (deployed.code, "applied: 1 migration to" in deployed.out) == (0, True), deployed


def test_what_the_gates_find_keeps_it_from_beginning(run: Command, repo: GitRepository, app: Database) -> None:
    app.run(*SQL.values())
    repo.write({"drizzle/0000_users.sql": "create table users (id bigint);"})
    ran = run("baseline")
    assert (ran.code, app.ask(LEDGER)) == (1, []), ran
    assert "; nothing was written. Next: " in ran.out.splitlines()[-1]
    assert "a baseline runs nothing; it builds the folder on scratch to compare" in ran.out


def test_a_ledger_with_a_row_of_nobodys(run: Command, app: Database) -> None:
    app.run(*SQL.values(), "create schema drizzle")
    app.run("create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)")
    app.run(f"insert into drizzle.__drizzle_migrations (hash, created_at) values ('{'0' * 64}', 1)")
    ran = run("baseline")
    assert (ran.code, "MC506" in ran.out) == (1, True), ran
    assert app.ask("select count(*) from drizzle.__drizzle_migrations") == [(1,)]


def test_what_a_folder_cannot_build_is_undecided(run: Command, repo: GitRepository, app: Database) -> None:
    repo.commit({"drizzle/0001_posts.sql": "select 1 / 0;"})
    app.run(*SQL.values())
    ran = run("baseline")
    assert (ran.code, app.ask(LEDGER)) == (3, []), ran
    assert "drizzle/0001_posts.sql:1: the folder cannot be built on scratch: 22012" in ran.out.replace("\n  ", " ")


def test_for_machines(run: Command, app: Database) -> None:
    app.run(SQL["0000_users"], "create table posts (id bigint, body text);", SQL["0002_tags"])
    ran = run("baseline", "--format", "json")
    [told] = json.loads(ran.out)["deploys"]
    assert (ran.code, told["outcome"]) == (1, "different"), ran
    assert told["differences"] == ["~ column public.posts.id: integer -> bigint"]
    assert told["proposed"] == []
    seen = run("baseline", "--format", "github")
    first = seen.out.splitlines()[0]
    assert first.startswith("::error title=drizzle%3A the target is different::")
    assert "~ column public.posts.id: integer -> bigint" in first


@pytest.mark.parametrize("to", ["20240101000001_posts", "20240101000001"])
def test_a_folder_of_1_0(run: Command, repo: GitRepository, app: Database, to: str) -> None:
    folders = {"20240101000000_users": SQL["0000_users"], "20240101000001_posts": SQL["0001_posts"]}
    shutil.rmtree(repo / "drizzle")
    a_folder_1_0(repo / "drizzle", {**folders, "20240101000002_tags": SQL["0002_tags"]})
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--amend", "--no-edit")
    app.run(*folders.values())
    ran = run("baseline", "drizzle", "--to", to)
    assert ran.code == 0, ran
    assert app.ask("select name from drizzle.__drizzle_migrations order by id") == [(tag,) for tag in folders]
    deployed = run("apply", "drizzle")
    assert (deployed.code, "applied: 1 migration to" in deployed.out) == (0, True), deployed


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ["--to", "0009_x"],
            "--to 0009_x names no migration of drizzle\n  remedy: one of 0002_tags, 0001_posts, 0000_users",
        ),
        (["--to", "3"], "--to 3 names no migration of drizzle"),
    ],
)
def test_a_migration_that_is_none(run: Command, options: list[str], told: str) -> None:
    ran = run("baseline", *options)
    assert (ran.code, ran.err.startswith(f"migcheck: {told}")) == (2, True), ran


def test_a_journal_that_is_broken_or_lacks_a_file_is_told_by_its_gate(run: Command, repo: GitRepository) -> None:
    (last,) = repo.top.glob("drizzle/0001_*.sql")
    last.unlink()
    for command in ("baseline", "undo"):
        ran = run(command, "--to", last.stem)
        assert (ran.code, "MC101" in ran.out) == (1, True), ran
    repo.write({"drizzle/meta/_journal.json": "<<<<<<< HEAD\n"})
    for command in ("baseline", "undo"):
        ran = run(command, "--to", "0")
        assert (ran.code, "MC100" in ran.out) == (1, True), ran


def test_it_is_of_one_folder(run: Command, repo: GitRepository) -> None:
    a_folder(repo / "other", {"0000_a": "select 1;"})
    ledger = 'ledger = { schema = "drizzle", table = "other" }'
    config = f'[[folder]]\npath = "drizzle"\n[[folder]]\npath = "other"\n{ledger}\n'
    repo.commit({"migcheck.toml": config})
    ran = run("baseline")
    assert (ran.code, "name one of them: `migcheck baseline FOLDER`" in ran.err) == (2, True), ran


def test_it_needs_a_target(command: Command, repo: GitRepository) -> None:
    ran = command("baseline", cwd=repo.top)
    assert (ran.code, "DATABASE_URL is not set" in ran.err) == (2, True), ran
