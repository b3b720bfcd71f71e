"""Findings: one place where a rule does not hold."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from migcheck.regex import regex

_PLACE = regex(r"(?P<path>.+?):(?P<line>\d{1,9}): ")


class Severity(StrEnum):
    """An error blocks, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Location(Struct, frozen=True, order=True):
    """A place: `path` relative to the repository with forward slashes, `line` 1-based where there is one."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        """`path:line`, or `path` alone."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    @classmethod
    def leading(cls, message: str) -> "Location | None":
        """The place that `message` may begin with: whether there is such a file, nobody has looked."""
        found = _PLACE.match(message)
        return None if found is None else cls(found["path"], int(found["line"]))


class Violation(Struct, frozen=True):
    """What a rule says about one place. The engine adds the code; a rule cannot mis-stamp itself.

    `fix` is empty where the rule's own "How to fix" says it all. `landed`: it is an old debt that can no longer hurt.
    Then it warns, and the fix for what is new would make an edit of it. `disputable`: people may know better, so the
    fix of an error ends with the waiver that accepts it by its path. `meant`: it may be, and that fix ends with the
    waiver that says so of its migration.
    """

    at: Location
    message: str
    migration: str | None = None
    evidence: str = ""
    severity: Severity = Severity.ERROR
    fix: str = ""
    landed: bool = False
    disputable: bool = False
    meant: bool = False

    def with_evidence(self, *lines: str) -> "Violation":
        """The same with `lines` behind its evidence, but for those that are empty."""
        return replace(self, evidence="\n".join(filter(None, (self.evidence, *lines))))


class Finding(Struct, frozen=True):
    """A violation stamped with its rule. `waived` is the waiver's reason, or None.

    `left`: it has landed, and its fix is to leave it as it is and no more.
    """

    code: str
    rule: str
    severity: Severity
    at: Location
    message: str
    migration: str | None
    evidence: str
    fix: str
    waived: str | None = None
    left: bool = False

    @property
    def blocks(self) -> bool:
        """Whether this finding alone keeps a deploy from happening."""
        return self.severity is Severity.ERROR and self.waived is None
