"""A target is asked all that there is to ask of it, and what it did not say stands in the report."""

import json

import pytest
from tests.support.command import Command
from tests.support.copies import record
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

MANY = [f"c{number}" for number in range(30)]
# No value that is made up fits, so there is no row that anything could be refused for.
BASE = f"create table t (id text not null check (id = md5(id)), {', '.join(f'{each} int' for each in MANY)});"


@pytest.fixture
def target(a_repo: GitRepository, app: Database) -> Database:
    """One whose rows are alike in what the last of many unique indexes is of."""
    base = {"0000_t": BASE}
    app.run(BASE, "alter table t drop constraint t_id_check", f"insert into t (id, {MANY[-1]}) values ('', 1), ('', 1)")
    record(app, base)
    a_folder(a_repo / "drizzle", base, snapshots=False)
    a_repo.commit(message="Add it")
    new = "\n--> statement-breakpoint\n".join(f"create unique index by_{each} on t ({each});" for each in MANY)
    add_migration(a_repo / "drizzle", "0001_new", new, snapshot=False)
    return app


def test_the_last_of_many_is_asked_for(target: Database, a_repo: GitRepository, command: Command) -> None:
    ran = command("verify", "--format", "json", cwd=a_repo.top, env={"DATABASE_URL": target.url})
    errors = [(each["code"], each["line"]) for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]
    assert (ran.code, errors) == (1, [("MC312", 2 * len(MANY) - 1)]), ran


def test_what_it_did_not_say_is_told(
    target: Database, a_repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migcheck.facts.target.read_answers._ALL_SECONDS", 0)
    ran = command("verify", cwd=a_repo.top, env={"DATABASE_URL": target.url, "COLUMNS": "200"})
    told = " ".join(ran.out.split())
    assert (
        "the target did not say whether rows refuse drizzle/0001_new.sql:1, drizzle/0001_new.sql:3, "
        "drizzle/0001_new.sql:5, drizzle/0001_new.sql:7, drizzle/0001_new.sql:9 and 25 more: the answers before it "
        "took all of the time"
    ) in told, ran
