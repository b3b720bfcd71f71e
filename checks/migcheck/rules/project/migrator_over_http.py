"""MC603."""

from collections.abc import Hashable, Iterator

from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.runners import Way, ways
from migcheck.finding import Violation
from migcheck.rule import rule

_DRIVER = "neon-http"


@rule("MC603")
def migrator_over_http(facts: ProjectFacts) -> Iterator[Violation]:
    """The migrator of neon-http runs the migrations.

    ## Why it matters

    Each statement is a request of its own, and no transaction holds them together. Drizzle 0.x writes the ledger's rows
    only after the last migration, so one that fails leaves everything before it in the database and nothing in the
    ledger: the next run begins with the first migration again and fails on what is there.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person; else a warning. Drizzle 1.0 sends everything as one transaction, and is no finding.

    ## How to fix

    Deploy with `migcheck apply`, or take a migrator with transactions, on the direct URL (the host without `-pooler`):
    `drizzle-orm/neon-serverless/migrator` with a `Pool`, or `drizzle-orm/node-postgres/migrator`. For its queries the
    app may keep neon-http.
    """
    if facts.folder not in facts.head.sources.folders:
        return
    for way in _over_http(facts.head):
        brought = facts.brought(way.meaning, _meant)
        yield Violation(
            at=way.at,
            message="migrate() of neon-http runs without a transaction, and records nothing until all is done",
            evidence=way.told,
            severity=facts.weight(way.reached, brought=brought),
        )


def _over_http(state: ProjectState) -> Iterator[Way]:
    return (each for each in ways(state) if each.call.driver == _DRIVER)


def _meant(state: ProjectState) -> Iterator[Hashable]:
    return (each.meaning for each in _over_http(state))
