"""`migcheck` with rows where the rehearsal starts from the target, which settles what they raise."""

import json

import pytest
from tests.support.command import Command
from tests.support.copies import record
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

# The table was made by hand, before there was a folder.
OLD = {"0000_start": "alter table users add column email text;"}
TARGET = '[scratch]\nstart_from = "target"\nkind = "dsn"\n'


@pytest.fixture
def repo(a_repo: GitRepository, app: Database) -> GitRepository:
    """A folder whose new file asks for emails that differ, configured to start from the target."""
    app.run("create table users (id int primary key, email text)")
    record(app, OLD)
    a_folder(a_repo / "drizzle", OLD, snapshots=False)
    a_repo.commit({"migcheck.toml": TARGET}, message="Add migrations")
    add_migration(a_repo / "drizzle", "0001_once", "create unique index once on users (email);", snapshot=False)
    a_repo.commit(message="Let emails differ")
    return a_repo


def test_the_target_says_whether_it_has_such_rows_and_nothing_is_deployed_that_would_fail(
    repo: GitRepository, app: Database, command: Command
) -> None:
    env = {"DATABASE_URL": app.url}
    app.run("insert into users values (1, 'a'), (2, 'a')")
    ran = command("verify", "--format", "json", cwd=repo.top, env=env)
    told = [(each["code"], each["severity"]) for each in json.loads(ran.out)["findings"]]
    told = [each for each in told if each[0] == "MC312"]
    assert (ran.code, told) == (1, [("MC312", "error")]), ran
    assert "and the target has 1 such value" in ran.out
    assert command("apply", cwd=repo.top, env=env).code == 1
    app.run("update users set email = 'b' where id = 2")
    ran = command("verify", cwd=repo.top, env=env)
    assert ran.code == 0, ran
    assert "the target has no such rows: drizzle/0001_once.sql:1" in ran.out
    ran = command("apply", cwd=repo.top, env=env)
    assert (ran.code, "rows made up: public.users 16" in ran.out) == (0, True), ran


TEAMS = "create table teams (id int primary key)"
SOME = "insert into teams select distinct team from users where team is not null"
KEY = "alter table users add constraint users_team foreign key (team) references teams (id)"
BREAKPOINT = "\n--> statement-breakpoint\n"


@pytest.mark.parametrize(
    "text",
    [
        # The place of the key is guessed: it is that of the first statement which speaks of it.
        f"alter table users drop constraint if exists users_team;\n{TEAMS};\n{SOME};\n{KEY}",
        # Behind a COMMIT nobody looks on, and there is no line.
        BREAKPOINT.join((TEAMS, "commit; begin", SOME, KEY)),
        # What is gone by then is not asked.
        BREAKPOINT.join(("truncate users", "create unique index once on users (team)")),
        BREAKPOINT.join(("truncate parts_rest", "create table part partition of parts for values from (0) to (10)")),
        BREAKPOINT.join(("truncate parts_rest", "alter table parts alter column at set not null")),
        BREAKPOINT.join(("truncate parts", "create table part partition of parts for values from (0) to (10)")),
    ],
)
def test_what_goes_through_on_the_target_is_no_error(
    text: str, a_repo: GitRepository, app: Database, command: Command
) -> None:
    base = {
        "0000_a": "create table users (id int primary key, team int);"
        "create table parts (at int) partition by range (at); create table parts_rest partition of parts default;"
    }
    app.run(base["0000_a"], "insert into users values (1, 7), (2, 7)", "insert into parts values (5), (null)")
    record(app, base)
    a_folder(a_repo / "drizzle", base, snapshots=False)
    a_repo.commit(message="Add migrations")
    add_migration(a_repo / "drizzle", "0001_b", text, snapshot=False)
    a_repo.commit(message="Add another")
    ran = command("verify", "--format", "json", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    told = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC312" and each["severity"] == "error"]
    assert told == [], ran
