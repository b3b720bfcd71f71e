"""A folder that Drizzle cannot read, with a target behind it: nobody says where the target stands."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.command import Command, Ran
from tests.support.deploys import keep_ledger
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]


@pytest.fixture
def repo(a_repo: GitRepository, app: Database) -> GitRepository:
    """A repository whose folder of two migrations has landed and is applied on the target."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users ();", "0001_posts": "create table posts ();"})
    a_repo.commit()
    keep_ledger(app, a_repo.top)
    return a_repo


def verify(command: Command, repo: GitRepository, app: Database) -> Ran:
    return command("verify", "drizzle", "--format", "json", cwd=repo.top, env={"DATABASE_URL": app.url})


def told(ran: Ran) -> tuple[list[str], dict[str, str]]:
    """The codes that were found, and what each gate says."""
    report = json.loads(ran.out)
    gates = {each["name"]: f"{each['outcome']} {each['reason']}".strip() for each in report["gates"]}
    return [each["code"] for each in report["findings"]], gates


def test_a_journal_in_conflict_puts_no_target_ahead_of_it(command: Command, repo: GitRepository, app: Database) -> None:
    journal = repo / "drizzle/meta/_journal.json"
    journal.write_text(journal.read_text().replace('  "entries"', '<<<<<<< HEAD\n  "entries"'))
    ran = verify(command, repo, app)
    assert ran.code == 1
    assert told(ran) == (
        ["MC100"],
        {
            "folder": "judged",
            "history": "skipped what changed cannot be seen: the journal cannot be read (MC100)",
            "replay": "skipped the folder cannot run as it is (MC100)",
            "sql": "skipped the folder cannot run as it is (MC100)",
            "target": "skipped Drizzle cannot read the folder (MC100)",
            "project": "judged",
            "waivers": "judged",
        },
    )


def test_neither_does_a_file_that_is_gone(command: Command, repo: GitRepository, app: Database) -> None:
    (repo / "drizzle/0001_posts.sql").unlink()
    codes, gates = told(verify(command, repo, app))
    assert "MC509" not in codes
    assert gates["target"] == "skipped Drizzle cannot read the folder (MC101)"


def test_a_waiver_makes_no_target_clear(command: Command, repo: GitRepository, app: Database) -> None:
    (repo / "drizzle/0001_posts.sql").unlink()
    until = (datetime.now(tz=UTC) + timedelta(days=30)).date()
    waiver = '[[waiver]]\ncode = "{}"\nmigration = "0001_posts"\nreason = "agreed"\nuntil = {}\n'
    (repo / "migcheck.toml").write_text("".join(waiver.format(code, until) for code in ("MC101", "MC202")))
    ran = verify(command, repo, app)
    undecided = "undecided Drizzle cannot read the folder (MC101), whoever waived that"
    assert (ran.code, told(ran)[1]["replay"], told(ran)[1]["target"]) == (3, undecided, undecided)
