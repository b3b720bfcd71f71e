"""Which drizzle.config of a tree has a folder for Postgres, whatever its journal says, and were it not there."""

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from migcheck.drizzle.config_file import DrizzleConfig, is_config_name, read_config
from migcheck.facts.place import directories_of
from migcheck.facts.tracked_folders import is_installed
from migcheck.facts.tree import Tree


def naming_config(tree: Tree, folder: str) -> str:
    """The path of a drizzle.config of Postgres that names `folder`; empty where none does.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    files = list(tree.files("."))
    directories = directories_of(each.path for each in files)
    for path in (each.path for each in files if not each.problem):
        if is_config_name(basename(path)) and not is_installed(path):
            match read_config(path, tree.read(path)):
                case DrizzleConfig(out=str() as out, beside=beside):
                    above = [dirname(path)] if beside else _upward(path)
                    places = [normpath(join(each, out)) for each in above]
                    if next((each for each in places if each in directories), places[0]) == folder:
                        return path
                case _:
                    pass
    return ""


def _upward(path: str) -> Iterator[str]:
    """The directories that drizzle-kit may run in: the configuration's own, or with `--config` one above it."""
    while path:
        path = dirname(path)
        yield path or "."
