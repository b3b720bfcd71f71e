"""The rule contract: a pure generator over facts, documented by its docstring, stamped by `judge`."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from typing import Generic, TypeVar

from msgspec import Struct

from migcheck.finding import Finding, Severity, Violation
from migcheck.wording import waived_by_migration, waived_by_path

Facts = TypeVar("Facts")

LEAVE_IT = "Leave it: it has landed, and to change it now would be an edit that no database gets."


class Trait(Enum):
    """What others rest on of a rule.

    UNREADABLE: what it finds Drizzle cannot get past, which reads all of the folder before it runs any of it.
    NEVER_RUNS: what it finds leaves nothing to replay: Drizzle runs a file twice, or the server refuses it anyway.
    BY_LEDGER: it needs nothing but the folder, the ledger's rows and what git knows of them.
    NO_START: nobody knows where such a target stands, or nothing of the folder belongs there.
    MEETS_A_DEPLOY: a deploy would meet what it finds, whoever had accepted it; so it would what has one of the other
    traits, but for BY_LEDGER.
    """

    UNREADABLE = auto()
    NEVER_RUNS = auto()
    BY_LEDGER = auto()
    NO_START = auto()
    MEETS_A_DEPLOY = auto()


class Rule(Struct, Generic[Facts], frozen=True):
    """One fact that must hold. `why`, `how` and `landed` come from the headings of the check's docstring.

    `landed` is the fix where what breaks the rule has landed; empty where the rule says nothing of its own about that.
    `asks_nothing`: that fix, in its own words or without, is to leave it and no more.
    """

    code: str
    name: str
    summary: str
    why: str
    how: str
    landed: str
    asks_nothing: bool
    traits: frozenset[Trait]
    check: Callable[[Facts], Iterator[Violation]]

    def judge(self, facts: Facts) -> Iterator[Finding]:
        """Run the check on `facts` and stamp what it finds."""
        for violation in self.check(facts):
            severity = Severity.WARNING if violation.landed else violation.severity
            fix = violation.fix or _first_paragraph(self.landed or LEAVE_IT if violation.landed else self.how)
            if severity is Severity.ERROR:
                fix += waived_by_path(self.code, violation.at.path) if violation.disputable else ""
                fix += waived_by_migration(self.code, violation.migration or "") if violation.meant else ""
            yield Finding(
                code=self.code,
                rule=self.name,
                severity=severity,
                at=violation.at,
                message=violation.message,
                migration=violation.migration,
                evidence=violation.evidence,
                fix=fix,
                left=violation.landed and not violation.fix and self.asks_nothing,
            )


def rule(
    code: str, *traits: Trait, asks_nothing: bool = False
) -> Callable[[Callable[[Facts], Iterator[Violation]]], Rule[Facts]]:
    """Make a rule of a generator. Its docstring is `summary`, `## Why it matters`, `## How to fix`.

    `## Once it has landed` may follow: what to do about an old debt. Without it, that is to leave it; with it, the rule
    `asks_nothing` where it is so as well. `traits` are what others rest on of it.

    Raises ValueError where a heading is missing: a rule nobody can explain is not finished.
    """

    def make(check: Callable[[Facts], Iterator[Violation]]) -> Rule[Facts]:
        sections = _sections(code, inspect.getdoc(check) or "")
        left = asks_nothing or not sections[-1]
        return Rule(code, check.__name__.replace("_", "-"), *sections, left, frozenset(traits), check)

    return make


def judge(rules: Iterable[Rule[Facts]], facts: Facts) -> tuple[Finding, ...]:
    """All findings of `rules` on `facts`, in the order of the rules."""
    return tuple(finding for each in rules for finding in each.judge(facts))


def _sections(code: str, text: str) -> tuple[str, str, str, str]:
    summary, found_why, rest = text.partition("## Why it matters")
    why, found_how, rest = rest.partition("## How to fix")
    how, _, landed = rest.partition("## Once it has landed")
    if not (summary.strip() and found_why and found_how and how.strip()):
        raise ValueError(f"{code}: the docstring needs a summary, '## Why it matters' and '## How to fix'")
    return summary.strip(), why.strip(), how.strip(), landed.strip()


def _first_paragraph(text: str) -> str:
    return text.split("\n\n", 1)[0].replace("\n", " ")


class RulePage(Struct, frozen=True):
    """What there is to say about one rule, whatever facts it judges. `landed` may be empty."""

    gate: str
    code: str
    name: str
    summary: str
    why: str
    how: str
    landed: str


def page_of(gate: str, rule: Rule[Facts]) -> RulePage:
    """The page of a rule of that gate."""
    return RulePage(gate, rule.code, rule.name, rule.summary, rule.why, rule.how, rule.landed)
