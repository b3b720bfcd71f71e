"""The last line: the verdict and the next step."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from migcheck.drizzle.ledger import pending
from migcheck.facts.history.history import Base
from migcheck.facts.target.judged import Target
from migcheck.finding import Finding
from migcheck.report.gates import findings_counted
from migcheck.report.page import Page
from migcheck.report.run import Commands, Run
from migcheck.verdict import Answer, Judged, Skipped, Undecided, Verdict, worst
from migcheck.wording import listed

_MAKE_ONE = "`drizzle-kit generate` makes the first migration"
_LONGEST_REMEDY = 240


def write_summary(page: Page, run: Run) -> None:
    """Write the one line that says how it stands and what to do."""
    verdicts = run.verdicts
    left_out = f"; {run.left_out}" if run.left_out else ""
    match worst(verdicts):
        case Answer.CLEAR:
            page.last(_clear(verdicts, run.commands), word="clear", style="clear")
        case Answer.BLOCKED:
            page.last(_blocked(verdicts, left_out), word="blocked", style="error")
        case Answer.UNDECIDED:
            page.last(_undecided(verdicts, left_out), word="undecided", style="undecided")


def _blocked(verdicts: Sequence[Verdict], left_out: str) -> str:
    findings = list(_findings(verdicts))
    first = next(finding for finding in findings if finding.blocks)
    where = f" in {_folders(verdicts, Answer.BLOCKED)}" if len(verdicts) > 1 else ""
    # What is wrong with a target, or with no one file, is at no place of the folder.
    what = f"fix {first.at}" if first.at.line is not None or first.migration else f"see {first.code} above"
    return f"{findings_counted(findings)}{where}{left_out}. Next: {what} (migcheck explain {first.code})"


def _undecided(verdicts: Sequence[Verdict], left_out: str) -> str:
    open_gates = [
        (gate.name, gate.outcome) for each in verdicts for gate in each.gates if isinstance(gate.outcome, Undecided)
    ]
    names = ", ".join(dict.fromkeys(name for name, _ in open_gates))
    where = f" in {_folders(verdicts, Answer.UNDECIDED)}" if len(verdicts) > 1 else ""
    remedies = {outcome.remedy for _, outcome in open_gates if outcome.remedy}
    return f"{names}{where}{left_out}. Next: {_way_out(remedies)}"


def _way_out(remedies: Collection[str]) -> str:
    """The one remedy, which stands above as well; where it would make no line, or there are several, a hint at it."""
    match tuple(remedies):
        case ():
            return "see the cause above"
        case (one,) if "\n" not in one and len(one) <= _LONGEST_REMEDY:
            return one
        case (_,):
            return "see the remedy above"
        case _:
            return "see the remedies above"


def _clear(verdicts: Sequence[Verdict], commands: Commands) -> str:
    notes = findings_counted(list(_findings(verdicts)))
    remarks = "" if notes == "clear" else f" ({notes})"
    verdicts = [each for each in verdicts if each.is_named] or verdicts
    if skipped := list(dict.fromkeys(_skipped(verdicts))):
        judged = ", ".join(name for name in dict.fromkeys(_judged(verdicts)) if name not in skipped)
        # A target that nobody named is no gap to close first: verify proves the folder, apply looks at the target.
        step = "migcheck verify, without --offline"
        if skipped == ["target"]:
            step = _next_deploy(verdicts, commands)
        return f"{judged}{remarks}; not judged: {', '.join(skipped)}. Next: {step}"
    if files := [each.ledger_file for each in verdicts if each.ledger_file and each.target is None]:
        told_by = listed(list(dict.fromkeys(files)))
        step = _next_deploy(verdicts, commands)
        return f"every gate agrees{remarks}, of the target by {told_by} alone. Next: {step}"
    targets = [(each.folder, each.target) for each in verdicts if each.target is not None]
    if not targets or any(pending(folder, target.ledger) for folder, target in targets):
        return f"every gate agrees{remarks}. Next: {_deploy(verdicts, commands)}"
    return f"every gate agrees{remarks}; nothing is pending on {listed(_names(target for _, target in targets))}"


def _deploy(verdicts: Sequence[Verdict], commands: Commands) -> str:
    return f"land it; `{commands.landed}` deploys" if any(each.unlanded for each in verdicts) else commands.now


def _next_deploy(verdicts: Sequence[Verdict], commands: Commands) -> str:
    if not any(each.folder.count for each in verdicts):
        return _MAKE_ONE
    skipped = [gate.outcome for each in verdicts for gate in each.gates if isinstance(gate.outcome, Skipped)]
    unset = list(dict.fromkeys(each.unset for each in skipped if each.unset))
    told = f", with {' and '.join(unset)} set" if unset else ""
    if skipped and commands.clear_again:
        return _next_cleared(verdicts, commands, told)
    lacking = f"`{commands.landed}` deploys what a database lacks{told}"
    if _have_landed(verdicts):
        return f"it has landed; {lacking}"
    if all(each.new == () for each in verdicts):
        return f"no migration is new; {lacking}"
    return f"land it; `{commands.landed}` deploys{told}"


def _next_cleared(verdicts: Sequence[Verdict], commands: Commands, told: str) -> str:
    """Of a clearance that read no target: it lets nothing run but what base lacks, on a database that has base."""
    if all(each.new == () for each in verdicts):
        return f"no migration is new; `{commands.clear_again}` clears what a database lacks{told}"
    before = "it has landed" if _have_landed(verdicts) else "land it"
    built = any(isinstance(each.base, Base) for each in verdicts)
    where = "a database that has what landed before, and no more" if built else "a database without a migration"
    return f"{before}; `{commands.landed}` deploys to {where}{told}"


def _have_landed(verdicts: Sequence[Verdict]) -> bool:
    return all(isinstance(each.base, Base) and each.base.landed for each in verdicts)


def _names(targets: Iterable[Target]) -> list[str]:
    return list(dict.fromkeys(target.name for target in targets))


def _findings(verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    for verdict in verdicts:
        yield from verdict.findings


def _judged(verdicts: Sequence[Verdict]) -> Iterator[str]:
    return (gate.name for each in verdicts for gate in each.gates if isinstance(gate.outcome, Judged))


def _skipped(verdicts: Sequence[Verdict]) -> Iterator[str]:
    return (gate.name for each in verdicts for gate in each.gates if isinstance(gate.outcome, Skipped))


def _folders(verdicts: Sequence[Verdict], answer: Answer) -> str:
    # The top, for a full stop follows.
    return listed(['"."' if each.name == "." else each.name for each in verdicts if each.answer is answer])
