"""Waivers: findings that are accepted, for a reason and until a day."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from migcheck.config import WaiverConfig
from migcheck.finding import Finding

ANY_MIGRATION = "*"
# A rewritten past, a schema that depends on the day, ways around the gate: they are accepted by name alone, for
# "*" would accept the next as well.
NEVER_WHOLESALE = frozenset({"MC201", "MC404", *(f"MC60{number}" for number in range(1, 10))})


class WaiverFacts(Struct, frozen=True):
    """What the rules MC0xx judge. `used` are the waivers that matched a finding; `path` is the configuration file.

    `judged_codes` are the codes whose gate was judged in this run: a waiver of another gate cannot be called unused.
    """

    waivers: tuple[WaiverConfig, ...]
    used: frozenset[int]
    judged_codes: frozenset[str]
    known_codes: frozenset[str]
    today: date
    path: str


def matches(waiver: WaiverConfig, finding: Finding, today: date) -> bool:
    """Whether `waiver` accepts `finding` on the day `today`: by its migration, or of no one migration by its path."""
    if waiver.code != finding.code or waiver.until < today:
        return False
    if waiver.migration == ANY_MIGRATION:
        return finding.code not in NEVER_WHOLESALE
    return waiver.migration == (finding.at.path if finding.migration is None else finding.migration)


def waive(
    findings: Iterable[Finding], waivers: tuple[WaiverConfig, ...], today: date
) -> tuple[tuple[Finding, ...], frozenset[int]]:
    """Mark each finding that a waiver accepts with its reason; also the positions of the waivers that were used."""
    used: set[int] = set()
    marked = []
    for finding in findings:
        hits = [index for index, waiver in enumerate(waivers) if matches(waiver, finding, today)]
        used.update(hits)
        marked.append(replace(finding, waived=waivers[hits[0]].reason) if hits else finding)
    return tuple(marked), frozenset(used)
