"""Waivers: findings that are accepted, for a reason and until a day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.config.config import WaiverConfig
from migcheck.finding import Finding, Location

ANY_MIGRATION = "*"
# A rewritten past, a schema that depends on the day, ways around the gate (MC6xx): they are accepted by name alone,
# for "*" would accept the next as well.
_NEVER_WHOLESALE = ("MC201", "MC404", "MC6")


class Scope(Struct, frozen=True):
    """The folder whose findings are judged; `others` gives the project's other folders with a migration of a tag."""

    folder: str = ""
    others: Callable[[str], tuple[str, ...]] = lambda _tag: ()

    def all_of(self, tag: str) -> tuple[str, ...]:
        """The folders that a waiver of `tag` may mean, where they are several."""
        others = self.others(tag)
        return tuple(sorted((self.folder, *others))) if others else ()


_ALONE = Scope()


class WaiverFacts(Struct, frozen=True):
    """What the rules MC0xx judge. `used` are the waivers that matched a finding; `path` is the configuration file.

    `judged_codes` are the codes whose gate was judged in this run, and as a whole: a waiver of another cannot be called
    unused.
    `unclear` are those that would have matched, with the folders of which they do not say which they mean.
    `lines` gives where in the file each begins. `unasked` are the tags of what the run was not to judge.
    """

    waivers: tuple[WaiverConfig, ...]
    used: frozenset[int]
    judged_codes: frozenset[str]
    known_codes: frozenset[str]
    today: date
    path: str
    scope: Scope = _ALONE
    unclear: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    lines: Callable[[], tuple[int, ...]] = tuple
    unasked: frozenset[str] = frozenset()

    def at(self, index: int) -> Location:
        """Where the waiver at the position `index` stands."""
        lines = self.lines()
        return Location(self.path, lines[index] if lines else None)

    def is_elsewhere(self, waiver: WaiverConfig) -> bool:
        """Whether `waiver` is of another folder, whose own verdict tells whether it is used."""
        return waiver.folder not in (None, self.scope.folder)


def matches(waiver: WaiverConfig, finding: Finding, today: date, scope: Scope = _ALONE) -> bool:
    """Whether `waiver` accepts `finding` on the day `today`: by its migration, or of no one migration by its path.

    A tag alone is no name where several folders have it: what was meant for one would accept the fault of another.
    """
    return _names(waiver, finding, today) and (
        not _may_mean(waiver, finding, scope) if waiver.folder is None else waiver.folder == scope.folder
    )


def unclear(
    findings: Sequence[Finding], waivers: tuple[WaiverConfig, ...], today: date, scope: Scope
) -> dict[int, tuple[str, ...]]:
    """The positions of the waivers that name no folder, and a finding whose tag several have; with those folders."""
    return {
        index: folders
        for index, waiver in enumerate(waivers)
        for each in findings
        if waiver.folder is None and _names(waiver, each, today) and (folders := _may_mean(waiver, each, scope))
    }


def _may_mean(waiver: WaiverConfig, finding: Finding, scope: Scope) -> tuple[str, ...]:
    by_tag = finding.migration is not None and waiver.migration != ANY_MIGRATION
    return scope.all_of(waiver.migration) if by_tag else ()


def _names(waiver: WaiverConfig, finding: Finding, today: date) -> bool:
    if waiver.code != finding.code or waiver.until < today:
        return False
    if waiver.migration == ANY_MIGRATION:
        return not finding.code.startswith(_NEVER_WHOLESALE)
    return waiver.migration == (finding.at.path if finding.migration is None else finding.migration)


def waive(
    findings: Iterable[Finding], waivers: tuple[WaiverConfig, ...], today: date, scope: Scope
) -> tuple[tuple[Finding, ...], frozenset[int]]:
    """Mark each finding that a waiver accepts with its reason; also the positions of the waivers that were used."""
    used: set[int] = set()
    marked = []
    for finding in findings:
        hits = [index for index, waiver in enumerate(waivers) if matches(waiver, finding, today, scope)]
        used.update(hits)
        marked.append(replace(finding, waived=waivers[hits[0]].reason) if hits else finding)
    return tuple(marked), frozenset(used)
