"""Opinions on style: none unless they are asked for."""

import json

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository

NEW = """create table notes (id serial primary key, at timestamp)
--> statement-breakpoint
alter table users
  add column kind char(3),
  add column size integer;
"""


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository where one table has landed, and a migration that has opinions against it is new."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id serial primary key)"}, snapshots=False)
    a_repo.commit(message="Add users")
    add_migration(a_repo / "drizzle", "0001_new", NEW, snapshot=False)
    a_repo.commit(message="Add notes")
    return a_repo


def told(ran: Ran) -> list[tuple[int, str, str]]:
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC330"]
    assert all(each["severity"] == "warning" and each["file"] == "drizzle/0001_new.sql" for each in findings)
    return sorted((each["line"], each["evidence"].partition(",")[0], each["fix"]) for each in findings)


def test_nobody_is_told_what_nobody_asked_for(repo: GitRepository, command: Command) -> None:
    assert told(command("verify", "--offline", "--format", "json", cwd=repo.top)) == []


def test_those_that_are_asked_for_are_told_of_what_is_new_with_their_lines(
    repo: GitRepository, command: Command
) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-bigint-over-int", "ban-char-field"]\n'})
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert ran.code == 0
    change = "Change the column in `schema.ts` and generate the migration again, before it lands."
    wide = "Use 64-bit integer values instead to prevent hitting this limit."
    assert told(ran) == [
        (1, "Squawk's prefer-bigint-over-int", wide),
        (4, "Squawk's ban-char-field", change),
        (5, "Squawk's prefer-bigint-over-int", wide),
    ]


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_rehearsal_tells_the_same(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-timestamp-tz", "prefer-identity"]\n'})
    ran = command("verify", "--format", "json", cwd=repo.top)
    assert [(line, name) for line, name, _ in told(ran)] == [
        (1, "Squawk's prefer-identity"),
        (1, "Squawk's prefer-timestamp-tz"),
    ]


def test_an_opinion_that_nobody_has_is_an_error_of_the_configuration(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-blue"]\n'})
    ran = command("verify", "--offline", cwd=repo.top)
    assert ran.code == 2
    assert "prefer-bigint-over-int" in ran.err


def test_without_squawk_it_says_how_to_get_it(
    repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["ban-char-field"]\n'})
    monkeypatch.setattr("migcheck.facts.lint.squawk._VERSION", b"squawk 0.")
    ran = command("verify", "--offline", cwd=repo.top)
    assert ran.code == 2
    assert "pip install 'drizzle-migcheck[squawk]'" in ran.err
