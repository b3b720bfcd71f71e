"""What every report is written from: all that one run found out."""

from collections.abc import Sequence

from msgspec import Struct

from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict


class Run(Struct, frozen=True):
    """One run. `deploys` are empty for `verify`; `notes` say where the folders were found and what was passed over."""

    verdicts: Sequence[Verdict]
    deploys: Sequence[Deploy] = ()
    notes: Sequence[str] = ()
