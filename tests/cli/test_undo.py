"""`migcheck undo` as it is typed: every gate, the rollbacks proven, and the target as it was before."""

import json
from collections.abc import Sequence

import pytest
from tests.support.command import Command, Ran
from tests.support.deploys import keep_ledger
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.target_server import Database, TargetServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

SQL = {
    "0000_users": """create type mood as enum ('a');
        create table users (id int, name text not null, mood mood, moods mood[]);""",
    "0001_nick": "alter table users add column nick text, alter column name drop not null;",
    "0002_posts": "create table posts (id int, author int); alter type mood add value 'b';",
}
DOWN = {
    "0001_nick": "alter table users drop column nick, alter column name set not null;",
    # As `migcheck rollback` proposes it.
    "0002_posts": """drop table posts; alter type mood rename to mood__old; create type mood as enum ('a');
        alter table users alter column mood type mood using mood::text::mood;
        alter table users alter column moods type mood[] using moods::text[]::mood[]; drop type mood__old;""",
}
COLUMNS = (
    "select format('%s.%s', table_name, column_name) from information_schema.columns where table_schema = 'public'"
)


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    drizzle = a_folder(a_repo / "drizzle", SQL)
    for tag, sql in DOWN.items():
        (drizzle / f"{tag}.down.sql").write_text(sql)
    a_repo.commit(message="Add migrations")
    return a_repo


@pytest.fixture
def run(command: Command, target_server: TargetServer, app: Database, repo: GitRepository) -> Command:
    """Run a command in `repo` on `app`. Scratch is the server that runs already, which is of the same major."""
    env = {"DATABASE_URL": app.url, "MIGCHECK_SCRATCH_URL": target_server.admin.url}
    return lambda *arguments: command(*arguments, cwd=repo.top, env=env)


@pytest.fixture
def applied(app: Database, repo: GitRepository) -> None:
    """Let the target have all of the folder."""
    app.run(*SQL.values())
    keep_ledger(app, repo.top)


def end(ran: Ran) -> Sequence[str]:
    """From the line that begins what came of it, without the time that it took."""
    lines = ran.out.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith("undo ")), len(lines) - 1)
    return lines[first:]


def rows(app: Database) -> int:
    return len(app.ask("select from drizzle.__drizzle_migrations"))


def columns(app: Database) -> list[str]:
    return sorted(str(name) for (name,) in app.ask(COLUMNS))


@pytest.mark.usefixtures("applied")
def test_what_was_applied_last_is_undone_and_can_be_deployed_again(run: Command, app: Database) -> None:
    where = f"127.0.0.1:{app.port}/{app.name}"
    dry = run("undo", "--to", "0000", "--dry-run")
    assert end(dry) == [
        f"undo  drizzle  on {where}",
        "  0002_posts  would be undone",
        "  0001_nick   would be undone",
        "  0002_posts: it loses table public.posts",
        "  0002_posts: it needs values in public.users that fit, or are rounded: mood has another type,",
        "  called public.mood as well; moods has another type, called public.mood[] as well",
        "  0001_nick: it loses column public.users.nick",
        "  0001_nick: it needs no NULL in public.users.name",
        "",
        f"dry run: 2 migrations would be undone on {where}. Next: migcheck undo --to 0000_users",
    ]
    assert (dry.code, rows(app)) == (0, 3)

    ran = run("undo", "--to", "0")
    assert ran.code == 0, ran
    assert end(ran)[1:3] == ["  0002_posts  undone", "  0001_nick   undone"]
    assert ran.out.splitlines()[-1].endswith(
        "and read back; the next deploy runs what the folder still has of it. Next: migcheck status"
    )
    assert columns(app) == ["users.id", "users.mood", "users.moods", "users.name"]
    assert rows(app) == 1
    deployed = run("apply")
    assert (deployed.code, rows(app)) == (0, 3), deployed


@pytest.mark.usefixtures("applied")
def test_one_of_them_alone(run: Command, repo: GitRepository, app: Database) -> None:
    """A waiver of what is applied, which nobody judges then, is no news."""
    waived = 'code = "MC309"\nmigration = "0001_nick"\nreason = "nobody reads it"\nuntil = 2999-01-01\n'
    (repo / "migcheck.toml").write_text(f"[[waiver]]\n{waived}[[waiver]]\n{waived.replace('0001_nick', 'nobody')}")
    repo.commit(message="Waive")
    done = run("undo", "--to", "0001_nick", "--base", "HEAD")
    assert (done.code, "MC309 for nobody matches" in done.out, "for 0001_nick" in done.out) == (0, True, False), done
    assert columns(app) == ["users.id", "users.mood", "users.moods", "users.name", "users.nick"]
    again = run("undo", "--to", "1")
    where = f"127.0.0.1:{app.port}/{app.name}"
    assert (again.code, end(again)) == (0, [f"nothing to do: nothing behind 0001_nick is applied on {where}"])


