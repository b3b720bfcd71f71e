"""Which drizzle.config of a tree has a folder for Postgres, whatever its journal says, and were it not there."""

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from migcheck.drizzle.config_file import FILE_NAMES, DrizzleConfig, OtherDialect, is_config_name, read_config
from migcheck.facts.configuration.place import directories_of
from migcheck.facts.configuration.tracked_folders import is_installed
from migcheck.facts.tree import Tree
from migcheck.paths import upwards

_Said = DrizzleConfig | OtherDialect


def naming_config(tree: Tree, folder: str) -> str:
    """The path of a drizzle.config by which `folder` is of Postgres; empty where none says so.

    One that drizzle-kit takes unasked is run where it lies. None says so where one of another dialect names the folder
    from as near, or nearer.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    naming = list(_naming(tree, folder))
    others = [steps for steps, said in naming if isinstance(said, OtherDialect)]
    found = [
        (steps, said.path)
        for steps, said in naming
        if isinstance(said, DrizzleConfig) and (not steps or basename(said.path) not in FILE_NAMES)
    ]
    steps, path = min(found, default=(0, ""))
    return path if all(steps < each for each in others) else ""


def is_named(tree: Tree, folder: str) -> bool:
    """Whether a drizzle.config of Postgres names `folder`, as drizzle-kit is run where it lies or in one above.

    Raises UndecidableError where the tree cannot give a file that it named.
    """
    return any(isinstance(said, DrizzleConfig) for _, said in _naming(tree, folder))


def _naming(tree: Tree, folder: str) -> Iterator[tuple[int, _Said]]:
    """The configurations that name `folder`, each with how many directories above it drizzle-kit is run for that."""
    files = list(tree.files("."))
    directories = directories_of(each.path for each in files)
    readable = frozenset(each.path for each in files if not each.problem)

    def beside(path: str) -> bytes | None:
        return tree.read(path) if path in readable else None

    for path in (each.path for each in files if not each.problem):
        if is_config_name(basename(path)) and not is_installed(path):
            match read_config(path, tree.read(path), beside):
                case DrizzleConfig(out=str() as out) | OtherDialect(out=str() as out) as said:
                    # With `--config` it may be run in a directory above.
                    above = [dirname(path)] if said.beside else upwards(dirname(path))
                    places = [normpath(join(each, out)) for each in above]
                    steps = next((at for at, each in enumerate(places) if each in directories), 0)
                    if places[steps] == folder:
                        yield steps, said
                case _:
                    pass
