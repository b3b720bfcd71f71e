"""The report as GitHub Actions takes it: annotations at the lines they are about, then the report for people.

Facts: docs.github.com "Workflow commands for GitHub Actions"; ten annotations of a kind are shown for each step.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Folder
from migcheck.finding import Finding, Location, Severity
from migcheck.report.deploy import Deploy, End, what_is_left, what_is_there
from migcheck.report.ended import Ended
from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.report.visible import visible
from migcheck.verdict import Undecided
from migcheck.wording import first_of

_SHOWN = 10
# What was done, and how it ended, where that does not make a sentence.
_TITLES = {End.DIFFERENT: "the target is different", End.UNKNOWN: "what came of the {} is not known"}


class _Annotation(Struct, frozen=True):
    """A workflow command. `kind` is error, warning or notice; `at` is None where it is about no file."""

    kind: str
    title: str
    message: str
    at: Location | None = None

    def __str__(self) -> str:
        """As the runner reads it."""
        properties = {"title": self.title}
        if self.at is not None:
            properties = {"file": self.at.path, "line": str(self.at.line or 1), **properties}
        told = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
        return f"::{self.kind} {told}::{_escaped(self.message)}"


def render_github(run: Run, *, verbose: bool) -> str:
    """Write what concerns the change as annotations, and below them the report that the log shows."""
    lines = [str(each) for kind in ("error", "warning", "notice") for each in _few(_annotations(run), kind)]
    return "\n".join([*lines, render_text(run, verbose=verbose)])


def render_ended(ended: Ended) -> str:
    """Write what ended a run as one annotation; for people it stands in the log."""
    message = _paragraphs(ended.problem, ended.remedy)
    return f"{_Annotation('error', f'migcheck {ended.command}', message, ended.at)}\n"


def _annotations(run: Run) -> Iterator[_Annotation]:
    for verdict in run.verdicts:
        for gate in verdict.gates:
            if isinstance(gate.outcome, Undecided):
                message = _paragraphs(gate.outcome.cause, gate.outcome.remedy)
                at = _place_in(verdict.folder, gate.outcome.cause)
                yield _Annotation("error", f"{verdict.name}: {gate.name} is undecided", message, at)
        old = frozenset(verdict.old_debt)
        yield from (_of_finding(each) for each in verdict.foremost if each not in old)
    for deploy in run.deploys:
        yield from _of_deploy(deploy)


def _of_deploy(deploy: Deploy) -> Iterator[_Annotation]:
    title = f"{deploy.folder}: {_TITLES.get(deploy.end, '{} {}').format(deploy.what, deploy.end)}"
    at = None if deploy.failure is None else deploy.failure.at
    match deploy.end:
        case End.FAILED | End.INTERRUPTED:
            told = _paragraphs(deploy.message, what_is_left(deploy), deploy.remedy)
            yield _Annotation("error", title, told, at)
        case End.WITHHELD | End.REFUSED | End.UNKNOWN | End.DIFFERENT:
            differences = "\n".join(first_of(deploy.differences, _SHOWN))
            yield _Annotation("error", title, _paragraphs(deploy.message, differences, deploy.remedy), at)
        case End.NOTHING if deploy.lacking:
            yield _Annotation("warning", title, what_is_there(deploy))
        case _:
            pass
    yield from (_Annotation("warning", title, each) for each in deploy.warnings)


def _place_in(folder: Folder, cause: str) -> Location | None:
    """The place that `cause` begins with; None where that is none of the folder's files."""
    found = Location.leading(cause)
    files = {each.path for each in folder.files} | {each.path for each in folder.migrations}
    return found if found is not None and found.path in files else None


def _of_finding(finding: Finding) -> _Annotation:
    kind = "warning" if finding.severity is Severity.WARNING else "error"
    if finding.waived is not None:
        kind = "notice"
    waived = f"waived: {finding.waived}" if finding.waived is not None else finding.fix
    message = _paragraphs(finding.message, finding.evidence, waived)
    return _Annotation(kind, f"{finding.code} {finding.rule}", message, finding.at)


def _few(annotations: Iterator[_Annotation], kind: str) -> Sequence[_Annotation]:
    """Those of one kind, as many as are shown; the last of too many says that there are more."""
    found = [each for each in annotations if each.kind == kind]
    if len(found) <= _SHOWN:
        return found
    more = f"{len(found) - _SHOWN + 1} more; the log and the summary of this step have all"
    return [*found[: _SHOWN - 1], _Annotation(kind, "migcheck", more)]


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _escaped(text: str, others: str = "") -> str:
    """As the value of a workflow command; of a property, `:` and `,` are escaped as well."""
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{others}" else each for each in visible(text))
