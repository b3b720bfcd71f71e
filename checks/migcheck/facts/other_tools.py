"""Other tools that migrate the folder's database, as far as that can be told."""

from collections.abc import Iterator
from posixpath import dirname

from msgspec import Struct

from migcheck.facts.project import ProjectState
from migcheck.facts.runners import Tool, Way, programs, ways
from migcheck.finding import Location
from migcheck.scripts.calls import Migrate
from migcheck.scripts.databases import is_local
from migcheck.scripts.other_tools import NAMES, OtherTool
from migcheck.scripts.reach import Reached
from migcheck.scripts.runs import Run


class Another(Struct, frozen=True):
    """A command of another tool, how it is reached without a person, and what runs the folder's migrations beside it.

    `beside` is None where only a person runs those.
    """

    tool: OtherTool
    at: Location
    command: str
    reached: Reached | None
    beside: Tool | Way | None

    @property
    def meaning(self) -> tuple[object, ...]:
        """Which tool, and who begins."""
        return (self.tool.name, None if self.reached is None else self.reached.entry)


def other_tools(state: ProjectState) -> tuple[Another, ...]:
    """The commands of one revision that migrate the folder's database by another tool, or may.

    None where nothing at all runs the folder: it then is only where the schema of the other tool was read from.
    """
    return state.once(_other_tools)


def _other_tools(state: ProjectState) -> tuple[Another, ...]:
    if not any(state.scripts.mentions(each) for each in NAMES) or not _is_run(state):
        return ()
    return tuple(_each(state))


def _each(state: ProjectState) -> Iterator[Another]:
    seen = set[Location]()
    for run in state.scripts.runs:
        if not isinstance(run.call, OtherTool) or run.script.own_database or is_local(run.command):
            continue
        reached = state.scripts.reach(run)
        if reached is not None and reached.own_database:
            continue
        beside = next(iter(programs(state)), None) if reached is not None else None
        at = run.script.at(run.command)
        if at not in seen and _concerns(state, run, run.call, reached):
            seen.add(at)
            yield Another(run.call, at, str(run.command), reached, beside)


def _is_run(state: ProjectState) -> bool:
    """Whether anything runs the folder's migrations, and be it a person."""
    if programs(state) or any(True for _ in ways(state)):
        return True
    return any(
        isinstance(run.call, Migrate)
        and (not run.call.by_drizzle_kit or state.scripts.configs.concern(run.directory, run.call.config))
        for run in state.scripts.runs
    )


def _concerns(state: ProjectState, run: Run, tool: OtherTool, reached: Reached | None) -> bool:
    """Whether it goes to the folder's database: a tool of its package, or one given the address that a program has."""
    scripts, ours = state.scripts, state.scripts.package_of(state.scripts.folder)
    if reached is not None and any(_is_given_the_same(reached, each.reached) for each in programs(state)):
        return True
    if ours is None or run.directory is None or scripts.package_of(run.directory) != ours:
        return False
    return tool.of_node or (dirname(run.script.path) or ".") == ours


def _is_given_the_same(one: Reached, other: Reached | None) -> bool:
    """Whether two are given one address, by name and value; that nothing is told of either says nothing."""
    return other is not None and one.given == other.given and any("=" in each for each in one.given)
