"""What came of a deploy, for people: one line a migration, and one last line that says how it ended."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from migcheck.clearance import Step
from migcheck.postgres.running.failure import SqlFailure
from migcheck.report.page import Page
from migcheck.wording import counted, first_of, listed

# Characters. The last line is never wrapped, so that a script finds it; people have to read it, too.
_LONGEST_LINE = 130
_SHOWN = 40


class End(StrEnum):
    """How a deploy ended. WITHHELD: there was no clearance, so it was never begun.

    RECORDED, WOULD_RECORD and DIFFERENT are a baseline's, UNDONE and WOULD_UNDO an undo's.
    """

    APPLIED = "applied"
    NOTHING = "nothing to do"
    PLANNED = "would apply"
    WITHHELD = "withheld"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"
    RECORDED = "recorded"
    WOULD_RECORD = "would record"
    DIFFERENT = "different"
    UNDONE = "undone"
    WOULD_UNDO = "would undo"


_PREPOSITIONS = {"deploy": "to", "baseline": "of", "undo": "on"}
# Of the rows of all others: applied.
_WORDS = {
    End.PLANNED: ("would be applied", "quiet"),
    End.RECORDED: ("recorded", "passed"),
    End.WOULD_RECORD: ("would be recorded", "quiet"),
    End.UNDONE: ("undone", "passed"),
    End.WOULD_UNDO: ("would be undone", "quiet"),
}


class Deploy(Struct, frozen=True):
    """One folder's deploy. `target` is host and database for people.

    `rows` is what is applied now by it (with PLANNED: what would be). `message` and `remedy` tell what went wrong and
    what to do; `failure` is the statement that the server refused; `torn`: part of a migration stays, without its row;
    `begun` is the tag of one outside of a transaction of which what ran stays, and which the next deploy begins anew.
    `outside` are the tags of `rows` that would run outside of a transaction.
    `earlier` are the tags in front of `rows` that an earlier run of what was cleared had left.
    `notes` say what is as it should be, and may look otherwise.
    `lacking` are the tags of what the target, on which nothing is pending, does not have as the folder has it.

    Of a baseline, `rows` are those that were written, `differences` is what the target has otherwise than the folder
    builds up to the migration `upto`, `proposed` are statements that would bring it there, which nobody has tried, and
    `compared` is the server that this was built on.

    `undoing`: it is an undo. Then `rows` are gone, and `costs` says what each rollback loses.
    """

    folder: str
    target: str
    end: End
    rows: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""
    remedy: str = ""
    failure: SqlFailure | None = None
    torn: bool = False
    begun: str = ""
    outside: tuple[str, ...] = ()
    ms: int = 0
    read_back: bool = True
    lacking: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    upto: str = ""
    compared: str = ""
    undoing: bool = False
    costs: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """`deploy`, `baseline` or `undo`."""
        if self.undoing:
            return "undo"
        return "baseline" if self.upto else "deploy"

    @property
    def left_out(self) -> str:
        """What did not take place where it was refused."""
        return "nothing was written" if self.upto else "nothing was run"


def write_deploy(page: Page, deploy: Deploy) -> None:
    """Write what was run or recorded, or would be, what the server refused, what differs, and every warning."""
    if deploy.rows or deploy.failure is not None or deploy.differences or deploy.warnings:
        page.gap()
        where = f"  {_PREPOSITIONS[deploy.what]} {deploy.target}"
        page.line((deploy.what, "strong"), "  ", (deploy.folder, "place"), where)
    if deploy.compared:
        page.text(f"compared with what the migrations up to {deploy.upto} build on {deploy.compared}", indent=2)
    for what, lines in _told_of_differences(deploy):
        page.text(what, indent=2)
        page.quote("\n".join(first_of(lines, _SHOWN)), indent=2)
    failed = [] if deploy.failure is None else [deploy.failure.migration]
    longest = max((len(tag) for tag in (*(row.tag for row in deploy.rows), *failed)), default=0)
    word, style = become(deploy)
    for row in deploy.rows:
        how = ", outside of a transaction" if row.tag in deploy.outside else ""
        page.line(f"  {row.tag:<{longest}}  ", (f"{word}{how}", style))
    for cost in deploy.costs:
        page.text(cost, indent=2)
    if deploy.failure is not None:
        _write_failure(page, deploy.failure, longest)
    for warning in deploy.warnings:
        page.text(warning, indent=2, lead="warning: ", style="warning")
    for note in deploy.notes:
        page.text(note, indent=2, lead="note: ", style="quiet")
    if _is_long(deploy):
        page.gap()
        page.text(deploy.message, indent=2)
        page.text(deploy.remedy, indent=2, lead="remedy: ", style="passed")


def become(deploy: Deploy) -> tuple[str, str]:
    """What became of its rows, and the style in which a page says so."""
    return _WORDS.get(deploy.end, ("applied", "passed"))


def _told_of_differences(deploy: Deploy) -> Iterator[tuple[str, Sequence[str]]]:
    if deploy.differences:
        yield "- the target lacks it, + it has more, ~ it has otherwise: folder -> target", deploy.differences
    if deploy.proposed:
        what = "proposed, not tried: read what it locks and which rows it meets before it is run"
        yield what, [f"{each};" for each in deploy.proposed]


def _write_failure(page: Page, failure: SqlFailure, longest: int) -> None:
    page.line(f"  {failure.migration:<{longest}}  ", ("failed", "error"))
    page.line("  ", (str(failure.at), "place"))
    page.text(failure.said.strip(), indent=4)
    page.quote(failure.evidence, indent=4)


def write_deploy_summary(page: Page, deploy: Deploy) -> None:
    """Write the one line that says how the deploy ended and what to do."""
    count = counted(len(deploy.rows), "migration")
    match deploy.end:
        case End.APPLIED:
            how = _how(deploy)
            after = "" if deploy.read_back else ". Next: migcheck status"
            page.last(f"{count} to {deploy.target} {how}{_behind(deploy)}{after}", word="applied", style="clear")
        case End.NOTHING:
            page.last(what_is_there(deploy), word="nothing to do", style="clear")
        case End.PLANNED:
            where = f"{deploy.target}{_behind(deploy)}"
            page.last(f"{count} would go to {where}. Next: {deploy.remedy}", word="dry run", style="clear")
        case End.WITHHELD:
            page.last(_brief(deploy), word="undecided", style="undecided")
        case End.REFUSED | End.FAILED | End.DIFFERENT | End.UNKNOWN:
            style = "undecided" if deploy.end is End.UNKNOWN else "error"
            page.last(_brief(deploy), word=deploy.end.value, style=style)
        case End.INTERRUPTED:
            after = deploy.remedy or "migcheck status"
            page.last(f"{what_is_left(deploy)}. Next: {after}", word="interrupted", style="error")
        case End.RECORDED | End.WOULD_RECORD:
            _write_recorded(page, deploy)
        case End.UNDONE | End.WOULD_UNDO:
            _write_undone(page, deploy)


def _how(deploy: Deploy) -> str:
    """How long it took, where that is known: not where its end was learnt over another connection."""
    took = f"in {deploy.ms} ms, and" if deploy.ms else "and"
    return f"{took} read back" if deploy.read_back else "but not read back"


def _write_undone(page: Page, deploy: Deploy) -> None:
    count = counted(len(deploy.rows), "migration")
    if deploy.end is End.UNDONE:
        how = _how(deploy)
        after = "the next deploy runs what the folder still has of it"
        page.last(f"{count} on {deploy.target} {how}; {after}. Next: migcheck status", word="undone", style="clear")
    else:
        page.last(f"{count} would be undone on {deploy.target}. Next: {deploy.remedy}", word="dry run", style="clear")


def _write_recorded(page: Page, deploy: Deploy) -> None:
    rows = f"{counted(len(deploy.rows), 'row')} for {deploy.target}"
    if deploy.end is End.RECORDED:
        how = _how(deploy)
        page.last(f"{rows} {how}; nothing was run. Next: migcheck status", word="recorded", style="clear")
    else:
        page.last(f"{rows} would be written, and nothing run. Next: {deploy.remedy}", word="dry run", style="clear")


def _behind(deploy: Deploy) -> str:
    """How much of what was cleared was there already."""
    count = len(deploy.earlier)
    return f"; {count} of {count + len(deploy.rows)} were applied by an earlier run" if count else ""


def what_is_there(deploy: Deploy) -> str:
    """Why there was nothing to do."""
    if deploy.message:
        return deploy.message
    if not deploy.lacking:
        return f"{deploy.target} has every migration of {deploy.folder}"
    what = f"{listed(deploy.lacking)} as {deploy.folder} has {'it' if len(deploy.lacking) == 1 else 'them'}"
    return f"nothing is pending on {deploy.target}, which does not have {what}"


def _brief(deploy: Deploy) -> str:
    """What went wrong and what to do, as far as that makes a line that can be read."""
    if not _is_long(deploy):
        return _whole(deploy)
    match deploy.end:
        case End.FAILED:
            left = what_is_left(deploy)
        case End.UNKNOWN:
            left = "what is applied could not be learnt"
        case End.DIFFERENT:
            left = f"{counted(len(deploy.differences), 'difference')}; {deploy.left_out}"
        case _:
            left = deploy.left_out
    return f"{left}. Next: see the remedy above"


def _is_long(deploy: Deploy) -> bool:
    """Whether what went wrong and what to do stand above the last line, which would be too long with them."""
    return bool(deploy.message) and len(_whole(deploy)) > _LONGEST_LINE


def _whole(deploy: Deploy) -> str:
    match deploy.end:
        case End.FAILED:
            told = f"{deploy.message}; {what_is_left(deploy)}"
        case End.UNKNOWN:
            told = deploy.message
        case _:
            told = f"{deploy.left_out}: {deploy.message}"
    return f"{told}. Next: {deploy.remedy}"


def what_is_left(deploy: Deploy) -> str:
    """What is on the target now."""
    left = _left_by_this_run(deploy)
    return f"{_stay(len(deploy.earlier), ' of an earlier run')}; of this one {left}" if deploy.earlier else left


def _left_by_this_run(deploy: Deploy) -> str:
    if deploy.begun:
        begun = f"what ran of {deploy.begun} stays, and the next deploy begins it anew"
        return f"{_stay(len(deploy.rows))}, {begun}" if deploy.rows else begun
    if deploy.torn and deploy.rows:
        return f"{_stay(len(deploy.rows))}, and a COMMIT made part of another last, which the ledger does not have"
    if deploy.torn:
        return "a COMMIT inside a migration made part of it last, and the ledger does not have it"
    if deploy.rows:
        return f"{_stay(len(deploy.rows))}, the rest was rolled back"
    return "everything was rolled back"


def _stay(count: int, whose: str = "") -> str:
    return f"{counted(count, 'migration')}{whose} {'stays' if count == 1 else 'stay'} applied"
