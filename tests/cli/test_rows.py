"""`migcheck` with rows: what the report says of them, and how a target settles what they raise."""

import json
from collections.abc import Callable

import pytest
from tests.support.command import Command, Ran
from tests.support.deploys import deploy_at
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.servers import ADMIN_URL, Servers
from tests.support.target_server import Database

from migcheck.facts.sql.rows import Found, Unasked
from migcheck.facts.target import read_answers

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

USERS = "create table users (id int generated always as identity primary key, name text, email text, age int);"
NEW = """alter table users alter column name set not null;
--> statement-breakpoint
create unique index by_email on users (email);
--> statement-breakpoint
alter table users add constraint grown check (age > 17) not valid;
"""
Verify = Callable[..., Ran]


@pytest.fixture
def verify(a_repo: GitRepository, app: Database, command: Command) -> Verify:
    """`migcheck verify` where USERS has landed and is deployed, and NEW is new; `target` says whether it is known."""
    a_folder(a_repo / "drizzle", {"0000_users": USERS}, snapshots=False)
    a_repo.commit(message="Add users")
    deploy_at(app, a_repo.top)
    add_migration(a_repo / "drizzle", "0001_new", NEW, snapshot=False)

    def run(*options: str, target: bool = True) -> Ran:
        env = {"DATABASE_URL": app.url} if target else None
        return command("verify", *options, cwd=a_repo.top, env=env)

    return run


def found(report: str) -> list[tuple[str, str]]:
    """Code and severity of what rows raise."""
    findings = json.loads(report)["findings"]
    return [(each["code"], each["severity"]) for each in findings if each["code"] in {"MC306", "MC312"}]


def test_without_a_target_it_warns_and_shows_what_to_ask(verify: Verify, a_repo: GitRepository) -> None:
    ran = verify("--report", "report.json", target=False)
    report = (a_repo / "report.json").read_text("utf-8")
    assert ran.code == 0
    assert found(report) == [("MC306", "warning"), ("MC312", "warning")]
    assert "  rows      failed at 2 places" in ran.out
    assert "            rows made up: public.users 16\n" in ran.out
    rows = json.loads(report)["folders"][0]["rows"]
    assert rows.pop("ms") > 0
    assert rows == {
        "own": None,
        "tables": [{"table": "public.users", "rows": 16, "lacks": ""}],
        "faults": [
            {
                "migration": "0001_new",
                "file": "drizzle/0001_new.sql",
                "line": 1,
                "sqlstate": "23502",
                "message": 'column "name" of relation "users" contains null values',
                "table": "public.users",
                "select": 'select * from public.users where "name" is null',
            },
            {
                "migration": "0001_new",
                "file": "drizzle/0001_new.sql",
                "line": 3,
                "sqlstate": "23505",
                "message": 'could not create unique index "by_email"',
                "table": "public.users",
                "select": "select email, count(*) from public.users where email is not null "
                "group by email having count(*) > 1",
            },
        ],
        "ended": "",
        "unasked": "",
        "unanswered": [],
        "written": [],
    }


def test_a_target_that_has_such_rows_blocks_and_one_that_has_none_does_not(
    verify: Verify, app: Database, a_repo: GitRepository
) -> None:
    app.run("insert into users (name, email) values ('', 'a'), ('b', 'a'), ('c', 'c')")
    ran = verify("--format", "json")
    assert (ran.code, found(ran.out)) == (1, [("MC312", "error")])
    app.run("update users set email = 'b' where name = 'b'")
    ran = verify("--report", "report.json")
    assert (ran.code, found((a_repo / "report.json").read_text("utf-8"))) == (0, [])
    assert "  rows      failed at 2 places" in ran.out
    assert "            the target has no such rows: drizzle/0001_new.sql:1\n" in ran.out
    assert "            the target has no such rows: drizzle/0001_new.sql:3\n" in ran.out


