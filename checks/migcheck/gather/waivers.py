"""Gathering where the waivers of a run hold."""

from functools import cache

from migcheck.facts.configuration.unmade import is_migrations_folder
from migcheck.facts.configuration.waiver_folders import homes_of_tags
from migcheck.facts.git.repository import Repository
from migcheck.facts.history.history import History
from migcheck.gather.gates import head_tree, sql_files
from migcheck.project import Asked, Project
from migcheck.waiver import Scope


def gather_scope(project: Project, asked: Asked, folder: str) -> Scope:
    """The scope of the findings of `folder`. The project's other folders are looked at where a finding asks for it."""

    @cache
    def others(tag: str) -> tuple[str, ...]:
        return tuple(sorted(homes().get(tag, frozenset()) - {folder}))

    @cache
    def homes() -> dict[str, frozenset[str]]:
        every = project.loaded.every()
        return dict(homes_of_tags(every, sql_files(project, asked))) if set(every) - {folder} else {}

    return Scope(folder, others)


def has_folder(project: Project, asked: Asked, known: History | None, folder: str) -> bool:
    """Whether head has a migrations folder of that path, or base has, from which the change may take it.

    Without a repository nobody can tell: an image may have one folder of many. Nor of a submodule, which may not be
    checked out.
    """
    repository = project.repository
    if not isinstance(repository, Repository) or repository.nested(folder) is not None:
        return True
    head = head_tree(project, asked)
    base = known.base.revision if known is not None else None
    trees = (head, repository.revision(base)) if base else (head,)
    return any(is_migrations_folder(each, folder) for each in trees)
