"""A clearance that was given, held against the day, the folder and the target that it is to be used on. Pure."""

from datetime import UTC, datetime, timedelta

from migcheck.clearance import Clearance, folder_digest
from migcheck.config.config import seconds_of
from migcheck.deploy.clearance_file import ClearanceFile
from migcheck.deploy.outcome import Refused
from migcheck.verdict import Verdict

_AGAIN = "deploy the folder that was cleared, or clear this one: `migcheck verify --clearance`"
# Two machines' clocks may differ; a file from the day after tomorrow would never expire.
_SKEW = timedelta(minutes=10)
_SHOWN_DIGITS = 12


def expired(given: ClearanceFile, age: str, now: datetime) -> Refused | None:
    """Why `given` is no longer good at `now`, or not yet. `age` is the `Duration` that one is good for."""
    if given.at > now + _SKEW:
        return Refused(
            f"the clearance is of {told(given.at)}, which is still to come",
            "set the clock of whichever machine is wrong, then verify again",
        )
    if now - given.at > timedelta(seconds=seconds_of(age)):
        return Refused(
            f"the clearance is of {told(given.at)}, older than clearance_age ({age})",
            "run verify again: much may have changed on the target since",
        )
    return None


def stale(given: ClearanceFile, clearance: Clearance, verdict: Verdict, head: str) -> Refused | None:
    """Why `clearance`, one of `given`, is not for the folder or the target of `verdict`. `head` is what is checked out.

    The ledger is held against it under the lock (`plan.agree`).
    """
    if folder_digest(verdict.folder) != clearance.folder:
        where = ""
        if given.commit and head and given.commit != head:
            where = f": that was at {given.commit[:_SHOWN_DIGITS]}, and this is {head[:_SHOWN_DIGITS]}"
        return Refused(f"the folder is not the one that was cleared{where}", _AGAIN)
    was, here = clearance.evidence.target, verdict.target
    if was is not None and here is not None and here.identity.is_other_than(was):
        return Refused(
            f"{here.name} is not the database that was cleared: that was {was}, and this is {here.identity}",
            "give the URL of that database, or verify with this one's",
        )
    return None


def told(at: datetime) -> str:
    """`2026-11-20 09:12 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
