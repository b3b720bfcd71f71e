"""What a guide for people and assistants needs to know of a project: its folders, commands and line ends."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from posixpath import basename, dirname, join, normpath, relpath
from shlex import quote

from msgspec import Struct

from migcheck.config.config import FolderConfig
from migcheck.drizzle.config_file import FILE_NAMES
from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.configuration.drizzle_configs import config_naming
from migcheck.facts.configuration.other_variable import other_variable
from migcheck.facts.configuration.place import Place
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.trees import line_attributes
from migcheck.facts.project.judged import ProjectState
from migcheck.facts.project.package import Package, package_near
from migcheck.facts.project.read_project import read_project
from migcheck.facts.project.runners import Tool, Way, programs
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import without_snapshots
from migcheck.regex import regex
from migcheck.scripts.calls import FileCall, Migrate, Push
from migcheck.scripts.reach import Starter
from migcheck.scripts.runs import Run

# A script that goes on after drizzle-kit would give an option to something else.
_GENERATE = regex(r"\bdrizzle-kit\s+generate\b(?P<options>[^&|;]*)$")
_CONFIG = regex(r"--config[=\s]+[\"']?(?P<path>[\w@./-]+)")
# Of a name that holds anything else, nobody knows what a shell or a page would make.
_PLAIN = regex(r"[\w:.@/-]+", re.ASCII)
_GATE = Migrate(by_drizzle_kit=False)


class LineEnds(StrEnum):
    """What .gitattributes has to say of the folder's files, or that it says enough."""

    SETTLED = "settled"
    AS_LF = "as LF"
    AS_THEY_ARE = "as they are"


class Deployer(Struct, frozen=True):
    """What runs the folder without a person: a tool or a file of the project, who begins, and in which file."""

    program: str
    started_by: str
    path: str


class GuidedFolder(Struct, frozen=True):
    """One folder, and how people work on it. Commands are for a shell at the root.

    `config` is the drizzle.config that names it, empty where none does, and `reads` the variable that it has its URL
    from, empty where that is not plainly another than `database_url`. `generate` has `NAME` in the place of the new
    migration's name. `deployers` run it without a person, and none of them is `migcheck apply`. `migrates` and `pushes`
    are the package's own scripts, as they are run; where one of them runs the project's own migrator, those alone
    migrate.
    `apart`: each migration is deployed in a transaction of its own.
    """

    path: str
    layout: Layout
    database_url: str
    reads: str
    config: str
    generate: str
    custom: str
    deployers: tuple[Deployer, ...]
    migrates: tuple[str, ...]
    pushes: tuple[str, ...]
    apart: bool
    line_ends: LineEnds


class GuideFacts(Struct, frozen=True):
    """A project's folders. `base` is the configured one, or empty; `applied_by` are the files that run `apply`."""

    folders: tuple[GuidedFolder, ...]
    base: str
    applied_by: tuple[str, ...]


def read_guide(root: Path, repository: Repository, folders: tuple[FolderConfig, ...], base: str | None) -> GuideFacts:
    """Look at a project as its people see it. Nothing is run. Raises UndecidableError where git cannot read it."""
    names = ("drizzle*config*",)
    place = Place(root, root, repository.tracked(*names))
    states = [_state(repository, each) for each in folders]
    guided = tuple(_folder(place, repository, *each) for each in zip(folders, states, strict=True))
    applied_by = dict.fromkeys(path for each in states for path in _applied_by(each))
    return GuideFacts(guided, base or "", tuple(applied_by))


def _state(repository: Repository, which: FolderConfig) -> ProjectState:
    ledger = LedgerName(which.ledger.schema, which.ledger.table)
    return read_project(repository, which.path, ledger, None).head


