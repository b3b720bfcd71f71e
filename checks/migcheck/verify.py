"""The gates in order, on one folder: gather facts, judge them, add up a verdict."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.catalogue import (
    FOLDER_RULES,
    HISTORY_RULES,
    PROJECT_RULES,
    REPLAY_RULES,
    TARGET_RULES,
)
from migcheck.catalogue_sql import SQL_RULES
from migcheck.clearance import Clearance
from migcheck.config.config import FolderConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import BrokenJournal
from migcheck.drizzle.ledger import pending
from migcheck.facts.configuration.migration_tags import refuse_unknown_tags
from migcheck.facts.configuration.waiver_folders import refuse_unknown_folders
from migcheck.facts.folder import FolderFacts
from migcheck.facts.history.history import History, Proof
from migcheck.facts.history.judged import HistoryFacts
from migcheck.facts.project.judged import ProjectFacts
from migcheck.facts.read_folder import read_folder
from migcheck.facts.rehearsal import Rehearsal, ReplayFacts
from migcheck.facts.target.judged import PATIENCE, Target, TargetFacts, in_file
from migcheck.facts.tree import without_snapshots
from migcheck.finding import Finding, Severity
from migcheck.gather.gates import (
    Found,
    Tell,
    folder_facts,
    foresee_project_of,
    gather_history,
    gather_project,
    gather_target,
    head_tree,
    refuse_unseen,
    sql_files,
    target_facts,
)
from migcheck.gather.given_ledger import judge_given
from migcheck.gather.rehearsal import Replayed, gather_rehearsal, left_out
from migcheck.gather.sql import gather_sql, with_remarks
from migcheck.gather.target import Told, gather_told, sizes_touched
from migcheck.gather.waivers import gather_scope, has_folder
from migcheck.no_rehearsal import why_no_start, why_unasked, why_unread, why_vain
from migcheck.project import Asked, Project, unnamed
from migcheck.rule import judge
from migcheck.stopwatch import Stopwatch
from migcheck.verdict import CLEARED, UNSEEN, GateResult, Judged, Outcome, Skipped, Undecided, Verdict
from migcheck.waiver import Scope
from migcheck.waiving import Waiving, last_gate
from migcheck.wording import listed

FIND_OUT_FIRST = "Find out first whether it has landed: gate `history` says what stands in the way."


def verify(project: Project, which: FolderConfig, asked: Asked, tell: Tell) -> Verdict:
    """Run every gate on one folder. `tell` hears of each stage that may take a while.

    Raises UsageError where what was asked cannot be done; whatever cannot be learnt is in the verdict as `Undecided`.
    """
    return _Run(project, which, asked, tell, gather_scope(project, asked, which.path)).verdict()


class _Run(Struct, frozen=True):
    project: Project
    which: FolderConfig
    asked: Asked
    tell: Tell
    scope: Scope
    now: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    watch: Stopwatch = field(default_factory=Stopwatch)

    def verdict(self) -> Verdict:
        project, asked, watch = self.project, self.asked, self.watch
        watch.time("project", lambda: foresee_project_of(project, self.which, asked))
        folder = watch.time("folder", self._read)
        refuse_unknown_tags(project.loaded, folder, lambda: sql_files(project, asked), self.scope.all_of)
        history = self._history(folder)
        known = history if isinstance(history, History) else None
        refuse_unknown_folders(project.loaded, self.which.path, lambda path: has_folder(project, asked, known, path))
        soundness = self._soundness(folder, known)
        one_way_in = self._one_way_in(known)
        target = self._target(folder)
        reached = target if isinstance(target, Target) and asked.target is not None else None
        ledgers = (*((reached.ledger,) if reached else ()), *asked.ledgers)
        found = Found(folder, known, reached, ledgers[0] if ledgers else None)
        waiving = self._waiving()
        unread = why_unread(soundness, waiving)
        no_start = None if unread else why_no_start(target, found, asked, waiving)
        none = no_start or why_unasked(soundness, asked, waiving) or unread or why_vain(found, asked)
        replayed = none or self._replay(found)
        rehearsal = replayed.rehearsal if isinstance(replayed, Replayed) else None
        proof = rehearsal.proof if rehearsal else _proven(asked.clearance)
        major, system = (reached.major, reached.identity.system) if reached else (0, 0)
        repeatable = project.config.repeatable
        told = watch.time("sql", lambda: self._told(rehearsal, reached=reached is not None))
        given, named = asked.ledgers, self.which.database_url
        untouched = self._untouched(history, soundness, lambda it: HistoryFacts(it, ledgers, proof, given, named))
        outcomes: dict[str, Outcome] = {
            "folder": soundness,
            "history": untouched,
            "project": one_way_in,
            "replay": watch.judge(
                "replay", REPLAY_RULES, replayed, lambda it: ReplayFacts(it.rehearsal, repeatable, major, system, known)
            ),
            "sql": self._harm(known, replayed, told),
            "target": self._in_place(
                target, unread, untouched, lambda one: target_facts(one, folder, known, rehearsal, asked)
            ),
        }
        waived, waivers = waiving.over(outcomes)
        gates = tuple(GateResult(name, each, watch.ms(name)) for name, each in waived.items())
        return Verdict(
            folder=folder,
            base=known.base if known else None,
            gates=(*gates, last_gate(waivers)),
            rehearsal=rehearsal,
            target=reached,
            judge_changes=self._judge_changes(known, replayed),
            ledger_file=asked.ledger_file,
            unlanded=known is not None and known.unlanded,
            pending=pending(folder, found.ledger) if found.ledger else None,
            new=known.new() if known else None,
            sizes=sizes_touched(rehearsal, told.sizes) if asked.target_sizes else None,
            answers=told.answers,
            vacant=told.vacant,
            before=known.before.path if known and known.before else "",
            waivers=waivers,
        )

    def _read(self) -> Folder:
        tree = head_tree(self.project, self.asked, self.which.path)
        return read_folder(without_snapshots(tree) if self.asked.aside else tree, self.which.path)

    def _soundness(self, folder: Folder, known: History | None) -> Outcome:
        def look() -> Judged:
            refuse_unseen(self.project, folder, self.asked)
            now = int(self.now.timestamp() * 1000)
            return Judged(_sound(folder_facts(self.project, folder, known, now, self.asked), self.asked.deploying))

        return Skipped(self.asked.aside) if self.asked.aside else self.watch.attempt("folder", look)

    def _history(self, folder: Folder) -> History | Skipped | Undecided:
        given = self.asked.clearance
        if given is None:
            return self.watch.attempt("history", lambda: gather_history(self.project, folder, self.asked))
        if not given.base:
            return CLEARED
        # Where git is at hand, it says it again, of the base that it was said of.
        again = self.watch.attempt("history", lambda: gather_history(self.project, folder, self.asked))
        return again if isinstance(again, History) else CLEARED

    def _untouched(
        self,
        history: History | Skipped | Undecided,
        soundness: Outcome,
        facts: Callable[[History], HistoryFacts],
    ) -> Outcome:
        if isinstance(history, Undecided) and isinstance(soundness, Undecided):
            return UNSEEN
        if isinstance(history, History) and self.asked.aside:
            return Skipped(self.asked.aside)
        if isinstance(history, History) and history.before and isinstance(history.after.journal, BrokenJournal):
            return Skipped("what changed cannot be seen: the journal cannot be read (MC100)")
        return self.watch.judge("history", HISTORY_RULES, history, facts)

    def _in_place(
        self,
        target: Target | Skipped | Undecided,
        unread: Skipped | Undecided | None,
        untouched: Outcome,
        facts: Callable[[Target], TargetFacts],
    ) -> Outcome:
        if isinstance(target, Target) and unread:
            return unread
        if isinstance(target, Target) and self.asked.target is None:
            told = self._waiving().of(untouched)
            return self.watch.time("target", lambda: judge_given(facts(target), told))
        outcome = self.watch.judge("target", TARGET_RULES, target, facts)
        if isinstance(outcome, Judged) and isinstance(target, Target) and target.unread_ledgers:
            return Judged(outcome.findings, (f"the rows of what looks like a ledger: {listed(target.unread_ledgers)}",))
        return outcome

    def _one_way_in(self, known: History | None) -> Outcome:
        if self.asked.clearance is not None and known is None:
            return CLEARED
        found = self.watch.attempt("project", lambda: gather_project(self.project, self.which, self.asked, known))
        # What is around the folder decides nothing of its own: where it cannot be seen, the other gates still do.
        seen = Skipped(found.cause) if isinstance(found, Undecided) else found
        outcome = self.watch.judge("project", PROJECT_RULES, seen, lambda one: one)
        if isinstance(outcome, Judged) and isinstance(found, ProjectFacts):
            return Judged(outcome.findings, self.watch.time("project", lambda: found.head.unread))
        return outcome

    def _target(self, folder: Folder) -> Target | Skipped | Undecided:
        named = self.asked.target
        if named is None and self.asked.ledgers:
            return in_file(self.asked.ledger_file, self.asked.ledgers[0], folder.layout)
        if self.asked.offline:
            return Skipped(self.asked.offline)
        if named is None:
            return unnamed(self.which, self.asked)
        self.tell("reading the target")
        # A deploy waits for the one before it; whoever only looks does not.
        patience = max(PATIENCE, self.project.config.apply.lock_wait) if self.asked.deploying else PATIENCE
        return self.watch.attempt(
            "target", lambda: gather_target(named, self.which, self.asked, self.tell, patience=patience)
        )

    def _replay(self, found: Found) -> Replayed | Skipped | Undecided:
        return self.watch.attempt(
            "replay", lambda: gather_rehearsal(self.project, self.which, self.asked, found, self.tell)
        )

    def _waiving(self) -> Waiving:
        return Waiving(self.project.loaded, self.scope, self.now.date())

    def _told(self, rehearsal: Rehearsal | None, *, reached: bool) -> Told:
        return gather_told(self.project.config.sql, self.asked, rehearsal, self.tell, reached=reached)

    def _harm(self, known: History | None, replayed: Replayed | Skipped | Undecided, told: Told) -> Outcome:
        if self.asked.aside:
            return Skipped(self.asked.aside)
        named = self.which.database_url
        found = self.watch.time("sql", lambda: gather_sql(self.project, self.asked, known, replayed, told))
        return with_remarks(self.watch.judge("sql", SQL_RULES, found, lambda one: replace(one, variable=named)), found)

    def _judge_changes(self, known: History | None, replayed: Replayed | Skipped | Undecided) -> tuple[str, ...]:
        unused = replayed.left_out if isinstance(replayed, Replayed) else ()
        if isinstance(replayed, Undecided):
            unused = left_out(self.project, self.asked, known)
        return (
            *(known.judge_changes if known else ()),
            *(f"{key} is taken from base; --trust-prelude takes it from this change" for key in unused),
        )


def _proven(given: Clearance | None) -> Proof | None:
    """What the rehearsal behind a clearance proved of what had landed."""
    return None if given is None else given.evidence.history


def _sound(facts: FolderFacts, deploying: bool) -> tuple[Finding, ...]:  # noqa: FBT001 - as it was asked
    """What gate `folder` finds. Where nobody knows what landed, nothing that only warns may be advised to be left."""
    findings = judge(FOLDER_RULES, replace(facts, deploying=deploying))
    if not facts.base_unknown:
        return findings
    return tuple(replace(each, fix=FIND_OUT_FIRST) if each.severity is Severity.WARNING else each for each in findings)
