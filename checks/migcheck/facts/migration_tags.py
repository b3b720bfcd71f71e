"""The migrations that the configuration names: each must be there, or what is said of it is said to nobody."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from posixpath import basename, dirname, splitext

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import Journal
from migcheck.errors import UsageError
from migcheck.facts.config import Loaded


def refuse_unknown_tags(loaded: Loaded, folder: Folder, others: Callable[[], Iterable[str]]) -> None:
    """Raise UsageError for a tag that is configured twice, and for one of which there is no migration.

    `others` gives the paths of SQL files of the repository: a folder that this run leaves out may have it.
    """
    configured = [each.tag for each in loaded.config.migration]
    twice = next((tag for tag, count in Counter(configured).items() if count > 1), None)
    if twice is not None:
        at = len(configured) - 1 - configured[::-1].index(twice)
        raise UsageError(f"{_place(loaded, at)}: the migration {twice} is configured twice", "keep one")
    tags = _tags(folder)
    missing = [at for at, tag in enumerate(configured) if tag not in tags]
    elsewhere = {tag for path in others() for tag in _tags_of(path)} if missing else set()
    for at in missing:
        if configured[at] not in elsewhere:
            near = difflib.get_close_matches(configured[at], tags, n=1)
            remedy = f"did you mean {near[0]}?" if near else "take it out, or correct the tag"
            raise UsageError(f"{_place(loaded, at)}: there is no migration {configured[at]}", remedy)


def _tags(folder: Folder) -> set[str]:
    """The tags that the journal or a file has: where only one of the two does, gate `folder` says so."""
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    return {each.tag for each in (*folder.migrations, *folder.files, *folder.unreadable, *entries)}


def _tags_of(path: str) -> tuple[str, ...]:
    """What the file at `path` is the migration of: in the layout of 0.x, and in that of 1.0."""
    return splitext(basename(path))[0], basename(dirname(path))


def _place(loaded: Loaded, at: int) -> str:
    """`migcheck.toml:12`, where the table stands; the file, where it is no table of its own."""
    return f"{loaded.path}:{loaded.migration_lines[at]}" if at < len(loaded.migration_lines) else loaded.path
