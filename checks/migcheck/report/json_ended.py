"""The JSON documents of a run that an error ended: nothing was judged, and no ledger was read."""

from migcheck import __version__
from migcheck.report.document import Report
from migcheck.report.ended import Ended
from migcheck.report.json_piece import ErrorReport, as_json
from migcheck.report.json_status import StatusReport
from migcheck.verdict import Answer


def render_ended_json(ended: Ended) -> str:
    """Write the report, or for `status` its own document, which says nothing but what ended the run."""
    error = ErrorReport.of(ended)
    if ended.command == "status":
        return as_json(StatusReport(migcheck=__version__, folders=(), error=error))
    return as_json(
        Report(
            migcheck=__version__,
            verdict=Answer.UNDECIDED,
            exit_code=ended.exit_code,
            base=None,
            folders=(),
            gates=(),
            findings=(),
            rehearsals=(),
            error=error,
        )
    )