def test_nothing_is_deployed_that_would_fail_and_what_passes_is(
    verify: Verify, app: Database, a_repo: GitRepository, command: Command
) -> None:
    a_repo.write({"drizzle/0001_new.sql": "alter table users alter column name set not null;"})
    assert verify().code == 0
    a_repo.commit(message="Ask for names")
    app.run("insert into users (name) values (null)")
    ran = command("apply", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    assert ran.code == 1
    assert "and the target has 1 such row" in " ".join(ran.out.split())
    app.run("update users set name = 'a'")
    assert command("apply", cwd=a_repo.top, env={"DATABASE_URL": app.url}).code == 0


@pytest.mark.usefixtures("verify")
def test_what_landed_and_the_targets_rows_refuse_is_not_deployed(
    app: Database, a_repo: GitRepository, command: Command
) -> None:
    a_repo.commit(message="Ask for names")
    add_migration(a_repo / "drizzle", "0002_new", "create table other (id integer)", snapshot=False)
    a_repo.commit(message="Add another")
    app.run("insert into users (name, email) values (null, 'a'), ('b', 'a')")
    ran = command("apply", "--base", "HEAD~", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    assert (ran.code, ran.out.count("error MC")) == (1, 2), ran
    app.run("delete from users where name is null")
    ran = command("apply", "--base", "HEAD~", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    assert ran.code == 0, ran


def test_what_a_target_does_not_say_is_not_taken_for_no_rows(app: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a report tells of it, of rows by rows and of many at once, others pin."""
    app.run(
        "create table users (email text)",
        "insert into users values ('a'), ('a')",
        "create table hidden ()",
        "alter table hidden enable row level security",
        "alter table hidden force row level security",
    )
    selects = ["select * from public.users", "select * from public.hidden", "select * from pg_sleep(60)"]
    monkeypatch.setattr(read_answers, "SECONDS", 0.5)
    with app.connect() as target:
        told = read_answers.read_answers(target, selects)
        monkeypatch.setattr(read_answers, "_ALL_SECONDS", 0)
        late = read_answers.read_answers(target, selects[:1])
    hidden = (
        'query would be affected by row-level security policy for table "hidden"; HINT: To disable the policy for the '
        "table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY."
    )
    assert [*told.values(), *late.values()] == [
        Found(2),
        Unasked(hidden),
        Unasked("it takes longer than 0.5 s"),
        Unasked("the answers before it took all of the time"),
    ]


def test_an_older_target_is_asked_what_it_understands(
    verify: Verify, app: Database, a_repo: GitRepository, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADMIN_URL, servers.admin_url(17))
    new = "alter table users alter name type numeric(6, 2) using name::numeric(6, 2);"
    a_repo.write({"drizzle/0001_new.sql": new})
    app.run("insert into users (name) values ('1e3'), (' 9999.994'), (null)")
    ran = verify("--format", "json")
    assert (ran.code, found(ran.out)) == (0, [])
    app.run("insert into users (name) values ('none'), ('9999.995')")
    ran = verify("--format", "json")
    assert (ran.code, found(ran.out)) == (1, [("MC312", "error")])
    assert "and the target has 2 such rows" in ran.out


# By rows, as `pg_dump --inserts` writes them.
DUMP = (
    "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n"
    "SELECT pg_catalog.set_config('search_path', '', false);\nSET row_security = off;\n\n"
    "INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (1, 'a', 'a', 18);\n\n"
    "SELECT pg_catalog.setval('public.users_id_seq', 1, true);\n"
)


def test_the_projects_own_rows_are_those_of_base(verify: Verify, a_repo: GitRepository) -> None:
    a_repo.write(
        {"migcheck.toml": '[sql]\nseed = "db/seed.sql"\n', "db/seed.sql": "insert into users (name) values (null);"}
    )
    ran = verify("--format", "json", target=False)
    assert (ran.code, found(ran.out)) == (1, [("MC306", "error"), ("MC312", "warning")])
    a_repo.write({"db/seed.sql": DUMP})
    told = verify(target=False)
    assert told.code == 0
    assert "rows of db/seed.sql: public.users 1" in told.out
    a_repo.write({"db/seed.sql": "insert into nobody values (1);"})
    told = verify(target=False)
    assert "those of db/seed.sql were refused" in told.out
    assert "warning MC319 seed-refused" in told.out


def test_what_the_projects_own_rows_do_not_show_the_target_is_asked_for(
    verify: Verify, a_repo: GitRepository, app: Database
) -> None:
    a_repo.write({"migcheck.toml": '[sql]\nseed = "seed.sql"\n', "seed.sql": "insert into users (name) values ('a');"})
    app.run("insert into users (name, email) values ('a', 'a'), ('b', 'a')")
    ran = verify("--format", "json")
    assert (ran.code, found(ran.out)) == (1, [("MC312", "error")])


def test_a_column_that_no_row_can_have_is_told_with_what_the_target_has(
    verify: Verify, app: Database, a_repo: GitRepository
) -> None:
    a_repo.write({"drizzle/0001_new.sql": "alter table users add column nick text not null;"})
    told = verify().out
    assert "            the target's table has no row: drizzle/0001_new.sql:1\n" in told
    assert "MC305" not in told
    app.run("insert into users (name, email) values ('a', 'a')")
    told = verify().out
    assert "error MC305 required-column-added" in told
    assert "    │ the target has had rows of it\n" in told
    app.run("analyze users")
    assert "    │ the target has about 1 row of it\n" in verify().out


def test_a_seed_outside_of_the_repository_is_not_read(verify: Verify, a_repo: GitRepository) -> None:
    outside = a_repo.top.parent / "outside.sql"
    outside.write_text("insert into users (name) values (null);", "utf-8")
    (a_repo / "leads_out").symlink_to(outside)
    told, expected = {}, {}
    for path in ("../outside.sql", "a/../../outside.sql", "/etc/passwd", "..\\\\outside.sql", "leads_out"):
        a_repo.write({"migcheck.toml": f'[sql]\nseed = "{path}"\n'})
        ran = verify(target=False)
        named = path.replace("\\\\", "\\")
        said = (
            f"migcheck.toml:2: [sql] seed names {named}, which leads out of the repository",
            "remedy: put the file into the repository and name it from where migcheck.toml is",
        )
        told[path] = (ran.code, ran.out, [each for each in said if each in ran.err])
        expected[path] = (2, "", [*said])
    assert told == expected


def test_a_seed_may_lie_above_its_configuration_and_be_a_link_within(verify: Verify, a_repo: GitRepository) -> None:
    a_repo.write(
        {
            "db/migcheck.toml": '[[folder]]\npath = "../drizzle"\n[sql]\nseed = "../seed.sql"\n',
            "db/rows.sql": "insert into users (name, email, age) values ('a', 'a', 18);",
        }
    )
    (a_repo / "seed.sql").symlink_to("db/rows.sql")
    told = verify("--config", "db/migcheck.toml", target=False)
    assert told.code == 0
    assert "rows of seed.sql: public.users 1" in told.out


def test_a_link_of_base_that_leads_out_is_no_seed(verify: Verify, a_repo: GitRepository) -> None:
    (a_repo / "seed.sql").symlink_to("/etc/passwd")
    a_repo.commit({"migcheck.toml": '[sql]\nseed = "seed.sql"\n'})
    (a_repo / "seed.sql").unlink()
    ran = verify(target=False)
    assert (ran.code, "seed names seed.sql, which is not there" in ran.err) == (2, True), ran


def test_a_seed_that_is_not_there_is_an_error_of_the_configuration(verify: Verify, a_repo: GitRepository) -> None:
    a_repo.write({"migcheck.toml": '[sql]\nseed = "seed.sql"\n'})
    ran = verify(target=False)
    assert ran.code == 2
    assert "migcheck.toml:2: [sql] seed names seed.sql, which is not there" in ran.err
