"""A prelude runs as administrator: what the change under review brings of it waits until it has landed."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import init

PROFILES = "create table profiles (id int references auth.users (id));"
PRELUDE = "create schema auth; create table auth.users (id int primary key); grant usage on schema auth to public;"
GRANT = "grant references on auth.users to public;"
UNDECIDED = "land scratch.prelude first, in a change of its own"


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
@pytest.mark.parametrize("landed", [None, "select 1;"])
def test_a_prelude_of_this_change_is_to_be_landed_first(command: Command, tmp_path: Path, landed: str | None) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": "create table users (id int);"})
    settings = {"migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nprelude = "prelude.sql"\n'}
    repository.commit({**settings, "prelude.sql": landed} if landed else {"README.md": "an application"})
    repository.branch("feature")
    add_migration(tmp_path / "drizzle", "0001_profiles", PROFILES)
    repository.commit({**settings, "prelude.sql": PRELUDE + GRANT})

    ran = command("verify")
    assert ran.code == 3, ran.out
    told = " ".join(ran.out.split())
    assert "lacks the schema auth" in told
    assert UNDECIDED in told
    assert "use --trust-prelude" in told
    assert "make it in a prelude.sql" not in told

    trusted = command("verify", "--trust-prelude")
    assert trusted.code == 0, trusted.out


SETTINGS = '[[folder]]\npath = "drizzle"\n[scratch]\nprelude = "prelude.sql"\n'


def outcome(command: Command, *options: str) -> tuple[str, str]:
    """What the gate `replay` came to, and why where it was not judged."""
    told = json.loads(command("verify", "--format", "json", *options).out)
    return next((each["outcome"], each["reason"]) for each in told["gates"] if each["name"] == "replay")


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_without_git_nothing_has_landed_and_a_person_may_trust_what_lies_there(
    command: Command, tmp_path: Path
) -> None:
    a_folder(tmp_path / "drizzle", {"0000_profiles": PROFILES})
    (tmp_path / "migcheck.toml").write_text(SETTINGS)
    (tmp_path / "prelude.sql").write_text(PRELUDE + GRANT)
    found, why = outcome(command)
    assert found == "undecided"
    assert "lacks the schema auth" in why
    assert outcome(command, "--trust-prelude") == ("judged", "")
    (tmp_path / "prelude.sql").unlink()
    assert outcome(command, "--trust-prelude") == ("undecided", "the prelude prelude.sql is not there")


def test_without_git_no_server_is_taken_that_only_the_folder_names(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "drizzle", {"0000_users": "create table users ();"})
    (tmp_path / "migcheck.toml").write_text('[[folder]]\npath = "drizzle"\n[scratch]\nkind = "dsn"\ndsn = "THEIRS"\n')
    theirs = {"THEIRS": "postgresql://admin@127.0.0.1:1/postgres"}
    told = json.loads(command("verify", "--format", "json", env=theirs).out)
    assert [each["reason"] for each in told["gates"] if each["name"] == "replay"] == [
        "no dsn scratch server is at hand"
    ]


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_what_is_staged_is_trusted_as_it_is_staged(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    repository.commit({"README.md": "an application"})
    a_folder(tmp_path / "drizzle", {"0000_profiles": PROFILES})
    repository.stage({"migcheck.toml": SETTINGS, "prelude.sql": PRELUDE + GRANT})
    repository.write({"prelude.sql": "select broken"})
    assert outcome(command, "--trust-prelude", "--staged") == ("judged", "")
    # Of this kind there is one server; of any kind, each that is here would be made to be refused it.
    found, why = outcome(command, "--trust-prelude", "--scratch", "dsn")
    assert found == "undecided"
    assert why.startswith("the prelude cannot be run on the scratch server: ")


def test_a_server_that_this_change_names_is_to_be_landed_first(command: Command, tmp_path: Path) -> None:
    """The variable that base names is not the one to set."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": "create table users (id int);"})
    repository.commit({"migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nkind = "dsn"\n'})
    repository.branch("feature")
    repository.commit({"migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nkind = "dsn"\ndsn = "MY_URL"\n'})

    ran = command("verify", env={"MY_URL": "postgresql://admin:secret@localhost:1/postgres"})

    assert ran.code == 3
    assert (
        " no dsn scratch server is at hand remedy: land scratch.dsn first, in a change of its own: what this change "
        "sets there is not used before it has landed; or, where you trust this change, use --trust-prelude "
        "sql skipped: nothing was rehearsed target "
    ) in " ".join(ran.out.split())
    assert "  ! scratch.dsn is taken from base; --trust-prelude takes it from this change\n" in ran.out


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
@pytest.mark.parametrize("landed", ["[scratch]\nmajor = 'new'\n", "[scratch\n", "[scratch]\nimage = 'a'\nold = 1\n"])
def test_a_change_that_mends_the_configuration_gets_through(command: Command, tmp_path: Path, landed: str) -> None:
    """Or brings a migcheck that reads another: nothing of base is used then, nor what the change brings instead."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": "create table users (id int);"})
    repository.commit({"migcheck.toml": landed})
    repository.branch("feature")
    repository.commit({"migcheck.toml": SETTINGS, "prelude.sql": PRELUDE})
    ran = command("verify")
    assert ran.code == 0, ran
    assert "scratch.prelude" in ran.out
