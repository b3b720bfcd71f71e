"""MC602."""

from collections.abc import Hashable, Iterable, Iterator

from migcheck.facts.project.judged import ProjectFacts, ProjectState, numbered
from migcheck.facts.project.runners import swallowed, unasked
from migcheck.finding import Location, Violation
from migcheck.rule import rule
from migcheck.scripts.calls import Call, Migrate
from migcheck.scripts.reach import Reached
from migcheck.scripts.runs import Run
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.makefile import IGNORES

_MAKE = "make -i"
_WHY = {
    "&": "nobody waits for what `&` puts behind",
    "&&": "`set -e` looks past what stands before `&&`",
    "no `set -e`": "there is no `set -e`",
    "a `-` before it": "make looks past a line that begins with `-`",
    IGNORES: "make looks past every failure, as `.IGNORE` says",
    _MAKE: "make looks past every failure, as `-i` says",
}


@rule("MC602")
def deploy_goes_on_after_failure(facts: ProjectFacts) -> Iterator[Violation]:
    """A deploy goes on where its migrations fail.

    ## Why it matters

    What follows is deployed on a database that it was not made for, and the run is green: `|| true`, `; next build`,
    `continue-on-error`, a deploy of GitHub's `if: always()`, a shell script without `set -e`, a pipe into `tee`,
    `migrate(…).catch(console.error)`. The failure is found by users.

    Only what CI, an image, a build, a start or a deploy gets to without a person is looked at, and no job that has a
    database of its own. What landed warns. A failure that something may look at is none: one behind `if`, in a loop
    that tries again, one that a script keeps (`|| failed=1`, `|| echo ok=false >> $GITHUB_OUTPUT`), and one whose
    step's outcome is asked for.

    ## How to fix

    Let the failure end the run: join commands with `&&`, begin a shell script with `set -e` (in bash
    `set -eo pipefail`: the `sh` of Debian ends with an error at that), and remove what takes a failure for success.
    In code, let a `catch` end with `process.exit(1)` or throw again: a program that only tells of it ends with exit
    code 0, also where nothing else is in it.
    """
    yield from _in_scripts(facts)
    yield from _in_code(facts)


def _in_scripts(facts: ProjectFacts) -> Iterator[Violation]:
    scripts = facts.head.scripts
    migrates = (
        scripts.may_run("drizzle-kit", "migrate")
        or scripts.mentions("migcheck", "apply")
        or facts.head.sources.programs
    )
    if not migrates or not scripts.may_ignore_failure():
        return
    ignored = list(_ignored(facts.head))
    for (run, reached), meant in zip(ignored, _meant(facts.head, ignored), strict=True):
        yield Violation(
            at=run.script.at(run.command),
            message=f"where `{run.command}` fails, {reached.started_by} goes on: {_why(_goes_on(run))}",
            evidence=reached.told if len(reached.steps) > 1 else "",
            severity=facts.weight(reached, brought=facts.brought(meant, _landed)),
            disputable=True,
        )


def _in_code(facts: ProjectFacts) -> Iterator[Violation]:
    for way, begin in swallowed(facts.head):
        yield Violation(
            at=Location(begin.path, begin.line),
            message=f"where {way.named} fails, {way.who} takes it for success: {begin.goes_on}",
            evidence=way.told,
            severity=facts.weight(way.reached, brought=facts.brought(way.meaning, _swallowed)),
            disputable=True,
        )


def _swallowed(state: ProjectState) -> Iterator[Hashable]:
    return (way.meaning for way, _ in swallowed(state))


def _ignored(state: ProjectState) -> Iterator[tuple[Run, Reached]]:
    leading = state.scripts.leading(lambda each: _migrates(state, each))
    return unasked(state, filter(_goes_on, leading))


def _goes_on(run: Run) -> str:
    """What makes the script of `run` go on where what it calls fails; empty where nothing does."""
    match run.call:
        case MakeCall(ignores=True):
            return run.command.goes_on or _MAKE
        case _:
            return run.command.goes_on


def _migrates(state: ProjectState, run: Run) -> bool:
    match run.call:
        case Migrate(config=config, by_drizzle_kit=True):
            return state.scripts.configs.concern(run.directory, config)
        case Migrate():
            return True
        case _:
            return run in state.runner_commands


def _meant(state: ProjectState, ignored: Iterable[tuple[Run, Reached]]) -> Iterator[Hashable]:
    """What is called whose failure counts for nothing. What makes it so, and scripts, may be called otherwise."""
    return numbered((_meant_by(state, run.call), reached.started_by) for run, reached in ignored)


def _meant_by(state: ProjectState, call: Call) -> Migrate | None:
    """`call`, wherever the configuration lies that it names; None of what leads to a migration by another name."""
    match call:
        case Migrate(config=config, by_drizzle_kit=True):
            return Migrate(state.scripts.configs.title(config))
        case Migrate():
            return call
        case _:
            return None


def _landed(base: ProjectState) -> Iterator[Hashable]:
    return _meant(base, _ignored(base))


def _why(goes_on: str) -> str:
    return _WHY.get(goes_on, f"`{goes_on}`")
