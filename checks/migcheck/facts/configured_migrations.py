"""The migrations that the configuration names: each must be one, for what a misspelt tag gets holds nowhere."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from migcheck.config import Config
from migcheck.errors import UsageError
from migcheck.facts.tree import Tree


def refuse_unknown_migrations(config: Config, tree: Tree, path: str) -> None:
    """Raise UsageError where the file at `path` says something of a migration twice, or of one that is nowhere.

    `tree` has the folders that are configured. A run may be about one folder, and its file about others as well: all
    that is in the tree is looked at before a tag is called unknown.
    """
    tags = [each.tag for each in config.migration]
    if twice := next((tag for tag, times in Counter(tags).items() if times > 1), None):
        raise UsageError(f"{path}: there are two tables [[migration]] of {twice}", "make one of them")
    unknown = set(tags)
    for folder in (*(each.path for each in config.folder), "."):
        if not unknown:
            return
        unknown -= set(_tags(each.path for each in tree.files(folder)))
    if tag := next((tag for tag in tags if tag in unknown), None):
        known = [tag for each in config.folder for tag in _tags(file.path for file in tree.files(each.path))]
        near = difflib.get_close_matches(tag, known, n=1, cutoff=0.0)
        raise UsageError(
            f"{path}: [[migration]] names {tag}, and there is no such migration",
            f"did you mean {near[0]}?" if near else "write the tag of one, such as 0007_users, or remove the table",
        )


def _tags(paths: Iterable[str]) -> Iterator[str]:
    """What would be a tag: the name of a file (0.x), or of the directory of a `migration.sql` (1.0)."""
    for path in map(PurePosixPath, paths):
        if path.suffix == ".sql":
            yield path.parent.name if path.name == "migration.sql" else path.stem
