"""The waivers on what the gates found: which of them hold in the folder that is judged, and what is said of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial

from msgspec import Struct
from msgspec.structs import replace

from migcheck.catalogue import RULES, WAIVER_RULES, codes_of, judged_codes
from migcheck.config.text import table_of
from migcheck.facts.configuration.config import Loaded
from migcheck.finding import Finding
from migcheck.rule import judge
from migcheck.verdict import GateResult, Judged, Outcome, Verdict
from migcheck.waiver import Scope, WaiverFacts, unclear, waive
from migcheck.wording import in_file, offers_waiver, waiver_in_folder


class Waiving(Struct, frozen=True):
    """The waivers of a configuration on a day, for the findings of one folder."""

    loaded: Loaded
    scope: Scope
    today: date

    def on(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """`findings`, with the waivers on them."""
        return self._on(findings)[0]

    def of(self, outcome: Outcome) -> tuple[Finding, ...]:
        """The findings of a gate, with the waivers on them; none where it was not judged."""
        return self.on(outcome.findings if isinstance(outcome, Judged) else ())

    def over(self, outcomes: Mapping[str, Outcome]) -> tuple[dict[str, Outcome], WaiverFacts]:
        """What every gate says with the waivers on it; also what is known of the waivers themselves then."""
        waived = dict(outcomes)
        used: frozenset[int] = frozenset()
        several: dict[int, tuple[str, ...]] = {}
        for name, judged in outcomes.items():
            if isinstance(judged, Judged):
                several |= unclear(judged.findings, self.loaded.config.waiver, self.today, self.scope)
                findings, hits = self._on(map(self._as_meant_here, judged.findings))
                waived[name], used = replace(judged, findings=findings), used | hits
        return waived, WaiverFacts(
            self.loaded.config.waiver,
            used,
            # What is said of waivers is judged in every run, and no waiver accepts any of it.
            judged_codes(outcomes) | codes_of("waivers"),
            codes_of(*RULES),
            self.today,
            self.loaded.path,
            self.scope,
            {index: tuple(map(self.loaded.as_written, folders)) for index, folders in several.items()},
            cache(partial(self.loaded.written.lines, ("waiver",))),
        )

    def _on(self, findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], frozenset[int]]:
        return waive(findings, self.loaded.config.waiver, self.today, self.scope)

    def _as_meant_here(self, finding: Finding) -> Finding:
        """`finding`, whose fix names our file."""
        file = self.loaded.file_for(self.scope.folder)
        found = self._in_folder(finding)
        return replace(found, fix=in_file(found.fix, file, table_of(file)))

    def _in_folder(self, finding: Finding) -> Finding:
        """`finding`, where the waiver that it offers says of which folder, if others have that tag."""
        tag = finding.migration
        if tag is None or not offers_waiver(finding.fix) or not self.scope.others(tag):
            return finding
        folder = self.loaded.as_written(self.scope.folder)
        return replace(finding, fix=waiver_in_folder(finding.fix, finding.code, tag, folder))


def of_one_run(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on several folders, which share one list of waivers: what one of them says of it holds for all."""
    known = [each.waivers for each in verdicts if each.waivers]
    used = frozenset(index for each in known for index in each.used)
    several = {index: folders for each in known for index, folders in each.unclear.items()}
    return [
        _with(each, replace(each.waivers, used=used, unclear=several)) if each.waivers else each for each in verdicts
    ]


def without_applied(verdict: Verdict) -> Verdict:
    """The verdict before an undo or a baseline: of what is applied nothing is judged, and no waiver is unused."""
    if verdict.waivers is None or verdict.pending is None:
        return verdict
    applied = {each.tag for each in verdict.folder.migrations} - {each.tag for each in verdict.pending}
    return _with(verdict, replace(verdict.waivers, unasked=frozenset(applied)))


def _with(verdict: Verdict, waivers: WaiverFacts) -> Verdict:
    return replace(verdict, gates=(*verdict.gates[:-1], last_gate(waivers)))


def last_gate(waivers: WaiverFacts) -> GateResult:
    """What the gate `waivers` says."""
    return GateResult("waivers", Judged(judge(WAIVER_RULES, waivers)), 0)
