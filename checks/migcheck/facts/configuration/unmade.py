"""A folder that drizzle.config names and that is not there: not yet, no more, or because another is meant."""

from collections.abc import Iterable

from migcheck.drizzle.journal import JOURNAL
from migcheck.facts.configuration.naming_config import is_named
from migcheck.facts.layouts import is_folder_1_0, own_names
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import Tree, without_snapshots


def was_made(base: Tree, folder: str) -> bool:
    """Whether `base` has anything of `folder`, but for the folders below it."""
    return bool(own_names(each.path.removeprefix(f"{folder}/") for each in base.files(folder)))


def is_migrations_folder(tree: Tree, folder: str) -> bool:
    """Whether `folder` has a journal in `tree`, a migration of Drizzle 1.0, or a drizzle.config that names it.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    names = [each.path.removeprefix(f"{folder}/") for each in tree.files(folder)]
    return any(each == JOURNAL or is_folder_1_0(each) for each in names) or is_named(tree, folder)


def stood_so(base: Tree, head: Tree, folder: str, meant: Iterable[str]) -> bool:
    """Whether a drizzle.config of `base` names `folder` as well, and what may be `meant` is as it was."""
    if not is_named(base, folder):
        return False
    one, other = without_snapshots(base), without_snapshots(head)
    return all(read_folder(one, each) == read_folder(other, each) for each in meant)
