"""A prelude runs as administrator: what the change under review brings of it waits until it has landed."""

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
@pytest.mark.parametrize("landed", [None, "select 1;"])
def test_a_prelude_of_this_change_is_to_be_landed_first(command: Command, tmp_path: Path, landed: str | None) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": "create table users (id int);"})
    settings = {
        "migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nkind = "embedded"\nprelude = "prelude.sql"\n'
    }
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
