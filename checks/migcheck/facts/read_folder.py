"""Reading a migrations folder out of a tree."""

from posixpath import normpath

from migcheck.drizzle.folder import Folder
from migcheck.facts.layouts import JOURNAL, PRISMA, is_folder_1_0, read_by_journal, read_folders
from migcheck.facts.tree import Tree


def read_folder(tree: Tree, path: str) -> Folder:
    """Read the migrations folder at `path` (relative to the tree) as Drizzle would, keeping all that is wrong with it.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    path = normpath(path)
    prefix = "" if path == "." else f"{path}/"
    found = {each.path.removeprefix(prefix): each for each in tree.files(path)}
    if JOURNAL not in found and PRISMA not in found and any(is_folder_1_0(name) for name in found):
        return read_folders(tree, path, found)
    return read_by_journal(tree, path, found)
