"""Outcomes and verdict: what each gate said, and what they say together."""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Migration
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.facts.rehearsal import Rehearsal
from migcheck.facts.sql.rows import Answers
from migcheck.facts.target.judged import Target
from migcheck.facts.target.sizes import TargetSizes
from migcheck.finding import Finding
from migcheck.waiver import WaiverFacts


class Judged(Struct, frozen=True):
    """The gate had its facts and applied its rules. `unread` tells what it passed over: it blocks nothing.

    `remarks` are what it saw and found nothing wrong with, for whoever wants to see everything. `unjudged` are the
    codes of its rules that had not what they need, or whose finding another gate tells.
    """

    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    unjudged: frozenset[str] = frozenset()


class Skipped(Struct, frozen=True):
    """The gate had nothing to judge, or its inputs are known broken. `unset` is the variable that would name it one."""

    reason: str
    unset: str = ""


_OF_NOW = frozenset({"replay", "sql", "target"})

UNNAMED = Skipped("nothing names it any more")
"""What a gate says of a folder that base's configuration named, and that is judged for what landed in it alone."""
UNSEEN = Skipped("the folder cannot be seen: the gate `folder` says why")
CLEARED = Skipped("judged when the clearance was given")
"""What a deploy says of a gate that was judged before, and asks for nothing that may have changed since."""


class Undecided(Struct, frozen=True):
    """The gate could not learn its facts. Always blocks."""

    cause: str
    remedy: str


Outcome = Judged | Skipped | Undecided


class GateResult(Struct, frozen=True):
    """One gate's outcome and its wall time in ms."""

    name: str
    outcome: Outcome
    ms: int


class Answer(StrEnum):
    """The verdict in one word."""

    CLEAR = "clear"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


class Verdict(Struct, frozen=True):
    """All gates' outcomes on one folder, with what the report shows beside them.

    `before` is where base has the folder, empty where it has none or nobody knows. `judge_changes` are lines that tell
    what the change alters in its own judge. `ledger_file` is the file whose ledger stood for the target, where one was
    given. `unlanded`: some migration is known not to have landed yet. `pending` is what Drizzle would run next on the
    ledger of either, and `new` what base does not have; each is None where nobody knows. `sizes` are those of what is
    pending on the target, None where nobody asked, and `answers` is what it said of its rows; `vacant` are tables
    without one there. `waivers` are what the last gate judged.
    """

    folder: Folder
    base: Base | NothingLanded | None
    gates: tuple[GateResult, ...]
    rehearsal: Rehearsal | None = None
    target: Target | None = None
    judge_changes: tuple[str, ...] = ()
    ledger_file: str = ""
    unlanded: bool = False
    pending: tuple[Migration, ...] | None = None
    new: tuple[Migration, ...] | None = None
    sizes: TargetSizes | None = None
    answers: Answers = {}
    vacant: frozenset[str] = frozenset()
    before: str = ""
    waivers: WaiverFacts | None = None

    @property
    def name(self) -> str:
        """The folder, and of several ledgers the one that it was judged for."""
        return f"{self.folder.path} on {self.ledger_file}" if self.ledger_file else self.folder.path

    @property
    def is_named(self) -> bool:
        """Whether the configuration names the folder: another was named by base's."""
        return all(gate.outcome != UNNAMED for gate in self.gates)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every gate that was judged, in the order of the gates."""
        return tuple(
            finding for gate in self.gates if isinstance(gate.outcome, Judged) for finding in gate.outcome.findings
        )

    @property
    def foremost(self) -> tuple[Finding, ...]:
        """As `findings`, with old warnings last: of a migration that is neither new nor runs next.

        Those of no one migration are old where a gate looks at all that is there, and not at what happens now. Who
        shows only the first of many would else show what a repository has had for years.
        """
        present, old = self._by_age
        return (*present, *old)

    @property
    def old_debt(self) -> tuple[Finding, ...]:
        """Of the old warnings, in that order, those that are to be left as they are."""
        return tuple(each for each in self._by_age[1] if each.left and each.waived is None)

    @property
    def _by_age(self) -> tuple[list[Finding], list[Finding]]:
        """What blocks or is of now, and what is old."""
        now = {each.tag for each in (*(self.new or ()), *(self.pending or ()))}
        present, old = list[Finding](), list[Finding]()
        for gate in self.gates:
            for each in gate.outcome.findings if isinstance(gate.outcome, Judged) else ():
                is_present = gate.name in _OF_NOW if each.migration is None else each.migration in now
                (present if each.blocks or is_present else old).append(each)
        return present, old

    @property
    def doubt(self) -> str:
        """What to do should base be the wrong one: empty where it is no guess, or where nothing blocks for it."""
        history = (gate.outcome for gate in self.gates if gate.name == "history")
        blocks = any(each.blocks for one in history if isinstance(one, Judged) for each in one.findings)
        return self.base.doubt if blocks and isinstance(self.base, Base) else ""

    @property
    def answer(self) -> Answer:
        """Blocked where any finding blocks, else undecided where any gate is, else clear."""
        if any(finding.blocks for finding in self.findings):
            return Answer.BLOCKED
        if any(_undecided(gate.outcome) for gate in self.gates):
            return Answer.UNDECIDED
        return Answer.CLEAR


def worst(verdicts: Sequence[Verdict]) -> Answer:
    """The answer on several folders: blocked where one is, else undecided where one is, else clear."""
    answers = {each.answer for each in verdicts}
    return next((answer for answer in (Answer.BLOCKED, Answer.UNDECIDED) if answer in answers), Answer.CLEAR)


def _undecided(outcome: Outcome) -> bool:
    match outcome:
        case Undecided():
            return True
        case Judged() | Skipped():
            return False
        case _:
            assert_never(outcome)
