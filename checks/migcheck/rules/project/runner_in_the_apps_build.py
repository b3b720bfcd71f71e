"""MC608."""

from collections.abc import Iterator
from itertools import islice
from posixpath import join, normpath, splitext

from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.runners import AT_START, Way, ways
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.scripts.calls import Compile, FileCall
from migcheck.sources.tsconfig import Compilation


@rule("MC608")
def runner_in_the_apps_build(facts: ProjectFacts) -> Iterator[Violation]:
    """A script that migrates is compiled into the app.

    ## Why it matters

    What the app's `tsconfig` takes is built and shipped with it: a program that migrates then lies on every server that
    has the app's credentials, past the gate, and a fault in it, or a development dependency it needs, breaks the build
    of the app.

    It is always a warning: a person runs the script, or CI as it was written (`tsx src/migrate.ts`). Where the app's
    start or build gets to it, that is told (MC604). A script that is run as it was compiled (`node dist/migrate.js`) is
    meant to be there, and is no finding.

    ## How to fix

    Move the script out of what `include` of the tsconfig names, for example to `scripts/`, or add it to `exclude`, and
    run it with `tsx`. Where `migcheck apply` deploys, remove it.
    """
    for way, build in _compiled(facts.head):
        yield Violation(
            at=way.at,
            message=f"{way.call.path} migrates when it is run, and {build.path} compiles it into {build.out}",
            severity=Severity.WARNING,
        )


def _compiled(state: ProjectState) -> Iterator[tuple[Way, Compilation]]:
    """The scripts that nothing runs as compiled, each with the tsconfig of the app's build that takes it."""
    for way in ways(state):
        path = way.call.path
        begun = tuple(way.runner.work.begun_for())
        # An app that migrates where a person asks for it is the app nevertheless.
        starts = (way.reached, *(state.scripts.reached(path) for asked in begun if asked))
        by_app = any(each is not None and each.started_by in AT_START for each in starts)
        if not by_app and begun and not _is_run_compiled(state, path):
            found = (
                each for each in state.sources.builds if each.writes and each.takes(path) and _is_built(state, each)
            )
            yield from ((way, build) for build in islice(found, 1))


def _is_run_compiled(state: ProjectState, path: str) -> bool:
    """Whether a command, if only one for people, runs what was compiled of the file at `path`."""
    names = (run.call.path for run in state.scripts.runs_of(path) if isinstance(run.call, FileCall))
    return any(splitext(each)[1] != splitext(path)[1] for each in names)


def _is_built(state: ProjectState, build: Compilation) -> bool:
    """Whether a script of the project compiles `build`."""
    for run in state.scripts.runs:
        match run.call, run.directory:
            case Compile(project=project), str() as directory:
                place = normpath(join(directory, project))
                if build.path in (place, normpath(join(place, "tsconfig.json"))):
                    return True
            case _:
                pass
    return False
