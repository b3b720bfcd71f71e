"""Old debt: which of today's findings base has already, and may be accepted in one piece."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from migcheck.catalogue import MEETS_A_DEPLOY, codes_of, judged_codes
from migcheck.config.config import WaiverConfig
from migcheck.facts.history.history import Base
from migcheck.finding import Finding
from migcheck.verdict import Verdict
from migcheck.waiver import ANY_MIGRATION, Scope, matches

_NEW = "base alone does not have it: this change made it a fault, wherever it is told of, and is what to mend"
_NONE = "nothing of the folder is in base, so it counts as new; where it is deployed already, say so: `--base HEAD`"
_MEETS = "a deploy would meet it, whoever had accepted it"
_OF_WAIVERS = "it is a fault of the waivers themselves, which are put right and not waived"
_OF_MANY = (
    "it is of no one migration, so a waiver would accept the next of its kind as well: to accept that, write one by "
    "hand, with the path as `migration`"
)
_UNKNOWN = "its gate could not judge base, so nobody knows whether it is old"
_HIDES = "the same waiver would accept what came with this change"
_NO_NAME = "no waiver can say its name"


class Terms(Struct, frozen=True):
    """What each waiver is given: `reason` (None: the rule's name) and `until`, its last day; `today` is today."""

    reason: str | None
    until: date
    today: date


class Sides(Struct, frozen=True):
    """One folder as it is, and as base has it, judged alone (None: nothing of it has landed)."""

    today: Verdict
    landed: Verdict | None

    @property
    def scope(self) -> Scope:
        """Where a waiver of what is found today holds."""
        return self.today.waivers.scope if self.today.waivers else Scope()


class Kept(Struct, frozen=True):
    """A finding that still blocks, and why it is not waived."""

    finding: Finding
    why: str


class Debt(Struct, frozen=True):
    """What is to be waived, and what is not."""

    waivers: tuple[WaiverConfig, ...]
    kept: tuple[Kept, ...]


def debt_of(sides: Sequence[Sides], terms: Terms) -> Debt:
    """Sort what blocks into old debt, with a waiver for each migration and code, and the rest, with the reason.

    A waiver says of which folder it is where others have that tag.
    """
    told = [(each, one, _objection(each, one)) for one in sides for each in one.today.findings if each.blocks]
    foreign = [(each, one.scope) for each, one, why in told if why in (_NEW, _NONE)]
    waivers: dict[tuple[str, str, str | None], WaiverConfig] = {}
    kept: list[Kept] = []
    for finding, one, why in told:
        waiver = _waiver(finding, one, terms)
        if why:
            kept.append(Kept(finding, why))
        elif not matches(waiver, finding, terms.today, one.scope) or waiver.migration == ANY_MIGRATION:
            kept.append(Kept(finding, _NO_NAME))
        elif any(matches(waiver, each, terms.today, scope) for each, scope in foreign):
            kept.append(Kept(finding, _HIDES))
        else:
            waivers.setdefault((waiver.code, waiver.migration, waiver.folder), waiver)
    return Debt(tuple(waivers.values()), tuple(kept))


def _objection(finding: Finding, sides: Sides) -> str:
    """Why `finding` is no old debt that can be accepted; empty where it is."""
    if finding.code in MEETS_A_DEPLOY:
        return _MEETS
    if finding.code in codes_of("waivers"):
        return _OF_WAIVERS
    if sides.landed is None:
        return _NONE
    # In the same words: of what says more than it did, this change has a part.
    if (finding.code, finding.migration, finding.message) not in set(_told(sides.landed)):
        return _NEW if finding.code in _judged_codes(sides.landed) else _UNKNOWN
    return _OF_MANY if finding.migration is None else ""


def _judged_codes(verdict: Verdict) -> frozenset[str]:
    return judged_codes({gate.name: gate.outcome for gate in verdict.gates})


def _told(verdict: Verdict) -> Iterator[tuple[str, str | None, str]]:
    return ((each.code, each.migration, each.message) for each in verdict.findings if each.blocks)


def _waiver(finding: Finding, sides: Sides, terms: Terms) -> WaiverConfig:
    # A finding's own words may name a target, which is nobody's business who reads the repository.
    base = sides.today.base
    when = f"landed in {base.revision[:12]} or before" if isinstance(base, Base) else "landed"
    said = terms.reason or f"old debt, {when}: {finding.rule.replace('-', ' ')}"
    tag = (finding.migration or "").strip()
    folder = sides.scope.folder if tag and sides.scope.others(tag) else None
    return WaiverConfig(finding.code, tag, said.strip(), terms.until, folder)
