"""A waiver accepts a finding; it proves nothing, so what depends on the finding is still looked at."""

from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, add_entry
from tests.support.repositories import GitRepository

WAIVER = """
[[waiver]]
code = "{code}"
migration = "{migration}"
reason = "agreed"
until = 2999-01-01
"""


def waive(repo: GitRepository, code: str, migration: str) -> None:
    (repo / "migcheck.toml").write_text(WAIVER.format(code=code, migration=migration))


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_what_the_server_will_refuse_is_rehearsed_all_the_same(a_repo: GitRepository, command: Command) -> None:
    broken = {"0000_bom": b"\xef\xbb\xbfselect 1;", "0001_broken": b"selec broken;"}
    a_folder(a_repo / "drizzle", broken, snapshots=False)
    waive(a_repo, "MC120", "0000_bom")
    ran = command("verify", "drizzle", cwd=a_repo.top)
    assert ran.code == 1
    assert "waived error MC120" in ran.out
    assert "error MC401 migration-fails\n  drizzle/0000_bom.sql:1\n" in ran.out


@pytest.mark.parametrize("migration", ["0001_lost", "*"])
def test_what_drizzle_cannot_read_is_never_clear(a_repo: GitRepository, command: Command, migration: str) -> None:
    drizzle: Path = a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    add_entry(drizzle, "0001_lost")
    waive(a_repo, "MC101", migration)
    ran = command("verify", "drizzle", cwd=a_repo.top)
    assert ran.code == 3
    assert "Drizzle cannot read the folder (MC101), whoever waived that" in ran.out


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_two_replays_that_differ_are_accepted_by_the_folders_name(a_repo: GitRepository, command: Command) -> None:
    by_database = "do $$ begin execute format('create table %I ()', 't_' || current_database()); end $$;"
    a_folder(a_repo / "drizzle", {"0000_by_database": by_database}, snapshots=False)
    codes = []
    for migration in ("*", "drizzle"):
        waive(a_repo, "MC404", migration)
        codes.append(command("verify", "drizzle", cwd=a_repo.top).code)
    assert codes == [1, 0]


def test_a_waiver_of_what_is_said_of_waivers_accepts_nothing(a_repo: GitRepository, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"})
    waive(a_repo, "MC001", "migcheck.toml")
    ran = command("verify", "drizzle", "--offline", cwd=a_repo.top)
    assert ran.code == 0
    assert "warning MC001 waiver-unused\n  migcheck.toml:2\n" in ran.out
    assert "the waiver of MC001 for migcheck.toml matches no finding" in ran.out
