"""The gate `sql` as people meet it: in `verify` and before `apply`, with a target that has rows and without one."""

import json
import re
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.deploys import deploy_at, tables
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

RULES = Path(__file__).parents[2] / "docs" / "rules"
USERS = "create table users (id int, name text);"
WAIVER = """
[[waiver]]
code = "MC302"
migration = "0001_new"
reason = "no release reads it any more"
until = 2099-12-31
"""


@pytest.fixture
def deployed(a_repo: GitRepository, app: Database) -> GitRepository:
    """A repository with one table, which the target has with a thousand rows."""
    a_folder(a_repo / "drizzle", {"0000_users": USERS}, snapshots=False)
    a_repo.commit(message="Add users")
    deploy_at(app, a_repo.top)
    app.run("insert into users select generate_series(1, 1000), 'x'", "analyze users")
    return a_repo


def found(ran: Ran) -> list[tuple[str, str, str, int]]:
    """Code, severity, migration and line of what the gate `sql` found."""
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"].startswith("MC3")]
    return [(each["code"], each["severity"], each["migration"], each["line"]) for each in findings]


def sql_gate(ran: Ran) -> tuple[str, str]:
    [gate] = [each for each in json.loads(ran.out)["gates"] if each["name"] == "sql"]
    return gate["outcome"], gate["reason"]


def test_how_bad_an_index_is_the_target_says(deployed: GitRepository, app: Database, command: Command) -> None:
    add_migration(deployed / "drizzle", "0001_new", "-- by name\ncreate index by_name on users (name);", snapshot=False)
    verify = ("verify", "--format", "json")
    alone = command(*verify, cwd=deployed.top)
    small = command(*verify, cwd=deployed.top, env={"DATABASE_URL": app.url})
    deployed.write({"migcheck.toml": "[sql]\nbig_rows = 1000\n"})
    big = command(*verify, cwd=deployed.top, env={"DATABASE_URL": app.url})
    assert [(each.code, found(each)) for each in (alone, small, big)] == [
        (0, [("MC309", "warning", "0001_new", 2)]),
        (0, []),
        (1, [("MC309", "error", "0001_new", 2)]),
    ]


def test_what_loses_values_is_deployed_once_somebody_means_it(
    deployed: GitRepository, app: Database, command: Command
) -> None:
    there = {"DATABASE_URL": app.url}
    add_migration(deployed / "drizzle", "0001_new", "alter table users drop column name;", snapshot=False)
    deployed.commit(message="Drop names")
    refused = command("apply", cwd=deployed.top, env=there)
    assert (refused.code, "error MC302 column-dropped" in refused.out) == (1, True), refused
    deployed.write({"migcheck.toml": WAIVER})
    assert command("apply", cwd=deployed.top, env=there).code == 0
    assert app.ask("select count(*) from information_schema.columns where table_name = 'users'") == [(1,)]


def test_a_table_without_a_row_on_the_target_may_go(deployed: GitRepository, app: Database, command: Command) -> None:
    app.run("truncate users")
    add_migration(deployed / "drizzle", "0001_new", "drop table users;", snapshot=False)
    ran = command("apply", cwd=deployed.top, env={"DATABASE_URL": app.url})
    assert (ran.code, tables(app)) == (0, []), ran


def test_a_new_migration_with_the_text_of_a_landed_one_is_new(
    a_repo: GitRepository, app: Database, command: Command
) -> None:
    text, there = "create table if not exists cache (id int);\ntruncate cache;", {"DATABASE_URL": app.url}
    a_folder(a_repo / "drizzle", {"0000_cache": text}, snapshots=False)
    a_repo.commit(message="Add a cache")
    deploy_at(app, a_repo.top)
    app.run("insert into cache values (1)")
    add_migration(a_repo / "drizzle", "0001_new", text, snapshot=False)
    ran = command("verify", "--format", "json", cwd=a_repo.top, env=there)
    assert (ran.code, found(ran)) == (1, [("MC303", "error", "0001_new", 2)])


def test_where_nothing_runs_it_is_read_and_where_the_upgrade_fails_nothing_is_seen(
    deployed: GitRepository, command: Command
) -> None:
    add_migration(deployed / "drizzle", "0001_new", "drop table users;", snapshot=False)
    offline = command("verify", "--offline", "--format", "json", cwd=deployed.top)
    add_migration(deployed / "drizzle", "0002_wrong", "selec 1;", snapshot=False)
    failing = command("verify", "--format", "json", cwd=deployed.top)
    assert (sql_gate(offline), found(offline)) == (("judged", ""), [("MC301", "error", "0001_new", 1)])
    assert (sql_gate(failing), found(failing)) == (("skipped", "the upgrade did not go through"), [])


def test_the_configuration_that_the_page_on_detached_partitions_shows_is_enough(
    a_repo: GitRepository, command: Command
) -> None:
    base = (
        "create table events (id int, at date) partition by range (at);"
        "create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');"
    )
    a_folder(a_repo / "drizzle", {"0000_events": base}, snapshots=False)
    a_repo.commit(message="Add events")
    sql = "alter table events detach partition events_2025 concurrently;"
    add_migration(a_repo / "drizzle", "0001_new", sql, snapshot=False)
    (shown,) = re.findall(r"```toml\n(.*?)```", (RULES / "MC326.md").read_text("utf-8"), re.DOTALL)
    runs, _, _ = shown.partition("[[waiver]]")
    for config, code, codes in ((runs, 1, ["MC405"]), (shown, 0, ["MC405"])):
        (a_repo / "migcheck.toml").write_text(config, "utf-8")
        ran = command("verify", "--format", "json", cwd=a_repo.top)
        told = [each["code"] for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]
        assert (ran.code, told) == (code, codes)


def test_of_tables_that_are_only_locked_or_written_the_target_says_how_large_they_are(
    deployed: GitRepository, app: Database, command: Command
) -> None:
    there = {"DATABASE_URL": app.url}
    add_migration(deployed / "drizzle", "0001_tags", "create table tags (id int, label text);", snapshot=False)
    deployed.commit(message="Add tags")
    deploy_at(app, deployed.top)
    app.run("insert into tags select generate_series(1, 1000), 'x'", "analyze tags")
    steps = (
        "update users set name = 'y';",
        "alter table users add column age int;",
        "alter table tags add column at date;",
    )
    add_migration(deployed / "drizzle", "0002_new", "\n--> statement-breakpoint\n".join(steps), snapshot=False)
    verify = ("verify", "--format", "json")
    small = command(*verify, cwd=deployed.top, env=there)
    deployed.write({"migcheck.toml": "[sql]\nbig_rows = 1000\n"})
    big = command(*verify, cwd=deployed.top, env=there)
    assert (small.code, found(small)) == (0, [])
    assert (big.code, found(big)) == (0, [("MC333", "warning", "0002_new", 5), ("MC334", "warning", "0002_new", 1)])
    (folder,) = json.loads(big.out)["folders"]
    assert [(each["line"], each["table"], each["lock"]) for each in folder["locks"]] == [
        (1, "public.users", "ROW EXCLUSIVE"),
        (3, "public.users", "ACCESS EXCLUSIVE"),
        (5, "public.tags", "ACCESS EXCLUSIVE"),
    ]
    (written,) = folder["rows"]["written"]
    assert (written["line"], written["updated"], written["had"]) == (1, 16, 16)
