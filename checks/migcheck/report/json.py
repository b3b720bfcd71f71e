"""The report for machines, versioned; its JSON Schema is `docs/report.schema.json`."""

from functools import partial
from typing import assert_never

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
from migcheck.facts.sql.locked import Locked
from migcheck.facts.target.sizes import Sized, Unsized
from migcheck.finding import Finding
from migcheck.report.deploy import Deploy
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
    RowReport,
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
            finding_report(each.folder.path, finding, each.ledger_file or None)
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
        locks=() if rehearsal is None else tuple(map(_lock, rehearsal.locked)),
    )


def _size(sized: Sized) -> SizeReport:
    size = sized.size
    return SizeReport(
        migration=sized.migration,
        table=sized.table,
        lock=sized.lock,
        rows=None if size is None else size.rows,
        bytes=None if size is None else size.bytes,
    )


def _lock(locked: Locked) -> LockReport:
    return LockReport(
        migration=locked.migration,
        file=locked.at.path,
        line=locked.at.line,
        statement=locked.statement,
        table=locked.table,
        lock=locked.lock,
        transaction=locked.transaction,
        after=locked.after,
    )


def _scratch(rehearsal: Rehearsal) -> ScratchReport | None:
    server = rehearsal.server
    if server is None:
        return None
    return ScratchReport(
        kind=server.kind,
        version=server.version,
        origin=server.origin,
        confinement=server.confinement,
        passed_over=rehearsal.passed_over,
        starts_from=None if rehearsal.request.copy is None else str(rehearsal.request.copy),
        left_out=tuple(map(str, rehearsal.left_out)),
    )


def _rerun(rerun: Rerun) -> RerunReport:
    match rerun:
        case Repeatable(migration, path):
            return RerunReport(migration=migration, outcome="repeatable", file=path)
        case NotRepeatable(migration, path, message, line, sqlstate):
            return RerunReport(
                migration=migration,
                outcome="not repeatable",
                file=path,
                line=line,
                sqlstate=sqlstate,
                message=message,
            )
        case NotTried(migration, path, reason):
            return RerunReport(migration=migration, outcome="not tried", file=path, message=reason)
        case _:
            assert_never(rerun)


def _rollback(proof: RollbackProof) -> RollbackReport:
    told = partial(RollbackReport, migration=proof.migration, file=proof.path)
    if isinstance(proof, Proven):
        return told(
            outcome="proven",
            differences=proof.order,
            loses=proof.loses,
            lacks=proof.lacks,
            needs=proof.needs,
            writes=proof.writes,
            untouched=proof.untouched,
        )
    refused = partial(told, outcome="not proven", message=why_not(proof))
    match proof:
        case Refused(failure=failure):
            return refused(line=failure.at.line)
        case LeftOtherwise(lines=lines) | AgainOtherwise(lines=lines):
            return refused(differences=lines)
        case NotAgain() | NotReached():
            return refused()
        case _:
            assert_never(proof)


def _base(base: Base | NothingLanded | None, doubt: str) -> BaseReport | None:
    match base:
        case Base(revision=revision, why=why):
            return BaseReport(revision=revision, why=f"{why}. {doubt}" if doubt else why)
        case NothingLanded(why=why):
            return BaseReport(revision=None, why=why)
        case None:
            return None
        case _:
            assert_never(base)


def _gate(verdict: Verdict, gate: GateResult) -> GateReport:
    told = partial(
        GateReport,
        folder=verdict.folder.path,
        ledger_file=verdict.ledger_file or None,
        name=gate.name,
        ms=gate.ms,
    )
    match gate.outcome:
        case Judged(unread=unread):
            return told(outcome="judged", reason="", remedy="", not_read=unread)
        case Skipped(reason=reason):
            return told(outcome="skipped", reason=reason, remedy="")
        case Undecided(cause=cause, remedy=remedy):
            return told(outcome="undecided", reason=cause, remedy=remedy)
        case _:
            assert_never(gate.outcome)


def finding_report(folder: str, finding: Finding, ledger_file: str | None = None) -> FindingReport:
    """One finding on the folder at `folder`, where `ledger_file` stood for its target."""
    return FindingReport(
        folder=folder,
        ledger_file=ledger_file,
        code=finding.code,
        rule=finding.rule,
        severity=finding.severity,
        waived=finding.waived,
        migration=finding.migration,
        file=finding.at.path,
        line=finding.at.line,
        message=finding.message,
        evidence=finding.evidence,
        fix=finding.fix,
    )


def _way(verdict: Verdict, outcome: WayOutcome) -> WayReport:
    told = partial(WayReport, folder=verdict.folder.path, ledger_file=verdict.ledger_file or None, way=outcome.way)
    match outcome:
        case Passed(ms=ms):
            return told(outcome="passed", message="", ms=ms)
        case Failed(ms=ms, failure=failure, batching=batching):
            return told(
                outcome="failed",
                migration=failure.migration,
                file=failure.path,
                line=failure.at.line,
                sqlstate=failure.sqlstate,
                batching=batching,
                message=failure.message,
                ms=ms,
            )
        case Differs(ms=ms, lines=lines):
            return told(outcome="differs", message="\n".join(lines), ms=ms)
        case NotRun(reason=reason):
            return told(outcome="not run", message=reason, ms=0)
        case _:
            assert_never(outcome)


def _deploy(deploy: Deploy) -> DeployReport:
    told = partial(
        DeployReport,
        folder=deploy.folder,
        target=deploy.target,
        outcome=deploy.end,
        rows=tuple(RowReport(tag=row.tag, hash=row.hash, when=row.when) for row in deploy.rows),
        warnings=deploy.warnings,
        message=deploy.message,
        remedy=deploy.remedy,
        torn=deploy.torn,
        read_back=deploy.read_back,
        lacking=deploy.lacking,
        differences=deploy.differences,
        proposed=deploy.proposed,
        begun=deploy.begun,
        outside=deploy.outside,
        costs=deploy.costs,
        earlier=deploy.earlier,
        notes=deploy.notes,
        ms=deploy.ms,
    )
    if (failure := deploy.failure) is None:
        return told()
    return told(
        migration=failure.migration,
        file=failure.path,
        line=failure.at.line,
        sqlstate=failure.sqlstate,
        statement=failure.statement,
        detail=failure.detail,
        hint=failure.hint,
    )
