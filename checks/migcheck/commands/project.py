"""Opening the project a command is about, and saying what it was asked."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from migcheck.commands.options import Options
from migcheck.commands.passed_over import refuse_several, tell_passed_over
from migcheck.commands.work import Work, refuse_shared_ledgers
from migcheck.config.config import AssumedLedger, FolderConfig
from migcheck.drizzle.journal import JOURNAL
from migcheck.drizzle.ledger import Ledger
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.configuration.config import OWN_FILE, PROJECT_FILE, load_config
from migcheck.facts.configuration.environment import Environment, read_environment
from migcheck.facts.configuration.other_variable import USUAL, OtherVariable, other_variable
from migcheck.facts.configuration.place import Place, directories_of
from migcheck.facts.git.open_repository import NoRepository, open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.revision import at_revision
from migcheck.facts.layouts import PRISMA
from migcheck.gather.gates import ledger_name
from migcheck.project import Asked, EnvFile, Project
from migcheck.redact import learn
from migcheck.route import HTTPS_PROXY, WEBSOCKET_PROXY, Route, Transport
from migcheck.scripts.databases import SCHEMES

if TYPE_CHECKING:
    from migcheck.postgres.target.address import Address

_NAMING = ("drizzle*config*", JOURNAL, "migration.sql", PRISMA)
"""How the paths end of files that name a folder, or hint at one."""


def open_project(options: Options, met: Repository | NoRepository | None = None) -> Project:
    """Find the repository and the configuration around the named folder, else around the working directory.

    `met` is the repository around the latter, where it was opened already.

    Raises UsageError where there is no folder to look at, or where the configuration cannot be used; also where it is
    in several files, save for `verify`, which goes by all of them.
    """
    start = working_directory()
    around = _around(options, start)
    repository = met if met is not None and options.folder is None else open_repository(around)
    project = _project_in(repository, options, start, around)
    if options.command != "verify":
        refuse_several(project, options.command)
    return project


@contextmanager
def project_at(options: Options, revision: str) -> Iterator[Project]:
    """As `open_project`, of the commit that `revision` names, which is the index of the repository that it gives.

    Raises UndecidableError where there is no such commit.
    """
    start = working_directory()
    around = _around(options, start)
    match open_repository(around):
        case NoRepository(reason, remedy):
            raise UndecidableError(reason, remedy)
        case Repository() as repository:
            with at_revision(repository, revision) as pinned:
                project = _project_in(pinned, options, start, around)
                named = "" if pinned.judged.startswith(revision) else f" ({revision})"
                note = f"judged is the commit {pinned.judged[:12]}{named}, not what lies about"
                loaded = structs.replace(project.loaded, notes=(*project.loaded.notes, note))
                yield structs.replace(project, loaded=loaded)


def _around(options: Options, start: Path) -> Path:
    return start if options.folder is None else Path(os.path.realpath(start / options.folder))


def _project_in(repository: Repository | NoRepository, options: Options, start: Path, around: Path) -> Project:
    if isinstance(repository, Repository):
        place = place_in(repository, start, staged=options.staged)
    else:
        place = Place(start, start if around.is_relative_to(start) else around.parent)
    place = structs.replace(place, command=options.typed)
    if options.revision is not None and isinstance(repository, Repository):
        directories = cache(lambda: directories_of(repository.tracked("*")))
        place = structs.replace(place, revision=options.revision, directories=directories)
    folder, given = options.folder, options.config
    if folder is None or start.is_relative_to(place.root):
        return Project(place.root, repository, load_config(place, option=given, folder=folder))
    # A folder of another repository: this one's configuration says nothing about it.
    place = structs.replace(place, start=around.parent)
    loaded = load_config(place, option=None if given is None else str(start / given), folder=str(around))
    passed_over = () if given is not None else tell_passed_over(start, place, folder)
    return Project(place.root, repository, structs.replace(loaded, notes=(*passed_over, *loaded.notes)))


def place_in(repository: Repository, start: Path, *, staged: bool = False) -> Place:
    """Where a run that was started in `start` looks."""
    root = repository.top.resolve()
    if staged:
        index = repository.index()
        return Place(start, root, dict.fromkeys(index.expect(OWN_FILE, PROJECT_FILE, *_NAMING)), index)
    tracked = repository.tracked(OWN_FILE, PROJECT_FILE, *_NAMING)
    return Place(start, root, tracked, untracked=lambda: repository.untracked(*_NAMING))


def place_at(repository: Repository, commit: str, start: Path) -> Place:
    """As `place_in`, of the files of a commit alone. Raises UndecidableError where this clone lacks its tree."""
    tree = repository.revision(commit)
    found = dict.fromkeys(tree.expect(OWN_FILE, PROJECT_FILE, *_NAMING))
    directories = cache(lambda: directories_of(tree.paths()))
    return Place(start, repository.top.resolve(), found, tree, revision=commit, directories=directories)


def working_directory() -> Path:
    """Where the command was started. Raises UsageError where that is gone."""
    try:
        return Path.cwd().resolve()
    except OSError as error:
        raise UsageError("the working directory is gone", "change into one that exists") from error


def plan_work(options: Options, project: Project) -> tuple[Work, ...]:
    """What to do, folder by folder, and of each from every ledger that was given for it: each stands elsewhere.

    The secrets that it takes are known to `redact` from now on.

    Raises UsageError for a file that cannot be read, and where two folders would share one ledger of one target.
    """
    environment = read_environment(os.environ, options.env_file)
    for url in (environment.secret_url(project.config.scratch.dsn), options.scratch):
        learn(url or "")
    ledgers = _read_ledgers(options.ledger or ())
    folders = project.config.folder
    wanted = (project.config.scratch.dsn, *(each.database_url for each in folders))
    passed_by = USUAL if USUAL not in wanted and environment.get(USUAL) else ""
    work = tuple(
        Work(
            project,
            each,
            _with_hints(asked, each, project, passed_by, _env_file(environment, each.database_url, wanted)),
        )
        for each in folders
        for asked in _ask(options, each, environment, _ledgers_of(each, ledgers, project))
    )
    refuse_shared_ledgers(work)
    return work


def _with_hints(asked: Asked, which: FolderConfig, project: Project, passed_by: str, file: EnvFile | None) -> Asked:
    """What is asked, with what may be told where no target is named."""
    other = None if asked.target or asked.offline or asked.ledgers else _read_by_drizzle(which, project)
    return replace(asked, env_file=file, passed_by=passed_by, other=other)


def _read_by_drizzle(which: FolderConfig, project: Project) -> OtherVariable | None:
    try:
        return other_variable(which, project.loaded.naming(which.path))
    except UsageError:
        return None


def _env_file(environment: Environment, variable: str, wanted: Sequence[str]) -> EnvFile | None:
    """The file that was to set `variable`, and does not; `wanted` are all that are looked for."""
    names = [name for name, value in environment.from_file.items() if value]
    if not environment.file or environment.get(variable):
        return None
    near = [each for each in names if variable in each] or get_close_matches(variable, names, n=1)
    urls = [name for name in names if (environment.from_file[name] or "").startswith(SCHEMES)]
    return EnvFile(environment.file, next(iter((*near, *urls)), ""), serves=any(each in names for each in wanted))


class _Given(Struct, frozen=True):
    """A ledger that a `--ledger` file holds, and the folder that it says it is of."""

    file: str
    folder: str
    ledger: Ledger


def _read_ledgers(paths: Sequence[Path]) -> tuple[_Given, ...]:
    if not paths:
        return ()
    from migcheck.facts.target.ledger_file import read_ledger_file  # noqa: PLC0415 - brings pydantic, and few runs have a file

    return tuple(_Given(str(path), *each) for path in paths for each in read_ledger_file(path))


def _ledgers_of(which: FolderConfig, given: Sequence[_Given], project: Project) -> tuple[_Given, ...]:
    """Those of `given` that are the folder's.

    Drizzle calls every ledger alike. The folder may have been called otherwise where a file was written: then it is one
    by that name which is of no other folder of the project.
    """
    alike = [each for each in given if each.ledger.name == ledger_name(which)]
    named = {each.file for each in given if each.folder == which.path}
    loaded, guessing = project.loaded, any(each.file not in named for each in alike)
    known = {*loaded.every(), *(each.path for each in loaded.named())} if guessing else ()
    mine = (each.folder == which.path or not (each.file in named or each.folder in known) for each in alike)
    return tuple(compress(alike, mine))


def _ask(
    options: Options, which: FolderConfig, environment: Environment, ledgers: Sequence[_Given]
) -> tuple[Asked, ...]:
    if options.ledger:
        _refuse_assumed(which)
    first_of: dict[Ledger, _Given] = {}
    for each in ledgers:
        first_of.setdefault(each.ledger, each)
    own = tuple(first_of.values())
    if options.ledger and not own:
        raise UsageError(
            f"no --ledger file holds {ledger_name(which)}, the ledger of {which.path}",
            "write it with `migcheck status --format json --output FILE`",
        )
    # A ledger that was given stands for the target, which may be out of reach.
    url = None if options.offline or own else environment.secret_url(which.database_url)
    if url:
        _refuse_assumed(which)
    route = _route(options.transport or which.transport, environment, options.wait)
    asked = Asked(
        base=options.base,
        offline="--offline" if options.offline else "",
        staged=options.staged,
        scratch=options.scratch,
        target=None if url is None else _address(url, which.database_url, route),
        trust_prelude=options.trust_prelude,
        start_from=options.start_from,
        target_sizes=options.target_sizes,
    )
    return tuple(_standing(asked, first, own) for first in own) or (asked,)


def _address(url: str, variable: str, route: Route) -> "Address":
    from migcheck.postgres.target.address import parse_address  # noqa: PLC0415 - brings psycopg, which no file needs

    return parse_address(url, variable, route)


def _route(transport: Transport, environment: Environment, wait: int) -> Route:
    """The way to the target. Its proxies come from the process's environment alone: they see the password.

    Raises UsageError where the file of `--env-file` names one, as a pull request may change a file of the repository.
    """
    for name in (WEBSOCKET_PROXY, HTTPS_PROXY):
        if environment.from_file.get(name):
            raise UsageError(
                f"{environment.file} sets {name}: whoever may change that file would be sent the password",
                f"take it out of the file, and set {name} in the environment itself",
            )
    return Route(
        transport,
        environment.get(WEBSOCKET_PROXY) or "",
        environment.secret_url(HTTPS_PROXY) or "",
        wait,
    )


def _standing(asked: Asked, first: _Given, own: Sequence[_Given]) -> Asked:
    """What is asked where `first` stands for the target: history is judged by all of them."""
    others = (each.ledger for each in own if each is not first)
    return replace(asked, ledgers=(first.ledger, *others), ledger_file=first.file)


def _refuse_assumed(which: FolderConfig) -> None:
    """Raise UsageError where nobody knows which of a database's ledgers is the folder's: another's would be judged."""
    if isinstance(which.ledger, AssumedLedger):
        raise UsageError(
            f"{which.ledger.why}; so the ledger of {which.path} in its database is not known",
            f'say it in migcheck.toml: [[folder]] with path = "{which.path}" and '
            'ledger = { schema = "…", table = "…" }',
        )
