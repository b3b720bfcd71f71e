"""Why a folder is not rehearsed: nobody asked for it, it cannot run, has nowhere to start from, or to go to."""

from migcheck.catalogue import NEVER_RUNS, NO_START, UNREADABLE
from migcheck.facts.target.judged import Target
from migcheck.finding import Severity
from migcheck.gather.gates import Found, target_facts
from migcheck.project import Asked
from migcheck.rule import judge
from migcheck.verdict import CLEARED, UNSEEN, Outcome, Skipped, Undecided
from migcheck.waiving import Waiving

_NEVER_RUNS = frozenset(rule.code for rule in NEVER_RUNS)
_UNREADABLE = frozenset(rule.code for rule in UNREADABLE)
_BUILT_APART = Skipped("a baseline runs nothing; it builds the folder on scratch to compare")


def why_unread(soundness: Outcome, waiving: Waiving) -> Skipped | Undecided | None:
    """What a gate says of a folder that Drizzle cannot read: its rows would look like strangers. None where it can.

    A waiver lets nobody pass: it makes no folder that can be read.
    """
    if isinstance(soundness, Undecided):
        return UNSEEN
    findings = waiving.of(soundness)
    unread = [each for each in findings if each.code in _UNREADABLE and each.severity is Severity.ERROR]
    told = f"Drizzle cannot read the folder ({', '.join(sorted({each.code for each in unread}))})"
    if any(each.blocks for each in unread):
        return Skipped(told)
    remedy = "fix what the gate `folder` names, and remove the waiver"
    return Undecided(f"{told}, whoever waived that", remedy) if unread else None


def why_unasked(soundness: Outcome, asked: Asked, waiving: Waiving) -> Skipped | None:
    """Why no rehearsal was asked for, or the folder has none."""
    if asked.offline or asked.clearance is not None:
        return Skipped(asked.offline) if asked.offline else CLEARED
    if not asked.replays:
        return _BUILT_APART
    broken = sorted({each.code for each in waiving.of(soundness) if each.code in _NEVER_RUNS and each.blocks})
    return Skipped(f"the folder cannot run as it is ({', '.join(broken)})") if broken else None


def why_vain(found: Found, asked: Asked) -> Skipped | None:
    """Why a rehearsal is not to be waited for: what it is for is refused already."""
    told = asked.vain(found.folder, found.ledger) if found.ledger else ""
    return Skipped(told) if told else None


def why_no_start(target: Target | Skipped | Undecided, found: Found, asked: Asked, waiving: Waiving) -> Skipped | None:
    """Why no rehearsal can begin where the target stands: what it would meet is the ledger's fault."""
    if not isinstance(target, Target) or asked.clearance is not None:
        return None
    findings = waiving.on(judge(NO_START, target_facts(target, found.folder, found.history, None, asked)))
    broken = sorted({each.code for each in findings if each.blocks})
    whose = "the target's ledger" if found.target else f"the ledger in {target.name}"
    return Skipped(f"{whose} is no place to start from ({', '.join(broken)})") if broken else None
