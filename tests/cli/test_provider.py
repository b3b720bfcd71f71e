"""What the provider brings and no migration makes: roles, objects, and the extensions that the target has."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import init
from tests.support.target_server import Database, TargetServer

CLEAR_SAVE_TARGET = (
    "clear: folder, history, project, replay, sql, waivers; not judged: target. Next: no migration is new; "
    "`migcheck apply` deploys what a database lacks, with DATABASE_URL set"
)

pytestmark = pytest.mark.server

POLICY = """create table notes (id integer primary key);
alter table notes enable row level security;
create policy own on notes to "authenticated" using (true);"""


def test_a_policy_for_a_role_of_the_provider(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_notes": POLICY})
    config = "export default {{ dialect: 'postgresql', out: './drizzle'{} }}"
    repository.commit({"drizzle.config.ts": config.format("")})

    without = command("verify")
    assert without.code == 3, without.out + without.err
    assert 'lacks the role authenticated: 42704 role "authenticated" does not exist' in " ".join(without.out.split())

    repository.commit({"drizzle.config.ts": config.format(", entities: { roles: { provider: 'neon' } }")})
    told = command("verify")
    assert told.code == 0, told.out + told.err
    assert told.out.splitlines()[-1] == CLEAR_SAVE_TARGET


def test_what_supabase_brings(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    sql = (
        "create table notes (author uuid references auth.users); alter table notes add salt text default gen_salt('bf')"
    )
    a_folder(tmp_path / "drizzle", {"0000_notes": sql})
    repository.commit({"migcheck.toml": '[[folder]]\npath = "drizzle"\n'})

    without = command("verify", "--scratch", "embedded")
    assert without.code == 3, without.out + without.err
    told = " ".join(without.out.split())
    assert 'lacks the schema auth: 3F000 schema "auth" does not exist' in told
    assert 'set `provider = "supabase"` under [[folder]] in migcheck.toml' in told

    repository.commit({"migcheck.toml": '[[folder]]\npath = "drizzle"\nprovider = "supabase"\n'})
    told_now = command("verify", "--scratch", "embedded")
    assert told_now.code == 0, told_now.out + told_now.err


def test_an_extension_that_the_target_has(
    command: Command, tmp_path: Path, app: Database, target_server: TargetServer
) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_check": "create extension if not exists amcheck;"})
    repository.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})

    unknown = command("verify", "--scratch", "embedded")
    assert unknown.code == 3, unknown.out + unknown.err
    assert 'set `extensions = ["amcheck"]` under [scratch]' in " ".join(unknown.out.split())

    admin = target_server.admin
    Database(admin.port, app.name, admin.role, admin.password).run("create extension amcheck")
    known = command("verify", "--scratch", "embedded", "--format", "json", env={"DATABASE_URL": app.url})
    assert known.code == 0, known.out + known.err
    assert {each["way"]: each["outcome"] for each in json.loads(known.out)["rehearsals"]} == dict.fromkeys(
        ("fresh", "again", "upgrade", "same"), "passed"
    )
