"""MC406."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import Rehearsal, ReplayFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule


@rule("MC406")
def other_major_than_target(facts: ReplayFacts) -> Iterator[Violation]:
    """Scratch runs the target's major version of PostgreSQL.

    ## Why it matters
    Most migrations run alike on every major, so this only warns. But syntax, defaults and the rules of enum values
    change with it, and what was proven was proven on another one.

    ## How to fix
    Give scratch a server of the target's major: `image` or `major` under [scratch] in migcheck.toml, or install
    `drizzle-migcheck[majors]`.
    """
    server = facts.rehearsal.server
    if server is not None and facts.target_major and server.major != facts.target_major:
        yield Violation(
            Location(facts.rehearsal.request.head.path),
            f"the rehearsal ran on PostgreSQL {server.major}, the target is {facts.target_major}",
            evidence="\n".join((f"{server.kind}: {server.origin}", *_passed_over(facts.rehearsal))),
            severity=Severity.WARNING,
        )


def _passed_over(rehearsal: Rehearsal) -> Iterator[str]:
    return (f"passed over {each}" for each in rehearsal.passed_over)
