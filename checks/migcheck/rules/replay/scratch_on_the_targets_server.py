"""MC407."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import ReplayFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule


@rule("MC407")
def scratch_on_the_targets_server(facts: ReplayFacts) -> Iterator[Violation]:
    """Scratch is not the target's own server.

    ## Why it matters
    A rehearsal runs SQL that nobody has proven yet, and a server that a URL names does not confine it: it can fill the
    disk and use up memory and connections. On the target's own server that is paid for by what runs there.

    Two servers are one where they have one system identifier, whatever their hosts are called. A physical copy (a base
    backup that was restored, a standby that was promoted) has it from its origin, so this only warns.

    ## How to fix
    Name another server that is disposable, or let `--scratch embedded` or `--scratch docker` make one. Nothing, where
    this one is for tests alone, or is a physical copy of the target's.
    """
    server = facts.rehearsal.server
    if server is not None and server.system and server.system == facts.target_system:
        yield Violation(
            Location(facts.rehearsal.request.head.path),
            f"the rehearsal ran on the target's own server, or on a physical copy of it: {server.origin} and the "
            "target have one system identifier",
            evidence=f"system identifier {server.system}",
            severity=Severity.WARNING,
        )