def _folder(place: Place, repository: Repository, which: FolderConfig, state: ProjectState) -> GuidedFolder:
    folder = read_folder(without_snapshots(repository.worktree()), which.path)
    naming = config_naming(place, which.path)
    config = naming.path if naming else ""
    other = other_variable(which, naming)
    near = place.root / dirname(config or which.path)
    package = package_near(place.root, near)
    return GuidedFolder(
        path=which.path,
        layout=folder.layout,
        database_url=which.database_url,
        reads=other.name if other else "",
        config=config,
        generate=_generate(package, state, config, "--name NAME"),
        custom=_generate(package, state, config, "--custom --name NAME"),
        deployers=tuple(dict.fromkeys(_deployers(state))),
        migrates=tuple(_scripts(package, state, _runs_own)) or tuple(_scripts(package, state, _migrates)),
        pushes=tuple(_scripts(package, state, _pushes)),
        apart=which.transaction == "each",
        line_ends=_line_ends(repository, folder),
    )


def _pushes(state: ProjectState, run: Run) -> bool:
    return isinstance(run.call, Push) and _concerns(state, run, run.call.config)


def _runs_own(state: ProjectState, run: Run) -> bool:
    return run in state.runner_commands


def _migrates(state: ProjectState, run: Run) -> bool:
    return isinstance(run.call, Migrate) and _concerns(state, run, run.call.config)


def _deployers(state: ProjectState) -> Iterator[Deployer]:
    for each in programs(state):
        if each.reached is None or (isinstance(each, Tool) and each.call == _GATE):
            continue
        at = each.reached.steps[0].at
        # A script that is called `deploy` is told as any other of the package, by how a person runs it.
        if each.reached.started_by is not Starter.DEPLOY or basename(at.path) != "package.json":
            yield Deployer(_program(each), str(each.reached.started_by), at.path)


def _program(each: Tool | Way) -> str:
    match each:
        case Way(call=call):
            return call.path
        case Tool(call=FileCall()):
            return "psql"
        case Tool():
            return "drizzle-kit migrate"


def _concerns(state: ProjectState, run: Run, config: str) -> bool:
    return state.scripts.configs.concern(run.directory, config)


def _generate(package: Package, state: ProjectState, config: str, options: str) -> str:
    own = next(_generating(package, state), None)
    if own is not None:
        return _there(package, package.run_with(own, options))
    from_package = relpath(config, package.directory) if config else ""
    named = "" if from_package in ("", *FILE_NAMES) else f"--config {quote(from_package)} "
    return _there(package, package.tool(f"drizzle-kit generate {named}{options}"))


def _there(package: Package, command: str) -> str:
    return command if package.directory == "." else f"(cd {quote(package.directory)} && {command})"


def _scripts(package: Package, state: ProjectState, what: Callable[[ProjectState, Run], bool]) -> Iterator[str]:
    """The package's own scripts in which a command is `what`, as they are run."""
    manifest = normpath(join(package.directory, "package.json"))
    runs = (run for run in state.scripts.runs if run.script.path == manifest and what(state, run))
    names = dict.fromkeys(run.script.origin[1] for run in runs)
    return (_there(package, package.run(name)) for name in names if _PLAIN.fullmatch(name))


def _generating(package: Package, state: ProjectState) -> Iterator[str]:
    """The package's scripts that end in `drizzle-kit generate`, but those that name another folder's configuration."""
    for name, text in package.scripts.items():
        if _PLAIN.fullmatch(name) and (found := _GENERATE.search(text)):
            config = _CONFIG.search(found["options"])
            if config is None or state.scripts.configs.concern(package.directory, config["path"]):
                yield name


def _applied_by(state: ProjectState) -> Iterator[str]:
    return (run.script.path for run in state.scripts.runs if run.call == _GATE)


def _line_ends(repository: Repository, folder: Folder) -> LineEnds:
    has_cr = any(b"\r" in each.sql for each in folder.files)
    name = "0000/migration.sql" if folder.layout is Layout.FOLDERS else "0000.sql"
    text, eol = line_attributes(repository.git, join(folder.path, name))
    if text == "unset" or (eol == "lf" and not has_cr):
        return LineEnds.SETTLED
    return LineEnds.AS_THEY_ARE if has_cr else LineEnds.AS_LF
