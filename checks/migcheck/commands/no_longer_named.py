"""Folders that base's configuration names and this one does not: what landed in them is judged all the same.

Else a change could take a folder away, or edit what landed in it, by naming another, or none.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from msgspec import structs

from migcheck.commands.options import Options
from migcheck.commands.project import place_at, plan_work, working_directory
from migcheck.commands.work import Work
from migcheck.config.config import Config, FolderConfig
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.configuration.config import Loaded, load_config
from migcheck.facts.configuration.unmade import was_made
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodules import submodule_of, tree_at
from migcheck.gather.gates import base_commit
from migcheck.project import Asked, Project
from migcheck.verdict import UNNAMED, Verdict


def no_longer_named(options: Options, projects: Sequence[Project], verdicts: Sequence[Verdict]) -> tuple[Work, ...]:
    """Them, where nobody named a folder or a configuration; each with the one of `projects` by which it is judged.

    `verdicts` are those of the folders that are named now: a folder that one of them goes on with has only moved.
    Raises UndecidableError where this clone lacks the tree of base.
    """
    repository = projects[0].repository
    if options.folder is not None or options.config is not None or not isinstance(repository, Repository):
        return ()
    judged = {each.folder.path for each in verdicts} | {each.before for each in verdicts}
    # Of what is not committed yet HEAD is the base, folder by folder. Of two that name one folder the last counts.
    revisions = [repository.head(), *(each.base.revision for each in verdicts if each.base)]
    if any(each.base is None for each in verdicts):
        # What nobody knows of one folder says nothing of another.
        revisions.append(base_commit(projects[0], Asked(base=options.base, staged=options.staged)))
    in_order = [one for one in dict.fromkeys(revisions) if one]
    left = {each.path: (each, file) for one in in_order for each, file in _named_by(repository, one)}
    named = [each for path, each in sorted(left.items()) if path not in judged]
    return tuple(_work(options, _owner(projects, each.path, file), each) for each, file in named)


def _owner(projects: Sequence[Project], path: str, file: str) -> Project:
    """The one that goes by `file`, which named the folder at `path`; else by the nearest above it; else by none."""
    if len(projects) == 1:
        return projects[0]
    same = [each for each in projects if each.loaded.path == file]
    above = [each for each in projects if each.loaded.path and PurePosixPath(each.loaded.path).parent in _around(path)]
    nobodys = structs.replace(projects[0], loaded=Loaded(Config()))
    return next(iter(same), max(above, key=lambda each: len(PurePosixPath(each.loaded.path).parts), default=nobodys))


def _around(path: str) -> Sequence[PurePosixPath]:
    return (PurePosixPath(path), *PurePosixPath(path).parents)


def _work(options: Options, project: Project, folder: FolderConfig) -> Work:
    named = structs.replace(project.loaded, config=structs.replace(project.config, folder=(folder,)))
    (work,) = plan_work(structs.replace(options, ledger=None, offline=True), structs.replace(project, loaded=named))
    # Nobody runs what nothing names.
    return Work(project, work.folder, replace(work.asked, offline=UNNAMED.reason))


def _named_by(repository: Repository, revision: str) -> Sequence[tuple[FolderConfig, str]]:
    """The folders that the configuration of that commit names, and that it has, each with the file that does."""
    try:
        found = load_config(place_at(repository, revision, working_directory()))
    except UsageError:
        # It named none that can be used.
        return ()
    named = ((each, one.path) for one in (found, *found.others) for each in one.config.folder)
    return [(each, file) for each, file in named if _landed(repository, revision, each.path)]


def _landed(repository: Repository, revision: str, path: str) -> bool:
    """Whether that commit has the folder, or one of its submodules may have it."""
    if was_made(repository.revision(revision), path):
        return True
    held = submodule_of(repository, revision, path)
    try:
        return held is not None and was_made(tree_at(repository, revision, held[0]), path)
    except UndecidableError:
        # To judge it will say so.
        return True
