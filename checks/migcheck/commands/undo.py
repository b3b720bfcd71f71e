"""`migcheck undo --to MIGRATION`: every gate, the rollbacks proven, and only then the undo."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct, structs

from migcheck.clearance import Clearance, Withheld, clear_undo
from migcheck.commands.one import run_one
from migcheck.commands.options import Options
from migcheck.commands.undo_end import tell_undo, unknown_of
from migcheck.commands.work import Work, aim_of
from migcheck.deploy.order import AGAIN, Order
from migcheck.deploy.outcome import NothingToDo, Refused, UndoOutcome
from migcheck.deploy.undo import undo
from migcheck.deploy.undo_plan import undo_plan, without_rollback
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.rollback import Undo
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.rollback import Proven
from migcheck.facts.sql.refused_rows import found_by, how_many, where_refused
from migcheck.facts.sql.rows import Answers, Found, Question, answer_to
from migcheck.facts.target.dropped_roles import refusal
from migcheck.facts.undo import UndoRehearsal
from migcheck.gather.course import Site, gather_answers, gather_kept, gather_undo
from migcheck.gather.gates import Found as Gathered
from migcheck.gather.gates import Tell, gather_history
from migcheck.project import Project
from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict


def run(options: Options) -> int:
    """Judge the folder and the target, prove the rollbacks, undo, report."""
    return run_one(options, "nothing was undone", _go, _vain)


def _go(options: Options, work: Work, verdict: Verdict, tell: Tell, to: int) -> Deploy:
    return _Undo(work.project, work, verdict, options, tell).deploy(to)


def _vain(to: int, folder: Folder, ledger: Ledger) -> str:
    """A rollback that is missing is told at once, and not after minutes of rehearsing."""
    refused = without_rollback(folder, ledger, to)
    return "" if refused is None else refused.problem


class _Undo(Struct, frozen=True, dict=True):
    """An undo on the target of a clear verdict."""

    project: Project
    work: Work
    verdict: Verdict
    options: Options
    tell: Tell

    def deploy(self, to: int) -> Deploy:
        """Plan, rehearse and undo all behind the position `to`; what the report says of it."""
        folder, target = self.verdict.folder, self.verdict.target
        assert target is not None, "a clear verdict on a target that is named has read it"
        rehearsal = self.verdict.rehearsal
        built = () if rehearsal is None else rehearsal.request.built
        plan = undo_plan(folder, target.ledger, to, {each.hash: each.tag for each in built})
        costs: tuple[Proven, ...] = ()
        warnings: tuple[str, ...] = ()
        outcome: UndoOutcome | Withheld
        if isinstance(plan, NothingToDo | Refused):
            outcome = plan
        else:
            try:
                seen = self._rehearsed(plan)
                costs = tuple(each for each in seen.proofs if isinstance(each, Proven))
                outcome, warnings = self._undone(plan, seen)
            except UndecidableError as error:
                outcome = Withheld(error.problem, error.remedy)
        told = tell_undo(folder.path, target.name, outcome, costs, self.options)
        return structs.replace(told, warnings=(*warnings, *told.warnings))

    @property
    def _request(self) -> Request:
        assert self.verdict.rehearsal is not None, "what is not refused at once was rehearsed"
        return self.verdict.rehearsal.request

    @cached_property
    def _site(self) -> Site:
        folder, asked = self.verdict.folder, self.work.asked
        history = gather_history(self.project, folder, asked)
        found = Gathered(folder, history, self.verdict.target, self._request.ledger)
        return Site(self.project, self.work.folder, asked, found, self.tell)

    def _rehearsed(self, plan: tuple[Undo, ...]) -> UndoRehearsal:
        request = self._request
        if request.copy is not None:
            raise UndecidableError(
                "the rehearsal starts from the target, and what was there before the last migration is not known",
                "let it start from the files, which have to build what is applied",
            )
        self.tell("rehearsing the undo")
        return gather_undo(self._site, request.built, plan)

    def _undone(self, plan: tuple[Undo, ...], seen: UndoRehearsal) -> tuple[UndoOutcome | Withheld, tuple[str, ...]]:
        """What becomes of it, and what the target did not say of its rows before."""
        if doubt := _doubt(seen):
            return doubt, ()
        if needed := refusal(gather_kept(self._site, seen.roles)):
            return Refused(needed, f"hand that over, or revoke it, there or in the rollback, then {AGAIN}"), ()
        answers = gather_answers(self._site, [each.select for each in seen.questions])
        cleared = clear_undo(self.verdict, plan, seen.catalogue_change)
        if isinstance(cleared, Withheld):
            return cleared, ()
        outcome = _in_the_way(seen.questions, answers) or undo(self._order(cleared), plan)
        return outcome, unknown_of(seen, answers)

    def _order(self, cleared: Clearance) -> Order:
        return Order(
            cleared,
            self.verdict.folder,
            self.project.config.said_of(self.work.folder.path),
            **aim_of(self.work, self.options, self.tell),
            command="migcheck undo",
        )


def _doubt(seen: UndoRehearsal) -> Refused | None:
    """Why what was rehearsed is not to be run."""
    unproven = next((each.migration for each in seen.proofs if not isinstance(each, Proven)), None)
    if unproven is not None:
        return Refused(f"the rollback of {unproven} is not proven", f"`migcheck rollback {unproven}` tells why")
    if seen.refused:
        return Refused(f"undone together, they fail: {seen.refused}", "undo them one by one")
    if seen.left:
        return Refused(f"undone together, they leave something else behind: {seen.left[0]}", "undo them one by one")
    return None


def _in_the_way(questions: Sequence[Question], answers: Answers) -> Refused | None:
    """Which rows of the target it would fail with."""
    told = ((each, answer_to(each, answers)) for each in questions)
    found = [(each, answer) for each, answer in told if isinstance(answer, Found) and answer.rows]
    if not found:
        return None
    why = (f"{each.at} fails {where_refused(each)}{how_many(each, answer)}" for each, answer in found)
    by = " ".join(dict.fromkeys(found_by(each) for each, _ in found))
    return Refused("; ".join(why), f"mend those rows, or the rollback, then {AGAIN}. {by}")