@pytest.mark.usefixtures("applied")
def test_a_migration_without_a_rollback_stops_it(run: Command, repo: GitRepository, app: Database) -> None:
    (repo / "drizzle" / "0001_nick.down.sql").unlink()
    ran = run("undo", "--to", "0000_users")
    assert ran.code == 1
    # Before any server starts, and whatever a rehearsal would say.
    told = [line.split("s  ")[-1] for line in ran.err.splitlines()]
    assert told == ["reading the target"]
    assert "  replay    skipped: 0001_nick has no rollback in drizzle\n" in ran.out
    remedy = "`migcheck rollback 0001_nick --write` proposes one"
    assert end(ran) == [f"refused: nothing was run: 0001_nick has no rollback in drizzle. Next: {remedy}"]
    assert rows(app) == 3


@pytest.mark.usefixtures("applied")
def test_a_rollback_that_is_not_proven_is_not_run(run: Command, repo: GitRepository, app: Database) -> None:
    (repo / "drizzle" / "0002_posts.down.sql").write_text("select 1;")
    repo.commit(message="Break the rollback")
    repo.git("branch", "--force", "landed")
    ran = run("undo", "--to", "0001_nick", "--base", "landed")
    assert ran.code == 1
    remedy = "`migcheck rollback 0002_posts` tells why"
    assert end(ran) == [f"refused: nothing was run: the rollback of 0002_posts is not proven. Next: {remedy}"]
    assert rows(app) == 3


@pytest.mark.usefixtures("applied")
def test_gates_that_block_stop_it(run: Command, repo: GitRepository, app: Database) -> None:
    (repo / "drizzle" / "0001_nick.sql").write_text("select 1;")
    ran = run("undo", "--to", "0000_users")
    assert (ran.code, "MC201" in ran.out) == (1, True), ran
    assert rows(app) == 3


@pytest.mark.usefixtures("applied")
def test_rows_that_are_in_the_way_are_told_before_anything_runs(run: Command, app: Database) -> None:
    app.run("insert into users (id, mood, moods) values (1, 'b', '{a, null}'), (2, 'a', '{a, b}'), (3, 'b', null)")
    for options in (["--dry-run"], []):
        ran = run("undo", "--to", "0000_users", *options)
        assert (
            "drizzle/0001_nick.down.sql:1 fails where a row of public.users has no value for name, and the target has "
            "3 such rows; drizzle/0002_posts.down.sql:2 fails where a value of public.users.mood is none of the new "
            "type, and the target has 2 such rows; drizzle/0002_posts.down.sql:3 fails where a value of "
            "public.users.moods is none of the new type, and the target has 1 such row remedy: mend those rows, or the "
            'rollback, then run the whole of it again. `select * from public.users where "name" is null` finds them. '
            "`select * from public.users where \"mood\"::text <> all (array['a'])` finds them. "
            'select * from public.users where exists (select from unnest("moods"::text[]) each where each <> all '
            "(array['a'])); finds them."
        ) in " ".join(ran.out.split())
        assert end(ran) == ["refused: nothing was run. Next: see the remedy above"]
        assert (ran.code, rows(app), len(columns(app))) == (1, 3, 7)

    app.run("revoke select on users from current_user")
    ran = run("undo", "--to", "0000_users", "--dry-run", "--format", "json")
    (deploy,) = json.loads(ran.out)["deploys"]
    silent = (
        "the target did not say whether rows refuse drizzle/0001_nick.down.sql:1, drizzle/0002_posts.down.sql:2, "
        "drizzle/0002_posts.down.sql:3: permission denied for table users"
    )
    assert (ran.code, deploy["outcome"], deploy["warnings"]) == (0, "would undo", [silent])


@pytest.mark.usefixtures("applied")
def test_a_target_that_is_ahead_of_the_folder_is_left_alone(run: Command, app: Database) -> None:
    app.run("insert into drizzle.__drizzle_migrations (hash, created_at) values (repeat('a', 64), 1900000000000)")
    ran = run("undo", "--to", "0001_nick")
    assert ran.code == 1, ran
    told = " ".join(ran.out.split())
    assert (
        "row 4 of drizzle.__drizzle_migrations belongs to no migration of drizzle remedy: check out the release that "
        "was deployed last; `migcheck status` shows them"
    ) in told
    assert rows(app) == 4


def test_a_migration_that_stays_must_be_there(run: Command) -> None:
    ran = run("undo", "--to", "0001_nick")
    assert ran.code == 1
    remedy = "name one that is applied; `migcheck status` shows them"
    assert end(ran) == [f"refused: nothing was run: 0001_nick is pending on the target. Next: {remedy}"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--to'"),
        (("--to", "0009"), "--to 0009 names no migration of drizzle"),
    ],
)
def test_what_cannot_be_done_is_said(run: Command, arguments: tuple[str, ...], said: str) -> None:
    ran = run("undo", *arguments)
    assert (ran.code, said in ran.err) == (2, True), ran


def test_without_a_target_there_is_nothing_to_undo(command: Command, repo: GitRepository) -> None:
    ran = command("undo", "--to", "0", cwd=repo.top)
    assert (ran.code, "DATABASE_URL is not set, so there is no target" in ran.err) == (2, True)
