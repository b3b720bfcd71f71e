"""`verify --ledger FILE`: what the database behind a file has, and what no deploy will ever give it."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.deploys import NAME
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository, init

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Ledger, LedgerRow
from migcheck.facts.read_folder import read_folder
from migcheck.facts.target.ledger_file import write_ledger
from migcheck.facts.tree import DiskTree

CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"
USERS = "create table users (id integer primary key);"
NAMED = "alter table users add column name text;"

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]
either_way = pytest.mark.parametrize("how", [(), ("--offline",)], ids=["rehearsed", "offline"])


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """One migration that has landed, and a new one on a branch."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_users": USERS})
    repository.commit({"drizzle.config.ts": CONFIG})
    repository.branch("feature")
    add_migration(tmp_path / "drizzle", "0001_name", NAMED)
    repository.commit()
    return repository


def migrations(repo: GitRepository) -> tuple[Migration, ...]:
    return read_folder(DiskTree(repo.top), "drizzle").migrations


def write(repo: GitRepository, *rows: LedgerRow) -> None:
    ledger = write_ledger(Ledger(NAME, rows)).model_dump(mode="json", by_alias=True)
    (repo / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))


def rows_of(repo: GitRepository) -> list[LedgerRow]:
    return [LedgerRow(at, each.hash, each.when) for at, each in enumerate(migrations(repo), 1)]


def verified(command: Command, *options: str) -> tuple[int, list[tuple[str, str, str | None]], dict[str, str]]:
    """The exit code, what was found, and what each gate says."""
    ran = command("verify", "--ledger", "ledger.json", "--format", "json", *options)
    report = json.loads(ran.out)
    found = [(each["code"], each["message"], each["ledger_file"]) for each in report["findings"]]
    return ran.code, found, {each["name"]: each["reason"] or each["outcome"] for each in report["gates"]}


@either_way
def test_a_branch_edited_after_it_was_deployed_is_told(
    command: Command, repo: GitRepository, how: tuple[str, ...]
) -> None:
    write(repo, *rows_of(repo))
    (repo / "drizzle" / "0001_name.sql").write_text(f"-- a word\n{NAMED}")
    repo.commit()
    status = command("status", "--ledger", "ledger.json")
    assert status.out.splitlines()[-1] == (
        "1 applied, 1 edited. Next: migcheck verify --ledger ledger.json, which tells what to fix"
    )
    code, found, gates = verified(command, *how)
    said = "0001_name on ledger.json: the file is not the one that was applied"
    assert (code, found, gates["target"]) == (1, [("MC507", said, "ledger.json")], "judged")


@either_way
def test_what_landed_and_was_edited_is_told_once(command: Command, repo: GitRepository, how: tuple[str, ...]) -> None:
    write(repo, *rows_of(repo)[:1])
    (repo / "drizzle" / "0000_users.sql").write_text(USERS.replace("integer", "bigint"))
    repo.commit()
    code, found, _ = verified(command, *how)
    assert (code, [each for each, *_ in found]) == (1, ["MC201"])


@either_way
def test_a_waiver_says_that_it_was_applied_nowhere_and_the_ledger_knows_better(
    command: Command, repo: GitRepository, how: tuple[str, ...]
) -> None:
    write(repo, *rows_of(repo)[:1])
    (repo / "drizzle" / "0000_users.sql").write_text(USERS.replace("integer", "bigint"))
    waivers = (("MC201", "0000_users"), ("MC513", "drizzle"))
    text = "\n".join(
        f'[[waiver]]\ncode = "{each}"\nmigration = "{tag}"\nreason = "never applied: x"\nuntil = 2099-01-01'
        for each, tag in waivers
    )
    repo.commit({"migcheck.toml": text})
    code, found, _ = verified(command, *how)
    # No word of the other waiver: whether it is needed only the database tells.
    assert (code, [each for each, *_ in found]) == (1, ["MC201", "MC507"])


@either_way
def test_a_landed_migration_that_the_database_will_skip_is_told(
    command: Command, repo: GitRepository, how: tuple[str, ...]
) -> None:
    add_migration(repo / "drizzle", "0002_tags", "create table tags (id integer);")
    repo.commit()
    first, _, third = rows_of(repo)
    write(repo, first, third)
    code, found, gates = verified(command, "--base", "HEAD", *how)
    # That a new database has it is no other fault: MC404 would say to make a statement give the same every time.
    said = ("MC508", "0001_name will never run on ledger.json", "ledger.json")
    assert (code, found, gates["target"]) == (1, [said], "judged")
    assert gates["replay"] == ("--offline" if how else "judged")


def test_no_rehearsal_begins_where_a_row_has_no_time(command: Command, repo: GitRepository) -> None:
    write(repo, *rows_of(repo)[:1], LedgerRow(2, "0" * 64, None))
    code, found, gates = verified(command)
    assert (code, [each for each, *_ in found]) == (1, ["MC504"])
    assert gates["replay"] == "the ledger in ledger.json is no place to start from (MC504)"


def test_a_page_says_that_the_ledger_alone_was_judged(command: Command, repo: GitRepository) -> None:
    write(repo, *rows_of(repo)[:1])
    lines = command("verify", "--ledger", "ledger.json").out.splitlines()
    assert "            not read: what else is on the database: ledger.json has its ledger alone" in lines
    assert lines[-1].startswith("clear: every gate agrees, of the target by ledger.json alone. Next: land it; ")


def test_without_a_rehearsal_a_page_says_what_it_went_by(command: Command, repo: GitRepository) -> None:
    write(repo, *rows_of(repo)[:1])
    lines = command("verify", "--offline", "--ledger", "ledger.json").out.splitlines()
    assert "            not read: what else is on the database: ledger.json has its ledger alone" in lines
