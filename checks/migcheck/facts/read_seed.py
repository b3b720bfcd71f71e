"""Reading the project's own rows, which belong to the tables of base: so they are base's, where base has them."""

import os
from pathlib import Path
from posixpath import dirname, join, normpath

from migcheck.drizzle.names import leaves_folder
from migcheck.errors import UsageError
from migcheck.facts.git_trees import GitTree
from migcheck.facts.rows import Seed


def read_seed(base: GitTree | None, head: GitTree, seed: str, beside: str, disk: Path | None) -> Seed:
    """The file `seed`, named from the directory of the file `beside`, as base has it, else as head has it.

    `disk` is the top of the repository where head is what lies about. Raises UsageError where neither has it, and where
    it is outside of the repository.
    """
    path = normpath(join(dirname(beside), seed))
    if leaves_folder(path):
        raise _leads_out(seed, beside)
    content = base.find(path) if base is not None else None
    if content is None:
        # Git follows no link out of its trees, and a disk does.
        if disk is not None and not Path(os.path.realpath(disk / path)).is_relative_to(os.path.realpath(disk)):
            raise _leads_out(seed, beside)
        content = head.find(path)
    if content is None:
        raise UsageError(f"{beside}: [sql] seed names {path}, which is not there", "commit that file, or drop the key")
    return Seed(path, content.decode("utf-8", "replace"))


def _leads_out(seed: str, beside: str) -> UsageError:
    return UsageError(
        f"{beside}: [sql] seed names {seed}, which leads out of the repository",
        f"put the file into the repository and name it from where {beside} is",
    )
