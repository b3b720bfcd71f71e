"""`migcheck rollback` as it is typed."""

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, a_folder_1_0
from tests.support.repositories import GitRepository
from tests.support.servers import Servers
from tests.support.target_server import TargetServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

SQL = {
    "0000_users": "create table users (id int, name text, nick text);",
    "0001_gone": "alter table users drop column name;",
    "0002_plan": "insert into users values (1);",
    "0003_fill": "update users set nick = 'x';",
    "0004_both": "create table tags (id int); insert into users values (2);",
    "0005_empty": "truncate users;",
}
UNDO = "ALTER TABLE public.users ADD COLUMN name text;\n"


@pytest.fixture
def run(command: Command, a_repo: GitRepository, target_server: TargetServer) -> Command:
    """Run a command in a repository that has these migrations."""
    a_folder(a_repo / "drizzle", SQL)
    a_repo.commit(message="Add migrations")
    env = {"MIGCHECK_SCRATCH_URL": target_server.admin.url}
    return lambda *arguments: command(*arguments, cwd=a_repo.top, env=env)


def test_what_is_derived_is_shown_with_what_it_costs(run: Command, a_repo: GitRepository) -> None:
    ran = run("rollback", "0001_gone")
    head, *rest = ran.out.splitlines()
    assert head.startswith("-- Undoes 0001_gone. Proven on PostgreSQL ")
    assert head.endswith(": the migration, this, and the migration again.")
    assert rest == [
        "-- It brings back column public.users.name without what was there.",
        "-- ~ column order public.users: id, name, nick -> id, nick, name.",
        UNDO.strip(),
    ]
    assert ran.code == 0
    assert ran.err.splitlines()[-1].endswith("--write puts it into drizzle/0001_gone.down.sql")
    assert not (a_repo / "drizzle" / "0001_gone.down.sql").exists()


def test_by_its_number_and_written_beside_it(run: Command, a_repo: GitRepository) -> None:
    ran = run("rollback", "1", "--write")
    written = a_repo / "drizzle" / "0001_gone.down.sql"
    assert (ran.code, ran.out, "to the letter" in ran.err) == (0, "", False)
    last = ran.err.splitlines()[-1]
    assert last.startswith("migcheck: drizzle/0001_gone.down.sql was written. Proven on PostgreSQL ")
    assert last.endswith(
        ": the migration, this, and the migration again. "
        "It brings back column public.users.name without what was there."
    )
    assert written.read_text().endswith(f".\n{UNDO}")

    again = run("rollback", "1", "--write")
    assert (again.code, again.out) == (0, written.read_text())
    assert "migcheck: drizzle/0001_gone.down.sql undoes 0001_gone. Proven on " in again.err


def test_the_one_that_the_folder_has_is_tried_and_shown_as_it_is(run: Command, a_repo: GitRepository) -> None:
    (a_repo / "drizzle" / "0001_gone.down.sql").write_text("alter table users add column nome text default '' ::text;")
    ran = run("rollback", "0001_gone")
    # That is an order to a log.
    assert (ran.code, ran.out) == (1, "alter table users add column nome text default '' : :text;\n")
    *_, shown, end = ran.err.splitlines()
    assert shown == "migcheck: what is shown is not the SQL to the letter; --output FILE writes that"
    assert "undoes 0001_gone. NOT PROVEN on PostgreSQL " in end


def test_what_cannot_come_back_is_marked_and_nothing_is_written(run: Command, a_repo: GitRepository) -> None:
    ran = run("rollback", "0004_both", "--write")
    assert ran.code == 1
    assert ran.out.splitlines()[1:] == ["-- Left: ~ rows public.users: 1 -> 2.", "DROP TABLE public.tags;"]
    assert "migcheck: nothing was written. NOT PROVEN on PostgreSQL " in ran.err
    assert not (a_repo / "drizzle" / "0004_both.down.sql").exists()


@pytest.mark.parametrize("tag", ["0002_plan", "0003_fill", "0005_empty"])
def test_what_rows_were_is_known_to_nobody_and_somebody_may_say_that_they_stay(
    run: Command, a_repo: GitRepository, tag: str
) -> None:
    ran = run("rollback", tag)
    assert ran.code == 1
    assert ran.out.rstrip().endswith(
        f"it changes rows alone, of public.users, and what they were is not known: write drizzle/{tag}.down.sql by "
        "hand (a comment is enough, where no row came or went and the values may stay)"
    )

    a_repo.write({f"drizzle/{tag}.down.sql": "-- They may stay.\n"})
    ran = run("rollback", tag)
    assert ran.code == (0 if tag == "0003_fill" else 1), ran


