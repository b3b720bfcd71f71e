"""What runs the folder's migrations beside a program that does: two of two environments are no two programs."""

from collections.abc import Iterator

from migcheck.facts.project import ProjectState
from migcheck.facts.runners import Tool, Way, gates, programs
from migcheck.scripts.reach import Reached
from migcheck.scripts.runs import Run

_WORKFLOWS = ".github/workflows/"
"""Where `given` begins with the name of the environment that GitHub deploys to, with secrets of its own."""


def another(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """What else runs the folder's migrations, whoever runs `migcheck apply` and without a person otherwise."""
    others = (each for each in _every_program(state) if not _is_one(each, program))
    return next((each for each in others if not _are_apart(state, each, program)), None)


def before(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """As `another`, of what stands before `program`: of two, only one is the second."""
    for each in _every_program(state):
        if _is_one(each, program):
            return None
        if not _are_apart(state, each, program):
            return each
    return None


def _every_program(state: ProjectState) -> Iterator[Tool | Way]:
    """The programs with every `migcheck apply`: one of another environment is not the only one."""
    every = gates(state)
    yield from every
    yield from (each for each in programs(state) if each not in every)


def _is_one(one: Tool | Way, other: Tool | Way) -> bool:
    """Whether they are one program: commands of one tool, or calls in one file."""
    match one, other:
        case Tool(), Tool():
            return one.call == other.call
        case Way(), Way():
            return one.call.path == other.call.path
        case _:
            return False


def _are_apart(state: ProjectState, one: Tool | Way, other: Tool | Way) -> bool:
    """Whether each is run for environments alone that the other is not run for."""
    if _may_be_one(_environment(one.reached), _environment(other.reached)):
        return False
    there = _environments(state, other)
    return not any(_may_be_one(mine, each) for mine in _environments(state, one) for each in there)


def _may_be_one(one: str, other: str) -> bool:
    """Whether two environments may have one database: one of them is not told, or named after the other."""
    return one in other or other in one


def _environments(state: ProjectState, program: Tool | Way) -> frozenset[str]:
    """The environments that `program` is run for without a person; empty among them where one way tells none."""
    reached = (way for run in _runs(state, program) for way in state.scripts.ways(run).values())
    return frozenset(map(_environment, reached)) or frozenset({""})


def _runs(state: ProjectState, program: Tool | Way) -> Iterator[Run]:
    match program:
        case Way(runner=runner):
            for begin in runner.begins():
                yield from state.scripts.runs_of(begin.path, begin.asked)
        case Tool():
            told = program.at, program.command
            yield from (run for run in state.scripts.runs if (run.script.at(run.command), str(run.command)) == told)


def _environment(reached: Reached | None) -> str:
    """The environment of GitHub that `reached` begins in; empty where nothing tells it."""
    if reached is None or not reached.steps or not str(reached.steps[0].at.path).startswith(_WORKFLOWS):
        return ""
    name = next(iter(reached.given), "")
    return "" if "$" in name or "=" in name else name.lower()
