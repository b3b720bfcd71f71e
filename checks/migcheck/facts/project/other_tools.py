"""Other tools that migrate the folder's database, as far as that can be told."""

from collections.abc import Iterator, Mapping
from posixpath import dirname

from msgspec import Struct

from migcheck.facts.project.judged import ProjectFacts, ProjectState, kept_in_state
from migcheck.facts.project.runners import Tool, Way, programs, ways
from migcheck.facts.project.tool_addresses import Address, configured_address
from migcheck.finding import Location
from migcheck.regex import regex
from migcheck.scripts.calls import Migrate
from migcheck.scripts.databases import is_local, names_a_database
from migcheck.scripts.other_tools import NAMES, OtherTool, is_elsewhere
from migcheck.scripts.reach import Reached, by_name
from migcheck.scripts.runs import Run

# Where a tool looks for its address, and those of these variables that no other program reads.
_OWN: Mapping[str, str] = {"dbmate": "DATABASE_URL", "flyway": "FLYWAY_URL"}
_OF_NO_OTHER = frozenset({"FLYWAY_URL"})
# Where drizzle-kit may write what Supabase's own tool runs, which looks nowhere else.
_OF_SUPABASE = regex(r"(?:.*/)?supabase/migrations")


class Another(Struct, frozen=True):
    """A command of another tool, how it is reached without a person, and what runs the folder's migrations beside it.

    `beside` is None where only a person runs those. `certain`: its address does not say that it may be of another
    database.
    """

    tool: OtherTool
    at: Location
    command: str
    reached: Reached | None
    beside: Tool | Way | None
    certain: bool = True

    @property
    def meaning(self) -> tuple[object, ...]:
        """Which tool, and who begins."""
        return (self.tool.name, None if self.reached is None else self.reached.started_by)


@kept_in_state
def other_tools(state: ProjectState) -> tuple[Another, ...]:
    """The commands of one revision that migrate the folder's database by another tool, or may.

    None where nothing at all runs the folder: it then is only where the schema of the other tool was read from.
    """
    if not _names_any(state) or not _is_run(state):
        return ()
    found: dict[Location, Another] = {}
    for each in _in_scripts(state):
        # A line can be read for itself and for what includes it: what is reached is told.
        if each.at not in found or (found[each.at].reached is None and each.reached is not None):
            found[each.at] = each
    return tuple(found.values())


def newcomers(facts: ProjectFacts) -> Iterator[Another]:
    """The commands of tools that come with this change to a folder that landed, and that nothing which was read runs.

    A platform may run it. Where base knows the tool, whoever runs that, it may be all that the project migrates with.
    """
    state = facts.head
    for each in _in_scripts(state) if facts.stood and _names_any(state) and not _is_run(state) else ():
        if each.reached is not None and each.certain and not _knows(facts.landed(), each.tool.name):
            yield each


def _knows(base: ProjectState | None, tool: str) -> bool:
    """Whether `base` may have the tool: where it is not known, nothing is called new."""
    return base is None or base.scripts.mentions(tool.partition("-ts-")[0].removesuffix("-cli"))


def _names_any(state: ProjectState) -> bool:
    return any(state.scripts.mentions(each) for each in NAMES)


def _in_scripts(state: ProjectState) -> Iterator[Another]:
    for run in state.scripts.once(each for each in state.scripts.runs if isinstance(each.call, OtherTool)):
        if not isinstance(run.call, OtherTool) or run.script.own_database or is_local(run.command):
            continue
        if any(is_elsewhere(value) for name, value in run.command.settings if names_a_database(name)):
            continue
        reached = state.scripts.reach(run)
        if _is_the_one(state, run.call):
            continue
        if (reached is None or not reached.own_database) and _concerns(state, run, run.call, reached):
            at, command = run.script.at(run.command), str(run.command)
            package = None if run.directory is None else state.scripts.package_of(run.directory)
            address = configured_address(state, run.call.name, package, reached)
            if address is not Address.ANOTHER:
                certain = address is Address.OURS and _is_told(state, run.call, command, reached)
                yield Another(run.call, at, command, reached, _beside(state, reached), certain=certain)


def _is_the_one(state: ProjectState, tool: OtherTool) -> bool:
    """Whether the tool is what the folder is deployed by, which drizzle-kit writes for it; nothing else then is."""
    return tool.name == "supabase" and _is_of_supabase(state) and not programs(state)


def _is_of_supabase(state: ProjectState) -> bool:
    return _OF_SUPABASE.fullmatch(state.scripts.folder) is not None


def _is_told(state: ProjectState, tool: OtherTool, command: str, reached: Reached | None) -> bool:
    """Whether it is known where a tool goes whose address no variable tells by itself.

    Alembic has it from a program of its own, Supabase's from what a person linked.
    """
    match tool.name:
        case "supabase":
            return "--db-url" in command or _is_of_supabase(state)
        case "alembic":
            return reached is not None and any(
                _is_given_the_same(tool, reached, each.reached) for each in programs(state)
            )
        case _:
            return True


def _beside(state: ProjectState, reached: Reached | None) -> Tool | Way | None:
    return next(iter(programs(state)), None) if reached is not None else None


@kept_in_state
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
    if reached is not None and any(_is_given_the_same(tool, reached, each.reached) for each in programs(state)):
        return True
    if ours is None or run.directory is None or scripts.package_of(run.directory) != ours:
        return False
    return tool.of_node or (dirname(run.script.path) or ".") == ours


def _is_given_the_same(tool: OtherTool, one: Reached, other: Reached | None) -> bool:
    """Whether `tool`, reached as `one`, and `other` are given one address; that nothing is told of either says nothing.

    By name and value, or by the value alone where the tool takes it from a variable of its own.
    """
    if other is None:
        return False
    mine, theirs = by_name(one.given), by_name(other.given)
    variable = _OWN.get(tool.name, "")
    if variable not in mine or (one.given == other.given and variable not in _OF_NO_OTHER):
        return bool(mine) and one.given == other.given
    values = {value for name, value in theirs.items() if name not in _OF_NO_OTHER}
    return values == {mine[variable]} and _places(one) == _places(other)


def _places(reached: Reached) -> tuple[str, ...]:
    """The rest: an environment, a context; each may give one name another value."""
    return tuple(each for each in reached.given if "=" not in each)
