"""Opening the project a command is about, and saying what it was asked."""

import os
from pathlib import Path

from migcheck.commands.options import Options
from migcheck.config import FolderConfig
from migcheck.facts.config import Place, load_config
from migcheck.facts.environment import Environment, read_environment
from migcheck.facts.ledger_file import read_ledger_file
from migcheck.facts.repository import Repository, open_repository
from migcheck.project import Asked, Project
from migcheck.redact import learn


def open_project(options: Options) -> Project:
    """Find the repository and the configuration around the named folder, else around the working directory.

    Raises UsageError where there is no folder to look at, or where the configuration cannot be used.
    """
    start = Path.cwd().resolve()
    around = start if options.folder is None else (start / options.folder).resolve()
    repository = open_repository(around)
    if not isinstance(repository, Repository):
        place = Place(start, start if around.is_relative_to(start) else around.parent)
        return Project(place.root, repository, load_config(place, option=options.config, folder=options.folder))
    root = repository.top.resolve()
    tracked = (each.path for each in repository.index().files(""))
    place = Place(start, root, tracked)
    return Project(root, repository, load_config(place, option=options.config, folder=options.folder))


def open_environment(options: Options, project: Project) -> Environment:
    """The process environment, with the file that `--env-file` names; the secrets in it are known from now on."""
    environment = read_environment(os.environ, options.env_file)
    for url in (environment.get(project.config.scratch.dsn), options.scratch):
        if url:
            learn(url)
    return environment


def ask(options: Options, which: FolderConfig, environment: Environment) -> Asked:
    """What the command line asks about one folder. Raises UsageError for a URL or a ledger file that is none."""
    return Asked(
        base=options.base,
        offline=options.offline,
        staged=options.staged,
        scratch=options.scratch,
        target_url=None if options.offline else environment.target_url(which.database_url),
        ledgers=tuple(read_ledger_file(path) for path in options.ledger),
        trust_prelude=options.trust_prelude,
    )
