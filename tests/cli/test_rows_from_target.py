"""`migcheck` with rows where the rehearsal starts from the target, which settles what they raise."""

import json

import pytest
from tests.support.command import Command
from tests.support.copies import record
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = pytest.mark.server

# The table was made by hand, before there was a folder.
OLD = {"0000_start": "alter table users add column email text;"}
TARGET = '[scratch]\nstart_from = "target"\nkind = "embedded"\n'


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
