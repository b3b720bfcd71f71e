"""`migcheck apply` as it is typed: a repository, a target, and what is left on both ends."""

import json
import re
from collections.abc import Callable

import pytest

from tests.support.command import Command, Ran
from tests.support.deploys import ledger_rows, tables
from tests.support.folders import STEP, WHEN, a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

LANDED = {"0000_users": "create table users (id int);", "0001_posts": "create table posts (id int);"}


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository whose folder has landed."""
    a_folder(a_repo / "drizzle", LANDED, snapshots=False)
    a_repo.commit(message="Add migrations")
    return a_repo


@pytest.fixture
def apply(repo: GitRepository, command: Command) -> Callable[..., Ran]:
    def run(app: Database, *options: str) -> Ran:
        return command("apply", "drizzle", *options, cwd=repo.top, env={"DATABASE_URL": app.url})

    return run


def last(ran: Ran) -> str:
    return ran.out.splitlines()[-1]


def codes(ran: Ran) -> list[str]:
    """The rules of gate `target` that the report names."""
    return sorted(set(re.findall(r"\bMC5\d\d\b", ran.out)))


def test_a_deploy_from_the_first_look_to_the_second_run(
    repo: GitRepository, app: Database, apply: Callable[..., Ran]
) -> None:
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id int);", snapshot=False)
    repo.commit(message="Add tags")
    where = f"127.0.0.1:{app.port}/{app.name}"

    looked = apply(app, "--dry-run", "--base", "HEAD~1")
    command = "migcheck apply drizzle --base HEAD~1"
    assert (looked.code, last(looked)) == (0, f"dry run: 3 migrations would go to {where}. Next: {command}")
    assert tables(app) == []

    ran = apply(app)
    assert ran.code == 0, ran
    assert last(ran).startswith(f"applied: 3 migrations to {where} in ")
    assert "rehearsed, but" not in ran.out
    assert "not rehearsed" not in ran.out
    assert tables(app) == ["posts", "tags", "users"]

    again = apply(app)
    assert (again.code, last(again)) == (0, f"nothing to do: {where} has every migration of drizzle")
    assert len(ledger_rows(app)) == 3


def test_what_has_not_landed_is_landed_before_it_is_deployed(
    repo: GitRepository, app: Database, command: Command
) -> None:
    def verify() -> str:
        return last(command("verify", cwd=repo.top, env={"DATABASE_URL": app.url})).partition("Next: ")[2]

    repo.branch("feature")
    assert verify() == "migcheck apply"
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id int);", snapshot=False)
    repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})
    assert verify() == "land it; `migcheck apply` deploys"
    repo.switch("main")
    repo.merge("feature")
    assert verify() == "migcheck apply"


def test_what_was_edited_before_it_was_ever_applied_is_deployed_once(
    repo: GitRepository, app: Database, apply: Callable[..., Ran]
) -> None:
    repo.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})

    ran = apply(app)
    assert ran.code == 0, ran
    assert "MC201" in ran.out

    again = apply(app)
    where = f"127.0.0.1:{app.port}/{app.name}"
    assert (again.code, last(again)) == (0, f"nothing to do: {where} has every migration of drizzle")


def test_a_deploy_whose_report_cannot_be_written_is_no_fault_of_the_command_line(
    app: Database, apply: Callable[..., Ran]
) -> None:
    ran = apply(app, "--output", "/dev/full")
    assert (ran.code, ran.out, tables(app)) == (3, "", ["posts", "users"])
    *_, applied, problem, remedy = ran.err.splitlines()
    assert applied.endswith("drizzle: applied")
    assert problem == "migcheck: --output /dev/full: the report cannot be written: No space left on device"
    assert remedy == "  remedy: name another file"


def test_an_application_that_was_rolled_back_has_nothing_to_do(
    repo: GitRepository, app: Database, apply: Callable[..., Ran]
) -> None:
    landed = repo.head
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id int);", snapshot=False)
    repo.commit(message="Add tags")
    assert apply(app).code == 0
    repo.git("branch", "kept")
    repo.git("reset", "--hard", landed)
    ran = apply(app)
    assert ran.code == 0, ran
    assert codes(ran) == ["MC509"]
    assert ran.out.count("ahead of the folder") == 1
    assert last(ran) == f"nothing to do: 127.0.0.1:{app.port}/{app.name} has every migration of drizzle"


def test_a_migration_that_a_hotfix_overtook_is_refused(
    repo: GitRepository, app: Database, apply: Callable[..., Ran]
) -> None:
    repo.branch("hotfix")
    add_migration(repo / "drizzle", "0002_hot", "create table hot (id int);", when=WHEN + 9 * STEP, snapshot=False)
    repo.commit(message="Fix it at night")
    assert apply(app).code == 0
    repo.switch("main")
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id int);", when=WHEN + 5 * STEP, snapshot=False)
    repo.commit(message="Add tags")
    ran = apply(app)
    assert ran.code == 1, ran
    assert codes(ran) == ["MC508", "MC509"]
    assert "0002_tags will never run on" in ran.out
    assert tables(app) == ["hot", "posts", "users"]

    waiver = '[[waiver]]\ncode = "MC508"\nmigration = "0002_tags"\nreason = "made by hand"\nuntil = 2999-01-01\n'
    repo.commit({"migcheck.toml": waiver})
    ran = apply(app)
    where = f"127.0.0.1:{app.port}/{app.name}"
    told = f"nothing to do: nothing is pending on {where}, which does not have 0002_tags as drizzle has it"
    assert (ran.code, last(ran)) == (0, told), ran


def test_a_squash_on_a_target_that_is_behind_is_refused(
    repo: GitRepository, app: Database, apply: Callable[..., Ran]
) -> None:
    assert apply(app).code == 0
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id int);", snapshot=False)
    repo.commit(message="Add tags")
    repo.branch("squash")
    for file in (repo / "drizzle").glob("*.sql"):
        file.unlink()
    everything = "create table users (id int);\ncreate table posts (id int);\ncreate table tags (id int);"
    a_folder(repo / "drizzle", {"0000_all": everything}, when={"0000_all": WHEN + 2 * STEP}, snapshots=False)
    repo.commit(message="Squash")
    ran = apply(app, "--base", "main")
    assert ran.code == 1, ran
    assert "MC511" in codes(ran)
    assert tables(app) == ["posts", "users"]


def test_a_wrong_password_is_undecided_and_told_nowhere(app: Database, apply: Callable[..., Ran]) -> None:
    ran = apply(Database(app.port, app.name, app.role, "s3cret-wrong-pw"))
    assert ran.code == 3
    assert "refuses the user or the password" in ran.out
    assert "s3cret" not in ran.out + ran.err


def test_a_target_that_takes_no_writes_is_refused_to_a_deploy_and_shown_to_a_look(
    repo: GitRepository, app: Database, apply: Callable[..., Ran], command: Command
) -> None:
    app.run(f"alter database {app.name} set default_transaction_read_only = on")
    ran = apply(app)
    assert (ran.code, codes(ran)) == (1, ["MC501"])
    looked = command("verify", "drizzle", cwd=repo.top, env={"DATABASE_URL": app.url})
    assert (looked.code, codes(looked)) == (0, ["MC501"])


def test_what_cannot_be_known_ends_with_3_and_with_what_to_look_at(app: Database, apply: Callable[..., Ran]) -> None:
    app.run("create schema drizzle")
    app.run("create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)")
    app.run("create rule no as on insert to drizzle.__drizzle_migrations do instead nothing")
    ran = apply(app)
    unknown = "unknown: what is applied could not be learnt. Next: see the remedy above"
    assert (ran.code, last(ran), tables(app)) == (3, unknown, ["posts", "users"]), ran
    rows = f"the rows of drizzle.__drizzle_migrations with created_at {WHEN}, {WHEN + STEP}: they are there if it took"
    assert f"remedy: look at {rows} effect; the sessions of pg_stat_activity with " in " ".join(ran.out.split())


def test_nothing_is_deployed_where_a_gate_blocks(repo: GitRepository, app: Database, apply: Callable[..., Ran]) -> None:
    add_migration(repo / "drizzle", "0002_broken", "alter table nowhere add x int;", snapshot=False)
    repo.commit(message="Break it")
    ran = apply(app)
    assert ran.code == 1
    assert "; nothing was deployed. Next: " in last(ran)
    assert tables(app) == []
    assert app.ask("select 1 from pg_namespace where nspname = 'drizzle'") == []


def test_a_report_says_at_its_top_how_the_run_ended(
    repo: GitRepository, app: Database, apply: Callable[..., Ran], command: Command
) -> None:
    backfill = "create table tags (name text not null); insert into tags select null from users;"
    assert apply(app).code == 0
    app.run("insert into users values (1)")
    add_migration(repo / "drizzle", "0002_tags", backfill, snapshot=False)
    repo.commit(message="Add tags")
    ran = apply(app, "--format", "json")
    report = json.loads(ran.out)
    # Of rows that may be there, the gates only warned.
    assert (ran.code, report["verdict"], report["exit_code"]) == (1, "clear", 1)
    assert [each["outcome"] for each in report["deploys"]] == ["failed"]

    (repo / "drizzle/0002_tags.sql").write_text("selec 1;")
    blocked = apply(app, "--format", "json")
    report = json.loads(blocked.out)
    assert (blocked.code, report["verdict"], report["exit_code"]) == (1, "blocked", 1)
    verified = command("verify", "drizzle", "--offline", "--format", "json", cwd=repo.top)
    report = json.loads(verified.out)
    assert (verified.code, report["verdict"], report["exit_code"]) == (1, "blocked", 1)
