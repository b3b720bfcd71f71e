"""Folders that base's configuration names and this one does not: what landed in them is judged all the same.

Else a change could take a folder away, or edit what landed in it, by naming another, or none.
"""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from migcheck.commands.options import Options
from migcheck.commands.project import Work, place_at, plan_work, working_directory
from migcheck.config import FolderConfig
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.config import load_config
from migcheck.facts.repository import Repository
from migcheck.facts.submodules import submodule_of, tree_at
from migcheck.facts.unmade import was_made
from migcheck.gather import base_commit
from migcheck.project import Asked, Project
from migcheck.verdict import UNNAMED, Verdict


def no_longer_named(options: Options, project: Project, verdicts: Sequence[Verdict]) -> tuple[Work, ...]:
    """Them, where nobody named a folder or a configuration.

    `verdicts` are those of the folders that are named now: a folder that one of them goes on with has only moved.
    Raises UndecidableError where this clone lacks the tree of base.
    """
    repository = project.repository
    if options.folder is not None or options.config is not None or not isinstance(repository, Repository):
        return ()
    judged = {each.folder.path for each in verdicts} | {each.before for each in verdicts}
    # Of what is not committed yet HEAD is the base, folder by folder.
    revisions = {each.base.revision for each in verdicts if each.base} | {repository.head()}
    if any(each.base is None for each in verdicts):
        # What nobody knows of one folder says nothing of another.
        revisions.add(base_commit(project, Asked(base=options.base, staged=options.staged)))
    left = {each.path: each for revision in revisions if revision for each in _named_by(repository, revision)}
    folders = tuple(each for path, each in sorted(left.items()) if path not in judged)
    named = structs.replace(project.loaded, config=structs.replace(project.config, folder=folders))
    work = plan_work(structs.replace(options, ledger=None, offline=True), structs.replace(project, loaded=named))
    # Nobody runs what nothing names.
    return tuple(Work(each.folder, replace(each.asked, offline=UNNAMED.reason)) for each in work)


def _named_by(repository: Repository, revision: str) -> Sequence[FolderConfig]:
    """The folders that the configuration of that commit names, and that it has."""
    try:
        named = load_config(place_at(repository, revision, working_directory())).config.folder
    except UsageError:
        # It named none that can be used.
        return ()
    return [each for each in named if _landed(repository, revision, each.path)]


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
