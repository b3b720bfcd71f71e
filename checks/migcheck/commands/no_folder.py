"""Whether a hook meets a repository, or a branch, that has nothing of migrations: no folder, and none to take away."""

from migcheck.commands.options import Options
from migcheck.commands.project import place_at, working_directory
from migcheck.errors import NoFolderError, UndecidableError, UsageError
from migcheck.facts.configuration.config import load_config
from migcheck.facts.git.branches import default_branch
from migcheck.facts.git.open_repository import NoRepository, open_repository
from migcheck.facts.git.repository import Repository


def no_folder_at_head(options: Options) -> bool:
    """Whether HEAD has no folder of Postgres either, and no configuration of one: then a commit cannot take one away.

    Raises UndecidableError where HEAD cannot be read.
    """
    repository = _asked_of_all(options)
    if repository is None:
        return False
    head = repository.head()
    return head is None or _has_none(repository, head)


def no_folder_landed(options: Options, revision: str) -> bool:
    """The same of what landed before the commit that `revision` names: pages of a project have a history of their own.

    Raises UndecidableError where that cannot be read.
    """
    repository = _asked_of_all(options)
    commit = None if repository is None else repository.resolve(revision)
    if repository is None or commit is None:
        return False
    try:
        tip = repository.resolve(default_branch(repository, ""))
    except UndecidableError:
        return False
    base = None if tip is None else repository.merge_base(tip, commit)
    return not repository.shallow if base is None else _has_none(repository, base)


def _asked_of_all(options: Options) -> Repository | None:
    """The repository; None where there is none, or somebody named a folder or a file of configuration."""
    if options.folder is not None or options.config is not None:
        return None
    match open_repository(working_directory()):
        case Repository() as repository:
            return repository
        case NoRepository():
            return None


def _has_none(repository: Repository, commit: str) -> bool:
    try:
        return not load_config(place_at(repository, commit, working_directory())).folders
    except NoFolderError:
        return True
    except UsageError:
        return False
