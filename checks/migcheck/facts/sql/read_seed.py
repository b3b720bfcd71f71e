"""Reading the project's own rows, which belong to the tables of base: so they are base's, where base has them."""

import os
from pathlib import Path
from posixpath import dirname, join, normpath

from migcheck.config.text import Written
from migcheck.drizzle.names import leaves_folder
from migcheck.errors import UsageError
from migcheck.facts.git.trees import GitTree
from migcheck.facts.sql.rows import Seed

_PLACE = ("sql", "seed")


def read_seed(base: GitTree | None, head: GitTree, seed: str, written: Written, disk: Path | None) -> Seed:
    """The file `seed`, named from the directory of the configuration, as base has it, else as head has it.

    `disk` is the top of the repository where head is what lies about. Raises UsageError where neither has it, and where
    it is outside of the repository.
    """
    path = normpath(join(dirname(written.path), seed))
    if leaves_folder(path):
        raise _leads_out(seed, written)
    content = base.find(path) if base is not None else None
    if content is None:
        # Git follows no link out of its trees, and a disk does.
        if disk is not None and not Path(os.path.realpath(disk / path)).is_relative_to(os.path.realpath(disk)):
            raise _leads_out(seed, written)
        content = head.find(path)
    if content is None:
        at = written.at(_PLACE)
        raise UsageError(f"{at}: [sql] seed names {path}, which is not there", "commit that file, or drop the key")
    return Seed(path, content.decode("utf-8", "replace"))


def _leads_out(seed: str, written: Written) -> UsageError:
    return UsageError(
        f"{written.at(_PLACE)}: [sql] seed names {seed}, which leads out of the repository",
        f"put the file into the repository and name it from where {written.path} is",
    )
