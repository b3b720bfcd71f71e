"""Reading a migrations folder out of a tree."""

from posixpath import normpath

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import JOURNAL, Journal
from migcheck.facts.layouts import PRISMA, is_folder_1_0, read_by_journal, read_folders
from migcheck.facts.tree import Tree
from migcheck.odd_names import remember_names


def read_folder(tree: Tree, path: str, said: str = "") -> Folder:
    """Read the migrations folder at `path` (relative to the tree) as Drizzle would, keeping all that is wrong with it.

    `said` is a drizzle.config by which it is of Postgres, whatever its journal and those of the tree say.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    path = normpath(path)
    prefix = "" if path == "." else f"{path}/"
    found = {each.path.removeprefix(prefix): each for each in tree.files(path)}
    remember_names((path, *found))
    if JOURNAL not in found and PRISMA not in found and any(is_folder_1_0(name) for name in found):
        return read_folders(tree, path, found)
    folder = read_by_journal(tree, path, found, said)
    if isinstance(folder.journal, Journal):
        remember_names(each.tag for each in folder.journal.entries)
    return folder
