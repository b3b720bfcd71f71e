"""The report for machines, versioned; its JSON Schema is `docs/report.schema.json`."""

from collections.abc import Mapping

from migcheck import __version__
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.facts.rehearsal import (
    Differs,
    Failed,
    NotRepeatable,
    NotRun,
    NotTried,
    Passed,
    Rehearsal,
    Repeatable,
    Rerun,
    WayOutcome,
)
from migcheck.facts.rollback import (
    AgainOtherwise,
    LeftOtherwise,
    NotAgain,
    NotReached,
    Proven,
    Refused,
    RollbackProof,
)
from migcheck.facts.target.sizes import Sized, Unsized
from migcheck.report.deploy import Deploy, End
from migcheck.report.document import (
    BaseReport,
    DeployReport,
    FindingReport,
    FolderReport,
    GateReport,
    LockReport,
    Report,
    RerunReport,
    RollbackReport,
    ScratchReport,
    SizeReport,
    WayReport,
)
from migcheck.report.json_piece import as_json
from migcheck.report.json_rows import rows_report
from migcheck.report.rollback_proofs import why_not
from migcheck.report.run import Run
from migcheck.verdict import GateResult, Judged, Skipped, Undecided, Verdict, worst


def render_json(run: Run, exit_code: int) -> str:
    """Write the report on every folder of a run as one JSON document that ends with a newline."""
    return as_json(build_report(run, exit_code))


def build_report(run: Run, exit_code: int) -> Report:
    """The report on every folder of a run that ends with `exit_code`."""
    folders = tuple(_folder(verdict) for verdict in run.verdicts)
    return Report(
        migcheck=__version__,
        verdict=worst(run.verdicts),
        exit_code=exit_code,
        base=folders[0].base if folders else None,
        notes=tuple(run.notes),
        folders=folders,
        gates=tuple(_gate(each, gate) for each in run.verdicts for gate in each.gates),
        findings=tuple(
            FindingReport.of(finding, folder=each.folder.path, ledger_file=each.ledger_file or None)
            for each in run.verdicts
            for finding in each.findings
        ),
        rehearsals=tuple(_way(each, way) for each in run.verdicts if each.rehearsal for way in each.rehearsal.ways),
        deploys=tuple(_deploy(each) for each in run.deploys),
    )


def _folder(verdict: Verdict) -> FolderReport:
    rehearsal = verdict.rehearsal
    return FolderReport(
        path=verdict.folder.path,
        ledger_file=verdict.ledger_file or None,
        reached="" if verdict.target is None else verdict.target.way,
        verdict=verdict.answer,
        migrations=verdict.folder.count,
        base=_base(verdict.base, verdict.doubt),
        judge_changes=verdict.judge_changes,
        scratch=None if rehearsal is None else _scratch(rehearsal),
        catalogue_change=() if rehearsal is None else rehearsal.catalogue_change,
        reruns=() if rehearsal is None else tuple(map(_rerun, rehearsal.reruns)),
        rollbacks=() if rehearsal is None else tuple(map(_rollback, rehearsal.rollbacks)),
        rows=None if rehearsal is None or rehearsal.rows is None else rows_report(rehearsal.rows, verdict.answers),
        target_sizes=tuple(map(_size, verdict.sizes)) if isinstance(verdict.sizes, tuple) else None,
        target_sizes_unknown=verdict.sizes.reason if isinstance(verdict.sizes, Unsized) else "",
        outside=() if rehearsal is None else rehearsal.request.runs_outside(),
        locks=() if rehearsal is None else tuple(map(LockReport.of, rehearsal.locked)),
    )


def _size(sized: Sized) -> SizeReport:
    size = sized.size
    return SizeReport.of(sized, rows=None if size is None else size.rows, bytes=None if size is None else size.bytes)


def _scratch(rehearsal: Rehearsal) -> ScratchReport | None:
    if rehearsal.server is None:
        return None
    return ScratchReport.of(
        rehearsal.server,
        passed_over=rehearsal.passed_over,
        starts_from=None if rehearsal.request.copy is None else str(rehearsal.request.copy),
        left_out=tuple(map(str, rehearsal.left_out)),
    )


def _rerun(rerun: Rerun) -> RerunReport:
    match rerun:
        case Repeatable():
            return RerunReport.of(rerun, outcome="repeatable")
        case NotRepeatable():
            return RerunReport.of(rerun, outcome="not repeatable")
        case NotTried(reason=reason):
            return RerunReport.of(rerun, outcome="not tried", message=reason)


def _rollback(proof: RollbackProof) -> RollbackReport:
    own: Mapping[str, object] = {}
    match proof:
        case Proven(order=order):
            return RollbackReport.of(proof, outcome="proven", differences=order)
        case Refused(failure=failure):
            own = {"line": failure.at.line}
        case LeftOtherwise(lines=lines) | AgainOtherwise(lines=lines):
            own = {"differences": lines}
        case NotAgain() | NotReached():
            pass
    return RollbackReport.of(proof, outcome="not proven", message=why_not(proof), **own)


def _base(base: Base | NothingLanded | None, doubt: str) -> BaseReport | None:
    match base:
        case Base(revision=revision, why=why):
            return BaseReport(revision=revision, why=f"{why}. {doubt}" if doubt else why)
        case NothingLanded(why=why):
            return BaseReport(revision=None, why=why)
        case None:
            return None


def _gate(verdict: Verdict, gate: GateResult) -> GateReport:
    where = {"folder": verdict.folder.path, "ledger_file": verdict.ledger_file or None}
    match gate.outcome:
        case Judged(unread=unread):
            return GateReport.of(gate, **where, outcome="judged", reason="", remedy="", not_read=unread)
        case Skipped(reason=reason):
            return GateReport.of(gate, **where, outcome="skipped", reason=reason, remedy="")
        case Undecided(cause=cause, remedy=remedy):
            return GateReport.of(gate, **where, outcome="undecided", reason=cause, remedy=remedy)


def _way(verdict: Verdict, way: WayOutcome) -> WayReport:
    where = {"folder": verdict.folder.path, "ledger_file": verdict.ledger_file or None, "way": way.way}
    match way:
        case Passed():
            return WayReport.of(way, **where, outcome="passed", message="")
        case Failed(ms=ms, failure=failure, batching=batching):
            return WayReport.of(failure, **where, outcome="failed", batching=batching, ms=ms)
        case Differs(lines=lines):
            return WayReport.of(way, **where, outcome="differs", message="\n".join(lines))
        case NotRun(reason=reason):
            return WayReport.of(way, **where, outcome="not run", message=reason, ms=0)


def _deploy(deploy: Deploy) -> DeployReport:
    own: Mapping[str, object] = {}
    if failure := deploy.failure:
        names = ("migration", "sqlstate", "statement", "detail", "hint")
        own = {"file": failure.path, "line": failure.at.line, **{each: getattr(failure, each) for each in names}}
    # Of one that failed, nobody looks; of one that is unknown, nobody could.
    read_back = deploy.read_back and deploy.end in (End.APPLIED, End.RECORDED, End.UNDONE)
    return DeployReport.of(deploy, outcome=deploy.end, read_back=read_back, **own)
