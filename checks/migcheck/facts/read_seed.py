"""Reading the project's own rows, which belong to the tables of base: so they are base's, where base has them."""

from posixpath import dirname, join, normpath

from migcheck.errors import UsageError
from migcheck.facts.git_trees import GitTree
from migcheck.facts.rows import Seed


def read_seed(base: GitTree | None, head: GitTree, seed: str, beside: str) -> Seed:
    """The file `seed`, named from the directory of the file `beside`, as base has it, else as head has it.

    Raises UsageError where neither has.
    """
    path = normpath(join(dirname(beside), seed))
    content = base.find(path) if base is not None else None
    if content is None:
        content = head.find(path)
    if content is None:
        raise UsageError(f"{beside}: [sql] seed names {path}, which is not there", "commit that file, or drop the key")
    return Seed(path, content.decode("utf-8", "replace"))
