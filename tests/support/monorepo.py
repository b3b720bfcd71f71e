"""A monorepo of two packages, and what `migcheck verify` says of it."""

import json
from pathlib import Path

from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init

CREATED, EDITED = "create table users (id integer);", "create table users (id bigint);"
DRIZZLE = "export default { dialect: 'postgresql', out: './drizzle' }"
A, B = "packages/a/drizzle", "packages/b/drizzle"


def waiver(code: str = "MC201", migration: str = "0000_users") -> str:
    """A waiver for `migcheck.toml`."""
    return f'[[waiver]]\ncode = "{code}"\nmigration = "{migration}"\nreason = "never applied"\nuntil = 2999-01-01\n'


def names(*paths: str, variable: str = "DATABASE_URL") -> str:
    """The `[[folder]]` of each of `paths`."""
    return "".join(f'[[folder]]\npath = "{each}"\ndatabase_url = "{variable}"\n' for each in paths)


def two_packages(top: Path, *folders: str) -> GitRepository:
    """Packages, each with a drizzle.config, whose first migration was edited since it landed."""
    repository = init(top)
    for folder in folders:
        a_folder(top / folder, {"0000_users": CREATED})
        repository.write({f"{Path(folder).parent}/drizzle.config.ts": DRIZZLE})
    repository.commit()
    repository.write({f"{each}/0000_users.sql": EDITED for each in folders})
    return repository


def judged(repo: GitRepository, command: Command, *options: str, at: str = "") -> Ran:
    """What a run in the directory `at` says of all that lies about."""
    repo.git("add", "--all")
    return command("verify", "--offline", "--staged", "--format", "json", *options, cwd=repo.top / at)


def told(ran: Ran) -> dict[str, list[str]]:
    """The codes that block, by folder."""
    assert ran.code != 2, ran.err
    result = json.loads(ran.out)
    found: dict[str, list[str]] = {each["path"]: [] for each in result["folders"]}
    assert len(found) == len(result["folders"]), "a folder is judged twice"
    for each in result["findings"]:
        if each["severity"] == "error" and not each["waived"]:
            found[each["folder"]].append(each["code"])
    return found


def notes(ran: Ran) -> str:
    """What it took and what it passed over."""
    return " | ".join(json.loads(ran.out)["notes"])
