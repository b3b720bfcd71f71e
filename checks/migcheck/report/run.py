"""What every report is written from: all that one run found out."""

from collections.abc import Sequence

from msgspec import Struct

from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict


class Commands(Struct, frozen=True):
    """What deploys what was judged, as it is typed: `now`, from where it was judged, or once it has `landed`.

    `clear_again` writes the clearance by which these deploy once more; empty where none is written.
    """

    now: str = "migcheck apply"
    landed: str = "migcheck apply"
    clear_again: str = ""


class Run(Struct, frozen=True):
    """One run. `deploys` are empty for `verify`; `notes` say where the folders were found and what was passed over.

    `commands` are what may come next. `left_out` says what did not take place where a folder is not clear. `commits`
    are the files that a commit in the making changes, where a hook asked: people want to read of these. None of any
    other.
    """

    verdicts: Sequence[Verdict]
    deploys: Sequence[Deploy] = ()
    notes: Sequence[str] = ()
    commands: Commands = Commands()
    left_out: str = ""
    commits: frozenset[str] | None = None
