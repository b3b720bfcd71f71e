"""What migrates the folder's database from source code, and how that comes to be run: scripts and sources together."""

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename, join, normpath

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectState, kept_in_state, runs_of
from migcheck.finding import Location
from migcheck.paths import lies_below
from migcheck.regex import regex
from migcheck.scripts.calls import FileCall, Migrate
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.reach import Reached, Starter, Step, lasting, told_of
from migcheck.scripts.runs import Run
from migcheck.sources.callers import hook_in
from migcheck.sources.migrators import MigrateCall
from migcheck.sources.places import folders_meant
from migcheck.sources.sources import Begin, Pusher, Runner
from migcheck.typescript.plain import BesideFile, Unread

AT_START = frozenset({Starter.BUILD, Starter.IMAGE, Starter.START})
"""Who begins where an app migrates by itself."""
_LEADS = "leads to the call"
_BY_FRAMEWORK = "is run by the framework when the app starts, or is first asked for it"
_PROGRAM = regex(r"migrat", re.IGNORECASE)


class Tool(Struct, frozen=True):
    """A command that runs the folder's migrations: `migcheck apply`, or `drizzle-kit migrate` where it is reached.

    psql that is handed the folder's files is one as well, and its `call` names the folder.
    """

    at: Location
    call: Migrate | FileCall
    command: str
    reached: Reached | None

    def __str__(self) -> str:
        """For a sentence: the command, and where it stands."""
        return f"{self.named} ({self.at})"

    @property
    def named(self) -> str:
        """The command, for a sentence."""
        return f"`{self.command}`"

    @property
    def told(self) -> str:
        """How it is reached, a line for each step."""
        return told_of(self.reached)

    @property
    def meaning(self) -> tuple[object, ...]:
        """What is run, however it is spelt, and who begins."""
        return (self.call, None if self.reached is None else self.reached.started_by)


class Way(Struct, frozen=True):
    """A call that migrates, and how it is reached without a person; None where a person has to run it.

    `folder` is the folder it runs; None where only running it tells. What migrates a database that a job has to itself
    is reached by nobody. `unless` is a variable without which it is not made, and that nothing which was read names: no
    address of a database, which an app has wherever it runs.
    """

    runner: Runner
    folder: str | None
    reached: Reached | None
    unless: str = ""

    def __str__(self) -> str:
        """For a sentence: what is called, and where."""
        return f"{self.named} ({self.at})"

    @property
    def named(self) -> str:
        """What is called, for a sentence."""
        return f"migrate() of {self.call.driver}"

    @property
    def who(self) -> str:
        """Who begins, for a sentence."""
        return "somebody" if self.reached is None else str(self.reached.started_by)

    @property
    def call(self) -> MigrateCall:
        """The call itself."""
        return self.runner.call

    @property
    def at(self) -> Location:
        """Where the call is."""
        return Location(self.call.path, self.call.line)

    @property
    def told(self) -> str:
        """How it is reached, a line for each step; empty where a person runs it."""
        return told_of(self.reached)

    @property
    def ledger(self) -> LedgerName | None:
        """The ledger that it keeps; None where only running it tells."""
        match self.call.schema, self.call.table:
            case (None | str() as schema, None | str() as table):
                default = LedgerName()
                return LedgerName(schema or default.schema, table or default.table)
            case _:
                return None

    @property
    def meaning(self) -> tuple[object, ...]:
        """What is called with what, and who begins; whatever the files and the folder are called."""
        return (self.call.driver, self.ledger, None if self.reached is None else self.reached.started_by)


def ways(state: ProjectState) -> Iterator[Way]:
    """The calls of one revision that run the folder, or may.

    Where only running it tells which folder it is, it is taken to be this one where there is no other.
    """
    ours = state.scripts.folder
    alone = not frozenset(state.sources.folders) - {ours}
    for way in every_way(state):
        if way.folder == ours or (way.folder is None and alone):
            yield way


def _unless(state: ProjectState, runner: Runner) -> str:
    for names in runner.variables:
        if names and not any(names_a_database(each) or state.scripts.mentions(each) for each in names):
            return names[0]
    return ""


@kept_in_state
def every_way(state: ProjectState) -> tuple[Way, ...]:
    """The calls of one revision that run any folder."""
    return tuple(
        Way(
            runner,
            folder_of(state, runner.call.path, runner.call.folder),
            reached_by(state, runner),
            _unless(state, runner),
        )
        for runner in state.sources.runners
    )


def swallowed(state: ProjectState) -> Iterator[tuple[Way, Begin]]:
    """The calls whose failure a file only tells of, and that line; each as it is reached by running that file."""
    for way in ways(state):
        for begin in way.runner.begins() if way.call.goes_on or any(each.goes_on for each in way.runner.uses) else ():
            found = (each for each in _runs_of(state, begin) if begin.goes_on and not each.own_database)
            reached = next(found, None)
            if reached is not None:
                yield Way(way.runner, way.folder, _leading(reached, begin, way.runner)), begin


def folder_of(state: ProjectState, path: str, named: str | BesideFile | Unread) -> str | None:
    """The migrations folder that the file at `path` means by `named`: the nearest that is there. None where none is."""
    there = {state.scripts.folder, *state.sources.folders}
    return next((each for each in folders_meant(path, named) if each in there), None)


