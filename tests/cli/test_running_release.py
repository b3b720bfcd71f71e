"""What a deploy does to the release that still runs, as people meet it: real folders, real git, a real server."""

import json

import pytest
from msgspec.structs import replace
from tests.support.command import Command, Ran
from tests.support.deploys import deploy_at
from tests.support.folders import a_folder, a_folder_1_0, add_migration
from tests.support.releases import ADULTS, BASE, SHOP, USERS, know
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

DROP = "drop view adults;"
NICK = replace(USERS, columns=tuple(each for each in USERS.columns if each.name != "name"))


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository whose base knows the shop."""
    drizzle = a_folder(a_repo / "drizzle", {"0000_base": BASE})
    know(drizzle, "0000_base", *SHOP)
    a_repo.commit(message="Open the shop")
    return a_repo


def found(ran: Ran) -> list[tuple[str, str, int | None]]:
    findings = json.loads(ran.out)["findings"]
    return [(each["code"], each["severity"], each["line"]) for each in findings if each["code"].startswith("MC3")]


def verified(repo: GitRepository, command: Command, *options: str, url: str = "") -> list[tuple[str, str, int | None]]:
    env = {"DATABASE_URL": url} if url else {}
    return found(command("verify", "drizzle", "--format", "json", *options, cwd=repo.top, env=env))


def test_a_view_that_base_reads_and_the_way_in_two_deploys(repo: GitRepository, command: Command) -> None:
    drizzle = repo / "drizzle"
    add_migration(drizzle, "0001_new", f"-- no more\n{DROP}")
    ran = command("verify", "drizzle", "--format", "json", cwd=repo.top)
    assert (ran.code, found(ran)) == (1, [("MC321", "error", 2)])
    (one,) = (each for each in json.loads(ran.out)["findings"] if each["code"] == "MC321")
    assert one["evidence"] == (
        f'{DROP}\nthe running release sends (base\'s snapshot 0000): select "id", "name" from "adults"'
    )
    # First a release whose schema is without it, with nothing to run.
    repo.git("checkout", "--quiet", "--", ".")
    repo.git("clean", "--quiet", "-fd")
    add_migration(drizzle, "0001_none", "select 1;")
    know(drizzle, "0001_none", *SHOP[1:])
    assert verified(repo, command) == []
    repo.commit(message="Do without the view")
    add_migration(drizzle, "0002_new", DROP)
    assert verified(repo, command) == []


def test_it_is_waived_as_others_are(repo: GitRepository, command: Command) -> None:
    add_migration(repo / "drizzle", "0001_new", DROP)
    waiver = (
        '[[waiver]]\ncode = "MC321"\nmigration = "0001_new"\nreason = "meant: nobody reads it"\nuntil = 2099-12-31\n'
    )
    repo.write({"migcheck.toml": waiver})
    assert command("verify", "drizzle", cwd=repo.top).code == 0


def test_what_base_does_not_name_is_said_at_what_is_dropped(repo: GitRepository, command: Command) -> None:
    drizzle = repo / "drizzle"
    add_migration(drizzle, "0001_none", "drop view adults; drop table posts;")
    know(drizzle, "0001_none", NICK)
    repo.commit(message="Do without names")
    add_migration(drizzle, "0002_new", "alter table users drop column name;")
    (one,) = json.loads(command("verify", "drizzle", "--format", "json", cwd=repo.top).out)["findings"]
    assert (one["code"], one["evidence"].splitlines()[-1]) == (
        "MC302",
        "base's snapshot 0001 does not name it: the schema of the running release is without it",
    )


def test_the_layout_of_1_0(a_repo: GitRepository, command: Command) -> None:
    first, second = "20250101000000_base", "20250102000000_new"
    a_folder_1_0(a_repo / "drizzle", {first: BASE})
    know(a_repo / "drizzle", first, ADULTS)
    a_repo.commit(message="Open the shop")
    a_repo.write({f"drizzle/{second}/migration.sql": DROP})
    (one,) = (
        each
        for each in json.loads(command("verify", "drizzle", "--format", "json", cwd=a_repo.top).out)["findings"]
        if each["code"].startswith("MC3")
    )
    assert (one["code"], one["evidence"].splitlines()[-1]) == (
        "MC321",
        f'the running release sends (base\'s snapshot {first}): select from "adults"',
    )


def test_where_nothing_is_known_of_a_release_nothing_is_said(a_repo: GitRepository, command: Command) -> None:
    drizzle = a_folder(a_repo / "drizzle", {"0000_base": BASE}, snapshots=False)
    a_repo.commit(message="Open the shop")
    add_migration(drizzle, "0001_new", DROP, snapshot=False)
    assert verified(a_repo, command) == []


def test_the_first_migration_breaks_no_release(a_repo: GitRepository, command: Command) -> None:
    drizzle = a_folder(a_repo / "drizzle", {"0000_base": BASE, "0001_new": DROP})
    know(drizzle, "0000_base", *SHOP)
    know(drizzle, "0001_new", *SHOP)
    assert verified(a_repo, command) == []


def test_a_snapshot_that_cannot_be_read_is_told_and_no_release(repo: GitRepository, command: Command) -> None:
    repo.write({"drizzle/meta/0000_snapshot.json": '{"id": "x", "tables": 3}'})
    repo.commit(message="Break it")
    add_migration(repo / "drizzle", "0001_new", DROP, snapshot=False)
    assert verified(repo, command) == [("MC325", "warning", None)]


def test_the_release_that_runs_is_that_of_the_target(repo: GitRepository, app: Database, command: Command) -> None:
    """Where the target is behind base, what runs there is what was built with its last migration."""
    deploy_at(app, repo.top)
    app.run("insert into users (email) values ('x')", "analyze users")
    drizzle = repo / "drizzle"
    add_migration(drizzle, "0001_none", "select 1;")
    know(drizzle, "0001_none", *SHOP[1:])
    repo.commit(message="Do without the view")
    add_migration(drizzle, "0002_new", DROP)
    assert verified(repo, command) == []
    assert verified(repo, command, url=app.url) == [("MC321", "error", 1)]


def test_a_table_without_a_row_on_the_target_is_none(repo: GitRepository, app: Database, command: Command) -> None:
    deploy_at(app, repo.top)
    add_migration(repo / "drizzle", "0001_new", "alter type kind rename value 'a' to 'c';")
    assert verified(repo, command) == [("MC323", "error", 1)]
    assert verified(repo, command, url=app.url) == []


QUERIES = "-- of the report\nselect email from users\nwhere id = $1;\n\nselect nothing from nowhere;\n"


def test_queries_of_the_projects_own_are_those_of_base(repo: GitRepository, command: Command) -> None:
    repo.write({"queries/report.sql": QUERIES, "queries/deeper/no.sql": "select email from users;"})
    repo.commit(message="Report")
    repo.write({"queries/report.sql": "", "queries/new.sql": "select email from users;"})
    add_migration(repo / "drizzle", "0001_new", "alter table users rename column email to mail;")
    assert verified(repo, command) == [("MC304", "error", 1), ("MC324", "warning", 1)]
    repo.write({"migcheck.toml": '[sql]\nqueries = "queries/*.sql"\n'})
    assert ("MC324", "error", 1) in verified(repo, command)
    repo.write({"migcheck.toml": '[sql]\nqueries = "db/*.sql"\n'})
    assert verified(repo, command) == [("MC304", "error", 1), ("MC325", "warning", None)]


def test_queries_that_nobody_named_block_nothing(a_repo: GitRepository, command: Command) -> None:
    """A repository that never heard of migcheck comes out clear."""
    drizzle = a_folder(a_repo / "drizzle", {"0000_base": BASE})
    know(drizzle, "0000_base", *SHOP[1:])
    a_repo.write({"queries/report.sql": "select name from adults;"})
    a_repo.commit(message="Open the shop")
    add_migration(drizzle, "0001_new", DROP)
    ran = command("verify", "drizzle", "--format", "json", cwd=a_repo.top)
    assert (ran.code, found(ran)) == (0, [("MC324", "warning", 1)])


def test_queries_that_are_named_must_be_ones_that_can_be_planned(repo: GitRepository, command: Command) -> None:
    repo.write({"db/report.sql": QUERIES, "migcheck.toml": '[sql]\nqueries = "db/*.sql"\n'})
    repo.commit(message="Report")
    add_migration(repo / "drizzle", "0001_new", "alter table users add x text;")
    assert verified(repo, command) == [("MC325", "warning", 5)]


def test_queries_of_base_that_the_target_is_behind_of_are_not_told(
    repo: GitRepository, app: Database, command: Command
) -> None:
    deploy_at(app, repo.top)
    add_migration(repo / "drizzle", "0001_nick", "alter table users add nick text;")
    repo.write({"db/nick.sql": "select nick from users;", "migcheck.toml": '[sql]\nqueries = "db/*.sql"\n'})
    repo.commit(message="Ask for it")
    add_migration(repo / "drizzle", "0002_new", "create table more (id int);")
    assert verified(repo, command, url=app.url) == []
