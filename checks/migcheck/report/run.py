"""What every report is written from: all that one run found out."""

from collections.abc import Sequence
from dataclasses import dataclass

from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `deploys` are empty for `verify`; `notes` say where the folders were found and what was passed over."""

    verdicts: Sequence[Verdict]
    deploys: Sequence[Deploy] = ()
    notes: Sequence[str] = ()
