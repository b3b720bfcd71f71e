"""A clearance in a file, held against the day, the folder and the target."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from migcheck.clearance import Clearance, clear
from migcheck.deploy.clearance_file import ClearanceFile
from migcheck.deploy.outcome import Refused
from migcheck.deploy.recheck import expired, stale
from migcheck.postgres.target.database import DatabaseIdentity
from tests.support import verdicts
from tests.support.ledgers import a_ledger, a_target, rows_of, with_sql

AT = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)
WAS, IS = "4f2a1c9e1b7d4f2a", "91c01d2e3f4a5b6c"
ROWS = rows_of(verdicts.folder(), 2)
APP = DatabaseIdentity(7, 16384, "app", "")


def target(identity: DatabaseIdentity) -> Clearance:
    verdict = replace(verdicts.clear(), target=replace(a_target(a_ledger(ROWS)), identity=identity))
    found = clear(verdict)
    assert isinstance(found, Clearance)
    return found


def given(*clearances: Clearance, commit: str = WAS) -> ClearanceFile:
    return ClearanceFile(at=AT, commit=commit, clearances=clearances)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=7), timedelta(minutes=-10)])
def test_a_clearance_is_good_for_a_while(after: timedelta) -> None:
    assert expired(given(), "7d", AT + after) is None


def test_and_no_longer() -> None:
    assert expired(given(), "36h", AT + timedelta(hours=36, seconds=1)) == Refused(
        "the clearance is of 2026-11-20 09:12 UTC, older than clearance_age (36h)",
        "run verify again: much may have changed on the target since",
    )


def test_its_time_may_be_told_in_another_zone() -> None:
    there = replace(given(), at=AT.astimezone(timezone(timedelta(hours=5))))
    late = expired(there, "1h", AT + timedelta(hours=2))
    assert late is not None
    assert "2026-11-20 09:12 UTC" in late.problem


def test_one_of_the_future_would_never_expire() -> None:
    late = expired(given(), "7d", AT - timedelta(minutes=11))
    assert late is not None
    assert late.problem == "the clearance is of 2026-11-20 09:12 UTC, which is still to come"


def test_the_same_folder_on_the_same_target() -> None:
    verdict = replace(verdicts.clear(), target=replace(a_target(a_ledger(ROWS)), identity=APP))
    assert stale(given(), target(APP), verdict, IS) is None


def test_a_changed_byte() -> None:
    verdict = verdicts.clear()
    changed = replace(verdict, folder=with_sql(verdict.folder, "0000_step", b"select 1; "))
    assert stale(given(), target(APP), changed, IS) == Refused(
        "the folder is not the one that was cleared: that was at 4f2a1c9e1b7d, and this is 91c01d2e3f4a",
        "deploy the folder that was cleared, or clear this one: `migcheck verify --clearance`",
    )


@pytest.mark.parametrize(("commit", "head"), [(WAS, WAS), ("", IS), (WAS, "")])
def test_commits_that_do_not_explain_it_are_not_named(commit: str, head: str) -> None:
    verdict = verdicts.clear()
    changed = replace(verdict, folder=with_sql(verdict.folder, "0000_step", b"select 1; "))
    refused = stale(given(commit=commit), target(APP), changed, head)
    assert refused is not None
    assert refused.problem == "the folder is not the one that was cleared"


def test_another_database() -> None:
    other = replace(a_target(a_ledger(ROWS)), identity=replace(APP, oid=16385, name="copy"))
    assert stale(given(), target(APP), replace(verdicts.clear(), target=other), IS) == Refused(
        "db.example.com/app is not the database that was cleared: that was database app (oid 16384) of the server with "
        "system identifier 7, and this is database copy (oid 16385) of the server with system identifier 7",
        "give the URL of that database, or verify with this one's",
    )


def test_where_no_target_was_read_then_or_is_now_the_ledger_decides() -> None:
    unread = clear(verdicts.clear())
    assert isinstance(unread, Clearance)
    here = replace(verdicts.clear(), target=replace(a_target(a_ledger(ROWS)), identity=APP))
    assert stale(given(), unread, here, IS) is None
    assert stale(given(), target(APP), verdicts.clear(), IS) is None