@pytest.mark.parametrize("major", [16, 17])
def test_it_is_proven_on_the_targets_major(
    run: Command, servers: Servers, major: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", servers.admin_url(major))
    ran = run("rollback", "0001_gone", "--scratch", "embedded")
    assert ran.code == 0, ran
    assert ran.out.startswith(f"-- Undoes 0001_gone. Proven on PostgreSQL {major}.")


def test_a_target_that_cannot_be_read_is_told(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@127.0.0.1:1/app")
    ran = run("rollback", "0001_gone")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, UNDO.strip())
    told = "migcheck: the server was chosen without the target that DATABASE_URL names, and may be of another major: "
    assert f"{told}127.0.0.1:1/app cannot be reached: connection failed" in ran.err
    assert "--wait" not in ran.err, "it has no such option"


def test_in_the_layout_of_1_0(command: Command, a_repo: GitRepository) -> None:
    a_folder_1_0(a_repo / "drizzle", {"20260101000000_users": "create table users (id int);"})
    a_repo.commit(message="Add migrations")
    ran = command("rollback", "20260101000000_users", "drizzle", "--write", cwd=a_repo.top)
    assert ran.code == 0, ran
    written = a_repo / "drizzle" / "20260101000000_users" / "down.sql"
    assert written.read_text().splitlines()[-1] == "DROP TABLE public.users;"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rollback"], "Missing argument 'MIGRATION'"),
        (["rollback", "0009"], "0009 names no migration of drizzle"),
        (["rollback", "0001", "nowhere"], "nowhere does not exist"),
    ],
)
def test_what_cannot_be_done_is_said(run: Command, arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert (ran.code, said in ran.err) == (2, True), ran


def test_a_folder_that_cannot_be_built_up_to_it_is_undecided(run: Command, a_repo: GitRepository) -> None:
    (a_repo / "drizzle" / "0000_users.sql").write_text("select * from nobody;")
    ran = run("rollback", "0001_gone")
    assert (ran.code, ran.out) == (3, "")
    assert "drizzle/0000_users.sql:1: the folder cannot be built on scratch: 42P01" in ran.err


def test_without_a_folder_it_says_how_to_name_one(command: Command, a_repo: GitRepository) -> None:
    ran = command("rollback", "0001", cwd=a_repo.top)
    assert (ran.code, "remedy: name it: migcheck rollback MIGRATION FOLDER" in ran.err) == (2, True), ran


def test_of_several_folders_one_is_named(command: Command, a_repo: GitRepository) -> None:
    for name in ("a", "b"):
        a_folder(a_repo / name, SQL)
    (a_repo / "migcheck.toml").write_text(
        '[[folder]]\npath = "a"\n[[folder]]\npath = "b"\n[folder.ledger]\ntable = "b"\n'
    )
    ran = command("rollback", "0001", cwd=a_repo.top)
    assert (ran.code, "a rollback is of one folder, and there are a, b" in ran.err) == (2, True), ran
    assert "name one of them: `migcheck rollback MIGRATION FOLDER`" in ran.err


def test_what_is_in_the_place_of_the_file_is_not_overwritten(run: Command, a_repo: GitRepository) -> None:
    path = a_repo / "drizzle" / "0001_gone.down.sql"
    path.symlink_to("/etc/hostname")
    ran = run("rollback", "0001_gone", "--write")
    assert (ran.code, path.is_symlink()) == (2, True)
    assert "drizzle/0001_gone.down.sql is there already, and is no rollback that can be read" in ran.err


def test_control_characters_of_a_file_do_not_reach_the_terminal(run: Command, a_repo: GitRepository) -> None:
    (a_repo / "drizzle" / "0001_gone.down.sql").write_text(f"-- \x1b[2J\n{UNDO}")
    assert run("rollback", "0001_gone").out == f"-- \\x1b[2J\n{UNDO}"


def test_a_number_of_thousands_of_digits_is_no_migration(run: Command) -> None:
    ran = run("rollback", "1" * 5000)
    assert (ran.code, "names no migration of drizzle" in ran.err) == (2, True)