def applying(state: ProjectState) -> Tool | None:
    """The first command that runs `migcheck apply`; None where the project has none."""
    return next(iter(gates(state)), None)


@kept_in_state
def gates(state: ProjectState) -> tuple[Tool, ...]:
    """The commands that run `migcheck apply`, whoever runs them."""
    gate = Migrate(by_drizzle_kit=False)
    runs = state.scripts.runs if state.scripts.mentions("migcheck", "apply") else ()
    found = (run for run in runs if run.call == gate)
    return tuple(Tool(run.script.at(run.command), gate, str(run.command), state.scripts.reach(run)) for run in found)


@kept_in_state
def kits(state: ProjectState) -> tuple[tuple[Run, str], ...]:
    """The commands of one revision that run `drizzle-kit migrate`, each with what its `--config` says."""
    runs = state.scripts.runs if state.scripts.may_run("drizzle-kit", "migrate") else ()
    calls = ((run, run.call) for run in runs)
    return tuple((run, call.config) for run, call in calls if isinstance(call, Migrate) and call.by_drizzle_kit)


def unasked(state: ProjectState, runs: Iterable[Run]) -> Iterator[tuple[Run, Reached]]:
    """Those of `runs` that are come to without a person, on no database of their own; each command is told once."""
    found = {run: way for run in runs if (way := lasting(state.scripts.reach(run))) is not None}
    return ((run, found[run]) for run in state.scripts.once(found))


def reached_kits(state: ProjectState) -> Iterator[Tool]:
    """The commands that run `drizzle-kit migrate` for the folder without a person, on no database of their own."""
    ours = (run for run, config in kits(state) if state.scripts.configs.concern(run.directory, config))
    for run, reached in unasked(state, ours):
        yield Tool(run.script.at(run.command), Migrate(), str(run.command), reached)


def reached_psql(state: ProjectState) -> Iterator[Tool]:
    """The commands that hand the folder's files to psql without a person, on no database of their own."""
    runs = state.scripts.runs if state.scripts.mentions("psql", ".sql") else ()
    for run, reached in unasked(state, (each for each in runs if _is_of_folder(state, each))):
        yield Tool(run.script.at(run.command), FileCall(state.scripts.folder), str(run.command), reached)


def _is_of_folder(state: ProjectState, run: Run) -> bool:
    """Whether `run` is of a file of SQL in the folder."""
    match run.call, run.directory:
        case FileCall(path=path), str() as directory if path.endswith(".sql"):
            return lies_below(normpath(join(directory, path)), state.scripts.folder)
        case _:
            return False


@kept_in_state
def reached_by_config(state: ProjectState) -> Mapping[str, Reached]:
    """How each drizzle.config comes to be used by `drizzle-kit migrate` without a person, by its path."""
    found: dict[str, Reached] = {}
    for run, config in kits(state):
        path = None if run.directory is None else state.scripts.configs.taken(run.directory, config)
        if path is not None and (reached := lasting(state.scripts.reach(run))) is not None:
            found.setdefault(path, reached)
    return found


@kept_in_state
def programs(state: ProjectState) -> tuple[Tool | Way, ...]:
    """What runs the folder's migrations: `migcheck apply` first, then drizzle-kit, then the calls of a migrator."""
    return tuple(_each_program(state))


def _each_program(state: ProjectState) -> Iterator[Tool | Way]:
    if gate := applying(state):
        yield gate
    yield from reached_kits(state)
    yield from reached_psql(state)
    yield from (each for each in ways(state) if each.reached is not None)


def reached_by(state: ProjectState, runner: Runner | Pusher) -> Reached | None:
    """How the call of `runner` comes to be made without a person, on no database of its own."""
    runs = (_leading(found, begin, runner) for begin in runner.begins() for found in _runs_of(state, begin))
    return min((each for each in (*_hooks(runner), *runs) if not each.own_database), key=_by_app, default=None)


def _leading(reached: Reached, begin: Begin, runner: Runner | Pusher) -> Reached:
    """`reached` with the line that leads from the file that is run to the one that migrates, where that is another."""
    if begin.path == runner.call.path:
        return reached
    return replace(reached, steps=(*reached.steps, Step(Location(begin.path, begin.line), _LEADS)))


def _by_app(reached: Reached) -> bool:
    """False, which sorts first, where the app itself begins."""
    return reached.started_by not in AT_START


def _runs_of(state: ProjectState, begin: Begin) -> Iterator[Reached]:
    for run in runs_of(state, begin.path, begin.asked):
        reached = state.scripts.reach(run)
        if reached is None:
            continue
        # An image or a machine that does nothing but migrate is a step of the deploy, however it is started.
        alone = (
            reached.started_by is Starter.START
            and len(run.script.commands) == 1
            and _PROGRAM.search(basename(begin.path))
        )
        yield replace(reached, started_by=Starter.DEPLOY) if alone else reached


def _hooks(runner: Runner | Pusher) -> Iterator[Reached]:
    """The framework that loads a file of the way when the app starts."""
    if hook_in(runner.work.path, runner.work.names):
        yield _at_start(runner.work.path, runner.call.line)
    for use in runner.uses:
        if hook_in(use.path, use.then.names):
            yield _at_start(use.path, use.line)


def _at_start(path: str, line: int) -> Reached:
    return Reached(Starter.START, (Step(Location(path, line), _BY_FRAMEWORK),))
