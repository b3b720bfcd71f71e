"""MC604."""

from collections.abc import Hashable, Iterator

from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.runners import AT_START, Way, ways
from migcheck.facts.project.second_programs import another
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC604")
def app_migrates_itself(facts: ProjectFacts) -> Iterator[Violation]:
    """The app's own start or build calls `migrate()`.

    ## Why it matters

    Drizzle's migrator takes no lock: two instances that start together run the same migrations twice. A build runs for
    every preview, before anybody decided to release. Neither waits for what a gate says. Where something else runs the
    migrations as well, such as `migcheck apply`, whichever comes first wins, and what was cleared is no longer there.

    It is an error where this change brings it and something else runs the migrations as well; else a warning, and so
    where the call waits for a variable (`if (process.env.RUN_MIGRATIONS)`) that no script, CI file or image names; a
    database's address is there without that. What the app keeps for a request (`app.post("/migrate", …)`), a signal, or
    a command that the start does not ask it for is not run by the start.

    ## How to fix

    Take the call out of the start or the build, and migrate once for each release, before it: with `migcheck apply` in
    the job that deploys.
    """
    for way in _of_app(facts.head):
        brought = facts.brought(way.meaning, _meant)
        other = another(facts.head, way)
        unless = f" where {way.unless} says so" if way.unless else ""
        yield Violation(
            at=way.at,
            message=f"{way.named} is run by {way.who}{unless}{f', beside {other}' if other else ''}",
            evidence=way.told,
            severity=facts.weight(way.reached, brought=brought and not unless) if other else Severity.WARNING,
        )


def _of_app(state: ProjectState) -> Iterator[Way]:
    """The calls that the app makes; one for each file, which may have another for each driver."""
    found = (each for each in ways(state) if each.reached is not None and each.reached.started_by in AT_START)
    return iter({each.call.path: each for each in reversed(tuple(found))}.values())


def _meant(state: ProjectState) -> Iterator[Hashable]:
    return (each.meaning for each in _of_app(state))
