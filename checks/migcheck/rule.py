"""The rule contract: a pure generator over facts, documented by its docstring, stamped by `judge`."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from migcheck.finding import Finding, Violation

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Facts]):
    """One fact that must hold. `why` and `how` come from the headings of the check's docstring."""

    code: str
    name: str
    summary: str
    why: str
    how: str
    check: Callable[[Facts], Iterator[Violation]]

    def judge(self, facts: Facts) -> Iterator[Finding]:
        """Run the check on `facts` and stamp what it finds."""
        for violation in self.check(facts):
            yield Finding(
                code=self.code,
                rule=self.name,
                severity=violation.severity,
                at=violation.at,
                message=violation.message,
                migration=violation.migration,
                evidence=violation.evidence,
                fix=violation.fix or self.how.split("\n\n", 1)[0].replace("\n", " "),
            )


def rule(code: str) -> Callable[[Callable[[Facts], Iterator[Violation]]], Rule[Facts]]:
    """Make a rule of a generator. Its docstring is `summary`, `## Why it blocks`, `## How to fix`.

    Raises ValueError where a heading is missing: a rule nobody can explain is not finished.
    """

    def make(check: Callable[[Facts], Iterator[Violation]]) -> Rule[Facts]:
        summary, why, how = _sections(code, inspect.getdoc(check) or "")
        return Rule(code, check.__name__.replace("_", "-"), summary, why, how, check)

    return make


def judge(rules: Iterable[Rule[Facts]], facts: Facts) -> tuple[Finding, ...]:
    """All findings of `rules` on `facts`, in the order of the rules."""
    return tuple(finding for each in rules for finding in each.judge(facts))


def _sections(code: str, text: str) -> tuple[str, str, str]:
    summary, found_why, rest = text.partition("## Why it blocks")
    why, found_how, how = rest.partition("## How to fix")
    if not (summary.strip() and found_why and found_how and how.strip()):
        raise ValueError(f"{code}: the docstring needs a summary, '## Why it blocks' and '## How to fix'")
    return summary.strip(), why.strip(), how.strip()
