"""MC510."""

from collections.abc import Iterator

from migcheck.facts.lint.names import quoted
from migcheck.facts.target import Target, TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed

_READS = "Nothing, where another role deploys: to look, this one has what it takes. Else"
_DEPLOYS = "Deploy as the owner of the database and of the ledger, or"


@rule("MC510")
def role_may_not_deploy(facts: TargetFacts) -> Iterator[Violation]:
    """The role of the URL may keep the ledger and create objects.

    ## Why it matters
    Without these privileges the deploy fails at its first statement. A role that may create nothing where unqualified
    names go is only a warning: migrations may name a schema of their own. `verify` only warns, so that it can look with
    a role that may write nothing.

    ## How to fix
    Deploy as the owner of the database and of the ledger, or grant what is missing. From Postgres 15 on nobody but the
    database's owner may create in `public`: `grant create on schema public to the_role`.
    """
    target = facts.target
    if facts.writes is None or target.read_only:
        return
    if target.lacking:
        yield Violation(
            Location(facts.folder.path),
            f"role {target.role} on {target.name} lacks {listed(list(target.lacking))}",
            severity=facts.writes,
            fix=_fix(facts, [*target.lacking.values(), *_create(target)]),
        )
    elif not target.may_create:
        yield Violation(
            Location(facts.folder.path),
            f"role {target.role} on {target.name} may create nothing where unqualified names go",
            severity=Severity.WARNING,
            fix=_fix(facts, _create(target)),
        )


def _fix(facts: TargetFacts, grants: list[str]) -> str:
    if not grants:
        return ""
    begins = _READS if facts.writes is Severity.WARNING else _DEPLOYS
    return f"{begins} have the owner run `{' '.join(grants)}`"


def _create(target: Target) -> list[str]:
    """What lets the role make what has no schema in its name, where it may not."""
    if target.may_create or not target.schema:
        return []
    return [f"grant create on schema {quoted(target.schema)} to {quoted(target.role)};"]
